import JSON

/// What a refusal's body says, in whichever of the platform's envelopes it comes.
///
/// Documents of different age show `{"errors": [{code, message, path, metadata}]}` and `{"error": {code, message}}`; a
/// gateway may answer with a bare `{"message"}`, and a proxy with HTML, of which nothing is taken.
struct ErrorEnvelope {
    var codes: [String] = []
    var messages: [String] = []
    var fields: [String] = []

    /// Entries that are read, and characters of each text.
    private static let entriesMax = 8
    private static let textMax = 500

    /// Takes secrets out of a text, before it is cut.
    private let redact: (String) -> String

    /// Nil when the body is none of the envelopes: whoever wrote it, it was not the platform.
    init?(body: [UInt8], redact: @escaping (String) -> String = { $0 }) {
        self.redact = redact
        guard let value = try? JSONReader.read(body, limits: JSONReader.Limits(bytesMax: 1 << 20)),  // HTML, mostly
            let object = value.object
        else { return nil }
        if let entries = object["errors"]?.array {
            for entry in entries.prefix(Self.entriesMax) { add(entry) }
        } else if let entry = object["error"] {
            add(entry)
        } else {
            add(value)
        }
        if codes.isEmpty && messages.isEmpty { return nil }
    }

    private mutating func add(_ entry: JSONValue) {
        if let text = entry.string { messages.append(clean(text)) }
        if let code = entry["code"]?.string ?? entry["code"]?.number?.text { codes.append(clean(code)) }
        if let message = entry["message"]?.string { messages.append(clean(message)) }
        if let path = entry["path"]?.array {
            let elements = path.prefix(Self.entriesMax).compactMap { $0.string ?? $0.number?.text }
            if !elements.isEmpty { fields.append(clean(elements.joined(separator: "."))) }
        }
        // Said of a stale write; good to read in a log, and never to be sent back (I3).
        for (name, value) in entry["metadata"]?.object?.members.prefix(Self.entriesMax) ?? []
        where name.contains("etag") {
            guard let etag = value.string else { continue }
            messages.append(clean("\(name) is \(etag)"))
        }
    }

    private func clean(_ text: String) -> String { Self.clean(redact(text)) }

    /// One line of bounded length: whatever breaks lines or steers terminals becomes a space.
    static func clean(_ text: String) -> String {
        let printable = text.unicodeScalars.prefix(textMax).map { scalar -> Character in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: " "
            default: Character(scalar)
            }
        }
        return String(printable)
    }
}
