import AkuaEmulator
import Foundation
import Testing

/// Goes a scenario once for each of many faults, says how many it visited, and how to replay what went wrong.
///
/// `AKUA_GITOPS_FAULTS=all` visits every point of the whole scenario, `all T` of the small one, and a point as it is printed
/// visits that one alone; `AKUA_GITOPS_SEED` chooses another sample.
struct FaultExploration: Sendable {
    /// What the environment asks for.
    private enum Extent: Sendable {
        case sample
        case all(CrashScenario)
        case replay(CrashScenario, FaultPoint)
    }

    private static let extent: Extent = {
        guard let text = ProcessInfo.processInfo.environment["AKUA_GITOPS_FAULTS"] else { return .sample }
        let scenarios = [CrashScenario.whole, .small, .recoverable]
        if let scenario = scenarios.first(where: { text == "all \($0.name)" }) { return .all(scenario) }
        let parts = text.split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let scenario = scenarios.first(where: { $0.name == parts[0] }),
            let point = FaultPoint(parts[1])
        else {
            preconditionFailure(
                "AKUA_GITOPS_FAULTS is neither 'all S' nor a point such as 'T/1:installs.create:1:nulls'")
        }
        return .replay(scenario, point)
    }()

    private static let seed = CrashExploration.seed
    /// In every sample: where something was found, or where code that was broken on purpose was caught.
    private static let kept: [Substring] = [
        "2:installs.get:2:404-proxy", "2:installs.updateVersion:1:touched", "2:installs.delete:1:touched",
    ]
    private static let smallSurvey = Task { try await CrashScenario.small.surveyCalls() }
    /// Roads at once: most of the time each waits for a disk or an operation.
    private static let roadsMax = 6

    /// Names the goals in what is printed.
    let title: String
    let isMine: @Sendable (FaultPoint) -> Bool

    /// Visits `count` points of the small scenario that are of this exploration's kind, of different kinds as far as there
    /// are; or what the environment asks for.
    func run(sample count: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        var dice = Dice(seed: Self.seed)
        var scenario = CrashScenario.small
        let survey: CrashScenario.CallSurvey
        var points: [FaultPoint]
        switch Self.extent {
        case .replay(let wanted, let point):
            guard isMine(point) else { return }
            (scenario, survey, points) = (wanted, try await wanted.surveyCalls(), [point])
        case .all(let wanted):
            (scenario, survey) = (wanted, try await wanted.surveyCalls())
            // In an order of chance, so that a run that is ended early has seen something of everything.
            points = FaultPoint.all(of: survey.stages, seeds: 5).filter(isMine).shuffled(using: &dice)
        case .sample:
            survey = try await Self.smallSurvey.value
            points = FaultPoint.all(of: survey.stages, seeds: 20).filter(isMine).shuffled(using: &dice)
            var kinds: Set<String> = []
            // What takes as long as a deadline is for the script.
            points = points.filter { !$0.isSlow && kinds.insert($0.kind).inserted }
            points = Self.kept.compactMap { FaultPoint($0) }.filter(isMine) + points.prefix(count)
        }
        let started = ContinuousClock.now
        let (reached, violations) = try await visit(points, of: scenario, against: survey.end)
        let requests = survey.stages.map { $0.values.reduce(0, +) }
        print(
            "\(title): scenario \(scenario.name) (requests \(requests)), seed \(Self.seed): \(reached) points visited, "
                + "\(points.count - reached) not there in their run, \(violations.count) violations, "
                + "\(started.duration(to: .now).components.seconds) s")
        #expect(reached > 0, "no point was visited", sourceLocation: sourceLocation)
        #expect(violations.isEmpty, "\(violations.joined(separator: "\n"))", sourceLocation: sourceLocation)
    }

    private func visit(
        _ points: [FaultPoint], of scenario: CrashScenario, against end: CrashScenario.End
    ) async throws -> (reached: Int, violations: [String]) {
        try await withThrowingTaskGroup(of: (Bool, [String]).self) { roads in
            var (ended, reached, violations) = (0, 0, [String]())
            func take(_ result: (Bool, [String])?) {
                guard let result else { return }
                ended += 1
                reached += result.0 ? 1 : 0
                violations += result.1
                // Told at once: a long run may be ended before its end.
                for violation in result.1 { Self.tell(violation) }
                if ended % 100 == 0 { Self.tell("\(title): \(reached) of \(ended) points visited") }
            }
            for (position, point) in points.enumerated() {
                if position >= Self.roadsMax { take(try await roads.next()) }
                roads.addTask {
                    let journey = try await scenario.travel(suffering: point)
                    let found = journey.violations + Self.differences(journey.end, end, point)
                    return (
                        journey.isReached,
                        found.map { "scripts/fault-explorer --point '\(scenario.name)/\(point)': \($0)" }
                    )
                }
            }
            while let result = try await roads.next() { take(result) }
            return (reached, violations)
        }
    }

    /// Past the buffer of `print`.
    private static func tell(_ text: String) { FileHandle.standardOutput.write(Data("\(text)\n".utf8)) }

    /// Sieve's second oracle, with what the kind of fault allows to differ.
    private static func differences(
        _ found: CrashScenario.End, _ wanted: CrashScenario.End, _ point: FaultPoint
    ) -> [String] {
        var mayDiffer: (String) -> Bool = { _ in false }
        if case .request(_, _, let kind) = point.moment { mayDiffer = kind.mayDiffer }
        var sentences: [String] = []
        let difference = CrashExploration.difference(
            found.effects.filter { !mayDiffer($0.key) }, wanted.effects.filter { !mayDiffer($0.key) })
        if !difference.isEmpty { sentences.append("I1 I4: effects differ: \(difference)") }
        if found.world != wanted.world {
            let (has, wants) = (Set(found.world), Set(wanted.world))
            sentences.append("I5: the world differs: \(has.subtracting(wants)) instead of \(wants.subtracting(has))")
        }
        return sentences
    }
}

extension FaultPoint {
    /// Whether it takes as long as a deadline of the client's.
    fileprivate var isSlow: Bool { if case .request(_, _, let kind) = moment { kind.isSlow } else { false } }
}
