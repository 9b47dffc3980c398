package import JSON
import Manifests
import Planning
package import Reconciler
import Synchronization
package import Telemetry

/// What each source is at, for health checks, metrics, `status` and systemd: written by the loops, read by the servers.
package final class StatusBoard: Sendable {
    /// One source, as of its last pass.
    package struct Entry: Equatable, Sendable {
        /// What is in force, or is being brought into it.
        package var revision: String?
        package var outcome: PassReport.Outcome?
        /// Why its last pass leaves it not ready; nil when it does not.
        package var trouble: Trouble?
        /// Why nobody knows whether there is a newer commit.
        package var remoteTrouble: Trouble?
        package var objects = 0
        /// Unix milliseconds.
        package var lastPass: Int?
        package var lastSuccess: Int?
        package var nextPass: Int?
        /// The commit that it was last in sync with.
        package var inSyncCommit: String?
        /// The date of the oldest commit seen that is not applied, in Unix seconds; nil when there is none.
        package var oldestUnapplied: Int?
    }

    /// A word for programs and a sentence for people.
    package struct Trouble: Equatable, Sendable {
        package var code: String
        package var message: String
    }

    private let entries = Mutex<[String: Entry]>([:])

    package init() {}

    /// The sources that are configured now; others are forgotten.
    package func expect(_ sources: [String]) {
        entries.withLock { entries in
            entries = entries.filter { sources.contains($0.key) }
            for source in sources where entries[source] == nil { entries[source] = Entry() }
        }
    }

    /// Changes what is known of a source; nothing when it is configured no more.
    private func update(_ source: String, _ change: (inout Entry) -> Void) {
        entries.withLock { entries in
            guard var entry = entries[source] else { return }
            change(&entry)
            entries[source] = entry
        }
    }

    /// The remote has been asked, and this is its newest commit.
    package func see(_ fetched: FetchedRevision, for source: String) {
        update(source) { entry in
            entry.remoteTrouble = nil
            entry.see(fetched)
        }
    }

    /// The remote can't be asked.
    package func lose(_ source: String, _ reason: String) {
        update(source) { $0.remoteTrouble = Trouble(code: "git-unreachable", message: reason) }
    }

    /// Takes up what a pass came to.
    package func record(_ report: PassReport, nextPass: Int) {
        update(report.source) { entry in
            entry.revision = report.appliedRevision ?? entry.revision
            entry.outcome = report.outcome
            entry.lastPass = report.finishedAt
            entry.nextPass = nextPass
            entry.objects = report.plan?.desiredDigests.count ?? entry.objects
            entry.trouble = report.trouble
            if report.outcome == .inSync || report.outcome == .changed { entry.lastSuccess = report.finishedAt }
            entry.inSyncCommit = report.inSyncCommit ?? entry.inSyncCommit
            guard let fetched = report.revision else { return }
            entry.remoteTrouble = nil
            entry.see(fetched)
        }
    }

    /// Measures how long the oldest commit of each source has been waiting; asked when somebody looks, since that age
    /// grows while nothing else happens.
    package func measure(_ meters: Meters, at seconds: Int) {
        for (source, entry) in all where entry.inSyncCommit != nil || entry.oldestUnapplied != nil {
            let age = entry.oldestUnapplied.map { max(0, seconds - $0) } ?? 0
            meters.waiting(source: source, oldestCommitAge: .seconds(age))
        }
    }

    package var all: [String: Entry] { entries.withLock { $0 } }

    /// `/readyz`: every source reconciled once, and none stalled.
    package var unreadiness: [Unreadiness] {
        all.sorted { $0.key < $1.key }.compactMap { source, entry in
            if let trouble = entry.trouble ?? entry.remoteTrouble {
                return Unreadiness(source: source, reason: trouble.code, message: trouble.message)
            }
            guard entry.lastPass == nil else { return nil }
            return Unreadiness(source: source, reason: "starting", message: "the first pass has not ended")
        }
    }

    /// `GET /v1/status`.
    package var json: JSONValue {
        let sources = all.sorted { $0.key < $1.key }.map { source, entry -> JSONValue in
            var object = JSONObject()
            object["source"] = .string(source)
            object["revision"] = entry.revision.map(JSONValue.string) ?? .null
            object["outcome"] = entry.outcome.map { .string($0.rawValue) } ?? .null
            let trouble = entry.trouble ?? entry.remoteTrouble
            object["ready"] = .bool(trouble == nil && entry.lastPass != nil)
            object["error"] = trouble.map { ["code": .string($0.code), "message": .string($0.message)] } ?? .null
            object["objects"] = .number(JSONNumber(entry.objects))
            object["last_pass_ms"] = entry.lastPass.map { .number(JSONNumber($0)) } ?? .null
            object["last_success_ms"] = entry.lastSuccess.map { .number(JSONNumber($0)) } ?? .null
            object["next_pass_ms"] = entry.nextPass.map { .number(JSONNumber($0)) } ?? .null
            return .object(object)
        }
        return ["v": 1, "sources": .array(sources)]
    }

    /// One line for `systemctl status`: `ok main@ab12cd34, 212 objects`.
    package var line: String {
        let entries = all.sorted { $0.key < $1.key }
        if entries.isEmpty { return "no source is configured" }
        return entries.map { source, entry in
            let revision = entry.revision.map(Self.short) ?? "nothing yet"
            let state = (entry.trouble ?? entry.remoteTrouble)?.code ?? (entry.lastPass == nil ? "starting" : "ok")
            return (entries.count > 1 ? "\(source): " : "") + "\(state) \(revision), \(entry.objects) objects"
        }.joined(separator: "; ")
    }

    private static func short(_ revision: String) -> String {
        let parts = revision.split(separator: "@sha1:", maxSplits: 1)
        return parts.count == 2 ? "\(parts[0])@\(parts[1].prefix(8))" : revision
    }
}

extension StatusBoard.Entry {
    /// Takes note of the newest commit: from its first sight on it waits, until it is in sync.
    fileprivate mutating func see(_ fetched: FetchedRevision) {
        oldestUnapplied =
            fetched.commit == inSyncCommit ? nil : min(oldestUnapplied ?? fetched.committedAt, fetched.committedAt)
    }
}

extension PassReport {
    /// Why the source is stalled; nil while it is in step or only waits for things that pass.
    fileprivate var trouble: StatusBoard.Trouble? {
        if let error { return .init(code: error.code, message: error.description) }
        if let stop = plan?.stop { return .init(code: stop.code, message: stop.sentence) }
        if outcome == .rejected || !manifestErrors.isEmpty {
            let message = manifestErrors.first?.description ?? emptyPath ?? "the commit is invalid"
            return .init(code: "rejected", message: message)
        }
        return nil
    }
}
