import Bootstrap
import Daemon
import Foundation
import JSON
import NIOCore
import NIOPosix
import Synchronization
import Testing

@Suite struct HealthServerTests {
    private static let content = HealthServer.Content(
        unreadiness: { [] }, metrics: { "akua_gitops_build_info{version=\"1\"} 1\n" }, status: { ["sources": []] },
        page: { "<!doctype html><style nonce=\"\($0)\"></style>" })

    /// A running server's port, while `body` runs.
    private func serving(
        _ content: HealthServer.Content = HealthServerTests.content, lifetime: TimeAmount = .seconds(10),
        _ body: @escaping @Sendable (_ port: Int) async throws -> Void
    ) async throws {
        let listening = Signal<Int>()
        let server = HealthServer(
            address: ListenAddress(host: "127.0.0.1", port: 0), content: content,
            group: MultiThreadedEventLoopGroup.singleton, logger: quiet, connectionLifetime: lifetime,
            onListening: listening.send)
        try await running(server.run) { try await body(try await listening.next()) }
    }

    private func ask(_ port: Int, _ request: String) async throws -> (head: [String], body: String) {
        let connection = try RawConnection(port: port)
        connection.write("\(request) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let answer = try await connection.readToEnd()
        let parts = answer.components(separatedBy: "\r\n\r\n")
        return (parts[0].components(separatedBy: "\r\n"), parts.dropFirst().joined(separator: "\r\n\r\n"))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var request: String
        var status: String
        var contentType: String?
        var body: String
    }

    @Test(arguments: [
        Case(
            testDescription: "alive", request: "GET /healthz", status: "HTTP/1.1 200 OK",
            contentType: "text/plain; charset=utf-8", body: "alive\n"),
        Case(
            testDescription: "ready", request: "GET /readyz", status: "HTTP/1.1 200 OK",
            contentType: "application/json",
            body: "{\n  \"ready\": true,\n  \"reasons\": []\n}\n"),
        Case(
            testDescription: "metrics", request: "GET /metrics", status: "HTTP/1.1 200 OK",
            contentType: "text/plain; version=0.0.4; charset=utf-8", body: "akua_gitops_build_info{version=\"1\"} 1\n"),
        Case(
            testDescription: "status", request: "GET /v1/status", status: "HTTP/1.1 200 OK",
            contentType: "application/json", body: "{\n  \"sources\": []\n}\n"),
        Case(
            testDescription: "head", request: "HEAD /healthz", status: "HTTP/1.1 200 OK",
            contentType: "text/plain; charset=utf-8", body: ""),
        Case(testDescription: "no such page", request: "GET /v1/secrets", status: "HTTP/1.1 404 Not Found", body: ""),
        Case(testDescription: "nothing writes", request: "POST /v1/status", status: "HTTP/1.1 404 Not Found", body: ""),
        Case(
            testDescription: "no way out", request: "GET /../../etc/passwd", status: "HTTP/1.1 404 Not Found", body: ""),
    ])
    func `the server answers`(_ row: Case) async throws {
        try await serving { port in
            let (head, body) = try await ask(port, row.request)
            #expect(head.first == row.status)
            #expect(body == row.body)
            #expect(head.contains("Connection: close") && head.contains("Cache-Control: no-store"))
            if let contentType = row.contentType { #expect(head.contains("Content-Type: \(contentType)")) }
        }
    }

    @Test func `a daemon that is not ready says why`() async throws {
        var content = Self.content
        content.unreadiness = {
            [
                Unreadiness(source: "platform", reason: "not-reconciled", message: "no pass has ended yet"),
                Unreadiness(source: nil, reason: "journal", message: "the disk is full"),
            ]
        }
        try await serving(content) { port in
            let (head, body) = try await ask(port, "GET /readyz")
            #expect(head.first == "HTTP/1.1 503 Service Unavailable")
            #expect(
                try JSONReader.read(body) == [
                    "ready": false,
                    "reasons": [
                        ["source": "platform", "reason": "not-reconciled", "message": "no pass has ended yet"],
                        ["reason": "journal", "message": "the disk is full"],
                    ],
                ])
        }
    }

    @Test(arguments: [
        "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Big: \(String(repeating: "a", count: 20_000))\r\n\r\n",
        "GET /healthz HTTP/1.1\r\n\((0..<200).map { "X-\($0): 1\r\n" }.joined())\r\n", "\u{16}\u{3}\u{1}\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n",
    ])
    func `what is no proper request is refused`(_ request: String) async throws {
        try await serving { port in
            let connection = try RawConnection(port: port)
            connection.write(request)
            let answer = try await connection.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request") || answer.isEmpty)
            #expect(try await ask(port, "GET /healthz").body == "alive\n")
        }
    }

    @Test(arguments: ["", "GET /healthz HTTP/1.1\r\nHos", "POST /healthz HTTP/1.1\r\nContent-Length: 1000\r\n\r\nabc"])
    func `S9: a connection that does not come to an end is ended, and holds up nobody`(_ start: String) async throws {
        try await serving(lifetime: .seconds(2)) { port in
            let slow = try (0..<20).map { _ in try RawConnection(port: port) }
            for connection in slow { connection.write(start) }
            #expect(try await ask(port, "GET /healthz").body == "alive\n")
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for connection in slow { tasks.addTask { _ = try await connection.readToEnd() } }
                try await tasks.waitForAll()
            }
        }
    }

    @Test func `a taken port is an error that says what to do`() async throws {
        try await serving { port in
            let second = HealthServer(
                address: ListenAddress(host: "127.0.0.1", port: port), content: Self.content,
                group: MultiThreadedEventLoopGroup.singleton, logger: quiet)
            let error = await #expect(throws: ServerError.self) { try await second.run() }
            #expect(
                error?.description
                    == "can't listen on 127.0.0.1:\(port): Address already in use; choose another server.listen")
        }
    }
}
