import Bootstrap
import Daemon
import Foundation
import JSON
import NIOPosix
import Synchronization
import Telemetry
import Testing

/// A folder of its own, with a short path as sockets need it; gone with the value.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = "/tmp/akua-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Runs something that goes on until cancelled beside `body`, and ends it with `body`.
func running<Result: Sendable>(
    _ service: @escaping @Sendable () async throws -> Void, during body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { tasks in
        tasks.addTask {
            try await service()
            return nil
        }
        tasks.addTask { try await body() }
        while let finished = try await tasks.next() {
            guard let result = finished else { continue }
            tasks.cancelAll()
            return result
        }
        throw CancellationError()
    }
}

/// A value that one task waits for and another sets.
final class Signal<Value: Sendable>: Sendable {
    private let stream: AsyncStream<Value>
    private let continuation: AsyncStream<Value>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .unbounded) }

    func send(_ value: Value) { continuation.yield(value) }

    func next() async throws -> Value {
        for await value in stream { return value }
        throw CancellationError()
    }
}

/// Keeps what a handler was asked, to be looked at after.
final class Recorder<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    func append(_ value: Value) { values.withLock { $0.append(value) } }
    var all: [Value] { values.withLock { $0 } }
}

/// A TCP connection without any library between the test and the bytes; blocking calls stay on a thread of their own.
struct RawConnection: Sendable {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    func write(_ text: String) { _ = send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) }

    /// Everything until the other side closes, then closes this one; throws when the other side does not within 30 s.
    func readToEnd() async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread {
                var bytes: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 4_096)
                var count = 0
                repeat {
                    count = recv(descriptor, &buffer, buffer.count, 0)
                    bytes += buffer.prefix(max(0, count))
                } while count > 0
                let isTimeout = count < 0 && errno == EAGAIN
                close(descriptor)
                if isTimeout {
                    continuation.resume(throwing: POSIXError(.ETIMEDOUT))
                } else {
                    continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
                }
            }.start()
        }
    }
}

let quiet = Telemetry.Logger(
    writingTo: LogOutput(format: TextLogFormat(), sink: DescriptorSink.standardError()), level: .critical)
