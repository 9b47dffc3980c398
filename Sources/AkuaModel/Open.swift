/// A word from a set that the platform may extend: the cases we know, and the words we do not.
package enum Open<Known: RawRepresentable & Hashable & Sendable>: Hashable, Sendable where Known.RawValue == String {
    case known(Known)
    case unknown(String)

    package init(_ word: String) { self = Known(rawValue: word).map(Open.known) ?? .unknown(word) }

    /// The word as the platform writes it.
    package var word: String {
        switch self {
        case .known(let known): known.rawValue
        case .unknown(let word): word
        }
    }

    /// Whether this is that known word.
    package func `is`(_ known: Known) -> Bool { self == .known(known) }
}

extension Open: Codable {
    package init(from decoder: any Decoder) throws { self.init(try decoder.singleValueContainer().decode(String.self)) }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(word)
    }
}
