/// One scalar setting: where it can be given, what it means, and how it is read.
///
/// Defined once, in ``Keys``.
package struct Key<Value: Sendable>: Sendable {
    /// What all keys have, whatever their value.
    package let name: KeyName
    /// For people: the help of the flag and the comment in the sample file.
    package let summary: String
    /// The default as the file would say it; nil when there is none and the setting may be left out.
    package let defaultText: String?
    let parse: @Sendable (_ text: String, _ variables: PathVariables) throws(InvalidValue) -> Value

    init(
        _ path: String, default defaultText: String?, _ summary: String,
        parse: @escaping @Sendable (_ text: String, _ variables: PathVariables) throws(InvalidValue) -> Value
    ) {
        name = KeyName(path: path)
        self.summary = summary
        self.defaultText = defaultText
        self.parse = parse
    }

    /// The key without its type, for lists of all keys.
    package var description: KeyDescription {
        KeyDescription(name: name, summary: summary, defaultText: defaultText)
    }
}

/// What a key is called in each layer; all follow from its path in the file.
package struct KeyName: Hashable, Sendable {
    /// As in `api.baseURL`.
    package let path: String

    /// As in `AKUA_GITOPS_API_BASE_URL`.
    package var environment: String { Self.environmentPrefix + words.joined(separator: "_").uppercased() }
    /// As in `api-base-url`, without dashes before it.
    package var flag: String { words.joined(separator: "-").lowercased() }

    static let environmentPrefix = "AKUA_GITOPS_"

    /// The path's words: `api.baseURL` has `api`, `base` and `URL`.
    private var words: [String] {
        path.split(separator: ".").flatMap { component -> [String] in
            var words: [String] = []
            var previousIsUpper = true
            for character in component {
                if character.isUppercase, !previousIsUpper {
                    words.append(String(character))
                } else {
                    words.append((words.popLast() ?? "") + String(character))
                }
                previousIsUpper = character.isUppercase
            }
            return words
        }
    }
}

/// A key as documentation shows it.
package struct KeyDescription: Hashable, Sendable {
    package var name: KeyName
    package var summary: String
    package var defaultText: String?
}

/// What is wrong with the text of a value, as the end of a sentence that begins with the key.
struct InvalidValue: Error {
    var problem: String
    var hint: String?
}
