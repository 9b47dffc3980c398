import Foundation
import Testing

@testable import Manifests

@Suite struct IgnoreRulesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var patterns: String
        var ignored: [String]
        var kept: [String] = []
        var testDescription: String { patterns.replacing("\n", with: " ⏎ ") }

        init(_ patterns: String, ignores ignored: String..., keeps kept: [String] = []) {
            self.patterns = patterns
            self.ignored = ignored
            self.kept = kept
        }
    }

    static let rows = [
        Case("a.yaml", ignores: "a.yaml", "x/a.yaml", "a.yaml/b", keeps: ["ba.yaml", "a.yaml2"]),
        Case("/a.yaml", ignores: "a.yaml", keeps: ["x/a.yaml"]),
        Case("x/a.yaml", ignores: "x/a.yaml", keeps: ["y/x/a.yaml", "a.yaml"]),
        Case("old/", ignores: "old/a", "x/old/b/c", keeps: ["old", "x/old", "older/a"]),
        Case("/old/", ignores: "old/a", keeps: ["x/old/a"]),
        Case("*.json", ignores: "a.json", "x/y/b.json", ".json", keeps: ["a.jsonx", "a.yaml"]),
        Case("a*c", ignores: "ac", "abc", "x/abbc/d", keeps: ["a/c", "acd"]),
        Case("a?c", ignores: "abc", keeps: ["ac", "a/c", "abbc"]),
        Case("x/*", ignores: "x/a", "x/a/b", keeps: ["y/x/a", "a"]),
        Case("x/*/z", ignores: "x/y/z", keeps: ["x/z", "x/y/y/z"]),
        Case("**/a", ignores: "a", "x/a", "x/y/a/b", keeps: ["ba"]),
        Case("x/**", ignores: "x/a", "x/y/a", keeps: ["a", "y/x/a"]),
        Case("x/**/z", ignores: "x/z", "x/y/z", "x/a/b/z", keeps: ["z", "x/zz", "y/x/z"]),
        Case("**/x/**/z", ignores: "x/z", "a/x/b/z", keeps: ["x", "a/z"]),
        Case("**", ignores: "a", "x/a"),
        Case("a**b", ignores: "ab", "axxb", keeps: ["a/b", "axx"]),
        Case("x/?a**/z", ignores: "x/bab/z", keeps: ["x/ba/b/z"]),
        Case("[ab].yaml", ignores: "a.yaml", "x/b.yaml", keeps: ["c.yaml", "ab.yaml"]),
        Case("[!ab].yaml", ignores: "c.yaml", keeps: ["a.yaml"]),
        Case("[^ab].yaml", ignores: "c.yaml", keeps: ["a.yaml"]),
        Case("[a-c]1", ignores: "b1", keeps: ["d1", "-1"]),
        Case("[]a]1", ignores: "]1", "a1", keeps: ["b1"]),
        Case("[a-]1", ignores: "a1", "-1", keeps: ["b1"]),
        Case("[[:digit:]]x", ignores: "1x", keeps: ["ax", ":x"]),
        Case("[[:upper:]_]x", ignores: "Ax", "_x", keeps: ["ax"]),
        Case("[\\]]x", ignores: "]x", keeps: ["\\x"]),
        Case("[abc", ignores: "skip", keeps: ["a", "[abc"]).replacing("skip"),
        Case("# comment\n\na\n", ignores: "a", keeps: ["# comment"]),
        Case("\\#a", ignores: "#a", keeps: ["a"]),
        Case("\\!a", ignores: "!a", keeps: ["a"]),
        Case("a\\*b", ignores: "a*b", keeps: ["axb"]),
        Case("a ", ignores: "a", keeps: ["a "]),
        Case("a\\ ", ignores: "a ", keeps: ["a"]),
        Case("*.yaml\n!keep.yaml", ignores: "a.yaml", keeps: ["keep.yaml", "x/keep.yaml"]),
        Case("!keep.yaml\n*.yaml", ignores: "keep.yaml"),
        Case("x/\n!x/keep.yaml", ignores: "x/keep.yaml", "x/a"),
        Case("x/*\n!x/keep.yaml", ignores: "x/a", keeps: ["x/keep.yaml"]),
        Case("/*\n!/prod", ignores: "a", "staging/a", keeps: ["prod/a"]),
        Case("é*", ignores: "éa", keeps: ["ea"]),
        Case("*a*a*a*a*a*a*a*a*b", ignores: "aaaaaaaaaaaab", keeps: [String(repeating: "a", count: 200)]),
    ]

    @Test(arguments: rows)
    func `decides`(_ row: Case) {
        var rules = IgnoreRules(root: "")
        let isTaken = rules.add(row.patterns, of: "")
        #expect(isTaken)
        let (missed, wrong) = (row.ignored.filter { !rules.ignores($0) }, row.kept.filter { rules.ignores($0) })
        #expect(missed == [])
        #expect(wrong == [])
    }

    /// The same rows, asked of git itself.
    @Test(arguments: rows)
    func `agrees with git`(_ row: Case) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "ignore-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try git(["init", "-q", "."], in: folder)
        try Data(row.patterns.utf8).write(to: folder.appending(path: ".gitignore"))
        for path in row.ignored {
            #expect(try git(["check-ignore", "-q", "--no-index", "--", path], in: folder) == 0, "\(path)")
        }
        for path in row.kept {
            #expect(try git(["check-ignore", "-q", "--no-index", "--", path], in: folder) == 1, "\(path)")
        }
    }

    @discardableResult private func git(_ arguments: [String], in folder: URL) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["git", "-c", "core.excludesFile=/dev/null"] + arguments
        process.currentDirectoryURL = folder
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }

    @Test func `a deeper file decides before a higher one, and folders left out stay so`() {
        var rules = IgnoreRules(root: "clusters")
        for (folder, patterns) in [
            ("clusters", "*.tmp.yaml\nskip/\n"), ("clusters/prod", "!a.tmp.yaml\nlocal.yaml\n/top.yaml\n"),
            ("clusters/skip", "!*\n"),
        ] {
            let isTaken = rules.add(patterns, of: folder)
            #expect(isTaken)
        }
        let ignored = [
            "clusters/a.tmp.yaml", "clusters/prod/b.tmp.yaml", "clusters/prod/x/local.yaml", "clusters/prod/top.yaml",
            "clusters/skip/a.yaml",
        ]
        let kept = ["clusters/prod/a.tmp.yaml", "clusters/local.yaml", "clusters/prod/x/top.yaml"]
        let found = (ignored + kept).filter { rules.ignores($0) }
        #expect(found == ignored)
    }
}

extension IgnoreRulesTests.Case {
    /// The row without a path that only stands for "nothing".
    fileprivate func replacing(_ path: String) -> Self {
        var row = self
        row.ignored.removeAll { $0 == path }
        return row
    }
}
