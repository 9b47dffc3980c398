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
    /// Whether a reload leaves it as it is, and refuses a configuration in which it is another.
    package let isFixed: Bool
    let rule: Rule<Value>

    init(
        _ path: String, default defaultText: String?, _ summary: String, isFixed: Bool = false, _ rule: Rule<Value>
    ) {
        name = KeyName(path: path)
        self.summary = summary
        self.defaultText = defaultText
        self.isFixed = isFixed
        self.rule = rule
    }

    /// The key without its type, for lists of all keys.
    package var description: KeyDescription {
        KeyDescription(name: name, summary: summary, defaultText: defaultText, isFixed: isFixed, form: rule.form)
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
    package var isFixed: Bool
    package var form: ValueForm
}

/// What a value has to be, in words for documentation.
package struct ValueForm: Hashable, Sendable {
    /// Such as `URL` or `whole number`.
    package var type: String
    /// What else holds, such as `1 to 256`; empty where nothing does.
    package var limit: String

    init(_ type: String, _ limit: String = "") {
        self.type = type
        self.limit = limit
    }
}

/// How a value is read from its text, whichever layer gives it, and how the reference describes it.
struct Rule<Value: Sendable>: Sendable {
    typealias Read = @Sendable (_ text: String, _ variables: PathVariables) throws(InvalidValue) -> Value

    let form: ValueForm
    let read: Read

    init(_ form: ValueForm, _ read: @escaping Read) {
        self.form = form
        self.read = read
    }
}

/// What is wrong with the text of a value, as the end of a sentence that begins with the key.
struct InvalidValue: Error {
    var problem: String
    var hint: String?
}
