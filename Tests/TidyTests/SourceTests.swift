import Foundation
import Testing

/// The house rules that a compiler does not hold.
@Suite struct SourceTests {
    struct Rule: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// What every line that breaks it has.
        var words: [String]
        /// A line that breaks it.
        var example: String
        /// Whether a line of code breaks it.
        var breaks: @Sendable (_ code: String) -> Bool
        /// Targets it is not for.
        var exempt: Set<String> = []
    }

    private static let commandLines: Set<String> = ["akua-gitops", "akua-emulator", "akua-gitops-fetch"]
    private static let wrappersOfC: Set<String> = ["CurlTransport", "GitSource"]
    private static let rules = [
        Rule(
            testDescription: "every task has a parent", words: ["Task"],
            example: "let a = Task<Void, Never>(priority: .low) {"
        ) {
            $0.contains(/(^|\W)Task(<[^>]*>)?(\.detached|\.immediate)?\s*(\([^)]*\)\s*)?\{/)
                || $0.contains("Task.detached")
        },
        Rule(testDescription: "no forced try", words: ["try!"], example: "let a = try! b()") { $0.contains("try!") },
        Rule(testDescription: "no forced cast", words: ["as!"], example: "let a = b as! C") { $0.contains(" as!") },
        Rule(testDescription: "no fatalError", words: ["fatalError"], example: "fatalError()") {
            $0.contains("fatalError(")
        },
        Rule(testDescription: "no @preconcurrency", words: ["@preconcurrency"], example: "@preconcurrency import X") {
            $0.contains("@preconcurrency")
        },
        Rule(
            testDescription: "queues belong to the C wrappers", words: ["DispatchQueue"],
            example: "DispatchQueue.main.async {",
            breaks: { $0.contains("DispatchQueue") }, exempt: wrappersOfC),
        Rule(testDescription: "a thread never sleeps", words: ["sleep("], example: "usleep(1)") {
            // A method of one's own, or a clock's, gives the thread back.
            $0.contains(/(^|\W)(u|nano)?sleep\(/) && !$0.contains(/await |func |\.sleep\(/)
        },
        Rule(
            testDescription: "only commands print", words: ["print("], example: "Swift.print(1)",
            breaks: { $0.contains(/(^|\W)print\(/) }, exempt: commandLines),
        Rule(
            testDescription: "no unchecked concurrency outside the C wrappers",
            words: ["@unchecked", "(unsafe)"], example: "final class A: @unchecked Sendable {",
            breaks: { $0.contains("@unchecked") || $0.contains("nonisolated(unsafe)") }, exempt: wrappersOfC),
    ]

    @Test(arguments: rules)
    func `the sources hold`(_ rule: Rule) throws {
        #expect(rule.breaks(rule.example))
        var findings: [String] = []
        for file in try Repository.sources.get() where !rule.exempt.contains(file.target) && file.mentions(rule.words) {
            findings += file.lines.filter { rule.breaks($0.code) }.map(file.place)
        }
        expectNone(findings)
    }

    @Test func `comments and strings are no code`() {
        let file = SourceFile(
            path: "Sources/X/x.swift",
            text: #"""
                let a = "https://x try! \" Task {" // try!
                let b = """
                    fatalError("no")
                    """; try! c()
                """#)
        #expect(file.lines.map { $0.code.contains("try!") } == [false, false, false, true])
        #expect(file.lines.map { $0.comment } == ["// try!", "", "", ""])
        #expect(!file.lines.contains { $0.code.contains("fatalError") || $0.code.contains("Task") })
    }

    /// What the compiler takes our word for: that threads don't meet, that memory lives and is what we say it is.
    private static let unproven = [
        "@unchecked", "nonisolated(unsafe)", ".fromOpaque(", "assumingMemoryBound(", "withMemoryRebound(",
        "unsafeBitCast(", "unsafeDowncast(", "_unsafeBytes:", "unsafeReentrant", "unsafeGetSocketOption(",
    ]

    /// The lines of a file that take our word for something and have no `// SAFETY:` in the comment right above.
    private func unexplained(in file: SourceFile) -> [String] {
        guard file.mentions(Self.unproven) else { return [] }
        return file.lines.indices.compactMap { index in
            let line = file.lines[index]
            guard Self.unproven.contains(where: line.code.contains) else { return nil }
            let above = file.lines[..<index].reversed().prefix { $0.code.isEmpty && !$0.comment.isEmpty }
            return above.contains { $0.comment.hasPrefix("// SAFETY: ") } ? nil : file.place(line)
        }
    }

    @Test func `what the compiler can't check carries its proof`() throws {
        let file = SourceFile(
            path: "Sources/X/x.swift",
            text: """
                // SAFETY: written once,
                // before anybody reads it.
                nonisolated(unsafe) let a = b
                // It is one.
                let c = Unmanaged<C>.fromOpaque(d).takeUnretainedValue()
                // SAFETY: of something else.

                struct E: @unchecked Sendable {}
                """)
        #expect(unexplained(in: file).map { $0.prefix(19) } == ["Sources/X/x.swift:5", "Sources/X/x.swift:8"])
        expectNone(try Repository.sources.get().flatMap(unexplained))
    }

    @Test func `no work is left as a note, and no banner divides a file`() throws {
        let notes = ["TODO", "FIXME", "XXX", "HACK", "MARK:"]
        var findings: [String] = []
        for files in [Repository.sources, Repository.tests] {
            for file in try files.get() where file.mentions(notes + ["------", "======", "******"]) {
                findings += file.lines.filter { $0.comment.contains(/\b(TODO|FIXME|XXX|HACK|MARK:)|[-=*]{6,}/) }.map(
                    file.place)
            }
        }
        expectNone(findings)
    }

    @Test func `what other modules see is documented`() throws {
        let files = try Repository.sources.get()
        let asked = Set(files.flatMap(requirements)).union(Self.askedByLibraries)
        expectNone(files.flatMap { undocumented(in: $0, besides: asked) })
    }

    /// Functions that protocols of the language and of libraries ask for; their documentation is there.
    private static let askedByLibraries: Set<String> = [
        "hash", "encode", "next", "makeIterator", "log", "run", "makeCounter", "makeMeter", "makeRecorder", "makeTimer",
        "destroyCounter", "destroyMeter", "destroyRecorder", "destroyTimer", "validate", "enqueue", "checkIsolated",
    ]

    /// The names of the functions that the protocols of a file ask for.
    private func requirements(of file: SourceFile) -> [String] {
        guard file.mentions(["protocol "]) else { return [] }
        var isInProtocol = false
        return file.lines.compactMap { line in
            if line.code.contains(/^(package |public )?protocol\s/) { isInProtocol = true }
            if line.code.hasPrefix("}") { isInProtocol = false }
            guard isInProtocol, let match = line.code.firstMatch(of: /func (\w+)/) else { return nil }
            return String(match.1)
        }
    }

    /// Types of a file's own level, and functions, that no comment explains.
    ///
    /// Free of it are properties, cases, nested types and initialisers of a type that is itself explained, operators,
    /// and what a protocol asks for.
    private func undocumented(in file: SourceFile, besides asked: Set<String>) -> [String] {
        let type = /^(?:package|public)\s+(?:(?:final|indirect)\s+)*(?:struct|enum|class|actor|protocol)\s/
        let function =
            /^\s*(?:package|public)\s+(?:(?:static|final|mutating|nonisolated|nonisolated\(nonsending\))\s+)*func\s+(\w+)/
        return file.lines.indices.compactMap { index in
            let line = file.lines[index]
            guard line.code.contains("package ") || line.code.contains("public ") else { return nil }
            let name = line.code.firstMatch(of: function).map { String($0.1) }
            guard name.map({ !asked.contains($0) }) ?? line.code.contains(type) else { return nil }
            var above = index - 1
            while above >= 0, file.lines[above].code.contains(/^\s*@/) { above -= 1 }
            let isDocumented = above >= 0 && file.lines[above].comment.hasPrefix("///")
            return isDocumented ? nil : file.place(line)
        }
    }

    @Test func `no status of a C call is dropped`() throws {
        expectNone(try Repository.sources.get().flatMap(ignoredStatuses))
    }

    @Test(arguments: [
        ("git_remote_fetch(a, b)", 1), ("    curl_easy_setopt(a, b)", 1), ("_ = git_oid_fromstr(&a, b)", 1),
        ("try check(\"x\", git_remote_fetch(a, b))", 0), ("git_tree_free(a)", 0), ("curl_slist_free_all(a)", 0),
        ("try GitError.check(\"x\") {\n    git_remote_fetch(a, b)\n}", 0), ("// git_remote_fetch(a)", 0),
        ("var count: Int {\n    git_tree_entrycount(a)\n}", 0), ("let a = \"git_x(\"", 0),
        ("let a = b.withUnsafeBytes { bytes in\n    curl_x(a)\n}", 0),
        ("b.withUnsafeBytes { bytes in\n    curl_x(a)\n}", 1),
        ("// It can't fail.\n_ = curl_multi_wakeup(a)", 0),
    ])
    func `a dropped status is seen`(_ code: String, _ findings: Int) {
        #expect(ignoredStatuses(in: SourceFile(path: "Sources/X/x.swift", text: code)).count == findings)
    }

    /// Calls into libgit2 and libcurl that stand alone on a line although they answer with a status: Swift imports C
    /// functions as discardable, so the compiler says nothing.
    private func ignoredStatuses(in file: SourceFile) -> [String] {
        let alone = /^\s*(?:_ = )?(git|curl|ccurl|cgit)_\w+\(/
        let nothingToCheck =
            /^\s*(git|curl|ccurl|cgit)_\w*(_free|_free_all|_cleanup|_dispose|_clear|_shutdown|_reset|_set_str|_cpy|_wakeup)\(/
        guard file.mentions(["git_", "curl_"]) else { return [] }
        return file.lines.indices.compactMap { index in
            let line = file.lines[index]
            guard line.code.contains(alone), !line.code.contains(nothingToCheck) else { return nil }
            // The value of a body of one line, or of an argument on a line of its own, is looked at by what is around.
            let before = index > 0 ? file.lines[index - 1].code.trimmingCharacters(in: .whitespaces) : ""
            let isArgument = before.hasSuffix("(") || before.hasSuffix(",") || before.hasSuffix("=")
            let isExplained = line.code.contains("_ =") && index > 0 && !file.lines[index - 1].comment.isEmpty
            let isBody =
                (before.hasSuffix("{") || before.hasSuffix(" in"))
                && before.contains(/check\(|made\(|->|(^|\W)(let|var|return)\s/)
            return isArgument || isBody || isExplained ? nil : file.place(line)
        }
    }
}
