import JSON
package import Journal
import Manifests
import Planning
import Reconciler

/// Why a person's command changes nothing.
package struct CommandRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// Of a command that is malformed, whatever the journal holds.
    package static let malformed = "malformed"
    /// Of a command about something that is not there.
    package static let unknown = "unknown"

    package var code: String
    package var description: String

    package init(_ code: String, _ description: String) {
        self.code = code
        self.description = description
    }
}

/// What a person changes in the journal, by way of the daemon or, where none runs, directly.
package struct JournalCommands: Sendable {
    private let journal: Journal

    package init(_ journal: Journal) { self.journal = journal }

    /// Releases the blocked set with this digest, once.
    ///
    /// Says what it did.
    package func allow(_ digest: String, source: String?, configured: [String]) async throws -> String {
        guard digest.utf8.count == 32, digest.allSatisfy({ $0.isHexDigit }) else {
            throw CommandRefusal(
                CommandRefusal.malformed,
                "'\(digest)' is no digest: it has 32 hex digits and is shown by plan and in prune.blocked")
        }
        let sources = source.map { [$0] } ?? configured
        guard !sources.isEmpty else { throw CommandRefusal(CommandRefusal.unknown, "no source is configured") }
        let now = Environment.system.now()
        try await journal.commit(
            sources.map { .allowance(AllowanceRecord(source: $0, digest: digest, allowedAt: now)) })
        let names = sources.joined(separator: ", ")
        for source in sources {
            let isBlocked = try await journal.conditions(of: source).contains { $0.blockedDigest == digest }
            if isBlocked { return "the set \(digest) is released, once, for \(names)" }
        }
        return "no set with the digest \(digest) is blocked now: it is released, once, if a later plan of \(names) "
            + "blocks exactly that"
    }

    /// The longest reason, as in Settings.
    package static let reasonMax = 500

    /// Has nothing written for these sources from `now` (Unix milliseconds) on, until `until` (Unix seconds) or for as
    /// long as nobody resumes them.
    ///
    /// Says what it did.
    package func suspend(_ sources: [String], reason: String, until: Int?, now: Int) async throws -> String {
        guard (1...Self.reasonMax).contains(reason.count) else {
            throw CommandRefusal(
                CommandRefusal.malformed,
                "the reason has \(reason.count) characters; 1 to \(Self.reasonMax) are allowed")
        }
        if let until, until <= now / 1_000 {
            throw CommandRefusal(
                CommandRefusal.malformed, "\(MomentText.text(of: until)) is over: name a moment that is to come")
        }
        guard !sources.isEmpty else { throw CommandRefusal(CommandRefusal.unknown, "no source is configured") }
        try await journal.commit(
            sources.map { .suspension(SuspensionRecord(source: $0, reason: reason, since: now, until: until)) })
        let end = until.map { " until \(MomentText.text(of: $0))" } ?? ""
        return "suspended \(sources.joined(separator: ", "))\(end): nothing is written until it is resumed"
    }

    /// Takes back what ``suspend(_:reason:until:now:)`` did, at `now` (Unix milliseconds).
    ///
    /// Says what it did, and what else suspends a source.
    package func resume(_ sources: [String], now: Int) async throws -> String {
        var sentences: [String] = []
        for source in sources {
            let isSuspended = try await journal.suspension(of: source)?.holds(at: now / 1_000) ?? false
            var sentence = isSuspended ? "resumed \(source)" : "\(source) was not suspended by a person"
            if let settings = try await journal.source(source)?.suspension(at: now / 1_000) {
                sentence += ", but its Settings suspend it: \(settings.reason)"
            }
            sentences.append(sentence)
        }
        try await journal.commit(sources.map { .resumption(source: $0) })
        return sentences.joined(separator: "; ")
    }

    /// The source that owns an object: the one named, or the only one.
    package func owner(ofKind kind: String, name: String, source: String?) async throws -> String {
        try await owned(kind, name, by: source).identity.source
    }

    /// Disowns an object without deleting it.
    ///
    /// Says what it did.
    package func release(kind: String, name: String, source: String?) async throws -> String {
        var record = try await owned(kind, name, by: source)
        record.life = .released
        record.ownership = .shared
        try await journal.commit([.object(record)])
        return "\(kind)/\(name) (\(record.resourceID ?? "")) is released: it lives on and is not ours any more"
    }

    private func owned(_ kind: String, _ name: String, by source: String?) async throws -> ObjectRecord {
        guard let kind = Kind(rawValue: kind) else {
            throw CommandRefusal(
                CommandRefusal.malformed,
                "'\(kind)' is no kind: it is one of \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        var found: [ObjectRecord] = []
        for record in try await journal.sources() where source == nil || record.source == source {
            found += try await journal.objects(of: record.source).filter {
                $0.identity.kind == kind.rawValue && $0.identity.name == name && $0.life == .live
            }
        }
        guard let record = found.first else {
            throw CommandRefusal(CommandRefusal.unknown, "no source owns \(kind.rawValue)/\(name)")
        }
        guard found.count == 1 else {
            let names = found.map(\.identity.source).sorted().joined(separator: ", ")
            throw CommandRefusal(
                CommandRefusal.malformed, "\(kind.rawValue)/\(name) is owned by \(names): say which with --source")
        }
        return record
    }
}
