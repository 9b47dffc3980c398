import ArgumentParser
import Simulation

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
    @Option(help: "How many processes to run at once.")
    var jobs = 2
    @Option(help: "What goes wrong: chance, lists that can't be believed (R7), or two daemons that get stopped (R9).")
    var world = Simulation.Kind.chance
    @Flag(help: "Print what happens in each run.")
    var verbose = false
    @Option(help: "Stop after so many failed runs.")
    var failures = 10
    @Option(help: ArgumentHelp("Run this share alone, and print the tally.", visibility: .private))
    var share: Share?

    func run() async throws {
        if let share { return try Share.report(tally(of: share)) }
        let started = ContinuousClock.now
        var tally = Tally()
        if jobs > 1, seeds > 1 {
            let failures = failures
            let shares: [Tally] = try await Share.inProcesses(jobs) { $0.failed.count >= failures }
            for share in shares { tally.add(share) }
        } else {
            tally = self.tally(of: .all)
        }
        let text = tally.text(after: ContinuousClock.now - started, world)
        guard tally.failed.isEmpty else { throw Failure(description: text) }
        print(text)
    }

    private func tally(of share: Share) -> Tally {
        var tally = Tally()
        for seed in stride(from: from + UInt64(share.index), to: from + seeds, by: share.count) {
            guard tally.failed.count < failures else { break }
            tally.add(Simulation(seed: seed, kind: world, isVerbose: verbose).run())
        }
        return tally
    }
}

/// What came of the seeds so far.
private struct Tally: Codable, Sendable {
    struct Failed: Codable {
        var seed: UInt64
        var violations: [String]
    }

    private(set) var failed: [Failed] = []
    private var runs = 0
    private var passes = 0
    private var crashes = 0
    private var faults = 0
    private var steps = 0
    private var trace: UInt64 = 0
    private var log: [String] = []

    mutating func add(_ outcome: Simulation.Outcome) {
        runs += 1
        passes += outcome.passes
        crashes += outcome.crashes
        faults += outcome.faults
        steps += outcome.steps
        // In whatever order the runs end.
        trace ^= outcome.trace &* (2 &* outcome.seed &+ 1)
        log += outcome.log
        if !outcome.violations.isEmpty { failed.append(Failed(seed: outcome.seed, violations: outcome.violations)) }
    }

    mutating func add(_ other: Tally) {
        failed += other.failed
        runs += other.runs
        passes += other.passes
        crashes += other.crashes
        faults += other.faults
        steps += other.steps
        trace ^= other.trace
        log += other.log
    }

    func text(after duration: Duration, _ world: Simulation.Kind) -> String {
        let option = world == .chance ? "" : " --world \(world.rawValue)"
        var lines = log
        for outcome in failed.sorted(by: { $0.seed < $1.seed }) {
            lines.append(
                "seed \(outcome.seed), replayed by: scripts/simulate --from \(outcome.seed) --seeds 1\(option)")
            lines += outcome.violations.map { "  " + $0 }
        }
        lines.append(
            "\(runs) seeds in \(duration): \(passes) passes, \(crashes) killed, \(faults) faults, "
                + "\(steps) steps, \(failed.count) seeds failed, trace \(String(trace, radix: 16))")
        return lines.joined(separator: "\n")
    }
}

extension Simulation.Kind: ExpressibleByArgument {}
