import Foundation
import GitSource
import TestSupport
import Testing

/// What a mirror survives: kills, damage, and ten thousand fetches.
@Suite struct MirrorTests {
    @Test func `leftovers of a killed fetch go with the next one`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit(["a": "1"])
        let source = try fixture.source()
        _ = try await source.fetch()
        let leftovers = [
            "mirror.git/objects/pack/pack_git2_abc123", "mirror.git/objects/pack/pack-0123.idx.lock",
            "mirror.git/objects/pack/pack-4567.pack", "mirror.git/refs/heads/tip.lock", "incoming.git/HEAD",
        ]
        for name in leftovers { try fixture.folder.write("half", to: "source/\(name)") }
        try await fixture.repository.commit(["a": "2"])
        let outcome = try await source.fetch()
        #expect(outcome.events.isEmpty)
        for name in leftovers {
            #expect(!FileManager.default.fileExists(atPath: fixture.folder.appending("source/\(name)")), "\(name)")
        }
        try await fixture.gitInMirror("fsck", "--strict")
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var command: String
    }

    @Test(arguments: [
        Damage(testDescription: "no objects", command: "rm -rf objects"),
        Damage(testDescription: "no pack", command: "rm -f objects/pack/*.pack"),
        Damage(testDescription: "no references", command: "rm -rf refs"),
        Damage(testDescription: "an empty tip", command: ": > refs/heads/tip"),
        Damage(
            testDescription: "a tip that is not there",
            command: "echo 1111111111111111111111111111111111111111 > refs/heads/tip"),
        Damage(testDescription: "no HEAD", command: "rm HEAD"),
        Damage(testDescription: "a shallow file", command: "echo 1111111111111111111111111111111111111111 > shallow"),
        Damage(
            testDescription: "a pack of zeros",
            command: "chmod u+w objects/pack/*; for f in objects/pack/*; do head -c 2000 /dev/zero > $f; done"),
    ])
    func `a damaged mirror is moved aside and cloned anew, once`(_ damage: Damage) async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit(["a": "1"])
        let source = try fixture.source()
        let first = try await source.fetch()
        try await Tool.run("sh", ["-c", damage.command], in: fixture.mirror)
        let second = try await source.fetch()
        guard case .replaced = second.events.first else {
            Issue.record("\(second.events)")
            return
        }
        #expect(second.revision == first.revision)
        #expect(FileManager.default.fileExists(atPath: fixture.folder.appending("source/damaged.git")))
        #expect(try await source.fetch().change == .unchanged)
        try await fixture.gitInMirror("fsck", "--strict")
    }

    @Test func `objects that the remote itself lacks are not cloned over and over`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit(["a": "1"])
        let source = try fixture.source()
        let commit = try await source.fetch().revision.commit
        let files = try await source.snapshot(at: commit).files
        let breakMirror =
            "chmod u+w objects/pack/*; for f in objects/pack/*.pack; do head -c 12 $f > x; cat x > $f; done"
        for expected in [1, 1, 0] {
            try await Tool.run("sh", ["-c", breakMirror], in: fixture.mirror)
            let error = await failure { try await source.contents(of: files) }
            if expected == 0 {
                guard case .remote(.malformedPack, _) = error else { throw GitError.cancelled }
            }
            #expect(try await source.fetch().events.count == 1)
        }
    }

    @Test func `damage stays as it is while the remote can't be reached`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit(["a": "1"])
        let source = try fixture.source()
        _ = try await source.fetch()
        try fixture.folder.write("", to: "source/mirror.git/refs/heads/tip")
        let aside = fixture.folder.appending("aside.git")
        try FileManager.default.moveItem(atPath: fixture.repository.path, toPath: aside)
        #expect(await failure { try await source.fetch() } != nil)
        #expect(FileManager.default.fileExists(atPath: fixture.mirror))
        try FileManager.default.moveItem(atPath: aside, toPath: fixture.repository.path)
        #expect(try await source.fetch().events.count == 1)
    }

    @Test(arguments: 0..<20)
    func `R18: a pack damaged anywhere is noticed when it is read, and mended by the next fetch`(_ part: Int)
        async throws
    {
        let fixture = try await SourceFixture()
        var files: [String: String?] = [:]
        for number in 0..<40 { files["dir\(number % 4)/\(number)"] = "\(number) " + UUID().uuidString }
        try await fixture.repository.commit(files)
        let source = try fixture.source()
        let commit = try await source.fetch().revision.commit
        try flipBytes(inPackOf: fixture.mirror, part: part, of: 20)
        let error = await failure {
            try await source.contents(of: try await source.snapshot(at: commit).files)
        }
        switch error {
        case nil: break
        case .tree(.fileTooLarge, _): return  // A length has no checksum: it can lie, and still bounds what is read.
        case .mirror: #expect(try await source.fetch().events.count == 1)
        default: Issue.record("\(String(describing: error))")
        }
        #expect(try await source.contents(of: try await source.snapshot(at: commit).files).count == 40)
    }

    @Test func `kill -9 of the fetch program at any time leaves a mirror that works`() async throws {
        let fixture = try await SourceFixture()
        var files: [String: String?] = [:]
        for number in 0..<2_000 { files["dir\(number % 40)/\(number)"] = "\(number) " + UUID().uuidString }
        try await fixture.repository.commit(files)
        let source = try fixture.source()
        var lateCount = 0
        for milliseconds in stride(from: 0, through: 60, by: 2) {
            try await fixture.repository.commit(["count": "\(milliseconds)"])
            let error = await failure { try await source.fetch(deadline: .milliseconds(milliseconds)) }
            if case .fetch(.late, _) = error { lateCount += 1 } else { #expect(error == nil) }
            if FileManager.default.fileExists(atPath: fixture.mirror) {
                try await fixture.gitInMirror("fsck", "--connectivity-only")
            }
        }
        #expect(lateCount > 0, "no fetch was killed, so this showed nothing")
        let outcome = try await source.fetch()
        #expect(outcome.revision.commit.description == (try await fixture.repository.tip()))
        #expect(try await source.snapshot(at: outcome.revision.commit).files.count == 2_001)
    }

    @Test func `the packs of many fetches are joined`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit(
            Dictionary(uniqueKeysWithValues: (0..<500).map { ("dir/\($0)", "n: \($0)") }))
        let source = try fixture.source()
        var events: [FetchOutcome.Event] = []
        var commits: [CommitID] = []
        for number in 0..<60 {
            try await fixture.repository.commit(["dir/\(number)": "changed"])
            let outcome = try await source.fetch()
            events += outcome.events
            commits.append(outcome.revision.commit)
        }
        #expect(events.count == 2)
        guard case .compacted(let count) = events.last else { throw GitError.cancelled }
        #expect((40...51).contains(count))
        let packs = try FileManager.default.contentsOfDirectory(atPath: fixture.mirror + "/objects/pack")
        #expect(packs.filter { $0.hasSuffix(".pack") }.count < 20)
        for commit in commits { #expect(try await source.snapshot(at: commit).files.count == 500) }
        try await fixture.gitInMirror("fsck", "--strict")
    }

    @Test func `a folder that can't be written says so`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit(["a": "1"])
        try fixture.folder.write("a file in the way", to: "source")
        let error = try #require(await failure { try await fixture.source().fetch() })
        guard case .mirror(.storage(let detail)) = error else { throw error }
        #expect(detail.contains("source/fetch.lock: Not a directory"))
    }

    /// Turns over some bytes in one of the equal parts of the largest pack.
    private func flipBytes(inPackOf mirror: String, part: Int, of parts: Int) throws {
        let folder = mirror + "/objects/pack"
        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.hasSuffix(".pack") })
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(folder)/\(name)")
        let file = URL(fileURLWithPath: "\(folder)/\(name)")
        var bytes = [UInt8](try Data(contentsOf: file))
        let start = bytes.count * part / parts
        for index in start..<min(start + 8, bytes.count) { bytes[index] ^= 0xFF }
        try Data(bytes).write(to: file)
    }
}
