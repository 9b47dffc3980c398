import GitPlumbing
import Glibc

/// Where the request comes from.
enum StandardInput {
    /// Everything up to the end of the stream.
    static func readAll(bytesMax: Int) throws(MalformedMessage) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: bytesMax)
        var count = 0
        while count < bytesMax {
            let received = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(STDIN_FILENO, buffer.baseAddress?.advanced(by: count), bytesMax - count)
            }
            if received < 0, errno == EINTR { continue }
            guard received >= 0 else { throw MalformedMessage(problem: "the request can't be read") }
            if received == 0 {
                bytes.removeLast(bytesMax - count)
                return bytes
            }
            count += received
        }
        throw MalformedMessage(problem: "the request is longer than \(bytesMax) bytes")
    }
}

/// Where the report goes.
enum StandardOutput {
    /// Writes all of it; if the reader is gone there is no one left to tell.
    static func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}
