package import JSON

/// What a scalar means by the core schema of YAML 1.2.
package enum CoreScalar: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    /// A number by the schema, but one that JSON can't hold.
    case notInJSON(Obstacle)

    package enum Obstacle: Equatable, Sendable { case infinity, notANumber, tooLong }
}

extension YAMLScalar {
    /// What the scalar means: plain ones by the core schema, all others are text unless a tag says otherwise.
    package var resolved: CoreScalar {
        switch tag {
        case nil: style == .plain ? CoreSchema.resolve(text) : .string(text)
        case .text: .string(text)
        case .int, .float, .bool, .null: CoreSchema.resolve(text)
        }
    }

    /// Whether it means null; asked of nearly every scalar, so without finding out what else it might mean.
    package var isNull: Bool {
        switch tag {
        case nil: style == .plain && CoreSchema.isNull(text)
        case .null: true
        case .text, .int, .float, .bool: false
        }
    }
}

/// The core schema of YAML 1.2 (specification §10.3.2), to the letter: `no`, `on`, dates and `12:30:45` are strings.
enum CoreSchema {
    static func resolve(_ text: String) -> CoreScalar {
        guard let first = text.utf8.first else { return .null }
        // The first byte tells most strings apart, so that they cost nothing more.
        switch first {
        case UInt8(ascii: "~"), UInt8(ascii: "n"), UInt8(ascii: "N"):
            return isNull(text) ? .null : .string(text)
        case UInt8(ascii: "t"), UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"):
            return bool(text).map(CoreScalar.bool) ?? .string(text)
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return number(text) ?? .string(text)
        default: return .string(text)
        }
    }

    /// Whether `text` is what the tag demands, however it is quoted.
    static func text(_ text: String, agreesWith tag: YAMLScalar.Tag) -> Bool {
        switch (tag, resolve(text)) {
        case (.text, _), (.bool, .bool), (.null, .null), (.float, .number), (.float, .notInJSON): true
        case (.int, .number), (.int, .notInJSON(.tooLong)): isInteger(text)
        default: false
        }
    }

    static func isNull(_ text: String) -> Bool {
        switch text.utf8.count {
        case 0: true
        case 1: text == "~"
        case 4: text == "null" || text == "Null" || text == "NULL"
        default: false
        }
    }

    private static func bool(_ text: String) -> Bool? {
        switch text {
        case "true", "True", "TRUE": true
        case "false", "False", "FALSE": false
        default: nil
        }
    }

    private static func isInteger(_ text: String) -> Bool {
        if text.hasPrefix("0o") || text.hasPrefix("0x") { return true }
        return text.utf8.dropFirst(text.hasPrefix("+") || text.hasPrefix("-") ? 1 : 0).allSatisfy(isDigit)
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func number(_ text: String) -> CoreScalar? {
        // Nearly every number is one that JSON writes the same way.
        if let number = JSONNumber(text: text) { return .number(number) }
        if text.hasPrefix("0o") { return integer(text.utf8.dropFirst(2), radix: 8) }
        if text.hasPrefix("0x") { return integer(text.utf8.dropFirst(2), radix: 16) }
        if let decimal = PlainDecimal(text) {
            return decimal.json.flatMap(JSONNumber.init(text:)).map(CoreScalar.number) ?? .notInJSON(.tooLong)
        }
        switch text {
        case ".nan", ".NaN", ".NAN": return .notInJSON(.notANumber)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF":
            return .notInJSON(.infinity)
        default: return nil
        }
    }

    private static func integer(_ digits: Substring.UTF8View, radix: UInt32) -> CoreScalar? {
        guard !digits.isEmpty else { return nil }
        // Little-endian limbs of nine decimal digits: exact for any length up to the longest number taken.
        var limbs: [UInt32] = [0]
        for byte in digits {
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue, digit < radix, byte < 0x80 else {
                return nil
            }
            guard limbs.count <= JSONNumber.lengthMax / 9 else { continue }
            var carry = UInt64(digit)
            for position in limbs.indices {
                carry += UInt64(limbs[position]) * UInt64(radix)
                limbs[position] = UInt32(carry % 1_000_000_000)
                carry /= 1_000_000_000
            }
            if carry > 0 { limbs.append(UInt32(carry)) }
        }
        guard limbs.count <= JSONNumber.lengthMax / 9 else { return .notInJSON(.tooLong) }
        let rest = limbs.dropLast().reversed().map { limb in
            let text = String(limb)
            return String(repeating: "0", count: 9 - text.utf8.count) + text
        }
        return JSONNumber(text: String(limbs.last ?? 0) + rest.joined()).map(CoreScalar.number)
    }
}

/// A decimal number of the core schema that JSON would write in another way, such as `017`, `+1`, `.5` or `1.`.
private struct PlainDecimal {
    private var isNegative = false
    private var whole: Substring
    private var fraction: Substring = ""
    private var exponent: Substring?

    /// The number's parts, or nil when the text is none.
    init?(_ text: String) {
        var rest = text[...]
        if rest.hasPrefix("+") || rest.hasPrefix("-") { isNegative = rest.removeFirst() == "-" }
        whole = Self.digits(takenFrom: &rest)
        if rest.hasPrefix(".") {
            rest.removeFirst()
            fraction = Self.digits(takenFrom: &rest)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        if rest.hasPrefix("e") || rest.hasPrefix("E") {
            rest.removeFirst()
            let sign = rest.hasPrefix("+") || rest.hasPrefix("-") ? String(rest.removeFirst()) : ""
            let written = Self.digits(takenFrom: &rest)
            guard !written.isEmpty else { return nil }
            exponent = Substring(sign + written)
        }
        guard rest.isEmpty else { return nil }
    }

    private static func digits(takenFrom rest: inout Substring) -> Substring {
        let digits = rest.utf8.prefix(while: CoreSchema.isDigit)
        defer { rest = rest[digits.endIndex...] }
        return rest[digits.startIndex..<digits.endIndex]
    }

    /// The shortest exact text that JSON allows: plain digits, or with an exponent if one was written and is shorter.
    ///
    /// Nil when the number is beyond any use: an exponent of more than nine digits, or too many digits.
    var json: String? {
        let all = (whole + fraction).drop { $0 == "0" }
        let significant = all.reversed().drop { $0 == "0" }.reversed()
        guard !significant.isEmpty else { return "0" }
        guard significant.count <= JSONNumber.lengthMax else { return nil }
        let digits = String(significant)
        var scale = all.count - digits.count - fraction.count
        if let exponent {
            guard exponent.utf8.count <= 10, let written = Int(exponent) else { return nil }
            scale += written
        }
        let sign = isNegative ? "-" : ""
        let plain = Self.plain(digits, scale: scale)
        guard exponent != nil else { return plain.map { sign + $0 } }
        let scientific = scale == 0 ? digits : "\(digits)e\(scale)"
        guard let plain, plain.utf8.count <= scientific.utf8.count else { return sign + scientific }
        return sign + plain
    }

    /// The digits with zeros and a point put in; nil when that would be longer than any number taken.
    private static func plain(_ digits: String, scale: Int) -> String? {
        guard abs(scale) <= JSONNumber.lengthMax else { return nil }
        if scale >= 0 { return digits + String(repeating: "0", count: scale) }
        let zeros = String(repeating: "0", count: max(0, 1 - scale - digits.count))
        let padded = zeros + digits
        return padded.dropLast(-scale) + "." + padded.suffix(-scale)
    }
}
