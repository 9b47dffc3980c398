import AkuaAPI
import AkuaModel
import JSON
import Journal
import Manifests
import Planning
import Telemetry

// What a pass says and what it leaves behind.
extension Reconciler {
    /// What was said to hold objects back when it began, and still does: not to be said again.
    func standingConditions() async throws(PassError) -> Set<String> {
        let conditions = try await journaled { () async throws(JournalError) in
            try await journal.conditions(of: source.name)
        }
        return Set(
            conditions.flatMap { condition in
                // A blocked set is another one as soon as its digest is.
                ["\(condition.identity.kind)/\(condition.identity.name) \(condition.code)"]
                    + (condition.blockedDigest.map { ["blocked \($0)"] } ?? [])
            })
    }

    /// Logs a plan, and each of its holds and blocks once, when it begins (I14); drift once a pass.
    func announce(_ plan: Plan, _ logger: Logger, _ announced: inout Set<String>) {
        logger.emit(
            .planComputed, "a plan was made",
            [
                .digest: plan.digest, .count: plan.runnable.count, .blocked: plan.blocked.count,
                .reason: plan.stop?.code, .error: plan.stop?.sentence,
            ])
        for action in plan.actions where action.reason.isDrift {
            guard announced.insert("drift \(action.id)").inserted else { continue }
            meters.drifted(kind: action.target.kind.rawValue)
            logger.emit(
                .driftDetected, "the workspace differs without a commit",
                [
                    .kind: action.target.kind.rawValue, .name: action.target.name, .resourceID: action.resourceID,
                    .reason: action.reason.sentence,
                ])
        }
        for hold in plan.holds where announced.insert("\(hold.target) \(hold.code.rawValue)").inserted {
            logger.emit(
                hold.code.isBlocking ? .actionBlocked : .actionDeferred, "nothing is done about an object",
                [
                    .kind: hold.target.kind.rawValue, .name: hold.target.name, .reason: hold.code.rawValue,
                    .resourceID: hold.resourceID, .error: hold.sentence, .nextAttempt: hold.nextAttempt,
                ])
        }
        let begun = plan.blocked.filter { announced.insert("\($0.target) \($0.block?.rawValue ?? "")").inserted }
        for action in begun {
            logger.emit(
                .actionBlocked, "an action waits for a person",
                [
                    .kind: action.target.kind.rawValue, .name: action.target.name, .action: action.word.rawValue,
                    .reason: action.block?.rawValue, .resourceID: action.resourceID, .digest: plan.blockedDigest,
                ])
        }
        if plan.blocked.contains(where: { $0.word == .delete }), let digest = plan.blockedDigest,
            announced.insert("blocked \(digest)").inserted
        {
            logger.emit(
                .pruneBlocked, "deletes wait for a person; release them with: akua-gitops allow DIGEST",
                [
                    .digest: plan.blockedDigest, .count: plan.blocked.count { $0.word == .delete },
                    .reason: plan.blocked.first?.block?.rawValue,
                ])
        }
    }

    /// Writes what the plan found out without a request, and what a person's permission was used for.
    func keepBooks(_ plan: Plan, _ pass: Pass) async throws(PassError) {
        var changes: [ObjectReference: [Bookkeeping]] = [:]
        for entry in plan.bookkeeping { changes[entry.target, default: []].append(entry) }
        var allowed: Set<ObjectReference> = []
        var entries: [JournalEntry] = []
        if let digest = plan.releasedDigest {
            allowed = Set(plan.actions.filter { $0.word == .delete }.map(\.target))
            var allowance = AllowanceRecord(source: source.name, digest: digest, allowedAt: environment.now())
            allowance.usedAt = environment.now()
            entries.append(.allowance(allowance))
        }
        let targets = Set(changes.keys).union(allowed).sorted()
        guard !targets.isEmpty || !entries.isEmpty else { return }
        let headers = pass.declarations.headers
        let dependencies = pass.dependencies
        do {
            try await pass.ledger.update(targets, with: entries) { target, record in
                for change in changes[target] ?? [] {
                    apply(
                        change, to: &record, headers[target], dependsOn: dependencies[target] ?? [], pass.commit)
                }
                if allowed.contains(target) { record.requestedValues.isDeleteAllowed = true }
            }
        } catch {
            throw .journal("the journal can't be written: \(error)")
        }
    }

    private func apply(
        _ change: Bookkeeping, to record: inout ObjectRecord, _ header: ManifestHeader?,
        dependsOn: [ObjectReference], _ commit: String
    ) {
        switch change {
        case .share(_, let id): record.begin(id, .shared, record.requestedValues)
        case .orphan(_, let id): record.begin(id, .recovered, Requested())
        case .protect(_, let protection): record.protection = protection?.rawValue
        case .gone: record.end()
        case .release(_, let code):
            record.life = .released
            if code == .shared { record.ownership = .shared }
        case .confirmVersion: record.requestedValues.isVersionConfirmed = true
        case .healthy(_, let digest): record.healthyDigest = digest
        case .inSync(_, let digest):
            record.appliedDigest = digest
            record.requestedValues.isDeleteAllowed = false
            record.requestedValues.dependsOn = dependsOn
            record.path = header?.location.file
            record.commit = commit
            record.failures = 0
            record.nextAttempt = nil
            record.lastError = nil
        }
    }

    private static func protection(_ header: ManifestHeader) -> String? {
        if header.isSuspended { return Protection.suspend.rawValue }
        return header.deletionPolicy == .retain ? Protection.retain.rawValue : nil
    }

    /// Objects whose every action succeeded are as their manifest says.
    func finish(_ results: [ActionResult], _ plan: Plan, _ pass: Pass, _ position: Int) async throws(PassError) {
        let byTarget = Dictionary(grouping: results, by: \.action.target)
        let held = Set(plan.holds.map(\.target))
        let headers = pass.declarations.headers
        var done = Set(
            byTarget.filter { target, results in
                headers[target] != nil && !held.contains(target) && results.allSatisfy(\.outcome.isSuccess)
            }.keys)
        done.formUnion(results.filter(\.outcome.isSuccess).compactMap(\.action.publishedAlong))
        guard !done.isEmpty else { return }
        let dependencies = pass.dependencies
        do {
            try await pass.ledger.update(done.sorted()) { target, record in
                record.appliedDigest = plan.desiredDigests[target]
                record.protection = headers[target].flatMap(Self.protection)
                record.path = headers[target]?.location.file
                record.commit = pass.commit
                if let dependsOn = dependencies[target] { record.requestedValues.dependsOn = dependsOn }
            }
        } catch {
            throw .journal("the journal can't be written: \(error)")
        }
    }

    /// Logs the concluded report, and records what changed; a pass that changed nothing writes nothing.
    func close(
        _ pass: Pass, _ report: inout PassReport, _ observed: ObservedState, _ logger: Logger
    ) async throws(PassError) {
        guard let plan = report.plan else { return }
        var touched = Set(plan.actions.map(\.target)).union(plan.holds.map(\.target))
        touched.formUnion(report.results.compactMap(\.action.publishedAlong))
        report.unchanged = pass.declarations.headers.keys.count { !touched.contains($0) }
        guard !pass.isReadOnly else { return }
        let inventory = pass.ledger.inventory
        var entries: [JournalEntry] = []
        let record = nextRecord(pass, report, plan, observed, inventory)
        let hasSource = try await journaled { () async throws(JournalError) in try await journal.source(source.name) }
        if record != hasSource { entries.append(.source(record)) }
        if record.operationsSeen != pass.record.operationsSeen {
            entries += try await journaled { () async throws(JournalError) in
                try await unclaimedLives(observed, inventory)
            }
        }
        report.inSyncCommit = record.appliedCommit
        let conditions = conditions(of: plan, report, pass)
        report.nextAttempt = conditions.compactMap(\.nextAttempt).min()
        let before = try await journaled { () async throws(JournalError) in
            try await journal.conditions(of: source.name)
        }
        if !Self.areSame(conditions, before) { entries.append(.conditions(source: source.name, conditions)) }
        let told = try await journaled { () async throws(JournalError) in
            try await journal.lastReconcile(of: source.name)?.error
        }
        if !report.results.isEmpty || !entries.isEmpty || told != plan.stop?.sentence ?? report.rejection {
            entries.append(.reconcile(endedHistory(of: pass, report, plan)))
        }
        do {
            if !entries.isEmpty { try await pass.ledger.commit(entries) }
        } catch {
            throw .journal("the journal can't be written: \(error)")
        }
        publish(pass, report, inventory, logger)
    }

    /// Records why a pass could not be made, once until it is another reason, so that `status` shows it (I14).
    func record(_ sentence: String, of report: PassReport) async {
        var record = ReconcileRecord(
            id: report.reconcile, source: source.name, revision: report.revision?.revision ?? "",
            commit: report.revision?.commit ?? "", commitAuthor: report.revision?.author ?? "",
            commitSubject: report.revision?.subject ?? "", startedAt: report.startedAt)
        record.finishedAt = environment.now()
        record.outcome = PassReport.Outcome.failed.word
        record.error = sentence
        do {
            guard try await journal.lastReconcile(of: source.name)?.error != record.error else { return }
            try await journal.commit([.reconcile(record)])
        } catch {
            logger.emit(.reconcileFailed, "history can't be written", [.error: "\(error)"])
        }
    }

    private func nextRecord(
        _ pass: Pass, _ report: PassReport, _ plan: Plan, _ observed: ObservedState, _ inventory: Inventory
    ) -> SourceRecord {
        var record = pass.record
        let isDone = report.outcome == .inSync || report.outcome == .changed
        if pass.isPruneAllowed, !pass.isPathEmpty { record.lastGoodCommit = pass.commit }
        if isDone { record.appliedCommit = pass.commit }
        let isUndone =
            plan.blocked.contains { $0.word == .delete && $0.block?.counts == true }
            || report.results.contains { $0.action.word == .delete && !$0.outcome.isSuccess }
        let isReleased = plan.releasedDigest != nil || !hasPendingDeletes(pass, inventory)
        if !isUndone, isReleased, pass.isPruneAllowed, plan.stop == nil {
            record.pruneBase = pass.commit
            (record.url, record.ref, record.path) = (source.url, source.ref, source.path)
        }
        let isEveryInstallKnown = pass.desired.installs.allSatisfy { inventory[$0.reference]?.life == .live }
        // What was found and is still to be adopted, for want of time or of leave, must be found again (I1). What can't
        // be told to be ours stops mattering once nothing declared is missing any more.
        let isRecovered = plan.isComplete && plan.unadopted.allSatisfy { inventory[$0]?.life == .live }
        if plan.stop == nil, !observed.hasFailures, isRecovered || isEveryInstallKnown {
            record.isInventoryComplete = true
        }
        // An operation counts as seen once every install that it could have made is in the journal.
        if let newest = observed.newestOperation, isEveryInstallKnown { record.operationsSeen = newest }
        return record
    }

    /// What is not read again once these operations count as seen: the lives of identities that somebody else made, and
    /// what has become of those.
    private func unclaimedLives(
        _ observed: ObservedState, _ inventory: Inventory
    ) async throws(JournalError) -> [JournalEntry] {
        guard let newest = observed.operations?.newestLives, !newest.isEmpty else { return [] }
        let own = Set(inventory.values.compactMap(\.resourceID))
        let known = Dictionary(
            try await journal.lives(of: source.name).map { ($0.identityPart, $0.resourceID) }
        ) { first, _ in first }
        return newest.sorted { $0.key < $1.key }.compactMap { part, id in
            guard known[part] != nil || !own.contains(id), known[part] != id else { return nil }
            return .life(LifeRecord(source: source.name, identityPart: part, resourceID: id))
        }
    }

    /// Whether something that the commit deletes is still there, unasked, whatever holds it back: a failed read or a
    /// suspension must not take the guard from what it puts off (I9).
    private func hasPendingDeletes(_ pass: Pass, _ inventory: Inventory) -> Bool {
        let headers = pass.declarations.headers
        return inventory.contains { reference, entry in
            let isOrphan = entry.ownership == .recovered && entry.appliedDigest == nil
            return reference.kind != .packageVersion && entry.life == .live && entry.isOwned && !isOrphan
                && entry.protection == nil && !entry.requested.isDeleteAllowed && headers[reference] == nil
        }
    }

    private func conditions(of plan: Plan, _ report: PassReport, _ pass: Pass) -> [ConditionRecord] {
        var byTarget: [ObjectReference: (code: String, sentence: String, next: Int?)] = [:]
        // For what failed without a word of the platform's to go by, such as a write whose answer was lost, or a read.
        let soon = report.startedAt / 1_000 + ObjectRecord.backOffMin
        for hold in plan.holds {
            let isUnread = [.readFailed, .incompleteRead].contains(hold.code)
            byTarget[hold.target] = (hold.code.rawValue, hold.sentence, hold.nextAttempt ?? (isUnread ? soon : nil))
        }
        for action in plan.blocked {
            guard let block = action.block else { continue }
            byTarget[action.target] = (
                block.rawValue,
                "\(action.word.rawValue) waits for a person: allow \(plan.blockedDigest ?? "")", nil
            )
        }
        let inventory = pass.ledger.inventory
        var told: Set<ObjectReference> = []
        for result in report.results {
            // Of an object's actions the first that did not succeed is the reason, the others only come after it.
            guard let sentence = result.outcome.sentence, told.insert(result.action.target).inserted else { continue }
            var (code, next) = (result.outcome.word, inventory[result.action.target]?.nextAttempt)
            switch result.outcome {
            case .deferred(let reason, _):
                code = reason.rawValue
                if reason == .readFailed { next = next ?? soon }
            case .failed, .conflict: next = next ?? soon
            case .succeeded, .interrupted: break
            }
            byTarget[result.action.target] = (code, sentence, next)
        }
        return byTarget.sorted { $0.key < $1.key }.map { target, condition in
            ConditionRecord(
                identity: Identity(target, in: pass.identity), code: condition.code, sentence: condition.sentence,
                since: report.startedAt, nextAttempt: condition.next)
        }
    }

    /// Compares all but the time at which a condition began.
    private static func areSame(_ left: [ConditionRecord], _ right: [ConditionRecord]) -> Bool {
        func key(_ condition: ConditionRecord) -> String {
            let next = condition.nextAttempt.map(String.init) ?? ""
            return
                "\(condition.identity.kind)/\(condition.identity.name) \(condition.code) \(next) \(condition.sentence)"
        }
        return left.map(key).sorted() == right.map(key).sorted()
    }

    /// Writes that the pass begins to act: its actions get a row to belong to, and a crash leaves a trace.
    ///
    /// - Parameter isBegun: an earlier round has written it; only what the newest plan is made of is to be kept.
    func openHistory(
        of pass: Pass, _ plan: Plan, isBegun: Bool, _ memory: [JournalEntry]
    ) async throws(PassError) {
        let entries = (isBegun ? [] : [.reconcile(history(of: pass, plan))]) + memory
        guard !entries.isEmpty else { return }
        do {
            try await pass.ledger.commit(entries)
        } catch {
            throw .journal("the journal can't be written: \(error)")
        }
    }

    private func history(of pass: Pass, _ plan: Plan) -> ReconcileRecord {
        var record = ReconcileRecord(
            id: pass.id, source: source.name, revision: pass.revision, commit: pass.commit,
            commitAuthor: pass.applied.author, commitSubject: pass.applied.subject, startedAt: pass.startedAt)
        record.planDigest = plan.digest
        return record
    }

    private func endedHistory(of pass: Pass, _ report: PassReport, _ plan: Plan) -> ReconcileRecord {
        var record = history(of: pass, plan)
        record.finishedAt = environment.now()
        record.outcome = report.outcome.word
        for (name, count) in report.counts { record.counts[name] = .number(JSONNumber(count)) }
        record.error = plan.stop?.sentence ?? report.rejection
        return record
    }

    private func publish(_ pass: Pass, _ report: PassReport, _ inventory: Inventory, _ logger: Logger) {
        let counts = Dictionary(uniqueKeysWithValues: report.counts)
        logger.emit(
            report.outcome == .superseded ? .reconcileSuperseded : .reconcileFinished, "a pass ended",
            [
                .outcome: report.outcome.word, .reason: report.plan?.stop?.code, .created: counts["created"],
                .updated: counts["updated"],
                .rendered: counts["rendered"], .deleted: counts["deleted"], .adopted: counts["adopted"],
                .unchanged: counts["unchanged"], .failed: counts["failed"],
                .durationMs: max(0, environment.now() - report.startedAt), .digest: report.plan?.digest,
            ])
        var states: [String: Int] = [:]
        for (reference, entry) in inventory {
            states["\(reference.kind.rawValue) \(entry.life.rawValue)", default: 0] += 1
        }
        meters.counted(
            source: source.name,
            resources: states.map { key, count in
                let parts = key.split(separator: " ")
                return (kind: String(parts[0]), state: String(parts[1]), count: count)
            })
        meters.applied(source: source.name, revision: pass.revision)
        if report.outcome == .inSync || report.outcome == .changed {
            meters.succeeded(source: source.name, at: Double(environment.now()) / 1_000)
            if pass.record.appliedCommit != pass.commit, pass.commit == pass.fetched.commit {
                meters.converged(
                    source: source.name, after: .seconds(max(0, environment.seconds - pass.fetched.committedAt)))
            }
        }
    }
}

extension Action {
    /// The package's first version, which an import publishes along the way.
    fileprivate var publishedAlong: ObjectReference? {
        guard case .importPackage(_, let first) = step else { return nil }
        return ObjectReference(.packageVersion, first.header.name)
    }
}

extension Pass {
    /// What each declared install depends on: kept, so that deletes can go in the reverse order later.
    var dependencies: [ObjectReference: [ObjectReference]] {
        Dictionary(desired.installs.map { ($0.reference, $0.dependsOn) }) { first, _ in first }
    }
}
