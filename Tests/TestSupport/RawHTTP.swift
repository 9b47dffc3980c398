import Dispatch
import Foundation
package import JSON

/// An HTTP/1.1 client without any cleverness: one connection for each request, and what came is what is shown.
///
/// It blocks a thread of its own, never one of the concurrency pool, on which the emulator answers.
package struct RawHTTP: Sendable {
    /// What came before the connection ended.
    package struct Answer: Sendable {
        /// Nil when not even a status line came.
        package var status: Int?
        /// With lower-case names.
        package var headers: [(name: String, value: String)]
        package var body: [UInt8]

        package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

        /// Whether the body has the length that the head promised.
        package var isComplete: Bool { header("content-length").flatMap(Int.init) == body.count }

        /// The body as data; null when it is none.
        package var json: JSONValue { (try? JSONReader.read(body)) ?? .null }  // What is no JSON is null by contract.
    }

    /// A system call that failed.
    package struct SystemError: Error, CustomStringConvertible {
        package var call: String
        package var code: Int32
        package var description: String { "\(call) failed: \(String(cString: strerror(code)))" }
    }

    private let port: UInt16

    /// A client of a server on the loopback interface.
    package init(port: Int) { self.port = UInt16(port) }

    /// Sends a request and reads until the server closes the connection, for up to a minute.
    package func send(
        _ method: String, _ path: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil
    ) async throws -> Answer {
        var head = "\(method) \(path) HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "content-length: \(body.count)\r\n" }
        return try await exchange(Array("\(head)\r\n".utf8) + (body ?? []))
    }

    /// Sends these bytes and reads until the server closes the connection, for up to a minute.
    package func exchange(_ request: [UInt8]) async throws -> Answer {
        let received: [UInt8] = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try Self.exchange(request, port: port) })
            }
        }
        return Self.parse(received)
    }

    private static func exchange(_ request: [UInt8], port: UInt16) throws -> [UInt8] {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError(call: "socket", code: errno) }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafeBytes(of: &address) { bytes in
            connect(
                descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
        guard connected == 0 else { throw SystemError(call: "connect", code: errno) }
        var sent = 0
        while sent < request.count {
            let count = request[sent...].withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // A server that closes early may have answered already.
            guard count > 0 else { break }
            sent += count
        }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            // The end, or a connection that was reset: what came, came.
            guard count > 0 else { return received }
            received += buffer[..<count]
        }
    }

    private static func parse(_ bytes: [UInt8]) -> Answer {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
            return Answer(status: nil, headers: [], body: bytes)
        }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            return (line[..<colon].lowercased(), value)
        }
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return Answer(status: status, headers: headers, body: Array(bytes[end.upperBound...]))
    }
}
