import AkuaEmulator
import Testing

/// R1, R4: the real program, killed with SIGKILL at its requests.
@Suite struct KillTests {
    @Test func `R1 I1 I4: killed at any moment of any request, nothing is lost and nothing is doubled`() async throws {
        let exploration = CrashExploration("R1") { $0.count == 1 && $0[0].isRequest }
        try await exploration.run(sample: 20) { survey, _ in CrashPoint.requests(of: survey).map { [$0] } }
    }

    @Test func `R4 I1 I4: killed a second time while it recovers, nothing is lost and nothing is doubled`() async throws
    {
        let exploration = CrashExploration("R4") { $0.count > 1 && !$0.contains(where: \.isDamage) }
        try await exploration.run(sample: 8) { survey, dice in
            let all = CrashPoint.requests(of: survey) + CrashPoint.calls(of: survey, [.none], seeds: 1)
            return (0..<5_000).compactMap { _ in
                guard let first = all.randomElement(using: &dice) else { return nil }
                // The second is drawn from the first third of the same stage: a recovery has less to do.
                let counts = survey.stages[first.stage - 1]
                let second = all.filter { $0.stage == first.stage && $0.isWithin(counts) }.randomElement(using: &dice)
                return [first] + [second].compactMap { $0 }
            }
        }
    }
}

extension CrashPoint {
    /// Whether it is in the first third of a pass.
    fileprivate func isWithin(_ counts: CrashScenario.Counts) -> Bool {
        switch moment {
        case .unsent(let number), .request(let number, _): number * 3 <= counts.requests
        case .call(let number, _, _): number * 3 <= counts.calls
        case .failure, .lostFlush, .damage: false
        }
    }
}
