import AkuaEmulator
import Foundation
import TestSupport
import Testing

/// R11: killed again and again, faster than it can come to rest, while commits go on arriving.
@Suite struct KillStormTests {
    /// Between two kills on average, in seconds.
    private static let meanLife = 0.2

    @Test func `R11 I1 I2 I5: after a storm of kills everything is there once, within two passes`() async throws {
        let (count, seconds) = (Extent.installs(12), Extent.seconds(8))
        try await Installation.with { installation in
            var dice = Dice(seed: CrashExploration.seed)
            var names = (0..<max(2, count / 2)).map { "shop-\($0)" }
            var files: [String: String?] = ["package.yaml": Road.package(["1.3.0", "1.4.0"])]
            for name in names { files["\(name).yaml"] = Road.install(name, "1.3.0") }
            try await installation.repository.commit(files)
            let end = ContinuousClock.now + .seconds(seconds)
            // So that the last comes a little before quiet.
            let rhythm = Duration.seconds(seconds) * 0.9 / (count - names.count + 1)
            var next = ContinuousClock.now + rhythm
            var kills = 0
            while ContinuousClock.now < end {
                let daemon = try RunningDaemon(installation)
                let life = -log(Double.random(in: Double.leastNonzeroMagnitude..<1, using: &dice)) * Self.meanLife
                try await Task.sleep(for: .seconds(life))
                daemon.signal(SIGKILL)
                _ = try await daemon.ended()
                kills += 1
                guard ContinuousClock.now > next else { continue }
                next += rhythm
                var change: [String: String?] = [:]
                if names.count < count {
                    names.append("shop-\(names.count)")
                    change["\(names[names.count - 1]).yaml"] = Road.install(names[names.count - 1], "1.3.0")
                }
                let other = names[Int.random(in: 0..<names.count, using: &dice)]
                change["\(other).yaml"] = Road.install(other, "1.4.0")
                try await installation.repository.commit(change)
            }
            let during = installation.writes["installs.create", default: 0]
            var passes = 1
            while try await installation.run("reconcile").status != 0, passes < 3 { passes += 1 }
            let made = installation.writes["installs.create", default: 0]
            print(
                "R11: \(kills) kills in \(seconds) s, seed \(CrashExploration.seed): \(made) of \(names.count) installs made, "
                    + "\(during) of them in the storm; \(passes) passes to rest")
            #expect(kills > 0)
            #expect(passes <= 2, "no rest within two passes")
            #expect(made == names.count, "create POSTs accepted as new")
            #expect(installation.live("installs").count == names.count)
            #expect(installation.writes["installs.delete"] == nil)
            #expect(try installation.journalViolations() == [])
            try await installation.expectRest()
        }
    }
}
