import Telemetry

/// A piece of HTML: text gets in escaped or not at all, so that no name and no subject can become markup.
struct Markup: Sendable {
    /// The HTML itself.
    private(set) var html: String

    /// Nothing.
    static let empty = Markup(html: "")

    /// What git, the platform or a person wrote, with its control characters spelled out.
    static func text(_ text: String) -> Markup { Markup(html: escaped(TerminalText.safe(text))) }

    /// An element; of attributes only values come from outside.
    static func element(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>, _ children: [Markup]
    ) -> Markup {
        let written = attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
        return Markup(html: "<\(name)\(written)>" + children.map(\.html).joined() + "</\(name)>")
    }

    /// An element around a text.
    static func element(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>, _ text: String
    ) -> Markup { element(name, attributes, [.text(text)]) }

    /// An element without attributes, around a text.
    static func element(_ name: StaticString, _ text: String) -> Markup { element(name, [:], [.text(text)]) }

    /// An element that has no end, such as `meta`.
    static func void(_ name: StaticString, _ attributes: KeyValuePairs<StaticString, String>) -> Markup {
        Markup(html: "<\(name)" + attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined() + ">")
    }

    /// Text of our own, such as a style sheet, as it is.
    static func own(_ text: StaticString) -> Markup { Markup(html: "\(text)") }

    private static func escaped(_ text: String) -> String {
        var output = ""
        output.reserveCapacity(text.utf8.count)
        for character in text.unicodeScalars {
            switch character {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            default: output.unicodeScalars.append(character)
            }
        }
        return output
    }
}
