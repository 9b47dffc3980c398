import ArgumentParser
import Simulation
import Synchronization

/// The daemon in simulated worlds.
@main
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "akua-gitops-simulate", abstract: "Run the daemon in simulated worlds.",
        subcommands: [SeedsCommand.self, ExploreCommand.self], defaultSubcommand: SeedsCommand.self)
}

/// Runs seeds of the simulation and prints those that fail (R5).
struct SeedsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seeds", abstract: "What chance brings, one run a seed.")

    @Option(help: "How many seeds to run.")
    var seeds: UInt64 = 2_000
    @Option(help: "The first seed.")
    var from: UInt64 = 0
    @Option(help: "How many runs at once.")
    var jobs = 2
    @Flag(help: "Print what happens in each run.")
    var verbose = false
    @Option(help: "Stop after so many failed runs.")
    var failures = 10

    func run() async throws {
        let verbose = verbose
        let tally = Tally(seeds: from..<(from + seeds), failuresMax: failures)
        let started = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, jobs) {
                group.addTask {
                    while let seed = tally.next() { tally.add(Simulation(seed: seed, isVerbose: verbose).run()) }
                }
            }
        }
        let text = tally.text(after: ContinuousClock.now - started)
        guard !tally.hasFailed else { throw Failure(description: text) }
        print(text)
    }
}

/// Some runs failed: what is said of them.
struct Failure: Error, CustomStringConvertible {
    var description: String
}

/// The seeds still to run, and what came of the others.
private final class Tally: Sendable {
    private struct State {
        var seeds: Range<UInt64>
        var failed: [Simulation.Outcome] = []
        var runs = 0
        var passes = 0
        var crashes = 0
        var faults = 0
        var steps = 0
        var trace: UInt64 = 0
        var log: [String] = []
    }

    private let state: Mutex<State>
    private let failuresMax: Int

    init(seeds: Range<UInt64>, failuresMax: Int) {
        state = Mutex(State(seeds: seeds))
        self.failuresMax = failuresMax
    }

    var hasFailed: Bool { state.withLock { !$0.failed.isEmpty } }

    func next() -> UInt64? {
        state.withLock { state in
            state.failed.count < failuresMax ? state.seeds.popFirst() : nil
        }
    }

    func add(_ outcome: Simulation.Outcome) {
        state.withLock { state in
            state.runs += 1
            state.passes += outcome.passes
            state.crashes += outcome.crashes
            state.faults += outcome.faults
            state.steps += outcome.steps
            // In whatever order the runs end.
            state.trace ^= outcome.trace &* (2 &* outcome.seed &+ 1)
            state.log += outcome.log
            if !outcome.violations.isEmpty { state.failed.append(outcome) }
        }
    }

    func text(after duration: Duration) -> String {
        let state = state.withLock(\.self)
        var lines: [String] = []
        for line in state.log { lines.append(line) }
        for outcome in state.failed.sorted(by: { $0.seed < $1.seed }) {
            lines.append("seed \(outcome.seed), replayed by: scripts/simulate --from \(outcome.seed) --seeds 1")
            lines += outcome.violations.map { "  " + $0 }
        }
        lines.append(
            "\(state.runs) seeds in \(duration): \(state.passes) passes, \(state.crashes) killed, \(state.faults) faults, "
                + "\(state.steps) steps, \(state.failed.count) seeds failed, trace \(String(state.trace, radix: 16))")
        return lines.joined(separator: "\n")
    }
}
