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
        let server = try await NginxServer()
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
        let server = try await NginxServer()
        defer { server.stop() }
        let transport = HTTPTransport(TransportConfiguration(caFile: server.caFile, allowsHTTP2: false))
        #expect(try await transport.exchange(HTTPRequest(.get, server.baseURL + "/")).majorVersion == 1)
        await transport.shutdown()
    }

    @Test func `S3: the right certificate is taken, by name and by address`() async throws {
        let server = try await NginxServer()
        defer { server.stop() }
        #expect(try await status(server, caFile: server.caFile) == 200)
        #expect(try await status(server, caFile: server.caFile, url: "https://127.0.0.1:\(server.port)") == 200)
    }

    struct Case: CustomTestStringConvertible {
        var name: String
        var certificate = NginxServer.Certificate()
        var server = ""
        var host = "localhost"
        var hasOwnCA = true
        /// It may be the date that is wrong.
        var namesClock = false
        var testDescription: String { name }

        init(
            _ name: String, server: String = "", host: String = "localhost", hasOwnCA: Bool = true,
            namesClock: Bool = false, _ change: (inout NginxServer.Certificate) -> Void = { _ in }
        ) {
            self.name = name
            self.server = server
            self.host = host
            self.hasOwnCA = hasOwnCA
            self.namesClock = namesClock
            change(&certificate)
        }
    }

    /// Has nginx itself take what it would refuse.
    private static let lax = "ssl_ciphers ALL:@SECLEVEL=0;"

    @Test(arguments: [
        Case("an authority that is not ours", hasOwnCA: false),
        Case("a certificate signed by itself") { $0.isSelfSigned = true },
        Case("another host's name") { $0.names = "DNS:example.com" },
        Case("a wildcard across a label") { $0.names = "DNS:*" },
        Case("an address that is not in the certificate", host: "127.0.0.1") { $0.names = "DNS:localhost" },
        // localhost NUL .example.com
        Case("a name that goes on behind a NUL") {
            $0.names = "DER:30:18:82:16:6c:6f:63:61:6c:68:6f:73:74:00:2e:65:78:61:6d:70:6c:65:2e:63:6f:6d"
        },
        Case("an expired certificate", namesClock: true) {
            $0.signing = ["-startdate", "20200101000000Z", "-enddate", "20210101000000Z"]
        },
        Case("a certificate that is not yet valid", namesClock: true) {
            $0.signing = ["-startdate", "21200101000000Z", "-enddate", "21210101000000Z"]
        },
        Case("a certificate for clients") { $0.extensionLine = "extendedKeyUsage=clientAuth" },
        Case("a signature over SHA-1", server: lax) { $0.signing = ["-md", "sha1"] },
        Case("an RSA key of 1024 bits", server: lax) { $0.key = ["-newkey", "rsa:1024"] },
        Case("TLS 1.1 at most", server: "ssl_protocols TLSv1 TLSv1.1; \(lax)"),
        Case("a server that does not know the name", server: "ssl_reject_handshake on;"),
    ])
    func `S3 R14: a peer that can't be trusted is refused before a byte of the request leaves`(_ row: Case) async throws
    {
        let server = try await NginxServer(certificate: row.certificate, server: row.server)
        defer { server.stop() }
        let error = await #expect(throws: TransportError.self) {
            try await status(
                server, caFile: row.hasOwnCA ? server.caFile : nil, url: "https://\(row.host):\(server.port)")
        }
        #expect(error?.reason == .untrusted, "\(error.map(String.init(describing:)) ?? "")")
        #expect(error?.phase == .handshake)
        #expect(error?.mayHaveReachedServer == false)
        #expect(error?.isPassing == false)
        #expect(error?.detail.contains("clock") == row.namesClock, "\(error?.detail ?? "")")
        #expect(server.accessLog().isEmpty)
    }

    @Test func `a CA file that is not there is said to be the trouble`() async throws {
        let server = try await NginxServer()
        defer { server.stop() }
        let error = await #expect(throws: TransportError.self) {
            try await status(server, caFile: "/nonexistent/ca.pem")
        }
        #expect(error?.reason == .untrusted)
        #expect(error?.mayHaveReachedServer == false)
        #expect(error?.detail.contains("/nonexistent/ca.pem") == true)
    }
}
