package import Manifests

/// The message of an explicit render: for people, and the mark by which an install is recognised (DESIGN §4).
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
        let mark = /\(([a-z0-9][-a-z0-9]*)@([0-9a-f]{12})\) \[agl:([A-Za-z]+)\/([A-Za-z0-9][A-Za-z0-9._-]*)\]/
        guard let start = message.lastIndex(of: "("), let parts = message[start...].wholeMatch(of: mark)?.output,
            let kind = Kind(rawValue: String(parts.3))
        else { return nil }
        source = String(parts.1)
        shortCommit = String(parts.2)
        object = ObjectReference(kind, String(parts.4))
    }
}
