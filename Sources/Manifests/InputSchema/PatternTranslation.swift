/// Rewrites a regular expression of ECMA-262 for ICU, so that each construct keeps its meaning.
///
/// The two agree on structure and differ in what escapes and classes stand for: `\d` is ten digits here and every digit of
/// Unicode there, `$` would match before a last line feed, `[` in a class would open another one.
struct PatternTranslation {
    typealias Unsupported = TextPattern.Unsupported

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var output = ""
    /// Whether the last thing written may be followed by a quantifier.
    private var isQuantifiable = false
    /// Of each open group, whether it is a lookahead or lookbehind.
    private var openGroups: [Bool] = []
    private var capturesWritten = 0
    private var highestReference = 0

    /// The engine's own limit is in the thousands of millions; no use comes near.
    private static let countDigitsMax = 6

    init(_ pattern: String) { scalars = Array(pattern.unicodeScalars) }

    /// The pattern in ICU's syntax.
    mutating func run() throws(Unsupported) -> String {
        while let scalar = current {
            position += 1
            switch scalar {
            case "\\": try translateEscape()
            case "[": try translateClass()
            case "(": try translateGroup()
            case ")":
                guard let wasAssertion = openGroups.popLast() else { throw Unsupported(reason: "a ')' has no '('") }
                // A lookahead or lookbehind takes no text: repeating it has no meaning with Unicode semantics.
                write(")", quantifiable: !wasAssertion)
            case "*", "+", "?": try writeQuantifier(String(scalar))
            case "{": try translateBrace()
            case "^": write("^", quantifiable: false)
            case "$": write("\\z", quantifiable: false)
            case "|": write("|", quantifiable: false)
            case ".": write(CharacterSets.dot, quantifiable: true)
            default: write(Self.literal(scalar), quantifiable: true)
            }
        }
        guard openGroups.isEmpty else { throw Unsupported(reason: "a '(' is not closed") }
        guard highestReference <= capturesWritten else {
            throw Unsupported(reason: "\\\(highestReference) refers to no group")
        }
        // The engine takes no empty pattern.
        return output.isEmpty ? "(?:)" : output
    }

    private mutating func write(_ text: String, quantifiable: Bool) {
        output += text
        isQuantifiable = quantifiable
    }

    /// A quantifier with the `?` that may follow; ICU would take another `+` for one that never backtracks.
    private mutating func writeQuantifier(_ quantifier: String) throws(Unsupported) {
        guard isQuantifiable else { throw Unsupported(reason: "'\(quantifier)' has nothing to repeat") }
        write(quantifier, quantifiable: false)
        if current == "?" {
            position += 1
            output += "?"
        }
    }

    /// `{2}`, `{2,}`, `{2,5}`; any other brace stands for itself.
    private mutating func translateBrace() throws(Unsupported) {
        let body = scalars[position...].prefix { $0 != "}" }
        let parts = body.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
        let isCount =
            position + body.count < scalars.count && parts.first?.isEmpty == false
            && parts.allSatisfy { $0.allSatisfy { ("0"..."9").contains($0) } }
        guard isCount else { return write("\\{", quantifiable: true) }
        guard parts.allSatisfy({ $0.count <= Self.countDigitsMax }) else {
            throw Unsupported(reason: "a count has more than \(Self.countDigitsMax) digits")
        }
        position += body.count + 1
        try writeQuantifier("{" + String(String.UnicodeScalarView(body)) + "}")
    }

    private mutating func translateGroup() throws(Unsupported) {
        var isAssertion = false
        if current != "?" {
            capturesWritten += 1
            output += "("
        } else if let opening = ["?:", "?=", "?!", "?<=", "?<!", "?i:"].first(where: { skip($0) }) {
            isAssertion = !opening.hasSuffix(":")
            output += "(" + opening
        } else if skip("?i)") {
            return write("(?i)", quantifiable: false)
        } else if skip("?<") {
            capturesWritten += 1
            output += "(?<\(try groupName())>"
        } else {
            throw Unsupported(reason: "a group begins with '(?' and an unknown character")
        }
        openGroups.append(isAssertion)
        isQuantifiable = false
    }

    /// The name of a group up to its `>`, spelt with the letters and digits that ICU allows in one.
    private mutating func groupName() throws(Unsupported) -> String {
        let name = scalars[position...].prefix { $0 != ">" }
        guard !name.isEmpty, position + name.count < scalars.count,
            name.allSatisfy({ $0.properties.isIDContinue || $0 == "$" })
        else { throw Unsupported(reason: "the name of a group is malformed") }
        position += name.count + 1
        return name.reduce(into: "g") { spelt, scalar in
            let isPlain = scalar.isASCII && scalar.properties.isAlphabetic && scalar != "x"
            spelt += isPlain ? String(scalar) : "x" + String(scalar.value, radix: 16)
        }
    }

    private mutating func translateEscape() throws(Unsupported) {
        guard let scalar = current else { throw Unsupported(reason: "it ends in a backslash") }
        switch scalar {
        case "b", "B":
            position += 1
            write(scalar == "b" ? CharacterSets.wordBoundary : CharacterSets.noWordBoundary, quantifiable: false)
        case "A", "z":
            position += 1
            write("\\\(scalar)", quantifiable: false)
        case "k":
            position += 1
            guard skip("<") else { throw Unsupported(reason: "\\k names no group") }
            write("\\k<\(try groupName())>", quantifiable: true)
        case "1"..."9":
            let number = takeDigits()
            highestReference = max(highestReference, Int(number) ?? Int.max)
            // In a group of its own, so that a digit behind it is not taken for a part of the number.
            write("(?:\\\(number))", quantifiable: true)
        default:
            switch try readCharacterOrSet() {
            case .character(let character): write(Self.literal(character), quantifiable: true)
            case .set(let set): write("[\(set)]", quantifiable: true)
            }
        }
    }

    private mutating func takeDigits() -> String {
        let digits = scalars[position...].prefix { ("0"..."9").contains($0) }
        position += digits.count
        return String(String.UnicodeScalarView(digits))
    }
}

extension PatternTranslation {
    /// What a class may hold.
    private enum Element {
        case character(Unicode.Scalar)
        /// In ICU's set syntax, to stand within brackets.
        case set(String)
    }

    private mutating func translateClass() throws(Unsupported) {
        var isNegated = false
        if current == "^" {
            isNegated = true
            position += 1
        }
        var body = ""
        while let scalar = current, scalar != "]" {
            let first = try readElement()
            guard current == "-", let next = peek(1), next != "]" else {
                body += Self.element(first)
                continue
            }
            position += 1
            let last = try readElement()
            guard case .character(let low) = first, case .character(let high) = last else {
                // Not a range: with a set at one end the hyphen stands for itself.
                body += Self.element(first) + "\\-" + Self.element(last)
                continue
            }
            guard low <= high else { throw Unsupported(reason: "a range in a class runs backwards") }
            body += "\(Self.literal(low))-\(Self.literal(high))"
        }
        guard current == "]" else { throw Unsupported(reason: "a '[' is not closed") }
        position += 1
        switch (body.isEmpty, isNegated) {
        case (true, false): write("(?!)", quantifiable: true)
        case (true, true): write("[\\x{0}-\\x{10FFFF}]", quantifiable: true)
        default: write("[\(isNegated ? "^" : "")\(body)]", quantifiable: true)
        }
    }

    private mutating func readElement() throws(Unsupported) -> Element {
        guard let scalar = current else { throw Unsupported(reason: "a '[' is not closed") }
        guard scalar == "\\" else {
            position += 1
            return .character(scalar)
        }
        position += 1
        switch current {
        case "b":
            position += 1
            return .character("\u{8}")
        case nil: throw Unsupported(reason: "it ends in a backslash")
        default: return try readCharacterOrSet()
        }
    }

    /// What the escape stands for whose backslash was read, in a class or out of it.
    private mutating func readCharacterOrSet() throws(Unsupported) -> Element {
        guard let scalar = current else { throw Unsupported(reason: "it ends in a backslash") }
        position += 1
        switch scalar {
        case "d": return .set("0-9")
        case "D": return .set("[^0-9]")
        case "w": return .set(CharacterSets.word)
        case "W": return .set("[^\(CharacterSets.word)]")
        case "s": return .set(CharacterSets.space)
        case "S": return .set("[^\(CharacterSets.space)]")
        case "p", "P": return .set("\\\(scalar){\(try propertyName())}")
        case "t": return .character("\t")
        case "n": return .character("\n")
        case "v": return .character("\u{B}")
        case "f": return .character("\u{C}")
        case "r": return .character("\r")
        case "0": return .character("\0")
        case "c":
            guard let letter = current, letter.isASCII, letter.properties.isAlphabetic,
                let control = Unicode.Scalar(letter.value % 32)
            else { throw Unsupported(reason: "\\c is not followed by a letter") }
            position += 1
            return .character(control)
        case "x": return .character(try readHex(digits: 2))
        case "u": return .character(try readUnicodeEscape())
        default:
            guard !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar) else {
                throw Unsupported(reason: "ECMA-262 has no escape \\\(Quoted.clean(String(scalar)))")
            }
            return .character(scalar)
        }
    }

    private mutating func propertyName() throws(Unsupported) -> String {
        let name = skip("{") ? scalars[position...].prefix { $0 != "}" } : []
        let isName = { (scalar: Unicode.Scalar) in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_" || scalar == "=")
        }
        guard !name.isEmpty, position + name.count < scalars.count, name.allSatisfy(isName) else {
            throw Unsupported(reason: "\\p is not followed by a property in braces")
        }
        position += name.count + 1
        return String(String.UnicodeScalarView(name))
    }

    private mutating func readUnicodeEscape() throws(Unsupported) -> Unicode.Scalar {
        if skip("{") {
            let digits = scalars[position...].prefix { $0 != "}" }
            let value = digits.count <= 8 ? UInt32(String(String.UnicodeScalarView(digits)), radix: 16) : nil
            guard position + digits.count < scalars.count, let scalar = value.flatMap(Unicode.Scalar.init) else {
                throw Unsupported(reason: "\\u{…} names no character")
            }
            position += digits.count + 1
            return scalar
        }
        let unit = try readHexValue(digits: 4)
        if (0xD800..<0xDC00).contains(unit), skip("\\u") {
            let low = try readHexValue(digits: 4)
            if (0xDC00..<0xE000).contains(low),
                let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
            {
                return scalar
            }
        }
        guard let scalar = Unicode.Scalar(unit) else { throw Unsupported(reason: "\\u names half of a surrogate pair") }
        return scalar
    }

    private mutating func readHex(digits: Int) throws(Unsupported) -> Unicode.Scalar {
        guard let scalar = Unicode.Scalar(try readHexValue(digits: digits)) else {
            throw Unsupported(reason: "a hexadecimal escape names no character")
        }
        return scalar
    }

    private mutating func readHexValue(digits: Int) throws(Unsupported) -> UInt32 {
        let text = String(String.UnicodeScalarView(scalars[position...].prefix(digits)))
        guard text.count == digits, text.allSatisfy(\.isHexDigit), let value = UInt32(text, radix: 16) else {
            throw Unsupported(reason: "a hexadecimal escape needs \(digits) digits")
        }
        position += digits
        return value
    }

    private static func element(_ element: Element) -> String {
        switch element {
        case .character(let scalar): literal(scalar)
        case .set(let set): set
        }
    }

    /// A character that means nothing but itself, in a class and out of it.
    private static func literal(_ scalar: Unicode.Scalar) -> String {
        let isPlain = scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
        return isPlain ? String(scalar) : "\\x{\(String(scalar.value, radix: 16))}"
    }

    private var current: Unicode.Scalar? { peek(0) }

    private func peek(_ offset: Int) -> Unicode.Scalar? {
        position + offset < scalars.count ? scalars[position + offset] : nil
    }

    /// Passes over `text` if it comes next.
    private mutating func skip(_ text: String) -> Bool {
        guard scalars[position...].starts(with: text.unicodeScalars) else { return false }
        position += text.unicodeScalars.count
        return true
    }
}

/// What ECMA-262 means by its shorthands, in ICU's syntax.
private enum CharacterSets {
    static let word = "A-Za-z0-9_"
    /// WhiteSpace and LineTerminator of ECMA-262: Unicode's spaces, the byte order mark, and the line separators.
    static let space = "\\x{9}-\\x{d}\\x{feff}\\p{Zs}\\x{2028}\\x{2029}"
    static let dot = "[^\\x{a}\\x{d}\\x{2028}\\x{2029}]"
    static let wordBoundary = "(?:(?<=[\(word)])(?![\(word)])|(?<![\(word)])(?=[\(word)]))"
    static let noWordBoundary = "(?:(?<=[\(word)])(?=[\(word)])|(?<![\(word)])(?![\(word)]))"
}
