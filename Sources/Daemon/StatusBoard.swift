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
        /// Why nothing is written, although nothing is wrong; it may have run out.
        package var suspension: PassReport.Suspension?
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

    /// A plan as the page shows it: without values (I11), and cut where it is too long.
    package struct ShownPlan: Equatable, Sendable {
        package struct Line: Equatable, Sendable {
            /// Nil for what is not done.
            package var mark: PlanView.Mark?
            package var text: String
        }
        /// Unix milliseconds.
        package var at: Int
        package var revision: String
        package var subject: String
        package var summary: String
        package var lines: [Line]
    }

    private let shownPlans = Mutex<[String: [ShownPlan]]>([:])
    /// How many plans are kept of each source.
    private static let plansMax = 5

    private let state = Mutex(State())
    private let statusLine: StatusLine
    private let onLine: @Sendable (String) -> Void

    /// - Parameters:
    ///   - now: the time in Unix seconds; the machine's unless given.
    ///   - timeOfDay: how an instant in Unix milliseconds is told; the machine's local time unless given.
    ///   - onLine: is told ``line`` whenever it has become another; one at a time, in their order.
    package init(
        now: @escaping @Sendable () -> Int = { Environment.system.seconds },
        timeOfDay: (@Sendable (Int) -> String)? = nil, onLine: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        statusLine = StatusLine(now: now, timeOfDay: timeOfDay ?? { StatusLine.localTime($0) })
        self.onLine = onLine
    }

    /// The sources that are configured now; others are forgotten.
    package func expect(_ sources: [String]) {
        change { state in
            state.isReloadRefused = false
            state.entries = state.entries.filter { sources.contains($0.key) }
            for source in sources where state.entries[source] == nil { state.entries[source] = Entry() }
        }
        shownPlans.withLock { $0 = $0.filter { sources.contains($0.key) } }
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

    /// A person has suspended a source, or resumed it; what its settings say is known after the next pass.
    package func suspend(_ source: String, _ suspension: PassReport.Suspension?) {
        update(source) { $0.suspension = suspension }
    }

    /// The last plans of a source that had something to say, the newest first.
    package func plans(of source: String) -> [ShownPlan] { shownPlans.withLock { $0[source] ?? [] } }

    private func show(_ plan: ShownPlan, of source: String) {
        shownPlans.withLock { plans in
            let newest = plans[source]?.first
            guard newest?.lines != plan.lines || newest?.revision != plan.revision else { return }
            plans[source] = Array(([plan] + (plans[source] ?? [])).prefix(Self.plansMax))
        }
    }

    /// Takes up what a pass came to.
    package func record(_ report: PassReport, nextPass: Int) {
        if let plan = ShownPlan(report) { show(plan, of: report.source) }
        update(report.source) { entry in
            entry.revision = report.appliedRevision ?? entry.revision
            entry.outcome = report.outcome
            entry.suspension = report.suspension
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

    /// Measures how long the oldest commit of each source has been waiting, and which are suspended; asked when somebody
    /// looks, since that age grows and a suspension runs out while nothing else happens.
    package func measure(_ meters: Meters, at seconds: Int) {
        for (source, entry) in all where entry.lastPass != nil || entry.suspension != nil {
            meters.suspended(source: source, isSuspended: entry.suspension?.holds(at: seconds) ?? false)
        }
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

    /// `GET /v1/status` at a time, in Unix seconds.
    package func json(at seconds: Int) -> JSONValue {
        let sources = all.sorted { $0.key < $1.key }.map { source, entry -> JSONValue in
            var object = JSONObject()
            object["source"] = .string(source)
            object["revision"] = entry.revision.map(JSONValue.string) ?? .null
            object["outcome"] = entry.outcome.map { .string($0.rawValue) } ?? .null
            let trouble = entry.trouble ?? entry.remoteTrouble
            object["ready"] = .bool(trouble == nil && entry.lastPass != nil)
            object["error"] = trouble.map { ["code": .string($0.code), "message": .string($0.message)] } ?? .null
            let suspension = entry.suspension.flatMap { $0.holds(at: seconds) ? $0 : nil }
            object["suspended"] = suspension?.json ?? .null
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

extension PassReport.Suspension {
    /// `suspended by a person since 2026-…Z, until 2026-…Z: release freeze`, with nothing that moves a cursor.
    package var sentence: String {
        var sentence = author == .person ? "suspended by a person" : "suspended by its Settings"
        if let since { sentence += " since \(MomentText.text(of: since / 1_000))" }
        if let until { sentence += "\(since == nil ? "" : ",") until \(MomentText.text(of: until))" }
        return sentence + ": " + TerminalText.safe(reason)
    }

    /// As every JSON output has it.
    package var json: JSONValue {
        [
            "by": .string(author.rawValue), "reason": .string(reason),
            "since_ms": since.map { .number(JSONNumber($0)) } ?? .null,
            "until": until.map { .number(JSONNumber($0)) } ?? .null,
        ]
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

extension StatusBoard.ShownPlan {
    /// The most actions, and things that are not done, that one plan shows.
    private static let rowsMax = 200

    /// Nil when a pass had no plan, or one without anything in it.
    init?(_ report: PassReport) {
        guard let plan = report.plan, !plan.actions.isEmpty || !plan.holds.isEmpty else { return nil }
        var cut = report
        cut.plan?.actions = Array(plan.actions.prefix(Self.rowsMax))
        cut.plan?.holds = Array(plan.holds.prefix(Self.rowsMax))
        guard let view = PlanView(cut, showsValues: false) else { return nil }
        let rows = view.rows.flatMap { row in
            let block = row.block.map { " (blocked: \($0.rawValue))" } ?? ""
            let head = "\(row.mark.rawValue) \(row.word) \(row.object)  \(row.sentence)\(block)"
            return [Line(mark: row.mark, text: head)] + row.fields.map { Line(mark: row.mark, text: "      \($0)") }
        }
        let notes = view.notes.map { Line(mark: nil, text: "! \($0.code) \($0.object): \($0.sentence)") }
        let more = plan.actions.count + plan.holds.count - view.rows.count - view.notes.count
        let rest = more > 0 ? [Line(mark: nil, text: "… and \(more) more: see akua-gitops plan")] : []
        self.init(
            at: report.finishedAt, revision: view.revision, subject: view.subject,
            summary: view.summary + (more > 0 ? ", \(more) more" : ""), lines: rows + notes + rest)
    }
}
