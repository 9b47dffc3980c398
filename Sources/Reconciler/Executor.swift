import Journal
import Manifests
import Planning
import Telemetry

/// Carries out a plan: everything that can go side by side does, and an object that fails stops only its dependants.
struct Executor: Sendable {
    /// Actions at work at once, those that only wait for an operation or for health not counted; more than requests can
    /// be in flight would stand in line with all their memory.
    private static let workMax = 64
    /// Actions that have begun and not ended, those that wait included: each holds some tens of kilobytes.
    private static let begunMax = 1_024

    let runner: ActionRunner
    let source: SourceIdentity
    let reconcile: String
    let environment: Environment
    let logger: Logger
    let meters: Meters
    let traces: Traces
    /// Requests in flight that the settings of the commit allow; nil when they leave that to the daemon.
    let concurrency: Int?

    /// The actions' outcomes in the plan's order.
    ///
    /// A task for each action that has begun: one that waits for an operation or for health takes no place from those
    /// that work (I15).
    ///
    /// - Parameter firstPosition: actions of earlier rounds of the same pass have the positions before.
    func execute(_ plan: Plan, firstPosition: Int) async -> [ActionResult] {
        let actions = plan.runnable
        let positions = Dictionary(
            actions.enumerated().map { ($1.id, firstPosition + $0) }, uniquingKeysWith: { first, _ in first })
        var schedule = Schedule(actions)
        var results: [ActionID: ActionResult] = [:]
        let slots = RequestSlots(limit: max(Self.workMax, concurrency ?? 0))
        await withTaskGroup(of: ActionResult.self) { group in
            var ready = schedule.takeReady()[...]
            var begun = 0
            while true {
                while begun < Self.begunMax, let action = ready.popFirst() {
                    let position = positions[action.id] ?? 0
                    await slots.take()
                    let place = WorkPlace(in: slots)
                    begun += 1
                    group.addTask {
                        defer { place.leave() }
                        return await carryOut(action, position, place)
                    }
                }
                guard let result = await group.next() else { break }
                begun -= 1
                results[result.action.id] = result
                if result.outcome.isSuccess {
                    ready += schedule.succeeded(result.action.id)
                } else {
                    for action in schedule.failed(result.action.id) {
                        let sentence = "waits for: \(result.action.id), which \(result.outcome.word)"
                        let dropped = ActionResult(action: action, outcome: .deferred(.dependency, sentence))
                        if result.outcome != .interrupted { report(dropped) }
                        results[action.id] = dropped
                    }
                }
            }
        }
        return actions.compactMap { results[$0.id] }
    }

    private func carryOut(_ action: Action, _ position: Int, _ place: WorkPlace) async -> ActionResult {
        // What a pass that is to end has not begun is dropped without a word: the next one plans anew.
        guard runner.intents.control.ending == nil else { return ActionResult(action: action, outcome: .interrupted) }
        logger.emit(
            .actionStarted, "an action begins",
            [
                .kind: action.target.kind.rawValue, .name: action.target.name, .action: action.word.rawValue,
                .reason: action.reason.code, .resourceID: action.resourceID,
            ])
        let started = environment.uptime()
        var runner = runner
        runner.intents.place = place
        let outcome = await traces.span(
            "\(action.word.rawValue) \(action.target.kind.rawValue)",
            [
                .action: action.word.rawValue, .kind: action.target.kind.rawValue, .name: action.target.name,
                .reason: action.reason.code, .resourceID: action.resourceID,
            ]
        ) { [runner] span in
            let outcome = await runner.run(action, position: position)
            span.set([.outcome: outcome.word])
            switch outcome {
            case .succeeded(let id): span.set([.resourceID: id])
            case .failed, .conflict: span.fail(outcome.word)
            case .deferred, .interrupted: break
            }
            return outcome
        }
        let result = ActionResult(action: action, outcome: outcome)
        report(result, duration: environment.uptime() - started)
        return result
    }

    private func report(_ result: ActionResult, duration: Int? = nil) {
        let action = result.action
        let event: Event
        var id = action.resourceID
        switch result.outcome {
        case .succeeded(let resourceID):
            event = .actionSucceeded
            id = resourceID ?? id
        case .failed, .conflict: event = .actionFailed
        case .deferred, .interrupted: event = .actionDeferred
        }
        var reason = action.reason.code
        if case .deferred(let code, _) = result.outcome { reason = code.rawValue }
        logger.emit(
            event, "an action ended",
            [
                .kind: action.target.kind.rawValue, .name: action.target.name, .action: action.word.rawValue,
                .outcome: result.outcome.word, .reason: reason, .resourceID: id, .durationMs: duration,
                .error: result.outcome.sentence,
            ])
        meters.acted(kind: action.target.kind.rawValue, action: action.word.rawValue, outcome: result.outcome.word)
    }

    /// The rows of `history` for these results.
    func records(of results: [ActionResult], firstPosition: Int) -> [JournalEntry] {
        results.enumerated().map { offset, result in
            var id = result.action.resourceID
            if case .succeeded(let resourceID?) = result.outcome { id = resourceID }
            let position = firstPosition + offset
            return .action(
                ActionRecord(
                    reconcile: reconcile, position: position, identity: Identity(result.action.target, in: source),
                    action: result.action.word.rawValue, reason: result.action.reason.code,
                    outcome: result.outcome.word, resourceID: id, intent: "\(reconcile)-\(position)",
                    error: result.outcome.sentence, finishedAt: environment.now()))
        }
    }
}
