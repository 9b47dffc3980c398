/// What is wrong with a YAML or JSON text, and where.
///
/// Messages name keys, tags and anchors but never a value, which may be a secret (I11).
package struct YAMLError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// The text is no YAML, or no JSON.
        case syntax
        /// Not UTF-8, or a character that YAML does not allow.
        case encoding
        /// More, longer or deeper than is read (I12).
        case limit
        case duplicateKey
        /// A key that can't be the name of a field.
        case key
        case tag
        case alias
        case merge
        /// A value that JSON can't hold.
        case value
    }

    package var code: Code
    package var mark: YAMLMark
    /// What is wrong, without the place and without a full stop.
    package var message: String
    /// What to do about it, if that is not plain from the message.
    package var hint: String?

    package init(_ code: Code, at mark: YAMLMark, _ message: String, hint: String? = nil) {
        self.code = code
        self.mark = mark
        self.message = message
        self.hint = hint
    }

    package var description: String { "\(mark): \(message)\(hint.map { "; \($0)" } ?? "")" }
}

/// Everything that is wrong with one text, in its order.
package struct YAMLErrors: Error, Hashable, Sendable, CustomStringConvertible {
    package var errors: [YAMLError]

    package init(_ errors: [YAMLError]) { self.errors = errors }

    package var description: String { errors.map(\.description).joined(separator: "\n") }
}
