/// Text of a stranger for use in a message: in quotes, on one line, without control characters, cut to 80 characters.
///
/// Holds S12: nothing that a repository holds can break a line or reach a terminal as an escape.
package struct Quoted: CustomStringConvertible {
    private static let lengthMax = 80
    private let text: String

    package init(_ text: String) { self.text = text }

    package var description: String { "'\(Self.clean(text))'" }

    /// The same without the quotes.
    package static func clean(_ text: String) -> String {
        var result = ""
        var length = 0
        for scalar in text.unicodeScalars {
            guard length < lengthMax else { return result + "…" }
            length += 1
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
