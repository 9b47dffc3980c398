import GitSource
import TestSupport
import Testing

/// The small values: ids, revisions, urls, secrets and sentences.
@Suite struct ValueTests {
    private static let digits = "0123456789abcdef0123456789abcdef01234567"

    @Test func `an id is its forty digits`() throws {
        let id = try #require(CommitID(Self.digits))
        #expect(id.description == Self.digits)
        #expect(CommitID(Self.digits) == id)
        #expect(CommitID(String(Self.digits.reversed())) != id)
    }

    @Test(arguments: [
        "", "0123", digits + "0", String(digits.dropLast()), digits.uppercased(), "g" + digits.dropFirst(),
        " " + digits.dropFirst(),
    ])
    func `nothing else is an id`(text: String) {
        #expect(CommitID(text) == nil)
    }

    @Test(arguments: ["main", "release/1.0", "odd@sha1:name"])
    func `a revision reads back as it is written`(branch: String) throws {
        let revision = Revision(branch: branch, commit: try #require(CommitID(Self.digits)))
        #expect(revision.description == "\(branch)@sha1:\(Self.digits)")
        #expect(Revision(revision.description) == revision)
    }

    @Test(arguments: [
        "", "main", "main@sha1:", "@sha1:" + digits, "main@sha256:" + digits, "main@sha1:" + digits + "0",
    ])
    func `nothing else is a revision`(text: String) {
        #expect(Revision(text) == nil)
    }

    struct Address: Sendable, CustomTestStringConvertible {
        var testDescription: String { url }
        var url: String
        /// Part of the sentence; nil where the url is fine.
        var problem: String?
    }

    @Test(arguments: [
        Address(url: "/srv/git/platform.git"),
        Address(url: "file:///srv/git/platform.git"),
        Address(url: "https://git.example.com/acme/platform.git"),
        Address(url: "https://git.example.com:8443/acme/platform"),
        Address(url: "http://localhost:8080/platform.git"),
        Address(url: "http://127.0.0.1:8080/platform.git"),
        Address(url: "http://[::1]:8080/platform.git"),
        Address(url: "http://git.example.com/platform.git", problem: "use https"),
        Address(url: "http://127.0.0.1.example.com/platform.git", problem: "use https"),
        Address(url: "http://127.1/platform.git", problem: "use https"),
        Address(url: "https://ada:hunter2@git.example.com/platform.git", problem: "auth.passwordFile"),
        Address(url: "https://token@git.example.com/platform.git", problem: "auth.passwordFile"),
        Address(url: "ssh://git@git.example.com/platform.git", problem: "not supported by this version"),
        Address(url: "git@git.example.com:acme/platform.git", problem: "not supported by this version"),
        Address(url: "git://git.example.com/platform.git", problem: "not supported by this version"),
        Address(url: "ext::sh -c id", problem: "control character"),
        Address(url: "platform.git", problem: "must begin with a slash"),
        Address(url: "", problem: "must begin with a slash"),
        Address(url: "file://other/srv/git", problem: "names no other host"),
        Address(url: "https:///platform.git", problem: "no host"),
        Address(url: "https://git.example.com/a?b=c", problem: "query"),
        Address(url: "https://git.example.com/a\nb", problem: "control character"),
    ])
    func `a url is taken or refused before anything is asked of it`(_ row: Address) {
        var configuration = GitSource.Configuration(
            name: "platform", url: row.url, ref: .branch("main"), directory: "/nowhere", fetchProgram: "/nowhere")
        configuration.deadline = .seconds(1)
        do {
            _ = try GitSource(configuration)
            #expect(row.problem == nil)
        } catch {
            #expect(error.disposition == .needsConfiguration)
            #expect(row.problem.map(error.description.contains) == true, "\(error)")
            #expect(!error.description.contains("hunter2"))
            #expect(!error.description.contains("token@"))
        }
    }

    @Test(arguments: ["", "a b", "a..b", "-", "HEAD", "a~1", "a.lock", "/a", "a/", "a\\b", "a:b", "refs^"])
    func `a branch that git does not allow is refused`(branch: String) {
        let configuration = GitSource.Configuration(
            name: "platform", url: "/srv", ref: .branch(branch), directory: "/nowhere", fetchProgram: "/nowhere")
        #expect(throws: GitError.configuration(.badBranch(branch))) {
            try GitSource(configuration)
        }
    }

    @Test func `a path above the root is refused`() async throws {
        let fixture = try await SourceFixture()
        let source = try fixture.source()
        let commit = try #require(CommitID(Self.digits))
        for path in ["..", "a/../b", "/a", "a/.git/b", "a\u{7}"] {
            let error = try #require(await failure { try await source.snapshot(at: commit, under: path) })
            guard case .configuration(.badPath(path, _)) = error else { throw error }
        }
    }

    @Test func `I11: a secret does not print`() {
        let secret = Secret("hunter2".utf8)
        let credentials = GitCredentials(username: "ada", password: secret)
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(secret)", "\(credentials)", String(reflecting: secret), dumped] {
            #expect(!text.contains("hunter2"))
            #expect(!text.contains("104"), "nor its bytes")
        }
        #expect(secret.withBytes { Array($0) } == Array("hunter2".utf8))
    }
}
