package import Logging

/// One line before it is written: what a format needs and no more.
package struct LogEntry: Sendable {
    /// Milliseconds since 1970, UTC.
    package var milliseconds: Int64
    package var level: Logger.Level
    package var event: String
    package var message: String
    /// Ours, in the order of ``Field``.
    package var fields: [(name: String, value: FieldValue)]
    /// What libraries add under names of their own, sorted by name.
    package var foreign: [(name: String, value: FieldValue)]

    /// Where the event's name travels in swift-log's metadata.
    static let eventKey = "event"

    /// Sorts metadata into what is ours and what is not.
    init(milliseconds: Int64, level: Logger.Level, message: String, label: String, metadata: Logger.Metadata) {
        self.milliseconds = milliseconds
        self.level = level
        self.message = message
        var rest = metadata
        let name = rest.removeValue(forKey: Self.eventKey).map { Self.value(of: $0).description }
        event = name ?? Event.libraryLogged.rawValue
        if name == nil { rest[Field.logger.rawValue] = .string(label) }
        fields = Field.allCases.compactMap { field in
            rest.removeValue(forKey: field.rawValue).map { (field.rawValue, Self.value(of: $0)) }
        }
        foreign = rest.sorted { $0.key < $1.key }.map { ($0.key, Self.value(of: $0.value)) }
    }

    private static func value(of metadata: Logger.MetadataValue) -> FieldValue {
        guard case .stringConvertible(let value) = metadata else { return .string(metadata.description) }
        return value as? FieldValue ?? .string(value.description)
    }

    /// `2026-11-21T12:00:00.123Z`.
    package var timestamp: String { Self.timestamp(milliseconds: milliseconds) }
}

extension LogEntry {
    /// The entry with every text cut to `bytes`, and whether one was longer.
    func clipped(toBytes bytes: Int) -> (entry: LogEntry, isClipped: Bool) {
        var (entry, isClipped) = (self, false)
        func clip(_ text: inout String) {
            guard text.utf8.count > bytes else { return }
            text = text.prefix(bytes: bytes) + "…"
            isClipped = true
        }
        func clip(_ value: inout FieldValue) {
            guard case .string(var text) = value else { return }
            clip(&text)
            value = .string(text)
        }
        clip(&entry.event)
        clip(&entry.message)
        for index in entry.fields.indices { clip(&entry.fields[index].value) }
        for index in entry.foreign.indices { clip(&entry.foreign[index].value) }
        return (entry, isClipped)
    }
}

extension String {
    /// As many whole characters of Unicode as fit into that many bytes of UTF-8.
    func prefix(bytes: Int) -> Substring {
        guard utf8.count > bytes else { return self[...] }
        var end = utf8.index(startIndex, offsetBy: bytes)
        while UTF8.isContinuation(utf8[end]) { end = utf8.index(before: end) }
        return self[..<end]
    }
}
