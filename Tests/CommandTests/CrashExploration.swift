import Foundation
import Testing

/// Goes a scenario once for each of many crash points, says how many it visited, and how to replay what went wrong.
///
/// `AKUA_GITOPS_KILLS=all` visits every point of the whole scenario and `all/T` of the small one, `500` or `500/S` so many of
/// them, and a point as it is printed that one alone; `AKUA_GITOPS_SEED` chooses another sample.
struct CrashExploration: Sendable {
    /// What the environment asks for.
    enum Extent: Sendable {
        /// Points chosen by the seed: as many as an ordinary test run visits, or so many.
        case sample(Int?, CrashScenario?)
        case all(CrashScenario?)
        /// One run, with the program dying at these points.
        case replay(CrashScenario, [CrashPoint])
    }

    static let extent: Extent = {
        guard let text = ProcessInfo.processInfo.environment["AKUA_GITOPS_KILLS"] else { return .sample(nil, nil) }
        let parts = text.split(separator: "/")
        func scenario(_ name: Substring) -> CrashScenario? {
            [CrashScenario.whole, .small, .recoverable].first { $0.name == name }
        }
        if parts.first == "all" || parts.first.flatMap({ Int($0) }) != nil, parts.count <= 2 {
            let scenario = parts.count == 2 ? scenario(parts[1]) : nil
            precondition(parts.count == 1 || scenario != nil, "AKUA_GITOPS_KILLS names no scenario: S, T or U")
            return Int(parts[0]).map { .sample($0, scenario) } ?? .all(scenario)
        }
        let points = parts.dropFirst().compactMap { CrashPoint($0) }
        guard let scenario = parts.first.flatMap(scenario), !points.isEmpty, points.count == parts.count - 1 else {
            preconditionFailure("AKUA_GITOPS_KILLS is neither 'all' nor '500' nor a point such as 'T/1:call:17:none:1'")
        }
        return .replay(scenario, points)
    }()

    /// Whether every point is asked for.
    static var isComplete: Bool { if case .all = extent { true } else { false } }

    private static let smallSurvey = Task { try await CrashScenario.small.survey() }

    static let seed = ProcessInfo.processInfo.environment["AKUA_GITOPS_SEED"].flatMap { UInt64($0) } ?? 1

    /// Names the goals in what is printed.
    let title: String
    private let isMine: @Sendable ([CrashPoint]) -> Bool

    /// - Parameter isMine: whether points that are to be replayed are of this exploration's kind.
    init(_ title: String, replaying isMine: @escaping @Sendable ([CrashPoint]) -> Bool) {
        self.title = title
        self.isMine = isMine
    }

    /// Visits `count` of the points that `points` finds in the small scenario, or all of the whole one; `only` replaces both.
    func run(
        sample count: Int, only: CrashScenario? = nil, sourceLocation: SourceLocation = #_sourceLocation,
        _ points: (CrashScenario.Survey, inout Dice) -> [[CrashPoint]]
    ) async throws {
        var dice = Dice(seed: Self.seed)
        let (scenario, chosen, survey): (CrashScenario, [[CrashPoint]], CrashScenario.Survey)
        switch Self.extent {
        case .replay(let wanted, let path):
            guard isMine(path) else { return }
            (scenario, chosen, survey) = (wanted, [path], try await wanted.survey())
        case .all(let wanted):
            scenario = only ?? wanted ?? .whole
            survey = try await scenario.survey()
            chosen = points(survey, &dice)
        case .sample(let number, let wanted):
            scenario = only ?? wanted ?? .small
            let isSmall = scenario.name == CrashScenario.small.name
            survey = isSmall ? try await Self.smallSurvey.value : try await scenario.survey()
            let all = points(survey, &dice)
            chosen = Array(all.shuffled(using: &dice).prefix(number ?? count))
        }
        let started = ContinuousClock.now
        let (reached, violations) = try await visit(chosen, of: scenario, against: survey.end)
        let seconds = started.duration(to: .now).components.seconds
        let requests = survey.stages.map(\.requests)
        let calls = survey.stages.map(\.calls)
        print(
            "\(title): scenario \(scenario.name) (requests \(requests), calls \(calls)), seed \(Self.seed): "
                + "\(reached) points visited, \(chosen.count - reached) not there in their run, "
                + "\(violations.count) violations, \(seconds) s")
        #expect(reached > 0, "no point was visited", sourceLocation: sourceLocation)
        #expect(violations.isEmpty, "\(violations.joined(separator: "\n"))", sourceLocation: sourceLocation)
    }

    /// Several roads at once: most of the time each waits for a disk or an operation.
    private func visit(
        _ paths: [[CrashPoint]], of scenario: CrashScenario, against end: CrashScenario.End
    ) async throws -> (reached: Int, violations: [String]) {
        try await withThrowingTaskGroup(of: (Bool, [String]).self) { roads in
            var (reached, violations) = (0, [String]())
            func take(_ result: (Bool, [String])?) {
                guard let result else { return }
                reached += result.0 ? 1 : 0
                violations += result.1
            }
            for (position, path) in paths.enumerated() {
                if position >= 4 { take(try await roads.next()) }
                roads.addTask {
                    let journey = try await scenario.travel(dyingAt: path)
                    var found = journey.violations
                    if journey.isAlarmed || path.contains(where: \.isDamage) {
                        // What was forgotten may be looked for and put right again, but is neither made nor deleted.
                        let again = journey.end.effects.filter {
                            Self.countsOnce($0.key) && $0.value > end.effects[$0.key, default: 0]
                        }
                        if !again.isEmpty { found.append("I13: made or deleted again: \(again)") }
                    } else if journey.end.effects != end.effects {
                        found.append("I1 I4: effects differ: \(Self.difference(journey.end.effects, end.effects))")
                    }
                    if journey.end.world != end.world {
                        let (has, wants) = (Set(journey.end.world), Set(end.world))
                        found.append(
                            "I5: the world differs: \(has.subtracting(wants)) instead of \(wants.subtracting(has))")
                    }
                    let text = ([scenario.name] + path.map(\.description)).joined(separator: "/")
                    found = found.map { "scripts/crash-explorer --point '\(text)': \($0)" }
                    // At once: all of them may take hours.
                    for violation in found { print(violation) }
                    return (journey.isReached, found)
                }
            }
            while let result = try await roads.next() { take(result) }
            return (reached, violations)
        }
    }

    /// Whether an effect is the making or the end of an object.
    private static func countsOnce(_ effect: String) -> Bool {
        ["create ", "delete ", "importPublished ", "createVersion "].contains { effect.contains($0) }
    }

    /// What differs between two counts of effects.
    static func difference(_ found: [String: Int], _ wanted: [String: Int]) -> String {
        let keys = Set(found.keys).union(wanted.keys).filter { found[$0] != wanted[$0] }.sorted()
        return keys.map { "\($0) \(found[$0, default: 0]) instead of \(wanted[$0, default: 0])" }
            .joined(separator: ", ")
    }
}

/// Random numbers that are the same for the same seed (SplitMix64).
struct Dice: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
