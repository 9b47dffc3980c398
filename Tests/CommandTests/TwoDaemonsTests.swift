import AkuaEmulator
import Foundation
import TestSupport
import Testing

/// R9: two daemons at once, on the same source and each with its own journal.
@Suite struct TwoDaemonsTests {
    @Test func `R9 I1 I2: two daemons do together what one does, whichever is stopped in between`() async throws {
        let alone = try await Duel.alone()
        #expect(alone.violations == [])
        // Half a minute each by script, less in the ordinary tests.
        let pauseMax = Extent.seconds(1) * 1_000
        let seeds = Extent.seeds(4)
        var (violations, most, late, running) = ([String](), 0, 0, 0)
        try await withThrowingTaskGroup(of: (UInt64, Duel.Outcome).self) { duels in
            func take(_ ended: (seed: UInt64, outcome: Duel.Outcome)?) {
                guard let ended else { return }
                most = max(most, ended.outcome.requests)
                late += ended.outcome.lateRenders
                violations += Self.violations(of: ended.outcome, beside: alone).map {
                    "scripts/fault-explorer --goal R9 --seed \(ended.seed): \($0)"
                }
            }
            for seed in seeds {
                running += 1
                // They wait most of the time.
                if running > 4 { take(try await duels.next()) }
                duels.addTask { (seed, try await Duel(seed: seed).run(pauseMax: pauseMax)) }
            }
            while let ended = try await duels.next() { take(ended) }
        }
        print(
            "R9: \(seeds.count) duels from seed \(seeds.lowerBound), \(violations.count) violations, \(late) late renders, "
                + "at most \(most) requests where one daemon makes \(alone.requests)")
        #expect(violations.isEmpty, "\(violations.joined(separator: "\n"))")
    }

    /// What two daemons have done otherwise than one does.
    private static func violations(of outcome: Duel.Outcome, beside alone: Duel.Outcome) -> [String] {
        var found = outcome.violations
        // That automatic updates are off shows nowhere: each journal writes it once for each life of an install.
        func counts(_ effects: [String: Int]) -> [String: Int] {
            effects.filter { effect, _ in
                !isWrittenBlindly(effect) && (outcome.lateRenders == 0 || !effect.contains("createRender"))
            }
        }
        let difference = CrashExploration.difference(counts(outcome.end.effects), counts(alone.end.effects))
        if !difference.isEmpty { found.append("I1 I2: effects differ: \(difference)") }
        for (effect, count) in outcome.end.effects where isWrittenBlindly(effect) {
            let usual = alone.end.effects[effect, default: 0]
            if !(usual...2 * usual).contains(count) { found.append("I5: \(effect) \(count) times") }
        }
        if outcome.end.world != alone.end.world { found.append("I5: the world differs: \(outcome.end.world)") }
        if outcome.requests > 2 * alone.requests {
            found.append(
                "R9: \(outcome.requests) requests, where one daemon makes \(alone.requests): "
                    + CrashExploration.difference(outcome.calls, alone.calls))
        }
        return found
    }

    private static func isWrittenBlindly(_ effect: String) -> Bool { effect.contains("setAutomaticUpdates") }

    @Test func `R9 I18: a daemon that knows an older revision alone writes nothing beside a newer one`() async throws {
        try await Installation.with { installation in
            // The same source by name, but a remote that lags behind.
            let mirror = try await GitFixture(at: installation.folder.appending("mirror.git"))
            func mirrored(_ commit: String) async throws {
                try await installation.repository.git("push", "--quiet", mirror.path, "+\(commit):refs/heads/main")
            }
            var settings = installation.settings
            settings.stateDirectory = "second"
            settings.sources[0].url = mirror.path
            try installation.configure(settings, to: "second.yaml")
            let old = try await installation.repository.commit(RunTests.first)
            try await mirrored(old)
            let newer = try RunningDaemon(installation)
            try await newer.converged(on: old)
            let older = try RunningDaemon(installation, configuration: "second.yaml")
            try await older.converged(on: old)
            let next = try await installation.repository.commit([
                "shop.yaml": Road.install("shop", "1.4.0"), "extra.yaml": Road.install("extra", "1.3.0"),
            ])
            try await newer.converged(on: next)
            // That automatic updates are off shows nowhere: each journal writes it once for each install.
            func writes() -> [String: Int] { installation.writes.filter { $0.key != "installs.setAutomaticUpdates" } }
            let before = writes()
            for _ in 0..<3 {
                let mark = older.now
                _ = try await installation.run(["trigger"], configuration: "second.yaml")
                try await older.line("reconcile.finished", after: mark)
            }
            #expect(writes() == before, "the older revision was written after the newer one")
            try await older.isUnready("platform behind")
            try await mirrored(next)
            try await older.converged(on: next)
            #expect(writes() == before)
            for daemon in [newer, older] { #expect(try await daemon.stop().status == 0) }
            try await installation.expectRest()
        }
    }
}
