import JSON
import NIOCore

@testable import Daemon

extension FuzzTarget {
    static let control = [
        FuzzTarget("control-line", "lines are the same however they arrive, and messages are written as they were read")
        {
            input in
            let whole = lines(of: [input])
            let size = Int(input.first ?? 1) % 7 + 1
            let pieces = stride(from: 0, to: input.count, by: size).map {
                Array(input[$0..<min($0 + size, input.count)])
            }
            let parted = lines(of: pieces)
            try require(
                parted.map { $0 == whole } ?? (whole == nil) || input.count > bytesMax, "pieces make other lines")
            for line in whole ?? [] {
                try require(line.count <= bytesMax && !line.contains(0x0A), "a line of \(line.count) bytes")
                guard let json = try? JSONReader.read(line) else { continue }
                if let request = try? ControlRequest(json: json) {
                    try require(request.json == json || hasNull(json), "\(request) is another message")
                    try require(try ControlRequest(json: request.json) == request, "\(request) is read otherwise")
                    var extended = json.object ?? JSONObject()
                    try require(extended.insertNew("unknown", true), "an unknown member was taken")
                    let isTaken = (try? ControlRequest(json: .object(extended))) != nil
                    try require(!isTaken, "an unknown member is taken")
                }
                if let reply = try? ControlReply(json: json) {
                    try require(try ControlReply(json: reply.json) == reply, "\(reply) is read otherwise")
                }
            }
        }
    ]

    private static let bytesMax = 256

    /// Nil when a line was too long.
    private static func lines(of pieces: [[UInt8]]) -> [[UInt8]]? {
        var reader = ControlLine(bytesMax: bytesMax)
        var lines: [[UInt8]] = []
        for piece in pieces {
            guard let found = try? reader.append(ByteBuffer(bytes: piece)) else { return nil }
            lines += found
        }
        return lines
    }

    /// Null stands for a member that is not there.
    private static func hasNull(_ json: JSONValue) -> Bool { json.object?.contains { $0.value.isNull } ?? false }
}
