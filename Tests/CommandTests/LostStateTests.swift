import Testing

/// R12: what the program remembers is lost or damaged on the way.
@Suite struct LostStateTests {
    @Test func `R12 I13: whatever becomes of the state on the way, nothing is made or deleted again`() async throws {
        let exploration = CrashExploration("R12") { $0.contains(where: \.isDamage) }
        try await exploration.run(sample: 8, only: .recoverable) { survey, dice in
            // Before each pass, and after one that died somewhere.
            let deaths = CrashPoint.calls(of: survey, [.none], seeds: 1)
            // What is lost altogether, at every request; what is damaged at a place that a seed chooses, with many seeds.
            let losses = CrashPoint.requests(of: survey).flatMap { death in
                [CrashPoint.Damage.deleted, .logDeleted].map { damage in
                    [death, CrashPoint(stage: death.stage, .damage(damage, seed: 1))]
                }
            }
            let damages: [[CrashPoint]] = survey.stages.indices.flatMap { index in
                CrashPoint.Damage.allCases.flatMap { damage in
                    (1...25).flatMap { seed in
                        let point = CrashPoint(stage: index + 1, .damage(damage, seed: seed))
                        let death = deaths.filter { $0.stage == index + 1 }.randomElement(using: &dice)
                        // Where nothing was written there is nothing to lose; the log is gone after an ordered end.
                        let alone = index == 0 || damage == .logDeleted ? [] : [[point]]
                        return alone + (death.map { [[$0, point]] } ?? [])
                    }
                }
            }
            return CrashExploration.isComplete ? losses + damages : damages
        }
    }
}
