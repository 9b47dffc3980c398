import Foundation

/// A Unix datagram socket that something under test sends to: the journal's place, or systemd's.
package final class DatagramReceiver: Sendable {
    /// Where it listens; an abstract address begins with `@`.
    package let path: String
    private let descriptor: Int32

    /// Binds a path of its own in the temporary folder, or an abstract address.
    package init(abstract isAbstract: Bool = false) throws {
        let name = "akua-\(UUID().uuidString.prefix(8)).sock"
        path = isAbstract ? "@\(name)" : FileManager.default.temporaryDirectory.appending(path: name).path
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array((isAbstract ? "\0\(name)" : path).utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1))

        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard bound == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        // A message that never comes fails the test instead of hanging it.
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
        if !path.hasPrefix("@") { unlink(path) }
    }

    /// The next datagram, or nil when none comes within ten seconds.
    package func next() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count < 0 ? nil : Array(buffer.prefix(count))
    }

    /// The next datagram as text.
    package func nextText() -> String? { next().map { String(decoding: $0, as: UTF8.self) } }
}
