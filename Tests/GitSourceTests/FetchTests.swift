import Foundation
import GitSource
import TestSupport
import Testing

/// A source that is a path on the same machine.
@Suite struct FetchTests {
    @Test func `the first fetch clones the branch and names its tip`() async throws {
        let fixture = try await SourceFixture()
        let tip = try await fixture.repository.commit(["a.yaml": "a: 1\n"])
        let outcome = try await fixture.source().fetch()
        #expect(outcome.revision.description == "main@sha1:\(tip)")
        #expect(outcome.change == .moved(from: nil))
        #expect(outcome.events == [.cloned])
        #expect(outcome.receivedObjects == 3)
    }

    @Test func `a file url is the same as its path`() async throws {
        let fixture = try await SourceFixture()
        let tip = try await fixture.repository.commit(["a.yaml": "a: 1\n"])
        let outcome = try await fixture.source("file://" + fixture.repository.path).fetch()
        #expect(outcome.revision.commit.description == tip)
    }

    @Test func `a checkout with a work tree can be followed too`() async throws {
        let fixture = try await SourceFixture()
        let tip = try await fixture.repository.commit(["a.yaml": "a: 1\n"])
        let checkout = fixture.folder.appending("checkout")
        try await fixture.repository.git("clone", "--quiet", fixture.repository.path, checkout)
        let outcome = try await fixture.source(checkout).fetch()
        #expect(outcome.revision.commit.description == tip)
    }

    @Test func `a tip that has not moved writes nothing`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit(["a.yaml": "a: 1\n"])
        let source = try fixture.source()
        let first = try await source.fetch()
        let before = try modificationDates(under: fixture.folder.appending("source"))
        let second = try await source.fetch()
        #expect(second.change == .unchanged)
        #expect(second.revision == first.revision)
        #expect(second.events.isEmpty)
        #expect(try modificationDates(under: fixture.folder.appending("source")) == before)
    }

    @Test func `a new commit brings only what is new`() async throws {
        let fixture = try await SourceFixture()
        let first = try await fixture.repository.commit(files(count: 200))
        let source = try fixture.source()
        _ = try await source.fetch()
        let second = try await fixture.repository.commit(["dir/1.yaml": "changed\n"])
        let outcome = try await source.fetch()
        #expect(outcome.revision.commit.description == second)
        #expect(outcome.change == .moved(from: CommitID(first)))
        #expect(outcome.receivedObjects == 4, "a blob, two trees and a commit")
    }

    @Test func `tags and other branches stay where they are`() async throws {
        let fixture = try await SourceFixture()
        let tip = try await fixture.repository.commit(["a.yaml": "a: 1\n"])
        try await fixture.repository.tag("v1", at: tip)
        let other = try await fixture.repository.commit(["b.yaml": "b: 1\n"], branch: "other")
        let source = try fixture.source()
        let outcome = try await source.fetch()
        #expect(outcome.receivedObjects == 3)
        #expect(try await fixture.gitInMirror("for-each-ref", "--format=%(refname)") == "refs/heads/tip")
        let otherCommit = try #require(CommitID(other))
        #expect(await failure { try await source.info(of: otherCommit) } == .mirror(.unknownCommit(otherCommit)))
    }

    @Test func `R18: a force-push moves the source to the new history`() async throws {
        let fixture = try await SourceFixture()
        let base = try await fixture.repository.commit(["a.yaml": "a: 1\n"])
        let left = try await fixture.repository.commit(["a.yaml": "a: 2\n"])
        let source = try fixture.source()
        _ = try await source.fetch()
        let right = try await fixture.repository.commit(["a.yaml": "a: 3\n"], parent: base)
        let outcome = try await source.fetch()
        #expect(outcome.change == .moved(from: CommitID(left)))
        let commits = try [base, left, right].map { try #require(CommitID($0)) }
        #expect(try await source.ancestry(of: commits[1], relativeTo: commits[2]) == .unrelated)
        #expect(try await source.ancestry(of: commits[0], relativeTo: commits[2]) == .ancestor)
    }

    @Test func `R18: a history without a common commit is followed`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit(["a.yaml": "a: 1\n"])
        let source = try fixture.source()
        _ = try await source.fetch()
        try await fixture.repository.delete(branch: "main")
        try await fixture.repository.git("gc", "--quiet", "--prune=now")
        let fresh = try await fixture.repository.commit(["b.yaml": "b: 1\n"])
        let outcome = try await source.fetch()
        #expect(outcome.revision.commit.description == fresh)
        #expect(try await source.snapshot(at: outcome.revision.commit).files.map(\.path) == ["b.yaml"])
    }

    @Test func `R18: a deleted branch is an error and the last commit stays readable`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit(["a.yaml": "a: 1\n"])
        try await fixture.repository.commit(["b.yaml": "b: 1\n"], branch: "develop")
        let source = try fixture.source()
        let outcome = try await source.fetch()
        try await fixture.repository.delete(branch: "main")
        let error = await failure { try await source.fetch() }
        #expect(error == .remote(.missingBranch("main", others: ["develop"]), url: fixture.repository.path))
        #expect(error?.disposition == .retry)
        #expect(try await source.snapshot(at: outcome.revision.commit).files.map(\.path) == ["a.yaml"])
    }

    @Test func `an empty repository says so`() async throws {
        let fixture = try await SourceFixture()
        #expect(await failure { try await fixture.source().fetch() } == .remote(.empty, url: fixture.repository.path))
    }

    @Test func `a path without a repository says so`() async throws {
        let fixture = try await SourceFixture()
        let path = fixture.folder.appending("nothing")
        let error = try #require(await failure { try await fixture.source(path).fetch() })
        guard case .remote(.notFound, path) = error else { throw error }
        #expect(error.description.hasPrefix("there is no git repository at \(path)"))
    }

    @Test func `R18: a shallow repository is refused`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit(["a.yaml": "a: 1\n"])
        try await fixture.repository.commit(["a.yaml": "a: 2\n"])
        let clone = fixture.folder.appending("shallow.git")
        try await fixture.repository.git(
            "clone", "--quiet", "--bare", "--depth=1", "file://" + fixture.repository.path, clone)
        #expect(await failure { try await fixture.source(clone).fetch() } == .remote(.shallow, url: clone))
    }

    @Test func `a branch that can't be read is a fault of the repository`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit(["a.yaml": "a: 1\n"])
        try fixture.folder.write("nonsense\n", to: "repository.git/refs/heads/main")
        let error = try #require(await failure { try await fixture.source().fetch() })
        guard case .remote(.unreachable, fixture.repository.path) = error else { throw error }
    }

    @Test(.enabled(if: getuid() == 0, "only root can give a folder away"))
    func `a repository of another user is refused with the remedy`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit(["a.yaml": "a: 1\n"])
        try #require(chown(fixture.repository.path, 12_345, 12_345) == 0)
        let error = try #require(await failure { try await fixture.source().fetch() })
        #expect(error == .remote(.foreignOwner, url: fixture.repository.path))
        #expect(error.description.contains("give it to the user of the daemon"))
    }

    @Test func `a branch with a slash can follow one without`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit(["a.yaml": "a: 1\n"], branch: "release")
        _ = try await fixture.source(branch: "release").fetch()
        try await fixture.repository.delete(branch: "release")
        let tip = try await fixture.repository.commit(["a.yaml": "a: 2\n"], branch: "release/1.0")
        let outcome = try await fixture.source(branch: "release/1.0").fetch()
        #expect(outcome.revision.description == "release/1.0@sha1:\(tip)")
    }

    @Test func `I12: more objects than the limit are refused before they are copied`() async throws {
        let fixture = try await SourceFixture()
        try await fixture.repository.commit(files(count: 50))
        var configuration = fixture.configuration()
        configuration.fetchLimits.objects = 20
        let source = try GitSource(configuration)
        let error = await failure { try await source.fetch() }
        #expect(error == .fetch(.overLimit(.objects(20)), url: fixture.repository.path))
        #expect(!FileManager.default.fileExists(atPath: fixture.mirror))
    }

    @Test(
        .disabled(
            if: ProcessInfo.processInfo.environment["AKUA_GITOPS_SANITIZE"] != nil,
            "a sanitizer's shadow of all memory counts, so that a build for it has no limit"))
    func `I12: an object that needs more memory than the limit is refused`() async throws {
        let fixture = try await SourceFixture()
        let huge = try await fixture.repository.store("blob", Array(repeating: 0, count: 100 << 20))
        try await fixture.repository.commit(tree: try await fixture.repository.storeTree([("100644", "huge", huge)]))
        var configuration = fixture.configuration()
        configuration.fetchLimits.memoryBytes = 64 << 20
        let source = try GitSource(configuration)
        let error = await failure { try await source.fetch() }
        #expect(error == .fetch(.overLimit(.memoryBytes(64 << 20)), url: fixture.repository.path))
    }

    @Test func `R18: merges and objects that come back are fetched whole`() async throws {
        let fixture = try await SourceFixture()
        let base = try await fixture.repository.commit(["a/1": "1", "b/2": "2", "c": "3"])
        let source = try fixture.source()
        _ = try await source.fetch()
        let side = try await fixture.repository.commit(["a/side": "s"], branch: "side", parent: base)
        try await fixture.repository.commit(["b": nil, "a": "a file where a folder was"])
        try await fixture.repository.commit(["a": nil, "a/1": "1", "b/2": "2"])
        let tree = try await fixture.repository.git("rev-parse", "main^{tree}")
        let main = try await fixture.repository.tip()
        let merge = try await fixture.repository.git("commit-tree", tree, "-p", main, "-p", side, "-m", "Merge")
        try await fixture.repository.point("main", to: merge)
        let outcome = try await source.fetch()
        #expect(outcome.revision.commit.description == merge)
        try await fixture.gitInMirror("fsck", "--strict", "--full")
        #expect(try await source.history(of: outcome.revision.commit, after: nil, max: 10).count == 5)
    }

    @Test func `a missing fetch program is named`() async throws {
        let fixture = try await SourceFixture()
        var configuration = fixture.configuration()
        configuration.fetchProgram = fixture.folder.appending("none")
        let source = try GitSource(configuration)
        let error = try #require(await failure { try await source.fetch() })
        guard case .configuration(.missingFetchProgram(configuration.fetchProgram, _)) = error else { throw error }
    }

    @Test func `two fetches at once both end well`() async throws {
        let fixture = try await SourceFixture()
        let tip = try await fixture.repository.commit(files(count: 100))
        let source = try fixture.source()
        async let first = source.fetch()
        async let second = source.fetch()
        let outcomes = try await [first, second]
        #expect(outcomes.map(\.revision.commit.description) == [tip, tip])
        #expect(outcomes.filter { $0.change == .unchanged }.count == 1)
    }

    private func files(count: Int) -> [String: String?] {
        Dictionary(uniqueKeysWithValues: (0..<count).map { ("dir/\($0).yaml", "n: \($0)\n") })
    }

    private func modificationDates(under folder: String) throws -> [String: Date] {
        var dates: [String: Date] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(path)")
            dates[path] = attributes[.modificationDate] as? Date
        }
        return dates
    }
}
