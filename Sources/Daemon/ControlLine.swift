import JSON
import NIOCore

/// Puts lines together from the pieces in which they arrive.
struct ControlLine {
    /// A line that has no end within the limit.
    struct TooLong: Error {}

    private let bytesMax: Int
    private var rest: [UInt8] = []

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// The lines that are complete with these bytes, without their newlines.
    mutating func append(_ buffer: ByteBuffer) throws -> [[UInt8]] {
        rest.append(contentsOf: buffer.readableBytesView)
        var lines: [[UInt8]] = []
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(Array(rest[..<end]))
            rest.removeSubrange(...end)
        }
        guard rest.count <= bytesMax, lines.allSatisfy({ $0.count <= bytesMax }) else { throw TooLong() }
        return lines
    }

    /// A message as its line.
    static func buffer(_ message: JSONValue) -> ByteBuffer {
        ByteBuffer(bytes: JSONWriter().bytes(of: message) + [UInt8(ascii: "\n")])
    }
}
