internal import JSON

extension YAMLReader {
    /// Reads a JSON text (RFC 8259, strictly) into the same tree as YAML, with the same limits.
    ///
    /// Not through libyaml, for which JSON is no subset: it refuses surrogate pairs and long keys. The text is read by
    /// ``JSON/JSONReader`` and walked once more beside its value for the places.
    package static func json(_ bytes: [UInt8], limits: Limits = Limits()) throws(YAMLError) -> YAMLDocument {
        let text = try YAMLText(bytes, bytesMax: limits.bytesMax)
        let content = text.start == 0 ? bytes : Array(bytes[text.start...])
        if let offset = JSONPlaces.offset(ofValue: limits.nodesMax, in: content) {
            throw YAMLError(
                .limit, at: text.mark(at: offset + text.start),
                "more than \(limits.nodesMax) keys and values in one document")
        }
        let value: JSONValue
        do {
            value = try JSONReader.read(content, limits: .init(depthMax: limits.depthMax, bytesMax: limits.bytesMax))
        } catch {
            throw YAMLError(error, at: text.mark(at: error.offset + text.start))
        }
        var places = JSONPlaces(bytes: content)
        return YAMLDocument(root: places.node(for: value))
    }
}

extension YAMLError {
    fileprivate init(_ error: JSONSyntaxError, at mark: YAMLMark) {
        let code: Code =
            switch error.problem {
            case .duplicateName: .duplicateKey
            case .tooDeep, .tooLarge, .tooManyValues: .limit
            case .badUTF8: .encoding
            case .unexpectedEnd, .unexpectedByte, .badEscape, .loneSurrogate, .badNumber, .trailingBytes: .syntax
            }
        self.init(code, at: mark, error.sentence)
    }
}

/// A walk over JSON that is known to be valid, beside the value that it spells.
private struct JSONPlaces {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    /// Characters of the line before ``position``.
    private var column = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Where the `count`-th value or key follows, judged by the punctuation outside strings; nil if there are fewer.
    static func offset(ofValue count: Int, in bytes: [UInt8]) -> Int? {
        var (seen, isInString, isEscaped) = (1, false, false)
        for (offset, byte) in bytes.enumerated() {
            if isInString {
                isInString = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "{"):
                seen += 1
                if seen > count { return offset }
            default: continue
            }
        }
        return nil
    }

    mutating func node(for value: JSONValue) -> YAMLNode {
        skipSpace()
        let mark = mark
        switch value {
        case .null: return scalar("null", .plain, at: mark)
        case .bool(let flag): return scalar(flag ? "true" : "false", .plain, at: mark)
        case .number(let number): return scalar(number.text, .plain, at: mark)
        case .string(let text): return scalar(text, .quoted, at: mark)
        case .array(let values):
            advance()
            var items: [YAMLNode] = []
            for value in values {
                items.append(node(for: value))
                skipSpace()
                // The comma, or the bracket at the end.
                advance()
            }
            if values.isEmpty { skipSpaceAndOne() }
            return YAMLNode(.sequence(items), at: mark)
        case .object(let object):
            advance()
            var entries: [YAMLEntry] = []
            for member in object.members {
                skipSpace()
                let keyMark = self.mark
                skipScalar()
                skipSpaceAndOne()
                entries.append(YAMLEntry(key: member.name, keyMark: keyMark, value: node(for: member.value)))
                skipSpaceAndOne()
            }
            if object.isEmpty { skipSpaceAndOne() }
            return YAMLNode(.mapping(entries), at: mark)
        }
    }

    private var mark: YAMLMark { YAMLMark(line: line, column: column + 1) }

    private mutating func scalar(_ text: String, _ style: YAMLScalar.Style, at mark: YAMLMark) -> YAMLNode {
        skipScalar()
        return YAMLNode(.scalar(YAMLScalar(text: text, style: style)), at: mark)
    }

    private mutating func skipScalar() {
        guard bytes[position] == UInt8(ascii: "\"") else {
            while position < bytes.count, !Self.ends(bytes[position]) { advance() }
            return
        }
        advance()
        while bytes[position] != UInt8(ascii: "\"") {
            if bytes[position] == UInt8(ascii: "\\") { advance() }
            advance()
        }
        advance()
    }

    private static func ends(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"): true
        default: false
        }
    }

    private mutating func skipSpaceAndOne() {
        skipSpace()
        advance()
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: advance()
            default: return
            }
        }
    }

    private mutating func advance() {
        if bytes[position] == 0x0A {
            line += 1
            column = 0
        } else if bytes[position] & 0xC0 != 0x80 {
            column += 1
        }
        position += 1
    }
}
