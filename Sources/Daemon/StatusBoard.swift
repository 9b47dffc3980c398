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
        /// Whether a pass is under way.
        package var isReconciling = false
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

    private struct State {
        var entries: [String: Entry] = [:]
        var isReloadRefused = false
        /// Nil once nothing more is to be told.
        var lastLine: String? = ""
    }

    private let state = Mutex(State())
    private let statusLine: StatusLine
    private let onLine: @Sendable (String) -> Void

    /// - Parameters:
    ///   - timeOfDay: how an instant in Unix milliseconds is told; the machine's local time unless given.
    ///   - onLine: is told ``line`` whenever it has become another; one at a time, in their order.
    package init(
        timeOfDay: (@Sendable (Int) -> String)? = nil, onLine: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        statusLine = StatusLine(timeOfDay: timeOfDay ?? { StatusLine.localTime($0) })
        self.onLine = onLine
    }

    /// The sources that are configured now; others are forgotten.
    package func expect(_ sources: [String]) {
        change { state in
            state.isReloadRefused = false
            state.entries = state.entries.filter { sources.contains($0.key) }
            for source in sources where state.entries[source] == nil { state.entries[source] = Entry() }
        }
    }

    /// A reload brought a configuration that can't be used; said until another one is in force.
    package func refuseReload() { change { $0.isReloadRefused = true } }

    /// The daemon ends: from here on its status is told by whoever ends it.
    package func fallSilent() { state.withLock { $0.lastLine = nil } }

    private func change(_ change: (inout State) -> Void) {
        state.withLock { state in
            change(&state)
            let line = text(of: state)
            guard let last = state.lastLine, line != last else { return }
            state.lastLine = line
            // Told under the lock, so that an older line never comes after a newer one.
            onLine(line)
        }
    }

    /// Changes what is known of a source; nothing when it is configured no more.
    private func update(_ source: String, _ change: (inout Entry) -> Void) {
        self.change { state in
            guard var entry = state.entries[source] else { return }
            change(&entry)
            state.entries[source] = entry
        }
    }

    /// A pass begins.
    package func begin(_ source: String) { update(source) { $0.isReconciling = true } }

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
            entry.isReconciling = false
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

    package var all: [String: Entry] { state.withLock { $0.entries } }

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

    /// One line for `systemctl status`: `ok main@ab12cd34, 212 objects, next 14:03:10`.
    package var line: String { state.withLock { text(of: $0) } }

    private func text(of state: State) -> String {
        statusLine.text(of: state.entries, isReloadRefused: state.isReloadRefused)
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
