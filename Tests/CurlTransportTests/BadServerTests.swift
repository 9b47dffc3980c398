import CurlTransport
import TestSupport
import Testing

@Suite struct BadServerTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var steps: [ScriptedServer.Step]
        var reason: TransportError.Reason
        var phase: TransportError.Phase
        var deadlines = HTTPRequest.Deadlines(firstByte: .seconds(20), total: .seconds(20))
        var testDescription: String { name }

        init(
            _ name: String, _ steps: [ScriptedServer.Step], _ reason: TransportError.Reason,
            _ phase: TransportError.Phase
        ) {
            self.name = name
            self.steps = steps
            self.reason = reason
            self.phase = phase
        }

        func within(firstByte: Duration, total: Duration) -> Case {
            var copy = self
            copy.deadlines = HTTPRequest.Deadlines(firstByte: firstByte, total: total)
            return copy
        }
    }

    private static let bytesMax = 100_000
    private static let head = "HTTP/1.1 200 OK\r\n"
    private static let hasty = Duration.milliseconds(200)

    @Test(arguments: [
        Case("closes without an answer", [.close], .broken, .wait),
        Case("resets without an answer", [.reset], .broken, .wait),
        Case("speaks no HTTP", .raw("SSH-2.0-OpenSSH_9.2\r\n") + [.close], .broken, .wait),
        Case("sends half a status line", .raw("HTTP/1.") + [.close], .broken, .wait),
        Case("closes in the headers", .raw(head + "Content-Len") + [.close], .broken, .receive),
        Case(
            "sends less than it announced", .raw(head + "Content-Length: 10\r\n\r\nabc") + [.close], .broken, .receive),
        Case("resets in the body", .raw(head + "Content-Length: 10\r\n\r\nabc") + [.reset], .broken, .receive),
        Case(
            "ends a chunked body early", .raw(head + "Transfer-Encoding: chunked\r\n\r\n5\r\nab") + [.close], .broken,
            .receive),
        Case(
            "breaks the chunk size", .raw(head + "Transfer-Encoding: chunked\r\n\r\nzz\r\nab") + [.close], .broken,
            .receive),
        Case(
            "announces 10 GB", .raw(head + "Content-Length: 10000000000\r\n\r\n") + [.hang],
            .tooLarge(bytesMax: bytesMax), .receive),
        Case(
            "sends a body without end", .raw(head + "\r\n") + [.endless([UInt8](repeating: 0x20, count: 8_192))],
            .tooLarge(bytesMax: bytesMax), .receive),
        Case(
            "sends chunks without end",
            .raw(head + "Transfer-Encoding: chunked\r\n\r\n") + [.endless(Array("4\r\nabcd\r\n".utf8))],
            .tooLarge(bytesMax: bytesMax), .receive),
        Case(
            "sends headers without end", .raw(head) + [.endless(Array("X-More: and more and more and more\r\n".utf8))],
            .tooLarge(bytesMax: 65_536), .receive),
        Case("never answers", [.hang], .deadline, .wait).within(firstByte: hasty, total: .seconds(20)),
        Case("begins and never ends", .raw(head + "Content-Length: 10\r\n\r\nabc") + [.hang], .deadline, .receive)
            .within(firstByte: hasty, total: hasty),
        Case(
            "sends one header byte at a time", [.drip(Array(head.utf8), interval: .milliseconds(30))], .deadline, .wait
        )
        .within(firstByte: hasty, total: .seconds(20)),
        Case(
            "sends one body byte at a time",
            .raw(head + "Content-Length: 10000\r\n\r\n")
                + [.drip([UInt8](repeating: 0x20, count: 10_000), interval: .milliseconds(30))],
            .deadline, .receive
        ).within(firstByte: hasty, total: hasty),
        Case(
            "sends interim answers without end", [.endless(Array("HTTP/1.1 102 Wait\r\n\r\n".utf8))],
            .tooLarge(bytesMax: 65_536), .receive),
    ])
    func `R15 R17: a server that misbehaves costs one error that says how`(_ row: Case) async throws {
        let server = try ScriptedServer(always: row.steps)
        defer { server.stop() }
        let transport = HTTPTransport(TransportConfiguration(allowsPlainHTTP: true))
        let request = HTTPRequest(
            .post, server.baseURL + "/", body: Array("{}".utf8), deadlines: row.deadlines,
            answerBytesMax: Self.bytesMax)
        let started = ContinuousClock.now
        let error = await #expect(throws: TransportError.self) { try await transport.exchange(request) }
        #expect(error?.reason == row.reason, "\(error.map(String.init(describing:)) ?? "")")
        #expect(error?.phase == row.phase)
        #expect(error?.mayHaveReachedServer == true)
        #expect(server.requests.count == 1)
        // Generous, since the machine may be busy: a deadline that does not work would never end.
        #expect(started.duration(to: .now) < min(row.deadlines.firstByte, row.deadlines.total) + .seconds(15))
        await server.wait { $0.openConnections == 0 }
        await transport.shutdown()
    }

    @Test func `a server that is not there is a failure to connect, and nothing was sent`() async throws {
        let server = try ScriptedServer(always: [.close])
        let url = server.baseURL + "/"
        server.stop()
        let transport = HTTPTransport(TransportConfiguration(allowsPlainHTTP: true))
        let error = await #expect(throws: TransportError.self) {
            // The listener may take one more connection while it closes.
            while true { _ = try await transport.exchange(HTTPRequest(.get, url)) }
        }
        #expect(error?.isPassing == true)
        await transport.shutdown()
    }

    @Test func `a host that has no address is a failure to look it up`() async {
        let transport = HTTPTransport()
        let error = await #expect(throws: TransportError.self) {
            try await transport.exchange(HTTPRequest(.get, "https://nowhere.invalid/"))
        }
        #expect(error?.phase == .resolve)
        #expect(error?.reason == .broken || error?.reason == .deadline)
        #expect(error?.mayHaveReachedServer == false)
        #expect(error?.description.contains("looking up the host failed") == true)
        await transport.shutdown()
    }

    @Test func `an announced length that is too short cuts the answer, and the rest is not taken for another`()
        async throws
    {
        let raw = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nforged!"
        let server = try ScriptedServer { $0.number == 1 ? .raw(raw) : .json(#"{"n":2}"#) }
        defer { server.stop() }
        let transport = HTTPTransport(TransportConfiguration(allowsPlainHTTP: true))
        #expect(try await transport.exchange(HTTPRequest(.get, server.baseURL + "/")).body == Array("{}".utf8))
        #expect(try await transport.exchange(HTTPRequest(.get, server.baseURL + "/")).body == Array(#"{"n":2}"#.utf8))
        await transport.shutdown()
    }

    @Test func `R15: a server that never gets to agree on TLS is given up, and nothing was sent`() async throws {
        let server = try ScriptedServer(always: [.hang])
        defer { server.stop() }
        let transport = HTTPTransport()
        for isRepeatable in [true, false] {
            let request = HTTPRequest(
                .get, "https://127.0.0.1:\(server.port)/",
                deadlines: HTTPRequest.Deadlines(connect: Self.hasty, firstByte: .seconds(60), total: .seconds(60)),
                isRepeatable: isRepeatable)
            let started = ContinuousClock.now
            let error = await #expect(throws: TransportError.self) { try await transport.exchange(request) }
            #expect(error?.reason == .deadline)
            // To libcurl a connection stands when TLS does.
            #expect(error?.phase == .connect)
            #expect(error?.mayHaveReachedServer == false)
            #expect(started.duration(to: .now) < .seconds(15))
        }
        await transport.shutdown()
    }
}
