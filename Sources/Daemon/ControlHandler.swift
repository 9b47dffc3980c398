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
            return await change { () async throws in
                try await JournalCommands(journal).allow(digest, source: source, configured: loops.names)
            }
        case .release(let kind, let name, let source):
            return await change { () async throws in
                try await JournalCommands(journal).release(kind: kind, name: name, source: source)
            }
        case .trigger(let source):
            let triggered = loops.trigger(source)
            guard !triggered.isEmpty else {
                return .refused(code: "unknown-source", message: "no source is called '\(source ?? "")'")
            }
            return .done(message: "triggered \(triggered.joined(separator: ", "))", details: nil)
        case .suspend, .resume:
            return .refused(
                code: "not-supported",
                message: "not supported by this version: commit spec.suspend to the Settings document")
        }
    }

    private func change(_ body: () async throws -> String) async -> ControlReply {
        do {
            let message = try await body()
            _ = loops.trigger(nil)
            return .done(message: message, details: nil)
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
        return "the set \(digest) is released, once, for \(sources.joined(separator: ", "))"
    }

    /// Disowns an object without deleting it.
    ///
    /// Says what it did.
    package func release(kind: String, name: String, source: String?) async throws -> String {
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
        guard var record = found.first else {
            throw CommandRefusal(CommandRefusal.unknown, "no source owns \(kind.rawValue)/\(name)")
        }
        guard found.count == 1 else {
            let names = found.map(\.identity.source).sorted().joined(separator: ", ")
            throw CommandRefusal(
                CommandRefusal.malformed, "\(kind.rawValue)/\(name) is owned by \(names): say which with --source")
        }
        record.life = .released
        record.ownership = .shared
        try await journal.commit([.object(record)])
        return "\(kind.rawValue)/\(name) (\(record.resourceID ?? "")) is released: it lives on and is not ours any more"
    }
}
