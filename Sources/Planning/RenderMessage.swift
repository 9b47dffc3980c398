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

    /// The whole message.
    ///
    /// A subject that does not fit is cut at a character and ends in `…`.
    package func message(subject: String) -> String {
        let tail = "(\(source)@\(shortCommit)) [agl:\(object)]"
        let room = Self.messageBytesMax - tail.utf8.count - 1
        let clean = String(String.UnicodeScalarView(subject.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
        guard clean.utf8.count > room else { return clean.isEmpty ? tail : clean + " " + tail }
        var cut = ""
        for character in clean {
            guard cut.utf8.count + character.utf8.count + "…".utf8.count <= room else { break }
            cut.append(character)
        }
        return cut.isEmpty ? tail : cut + "… " + tail
    }

    /// The mark at the end of a message, or nil when it ends otherwise.
    package init?(message: String) {
        guard message.hasSuffix("]"), let mark = message.lastRange(of: " [agl:") else {
            return nil
        }
        let reference = message[mark.upperBound...].dropLast()
        guard let slash = reference.firstIndex(of: "/"), let kind = Kind(rawValue: String(reference[..<slash])) else {
            return nil
        }
        let head = message[..<mark.lowerBound]
        guard head.hasSuffix(")"), let open = head.lastIndex(of: "("),
            let at = head[open...].firstIndex(of: "@")
        else { return nil }
        let commit = head[head.index(after: at)...].dropLast()
        guard commit.utf8.count == Self.shortLength, commit.allSatisfy(\.isHexDigit) else { return nil }
        source = String(head[head.index(after: open)..<at])
        shortCommit = String(commit)
        object = ObjectReference(kind, String(reference[reference.index(after: slash)...]))
    }
}

extension String {
    fileprivate func lastRange(of part: String) -> Range<String.Index>? {
        var start = endIndex
        while start > startIndex {
            start = index(before: start)
            if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
        }
        return nil
    }
}
