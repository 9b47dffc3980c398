import Foundation
import Testing

/// The repository that these tests are part of.
enum Repository {
    /// Found from where this file was compiled.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The Swift files under a folder, sorted by path.
    static func sources(in folder: String) throws -> [SourceFile] {
        try files(in: folder).filter { $0.hasSuffix(".swift") }.map { try SourceFile(path: $0) }
    }

    /// The paths of all files under a folder, from the root, sorted; none when there is no such folder.
    static func files(in folder: String) throws -> [String] {
        guard let found = FileManager.default.enumerator(atPath: root.appending(path: folder).path) else { return [] }
        return found.compactMap { $0 as? String }.map { "\(folder)/\($0)" }.filter { !isFolder($0) }.sorted()
    }

    /// The folders right under one.
    static func folders(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)
            .filter { isFolder("\(folder)/\($0)") }.sorted()
    }

    static func text(of path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: root.appending(path: path).path, isDirectory: &isFolder)
            && isFolder.boolValue
    }
}

/// A Swift file, each line taken apart into what the compiler reads and what people do.
struct SourceFile {
    struct Line {
        var number: Int
        /// Without comments; the content of strings is blanked.
        var code: String
        /// What follows `//`, with the slashes.
        var comment: String
    }

    /// From the root of the repository.
    let path: String
    let lines: [Line]

    /// The target it belongs to: `Sources/<target>/...`.
    var target: String { String(path.split(separator: "/")[1]) }

    init(path: String) throws { self.init(path: path, text: try Repository.text(of: path)) }

    init(path: String, text: String) {
        self.path = path
        var isInLongString = false
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, line in
            let (code, comment) = Self.parts(of: line, isInLongString: &isInLongString)
            return Line(number: index + 1, code: code, comment: comment)
        }
    }

    /// A line of this file as a finding is reported.
    func place(_ line: Line) -> String {
        "\(path):\(line.number): \((line.code + line.comment).trimmingCharacters(in: .whitespaces))"
    }

    private static func parts(of line: Substring, isInLongString: inout Bool) -> (code: String, comment: String) {
        var (code, rest, isInString) = ("", line, false)
        while let character = rest.first {
            if rest.hasPrefix("\"\"\"") {
                isInLongString.toggle()
                code += "\"\"\""
                rest = rest.dropFirst(3)
            } else if isInLongString || isInString {
                if character == "\\" { rest = rest.dropFirst() }
                if character == "\"", !isInLongString { isInString = false }
                code += character == "\"" ? "\"" : " "
                rest = rest.dropFirst()
            } else if rest.hasPrefix("//") {
                return (code, String(rest))
            } else {
                if character == "\"" { isInString = true }
                code.append(character)
                rest = rest.dropFirst()
            }
        }
        return (code, "")
    }
}

/// Fails with every finding on a line of its own.
func expectNone(_ findings: [String], sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(findings.isEmpty, "\(findings.joined(separator: "\n"))", sourceLocation: sourceLocation)
}
