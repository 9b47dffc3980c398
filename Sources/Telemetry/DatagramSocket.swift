import Glibc

/// A datagram that could not be sent, or a socket that could not be made.
package struct DatagramError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The address of the receiver.
    package var path: String
    /// The system's error number.
    package var code: Int32

    package var description: String { "can't send to the socket \(path): \(String(cString: strerror(code)))" }
}

/// Sends datagrams to one Unix address: the journal's, or the one systemd listens on for notifications.
///
/// Not connected, so that a receiver that is restarted under the same path is found again. A send waits for at most
/// a second.
package struct DatagramSocket: ~Copyable, Sendable {
    private let descriptor: Int32
    private let address: sockaddr_un
    private let addressLength: socklen_t
    private let path: String

    /// A socket that sends to `path`; a leading `@` means an abstract address, as systemd writes it.
    package init(to path: String) throws(DatagramError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        let isAbstract = bytes.first == UInt8(ascii: "@")
        if isAbstract { bytes[0] = 0 }
        // A path ends with a NUL; an abstract address is as long as it is.
        let room = MemoryLayout.size(ofValue: address.sun_path) - (isAbstract ? 0 : 1)
        guard !bytes.isEmpty, bytes.count <= room else { throw DatagramError(path: path, code: ENAMETOOLONG) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }

        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw DatagramError(path: path, code: errno) }
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))

        self.descriptor = descriptor
        self.address = address
        self.path = path
        addressLength = socklen_t(
            MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1))
    }

    deinit { close(descriptor) }

    /// Sends one datagram, whole or not at all; at once, or within a second when it `mayWait`.
    package func send(_ bytes: [UInt8], mayWait: Bool = true) throws(DatagramError) {
        let flags = Int32(MSG_NOSIGNAL) | (mayWait ? 0 : Int32(MSG_DONTWAIT))
        var address = address
        let sent = withUnsafePointer(to: &address) { pointer in
            // SAFETY: sockets take every family of address as a `sockaddr`, and are told its length.
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                sendto(descriptor, bytes, bytes.count, flags, generic, addressLength)
            }
        }
        guard sent == bytes.count else { throw DatagramError(path: path, code: sent < 0 ? errno : EMSGSIZE) }
    }
}
