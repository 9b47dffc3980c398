import AkuaAPI
import AkuaModel
import JSON
import Journal
import Manifests
import Planning
import Telemetry

/// Carries an intent to its end, from wherever it is: journal, send, wait for the operation, conclude.
///
/// A new intent and one that an earlier pass left behind take the same road, so recovery is no special case. Holds I4:
/// the intent is durable before its request leaves, and every attempt sends the same bytes under the same key.
struct IntentRunner: Sendable {
    let platform: any Platform
    let ledger: Ledger
    let environment: Environment
    let control: PassControl
    let timeouts: Settings.Timeouts
    let logger: Logger
    let meters: Meters
    /// How many writes of the source may be under way at once.
    var slots = RequestSlots(limit: 1_024)
    /// What the commit of the pass declares: a delete of it that shows no effect is not sent again (I2).
    var isDeclared: @Sendable (ObjectReference) -> Bool = { _ in false }
    /// The values that the commit of the pass gives to an object: not to be repeated when the platform quotes them (I11).
    var values: @Sendable (ObjectReference) -> [JSONValue] = { _ in [] }
    /// Tells which of two commits came first.
    var repository: (any SourceRepository)?
    /// What the journal says was applied last.
    var appliedCommit: String?
    /// False where the settings let the source only be looked at: a write that shows no effect is not sent again.
    var sends = true
    /// False to look at an operation once instead of waiting for its end.
    var waits = true
    /// The place among those at work that is given back before anything is waited for.
    var place: WorkPlace?

    /// One long poll; the operation's own deadline is `timeouts.operation`.
    private static let pollSeconds = 30
    /// The first one is short: it shows whether the operation waits for a person.
    private static let firstPollSeconds = 2

    /// Carries out a new intent.
    func carryOut(_ intent: IntentRecord) async -> ActionOutcome {
        guard control.ending == nil else { return .interrupted }
        do {
            try await ledger.commit([.intent(intent)])
        } catch {
            return .failed("nothing was sent, since the journal can't be written: \(error)")
        }
        return await send(intent)
    }

    /// Sends the write of a durable intent.
    ///
    /// - Parameter isRepeated: an earlier pass may have sent it already. Then no failure closes the intent as unsent (I4):
    ///   what the earlier attempt made would be nobody's once git goes on to something else.
    func send(_ intent: IntentRecord, isRepeated: Bool = false) async -> ActionOutcome {
        let sent = await slots.withSlot { () async -> Result<WriteAnswer, APIError> in
            // What waited for its turn until the pass was to end is dropped: it was never sent.
            guard control.ending == nil else { return .failure(.notSent(intent.write.call.stored.name)) }
            do throws(APIError) { return .success(try await platform.send(intent.write)) } catch {
                return .failure(error)
            }
        }
        switch sent {
        case .failure(var error):
            // That this attempt did not get through says nothing of those before. The platform's own refusal does: had one
            // of them taken effect, the same key would have been answered with that.
            if isRepeated, error.disposition != .rejected || !error.speaksForPlatform {
                error.mayHaveTakenEffect = true
            }
            return await refused(intent, error)
        case .success(let answer):
            do {
                return try await follow(intent, answer)
            } catch {
                return .failed("the journal can't be written: \(error)")
            }
        }
    }

    /// Goes on from an answer: waits if there is an operation, then concludes.
    func follow(_ intent: IntentRecord, _ answer: WriteAnswer) async throws(JournalError) -> ActionOutcome {
        switch answer {
        case .operation(let operation): return try await wait(intent, for: operation.id, answer)
        case .mutation(let mutation):
            guard let operation = mutation.render?.operationID else { return try await conclude(intent, answer, nil) }
            return try await wait(intent, for: operation, answer)
        case .render(let render):
            guard let operation = render.operationID, !render.isFinal else {
                return try await conclude(intent, answer, nil)
            }
            return try await wait(intent, for: operation, answer)
        case .package, .packageVersion, .cluster, .done: return try await conclude(intent, answer, nil)
        }
    }

    /// Waits for the operation of an accepted write.
    ///
    /// Its id is journalled first, so that a restart resumes the wait.
    func wait(
        _ intent: IntentRecord, for id: OperationID, _ answer: WriteAnswer?
    ) async throws(JournalError) -> ActionOutcome {
        var intent = intent
        if intent.state == .open {
            intent.state = .running
            intent.operation = id
            if case .render(let render)? = answer { intent.resourceID = render.id.text }
            try await accepted(intent)
        }
        logger(for: intent).emit(.operationWaiting, "waiting for an operation", [.operationID: id.text])
        guard waits else { return try await poll(intent, for: id, answer) }
        place?.leave()
        return try await meters.waitingForOperation { () async throws(JournalError) in
            try await poll(intent, for: id, answer)
        }
    }

    /// Asks for the operation until it has ended; once, when waiting is not wanted.
    private func poll(
        _ intent: IntentRecord, for id: OperationID, _ answer: WriteAnswer?
    ) async throws(JournalError) -> ActionOutcome {
        let started = environment.uptime()
        // What an earlier pass has waited counts too; the date alone, set back, would let this one wait for years.
        func millisecondsLeft() -> Int {
            let waited = max(environment.now() - intent.createdAt, environment.uptime() - started)
            return timeouts.operation.wholeMilliseconds - waited
        }
        var pollSeconds = Self.firstPollSeconds
        while true {
            guard control.ending == nil else { return .interrupted }
            let operation: Operation?
            do {
                let (platform, seconds) = (platform, min(pollSeconds, max(1, (millisecondsLeft() + 999) / 1_000)))
                if waits {
                    let polled = try await control.unlessEnded { () async throws -> Operation? in
                        try await platform.wait(for: id, seconds: seconds)
                    }
                    guard let polled else { return .interrupted }
                    operation = polled
                    pollSeconds = Self.pollSeconds
                } else {
                    operation = try await platform.operation(id)
                }
            } catch let error as APIError where error.disposition == .cancelled {
                return .interrupted
            } catch {
                return .deferred(.readFailed, "operation \(id) can't be read: \(error)")
            }
            guard var operation else {
                return try await conclude(intent, answer, .vanished(id))
            }
            operation.errorMessage = operation.errorMessage.map { redacted($0, intent) }
            if operation.isDone {
                logger(for: intent).emit(
                    .operationFinished, "an operation ended",
                    [
                        .operationID: id.text, .state: operation.state.word, .error: operation.errorMessage,
                        .durationMs: max(0, environment.now() - intent.createdAt),
                    ])
                return try await conclude(intent, answer, .ended(operation))
            }
            if let step = operation.waitsForPerson {
                return .deferred(.waitingForOperation, "operation \(id) waits for a person at step '\(step)'")
            }
            guard waits else { return .deferred(.waitingForOperation, "operation \(id) is running") }
            if millisecondsLeft() <= 0 {
                return .deferred(
                    .waitingForOperation, "operation \(id) has not ended within \(timeouts.operation); it goes on")
            }
        }
    }

    /// Journals that the platform has accepted a write, and what no read will show of it.
    private func accepted(_ intent: IntentRecord) async throws(JournalError) {
        guard let reference = ObjectReference(intent.identity) else { return }
        let context = IntentContext(intent.context)
        switch intent.write.call {
        case .deleteInstall, .deleteCluster:
            try await ledger.update(reference, with: [.intent(intent)]) { $0.life = .deleting }
        case .updateInstall:
            try await ledger.update(reference, with: [.intent(intent)]) { record in
                record.requestedValues.versionID = context.requested.versionID
                record.requestedValues.isVersionConfirmed = false
            }
        default: try await ledger.commit([.intent(intent)])
        }
    }

    /// What follows from an answer that is no success, or from none.
    private func refused(_ intent: IntentRecord, _ error: APIError) async -> ActionOutcome {
        var closed = intent
        closed.httpStatus = error.status
        closed.error = error.description
        // Whoever refuses in other words than the platform's knows nothing of an attempt that may have taken effect.
        let isUnproven = error.mayHaveTakenEffect && !error.speaksForPlatform
        do {
            switch error.disposition {
            case .cancelled where !error.mayHaveTakenEffect, .retry where !error.mayHaveTakenEffect:
                try await close(closed, .failed) { _ in }
                return error.disposition == .cancelled ? .interrupted : .failed(error.description)
            case .cancelled: return .interrupted
            case .retry,
                .unauthorized where error.mayHaveTakenEffect,
                .replan where isUnproven,
                .rejected where isUnproven:
                return .failed(
                    "\(error.description); whether it took effect is settled before anything else is written")
            case .replan: return try await conflict(closed, error)
            case .rejected, .unauthorized:
                let isRefusal = error.disposition == .rejected
                try await close(closed, .failed) { record in
                    if isRefusal, closed.write.call.beginsLife { record.refusals += 1 }
                    record.fail(error.description, at: environment.seconds)
                }
                return .failed(error.description)
            }
        } catch {
            return .failed("the journal can't be written: \(error)")
        }
    }

    /// A 409 is an answer: the intent is closed, the object read again and a new plan made (I3).
    ///
    /// Where an earlier attempt was perhaps what moved the object, its effect is looked for first.
    private func conflict(_ intent: IntentRecord, _ error: APIError) async throws(JournalError) -> ActionOutcome {
        logger(for: intent).emit(
            .apiConflict, "the platform refused a write because the object had moved",
            [.httpStatus: error.status, .etag: intent.write.ifMatch?.text, .error: error.description])
        if case .createPackageVersion = intent.write.call {
            return try await concludeVersionByReading(intent, orElse: .conflict(error.description))
        }
        if error.mayHaveTakenEffect, let outcome = try await outcomeByEffect(of: intent) { return outcome }
        try await close(intent, .conflict) { _ in }
        return .conflict(error.description)
    }

    /// Records the end of an intent together with what it means for the object.
    func close(
        _ intent: IntentRecord, _ outcome: IntentRecord.Outcome, _ change: (inout ObjectRecord) -> Void
    ) async throws(JournalError) {
        guard let reference = ObjectReference(intent.identity) else { return }
        var closed = intent
        closed.state = .closed
        closed.outcome = outcome
        closed.closedAt = environment.now()
        try await ledger.update(reference, with: [.intent(closed)], change)
    }

    /// A text of the platform's without the values of the object that it is about.
    private func redacted(_ text: String, _ intent: IntentRecord) -> String {
        let declared = ObjectReference(intent.identity).map(values) ?? []
        return ValueRedaction(values: declared).clean(ValueRedaction(body: intent.write.body).clean(text))
    }

    /// A logger whose lines say which object and which action they are about.
    func logger(for intent: IntentRecord) -> Logger {
        logger.binding([
            .kind: intent.identity.kind, .name: intent.identity.name, .action: intent.action,
            .idempotencyKey: intent.write.idempotencyKey,
        ])
    }
}

/// How an operation ended, as far as can be known.
enum OperationEnd: Sendable {
    case ended(Operation)
    /// The platform no longer knows it: the object itself decides.
    case vanished(OperationID)

    var succeeded: Operation? {
        if case .ended(let operation) = self, operation.hasSucceeded { operation } else { nil }
    }

    var sentence: String {
        switch self {
        case .ended(let operation):
            "operation \(operation.id) ended as \(operation.state.word)"
                + (operation.errorMessage.map { ": \($0)" } ?? "")
        case .vanished(let id): "operation \(id) is no longer known to the platform"
        }
    }
}

extension Write.Call {
    /// Whether its key is that of a life: only a refusal of it makes the next attempt another request (I1).
    fileprivate var beginsLife: Bool {
        switch self {
        case .importPackage, .createPackage, .createCluster, .createInstall: true
        case .createPackageVersion, .updateCluster, .updateInstall, .setAutomaticUpdates, .createRender, .deletePackage,
            .deleteCluster, .deleteInstall:
            false
        }
    }
}

extension Render {
    /// Whether its state will not change any more; a word that we do not know is never the end.
    var isFinal: Bool { state.is(.deployed) || state.is(.skipped) || state.is(.failed) }
}
