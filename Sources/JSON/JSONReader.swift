/// What is wrong with a JSON text, and where.
package struct JSONSyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Problem: Equatable, Sendable {
        case unexpectedEnd
        case unexpectedByte(UInt8)
        case duplicateName(String)
        case badEscape
        case loneSurrogate
        case badUTF8
        case badNumber
        case tooDeep(limit: Int)
        case tooLarge(limit: Int)
        case trailingBytes
    }

    package var problem: Problem
    /// Bytes from the start.
    package var offset: Int
    /// Both from 1; the column counts bytes.
    package var line: Int
    package var column: Int

    package var description: String { "line \(line), column \(column): \(sentence)" }

    /// What is wrong, without the place.
    package var sentence: String {
        switch problem {
        case .unexpectedEnd: "the JSON ends in the middle of a value"
        case .unexpectedByte(let byte):
            (0x21...0x7E).contains(byte)
                ? "unexpected character '\(Character(UnicodeScalar(byte)))' in JSON"
                : "unexpected byte 0x\(String(byte, radix: 16)) in JSON"
        case .duplicateName(let name): "the name '\(name)' occurs twice in one object"
        case .badEscape: "not an escape that JSON knows"
        case .loneSurrogate: "half of a surrogate pair stands alone"
        case .badUTF8: "not valid UTF-8"
        case .badNumber: "not a JSON number"
        case .tooDeep(let limit): "nested more than \(limit) levels deep"
        case .tooLarge(let limit): "larger than the limit of \(limit) bytes"
        case .trailingBytes: "something follows the end of the JSON value"
        }
    }
}

/// Reads one JSON text (RFC 8259) into a value, strictly and within limits.
///
/// Rejected although some readers take them: duplicate names, lone surrogates, bytes that are no UTF-8, a byte order
/// mark, anything after the value. Holds I12: depth and size are bounded.
package struct JSONReader {
    /// How much is read before giving up.
    package struct Limits: Sendable {
        package var depthMax = 128
        package var bytesMax = 64 << 20
        package init(depthMax: Int = 128, bytesMax: Int = 64 << 20) {
            self.depthMax = depthMax
            self.bytesMax = bytesMax
        }
    }

    private let bytes: [UInt8]
    private let limits: Limits
    private var position = 0
    private var depth = 0

    /// The value that `bytes` spell.
    package static func read(_ bytes: [UInt8], limits: Limits = Limits()) throws(JSONSyntaxError) -> JSONValue {
        var reader = JSONReader(bytes: bytes, limits: limits)
        guard bytes.count <= limits.bytesMax else { throw reader.error(.tooLarge(limit: limits.bytesMax)) }
        reader.skipSpace()
        let value = try reader.readValue()
        reader.skipSpace()
        guard reader.position == bytes.count else { throw reader.error(.trailingBytes) }
        return value
    }

    /// The value that `text` spells.
    package static func read(_ text: String, limits: Limits = Limits()) throws(JSONSyntaxError) -> JSONValue {
        try read(Array(text.utf8), limits: limits)
    }

    private init(bytes: [UInt8], limits: Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    private mutating func readValue() throws(JSONSyntaxError) -> JSONValue {
        switch try peek() {
        case UInt8(ascii: "{"): return try readObject()
        case UInt8(ascii: "["): return try readArray()
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "t"): return try readWord("true", .bool(true))
        case UInt8(ascii: "f"): return try readWord("false", .bool(false))
        case UInt8(ascii: "n"): return try readWord("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try readNumber())
        case let byte: throw error(.unexpectedByte(byte))
        }
    }

    private mutating func readObject() throws(JSONSyntaxError) -> JSONValue {
        try enter()
        var object = JSONObject()
        skipSpace()
        if try peek() == UInt8(ascii: "}") { return leave(.object(object)) }
        while true {
            guard try peek() == UInt8(ascii: "\"") else { throw error(.unexpectedByte(bytes[position])) }
            let start = position
            let name = try readString()
            skipSpace()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            let value = try readValue()
            guard object.insertNew(name, value) else { throw error(.duplicateName(name), at: start) }
            skipSpace()
            if try peek() == UInt8(ascii: "}") { return leave(.object(object)) }
            try expect(UInt8(ascii: ","))
            skipSpace()
        }
    }

    private mutating func readArray() throws(JSONSyntaxError) -> JSONValue {
        try enter()
        var items: [JSONValue] = []
        skipSpace()
        if try peek() == UInt8(ascii: "]") { return leave(.array(items)) }
        while true {
            items.append(try readValue())
            skipSpace()
            if try peek() == UInt8(ascii: "]") { return leave(.array(items)) }
            try expect(UInt8(ascii: ","))
            skipSpace()
        }
    }

    private mutating func enter() throws(JSONSyntaxError) {
        guard depth < limits.depthMax else { throw error(.tooDeep(limit: limits.depthMax)) }
        depth += 1
        position += 1
    }

    private mutating func leave(_ value: JSONValue) -> JSONValue {
        depth -= 1
        position += 1
        return value
    }

    private mutating func readWord(_ word: StaticString, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        for expected in "\(word)".utf8 { try expect(expected) }
        return value
    }

    private mutating func readNumber() throws(JSONSyntaxError) -> JSONNumber {
        let start = position
        while position < bytes.count, Self.belongsToNumber(bytes[position]) { position += 1 }
        guard let number = JSONNumber(text: String(decoding: bytes[start..<position], as: UTF8.self)) else {
            throw error(.badNumber, at: start)
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

    private mutating func readString() throws(JSONSyntaxError) -> String {
        position += 1
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\\") {
            guard bytes[position] >= 0x20 else { throw error(.unexpectedByte(bytes[position])) }
            position += 1
        }
        guard try peek() == UInt8(ascii: "\\") else {
            // The common case: no escape, one copy.
            let text = try validated(bytes[start..<position], from: start)
            position += 1
            return text
        }
        var unescaped = Array(bytes[start..<position])
        while true {
            switch try peek() {
            case UInt8(ascii: "\""):
                position += 1
                return try validated(unescaped[...], from: start)
            case UInt8(ascii: "\\"): try readEscape(into: &unescaped)
            case let byte where byte < 0x20: throw error(.unexpectedByte(byte))
            case let byte:
                unescaped.append(byte)
                position += 1
            }
        }
    }

    private func validated(_ slice: ArraySlice<UInt8>, from start: Int) throws(JSONSyntaxError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else { throw error(.badUTF8, at: start) }
        return text
    }

    private mutating func readEscape(into output: inout [UInt8]) throws(JSONSyntaxError) {
        let start = position
        position += 1
        let escaped = try peek()
        position += 1
        switch escaped {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(escaped)
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "u"):
            var code = try readHex()
            if (0xD800..<0xDC00).contains(code) {
                guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
                    bytes[position + 1] == UInt8(ascii: "u")
                else { throw error(.loneSurrogate, at: start) }
                position += 2
                let low = try readHex()
                guard (0xDC00..<0xE000).contains(low) else { throw error(.loneSurrogate, at: start) }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = UnicodeScalar(code) else { throw error(.loneSurrogate, at: start) }
            output.append(contentsOf: Character(scalar).utf8)
        default: throw error(.badEscape, at: start)
        }
    }

    private mutating func readHex() throws(JSONSyntaxError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw error(.unexpectedEnd, at: bytes.count) }
        var code: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue, byte < 0x80 else { throw error(.badEscape) }
            code = code << 4 | UInt32(digit)
        }
        position += 4
        return code
    }

    private func peek() throws(JSONSyntaxError) -> UInt8 {
        guard position < bytes.count else { throw error(.unexpectedEnd) }
        return bytes[position]
    }

    private mutating func expect(_ byte: UInt8) throws(JSONSyntaxError) {
        guard try peek() == byte else { throw error(.unexpectedByte(bytes[position])) }
        position += 1
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private func error(_ problem: JSONSyntaxError.Problem, at offset: Int? = nil) -> JSONSyntaxError {
        let offset = offset ?? position
        let before = bytes[..<min(offset, bytes.count)]
        let line = before.count { $0 == 0x0A } + 1
        let column = offset - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
        return JSONSyntaxError(problem: problem, offset: offset, line: line, column: column)
    }
}
