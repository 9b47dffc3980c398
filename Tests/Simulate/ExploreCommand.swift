import ArgumentParser
import Simulation

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
    @Option(help: "How many processes to run at once.")
    var jobs = 2
    @Option(help: ArgumentHelp("Visit this share alone, and print what came of it.", visibility: .private))
    var share: Share?

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
        if let share { return try Share.report(visits(of: share, exploration, undisturbed)) }
        print("\(undisturbed.steps) jobs and \(undisturbed.requests) requests in the undisturbed run")
        let started = ContinuousClock.now
        var visits = Visits()
        if jobs > 1 {
            let shares: [Visits] = try await Share.inProcesses(jobs) { _ in false }
            for share in shares { visits.add(share) }
        } else {
            visits = self.visits(of: .all, exploration, undisturbed)
        }
        let text = visits.text + "in \(ContinuousClock.now - started)"
        guard visits.isGood else { throw Failure(description: text) }
        print(text)
    }

    private func visits(of share: Share, _ exploration: Exploration, _ undisturbed: Exploration.Run) -> Visits {
        let points = points(of: undisturbed)
        var visits = Visits()
        for index in stride(from: share.index, to: points.count, by: share.count) {
            let run = exploration.run(points[index])
            visits.add(points[index], run.isReached, exploration.violations(of: run, against: undisturbed))
        }
        return visits
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

/// What came of the points that were visited.
private struct Visits: Codable, Sendable {
    private var visited: [String: Int] = [:]
    private var missed = 0
    private var violations: [String] = []

    mutating func add(_ point: [Disturbance], _ isReached: Bool, _ violations: [String]) {
        let text = point.map(\.description).joined(separator: ",")
        let kind = point.count == 1 ? point[0].kind.rawValue : "pairs"
        if isReached { visited[kind, default: 0] += 1 } else { missed += 1 }
        self.violations += violations.map { "scripts/simulate explore --point \(text): \($0)" }
    }

    mutating func add(_ other: Visits) {
        visited.merge(other.visited, uniquingKeysWith: +)
        missed += other.missed
        violations += other.violations
    }

    /// Points were visited, and nothing came out otherwise.
    var isGood: Bool { !visited.isEmpty && violations.isEmpty }

    var text: String {
        let kinds = visited.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return violations.sorted().joined(separator: "\n") + (violations.isEmpty ? "" : "\n")
            + "\(visited.values.reduce(0, +)) points visited (\(kinds.joined(separator: ", "))), "
            + "\(missed) not there in their run, \(violations.count) violations "
    }
}
