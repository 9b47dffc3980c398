import AkuaEmulator
import Foundation
import JSON
import Synchronization
import TestSupport

/// Two daemons at once on one source, each with a state directory of its own, and what both together have done.
struct Duel: Sendable {
    /// What a road has come to.
    struct Outcome: Sendable {
        var end: CrashScenario.End
        /// By call; long polls apart, since how many there are depends on how long an operation takes.
        var calls: [String: Int]
        var violations: [String] = []
        /// Renders at an older commit after one at a newer, by a daemon that was stopped before it sent them.
        ///
        /// The platform takes no `If-Match` with a render, so that nothing can keep them out.
        var lateRenders = 0

        var requests: Int { calls.values.reduce(0, +) }
    }

    let seed: UInt64

    /// A first sync, then changes, additions and a removal, then more changes and a new life under an old name.
    private static let commits: [[String: String?]] = [
        [
            "checkout.yaml": Road.package(["1.3.0", "1.4.0", "1.5.0"]), "a.yaml": Road.install("a", "1.3.0"),
            "b.yaml": Road.install("b", "1.3.0", more: "  dependsOn: [Install/a]"),
            "c.yaml": Road.install("c", "1.3.0"),
        ],
        ["a.yaml": Road.install("a", "1.4.0"), "c.yaml": nil as String?, "d.yaml": Road.install("d", "1.3.0")],
        [
            "a.yaml": Road.install("a", "1.5.0"),
            "b.yaml": Road.install("b", "1.4.0", more: "  dependsOn: [Install/a]"),
            "c.yaml": Road.install("c", "1.4.0"),
        ],
    ]
    private static let second = "second.yaml"

    /// The road with one daemon, and nothing in its way.
    static func alone() async throws -> Outcome {
        try await Installation.with { installation in
            try await RunningDaemon.with(installation) { daemon in
                for files in commits { try await daemon.converged(on: try await installation.repository.commit(files)) }
            }
            return try await outcome(of: installation)
        }
    }

    /// The road with two, started up to 50 ms apart, with one of them stopped for a while again and again.
    ///
    /// - Parameter pauseMax: the longest stop, in milliseconds.
    func run(pauseMax: Int) async throws -> Outcome {
        try await Installation.with { installation in
            var settings = installation.settings
            settings.stateDirectory = "second"
            try installation.configure(settings, to: Self.second)
            var dice = Dice(seed: seed)
            try await installation.repository.commit(Self.commits[0])
            let first = try RunningDaemon(installation)
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...50, using: &dice)))
            let second = try RunningDaemon(installation, configuration: Self.second)
            let daemons = [first, second]
            var last = try await installation.repository.tip()
            for files in Self.commits.dropFirst() + [[:]] {
                // Somewhere in what they do about the last commit.
                for _ in 0..<Int.random(in: 1...4, using: &dice) { try await Self.stop(daemons, pauseMax, &dice) }
                guard !files.isEmpty else { break }
                // A commit that neither has come to is one that a newer has replaced; the other one may be anywhere.
                let isTogether = Bool.random(using: &dice)
                let some = daemons[Int.random(in: 0...1, using: &dice)]
                for daemon in isTogether ? daemons : [some] { try await daemon.converged(on: last) }
                last = try await installation.repository.commit(files)
            }
            for daemon in daemons { try await daemon.converged(on: last) }
            var outcome = try await Self.outcome(of: installation)
            outcome.violations += try await Self.restViolations(of: installation, daemons)
            for daemon in daemons {
                let ending = try await daemon.stop()
                if ending.status != 0 { outcome.violations.append("R9: a daemon ended badly: \(ending)") }
            }
            return outcome
        }
    }

    /// Stops one of them at a random moment for a random while, as a scheduler or a suspended machine does.
    private static func stop(_ daemons: [RunningDaemon], _ pauseMax: Int, _ dice: inout Dice) async throws {
        let victim = daemons[Int.random(in: 0..<daemons.count, using: &dice)]
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...400, using: &dice)))
        victim.signal(SIGSTOP)
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...pauseMax, using: &dice)))
        victim.signal(SIGCONT)
    }

    /// I5: neither has anything left to do.
    private static func restViolations(
        of installation: Installation, _ daemons: [RunningDaemon]
    ) async throws -> [String] {
        let writes = installation.writes
        let marks = daemons.map(\.now)
        for configuration in ["config.yaml", second] {
            _ = try await installation.run(["trigger"], configuration: configuration)
        }
        for (daemon, mark) in zip(daemons, marks) { try await daemon.line("reconcile.finished", after: mark) }
        return installation.writes == writes ? [] : ["I5: a further pass wrote: \(installation.writes) after \(writes)"]
    }

    private static func outcome(of installation: Installation) async throws -> Outcome {
        let requests = installation.emulator.emulator.requests()
        let commits = try await installation.repository.git("rev-list", "--reverse", "main").split(separator: "\n")
        var outcome = Outcome(
            end: try await installation.end(),
            calls: requests.reduce(into: [:]) {
                if $1.call != "operations.wait" { $0[$1.call ?? "?", default: 0] += 1 }
            })
        // Renders name their commit.
        var newest: [String: Int] = [:]
        for request in requests where request.call == "installs.createRender" && !request.effects.isEmpty {
            guard let commit = request.json?["extra_annotations"]?["gitops.akua.dev/commit"]?.string,
                let age = commits.firstIndex(where: { $0 == commit }), !request.isReplay
            else { continue }
            if age < newest[request.path, default: 0] { outcome.lateRenders += 1 }
            newest[request.path] = max(age, newest[request.path, default: 0])
        }
        return outcome
    }
}
