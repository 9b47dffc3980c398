/// The bytes of a YAML text before they are parsed: the right encoding, allowed characters, no more than the limits.
///
/// Done ahead of libyaml because its reader runs ahead of its scanner and so can't name the place, and because it
/// takes NEL, LS and PS for line breaks (as YAML 1.1 did) and would change a value that holds one.
struct YAMLText {
    /// Lines that begin with `%`: libyaml compares each tag directive with all before it.
    static let directivesMax = 100

    let bytes: [UInt8]
    /// Where the text begins, behind a byte order mark.
    let start: Int

    init(_ bytes: [UInt8], bytesMax: Int) throws(YAMLError) {
        let first = YAMLMark(line: 1, column: 1)
        guard bytes.count <= bytesMax else {
            throw YAMLError(
                .limit, at: first, "the file has \(bytes.count) bytes, more than the \(bytesMax) that are read")
        }
        if let name = Self.foreignEncoding(bytes.prefix(4)) {
            throw YAMLError(.encoding, at: first, "the file is encoded in \(name)", hint: "save it as UTF-8")
        }
        self.bytes = bytes
        start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw YAMLError(
                .encoding, at: mark(at: error.byteOffsets.lowerBound), "bytes that are no UTF-8",
                hint: "save the file as UTF-8")
        }
    }

    /// UTF-16 and UTF-32 by their byte order mark, or by the zero bytes that an ASCII character has in them.
    private static func foreignEncoding(_ bytes: ArraySlice<UInt8>) -> String? {
        switch (bytes.first, bytes.dropFirst().first, bytes.dropFirst(2).first, bytes.dropFirst(3).first) {
        case (0xFF, 0xFE, 0, 0), (0, 0, 0xFE, 0xFF), (0, 0, 0, .some), (.some, 0, 0, 0): "UTF-32"
        case (0xFF, 0xFE, _, _), (0xFE, 0xFF, _, _), (0, .some, _, _), (.some, 0, _, _): "UTF-16"
        default: nil
        }
    }

    /// Throws at the first character that a YAML text can't have, and at too many directives.
    func checkCharacters() throws(YAMLError) {
        var directives = 0
        let found: (offset: Int, scalar: UInt32)? = bytes.withUnsafeBufferPointer { bytes in
            for offset in bytes.indices {
                let byte = bytes[offset]
                if byte >= 0x20, byte < 0x7F {
                    if byte == UInt8(ascii: "%"), offset == 0 || bytes[offset - 1] == 0x0A { directives += 1 }
                    continue
                }
                if byte == 0x0A || byte == 0x09 || byte == 0x0D { continue }
                if let scalar = Self.forbidden(bytes, at: offset) { return (offset, scalar) }
            }
            return nil
        }
        if let found { throw Self.error(for: found.scalar, at: mark(at: found.offset)) }
        guard directives <= Self.directivesMax else {
            throw YAMLError(
                .limit, at: YAMLMark(line: 1, column: 1),
                "the file has \(directives) lines that begin with '%', more than the \(Self.directivesMax) allowed")
        }
    }

    /// The forbidden character that begins at `offset`, if one does.
    private static func forbidden(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int) -> UInt32? {
        switch bytes[offset] {
        case 0..<0x20, 0x7F: return UInt32(bytes[offset])
        // The lengths are safe: the text is valid UTF-8.
        case 0xC2 where bytes[offset + 1] < 0xA0: return UInt32(bytes[offset + 1])
        case 0xE2 where bytes[offset + 1] == 0x80 && (bytes[offset + 2] == 0xA8 || bytes[offset + 2] == 0xA9):
            return 0x2000 + UInt32(bytes[offset + 2]) - 0x80
        case 0xEF where bytes[offset + 1] == 0xBF && bytes[offset + 2] >= 0xBE:
            return 0xFFC0 + UInt32(bytes[offset + 2]) - 0x80
        default: return nil
        }
    }

    private static func error(for scalar: UInt32, at mark: YAMLMark) -> YAMLError {
        let hex = String(scalar, radix: 16, uppercase: true)
        let name = "U+" + String(repeating: "0", count: 4 - hex.count) + hex
        switch scalar {
        case 0x85, 0x2028, 0x2029:
            let digits = name.dropFirst(2)
            return YAMLError(
                .encoding, at: mark, "the line break character \(name)",
                hint: #"write it as "\u\#(digits)" in double quotes"#)
        default: return YAMLError(.encoding, at: mark, "the character \(name), which YAML does not allow")
        }
    }

    /// The place of a byte.
    func mark(at offset: Int) -> YAMLMark {
        let before = bytes[start..<max(start, min(offset, bytes.count))]
        let line = before.count { $0 == 0x0A } + 1
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? start
        // Every byte but the continuation bytes of UTF-8 begins a character.
        let column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
        return YAMLMark(line: line, column: column)
    }
}
