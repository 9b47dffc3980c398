import JSON
package import Journal
import Manifests
import Planning
import Reconciler

/// What the control socket's requests do.
struct ControlHandler: Sendable {
    let journal: Journal
    let loops: SourceLoops

    func answer(_ request: ControlRequest) async -> ControlReply {
        switch request {
        case .allow(let digest, let source):
            guard loops.has(source) else { return unknown(source) }
            let reply = await reply {
                try await JournalCommands(journal).allow(digest, source: source, configured: loops.names)
            }
            if case .done = reply { _ = loops.trigger(source) }
            return reply
        case .release(let kind, let name, let source):
            let commands = JournalCommands(journal)
            let owner: String
            do { owner = try await commands.owner(ofKind: kind, name: name, source: source) } catch {
                return .refused(code: "refused", message: "\(error)")
            }
            // A pass keeps the records of its objects in memory: what is changed beside it would be written over.
            return await loops.betweenPasses(of: owner) {
                await reply { try await commands.release(kind: kind, name: name, source: owner) }
            }
        case .trigger(let source):
            guard loops.has(source) else { return unknown(source) }
            return .done(message: "triggered \(loops.trigger(source).joined(separator: ", "))", details: nil)
        case .suspend, .resume:
            return .refused(
                code: "not-supported",
                message: "not supported by this version: commit spec.suspend to the Settings document")
        }
    }

    private func unknown(_ source: String?) -> ControlReply {
        .refused(
            code: "unknown-source",
            message: "no source is called '\(source ?? "")'; there is \(loops.names.joined(separator: ", "))")
    }

    private func reply(_ body: () async throws -> String) async -> ControlReply {
        do {
            return .done(message: try await body(), details: nil)
        } catch let refusal as CommandRefusal {
            return .refused(code: refusal.code, message: refusal.description)
        } catch {
            return .refused(code: "refused", message: "\(error)")
        }
    }
}

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
