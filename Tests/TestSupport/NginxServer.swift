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

    /// Where nginx and openssl are, or nil on a machine without them.
    package static var isInstalled: Bool { find("nginx") != nil && find("openssl") != nil }

    /// Starts a server.
    ///
    /// `certificate` holds arguments of `openssl x509` and `hosts` the subject alternative names; `server` and
    /// `location` go into these blocks of nginx's configuration.
    package init(
        hosts: String = "DNS:localhost,IP:127.0.0.1", certificate: [String] = ["-days", "2"], server: String = "",
        location: String = "return 200 '{}';"
    ) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "nginx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        caFile = directory.appending(path: "ca.pem").path
        try Self.makeCertificates(in: directory, hosts: hosts, certificate: certificate)
        var attempt = 0
        while true {
            attempt += 1
            let port = try Self.freePort()
            let process = try Self.start(in: directory, port: port, server: server, location: location)
            // The port may have been taken by another between the look and the start.
            guard Self.accepts(port, while: process) else {
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

    private static func makeCertificates(in directory: URL, hosts: String, certificate: [String]) throws {
        func path(_ name: String) -> String { directory.appending(path: name).path }
        let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        try openssl(
            ["req", "-x509"] + newKey + ["-subj", "/CN=test authority", "-days", "2", "-keyout", path("ca.key")]
                + ["-out", path("ca.pem")])
        try openssl(
            ["req"] + newKey + ["-subj", "/CN=test server", "-keyout", path("server.key"), "-out", path("server.csr")])
        try "subjectAltName=\(hosts)\n".write(toFile: path("server.ext"), atomically: true, encoding: .utf8)
        try openssl(
            ["x509", "-req", "-in", path("server.csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key")]
                + ["-CAcreateserial", "-extfile", path("server.ext"), "-out", path("server.pem")] + certificate)
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

    private static func accepts(_ port: Int, while process: Process) -> Bool {
        let start = ContinuousClock.now
        while process.isRunning, start.duration(to: .now) < .seconds(10) {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = in_port_t(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let isConnected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                    connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isConnected { return true }
            usleep(2_000)
        }
        return false
    }
}
