import GitSource
import TestSupport
import Testing

/// S5: trees that git's own tools would not write.
@Suite struct HostileTreeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var name: String
        var problem: String
    }

    @Test(arguments: [
        Case(testDescription: "the folder above", name: "..", problem: "a step to another folder"),
        Case(testDescription: "the folder itself", name: ".", problem: "a step to another folder"),
        Case(testDescription: "a path", name: "../../etc/passwd", problem: "a path in the place of a name"),
        Case(testDescription: ".git", name: ".git", problem: "a form of .git"),
        Case(testDescription: ".git in capitals", name: ".GiT", problem: "a form of .git"),
        Case(testDescription: ".git with a dot", name: ".git.", problem: "a form of .git"),
        Case(testDescription: ".git with a space", name: ".git ", problem: "a form of .git"),
        Case(testDescription: ".git in DOS", name: "GIT~1", problem: "a form of .git"),
        Case(testDescription: ".git as a stream", name: ".git::$INDEX_ALLOCATION", problem: "a form of .git"),
        Case(testDescription: ".git with a joiner", name: ".g\u{200C}it", problem: "a form of .git"),
        Case(testDescription: "a line break", name: "a\nb", problem: "a name with a control character"),
        Case(testDescription: "an escape", name: "a\u{1B}[31m", problem: "a name with a control character"),
    ])
    func `S5: a name that could mean something else is refused by its path`(_ row: Case) async throws {
        let fixture = try await SourceFixture()
        let blob = try await fixture.repository.store("blob", Array("text".utf8))
        let inner = try await fixture.repository.storeTree([("100644", row.name, blob)])
        let outer = try await fixture.repository.storeTree([("40000", "prod", inner)])
        try await fixture.repository.commit(tree: outer)
        let source = try fixture.source()
        let commit = try await source.fetch().revision.commit
        let error = try #require(await failure { try await source.snapshot(at: commit) })
        guard case .tree(.unsafePath(let path, row.problem), commit) = error else { throw error }
        #expect(path.hasPrefix("prod/"))
        #expect(error.disposition == .needsCommit)
        #expect(error.description.utf8.allSatisfy { $0 >= 0x20 })
    }

    @Test func `S5: a name that is not UTF-8 is refused`() async throws {
        let fixture = try await SourceFixture()
        let blob = try await fixture.repository.store("blob", Array("text".utf8))
        let id = try #require(BlobID(blob))
        var tree = Array("100644 caf".utf8) + [0xE9, 0]
        var digits = id.description[...]
        while let byte = UInt8(digits.prefix(2), radix: 16) {
            tree.append(byte)
            digits = digits.dropFirst(2)
        }
        try await fixture.repository.commit(tree: try await fixture.repository.store("tree", tree))
        let source = try fixture.source()
        let commit = try await source.fetch().revision.commit
        let error = await failure { try await source.snapshot(at: commit) }
        #expect(error == .tree(.unsafePath("caf\u{FFFD}", problem: "not UTF-8"), commit: commit))
    }

    @Test func `S5: a tree with an empty name is not fetched`() async throws {
        let fixture = try await SourceFixture()
        let blob = try await fixture.repository.store("blob", Array("text".utf8))
        try await fixture.repository.commit(tree: try await fixture.repository.storeTree([("100644", "", blob)]))
        let error = try #require(await failure { try await fixture.source().fetch() })
        guard case .remote(.malformedPack, _) = error else { throw error }
    }

    @Test func `S5: an entry whose object is of another type is refused`() async throws {
        let fixture = try await SourceFixture()
        let blob = try await fixture.repository.store("blob", Array("text".utf8))
        let inner = try await fixture.repository.storeTree([("100644", "a", blob)])
        try await fixture.repository.commit(tree: try await fixture.repository.storeTree([("100644", "a", inner)]))
        let source = try fixture.source()
        // The mirror is suspected first; after a clone anew it is the repository.
        var errors: [GitError?] = []
        for _ in 0..<3 {
            let commit = try await source.fetch().revision.commit
            errors.append(await failure { try await source.snapshot(at: commit) })
        }
        guard case .mirror(.damaged) = errors[0], case .remote(.malformedPack, _) = errors[1], errors[2] == errors[1]
        else {
            Issue.record("\(errors)")
            return
        }
        #expect(try await source.fetch().change == .unchanged)
    }

    @Test func `S5: a name that is there twice is refused`() async throws {
        let fixture = try await SourceFixture()
        let blob = try await fixture.repository.store("blob", Array("text".utf8))
        let tree = try await fixture.repository.storeTree([("100644", "a", blob), ("100644", "a", blob)])
        try await fixture.repository.commit(tree: tree)
        let source = try fixture.source()
        let commit = try await source.fetch().revision.commit
        let error = await failure { try await source.snapshot(at: commit) }
        #expect(error == .tree(.unsafePath("a", problem: "there twice"), commit: commit))
    }

    @Test func `S5: a tree of a hundred thousand levels is refused, not walked`() async throws {
        let fixture = try await SourceFixture()
        // fast-import makes the levels in one go; git itself walks them with its own stack.
        let levels = 2_000
        try await fixture.repository.commit([Array(repeating: "d", count: levels).joined(separator: "/"): "deep"])
        let source = try fixture.source()
        let commit = try await source.fetch().revision.commit
        let error = await failure { try await source.snapshot(at: commit) }
        #expect(error == .tree(.tooLarge(limit: "100 folders within folders"), commit: commit))
    }

    @Test func `S5: a small tree that unfolds to ten billion files is refused`() async throws {
        let fixture = try await SourceFixture()
        let blob = try await fixture.repository.store("blob", Array("boom".utf8))
        var tree = try await fixture.repository.storeTree((0..<10).map { ("100644", "f\($0)", blob) })
        for _ in 0..<9 { tree = try await fixture.repository.storeTree((0..<10).map { ("40000", "d\($0)", tree) }) }
        try await fixture.repository.commit(tree: tree)
        let source = try fixture.source()
        let commit = try await source.fetch().revision.commit
        let error = await failure { try await source.snapshot(at: commit) }
        #expect(error == .tree(.tooLarge(limit: "100000 files and folders"), commit: commit))
    }

    @Test func `I12: a huge file is listed with its size and not read`() async throws {
        let fixture = try await SourceFixture()
        let bytes = 5 << 20
        let huge = try await fixture.repository.store("blob", Array(repeating: 0x61, count: bytes))
        let tree = try await fixture.repository.storeTree([("100644", "huge.yaml", huge)])
        try await fixture.repository.commit(tree: tree)
        let source = try fixture.source()
        let commit = try await source.fetch().revision.commit
        let files = try await source.snapshot(at: commit).files
        #expect(files.map(\.size) == [bytes])
        let error = await failure { try await source.contents(of: files) }
        #expect(error == .tree(.fileTooLarge("huge.yaml", bytes: bytes, limit: 4 << 20), commit: nil))
    }

    @Test func `I12: files that are too much together are not read`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit([
            "a": String(repeating: "a", count: 60), "b": String(repeating: "b", count: 50),
        ])
        var configuration = fixture.configuration()
        configuration.treeLimits.contentBytes = 100
        let source = try GitSource(configuration)
        let commit = try await source.fetch().revision.commit
        let files = try await source.snapshot(at: commit).files
        let error = await failure { try await source.contents(of: files) }
        #expect(error == .tree(.contentTooLarge(bytes: 110, limit: 100), commit: nil))
        #expect(try await source.contents(of: [files[1]]).first?.count == 50)
    }

    @Test func `a branch that points to no commit is an error`() async throws {
        let fixture = try await SourceFixture()
        let blob = try await fixture.repository.store("blob", Array("text".utf8))
        // update-ref refuses it, as git should; a stranger's server need not.
        try fixture.folder.write(blob + "\n", to: "repository.git/refs/heads/main")
        let error = await failure { try await fixture.source().fetch() }
        #expect(error == .remote(.notACommit(branch: "main"), url: fixture.repository.path))
    }
}
