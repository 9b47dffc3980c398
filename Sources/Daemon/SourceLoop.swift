package import Reconciler
import Synchronization
package import Telemetry

/// When one source is reconciled: at start, on a new commit, at its interval, and when asked to.
///
/// The loop decides only *when*; what happens is the ``Reconciler``'s affair. It is the one place that ends a running pass:
/// for a newer valid commit (I15), or because the daemon stops.
package final class SourceLoop: Sendable {
    package let name: String
    private let reconciler: Reconciler
    private let pollInterval: Duration
    private let environment: Environment
    private let board: StatusBoard
    private let logger: Logger
    private let onPass: @Sendable () -> Void
    private let state = Mutex(State())

    private struct State {
        var isStopping = false
        var isTriggered = false
        var pass: PassControl?
        var sleeper: PassControl?
        var turnedAt = 0
    }

    /// The longest that a failed pass waits for its next try.
    private static let retryMax = Duration.seconds(60)

    package init(
        _ reconciler: Reconciler, pollInterval: Duration, environment: Environment, board: StatusBoard,
        logger: Logger, onPass: @escaping @Sendable () -> Void = {}
    ) {
        name = reconciler.source.name
        self.reconciler = reconciler
        self.pollInterval = pollInterval
        self.environment = environment
        self.board = board
        self.logger = logger.binding([.source: name])
        self.onPass = onPass
    }

    /// Runs until ``stop()``.
    package func run() async {
        var failures = 0
        while !state.withLock({ $0.isStopping }) {
            let control = beginPass()
            let report = await pass(control)
            failures = report.outcome == .failed ? failures + 1 : 0
            let pause = failures > 0 ? min(.seconds(1 << min(failures, 6)), Self.retryMax) : report.interval
            board.record(report, nextPass: environment.now() + pause.milliseconds)
            onPass()
            await sleep(atMost: pause, since: report.revision?.commit)
        }
    }

    /// Reconciles now, or right after the pass that is running.
    package func trigger() {
        state.withLock { state in
            state.isTriggered = true
            state.sleeper?.end(.superseded)
        }
    }

    /// Ends the loop: a running pass finishes what it has sent, begins nothing, and waits for nothing.
    package func stop() {
        state.withLock { state in
            state.isStopping = true
            state.pass?.end(.stopping)
            state.sleeper?.end(.stopping)
        }
    }

    /// Whether the loop turns: a pass that waits turns too, since it is asked for newer commits meanwhile.
    package func isAlive(within patience: Duration) -> Bool {
        environment.now() - state.withLock { $0.turnedAt } < patience.milliseconds
    }

    private func turned() { state.withLock { $0.turnedAt = environment.now() } }

    private func beginPass() -> PassControl {
        let control = PassControl()
        turned()
        state.withLock { state in
            state.isTriggered = false
            state.pass = control
            if state.isStopping { control.end(.stopping) }
        }
        return control
    }

    /// One pass, watched: a newer commit that is valid ends it at the next action.
    private func pass(_ control: PassControl) async -> PassReport {
        let report = await withTaskGroup(of: PassReport?.self) { group in
            group.addTask { await self.reconciler.reconcile(.daemon, control: control) }
            group.addTask {
                await self.watch(control)
                return nil
            }
            while let result = await group.next() {
                guard let result else { continue }
                group.cancelAll()
                return result
            }
            return PassReport(source: self.name, reconcile: "", startedAt: self.environment.now())
        }
        state.withLock { $0.pass = nil }
        turned()
        return report
    }

    private func watch(_ control: PassControl) async {
        var seen: String?
        while !Task.isCancelled, control.ending == nil {
            do { try await environment.sleep(pollInterval) } catch { return }
            turned()
            // A fetch that fails is told by the next pass; here it only means that nothing newer is known.
            guard let fetched = try? await reconciler.repository.fetch() else { continue }
            defer { seen = fetched.commit }
            guard let seen, seen != fetched.commit,
                case .valid? = try? await reconciler.repository.load(fetched.commit)
            else { continue }
            control.end(.superseded)
        }
    }

    /// Sleeps until the interval is over, a new commit is there, or somebody asks.
    private func sleep(atMost pause: Duration, since commit: String?) async {
        let end = environment.now() + pause.milliseconds
        var hasFailed = false
        while true {
            let control = PassControl()
            let isOver = state.withLock { state in
                state.sleeper = control
                return state.isStopping || state.isTriggered
            }
            guard !isOver else { return }
            let rest = end - environment.now()
            guard rest > 0 else { return }
            let environment = environment
            let nap = min(pollInterval, .milliseconds(rest))
            guard await control.unlessEnded({ (try? await environment.sleep(nap)) != nil }) == true else { return }
            turned()
            guard environment.now() < end else { return }
            do {
                let fetched = try await reconciler.repository.fetch()
                if fetched.commit != commit { return }
                if hasFailed { board.update(name) { $0.trouble = nil } }
                hasFailed = false
                logger.emit(.sourceUnchanged, "the watched ref has not moved", [.commit: fetched.commit])
            } catch {
                if !hasFailed {
                    logger.emit(.sourceFailed, "the watched ref can't be read", [.error: error.description])
                    board.update(name) { $0.trouble = ("git-unreachable", error.description) }
                }
                hasFailed = true
            }
        }
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int { Int(components.seconds) * 1_000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}
