/// A JSON number kept as its own text, so that twenty digits stay twenty digits.
///
/// Equality and hashing go by value: both texts are brought to the form ±digits × 10^exponent, without leading or
/// trailing zeros, and no binary floating point is involved. Grammar: RFC 8259 §6.
package struct JSONNumber: Sendable {
    /// The text as it was read; always valid JSON.
    package let text: String

    /// A number with exactly these digits, or nil when the text is not a JSON number or has over 1,024 characters.
    package init?(text: String) {
        guard Self.isValid(text.utf8.span) else { return nil }
        self.text = text
    }

    /// The number that `bytes` spell, or nil as above.
    init?(bytes: Span<UInt8>) {
        guard Self.isValid(bytes), let ascii = try? UTF8Span(validating: bytes) else { return nil }
        text = String(copying: ascii)
    }

    package init(_ value: Int) { text = String(value) }

    /// The longest text that is taken for a number.
    package static let lengthMax = 1_024

    /// The value, when it is a whole number that fits 64 bits (`1e3` and `10.0` are whole).
    package var int: Int? {
        if let plain = Int(text) { return plain }
        let decimal = decimal
        guard decimal.exponent >= 0, decimal.exponent <= 19, decimal.digits.count <= 19 else { return nil }
        let digits = String(decoding: decimal.digits, as: UTF8.self) + String(repeating: "0", count: decimal.exponent)
        return Int((decimal.isNegative ? "-" : "") + (digits.isEmpty ? "0" : digits))
    }

    /// The one spelling that all texts of this value share, for digests: digits, then an exponent if there is one.
    package var canonicalText: String {
        let decimal = decimal
        guard !decimal.digits.isEmpty else { return "0" }
        let digits = (decimal.isNegative ? "-" : "") + String(decoding: decimal.digits, as: UTF8.self)
        return decimal.exponent == 0 ? digits : digits + "e\(decimal.exponent)"
    }

    /// The nearest binary value; for comparisons that need one, never for writing.
    package var double: Double { Double(text) ?? .nan }

    /// Whether the value has no fraction, however it is written.
    package var isWhole: Bool { decimal.exponent >= 0 }

    private static func isValid(_ bytes: Span<UInt8>) -> Bool {
        guard bytes.count <= lengthMax else { return false }
        var position = 0
        func isNext(_ first: UInt8, _ second: UInt8? = nil) -> Bool {
            guard position < bytes.count else { return false }
            return bytes[position] == first || bytes[position] == second
        }
        func skipDigits() -> Int {
            let start = position
            while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
                position += 1
            }
            return position - start
        }
        if isNext(UInt8(ascii: "-")) { position += 1 }
        let startsWithZero = isNext(UInt8(ascii: "0"))
        let whole = skipDigits()
        guard whole > 0, !(startsWithZero && whole > 1) else { return false }
        if isNext(UInt8(ascii: ".")) {
            position += 1
            guard skipDigits() > 0 else { return false }
        }
        if isNext(UInt8(ascii: "e"), UInt8(ascii: "E")) {
            position += 1
            if isNext(UInt8(ascii: "+"), UInt8(ascii: "-")) { position += 1 }
            guard skipDigits() > 0 else { return false }
        }
        return position == bytes.count
    }
}

extension JSONNumber: Equatable, Hashable {
    package static func == (left: JSONNumber, right: JSONNumber) -> Bool {
        left.text == right.text || left.decimal == right.decimal
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(decimal) }
}

extension JSONNumber {
    /// A decimal in its one normal form: no leading and no trailing zero digit; zero has no digit and no sign.
    struct Decimal: Equatable, Hashable {
        var isNegative = false
        var digits: [UInt8] = []
        var exponent = 0
    }

    private static let exponentMax = 1_000_000_000_000_000_000

    var decimal: Decimal {
        var result = Decimal()
        var inFraction = false
        var bytes = Array(text.utf8)[...]
        if bytes.first == UInt8(ascii: "-") {
            result.isNegative = true
            bytes = bytes.dropFirst()
        }
        while let byte = bytes.first, byte != UInt8(ascii: "e"), byte != UInt8(ascii: "E") {
            bytes = bytes.dropFirst()
            if byte == UInt8(ascii: ".") {
                inFraction = true
                continue
            }
            if inFraction { result.exponent -= 1 }
            if byte != UInt8(ascii: "0") || !result.digits.isEmpty { result.digits.append(byte) }
        }
        guard !result.digits.isEmpty else { return Decimal() }
        if !bytes.isEmpty {
            // Exponents beyond the bound are not told apart: no use could, and adding to them must not overflow.
            let written = String(decoding: bytes.dropFirst(), as: UTF8.self)
            let exponent = Int(written) ?? (written.hasPrefix("-") ? Int.min : Int.max)
            result.exponent += min(max(exponent, -Self.exponentMax), Self.exponentMax)
        }
        while result.digits.last == UInt8(ascii: "0") {
            result.digits.removeLast()
            result.exponent += 1
        }
        return result
    }

    /// Orders by value; exact for numbers of the same sign and any length.
    package static func < (left: JSONNumber, right: JSONNumber) -> Bool {
        let (a, b) = (left.decimal, right.decimal)
        guard a != b else { return false }
        if a.digits.isEmpty { return !b.isNegative }
        if b.digits.isEmpty { return a.isNegative }
        if a.isNegative != b.isNegative { return a.isNegative }
        let smaller = magnitude(of: a, isLessThan: b)
        return a.isNegative ? !smaller : smaller
    }

    private static func magnitude(of a: Decimal, isLessThan b: Decimal) -> Bool {
        let (topA, topB) = (a.digits.count + a.exponent, b.digits.count + b.exponent)
        return topA != topB ? topA < topB : a.digits.lexicographicallyPrecedes(b.digits)
    }
}

extension JSONNumber: Comparable {}
