import Foundation
import GitSource
import TestSupport
import Testing

/// A source behind a real server: TLS, passwords, and servers that do not behave.
@Suite struct HTTPFetchTests {
    private static let password = "c0ffee0123456789c0ffee0123456789"

    @Test func `https with an own authority and a password clones, and follows`() async throws {
        let fixture = try await HTTPFixture()
        let first = try await fixture.repository.commit(["dir/a.yaml": "a: 1\n", "dir/b.yaml": "b: 1\n"])
        try await fixture.serve { server in
            let source = try fixture.source(server, "/repository.git")
            let cloned = try await source.fetch()
            #expect(cloned.revision.commit.description == first)
            #expect(cloned.events == [.cloned])
            #expect(try await source.fetch().change == .unchanged)
            let second = try await fixture.repository.commit(["dir/a.yaml": "a: 2\n"])
            let moved = try await source.fetch()
            #expect(moved.change == .moved(from: CommitID(first)))
            #expect(moved.revision.commit.description == second)
            #expect(moved.receivedObjects == 4)
            let files = try await source.snapshot(at: moved.revision.commit).files
            #expect(
                try await source.contents(of: files).map { String(decoding: $0, as: UTF8.self) } == [
                    "a: 2\n", "b: 1\n",
                ])
        }
    }

    @Test func `a tip that has not moved costs one list of references`() async throws {
        let fixture = try await HTTPFixture()
        try await fixture.repository.commit(["a": "1"])
        try await fixture.serve { server in
            let source = try fixture.source(server, "/repository.git")
            _ = try await source.fetch()
            let before = server.requests.count
            _ = try await source.fetch()
            let requests = server.requests.dropFirst(before)
            #expect(requests.allSatisfy { $0.hasPrefix("GET /repository.git/info/refs?service=git-upload-pack") })
            #expect(requests.count == 2, "one without and one with the password")
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var password: String?
        var detail: String
        /// How many times the password may have been shown.
        var shown: Int
    }

    @Test(arguments: [
        Refusal(
            testDescription: "a wrong password is shown once", password: "wrong",
            detail: "the server refused the credentials", shown: 1),
        Refusal(
            testDescription: "no password", password: nil,
            detail: "the server asks for credentials and none are configured", shown: 0),
    ])
    func `credentials that do not fit`(_ row: Refusal) async throws {
        let fixture = try await HTTPFixture()
        try await fixture.repository.commit(["a": "1"])
        try await fixture.serve { server in
            let source = try fixture.source(server, "/repository.git", password: row.password)
            let error = try #require(await failure { try await source.fetch() })
            #expect(error == .remote(.credentialsRefused(detail: row.detail), url: server.origin + "/repository.git"))
            #expect(server.requests.filter { !$0.hasSuffix(" -") }.count == row.shown)
        }
    }

    @Test func `I11: credentials are asked for afresh, so a rotation is taken up`() async throws {
        let fixture = try await HTTPFixture()
        try await fixture.repository.commit(["a": "1"])
        try await fixture.serve { server in
            let passwords = Passwords(["old", Self.password])
            var configuration = fixture.configuration(server, "/repository.git")
            configuration.credentials = {
                GitCredentials(username: "ada", password: Secret(await passwords.next().utf8))
            }
            let source = try GitSource(configuration)
            #expect(await failure { try await source.fetch() } != nil)
            _ = try await source.fetch()
        }
    }

    @Test func `I11: a password shows in no error, in no file and in no argument`() async throws {
        let fixture = try await HTTPFixture()
        try await fixture.repository.commit(["a": "1"])
        try await fixture.serve { server in
            let source = try fixture.source(server, "/repository.git")
            _ = try await source.fetch()
            let stalled = try fixture.source(server, "/stalled/40/repository.git", directory: "other")
            async let error = failure { try await stalled.fetch(deadline: .seconds(2)) }
            try await wait(for: "a request") { server.requests.contains { $0.hasPrefix("POST /stalled") } }
            #expect(try !processes(named: "akua-gitops-fet").isEmpty)
            for process in try processes(named: "akua-gitops-fet") {
                let seen = process.arguments + process.environment
                #expect(!seen.contains(Self.password))
            }
            let description = try #require(await error).description
            #expect(!description.contains(Self.password))
            let found = try await Tool.run(
                "sh", ["-c", "grep -r -l \(Self.password) \(fixture.folder.appending("source")) | wc -l"], in: "/")
            #expect(found == "0")
            #expect(!"\(Secret(Self.password.utf8)) \(fixture.configuration(server, ""))".contains(Self.password))
        }
    }

    /// What any process of this user can see of the programs of a name that run at the moment.
    private func processes(named name: String) throws -> [(arguments: String, environment: String)] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { entry in
            func text(_ file: String) -> String? {
                try? String(contentsOfFile: "/proc/\(entry)/\(file)", encoding: .utf8)
            }
            guard text("comm") == name + "\n" else { return nil }
            return (text("cmdline") ?? "", text("environ") ?? "")
        }
    }

    @Test func `S3: an authority that is not ours is refused before the password leaves`() async throws {
        let fixture = try await HTTPFixture()
        try await fixture.repository.commit(["a": "1"])
        let other = try await TestCertificates(in: fixture.folder, name: "other")
        try await fixture.serve { server in
            var configuration = fixture.configuration(server, "/repository.git")
            configuration.caFile = other.authorityFile
            let source = try GitSource(configuration)
            let error = try #require(await failure { try await source.fetch() })
            guard case .remote(.certificateRefused, _) = error else { throw error }
            #expect(server.requests.isEmpty)
        }
    }

    @Test(arguments: [("elsewhere.example.com", 2), ("localhost", -1)])
    func `S3: a certificate of another host or time is refused`(host: String, days: Int) async throws {
        let fixture = try await HTTPFixture(host: host, days: days)
        try await fixture.repository.commit(["a": "1"])
        try await fixture.serve { server in
            let source = try fixture.source(server, "/repository.git")
            let error = try #require(await failure { try await source.fetch() })
            guard case .remote(.certificateRefused, _) = error else { throw error }
            #expect(error.disposition == .needsConfiguration)
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `a certificate file that can't be read is named`() async throws {
        let fixture = try await HTTPFixture()
        try await fixture.serve { server in
            var configuration = fixture.configuration(server, "/repository.git")
            configuration.caFile = fixture.folder.appending("none.pem")
            let source = try GitSource(configuration)
            let error = try #require(await failure { try await source.fetch() })
            #expect(error.description.contains("none.pem can't be read"))
        }
    }

    @Test(arguments: ["the same host by another port", "another host"])
    func `S4: a redirect to another origin is not followed and sees no password`(_ target: String) async throws {
        let fixture = try await HTTPFixture()
        try await fixture.repository.commit(["a": "1"])
        try await fixture.serve { elsewhere in
            let origin =
                target == "another host" ? elsewhere.origin.replacing("localhost", with: "127.0.0.1") : elsewhere.origin
            try await fixture.serve(redirectTo: origin) { server in
                let source = try fixture.source(server, "/moved/repository.git")
                let error = try #require(await failure { try await source.fetch() })
                guard case .remote(.redirected(let to), _) = error else { throw error }
                #expect(
                    to.contains(target == "another host" ? "127.0.0.1" : String(origin.dropFirst("https://".count))))
                #expect(elsewhere.requests.isEmpty)
            }
        }
    }

    @Test func `S4: a redirect within the server is followed`() async throws {
        let fixture = try await HTTPFixture()
        let tip = try await fixture.repository.commit(["a": "1"])
        try await fixture.serve { server in
            let outcome = try await fixture.source(server, "/renamed/repository.git").fetch()
            #expect(outcome.revision.commit.description == tip)
        }
    }

    @Test func `R15: a server that accepts and says nothing is left at the deadline`() async throws {
        let fixture = try await HTTPFixture()
        try await fixture.serve { server in
            let source = try fixture.source(server, "/silent/repository.git")
            let clock = ContinuousClock()
            let start = clock.now
            let error = await failure { try await source.fetch(deadline: .milliseconds(400)) }
            #expect(
                error
                    == .fetch(
                        .late(after: .milliseconds(400), receivedObjects: 0, receivedBytes: 0),
                        url: server.origin + "/silent/repository.git"))
            // Far from for ever; how near to the deadline depends on what else the machine does.
            #expect(clock.now - start < .seconds(30))
        }
    }

    @Test func `a cancelled fetch ends its program`() async throws {
        let fixture = try await HTTPFixture()
        try await fixture.serve { server in
            let source = try fixture.source(server, "/silent/repository.git")
            let error = try await withThrowingTaskGroup(of: GitError?.self) { group in
                group.addTask { await failure { try await source.fetch() } }
                try await wait(for: "a request") { !server.requests.isEmpty }
                group.cancelAll()
                return try await group.next() ?? nil
            }
            #expect(error == .cancelled)
        }
    }

    @Test(arguments: [0, 20, 200, 2_000, 20_000])
    func `R18: a server that closes in the middle of a pack changes nothing`(count: Int) async throws {
        let fixture = try await HTTPFixture()
        let first = try await fixture.repository.commit(["a": "1"])
        try await fixture.serve { server in
            _ = try await fixture.source(server, "/repository.git").fetch()
            var files: [String: String?] = [:]
            for number in 0..<500 { files["dir/\(number)"] = UUID().uuidString + UUID().uuidString }
            let second = try await fixture.repository.commit(files)
            let cut = try fixture.source(server, "/cut/\(count)/repository.git")
            #expect(await failure { try await cut.fetch() } != nil)
            let source = try fixture.source(server, "/repository.git")
            #expect(try await source.snapshot(at: try #require(CommitID(first))).files.count == 1)
            let outcome = try await source.fetch()
            #expect(outcome.revision.commit.description == second)
            #expect(outcome.change == .moved(from: CommitID(first)))
        }
    }

    struct Answer: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var path: String
        var problem: GitError.RemoteProblem
    }

    @Test(arguments: [
        Answer(testDescription: "no such repository", path: "/none.git", problem: .notFound(detail: "HTTP status 404")),
        Answer(
            testDescription: "forbidden", path: "/status/403/x.git",
            problem: .credentialsRefused(detail: "HTTP status 403")),
        Answer(testDescription: "unavailable", path: "/status/503/x.git", problem: .httpStatus("503")),
        Answer(
            testDescription: "a web page", path: "/html/x.git",
            problem: .notGit(detail: "invalid content-type: 'text/html'")),
    ])
    func `an answer that is no repository`(_ row: Answer) async throws {
        let fixture = try await HTTPFixture()
        try await fixture.serve { server in
            let source = try fixture.source(server, row.path)
            #expect(await failure { try await source.fetch() } == .remote(row.problem, url: server.origin + row.path))
        }
    }

    @Test func `nobody at the port`() async throws {
        let fixture = try await HTTPFixture()
        let gone = try await fixture.serve { server in server }
        let source = try fixture.source(gone, "/repository.git")
        let error = try #require(await failure { try await source.fetch() })
        guard case .remote(.unreachable(let detail), _) = error else { throw error }
        #expect(detail.contains("Connection refused"))
        #expect(error.disposition == .retry)
    }

    @Test func `a host that has no address`() async throws {
        let fixture = try await SourceFixture()
        let error = try #require(await failure { try await fixture.source("https://nowhere.invalid/a.git").fetch() })
        guard case .remote(.unreachable(let detail), _) = error else { throw error }
        #expect(detail.hasPrefix("nowhere.invalid has no address"))
    }

    @Test func `R18: a missing branch and an empty repository say so over https too`() async throws {
        let fixture = try await HTTPFixture()
        try await fixture.serve { server in
            let url = server.origin + "/repository.git"
            let source = try fixture.source(server, "/repository.git")
            #expect(await failure { try await source.fetch() } == .remote(.empty, url: url))
            try await fixture.repository.commit(["a": "1"], branch: "develop")
            #expect(
                await failure { try await source.fetch() }
                    == .remote(.missingBranch("main", others: ["develop"]), url: url))
        }
    }

    @Test func `I12: more objects or bytes than the limit end the fetch`() async throws {
        let fixture = try await HTTPFixture()
        var files: [String: String?] = [:]
        for number in 0..<500 { files["dir/\(number)"] = UUID().uuidString + UUID().uuidString }
        try await fixture.repository.commit(files)
        try await fixture.serve { server in
            let url = server.origin + "/repository.git"
            var configuration = fixture.configuration(server, "/repository.git")
            configuration.fetchLimits.objects = 100
            let few = try GitSource(configuration)
            #expect(await failure { try await few.fetch() } == .fetch(.overLimit(.objects(100)), url: url))
            configuration.fetchLimits = .init(receivedBytes: 10_000)
            let small = try GitSource(configuration)
            #expect(await failure { try await small.fetch() } == .fetch(.overLimit(.receivedBytes(10_000)), url: url))
        }
    }

    @Test func `R18: a shallow repository behind a server is refused`() async throws {
        let fixture = try await HTTPFixture()
        try await fixture.repository.commit(["a": "1"])
        try await fixture.repository.commit(["a": "2"])
        try await fixture.repository.git(
            "clone", "--quiet", "--bare", "--depth=1", "file://" + fixture.repository.path,
            fixture.folder.appending("shallow.git"))
        try await fixture.serve { server in
            let source = try fixture.source(server, "/shallow.git")
            let error = try #require(await failure { try await source.fetch() })
            guard case .remote(.notGit, _) = error else { throw error }
            #expect(error.description.contains("shallow"))
        }
    }
}

/// Hands out one after another.
private actor Passwords {
    private var rest: [String]

    init(_ passwords: [String]) { rest = passwords }

    func next() -> String { rest.removeFirst() }
}

/// A repository behind a server that asks for a password.
struct HTTPFixture {
    private let fixture: SourceFixture
    private let certificates: TestCertificates
    private let certificate: TestCertificates.Certificate
    private static let password = "c0ffee0123456789c0ffee0123456789"

    var folder: TemporaryFolder { fixture.folder }
    var repository: GitFixture { fixture.repository }

    init(host: String = "localhost", days: Int = 2) async throws {
        fixture = try await SourceFixture()
        certificates = try await TestCertificates(in: fixture.folder)
        certificate = try await certificates.issue(for: host, days: days)
    }

    func serve<Result: Sendable>(
        redirectTo: String = "", _ body: (GitHTTPServer) async throws -> Result
    ) async throws -> Result {
        try await GitHTTPServer.run(
            root: folder.path,
            GitHTTPServer.Options(
                certificate: certificate, user: "ada", password: Self.password, redirectTo: redirectTo),
            logFolder: folder, body)
    }

    func configuration(
        _ server: GitHTTPServer, _ path: String, password: String? = HTTPFixture.password, directory: String = "source"
    ) -> GitSource.Configuration {
        var configuration = fixture.configuration(server.origin + path)
        configuration.directory = folder.appending(directory)
        configuration.caFile = certificates.authorityFile
        if let password {
            configuration.credentials = { GitCredentials(username: "ada", password: Secret(password.utf8)) }
        }
        return configuration
    }

    func source(
        _ server: GitHTTPServer, _ path: String, password: String? = HTTPFixture.password, directory: String = "source"
    ) throws -> GitSource {
        try GitSource(configuration(server, path, password: password, directory: directory))
    }
}
