import AkuaEmulator
import Foundation
import TestSupport
import Testing

/// R14: somebody changes the date under the real daemon.
@Suite struct ClockTests {
    private struct Jump: Sendable, CustomStringConvertible {
        var description: String
        var seconds: Int
        /// Before the program starts already.
        var isAtStart = false

        func atStart() -> Jump { Jump(description: "\(description) at the start", seconds: seconds, isAtStart: true) }
    }

    private static let hourBack = Jump(description: "an hour back", seconds: -3_600)
    private static let hourOn = Jump(description: "an hour on", seconds: 3_600)
    private static let decadeBack = Jump(description: "ten years back", seconds: -10 * 365 * 86_400)
    private static let decadeOn = Jump(description: "ten years on", seconds: 10 * 365 * 86_400)
    /// What the emulator's time is faster than ours.
    private static let scale = EmulatorOptions.fast.timeScale
    private static let retryAfter = 2

    @Test func `R14: a change of the date makes nothing late, nothing early and nothing busy`() async throws {
        let jumps = [
            Self.decadeBack.atStart(), Self.decadeOn.atStart(), Self.decadeBack, Self.hourBack, Self.hourOn,
            Self.decadeOn,
        ]
        // They wait for polls and pauses, and use hardly any of a processor; that is what they are about.
        try await sideBySide(jumps, atMost: jumps.count) { try await Self.runDaemon(through: $0) }
    }

    private static func runDaemon(through jump: Jump) async throws {
        try await Installation.with { installation in
            let page = try CrashPage()
            try installation.configureVerbosely()
            if jump.isAtStart { page.set(.clockOffset, jump.seconds) }
            let environment = try await page.environment(watching: installation.stateDirectory)
            let commit = try await installation.repository.commit(RunTests.first)
            let emulator = installation.emulator.emulator
            try await RunningDaemon.with(installation, environment: environment) { daemon in
                let first = try await daemon.converged(on: commit)
                let off = first.time.timeIntervalSince(.now) - Double(jump.isAtStart ? jump.seconds : 0)
                #expect(abs(off) < 60, "\(jump): the program has another date than it should: \(first.text("ts"))")
                page.set(.clockOffset, jump.seconds)

                // Between two passes: no request, one look at git each second, and hardly any work.
                let (started, requests, cpu) = (ContinuousClock.now, emulator.requests().count, daemon.cpuSeconds)
                let before = daemon.now
                for count in 1...2 {
                    try await daemon.line("source.unchanged", after: before) { [daemon] _ in
                        daemon.lines.dropFirst(before).count { $0.event == "source.unchanged" } >= count
                    }
                }
                let seconds = started.duration(to: .now) / .seconds(1)
                let polls = daemon.lines.dropFirst(before).count { $0.event == "source.unchanged" }
                #expect(Double(polls) <= seconds + 1, "\(jump): \(polls) polls in \(seconds) s")
                #expect(emulator.requests().count == requests, "\(jump)")
                let used = daemon.cpuSeconds - cpu
                #expect(used < 0.2 * seconds, "\(jump): \(used) s of \(seconds) s")

                // Asked to wait, it waits as long by the steady clock.
                emulator.add(
                    Fault(
                        on: "installs.updateVersion", .nth(1),
                        .answer(status: 429, headers: [("Retry-After", "\(retryAfter)")], body: [])))
                let next = try await installation.repository.commit(["shop.yaml": Road.install("shop", "1.4.0")])
                let throttled = emulator.requests().count
                try await daemon.converged(on: next, after: before)
                let news = emulator.requests().dropFirst(throttled)
                let refused = try #require(news.first { $0.status == 429 })
                let after = try #require(news.first { $0.number > refused.number })
                // The answer takes a moment on its way, so that the pause is over a little later at the least.
                let pause = Double(after.time - refused.time) / 1_000 / scale
                #expect(pause >= Double(retryAfter), "\(jump): asked again after \(pause) s")
                #expect(installation.writes["installs.updateVersion"] == 1, "\(jump)")
            }
            try await installation.expectRest()
        }
    }

    @Test func `R14 I5: what failed is tried again when the date has changed meanwhile`() async throws {
        try await sideBySide([Self.decadeBack, Self.hourOn]) { try await Self.fail(before: $0) }
    }

    private static func fail(before jump: Jump) async throws {
        try await Installation.with { installation in
            let page = try CrashPage()
            try installation.configureVerbosely()
            let environment = try await page.environment(watching: installation.stateDirectory)
            let commit = try await installation.repository.commit(RunTests.first)
            let emulator = installation.emulator.emulator
            try await RunningDaemon.with(installation, environment: environment) { daemon in
                try await daemon.converged(on: commit)
                emulator.add(
                    Fault(on: "installs.updateVersion", .nth(1), .answer(status: 422, headers: [], body: [])))
                let next = try await installation.repository.commit(["shop.yaml": Road.install("shop", "1.4.0")])
                try await daemon.line("action.failed")
                try await daemon.line("reconcile.finished") { $0.text("outcome") == "partial" }
                page.set(.clockOffset, jump.seconds)
                // Its back-off is fifteen seconds: neither years nor, where the date went back, never.
                try await daemon.converged(on: next)
                #expect(installation.writes["installs.updateVersion"] == 1, "\(jump)")
            }
        }
    }

    @Test func `R14 I15: an operation is waited for as long as was said, also when the date is set back`() async throws
    {
        try await Installation.with { installation in
            let page = try CrashPage()
            try installation.configureVerbosely()
            let environment = try await page.environment(watching: installation.stateDirectory)
            var files = RunTests.first
            files["settings.yaml"] = Road.settings("{timeouts: {operation: 10s}}")
            try await installation.repository.commit(files)
            var fault = Fault(on: "installs.create", .nth(1))
            fault.script = OperationScript(.stall, atStep: 0, message: "stuck")
            installation.emulator.emulator.add(fault)
            try await RunningDaemon.with(installation, environment: environment) { daemon in
                try await daemon.line("operation.waiting")
                page.set(.clockOffset, -86_400)
                let deferred = try await daemon.line("action.deferred") { $0.text("kind") == "Install" }
                #expect(deferred.text("reason") == "waiting-for-operation", "\(deferred)")
                try await daemon.line("reconcile.finished")
            }
            #expect(installation.writes["installs.create"] == 1)
        }
    }
}

extension Installation {
    /// Looks at the watched ref, and the waiting, are told too.
    fileprivate func configureVerbosely() throws {
        var settings = settings
        settings.level = "debug"
        try configure(settings)
    }
}
