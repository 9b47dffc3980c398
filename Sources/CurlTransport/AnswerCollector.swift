/// Gathers the bytes of one answer as they arrive, within limits; filled by libcurl's callbacks on the curl thread.
final class AnswerCollector {
    /// Header lines together, interim answers included.
    static let headerBytesMax = 64 << 10

    private(set) var headers = HTTPHeaders()
    private(set) var body: [UInt8] = []
    private(set) var hasBegun = false
    /// Whether the empty line after the headers has come.
    private(set) var hasAllHeaders = false
    /// The limit that the answer went over, if any.
    private(set) var exceeded: Int?
    private let bodyBytesMax: Int
    private var headerBytes = 0

    init(bodyBytesMax: Int) { self.bodyBytesMax = bodyBytesMax }

    /// Takes one header line; false ends the transfer.
    func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        hasBegun = true
        headerBytes += line.count
        guard headerBytes <= Self.headerBytesMax else {
            exceeded = Self.headerBytesMax
            return false
        }
        // A status line begins the headers of the answer, or of another one after an interim answer.
        guard !line.starts(with: "HTTP/".utf8) else {
            headers = HTTPHeaders()
            hasAllHeaders = false
            return true
        }
        if line.allSatisfy(Self.isSpace) { hasAllHeaders = true }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return true }
        let name = String(decoding: line[..<colon], as: UTF8.self)
        let value = line[(colon + 1)...].drop(while: Self.isSpace)
        let end = value.lastIndex { !Self.isSpace($0) }.map { $0 + 1 } ?? value.startIndex
        headers.append(name, String(decoding: value[..<end], as: UTF8.self))
        return true
    }

    /// Takes the next bytes of the body; false ends the transfer.
    func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard body.count + bytes.count <= bodyBytesMax else {
            exceeded = bodyBytesMax
            return false
        }
        if body.isEmpty { body.reserveCapacity(expectedBytes) }
        body.append(contentsOf: bytes)
        return true
    }

    /// What the server announces, as far as it is believed before it has come.
    private var expectedBytes: Int { min(headers["content-length"].flatMap { Int($0) } ?? 0, bodyBytesMax, 1 << 20) }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
