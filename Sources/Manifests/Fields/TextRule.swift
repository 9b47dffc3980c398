internal import JSON

/// What a text must look like: a check for the parser and the same as a regular expression for the schema.
struct TextForm: Sendable {
    /// ECMA-262, anchored; a test holds it against ``accepts``.
    let pattern: String
    /// Completes "must be ...".
    let sentence: String
    /// Whether a text of another form may stand in a message: not where credentials might be part of it (I11).
    var isShown = true
    let accepts: @Sendable (String) -> Bool
}

extension FieldRule where Value == String {
    /// Text of that many UTF-16 units, as the platform counts, without control characters.
    ///
    /// A plain scalar counts as its own text: `1.10` is "1.10", `no` is "no".
    static func text(_ length: ClosedRange<Int>, form: TextForm? = nil, allowsLines: Bool = false) -> Self {
        var schema = JSONObject()
        // Editors resolve plain scalars before they look at the schema, so what is text to us is a number to them.
        schema["type"] = ["string", "number", "boolean"]
        if length.lowerBound > 0 { schema["minLength"] = .number(JSONNumber(length.lowerBound)) }
        schema["maxLength"] = .number(JSONNumber(length.upperBound))
        if let form { schema["pattern"] = .string(form.pattern) }
        return Self(schema: schema, form: .text(length, form, allowsLines: allowsLines)) { node, name, problems in
            guard let text = node.text else {
                problems.report(node.mark, "\(name) must be text, not \(node.kind)")
                return nil
            }
            let count = text.utf16.count
            guard length.contains(count) else {
                problems.report(
                    node.mark,
                    count == 0
                        ? "\(name) is empty"
                        : "\(name) has \(count) characters; \(length.lowerBound) to \(length.upperBound) are allowed")
                return nil
            }
            if let scalar = text.unicodeScalars.first(where: { Self.isForbidden($0, allowsLines: allowsLines) }) {
                let code = String(scalar.value, radix: 16, uppercase: true)
                problems.report(node.mark, "\(name) holds the control character U+\(code)")
                return nil
            }
            if let form, !form.accepts(text) {
                let found = form.isShown ? ", not \(Quoted(text))" : ""
                problems.report(node.mark, "\(name) must be \(form.sentence)\(found)")
                return nil
            }
            return text
        }
    }

    private static func isForbidden(_ scalar: Unicode.Scalar, allowsLines: Bool) -> Bool {
        switch scalar.value {
        case 0x0A, 0x09: !allowsLines
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
        default: false
        }
    }
}

extension TextForm {
    /// `metadata.name`.
    static let name = TextForm(
        pattern: "^[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$",
        sentence: "letters, digits, '.', '_' and '-', with a letter or digit at both ends"
    ) { isWord($0, lengthMax: 100) }

    /// A label's value, or the part of a label's or annotation's key behind the slash.
    static let labelValue = TextForm(
        pattern: "^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$",
        sentence: "up to 63 letters, digits, '.', '_' and '-', with a letter or digit at both ends"
    ) { $0.isEmpty || isWord($0, lengthMax: 63) }

    /// A label's or annotation's key.
    static let labelKey = TextForm(
        pattern: "^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$",
        sentence: "a name of up to 63 letters, digits, '.', '_' and '-', or a domain, a slash and such a name"
    ) { text in
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.last, isWord(String(name), lengthMax: 63) else { return false }
        guard parts.count == 2 else { return true }
        return isWord(String(parts[0]), lengthMax: 253)
            && parts[0].utf8.allSatisfy { isLowercaseOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }

    /// An id as the platform gives them; which kind of object it is of can't be seen in every id.
    static let identifier = TextForm(
        pattern: "^[A-Za-z0-9_.~-]*[A-Za-z0-9_~-][A-Za-z0-9_.~-]*$",
        sentence: "an id as the platform gives it: letters, digits, '-', '_', '.' and '~'"
    ) { text in
        text.utf8.allSatisfy { isAlphanumeric($0) || "-_.~".utf8.contains($0) } && !text.utf8.allSatisfy { $0 == 0x2E }
    }

    /// The repository of an OCI artifact: what is published there is pinned by the `ref` of each version.
    static let ociRepository = TextForm(
        pattern: "^oci://[^/@\\s]+(/[^/@:\\s]+)+$",
        sentence: "oci://, a host and a repository, without a tag, a digest or credentials", isShown: false
    ) { text in
        guard text.hasPrefix("oci://") else { return false }
        let parts = text.dropFirst("oci://".count).split(separator: "/", omittingEmptySubsequences: false)
        return parts.count > 1
            && parts.allSatisfy { !$0.isEmpty && !$0.contains("@") && !$0.contains(where: \.isWhitespace) }
            && parts.dropFirst().allSatisfy { !$0.contains(":") }
    }

    /// An OCI registry address of a chart.
    static let ociURL = TextForm(
        pattern: "^oci://[^@\\s]+$", sentence: "a URL that begins with oci://, without credentials", isShown: false
    ) { text in
        text.hasPrefix("oci://") && text.utf8.count > "oci://".utf8.count && !text.contains("@")
            && !text.contains(where: \.isWhitespace)
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLowercaseOrDigit(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func isLowercaseOrDigit(_ byte: UInt8) -> Bool {
        CoreSchema.isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isWord(_ text: String, lengthMax: Int) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, let last = bytes.last, bytes.count <= lengthMax else { return false }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && bytes.allSatisfy {
                isAlphanumeric($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            }
    }
}
