import CurlTransport
import TestSupport
import Testing

@Suite(.enabled(if: NginxServer.isInstalled, "nginx and openssl are needed for TLS and HTTP/2, and are not installed"))
struct TLSTests {
    private func status(_ server: NginxServer, caFile: String?, url: String? = nil) async throws -> Int {
        let transport = HTTPTransport(TransportConfiguration(caFile: caFile))
        do {
            let response = try await transport.exchange(HTTPRequest(.get, (url ?? server.baseURL) + "/"))
            await transport.shutdown()
            return response.status
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    @Test func `P12: sixty-four exchanges at a time share one HTTP/2 connection`() async throws {
        let server = try NginxServer()
        defer { server.stop() }
        let transport = HTTPTransport(TransportConfiguration(caFile: server.caFile))
        let url = server.baseURL
        let opened = try await withThrowingTaskGroup(of: HTTPResponse.self) { group in
            for number in 0..<64 {
                group.addTask { try await transport.exchange(HTTPRequest(.get, url + "/\(number)")) }
            }
            return try await group.reduce(into: 0) { opened, response in
                #expect(response.status == 200)
                #expect(response.majorVersion == 2)
                opened += response.connectionsOpened
            }
        }
        #expect(opened == 1)
        await transport.shutdown()
    }

    @Test func `HTTP/2 can be left out`() async throws {
        let server = try NginxServer()
        defer { server.stop() }
        let transport = HTTPTransport(TransportConfiguration(caFile: server.caFile, allowsHTTP2: false))
        #expect(try await transport.exchange(HTTPRequest(.get, server.baseURL + "/")).majorVersion == 1)
        await transport.shutdown()
    }

    @Test func `connections that the server retires are replaced without an error and without a repetition`()
        async throws
    {
        let server = try NginxServer(server: "keepalive_requests 3;")
        defer { server.stop() }
        let transport = HTTPTransport(TransportConfiguration(caFile: server.caFile))
        let url = server.baseURL
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<8 {
                group.addTask {
                    for number in 0..<40 {
                        var headers = HTTPHeaders()
                        headers.append("X-Number", "\(lane)-\(number)")
                        let request = HTTPRequest(.post, url + "/", headers: headers, body: Array("{}".utf8))
                        let status = try await transport.exchange(request).status
                        #expect(status == 200)
                    }
                }
            }
            try await group.waitForAll()
        }
        let numbers = server.accessLog().compactMap { $0.split(separator: " ").last }
        #expect(Set(numbers).count == 320)
        #expect(numbers.count == 320)
        await transport.shutdown()
    }

    @Test func `S3: the right certificate is taken, by name and by address`() async throws {
        let server = try NginxServer()
        defer { server.stop() }
        #expect(try await status(server, caFile: server.caFile) == 200)
        #expect(try await status(server, caFile: server.caFile, url: "https://127.0.0.1:\(server.port)") == 200)
    }

    struct Case: CustomTestStringConvertible {
        var name: String
        var hosts = "DNS:localhost,IP:127.0.0.1"
        var certificate = ["-days", "2"]
        var server = ""
        var hasOwnCA = true
        var testDescription: String { name }
    }

    @Test(arguments: [
        Case(name: "an authority that is not ours", hasOwnCA: false),
        Case(name: "another host's name", hosts: "DNS:example.com"),
        Case(name: "a wildcard across a label", hosts: "DNS:*"),
        Case(name: "an expired certificate", certificate: ["-days", "-1"]),
        Case(name: "TLS 1.1 at most", server: "ssl_protocols TLSv1 TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;"),
    ])
    func `S3: a peer that can't be trusted is refused before a byte of the request leaves`(_ row: Case) async throws {
        let server = try NginxServer(hosts: row.hosts, certificate: row.certificate, server: row.server)
        defer { server.stop() }
        let error = await #expect(throws: TransportError.self) {
            try await status(server, caFile: row.hasOwnCA ? server.caFile : nil)
        }
        #expect(error?.reason == .untrusted, "\(error.map(String.init(describing:)) ?? "")")
        #expect(error?.phase == .handshake)
        #expect(error?.mayHaveReachedServer == false)
        #expect(error?.isPassing == false)
        #expect(server.accessLog().isEmpty)
    }

    @Test func `a CA file that is not there is said to be the trouble`() async throws {
        let server = try NginxServer()
        defer { server.stop() }
        let error = await #expect(throws: TransportError.self) {
            try await status(server, caFile: "/nonexistent/ca.pem")
        }
        #expect(error?.reason == .untrusted)
        #expect(error?.mayHaveReachedServer == false)
        #expect(error?.detail.contains("/nonexistent/ca.pem") == true)
    }
}
