import CurlTransport
import TestSupport
import Testing

/// Connections end in the course of things: that costs no error, and no request that must not be repeated is sent twice.
@Suite struct ConnectionEndTests {
    struct Case: CustomTestStringConvertible {
        var lanes: Int
        var requestsPerLane: Int
        var allowsHTTP2 = true
        /// Requests that must not be repeated: one in this many, or none.
        var singleOneIn: Int?

        var testDescription: String {
            "\(allowsHTTP2 ? "HTTP/2" : "HTTP/1.1"), \(lanes) at a time"
                + (singleOneIn.map { ", one in \($0) not to be repeated" } ?? "")
        }

        func isRepeatable(_ number: Int) -> Bool { singleOneIn.map { number % $0 != 0 } ?? true }
    }

    @Test(
        .enabled(if: NginxServer.isInstalled, "nginx and openssl are needed, and are not installed"),
        arguments: [
            Case(lanes: 1, requestsPerLane: 1_000), Case(lanes: 8, requestsPerLane: 300),
            Case(lanes: 64, requestsPerLane: 30), Case(lanes: 8, requestsPerLane: 150, singleOneIn: 3),
            Case(lanes: 64, requestsPerLane: 15, singleOneIn: 2),
            Case(lanes: 1, requestsPerLane: 500, allowsHTTP2: false),
            Case(lanes: 8, requestsPerLane: 200, allowsHTTP2: false, singleOneIn: 3),
        ])
    func `a server that retires connections costs no error, no repetition and no answer of another's`(
        _ row: Case
    ) async throws {
        // nginx says GOAWAY with the third request on a connection, and passes over what is already on its way.
        let server = try await NginxServer(server: "keepalive_requests 3;", location: "return 200 $http_x_number;")
        defer { server.stop() }
        let transport = HTTPTransport(
            TransportConfiguration(caFile: server.caFile, allowsHTTP2: row.allowsHTTP2))
        let url = server.baseURL
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<row.lanes {
                group.addTask {
                    for number in 0..<row.requestsPerLane {
                        let mark = "\(lane)-\(number)"
                        let request = Self.post(url, mark, isRepeatable: row.isRepeatable(number))
                        let response = try await transport.exchange(request)
                        #expect(response.status == 200)
                        #expect(String(decoding: response.body, as: UTF8.self) == mark)
                    }
                }
            }
            try await group.waitForAll()
        }
        _ = try await transport.exchange(Self.post(url, "end", isRepeatable: true))
        let marks = try await Self.marks(of: server, upTo: "end")
        #expect(marks.count == row.lanes * row.requestsPerLane)
        #expect(Set(marks).count == marks.count)
        await transport.shutdown()
    }

    private static func post(_ url: String, _ mark: String, isRepeatable: Bool) -> HTTPRequest {
        var headers = HTTPHeaders()
        headers.append("X-Number", mark)
        return HTTPRequest(.post, url + "/", headers: headers, body: Array("{}".utf8), isRepeatable: isRepeatable)
    }

    /// The marks of all requests before the last one, whose line comes after all others.
    private static func marks(of server: NginxServer, upTo last: String) async throws -> [String] {
        var marks: [String] = []
        try await wait(for: "the last request in nginx's log") {
            marks = server.accessLog().compactMap { $0.split(separator: " ").last.map(String.init) }
            return marks.last == last
        }
        return marks.dropLast()
    }

    @Test func `what must not be repeated is sent once, whatever ends around it`() async throws {
        // Reads are answered and leave connections to be kept; a write ends its connection without a word.
        let server = try ScriptedServer { $0.method == "GET" ? .json("{}") : [.close] }
        defer { server.stop() }
        let transport = HTTPTransport(TransportConfiguration(allowsPlainHTTP: true))
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let url = server.baseURL + "/\(number)"
                    await #expect(throws: Never.self) { try await transport.exchange(HTTPRequest(.get, url)) }
                    let write = HTTPRequest(.post, url, body: [], isRepeatable: number.isMultiple(of: 2))
                    let error = await #expect(throws: TransportError.self) { try await transport.exchange(write) }
                    #expect(error?.reason == .broken)
                    #expect(error?.mayHaveReachedServer == true)
                }
            }
        }
        let writes = Dictionary(grouping: server.requests.filter { $0.method == "POST" }, by: \.path)
        #expect(writes.count == 200)
        for (path, requests) in writes {
            let isRepeatable = Int(path.dropFirst())?.isMultiple(of: 2) == true
            #expect(requests.count <= (isRepeatable ? 2 : 1), "\(path)")
        }
        await transport.shutdown()
    }

    @Test func `what may be repeated goes out a second time when a kept connection is dead, and no third time`()
        async throws
    {
        let server = try ScriptedServer { $0.method == "GET" ? .json("{}") : [.close] }
        defer { server.stop() }
        let transport = HTTPTransport(TransportConfiguration(allowsPlainHTTP: true))
        for isRepeatable in [true, false] {
            _ = try await transport.exchange(HTTPRequest(.get, server.baseURL + "/"))
            let before = server.requests.count
            let write = HTTPRequest(.post, server.baseURL + "/", body: Array("{}".utf8), isRepeatable: isRepeatable)
            let error = await #expect(throws: TransportError.self) { try await transport.exchange(write) }
            #expect(error?.mayHaveReachedServer == true)
            #expect(error?.detail.contains("callback") == false)
            #expect(server.requests.count - before == (isRepeatable ? 2 : 1))
        }
        await transport.shutdown()
    }

    @Test func `a connection made for the request is no excuse: its end is an error at once`() async throws {
        let server = try ScriptedServer(always: [.close])
        defer { server.stop() }
        let transport = HTTPTransport(TransportConfiguration(allowsPlainHTTP: true))
        await #expect(throws: TransportError.self) {
            try await transport.exchange(HTTPRequest(.get, server.baseURL + "/"))
        }
        #expect(server.requests.count == 1)
        await transport.shutdown()
    }

    @Test func `an answer that has begun is not asked for again`() async throws {
        let cut: [ScriptedServer.Step] = .raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{") + [.close]
        let server = try ScriptedServer { $0.number == 1 ? .json("{}") : cut }
        defer { server.stop() }
        let transport = HTTPTransport(TransportConfiguration(allowsPlainHTTP: true))
        _ = try await transport.exchange(HTTPRequest(.get, server.baseURL + "/"))
        let error = await #expect(throws: TransportError.self) {
            try await transport.exchange(HTTPRequest(.get, server.baseURL + "/"))
        }
        #expect(error?.phase == .receive)
        #expect(server.requests.count == 2)
        #expect(Set(server.requests.map(\.connection)) == [1])
        await transport.shutdown()
    }

    @Test func `a request alone has a connection that nobody else uses, before, beside or after it`() async throws {
        let server = try ScriptedServer(always: .json("{}"))
        defer { server.stop() }
        let transport = HTTPTransport(TransportConfiguration(allowsPlainHTTP: true))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<60 {
                group.addTask {
                    let path = number.isMultiple(of: 3) ? "/alone" : "/shared"
                    let response = try await transport.exchange(
                        HTTPRequest(.get, server.baseURL + path, isRepeatable: path == "/shared"))
                    if path == "/alone" { #expect(response.connectionsOpened == 1) }
                }
            }
            try await group.waitForAll()
        }
        let byConnection = Dictionary(grouping: server.requests, by: \.connection)
        for requests in byConnection.values where requests.contains(where: { $0.path == "/alone" }) {
            #expect(requests.count == 1)
        }
        await transport.shutdown()
        await server.wait { $0.openConnections == 0 }
    }

    @Test func `a connection made for one request alone is closed after it`() async throws {
        let server = try ScriptedServer(always: .json("{}"))
        defer { server.stop() }
        let transport = HTTPTransport(TransportConfiguration(allowsPlainHTTP: true))
        _ = try await transport.exchange(HTTPRequest(.get, server.baseURL + "/", isRepeatable: false))
        await server.wait { $0.openConnections == 0 }
        await transport.shutdown()
    }

    @Test func `I12: requests alone have their own bound of connections`() async throws {
        let server = try ScriptedServer(always: [.hold] + .json("{}"))
        defer { server.stop() }
        let transport = HTTPTransport(TransportConfiguration(allowsPlainHTTP: true, aloneConnectionsMax: 2))
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    try await transport.exchange(HTTPRequest(.get, server.baseURL + "/", isRepeatable: false)).status
                }
            }
            for answered in 0..<6 {
                await server.wait { $0.held > 0 && $0.requests.count >= min(answered + 2, 6) }
                #expect(server.snapshot.held <= 2)
                server.release()
            }
            for try await status in group { #expect(status == 200) }
        }
        #expect(server.requests.count == 6)
        await transport.shutdown()
    }
}
