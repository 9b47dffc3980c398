package import Foundation
package import Testing

/// Texts that are to stay as they are, kept as files in `Tests/Golden`.
///
/// With `UPDATE_GOLDEN=1` in the environment the files are written instead of compared; `git diff` then
/// shows what has changed.
package enum Golden {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    /// A file of the repository, by its path from the root.
    package static func file(_ path: String) -> URL { root.appending(path: path) }

    private static let isUpdating = ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil

    /// Fails with the lines that differ; escape characters stand in the files as `␛`.
    package static func expect(
        _ text: String, is name: String, sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) throws {
        try expect(
            text.replacing("\u{1B}", with: "␛"), isFile: "Tests/Golden/\(name)", sourceLocation: sourceLocation)
    }

    /// The same for a file that has its place elsewhere in the repository, such as a document that the code writes.
    package static func expect(
        _ text: String, isFile path: String, sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) throws {
        let file = root.appending(path: path)
        if isUpdating {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            return
        }
        guard let data = try? Data(contentsOf: file) else {
            Issue.record(
                "there is no \(path); UPDATE_GOLDEN=1 writes it",
                sourceLocation: sourceLocation)
            return
        }
        let expected = String(decoding: data, as: UTF8.self)
        #expect(
            text == expected, "\(path) differs (- expected, + found):\n\(difference(expected, text))",
            sourceLocation: sourceLocation)
    }

    /// The lines of both, those that only one has with a mark before them.
    private static func difference(_ expected: String, _ found: String) -> String {
        let (old, new) = (expected.components(separatedBy: "\n"), found.components(separatedBy: "\n"))
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in new.difference(from: old) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var lines: [String] = []
        var (i, j) = (0, 0)
        while i < old.count || j < new.count {
            if i < old.count, removed.contains(i) {
                lines.append("- \(old[i])")
                i += 1
            } else if j < new.count, inserted.contains(j) {
                lines.append("+ \(new[j])")
                j += 1
            } else {
                if i < old.count { lines.append("  \(old[i])") }
                (i, j) = (i + 1, j + 1)
            }
        }
        return lines.joined(separator: "\n")
    }
}
