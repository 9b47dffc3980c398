import Foundation
import Testing

/// The repository that these tests are part of.
enum Repository {
    /// Found from where this file was compiled.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The Swift files of the modules, sorted by path; read once for all tests.
    static let sources = Result { try swiftFiles(in: "Sources") }
    /// Those of the tests.
    static let tests = Result { try swiftFiles(in: "Tests") }

    private static func swiftFiles(in folder: String) throws -> [SourceFile] {
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
struct SourceFile: Sendable {
    struct Line: Sendable {
        var number: Int
        /// Without comments; the content of strings is blanked.
        var code: String
        /// What follows `//`, with the slashes.
        var comment: String
    }

    /// From the root of the repository.
    let path: String
    let lines: [Line]
    private let text: String

    /// The target it belongs to: `Sources/<target>/...`.
    var target: String { String(path.split(separator: "/")[1]) }

    init(path: String) throws { self.init(path: path, text: try Repository.text(of: path)) }

    init(path: String, text: String) {
        self.path = path
        self.text = text
        var isInLongString = false
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, line in
            let (code, comment) = Self.parts(of: line, isInLongString: &isInLongString)
            return Line(number: index + 1, code: code, comment: comment)
        }
    }

    /// Whether any of the words is somewhere in it: spares most files a closer look.
    func mentions(_ words: [String]) -> Bool {
        text.withCString { text in words.contains { strstr(text, $0) != nil } }
    }

    /// A line of this file as a finding is reported.
    func place(_ line: Line) -> String {
        "\(path):\(line.number): \((line.code + line.comment).trimmingCharacters(in: .whitespaces))"
    }

    private static func parts(of line: Substring, isInLongString: inout Bool) -> (code: String, comment: String) {
        // Most lines are the one or the other as a whole.
        if !isInLongString {
            let start = line.utf8.firstIndex { $0 != UInt8(ascii: " ") } ?? line.endIndex
            if line[start...].hasPrefix("//") { return ("", String(line[start...])) }
            if !line.utf8.contains(UInt8(ascii: "\"")), !line.utf8.contains(UInt8(ascii: "/")) {
                return (String(line), "")
            }
        }
        let bytes = Array(line.utf8)
        var (code, index, isInString): ([UInt8], Int, Bool) = ([], 0, false)
        func begins(_ text: StaticString) -> Bool { bytes[index...].starts(with: "\(text)".utf8) }
        while index < bytes.count {
            if begins("\"\"\"") {
                isInLongString.toggle()
                code += "\"\"\"".utf8
                index += 3
            } else if isInLongString || isInString {
                let isQuote = bytes[index] == UInt8(ascii: "\"")
                if isQuote, !isInLongString { isInString = false }
                code.append(isQuote ? bytes[index] : UInt8(ascii: " "))
                index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
            } else if begins("//") {
                return (String(decoding: code, as: UTF8.self), String(decoding: bytes[index...], as: UTF8.self))
            } else {
                if bytes[index] == UInt8(ascii: "\"") { isInString = true }
                code.append(bytes[index])
                index += 1
            }
        }
        return (String(decoding: code, as: UTF8.self), "")
    }
}

/// Fails with every finding on a line of its own.
func expectNone(_ findings: [String], sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(findings.isEmpty, "\(findings.joined(separator: "\n"))", sourceLocation: sourceLocation)
}
