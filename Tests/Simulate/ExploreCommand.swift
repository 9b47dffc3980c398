import ArgumentParser
import Simulation
import Synchronization

/// Disturbs the standard scenario at every point in turn and prints what comes out otherwise (R1, R2, R4, R7, R10).
struct ExploreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explore", abstract: "Every kill and every fault at every point of the standard scenario.")

    @Option(help: "Visit these points alone, in one run, such as kill:120,answer:9.")
    var point: String?
    @Option(help: "Visit so many pairs as well: a disturbance, and a second soon after it.")
    var pairs = 0
    @Option(help: "Chooses the pairs.")
    var seed: UInt64 = 1
    @Option(help: "Visit every n-th point alone.")
    var every = 1
    @Option(help: "How many runs at once.")
    var jobs = 2

    func run() async throws {
        let exploration = Exploration()
        let undisturbed = exploration.run([])
        guard undisturbed.violations.isEmpty else {
            throw Failure(description: "the undisturbed run: \(undisturbed.violations.joined(separator: "; "))")
        }
        if let point {
            let disturbances = point.split(separator: ",").compactMap { Disturbance(String($0)) }
            guard !disturbances.isEmpty else { throw ValidationError("'\(point)' is no point, such as kill:120") }
            let violations = exploration.violations(of: exploration.run(disturbances), against: undisturbed)
            guard violations.isEmpty else { throw Failure(description: violations.joined(separator: "\n")) }
            return print("nothing is lost and nothing is doubled")
        }
        print("\(undisturbed.steps) jobs and \(undisturbed.requests) requests in the undisturbed run")
        let visits = Visits(points(of: undisturbed))
        let started = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, jobs) {
                group.addTask {
                    while let point = visits.next() {
                        let run = exploration.run(point)
                        visits.add(point, run.isReached, exploration.violations(of: run, against: undisturbed))
                    }
                }
            }
        }
        let text = visits.text + "in \(ContinuousClock.now - started)"
        guard visits.isGood else { throw Failure(description: text) }
        print(text)
    }

    private func points(of undisturbed: Exploration.Run) -> [[Disturbance]] {
        var points: [[Disturbance]] = []
        for kind in Disturbance.Kind.allCases {
            let last = kind == .kill ? undisturbed.steps : undisturbed.requests
            points += stride(from: 1, through: last, by: max(1, every)).map { [Disturbance(kind, $0)] }
        }
        var seed = Seed(seed)
        for _ in 0..<pairs {
            guard let first = points[..<points.count].randomElement(using: &seed)?.first,
                let kind = Disturbance.Kind.allCases.randomElement(using: &seed)
            else { break }
            let rate = Double(undisturbed.steps) / Double(undisturbed.requests)
            // In the pass that recovers: some steps, or a few requests, later.
            let later = Int.random(in: 1...40, using: &seed)
            let (from, to) = (first.kind == .kill, kind == .kill)
            let start = from == to ? Double(first.number) : Double(first.number) * (to ? rate : 1 / rate)
            points.append([first, Disturbance(kind, Int(start) + (to ? later * 10 : later))])
        }
        return points
    }
}

/// The points still to visit, and what came of the others.
private final class Visits: Sendable {
    private struct State {
        var points: ArraySlice<[Disturbance]>
        var visited: [String: Int] = [:]
        var missed = 0
        var violations: [String] = []
    }

    private let state: Mutex<State>

    init(_ points: [[Disturbance]]) { state = Mutex(State(points: points[...])) }

    func next() -> [Disturbance]? { state.withLock { $0.points.popFirst() } }

    func add(_ point: [Disturbance], _ isReached: Bool, _ violations: [String]) {
        let text = point.map(\.description).joined(separator: ",")
        state.withLock { state in
            let kind = point.count == 1 ? point[0].kind.rawValue : "pairs"
            if isReached { state.visited[kind, default: 0] += 1 } else { state.missed += 1 }
            state.violations += violations.map { "scripts/simulate explore --point \(text): \($0)" }
        }
    }

    /// Points were visited, and nothing came out otherwise.
    var isGood: Bool { state.withLock { !$0.visited.isEmpty && $0.violations.isEmpty } }

    var text: String {
        let state = state.withLock { $0 }
        let kinds = state.visited.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return state.violations.sorted().joined(separator: "\n") + (state.violations.isEmpty ? "" : "\n")
            + "\(state.visited.values.reduce(0, +)) points visited (\(kinds.joined(separator: ", "))), "
            + "\(state.missed) not there in their run, \(state.violations.count) violations "
    }
}
