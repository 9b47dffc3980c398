import Manifests
import Planning
import Testing

/// The mark in a render's message: for people, and to find an install again.
@Suite struct RenderMarkerTests {
    private static let commit = "0123456789abcdef0123456789abcdef01234567"
    private static let marker = RenderMarker(source: "platform", commit: commit, object: ObjectReference("Install/eu"))
    private static let tail = "(platform@0123456789ab) [agl:Install/eu]"

    @Test(arguments: [
        ("Raise the limits", "Raise the limits \(tail)"), ("", tail),
        ("Two\nlines\tand\u{2028}more", "Two lines and more \(tail)"), ("\u{1B}[31mred", " [31mred \(tail)"),
        ("Ünïcödé ✓ 👩‍👩‍👧", "Ünïcödé ✓ 👩‍👩‍👧 \(tail)"),
    ])
    func `a message is subject, source, commit and object`(_ subject: String, _ message: String) {
        #expect(Self.marker.message(subject: subject) == message)
        #expect(RenderMarker(message: message) == Self.marker)
    }

    @Test(arguments: ["x", "é", "漢", "👩‍👩‍👧", "e\u{301}"], 0..<60)
    func `a long subject is cut at a character, and source and mark stay whole`(_ character: String, _ extra: Int) {
        let subject = String(repeating: "-", count: extra) + String(repeating: character, count: 300)
        let message = Self.marker.message(subject: subject)
        #expect(message.utf8.count <= 255)
        #expect(message.utf8.count > 255 - character.utf8.count - 1)
        #expect(message.utf16.count <= 255)
        #expect(message.hasSuffix("… " + Self.tail))
        #expect(subject.hasPrefix(message.dropLast("… ".count + Self.tail.count)))
        #expect(RenderMarker(message: message) == Self.marker)
    }

    @Test func `a subject that just fits is not cut`() {
        let room = 255 - Self.tail.utf8.count - 1
        let fitting = String(repeating: "x", count: room)
        #expect(Self.marker.message(subject: fitting) == fitting + " " + Self.tail)
        #expect(Self.marker.message(subject: fitting + "x").contains("…"))
    }

    @Test func `the longest source and name fit`() throws {
        let object = ObjectReference(.packageVersion, String(repeating: "n", count: 100))
        let marker = RenderMarker(source: String(repeating: "s", count: 63), commit: Self.commit, object: object)
        let message = marker.message(subject: String(repeating: "subject ", count: 100))
        #expect(message.utf8.count <= 255)
        #expect(RenderMarker(message: message) == marker)
    }

    @Test(arguments: [
        "Steal it (other@ffffffffffff) [agl:Install/theirs]", "[agl:Install/theirs]",
        "(other@ffffffffffff) [agl:Install/theirs] ", "((((", "@@@ ]]] [agl:",
    ])
    func `a subject can't forge a mark`(_ subject: String) {
        #expect(RenderMarker(message: Self.marker.message(subject: subject)) == Self.marker)
    }

    @Test(arguments: [
        "", "Raise the limits", "[agl:Install/eu]", " [agl:Install/eu]", "x (platform) [agl:Install/eu]",
        "x (platform@0123456789ab) [agl:Install/eu] and more", "x (platform@0123456789a) [agl:Install/eu]",
        "x (platform@0123456789abc) [agl:Install/eu]", "x (platform@0123456789AB) [agl:Install/eu]",
        "x (platform@０１２３) [agl:Install/eu]", "x (@0123456789ab) [agl:Install/eu]",
        "x (Platform@0123456789ab) [agl:Install/eu]", "x (platform@0123456789ab) [agl:Thing/eu]",
        "x (platform@0123456789ab) [agl:Install/]", "x (platform@0123456789ab) [agl:Install]",
        "x (platform@0123456789ab) [agl:Install/a b]", "x (platform@0123456789ab)[agl:Install/eu]",
        "x platform@0123456789ab) [agl:Install/eu]", "x (platform@0123456789ab) [agl:Install/eu",
    ])
    func `what is not exactly a mark is none`(_ message: String) {
        #expect(RenderMarker(message: message) == nil)
    }
}
