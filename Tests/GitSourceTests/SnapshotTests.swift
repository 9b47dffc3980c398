import GitSource
import TestSupport
import Testing

/// What is read of a commit, compared with what git itself says.
@Suite struct SnapshotTests {
    @Test func `I7: a listing equals git's own`() async throws {
        let fixture = try await SourceFixture()
        var files: [String: String?] = [
            "README.md": "# Hello\n", "a-b/c.yaml": "c: 1\n", "a/b.yaml": "b: 1\n", "a.yaml": "",
        ]
        for number in 0..<300 { files["clusters/\(number % 7)/\(number).yaml"] = "n: \(number)\n" }
        files["ünïcode/naïve 名.yaml"] = "x: 1\n"
        try await fixture.repository.commit(files)
        let (source, commit) = try await fetched(fixture)
        let expected = try await lines(
            fixture, "ls-tree", "-r", "-z", "--format=%(path) %(objectname) %(objectsize)", "\(commit)")
        let snapshot = try await source.snapshot(at: commit)
        #expect(snapshot.commit == commit)
        #expect(snapshot.files.map { "\($0.path) \($0.id?.description ?? "-") \($0.size)" } == expected)
        let sorted = snapshot.files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        #expect(snapshot.files == sorted)
    }

    @Test(arguments: ["clusters/prod", "clusters/prod/", "./clusters/prod", "clusters//prod"])
    func `only what lies under the path is listed, with whole paths`(path: String) async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit([
            "clusters/prod/a.yaml": "a", "clusters/prod/deep/b.yaml": "b", "clusters/production/c.yaml": "c",
            "clusters/prod.yaml": "d",
        ])
        let (source, commit) = try await fetched(fixture)
        let snapshot = try await source.snapshot(at: commit, under: path)
        #expect(snapshot.files.map(\.path) == ["clusters/prod/a.yaml", "clusters/prod/deep/b.yaml"])
    }

    @Test func `a path that is not there, or is a file, is an error with its name`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit(["clusters/prod.yaml": "a"])
        let (source, commit) = try await fetched(fixture)
        let missing = await failure { try await source.snapshot(at: commit, under: "clusters/staging/eu") }
        #expect(missing == .tree(.missingPath("clusters/staging"), commit: commit))
        let file = await failure { try await source.snapshot(at: commit, under: "clusters/prod.yaml") }
        #expect(file == .tree(.notAFolder("clusters/prod.yaml"), commit: commit))
        #expect(missing?.disposition == .needsCommit)
    }

    @Test func `an empty commit has no files`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit([:])
        let (source, commit) = try await fetched(fixture)
        #expect(try await source.snapshot(at: commit).files.isEmpty)
    }

    @Test func `links, programs and submodules are shown for what they are`() async throws {
        let fixture = try await SourceFixture()
        let blob = try await fixture.repository.store("blob", Array("text".utf8))
        let link = try await fixture.repository.store("blob", Array("/etc/passwd".utf8))
        let tree = try await fixture.repository.storeTree([
            ("100644", "file", blob), ("120000", "link", link), ("160000", "module", blob), ("100755", "program", blob),
        ])
        try await fixture.repository.commit(tree: tree)
        let (source, commit) = try await fetched(fixture)
        let files = try await source.snapshot(at: commit).files
        #expect(files.map(\.kind) == [.file, .symbolicLink, .submodule, .executable])
        #expect(files.map(\.size) == [4, 11, 0, 4])
        #expect(files[2].id == nil)
        for index in [1, 2] {
            let error = await failure { try await source.contents(of: [files[index]]) }
            #expect(error == .tree(.notAFile(files[index].path, kind: files[index].kind), commit: nil))
        }
    }

    @Test func `contents come back in the order that was asked for`() async throws {
        let fixture = try await SourceFixture()
        let texts = (0..<500).map { "value: \($0)\n" }
        try await fixture.repository.commit(
            Dictionary(uniqueKeysWithValues: texts.enumerated().map { ("\($0.offset).yaml", $0.element) }))
        let (source, commit) = try await fetched(fixture)
        let files = try await source.snapshot(at: commit).files.shuffled()
        let contents = try await source.contents(of: files)
        for (file, bytes) in zip(files, contents) {
            let number = try #require(Int(file.path.dropLast(5)))
            #expect(String(decoding: bytes, as: UTF8.self) == texts[number])
        }
    }

    @Test func `a second commit is listed as if there had been no first`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit(["a/b/c.yaml": "1", "a/d.yaml": "2", "e/f.yaml": "3"])
        let (source, first) = try await fetched(fixture)
        _ = try await source.snapshot(at: first)
        try await fixture.repository.commit(["a/b/c.yaml": "4", "e/f.yaml": nil, "g/b/c.yaml": "1"])
        let second = try await source.fetch().revision.commit
        let fresh = try fixture.source()
        #expect(try await source.snapshot(at: second) == fresh.snapshot(at: second))
        #expect(try await source.snapshot(at: second, under: "g").files.map(\.path) == ["g/b/c.yaml"])
        #expect(try await source.snapshot(at: first) == fresh.snapshot(at: first))
    }

    @Test func `a commit tells its author, date and subject`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit([:], message: "Scale checkout to 3\n\nBecause of the sale.\n")
        let (source, commit) = try await fetched(fixture)
        #expect(
            try await source.info(of: commit)
                == CommitInfo(
                    id: commit, authorName: "Ada Lovelace", authorEmail: "ada@example.com",
                    committedAt: Int64(GitFixture.firstDate), subject: "Scale checkout to 3"))
    }

    @Test func `S12: control characters and length of a subject are bounded`() async throws {
        let fixture = try await SourceFixture()
        let hostile = "red \u{1B}[31mtext\u{7} \u{202E}backwards\u{2028}" + String(repeating: "é", count: 100_000)
        try await fixture.repository.commit([:], message: hostile)
        let (source, commit) = try await fetched(fixture)
        let subject = try await source.info(of: commit).subject
        #expect(subject.hasPrefix("red  [31mtext   backwards é"))
        #expect(subject.utf8.count <= 500)
    }

    @Test func `ancestry is what git says it is`() async throws {
        let fixture = try await SourceFixture()
        let base = try await fixture.repository.commit(["a": "1"])
        let middle = try await fixture.repository.commit(["a": "2"])
        try await fixture.repository.commit(["a": "3"])
        let (source, tip) = try await fetched(fixture)
        let (first, second) = (try #require(CommitID(base)), try #require(CommitID(middle)))
        let nowhere = try #require(CommitID(String(repeating: "1", count: 40)))
        #expect(try await source.ancestry(of: first, relativeTo: tip) == .ancestor)
        #expect(try await source.ancestry(of: tip, relativeTo: first) == .descendant)
        #expect(try await source.ancestry(of: tip, relativeTo: tip) == .same)
        #expect(try await source.ancestry(of: nowhere, relativeTo: tip) == .unknown)
        #expect(try await source.ancestry(of: tip, relativeTo: nowhere) == .unknown)
        #expect(try await source.history(of: tip, after: first, max: 10).map(\.id) == [tip, second])
        #expect(try await source.history(of: tip, after: nil, max: 2).map(\.id) == [tip, second])
        #expect(try await source.history(of: tip, after: nowhere, max: 10).count == 3)
    }

    @Test func `a commit is found by the beginning of its id`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit(["a": "1"])
        let (source, tip) = try await fetched(fixture)
        let digits = tip.description
        #expect(try await source.commit(startingWith: String(digits.prefix(12))) == tip)
        #expect(try await source.commit(startingWith: digits) == tip)
        let blob = try #require(try await source.snapshot(at: tip).files.first?.id)
        for prefix in [
            String(repeating: "0", count: 12), "zzzz", "abc", "", digits + "0", String(blob.description.prefix(12)),
        ] {
            #expect(try await source.commit(startingWith: prefix) == nil, "\(prefix)")
        }
    }

    @Test func `a source that was never fetched says so`() async throws {
        let fixture = try await SourceFixture()
        let source = try fixture.source()
        let commit = try #require(CommitID(String(repeating: "1", count: 40)))
        #expect(await failure { try await source.info(of: commit) } == .mirror(.notFetched))
    }

    private func fetched(_ fixture: SourceFixture) async throws -> (GitSource, CommitID) {
        let source = try fixture.source()
        return (source, try await source.fetch().revision.commit)
    }

    private func lines(_ fixture: SourceFixture, _ arguments: String...) async throws -> [String] {
        try await Tool.run(
            "git", ["--git-dir", fixture.mirror, "-c", "core.quotePath=false"] + arguments, in: fixture.folder.path
        )
        .split(separator: "\0").map(String.init)
    }
}
