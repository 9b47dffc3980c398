package import JSON

/// A value is stored as its own text, so that every number keeps its digits.
extension JSONValue: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        self = try JSONReader.read(text)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(JSONWriter().text(of: self))
    }
}
