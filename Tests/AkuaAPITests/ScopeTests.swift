import AkuaModel
import CurlTransport
import JSON
import Synchronization
import TestSupport
import Testing

@testable import AkuaAPI

@Suite struct ScopeTests {
    private struct Unreadable: Error, CustomStringConvertible {
        var description: String { "no such\nfile" }
    }

    /// Tokens handed out one after another, the last one for ever.
    private final class Tokens: Sendable {
        private let left: Mutex<[String]>
        let reads = Mutex(0)
        init(_ tokens: String...) { left = Mutex(tokens) }

        func next() throws -> Secret {
            reads.withLock { $0 += 1 }
            return try left.withLock { left in
                guard let token = left.count > 1 ? left.removeFirst() : left.first, !token.isEmpty else {
                    throw Unreadable()
                }
                return Secret(token)
            }
        }
    }

    private static func accepting(_ token: String) -> ScriptedServer.Script {
        let answer = Sample.page([Sample.region]).text
        return { request in
            request.headers["authorization"] == "Bearer \(token)"
                ? .json(answer) : .json(#"{"error":{"code":"unauthorized","message":"expired"}}"#, status: 401)
        }
    }

    @Test func `S10: a token that was replaced is taken up when the old one is refused`() async throws {
        let tokens = Tokens("old", "new")
        let fixture = try Fixture(token: { try tokens.next() }, Self.accepting("new"))
        try await fixture.use { fixture in
            for _ in 0..<3 {
                let regions = try await fixture.client.regions()
                #expect(regions.count == 1)
            }
            #expect(tokens.reads.withLock { $0 } == 2)
            #expect(
                fixture.server.requests.map { $0.headers["authorization"] } == [
                    "Bearer old", "Bearer new", "Bearer new", "Bearer new",
                ])
        }
    }

    @Test func `a refused token that has not changed is an error, without a second attempt`() async throws {
        let tokens = Tokens("old")
        let fixture = try Fixture(token: { try tokens.next() }, Self.accepting("new"))
        try await fixture.use { fixture in
            let error = await #expect(throws: APIError.self) { try await fixture.client.regions() }
            #expect(error?.disposition == .unauthorized)
            #expect(error?.messages == ["expired"])
            #expect(fixture.server.requests.count == 1)
        }
    }

    @Test func `a new token that is refused too is the end`() async throws {
        let tokens = Tokens("old", "newer", "newest")
        let fixture = try Fixture(token: { try tokens.next() }, Self.accepting("none"))
        try await fixture.use { fixture in
            let error = await #expect(throws: APIError.self) { try await fixture.client.regions() }
            #expect(error?.status == 401)
            #expect(fixture.server.requests.count == 2)
        }
    }

    @Test func `a token that can't be read is said, on one line, and nothing is sent`() async throws {
        let fixture = try Fixture(token: { throw Unreadable() }, Self.accepting("x"))
        try await fixture.use { fixture in
            let error = await #expect(throws: APIError.self) { try await fixture.client.regions() }
            #expect(error?.cause == .unreachable("the token can't be read: no such file"))
            #expect(fixture.server.requests.isEmpty)
        }
    }

    @Test(arguments: [
        ("https://api.akua.dev/v1", "https://api.akua.dev/v1"),
        ("https://api.akua.dev/v1///", "https://api.akua.dev/v1"),
        ("https://api.akua.dev", "https://api.akua.dev"), ("HTTPS://h:8443/", "HTTPS://h:8443"),
        ("http://localhost:8080/v1", "http://localhost:8080/v1"), ("http://127.0.0.1:80", "http://127.0.0.1:80"),
        ("http://127.9.9.9/", "http://127.9.9.9"), ("http://[::1]:9/v1", "http://[::1]:9/v1"),
    ])
    func `a base URL is https, or http on this machine`(_ text: String, _ kept: String) throws {
        #expect(try BaseURL(text).text == kept)
        #expect(try BaseURL(text).isPlain == text.hasPrefix("http:"))
    }

    @Test(arguments: [
        "", "api.akua.dev", "/v1", "https://", "https:///v1", "ftp://h/", "http://api.akua.dev/v1",
        "http://127.evil.com/",
        "http://localhost.evil.com/", "https://user@h/", "https://u:p@h/", "https://h/?x=1", "https://h/#x",
        "https://a b/",
    ])
    func `any other base URL is refused with a reason`(_ text: String) {
        let problem = #expect(throws: BaseURL.Problem.self) { try BaseURL(text) }
        #expect(problem?.description.hasPrefix("must ") == true || problem?.description.hasPrefix("is ") == true)
    }

    @Test func `plain http elsewhere must be asked for`() throws {
        #expect(try BaseURL("http://emulator:8080/v1", allowsPlainHTTP: true).isPlain)
    }

    @Test(arguments: WritingTests.cases)
    func `artifact calls have the longer deadline`(_ row: WritingTests.Case) {
        let isSlow = ["packages.import", "packages.createVersion"].contains(row.write.call.stored.name)
        let request = Call(row.write, AkuaClient.Timeouts()).timeout
        #expect(request == (isSlow ? .seconds(300) : .seconds(30)))
    }

    @Test func `a long poll has more time than the platform is asked to wait`() throws {
        let call = Call(waitingFor: try id("op_1"), seconds: 60, AkuaClient.Timeouts())
        #expect(call.timeout >= .seconds(70))
        #expect(call.lane == .longPoll)
    }

    @Test func `the next attempt's request is the same but for its token`() throws {
        let write = Write(call: .createInstall, body: [1, 2], idempotencyKey: "k", ifMatch: nil)
        let configuration = AkuaClient.Configuration(
            baseURL: try BaseURL("https://h/v1"), token: { Secret("x") }, version: "1")
        let requests = ["a", "b"].map {
            Call(write, AkuaClient.Timeouts()).request(configuration, AkuaClient.Options(), Secret($0))
        }
        #expect(requests.map { $0.headers["authorization"] } == ["Bearer a", "Bearer b"])
        #expect(requests[0].body == requests[1].body)
        #expect(requests[0].url == requests[1].url)
        #expect(requests[1].isRepeatable)
    }
}
