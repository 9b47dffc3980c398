/// Reads one JSON text (RFC 8259) into a value, strictly and within limits.
///
/// Rejected although some readers take them: duplicate names, lone surrogates, bytes that are no UTF-8, a byte order
/// mark, anything after the value. Holds I12: depth, size and the number of values are bounded.
package struct JSONReader {
    /// How much is read before giving up.
    package struct Limits: Sendable {
        package var depthMax: Int
        package var bytesMax: Int
        /// Each costs memory however short its text is.
        package var valuesMax: Int

        package init(depthMax: Int = 128, bytesMax: Int = 64 << 20, valuesMax: Int = 1 << 20) {
            self.depthMax = depthMax
            self.bytesMax = bytesMax
            self.valuesMax = valuesMax
        }
    }

    /// Room for this many members is made at once.
    private static let membersUsual = 8

    private let limits: Limits
    private var position = 0
    private var depth = 0
    private var valueCount = 0
    /// Strings of some length that were read lately, by a hash of their bytes: members of lists repeat each other's names
    /// and ids, and then share them.
    private var recent: [String] = []

    /// The value that `bytes` spell.
    package static func read(_ bytes: [UInt8], limits: Limits = Limits()) throws(JSONSyntaxError) -> JSONValue {
        try read(bytes.span, limits: limits)
    }

    /// The value that `text` spells.
    package static func read(_ text: String, limits: Limits = Limits()) throws(JSONSyntaxError) -> JSONValue {
        try read(text.utf8.span, limits: limits)
    }

    /// The value that `bytes` spell.
    package static func read(_ bytes: Span<UInt8>, limits: Limits = Limits()) throws(JSONSyntaxError) -> JSONValue {
        var reader = JSONReader(limits: limits)
        guard bytes.count <= limits.bytesMax else { throw reader.error(.tooLarge(limit: limits.bytesMax), in: bytes) }
        reader.skipSpace(bytes)
        let value = try reader.readValue(bytes)
        reader.skipSpace(bytes)
        guard reader.position == bytes.count else { throw reader.error(.trailingBytes, in: bytes) }
        return value
    }

    private init(limits: Limits) { self.limits = limits }

    private mutating func readValue(_ bytes: Span<UInt8>) throws(JSONSyntaxError) -> JSONValue {
        guard valueCount < limits.valuesMax else { throw error(.tooManyValues(limit: limits.valuesMax), in: bytes) }
        valueCount += 1
        switch try peek(bytes) {
        case UInt8(ascii: "{"): return try readObject(bytes)
        case UInt8(ascii: "["): return try readArray(bytes)
        case UInt8(ascii: "\""): return .string(try readString(bytes))
        case UInt8(ascii: "t"): return try readWord("true", .bool(true), bytes)
        case UInt8(ascii: "f"): return try readWord("false", .bool(false), bytes)
        case UInt8(ascii: "n"): return try readWord("null", .null, bytes)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try readNumber(bytes))
        case let byte: throw error(.unexpectedByte(byte), in: bytes)
        }
    }

    private mutating func readObject(_ bytes: Span<UInt8>) throws(JSONSyntaxError) -> JSONValue {
        try enter(bytes)
        skipSpace(bytes)
        if try peek(bytes) == UInt8(ascii: "}") {
            leave()
            return .object(JSONObject())
        }
        var object = JSONObject(minimumCapacity: Self.membersUsual)
        while true {
            let start = position
            guard try peek(bytes) == UInt8(ascii: "\"") else { throw error(.unexpectedByte(bytes[start]), in: bytes) }
            let name = try readString(bytes)
            skipSpace(bytes)
            try expect(UInt8(ascii: ":"), bytes)
            skipSpace(bytes)
            let value = try readValue(bytes)
            guard object.insertNew(name, value) else { throw error(.duplicateName(name), in: bytes, at: start) }
            skipSpace(bytes)
            if try peek(bytes) == UInt8(ascii: "}") {
                leave()
                return .object(object)
            }
            try expect(UInt8(ascii: ","), bytes)
            skipSpace(bytes)
        }
    }

    private mutating func readArray(_ bytes: Span<UInt8>) throws(JSONSyntaxError) -> JSONValue {
        try enter(bytes)
        var items: [JSONValue] = []
        skipSpace(bytes)
        if try peek(bytes) == UInt8(ascii: "]") {
            leave()
            return .array(items)
        }
        while true {
            items.append(try readValue(bytes))
            skipSpace(bytes)
            if try peek(bytes) == UInt8(ascii: "]") {
                leave()
                return .array(items)
            }
            try expect(UInt8(ascii: ","), bytes)
            skipSpace(bytes)
        }
    }

    private mutating func enter(_ bytes: Span<UInt8>) throws(JSONSyntaxError) {
        guard depth < limits.depthMax else { throw error(.tooDeep(limit: limits.depthMax), in: bytes) }
        depth += 1
        position += 1
    }

    private mutating func leave() {
        depth -= 1
        position += 1
    }

    private mutating func readWord(
        _ word: String, _ value: JSONValue, _ bytes: Span<UInt8>
    ) throws(JSONSyntaxError) -> JSONValue {
        for expected in word.utf8 { try expect(expected, bytes) }
        return value
    }

    private mutating func readNumber(_ bytes: Span<UInt8>) throws(JSONSyntaxError) -> JSONNumber {
        let start = position
        while position < bytes.count, Self.belongsToNumber(bytes[position]) { position += 1 }
        guard let number = JSONNumber(bytes: bytes.extracting(start..<position)) else {
            throw error(.badNumber, in: bytes, at: start)
        }
        return number
    }

    private static func belongsToNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private mutating func readString(_ bytes: Span<UInt8>) throws(JSONSyntaxError) -> String {
        position += 1
        let start = position
        try skipPlain(bytes)
        guard try peek(bytes) == UInt8(ascii: "\\") else {
            // The common case: no escape, one copy.
            let text = try shared(bytes.extracting(start..<position), of: bytes, from: start)
            position += 1
            return text
        }
        var unescaped: [UInt8] = []
        var plain = start
        while true {
            for index in plain..<position { unescaped.append(bytes[index]) }
            guard try peek(bytes) == UInt8(ascii: "\\") else { break }
            try readEscape(bytes, into: &unescaped)
            plain = position
            try skipPlain(bytes)
        }
        position += 1
        return try validated(unescaped.span, of: bytes, from: start)
    }

    /// Moves to the next quote or backslash, or to where the text can't go on.
    private mutating func skipPlain(_ bytes: Span<UInt8>) throws(JSONSyntaxError) {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
            guard byte >= 0x20 else { throw error(.unexpectedByte(byte), in: bytes) }
            position += 1
        }
    }

    /// Lengths, in bytes, of the strings that are worth sharing: shorter ones need no memory of their own.
    private static let sharedLengths = 16...64

    private mutating func shared(
        _ text: Span<UInt8>, of bytes: Span<UInt8>, from start: Int
    ) throws(JSONSyntaxError) -> String {
        guard Self.sharedLengths.contains(text.count) else { return try validated(text, of: bytes, from: start) }
        if recent.isEmpty { recent = Array(repeating: "", count: 256) }
        // FNV-1a, 64 bits, folded to a place in the table; a clash only costs the sharing.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in text.indices { hash = (hash ^ UInt64(text[index])) &* 0x100_0000_01b3 }
        let place = Int(truncatingIfNeeded: hash ^ hash >> 32) & 255
        if Self.isSame(recent[place].utf8.span, text) { return recent[place] }
        let string = try validated(text, of: bytes, from: start)
        recent[place] = string
        return string
    }

    private static func isSame(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }

    private func validated(
        _ text: Span<UInt8>, of bytes: Span<UInt8>, from start: Int
    ) throws(JSONSyntaxError) -> String {
        do throws(UTF8.ValidationError) {
            return String(copying: try UTF8Span(validating: text))
        } catch {
            throw self.error(.badUTF8, in: bytes, at: start)
        }
    }

    private mutating func readEscape(
        _ bytes: Span<UInt8>, into output: inout [UInt8]
    ) throws(JSONSyntaxError) {
        let start = position
        position += 1
        let escaped = try peek(bytes)
        position += 1
        switch escaped {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(escaped)
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "u"):
            var code = try readHex(bytes)
            if (0xD800..<0xDC00).contains(code) {
                guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                    bytes[position + 1] == UInt8(ascii: "u")
                else { throw error(.loneSurrogate, in: bytes, at: start) }
                position += 2
                let low = try readHex(bytes)
                guard (0xDC00..<0xE000).contains(low) else { throw error(.loneSurrogate, in: bytes, at: start) }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = UnicodeScalar(code) else { throw error(.loneSurrogate, in: bytes, at: start) }
            output.append(contentsOf: UTF8.encode(scalar)?.map(\.self) ?? [])
        default: throw error(.badEscape, in: bytes, at: start)
        }
    }

    private mutating func readHex(_ bytes: Span<UInt8>) throws(JSONSyntaxError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw error(.unexpectedEnd, in: bytes, at: bytes.count) }
        var code: UInt32 = 0
        for index in position..<position + 4 {
            guard let digit = Self.hexDigit(bytes[index]) else { throw error(.badEscape, in: bytes) }
            code = code << 4 | digit
        }
        position += 4
        return code
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    private func peek(_ bytes: Span<UInt8>) throws(JSONSyntaxError) -> UInt8 {
        guard position < bytes.count else { throw error(.unexpectedEnd, in: bytes) }
        return bytes[position]
    }

    private mutating func expect(_ byte: UInt8, _ bytes: Span<UInt8>) throws(JSONSyntaxError) {
        guard try peek(bytes) == byte else { throw error(.unexpectedByte(bytes[position]), in: bytes) }
        position += 1
    }

    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private func error(
        _ problem: JSONSyntaxError.Problem, in bytes: Span<UInt8>, at offset: Int? = nil
    ) -> JSONSyntaxError {
        let offset = offset ?? position
        var line = 1
        var lineStart = 0
        for index in 0..<min(offset, bytes.count) where bytes[index] == 0x0A {
            line += 1
            lineStart = index + 1
        }
        return JSONSyntaxError(problem: problem, offset: offset, line: line, column: offset - lineStart + 1)
    }
}
