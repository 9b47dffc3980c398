import CurlTransport
import TestSupport
import Testing

@Suite struct CancellationTests {
    private let transport = HTTPTransport(TransportConfiguration(allowsPlainHTTP: true))

    @Test func `a cancelled exchange ends at once and leaves no connection`() async throws {
        let server = try ScriptedServer(always: [.hang])
        defer { server.stop() }
        let transport = transport
        let task = Task {
            await #expect(throws: TransportError.self) {
                try await transport.exchange(HTTPRequest(.post, server.baseURL + "/", body: [0x7B, 0x7D]))
            }
        }
        await server.wait { $0.requests.count == 1 }
        task.cancel()
        let error = await task.value
        #expect(error?.reason == .cancelled)
        #expect(error?.phase == .wait)
        #expect(error?.mayHaveReachedServer == true)
        await server.wait { $0.openConnections == 0 }
        await transport.shutdown()
    }

    @Test func `an exchange of a task that is cancelled already is not made`() async throws {
        let server = try ScriptedServer(always: [.hang])
        defer { server.stop() }
        let transport = transport
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await #expect(throws: TransportError.self) {
                try await transport.exchange(HTTPRequest(.get, server.baseURL + "/"))
            }
        }
        task.cancel()
        #expect(await task.value?.reason == .cancelled)
        await transport.shutdown()
    }

    @Test func `cancelling at any moment answers exactly once`() async throws {
        let server = try ScriptedServer(always: .json("{}"))
        defer { server.stop() }
        let transport = transport
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<300 {
                group.addTask {
                    let task = Task { () -> Bool in
                        do throws(TransportError) {
                            return try await transport.exchange(HTTPRequest(.get, server.baseURL + "/")).status == 200
                        } catch {
                            return error.reason == .cancelled
                        }
                    }
                    for _ in 0..<(number % 40) { await Task.yield() }
                    task.cancel()
                    #expect(await task.value)
                }
            }
        }
        // The transport is as good as new.
        #expect(try await transport.exchange(HTTPRequest(.get, server.baseURL + "/")).status == 200)
        await transport.shutdown()
    }

    @Test func `a shutdown ends what is on its way and refuses what comes after`() async throws {
        let server = try ScriptedServer(always: [.hang])
        defer { server.stop() }
        let transport = transport
        let exchanges = (0..<5).map { number in
            Task {
                await #expect(throws: TransportError.self) {
                    try await transport.exchange(HTTPRequest(.get, server.baseURL + "/\(number)"))
                }
            }
        }
        await server.wait { $0.requests.count == 5 }
        await transport.shutdown()
        for exchange in exchanges { #expect(await exchange.value?.reason == .shutDown) }
        await server.wait { $0.openConnections == 0 }
        let error = await #expect(throws: TransportError.self) {
            try await transport.exchange(HTTPRequest(.get, server.baseURL + "/"))
        }
        #expect(error?.reason == .shutDown)
        #expect(error?.mayHaveReachedServer == false)
        await transport.shutdown()
    }

    @Test func `a transport that nobody holds any more closes its connections by itself`() async throws {
        let server = try ScriptedServer(always: .json("{}"))
        defer { server.stop() }
        do {
            let own = HTTPTransport(TransportConfiguration(allowsPlainHTTP: true))
            #expect(try await own.exchange(HTTPRequest(.get, server.baseURL + "/")).status == 200)
            #expect(server.snapshot.openConnections == 1)
        }
        await server.wait { $0.openConnections == 0 }
    }
}
