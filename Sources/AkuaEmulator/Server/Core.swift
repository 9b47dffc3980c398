import Foundation
import JSON
import Synchronization

/// What all requests share: the world, its clock, the faults, the log, and those who wait.
final class Core: Sendable {
    let options: EmulatorOptions
    let clock: EmulatedClock
    let faults: FaultPlan
    let log: RequestLog
    private let world: Mutex<World>
    private let stateFile: StateFile?
    private let tokens: Mutex<[AccessToken]>
    /// The operations that are waited for.
    private let waits = Mutex<[String: [Doorbell]]>([:])
    /// Rings when something is due earlier than thought.
    private let timeKeeper = Doorbell()
    private let isStopping = Mutex(false)

    init(_ options: EmulatorOptions) throws {
        self.options = options
        let start = options.startTime ?? Int(Date().timeIntervalSince1970 * 1_000)
        clock = EmulatedClock(start: start, scale: options.isTimeManual ? nil : options.timeScale)
        faults = FaultPlan(seed: options.seed)
        log = RequestLog(limit: options.requestsKept)
        tokens = Mutex(options.tokens)
        var world = World(now: start, timing: options.timing, switches: options.switches, seed: options.seed)
        stateFile = try options.stateFile.map { try StateFile(path: $0) }
        try stateFile?.load(into: &world)
        for workspace in options.workspaces { world.ensureWorkspace(workspace) }
        clock.catchUp(to: world.now)
        stateFile?.save(&world)
        self.world = Mutex(world)
    }

    /// Reads or changes the world as it is now; what changed is stored before this returns.
    func withWorld<Value: Sendable, Failure: Error>(
        _ body: (inout World) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let now = clock.now
        var finished: [String] = []
        var isEarlier = false
        defer {
            ring(finished)
            if isEarlier { timeKeeper.ring() }
        }
        return try world.withLock { world throws(Failure) in
            let due = world.agenda.nextDue
            defer {
                finished = world.takeFinished()
                isEarlier = world.agenda.nextDue.map { next in due.map { next < $0 } ?? true } ?? false
                stateFile?.save(&world)
            }
            world.advance(to: now)
            return try body(&world)
        }
    }

    /// Why the state can't be stored any more; nil while all is well.
    var storageProblem: String? { stateFile?.problem }

    /// The tokens that are taken.
    var acceptedTokens: [AccessToken] { tokens.withLock { $0 } }

    /// Takes other tokens from here on.
    func setTokens(_ accepted: [AccessToken]) { tokens.withLock { $0 = accepted } }

    /// Lets time pass until the task is cancelled: without this, things happen only when somebody asks.
    func keepTime() async {
        while !Task.isCancelled {
            let next = withWorld { $0.agenda.nextDue }
            if let delay = next.flatMap(clock.realDelay) {
                await timeKeeper.wait(atMost: delay)
            } else {
                await timeKeeper.wait()
            }
        }
    }

    /// Lets time pass until nothing is due any more: what happens may make more due.
    func runToRest() {
        while let due = withWorld({ $0.agenda.nextDue }) { clock.catchUp(to: due) }
        clockChanged()
    }

    /// The clock was changed: what is due may be due now.
    func clockChanged() {
        withWorld { _ in }
        timeKeeper.ring()
    }

    /// Returns once the operation is done, the time is over, or the emulator stops.
    func waitForEnd(of operation: String, atMost limit: Duration) async {
        await wait(on: operation, atMost: limit) { withWorld { $0.operations[operation]?.isDone ?? true } }
    }

    /// Returns once the emulator stops.
    func waitForStop() async { await wait(on: "stop", atMost: .seconds(86_400)) { false } }

    private func wait(on topic: String, atMost limit: Duration, unless isOver: () -> Bool) async {
        let bell = Doorbell()
        let deadline = ContinuousClock.now + limit
        waits.withLock { $0[topic, default: []].append(bell) }
        defer {
            waits.withLock { waits in
                waits[topic]?.removeAll { $0 === bell }
                if waits[topic]?.isEmpty == true { waits[topic] = nil }
            }
        }
        // What is waited for may have happened before the bell was hung up.
        guard !isOver(), !isStopping.withLock({ $0 }) else { return }
        await bell.wait(atMost: deadline - ContinuousClock.now)
    }

    /// Ends all waiting, so that connections can be closed.
    func stop() {
        isStopping.withLock { $0 = true }
        ring(waits.withLock { Array($0.keys) })
    }

    private func ring(_ operations: [String]) {
        guard !operations.isEmpty else { return }
        let bells = waits.withLock { waits in operations.flatMap { waits.removeValue(forKey: $0) ?? [] } }
        for bell in bells { bell.ring() }
    }
}
