import AkuaAPI
import AkuaModel
import JSON
import Journal
import Manifests
import Planning
import Telemetry

/// What one pass works with from its first read to its last record.
struct Pass: Sendable {
    let id: String
    /// Unix milliseconds.
    let startedAt: Int
    let mode: Reconciler.Mode
    let isReadOnly: Bool
    let identity: SourceIdentity
    let fetched: FetchedRevision
    /// What is applied: the commit fetched, or the last good one (I8).
    let applied: FetchedRevision
    var declarations: Declarations
    let isPathEmpty: Bool
    let isPruneAllowed: Bool
    var record: SourceRecord
    let hasJournal: Bool
    /// A person's, which holds for the whole pass: one that is asked for meanwhile ends it.
    let suspension: PassReport.Suspension?
    let ledger: Ledger

    var commit: String { applied.commit }
    var revision: String { applied.revision }
    var desired: DesiredState { declarations.desired }
    /// Those in force.
    var settings: Settings { declarations.settings }
}

extension Reconciler {
    /// How often a pass looks again after a conflict or a settled write; the next pass takes what is left (I3).
    private static let roundsMax = 4
    /// How often planning may ask for more before something is wrong with it.
    private static let needsMax = 16

    /// Settles, plans and executes until nothing is left to do, then records.
    func drive(_ opened: Pass, _ control: PassControl, _ report: inout PassReport) async throws(PassError) {
        var pass = opened
        var reconciler = self
        reconciler.platform = tuned(platform, opened.settings, opened.id, control)
        try await reconciler.driveTuned(&pass, control, &report)
    }

    private func driveTuned(
        _ pass: inout Pass, _ control: PassControl, _ report: inout PassReport
    ) async throws(PassError) {
        let effective = EffectiveSettings(
            declared: pass.settings, isDeclared: pass.desired.hasSettings, commit: pass.commit,
            previous: pass.record.settings)
        pass.declarations.settings = effective.settings
        pass.record.settings = effective.record
        report.interval = effective.settings.interval
        report.suspend(by: effective.settings, at: environment.seconds)
        let logger = logger.binding([.revision: pass.revision, .commit: pass.commit])
        var intents = IntentRunner(
            platform: platform, ledger: pass.ledger, environment: environment, control: control,
            timeouts: pass.settings.timeouts, logger: logger, meters: meters)
        intents.isDeclared = { [declarations = pass.declarations] in declarations.headers[$0] != nil }
        intents.values = { [desired = pass.desired] in desired.values(of: $0) }
        intents.repository = repository
        intents.appliedCommit = pass.record.appliedCommit
        intents.sends = pass.suspension == nil && pass.settings.admitsWrites(at: environment.seconds)
        if let concurrency = pass.settings.concurrency { intents.slots = RequestSlots(limit: concurrency) }
        if !pass.isReadOnly {
            logger.emit(.reconcileStarted, "a pass begins", [.subject: pass.applied.subject])
        }
        var observed = ObservedState()
        // Of the next action among all of the pass: intents and history are numbered by it.
        var position = 0
        var announced = try await standingConditions()
        var isCutShort = false
        for round in 1...Self.roundsMax {
            let (unsettled, hasWaited) = try await settle(pass, intents)
            // What was read before this pass wrote, or an earlier one's write came to its end, is too old.
            let reader = round == 1 && !hasWaited ? reader : sharedLists?.reader()
            let (plan, input): (Plan, PlanningInput)
            do throws(PassError) {
                (plan, input) = try await traces.span("plan", [.revision: pass.commit]) { span throws(PassError) in
                    let (plan, input) = try await self.plan(pass, unsettled, &observed, reader, control)
                    span.set([
                        .planDigest: plan.digest, .actions: plan.runnable.count, .blocked: plan.blocked.count,
                    ])
                    return (plan, input)
                }
            } catch {
                // What earlier rounds have done is still to be recorded.
                guard error == .interrupted, round > 1 else { throw error }
                isCutShort = true
                break
            }
            report.plan = plan
            if pass.isReadOnly {
                report.sight = Sight(declarations: pass.declarations, observed: observed)
                break
            }
            announce(plan, logger, &announced)
            if round == 1, !pass.hasJournal, !plan.isComplete {
                logger.emit(
                    .journalRecovered, "recovery is incomplete",
                    [.count: plan.unaccounted.count, .error: plan.incompleteness])
            }
            guard plan.stop == nil else { break }
            try await keepBooks(plan, pass)
            if !plan.runnable.isEmpty {
                try await checkAccess(pass.identity.workspace, control)
                try await openHistory(of: pass, plan, isBegun: position > 0, memory(of: input, plan, in: pass))
            }
            let (results, settled) = await execute(plan, unsettled, pass, intents, observed, position, logger)
            report.results += results
            try await finish(results, plan, pass, position)
            position += results.count
            let isMoved = results.contains { if case .conflict = $0.outcome { true } else { false } }
            guard control.ending == nil, isMoved || settled || Self.hasBuiltChart(results), round < Self.roundsMax
            else { break }
            // What was refused, and what waited for it, is planned anew.
            report.results.removeAll { result in
                switch result.outcome {
                case .conflict, .deferred(.dependency, _): true
                case .succeeded, .failed, .deferred, .interrupted: false
                }
            }
            observed = ObservedState()
        }
        report.conclude(ending: control.ending, isCutShort: isCutShort)
        try await close(pass, &report, observed, logger)
    }

    /// Whether a chart's package was built: from then on its versions are known, which installs of it waited for.
    private static func hasBuiltChart(_ results: [ActionResult]) -> Bool {
        results.contains { result in
            if case .createPackage = result.action.step { result.outcome.isSuccess } else { false }
        }
    }

    /// Settles what can be without waiting; answers what can't yet, by identity, with a sentence (I4).
    ///
    /// - Returns: what has no end yet, and whether there was anything to settle.
    private func settle(
        _ pass: Pass, _ intents: IntentRunner
    ) async throws(PassError) -> (unsettled: [IntentRecord], hadAny: Bool) {
        let before = try await journaled { () async throws(JournalError) in
            try await journal.unsettledIntents(of: pass.record.source)
        }
        guard !before.isEmpty, !pass.isReadOnly else { return (before, !before.isEmpty) }
        var quick = intents
        quick.waits = false
        let runner = quick
        await withTaskGroup(of: Void.self) { group in
            for intent in before { group.addTask { _ = await runner.settle(intent) } }
        }
        let after = try await journaled { () async throws(JournalError) in
            try await journal.unsettledIntents(of: pass.record.source)
        }
        return (after, true)
    }

    /// Plans, reads what the plan asks for, and plans again, until it asks for nothing more.
    private func plan(
        _ pass: Pass, _ unsettled: [IntentRecord], _ observed: inout ObservedState, _ reader: SharedLists.Reader?,
        _ control: PassControl
    ) async throws(PassError) -> (Plan, PlanningInput) {
        // What is being recovered may be older than what an earlier pass has seen.
        let seen = pass.record.isInventoryComplete ? pass.record.operationsSeen : nil
        let observer = Observer(
            platform: platform, repository: repository, commit: pass.commit, operationsSeen: seen,
            shared: reader, versionLists: versionLists, environment: environment,
            readsMax: pass.settings.concurrency ?? 64)
        var input = PlanningInput(
            source: pass.identity, commit: pass.commit, declarations: pass.declarations, observed: observed,
            inventory: pass.ledger.inventory, now: environment.seconds)
        input.formerNames = source.formerNames
        let lives = try await journaled { () async throws(JournalError) in
            try await journal.lives(of: pass.record.source)
        }
        input.earlierLives = Dictionary(lives.map { ($0.identityPart, $0.resourceID) }) { first, _ in first }
        for intent in unsettled {
            guard let reference = ObjectReference(intent.identity) else { continue }
            input.unsettled[reference] =
                intent.operation.map { "waits for operation \($0) of an earlier \(intent.action)" }
                ?? "an earlier \(intent.action) has no known outcome yet"
        }
        input.circumstances = try await circumstances(of: pass)
        input.circumstances.neighbours = try await neighbours(of: pass)
        let foreseen = input
        input.observed = try await reading(control) { () async throws(PassError) in
            try await observer.meetFirstNeeds(of: foreseen)
        }
        input.circumstances.neighbours = try await neighbours(of: pass)
        for _ in 0..<Self.needsMax {
            let plan = Planner.plan(input)
            if plan.needs.isEmpty {
                observed = input.observed
                return (plan, input)
            }
            let known = input.observed
            input.observed = try await reading(control) { () async throws(PassError) in
                try await observer.meet(plan.needs, in: known)
            }
            // What a neighbour has made meanwhile may be among what was just read.
            input.circumstances.neighbours = try await neighbours(of: pass)
        }
        throw .endlessNeeds
    }

    private func circumstances(of pass: Pass) async throws(PassError) -> PlanningInput.Circumstances {
        var circumstances = PlanningInput.Circumstances()
        circumstances.isPruneAllowed = pass.isPruneAllowed
        circumstances.isPathEmpty = pass.isPathEmpty
        circumstances.hasJournal = pass.hasJournal
        circumstances.isInventoryComplete = pass.record.isInventoryComplete || !pass.hasJournal
        circumstances.ignoresBackOff = pass.mode == .once
        circumstances.appliedCommit = pass.record.appliedCommit
        circumstances.isHistoryRewritten = try await isRewritten(pass)
        let allowances = try await journaled { () async throws(JournalError) in
            try await journal.allowances(of: pass.record.source)
        }
        circumstances.allowedDigests = Set(allowances.map(\.digest))
        circumstances.suspension = pass.suspension.map { Settings.Suspension(reason: $0.reason, until: $0.until) }
        return circumstances
    }

    /// The ids of what the other sources of this daemon own, looked up where the journal knows nothing of this one.
    private func neighbours(of pass: Pass) async throws(PassError) -> Set<String> {
        guard !pass.hasJournal || !pass.record.isInventoryComplete else { return [] }
        var ids: Set<String> = []
        for neighbour in source.neighbours {
            let objects = try await journaled { () async throws(JournalError) in
                try await journal.objects(of: neighbour)
            }
            ids.formUnion(objects.filter { $0.life == .live }.compactMap(\.resourceID))
        }
        return ids
    }

    /// I9: the last applied commit is no ancestor, or the source was pointed elsewhere.
    private func isRewritten(_ pass: Pass) async throws(PassError) -> Bool {
        guard let base = pass.record.pruneBase else { return false }
        if pass.record.url != source.url || pass.record.ref != source.ref || pass.record.path != source.path {
            return true
        }
        guard base != pass.commit else { return false }
        do {
            let relation = try await repository.relation(of: base, to: pass.commit)
            return relation != .ancestor && relation != .same
        } catch {
            throw .git(error)
        }
    }

    /// Before the first write: a workspace that is suspended refuses all of them, so none is tried.
    private func checkAccess(_ workspace: WorkspaceID, _ control: PassControl) async throws(PassError) {
        let access: WorkspaceAccessState
        do throws(PassError) {
            access = try await reading(control) { () async throws(PassError) in
                do throws(APIError) { return try await platform.accessState(of: workspace) } catch {
                    throw .api(error)
                }
            }
        } catch {
            // A pass that is told to end begins no action, and has none that a refusal could befall.
            guard error != .interrupted else { return }
            throw error
        }
        guard access.isAccessible else {
            throw .workspaceInaccessible(
                "workspace \(workspace) is \(access.status)\(access.reason.map { " (\($0))" } ?? ""): "
                    + "nothing is written until it is active again")
        }
    }

    /// Carries out the plan, and meanwhile waits for what earlier passes began.
    private func execute(
        _ plan: Plan, _ unsettled: [IntentRecord], _ pass: Pass, _ intents: IntentRunner, _ observed: ObservedState,
        _ position: Int, _ logger: Logger
    ) async -> ([ActionResult], settled: Bool) {
        let facts = ActionRunner.PassFacts(
            source: pass.identity, reconcile: pass.id, commit: pass.commit, subject: pass.applied.subject,
            sourceName: source.name, formerNames: source.formerNames, observed: observed, digests: plan.desiredDigests)
        let executor = Executor(
            runner: ActionRunner(intents: intents, pass: facts), source: pass.identity, reconcile: pass.id,
            environment: environment, logger: logger, meters: meters, traces: traces,
            concurrency: pass.settings.concurrency)
        async let settled = withTaskGroup(of: Bool.self) { group in
            for intent in unsettled {
                group.addTask {
                    switch await intents.settle(intent) {
                    case .succeeded, .conflict, .failed: true
                    case .deferred, .interrupted: false
                    }
                }
            }
            return await group.reduce(false) { $0 || $1 }
        }
        let results = await executor.execute(plan, firstPosition: position)
        let isSettled = await settled
        let records = executor.records(of: results, firstPosition: position)
        if !records.isEmpty {
            do {
                try await pass.ledger.commit(records)
            } catch {
                // History is for people: losing a row of it loses nothing that a later pass needs.
                logger.emit(.reconcileFailed, "history can't be written", [.error: "\(error)"])
            }
        }
        return (results, isSettled)
    }
}

extension DesiredState {
    /// The values that an object is declared with; looked for, since they are asked for only where something failed.
    fileprivate func values(of reference: ObjectReference) -> [JSONValue] {
        switch reference.kind {
        case .install: installs.filter { $0.reference == reference }.map { .object($0.values) }
        case .package:
            packages.filter { ObjectReference(.package, $0.header.name) == reference }.compactMap { package in
                if case .helm(let source) = package.source { source.values.map(JSONValue.object) } else { nil }
            }
        case .packageVersion, .cluster: []
        }
    }
}
