import AkuaModel
import Journal
import Logging
import Manifests
import Planning
import Reconciler
import Synchronization
import Telemetry

/// One installation of the daemon: its journal, and passes that may be killed between any two steps.
final class SimulatedDaemon: Sendable {
    private struct State {
        var journal: Journal
        /// What the killed process would have left on its disk.
        var isCrashed = false
        var connection: SimulatedPlatform.Connection?
        var task: Task<PassReport, Never>?
        var control = PassControl()
        /// What this run has read of each object.
        var etags: Set<String> = []
        /// Writes that were decided on in an earlier pass: they are repeated as they are.
        var decided: Set<Write> = []
        /// What the running process remembers from pass to pass; a killed one leaves nothing of it.
        var versionLists = VersionLists()
        var lastRecorded = LastRecorded()
        /// A person has released deletes here.
        var hasAllowed = false
    }

    static let source = "platform"

    private let world: SimulatedWorld
    /// Where its jobs run, if it can be stopped.
    private let lane: SeededExecutor.Lane?
    private let state: Mutex<State>

    /// Journals of runs that are over: to begin one costs more than a pass.
    private static let spareJournals = Mutex<[Journal]>([])

    init(_ world: SimulatedWorld, canBeStopped: Bool = false) throws(JournalError) {
        self.world = world
        lane = canBeStopped ? world.executor.lane() : nil
        let spare = Self.spareJournals.withLock { $0.popLast() }
        try spare?.forgetAll()
        let journal = if let spare { spare } else { try Journal.inMemory(synchronous: true) }
        state = Mutex(State(journal: journal))
    }

    /// Leaves its journal to a later run; nothing of this one may be under way.
    func retire() {
        let journal = journal
        Self.spareJournals.withLock { $0.append(journal) }
    }

    private var journal: Journal { state.withLock { $0.journal } }

    /// The state directory is gone (I13).
    func loseJournal() throws(JournalError) { try journal.forgetAll() }

    /// A person releases what is blocked.
    func allow(_ digest: String) async throws(JournalError) {
        state.withLock { $0.hasAllowed = true }
        try await journal.commit([
            .allowance(AllowanceRecord(source: Self.source, digest: digest, allowedAt: world.clock.now))
        ])
    }

    /// One pass; nil when it was killed.
    func pass(_ mode: Reconciler.Mode) async throws -> PassReport? {
        let journal = journal
        let before = try await ownedCount(in: journal)
        let known = try await journal.unsettledIntents(of: Self.source)
        let control = PassControl()
        let connection = world.platform.connect(line(control))
        var reconciler = Reconciler(
            source: .init(name: Self.source, url: "/repository", ref: "main", path: ""),
            repository: world.repository, platform: connection, journal: journal, workspace: nil,
            environment: environment(), logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() },
            meters: .none())
        state.withLock { state in
            reconciler.versionLists = state.versionLists
            reconciler.lastRecorded = state.lastRecorded
        }
        let executor: any TaskExecutor = lane ?? world.executor
        let task = Task(executorPreference: executor) { [reconciler] in
            await reconciler.reconcile(mode, control: control)
        }
        state.withLock { state in
            (state.connection, state.task, state.control) = (connection, task, control)
            (state.isCrashed, state.etags) = (false, [])
            state.decided.formUnion(known.map(\.write))
        }
        let report = await task.value
        try await check(report, max(before, ownedCount(in: journal)))
        return state.withLock { state in
            // The connection holds on to this daemon, and would do so for ever.
            (state.task, state.connection) = (nil, nil)
            if state.isCrashed { (state.versionLists, state.lastRecorded) = (VersionLists(), LastRecorded()) }
            return state.isCrashed ? nil : report
        }
    }

    /// I9: a plan that carries out more deletes than the settings allow, though nobody has released them.
    private func check(_ report: PassReport, _ inventoryCount: Int) {
        let deletes = report.plan?.runnable.count { $0.word == .delete } ?? 0
        guard deletes > 2, !state.withLock({ $0.hasAllowed }), let commit = report.revision?.commit,
            let prune = world.repository.desired(at: commit)?.settings.prune
        else { return }
        if deletes > prune.maxDeletes || deletes * 100 > (inventoryCount + deletes) * prune.maxDeletePercent {
            world.platform.state.withLock { $0.violations.append("I9: \(deletes) deletes without permission") }
        }
    }

    /// What the journal has as this source's own, as the limits of pruning count it.
    private func ownedCount(in journal: Journal) async throws(JournalError) -> Int {
        try await journal.objects(of: Self.source).count {
            $0.life == .live && $0.ownership != .shared && $0.identity.kind != Kind.packageVersion.rawValue
        }
    }

    /// Kills the pass in hand, if there is one: what the journal holds now is all that is left.
    func crash() throws(JournalError) {
        guard let task = state.withLock({ $0.isCrashed ? nil : $0.task }) else { return }
        let left = try journal.copied()
        let connection = state.withLock { state in
            (state.isCrashed, state.journal) = (true, left)
            return state.connection
        }
        connection?.cut()
        task.cancel()
    }

    /// Stops the process for that long, wherever it is.
    func stop(milliseconds: Int) {
        guard let lane else { return }
        lane.stop()
        Task(executorPreference: world.executor) { [world] in
            try await world.clock.sleep(milliseconds: milliseconds)
            lane.goOn()
        }
    }

    /// Tells the pass in hand to end.
    func end(_ ending: PassControl.Ending) { state.withLock { $0.control }.end(ending) }

    private func environment() -> Environment {
        let world = world
        return Environment(
            now: { world.clock.now },
            sleep: { duration in
                let seconds = duration.components.seconds * 1_000
                let rest = duration.components.attoseconds / 1_000_000_000_000_000
                try await world.clock.sleep(milliseconds: Int(seconds + rest))
            }, random: { world.draw { Double.random(in: 0..<1, using: &$0) } })
    }

    private func line(_ control: PassControl) -> SimulatedPlatform.Line {
        let world = world
        var line = SimulatedPlatform.Line(fault: { number, call in world.fault(number, call) })
        line.travel = { () throws(CancellationError) in
            try await world.clock.sleep(milliseconds: world.draw { Int.random(in: 0...40, using: &$0) })
        }
        line.staleness = {
            if let script = world.script { return script.takesList(.stale) ? 5 : 0 }
            return world.drawPercent(\.staleLists) ? world.draw { Int.random(in: 1...5, using: &$0) } : 0
        }
        line.isEmptied = { world.script?.takesList(.empty) ?? false }
        line.omits = { world.drawPercent(\.omissions) }
        line.now = { world.clock.now }
        line.sleep = { milliseconds throws(CancellationError) in try await world.clock.sleep(milliseconds: milliseconds)
        }
        line.sees = { id, etag in self.state.withLock { _ = $0.etags.insert("\(id) \(etag)") } }
        line.objection = { write in await self.objection(to: write, control) }
        return line
    }

    /// What is wrong with a write that is about to leave.
    private func objection(to write: Write, _ control: PassControl) async -> String? {
        let name = write.call.stored.name
        world.note(
            "\(name) \(write.call.stored.resourceID ?? "") \(write.idempotencyKey ?? "") \(write.ifMatch?.text ?? "")"
                + " \(String(decoding: write.body ?? [], as: UTF8.self).prefix(200))")
        let (journal, isRead, isDecided) = state.withLock { state in
            let id = write.call.stored.resourceID ?? ""
            let isRead = write.ifMatch.map { state.etags.contains("\(id) \($0)") } ?? true
            return (state.journal, isRead, state.decided.contains(write))
        }
        guard let unsettled = try? await journal.unsettledIntents(of: Self.source) else { return nil }
        guard unsettled.contains(where: { $0.write == write }) else { return "I4: \(name) leaves without an intent" }
        if !isRead, !isDecided { return "I3: \(name) carries an etag that was not read in this pass" }
        return deletesDeclared(write, control).map { "I2: \(name) deletes \($0), which is declared" }
    }

    /// The declared object that a write deletes, by the commit of the pass that sends it.
    private func deletesDeclared(_ write: Write, _ control: PassControl) -> ObjectReference? {
        guard let commit = control.commit, let desired = world.repository.desired(at: commit) else { return nil }
        return world.platform.state.withLock { state in
            switch write.call {
            case .deleteInstall(let id):
                let key = state.installs.first { $0.install.id == id }?.key
                let part = key.flatMap(IdempotencyKey.identityPart(ofKey:))
                return desired.installs.map { ObjectReference(.install, $0.header.name) }
                    .first { world.identityPart(of: $0) == part }
            case .deleteCluster(let id):
                let name = state.clusters.first { $0.id == id }?.name
                return desired.clusters.first { $0.apiName == name }.map { ObjectReference(.cluster, $0.header.name) }
            case .deletePackage(let id):
                let name = state.packages.first { $0.id == id }?.name
                return desired.packages.first { $0.apiName == name }.map { ObjectReference(.package, $0.header.name) }
            default: return nil
            }
        }
    }
}
