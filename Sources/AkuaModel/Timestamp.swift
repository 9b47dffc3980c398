/// A moment that the platform reports: whole Unix seconds.
///
/// Never used to order events, since many share a second.
package struct Timestamp: Hashable, Sendable, Codable, Comparable {
    package let seconds: Int

    package init(seconds: Int) { self.seconds = seconds }

    /// From a number in seconds or in milliseconds: documents of different age use one or the other, and no moment
    /// in seconds reaches 10^11 before the year 5138.
    package init(secondsOrMilliseconds value: Int) {
        seconds = value >= 100_000_000_000 ? value / 1_000 : value
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.seconds < right.seconds }
}

/// The version of an object's state, to be sent back as it came in `If-Match`.
package struct ETag: Hashable, Sendable, Codable, CustomStringConvertible {
    package let text: String

    /// Nil when the text can't stand in a header: empty, over 256 bytes, or with a control character.
    package init?(_ text: String) {
        guard (1...256).contains(text.utf8.count), text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), text != "*"
        else { return nil }
        self.text = text
    }

    package var description: String { text }
}
