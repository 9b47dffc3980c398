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
        // Cut in one go: taking each line off the front by itself would move all that follows, once a line.
        var lines = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        rest = Array(lines.popLast() ?? [])
        guard rest.count <= bytesMax, lines.allSatisfy({ $0.count <= bytesMax }) else { throw TooLong() }
        return lines.map(Array.init)
    }

    /// A message as its line.
    static func buffer(_ message: JSONValue) -> ByteBuffer {
        ByteBuffer(bytes: JSONWriter().bytes(of: message) + [UInt8(ascii: "\n")])
    }
}
