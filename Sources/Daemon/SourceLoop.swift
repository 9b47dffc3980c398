package import Reconciler
import Synchronization
package import Telemetry

/// When one source is reconciled: at start, on a new commit, at its interval, and when asked to.
///
/// The loop decides only *when*; what happens is the ``Reconciler``'s affair. It is the one place that ends a running pass:
/// for a newer valid commit (I15), for a change that a person makes, or because the daemon stops.
package final class SourceLoop: Sendable {
    package let name: String
    private let reconciler: Reconciler
    private let pollInterval: Duration
    private let environment: Environment
    private let board: StatusBoard
    private let logger: Logger
    private let state = Mutex(State())
    /// Ended once, when the daemon or its configuration has no more use for the loop.
    private let stopping = PassControl()
    /// Ended when nobody wants to wait for the running pass to settle.
    private let cuttingShort = PassControl()

    private struct State {
        var isOver = false
        /// How often a pass was asked for.
        var triggers = 0
        var pass: PassControl?
        /// Ends whatever the loop waits for at present, when it is triggered or stopped.
        var alarm: PassControl?
        /// What waits for the running pass to end.
        var changes: [@Sendable () async -> Void] = []
        /// When the loop, or who watches its pass, is to have turned again at the latest.
        var turnsBefore = ContinuousClock.now + SourceLoop.turnMax
    }

    /// The shortest wait for what is to be tried again.
    private static let pauseMin = Duration.seconds(1)
    /// The longest that a failed pass waits for its next try: with the pass itself it is over within thirty seconds of
    /// whatever ailed the platform (R16), and asks no more than three times a minute until then.
    private static let retryMax = Duration.seconds(20)
    /// How long a pass that is told to stop has for the requests that are under way; what is not heard of by then is
    /// settled after the next start.
    ///
    /// With what else ends a daemon it stays below five seconds (R15).
    private static let stopGrace = Duration.seconds(3)
    /// How long one turn may take beside its sleep: a fetch with its deadline, reading a commit, recording a pass.
    private static let turnMax = Duration.seconds(5 * 60)

    package init(
        _ reconciler: Reconciler, pollInterval: Duration, environment: Environment, board: StatusBoard,
        logger: Logger
    ) {
        name = reconciler.source.name
        self.reconciler = reconciler
        self.pollInterval = pollInterval
        self.environment = environment
        self.board = board
        self.logger = logger.binding([.source: name])
    }

    /// Runs until ``stop()``, or until its task is cancelled.
    package func run() async {
        var failures = 0
        while true {
            await makeChanges()
            guard let (control, triggers) = beginPass() else { break }
            board.begin(name)
            let report = await pass(control, since: triggers)
            failures = report.outcome == .failed ? failures + 1 : 0
            let pause = Self.pause(after: report, failures: failures)
            board.record(report, nextPass: environment.now() + pause.wholeMilliseconds)
            await sleep(atMost: pause, since: report.revision?.commit, triggers)
        }
        state.withLock { $0.isOver = true }
        await makeChanges()
    }

    /// Reconciles now, or right after the pass that is running; that one looks for a newer commit at once.
    package func trigger() {
        state.withLock { state in
            state.triggers += 1
            state.alarm?.end(.superseded)
        }
    }

    /// What `change` answers, made while no pass is running: one that runs ends at its next action, and another follows.
    ///
    /// Nil when the loop has ended.
    package func betweenPasses<Answer: Sendable>(
        _ change: @escaping @Sendable () async -> Answer
    ) async -> Answer? {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard !state.isOver else { return true }
                state.changes.append { continuation.resume(returning: await change()) }
                state.triggers += 1
                state.alarm?.end(.superseded)
                state.pass?.end(.superseded)
                return false
            }
            if isOver { continuation.resume(returning: nil) }
        }
    }

    /// Ends the loop: a running pass finishes what it has sent, begins nothing, and waits for nothing.
    package func stop() {
        stopping.end(.stopping)
        state.withLock { state in
            state.pass?.end(.stopping)
            state.alarm?.end(.stopping)
        }
    }

    /// Gives up what a stopped loop still has under way; what it led to is settled after the next start.
    package func cutShort() { cuttingShort.end(.stopping) }

    /// Whether the loop turns: a pass that waits turns too, since somebody looks for newer commits meanwhile.
    package var isAlive: Bool { state.withLock { $0.isOver || ContinuousClock.now < $0.turnsBefore } }

    private var isStopping: Bool { stopping.ending != nil }

    private func makeChanges() async {
        while let change = state.withLock({ $0.changes.isEmpty ? nil : $0.changes.removeFirst() }) { await change() }
    }

    /// Until the next pass, unless a commit or a person comes first: what failed is tried again when its back-off is
    /// over, the rest at the next resync.
    ///
    /// - Parameter failures: passes in a row that could not be made.
    static func pause(after report: PassReport, failures: Int) -> Duration {
        switch report.outcome {
        case .superseded: return .zero
        case .failed: return min(.seconds(1 << min(failures, 6)), retryMax)
        case .inSync, .changed, .blocked, .partial, .rejected, .stopped:
            guard let next = report.nextAttempt else { return report.interval }
            // R14: the next pass sees the moment and the date by one clock.
            guard !report.isDateChanged else { return pauseMin }
            return min(report.interval, max(pauseMin, .milliseconds(next * 1_000 - report.finishedAt)))
        }
    }
}

// A pass, and who watches it.
extension SourceLoop {
    /// What happens beside a pass.
    private enum Happening: Sendable {
        case ended(PassReport)
        /// Nobody has to watch it any more.
        case watched
        /// It was told to stop and has had its time.
        case outOfTime
    }

    /// The control of the next pass, with the triggers that it answers; nil when there is to be none.
    private func beginPass() -> (PassControl, triggers: Int)? {
        guard !isStopping, !Task.isCancelled else { return nil }
        let control = PassControl()
        let triggers = state.withLock { state in
            state.pass = control
            // A change or a stop that came before the pass was there to be told has told nobody.
            if !state.changes.isEmpty { control.end(.superseded) }
            return state.triggers
        }
        if isStopping { control.end(.stopping) }
        return (control, triggers)
    }

    private func pass(_ control: PassControl, since triggers: Int) async -> PassReport {
        defer { HeapMemory.trim() }
        let report = await withTaskGroup(of: Happening.self) { group in
            group.addTask { .ended(await self.reconciler.reconcile(.daemon, control: control)) }
            group.addTask {
                await self.watch(control, since: triggers)
                return .watched
            }
            group.addTask { await self.limitStop() }
            var report: PassReport?
            for await happening in group {
                switch happening {
                case .ended(let ended):
                    report = ended
                    group.cancelAll()
                case .outOfTime: group.cancelAll()
                case .watched: continue
                }
            }
            return report
        }
        state.withLock { $0.pass = nil }
        guard let report else { preconditionFailure("a task group has waited for all its tasks") }
        return report
    }

    /// Looks for newer commits while a pass runs: one that is valid ends it.
    private func watch(_ control: PassControl, since triggers: Int) async {
        var triggers = triggers
        while !Task.isCancelled, !isStopping, control.ending == nil {
            await unlessAsked(since: triggers, within: pollInterval) { await self.nap(self.pollInterval) }
            triggers = state.withLock { $0.triggers }
            // A fetch that fails is told by the next pass; here it only means that nothing newer is known.
            guard let fetched = try? await poll() else { continue }
            board.see(fetched, for: name)
            guard let commit = control.commit, commit != fetched.commit,
                case .valid? = try? await reconciler.repository.load(fetched.commit)
            else { continue }
            control.end(.superseded)
        }
    }

    private func limitStop() async -> Happening {
        await stopping.ended()
        guard isStopping else { return .watched }
        await cuttingShort.unlessEnded { await self.nap(Self.stopGrace) }
        return Task.isCancelled ? .watched : .outOfTime
    }
}

// Between two passes.
extension SourceLoop {
    /// Sleeps until the pause is over, a new commit is there, or somebody asks.
    ///
    /// Counts what it slept instead of looking at the clock, so that a changed date makes no pass late.
    private func sleep(atMost pause: Duration, since commit: String?, _ triggers: Int) async {
        var rest = pause
        var isUnreachable = false
        while rest > .zero {
            let length = min(pollInterval, rest)
            rest -= length
            let isRested = await unlessAsked(since: triggers, within: length) { await self.nap(length) } != nil
            guard isRested, rest > .zero else { return }
            let polled = await unlessAsked(since: triggers, within: .zero) {
                do throws(SourceError) {
                    return Result<FetchedRevision, SourceError>.success(try await self.poll())
                } catch {
                    return .failure(error)
                }
            }
            guard let polled else { return }
            switch polled {
            case .success(let fetched):
                board.see(fetched, for: name)
                if fetched.commit != commit { return }
                if isUnreachable {
                    logger.emit(
                        .sourceUnchanged, "the watched ref can be read again, and has not moved",
                        [.commit: fetched.commit], level: .notice)
                } else {
                    logger.emit(.sourceUnchanged, "the watched ref has not moved", [.commit: fetched.commit])
                }
                isUnreachable = false
            case .failure(let error):
                // The log sums up what goes on the same.
                logger.emit(.sourceFailed, "the watched ref can't be read", [.error: error.description])
                board.lose(name, error.description)
                isUnreachable = true
            }
        }
    }

    private func poll() async throws(SourceError) -> FetchedRevision {
        let started = ContinuousClock.now
        let fetched = try await reconciler.repository.fetch()
        reconciler.meters.fetched(in: started.duration(to: .now))
        return fetched
    }

    private func nap(_ duration: Duration) async {
        // Ends early only by cancellation, and then its caller looks why.
        try? await environment.sleep(duration)
    }

    /// What `body` gives, or nil when the loop is triggered again or stopped first; the loop turns again `within` that
    /// and what a turn may take.
    @discardableResult
    private func unlessAsked<Value: Sendable>(
        since triggers: Int, within duration: Duration, _ body: @escaping @Sendable () async -> Value
    ) async -> Value? {
        let alarm = PassControl()
        let isAsked = state.withLock { state in
            state.alarm = alarm
            state.turnsBefore = .now + duration + Self.turnMax
            return state.triggers != triggers
        }
        guard !isAsked, !isStopping, !Task.isCancelled else { return nil }
        return await alarm.unlessEnded(body)
    }
}
