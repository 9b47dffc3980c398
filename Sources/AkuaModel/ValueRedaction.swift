package import JSON

/// Takes the values of an install out of what others say, such as the platform that quotes one in a refusal (I11).
package struct ValueRedaction: Sendable {
    /// What stands in the place of a value.
    package static let placeholder = "<value>"
    /// A shorter text says nothing, and is found in every word.
    private static let bytesMin = 4

    /// Longest first, so that none is left in pieces by another that is a part of it.
    private let secrets: [String]

    /// Hides every text among these values, whatever its depth.
    package init(values: [JSONValue]) {
        var found: Set<String> = []
        for value in values { Self.collect(value, into: &found) }
        secrets = found.sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
    }

    /// Hides the values that the body of a request carries: those of an install, or of a chart.
    package init(body: [UInt8]?) {
        let members = body.flatMap { try? JSONReader.read($0) }?.object  // A body of ours is JSON, or there is none.
        let charts = (members?["sources"]?.array ?? []).compactMap { $0["values"] }
        self.init(values: charts + [members?["initial_values"]].compactMap(\.self))
    }

    /// The text without the values.
    package func clean(_ text: String) -> String {
        secrets.reduce(text) { $0.contains($1) ? $0.replacing($1, with: Self.placeholder) : $0 }
    }

    private static func collect(_ value: JSONValue, into found: inout Set<String>) {
        switch value {
        case .string(let text):
            guard text.utf8.count >= bytesMin else { return }
            found.insert(text)
            // As it stands in a message that quotes JSON.
            found.insert(String(JSONWriter().text(of: value).dropFirst().dropLast()))
        case .number(let number) where number.text.utf8.count >= bytesMin: found.insert(number.text)
        case .array(let items): for item in items { collect(item, into: &found) }
        case .object(let object): for member in object.members { collect(member.value, into: &found) }
        case .null, .bool, .number: return
        }
    }
}
