package import Manifests

/// The message of an explicit render: for people, and the mark by which an install is recognised.
///
/// `<commit subject> (<source>@<short sha>) [agl:<kind>/<name>]`, at most 255 bytes, with source and mark whole. It is
/// read from the end only, so that a commit subject can't forge one.
package struct RenderMarker: Hashable, Sendable {
    package var source: String
    /// The first twelve hex digits of the commit.
    package var shortCommit: String
    package var object: ObjectReference

    package init(source: String, commit: String, object: ObjectReference) {
        self.source = source
        self.shortCommit = String(commit.prefix(Self.shortLength))
        self.object = object
    }

    private static let shortLength = 12
    /// The platform's limit, in a unit that it does not state: bytes are the strictest.
    package static let messageBytesMax = 255

    /// The whole message, on one line.
    ///
    /// A subject that does not fit is cut at a character and ends in `…`.
    package func message(subject: String) -> String {
        let tail = "(\(source)@\(shortCommit)) [agl:\(object)]"
        let room = Self.messageBytesMax - tail.utf8.count - 1
        let clean = String(String.UnicodeScalarView(subject.unicodeScalars.map { Self.breaksLines($0) ? " " : $0 }))
        guard clean.utf8.count > room else { return clean.isEmpty ? tail : clean + " " + tail }
        var (cut, length) = ("", "…".utf8.count)
        for character in clean {
            length += character.utf8.count
            guard length <= room else { break }
            cut.append(character)
        }
        return cut.isEmpty ? tail : cut + "… " + tail
    }

    private static func breaksLines(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    /// The mark at the end of a message, or nil when it ends otherwise.
    package init?(message: String) {
        // Whatever stands before: the last `(` begins the mark, since none of its parts can hold one.
        guard let start = message.lastIndex(of: "(") else { return nil }
        let mark = message[start...].split(separator: " ", omittingEmptySubsequences: false)
        guard mark.count == 2, let origin = Self.pair(in: mark[0], after: "(", "@", before: ")"),
            let object = Self.pair(in: mark[1], after: "[agl:", "/", before: "]"),
            Self.isMade(origin.0.utf8, of: Self.isInSourceName), origin.0.first != "-",
            Self.isMade(origin.1.utf8, of: Self.isHexDigit), origin.1.utf8.count == Self.shortLength,
            let kind = Kind(rawValue: String(object.0)), Self.isMade(object.1.utf8, of: Self.isInObjectName),
            let first = object.1.utf8.first, Self.isLetterOrDigit(first)
        else { return nil }
        source = String(origin.0)
        shortCommit = String(origin.1)
        self.object = ObjectReference(kind, String(object.1))
    }

    /// What stands on both sides of a separator between two brackets.
    private static func pair(
        in text: Substring, after opening: String, _ separator: Character, before closing: String
    ) -> (Substring, Substring)? {
        guard text.hasPrefix(opening), text.hasSuffix(closing) else { return nil }
        let parts = text.dropFirst(opening.count).dropLast(closing.count).split(
            separator: separator, omittingEmptySubsequences: false)
        return parts.count == 2 ? (parts[0], parts[1]) : nil
    }

    private static func isMade(_ text: Substring.UTF8View, of isAllowed: (UInt8) -> Bool) -> Bool {
        !text.isEmpty && text.allSatisfy(isAllowed)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool { isDigit(byte) || (0x61...0x66).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isInSourceName(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "-")
    }
    private static func isLetterOrDigit(_ byte: UInt8) -> Bool { isDigit(byte) || (0x61...0x7A).contains(byte | 0x20) }
    private static func isInObjectName(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
}
