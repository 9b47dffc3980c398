import Foundation

/// A real nginx on loopback with TLS and HTTP/2, and certificates made for it on the spot.
package final class NginxServer {
    package let port: Int
    /// The authority that signed the server's certificate, as a PEM file.
    package let caFile: String
    private let directory: URL
    private let process: Process

    /// What went wrong before the server could be used.
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    /// What the server's certificate is like.
    package struct Certificate: Sendable {
        /// The subject alternative names, as openssl's extension files spell them.
        package var names = "DNS:localhost,IP:127.0.0.1"
        /// One more line of the extension file.
        package var extensionLine = ""
        /// Arguments of `openssl req` that make the key.
        package var key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        /// Arguments of `openssl ca`.
        package var signing: [String] = []
        package var isSelfSigned = false

        package init() {}
    }

    /// Where nginx and openssl are, or nil on a machine without them.
    package static var isInstalled: Bool { find("nginx") != nil && find("openssl") != nil }

    /// Starts a server; `server` and `location` go into these blocks of nginx's configuration.
    package init(
        certificate: Certificate = Certificate(), server: String = "", location: String = "return 200 '{}';"
    ) async throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "nginx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        caFile = directory.appending(path: "ca.pem").path
        try Self.makeCertificates(in: directory, certificate)
        var attempt = 0
        while true {
            attempt += 1
            let port = try Self.freePort()
            let process = try Self.start(in: directory, port: port, server: server, location: location)
            var isListening = false
            try await wait(for: "nginx on port \(port)") {
                isListening = Self.accepts(port)
                return isListening || !process.isRunning
            }
            // The port may have been taken by another between the look and the start.
            guard isListening else {
                guard attempt < 5 else { throw Failure(description: "nginx does not start: \(Self.log(directory))") }
                continue
            }
            self.port = port
            self.process = process
            return
        }
    }

    package var baseURL: String { "https://localhost:\(port)" }

    /// One line for each request: method, path, protocol and the header `X-Number`.
    package func accessLog() -> [String] {
        let text = (try? String(contentsOf: directory.appending(path: "access.log"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    /// Ends the server and removes its files.
    package func stop() {
        // A child inherits the blocked signals of whatever thread started it: only this one always gets through.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: directory)  // What is left in the temporary folder harms nobody.
    }

    private static func start(in directory: URL, port: Int, server: String, location: String) throws -> Process {
        let text = """
            daemon off; master_process off; pid \(directory.path)/nginx.pid; error_log \(directory.path)/error.log;
            events { worker_connections 1024; }
            http {
                log_format one '$request_method $uri $server_protocol $http_x_number';
                access_log \(directory.path)/access.log one;
                client_body_temp_path \(directory.path)/body; proxy_temp_path \(directory.path)/proxy;
                fastcgi_temp_path \(directory.path)/fastcgi; uwsgi_temp_path \(directory.path)/uwsgi;
                scgi_temp_path \(directory.path)/scgi;
                default_type application/json;
                server {
                    listen 127.0.0.1:\(port) ssl http2;
                    ssl_certificate \(directory.path)/server.pem; ssl_certificate_key \(directory.path)/server.key;
                    \(server)
                    location / { \(location) }
                }
            }
            """
        let file = directory.appending(path: "nginx.conf")
        try text.write(to: file, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = find("nginx")
        process.arguments = ["-c", file.path, "-e", directory.appending(path: "error.log").path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private static func makeCertificates(in directory: URL, _ certificate: Certificate) throws {
        func path(_ name: String) -> String { directory.appending(path: name).path }
        func write(_ text: String, _ name: String) throws {
            try text.write(toFile: path(name), atomically: true, encoding: .utf8)
        }
        try openssl(
            ["req", "-x509", "-nodes"] + Certificate().key + ["-subj", "/CN=test authority", "-days", "2"]
                + ["-keyout", path("ca.key"), "-out", path("ca.pem")])
        try openssl(
            ["req", "-nodes"] + certificate.key + ["-subj", "/CN=test server"]
                + ["-keyout", path("server.key"), "-out", path("server.csr")])
        try write("subjectAltName=\(certificate.names)\n\(certificate.extensionLine)\n", "server.ext")
        try write("", "index.txt")
        try write(
            """
            [ca]
            default_ca = authority
            [authority]
            new_certs_dir = \(directory.path)
            database = \(path("index.txt"))
            rand_serial = yes
            default_md = sha256
            default_days = 2
            policy = any
            [any]
            commonName = supplied

            """, "ca.cnf")
        let signer =
            certificate.isSelfSigned
            ? ["-selfsign", "-keyfile", path("server.key")] : ["-cert", path("ca.pem"), "-keyfile", path("ca.key")]
        try openssl(
            ["ca", "-batch", "-notext", "-config", path("ca.cnf"), "-in", path("server.csr")] + signer
                + ["-extfile", path("server.ext"), "-out", path("server.pem")] + certificate.signing)
    }

    private static func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = find("openssl")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(
                description: "openssl \(arguments.joined(separator: " ")) ended with \(process.terminationStatus)")
        }
    }

    private static func find(_ program: String) -> URL? {
        ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"].map { URL(fileURLWithPath: "\($0)/\(program)") }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    private static func log(_ directory: URL) -> String {
        (try? String(contentsOf: directory.appending(path: "error.log"), encoding: .utf8)) ?? "no log"
    }

    private static func freePort() throws -> Int {
        let server = try ScriptedServer(always: [.close])
        defer { server.stop() }
        return server.port
    }

    private static func accepts(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
