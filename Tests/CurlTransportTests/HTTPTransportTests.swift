import CurlTransport
import Foundation
import TestSupport
import Testing

@Suite struct HTTPTransportTests {
    private func withServer(
        _ script: @escaping ScriptedServer.Script, configuration: TransportConfiguration = .init(allowsPlainHTTP: true),
        _ body: (ScriptedServer, HTTPTransport) async throws -> Void
    ) async throws {
        let server = try ScriptedServer(script)
        defer { server.stop() }
        let transport = HTTPTransport(configuration)
        try await body(server, transport)
        await transport.shutdown()
    }

    @Test func `a GET comes back whole, with its status and headers`() async throws {
        let answer = [ScriptedServer.Step].json(#"{"a":1}"#, headers: ["X-Thing": "  one  "])
        try await withServer({ _ in answer }) { server, transport in
            var headers = HTTPHeaders()
            headers.append("Authorization", "Bearer abc")
            let response = try await transport.exchange(
                HTTPRequest(.get, server.baseURL + "/v1/x/../y:z?y=1", headers: headers))
            #expect(response.status == 200)
            #expect(response.body == Array(#"{"a":1}"#.utf8))
            #expect(response.headers["x-thing"] == "one")
            #expect(response.headers["X-Missing"] == nil)
            #expect(response.majorVersion == 1)
            #expect(response.connectionsOpened == 1)
            let request = try #require(server.requests.first)
            #expect(request.method == "GET")
            #expect(request.target == "/v1/x/../y:z?y=1")
            #expect(request.headers["authorization"] == "Bearer abc")
            #expect(request.headers["content-length"] == nil)
            #expect(request.headers["user-agent"] == nil)
        }
    }

    struct Sent: CustomTestStringConvertible {
        var method: HTTPRequest.Method
        var body: [UInt8]?
        var length: String?
        var testDescription: String { "\(method.rawValue) with \(body.map { "\($0.count) bytes" } ?? "no body")" }
    }

    @Test(arguments: [
        Sent(method: .post, body: Array(#"{"a":"é"}"#.utf8), length: "10"), Sent(method: .post, body: nil, length: "0"),
        Sent(method: .post, body: [], length: "0"), Sent(method: .patch, body: Array("{}".utf8), length: "2"),
        Sent(method: .delete, body: nil, length: nil), Sent(method: .delete, body: Array("{}".utf8), length: "2"),
        Sent(method: .post, body: Array(repeating: 0x61, count: 3 << 20), length: "3145728"),
        Sent(method: .post, body: [0, 255, 0], length: "3"),
    ])
    func `each method carries its body byte for byte, and nothing of libcurl's own`(_ row: Sent) async throws {
        try await withServer({ _ in .json("{}") }) { server, transport in
            var headers = HTTPHeaders()
            if row.body != nil { headers["Content-Type"] = "application/json" }
            _ = try await transport.exchange(
                HTTPRequest(row.method, server.baseURL + "/", headers: headers, body: row.body))
            let request = try #require(server.requests.first)
            #expect(request.method == row.method.rawValue)
            #expect(request.body == row.body ?? [])
            #expect(request.headers["content-length"] == row.length)
            #expect(request.headers["expect"] == nil)
            #expect(request.headers["content-type"] == (row.body == nil ? nil : "application/json"))
            #expect(request.headers["accept-encoding"] == nil)
        }
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `S4: a redirect is an answer and is not followed`(_ status: Int) async throws {
        let other = try ScriptedServer(always: .json("{}"))
        defer { other.stop() }
        let answer = [ScriptedServer.Step].answer([], status: status, headers: ["Location": other.baseURL + "/stolen"])
        try await withServer({ _ in answer }) { server, transport in
            let response = try await transport.exchange(HTTPRequest(.get, server.baseURL + "/"))
            #expect(response.status == status)
            #expect(response.headers["location"] == other.baseURL + "/stolen")
            #expect(server.requests.count == 1)
            #expect(other.snapshot.openConnections == 0 && other.requests.isEmpty)
        }
    }

    @Test func `interim answers are passed over, and their headers forgotten`() async throws {
        let raw =
            "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nX-Real: 1\r\nContent-Length: 2\r\n\r\nok"
        try await withServer({ _ in .raw(raw) }) { server, transport in
            let response = try await transport.exchange(HTTPRequest(.get, server.baseURL + "/"))
            #expect(response.status == 200)
            #expect(response.headers["link"] == nil)
            #expect(response.headers["x-real"] == "1")
            #expect(response.body == Array("ok".utf8))
        }
    }

    @Test func `a chunked body is put together, and several headers of one name are kept`() async throws {
        let raw =
            "HTTP/1.1 200 OK\r\nA: 1\r\na: 2\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        try await withServer({ _ in .raw(raw) }) { server, transport in
            let response = try await transport.exchange(HTTPRequest(.get, server.baseURL + "/"))
            #expect(response.body == Array("abcde".utf8))
            #expect(response.headers["A"] == "1")
            #expect(response.headers.fields.filter { $0.name.lowercased() == "a" }.map(\.value) == ["1", "2"])
        }
    }

    @Test func `a compressed answer is handed on as it is, so that it can't swell`() async throws {
        try await withServer({ _ in .answer([0x1F, 0x8B, 8], headers: ["Content-Encoding": "gzip"]) }) {
            server, transport in
            let response = try await transport.exchange(HTTPRequest(.get, server.baseURL + "/"))
            #expect(response.body == [0x1F, 0x8B, 8])
        }
    }

    @Test(arguments: [
        ("X", "a\r\nInjected: 1"), ("X", "a\nb"), ("X", "a\0b"), ("X", ""), ("X", "é"), ("X\r\nY", "1"), ("", "1"),
        ("X Y", "1"), ("X:", "1"), ("X", "\u{7F}"),
    ])
    func `S12: a header that could break out of its line is not sent`(_ name: String, _ value: String) async throws {
        try await withServer({ _ in .json("{}") }) { server, transport in
            var headers = HTTPHeaders()
            headers.append(name, value)
            let error = await #expect(throws: TransportError.self) {
                try await transport.exchange(HTTPRequest(.get, server.baseURL + "/", headers: headers))
            }
            #expect(error?.reason == .invalidRequest)
            #expect(error?.mayHaveReachedServer == false)
            #expect(server.requests.isEmpty)
        }
    }

    @Test(arguments: [
        "http://127.0.0.1:1/", "ftp://127.0.0.1/", "file:///etc/hostname", "127.0.0.1:1/x", "https://", "nonsense",
        "https://exa mple/", "https://h/\r\nX: y", "",
    ])
    func `S4: only https is spoken unless plain http is allowed`(_ url: String) async {
        let transport = HTTPTransport()
        let error = await #expect(throws: TransportError.self) { try await transport.exchange(HTTPRequest(.get, url)) }
        #expect(error?.reason == .invalidRequest)
        #expect(error?.isPassing == false)
        await transport.shutdown()
    }

    @Test func `S4: neither a proxy of the environment nor a .netrc is looked at`() async {
        await #expect(processExitsWith: .success) {
            let home = try TemporaryFolder()
            try home.write("machine 127.0.0.1 login someone password secret\n", to: ".netrc")
            setenv("HOME", home.path, 1)
            for name in ["http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
                setenv(name, "http://127.0.0.1:1", 1)
            }
            let server = try ScriptedServer(always: .json("{}"))
            let transport = HTTPTransport(TransportConfiguration(allowsPlainHTTP: true))
            let status = try await transport.exchange(HTTPRequest(.get, server.baseURL + "/")).status
            let authorization = server.requests.first?.headers["authorization"]
            withExtendedLifetime(home) { server.stop() }
            #expect(status == 200)
            #expect(authorization == nil)
        }
    }

    @Test func `connections are kept: fifty exchanges in turn use one`() async throws {
        try await withServer({ .json(#"{"n":\#($0.number)}"#) }) { server, transport in
            for number in 1...50 {
                let response = try await transport.exchange(HTTPRequest(.get, server.baseURL + "/\(number)"))
                #expect(response.body == Array(#"{"n":\#(number)}"#.utf8))
                #expect(response.connectionsOpened == (number == 1 ? 1 : 0))
            }
            #expect(Set(server.requests.map(\.connection)) == [1])
        }
    }

    @Test func `many exchanges at a time get each its own answer`() async throws {
        try await withServer({ .json(#""\#($0.path)""#) }) { server, transport in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        let response = try await transport.exchange(HTTPRequest(.get, server.baseURL + "/\(number)"))
                        #expect(response.body == Array(#""/\#(number)""#.utf8))
                    }
                }
                try await group.waitForAll()
            }
            #expect(server.requests.count == 300)
        }
    }

    @Test func `I12: no more connections are opened than allowed, and who waits for one keeps its deadline`()
        async throws
    {
        let configuration = TransportConfiguration(allowsPlainHTTP: true, connectionsMax: 3)
        try await withServer({ _ in [.hold] + .json("{}") }, configuration: configuration) { server, transport in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<9 {
                    group.addTask { try await transport.exchange(HTTPRequest(.get, server.baseURL + "/")).status }
                }
                await server.wait { $0.held == 3 }
                let late = HTTPRequest(
                    .get, server.baseURL + "/late",
                    deadlines: HTTPRequest.Deadlines(firstByte: .milliseconds(50), total: .milliseconds(50)))
                let error = await #expect(throws: TransportError.self) { try await transport.exchange(late) }
                #expect(error?.reason == .deadline)
                #expect(error?.mayHaveReachedServer == false)
                #expect(server.snapshot.openConnections == 3)
                server.release(9)
                for try await status in group { #expect(status == 200) }
            }
            #expect(server.requests.count == 9)
            #expect(Set(server.requests.map(\.connection)).count == 3)
        }
    }

    @Test func `R15: exchanges that hang do not hold up the others`() async throws {
        let script: ScriptedServer.Script = { $0.path == "/hang" ? [.hang] : .json("{}") }
        try await withServer(script) { server, transport in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<5 {
                    group.addTask { _ = try? await transport.exchange(HTTPRequest(.get, server.baseURL + "/hang")) }
                }
                await server.wait { $0.requests.count == 5 }
                for _ in 0..<100 {
                    let response = try await transport.exchange(HTTPRequest(.get, server.baseURL + "/well"))
                    #expect(response.status == 200)
                }
                group.cancelAll()
            }
        }
    }
}
