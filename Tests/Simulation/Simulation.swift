import AkuaModel
import Journal
import Manifests
import Planning
import Reconciler
import Synchronization

/// One run of the real planner, executor and journal in a simulated world, all of it decided by one seed.
///
/// Commits, faults, kills, other people's changes and lost state come by chance; then all that ends, and the workspace
/// has to come to what is declared, and to stay there.
package struct Simulation: Sendable {
    package struct Outcome: Equatable, Sendable {
        package var seed: UInt64
        /// What must not have happened, each beginning with the invariant; empty for a good run.
        package var violations: [String]
        /// The same for the same seed: everything that was asked of the platform, when, and what became of it.
        package var trace: UInt64
        package var passes = 0
        package var crashes = 0
        package var faults = 0
        package var steps = 0
        /// What happened, in words, where that was asked for.
        package var log: [String] = []
    }

    /// What goes wrong in a world.
    package enum Kind: String, CaseIterable, Sendable {
        /// Whatever chance brings (R5).
        case chance
        /// Lists are old and incomplete, all the time (R7).
        case lists
        /// Two daemons on one source, of which now this, now that is stopped for up to half a minute (R9).
        case duel
    }

    private static let stepsMax = 400_000
    /// In how many passes everything has to be in order once faults have ended.
    static let restPasses = 12

    package let seed: UInt64
    package let kind: Kind
    /// Whether to keep what happens in words.
    package let isVerbose: Bool

    package init(seed: UInt64, kind: Kind = .chance, isVerbose: Bool = false) {
        (self.seed, self.kind, self.isVerbose) = (seed, kind, isVerbose)
    }

    /// Runs to the end on the caller's thread.
    package func run() -> Outcome {
        var seed = Seed(seed)
        let world = SimulatedWorld(seed: &seed)
        if isVerbose { world.listen() }
        do {
            let isDuel = seed.isOne(in: 4) || kind == .duel
            let daemons = try (0..<(isDuel ? 2 : 1)).map { _ in
                try SimulatedDaemon(world, canBeStopped: kind == .duel)
            }
            let run = SimulatedRun(world: world, daemons: daemons, seed: seed)
            let isOver = Mutex(false)
            let task = Task(executorPreference: world.executor) {
                await run.play(kind)
                isOver.withLock { $0 = true }
            }
            try world.executor.run(
                until: { isOver.withLock(\.self) || world.executor.steps > Self.stepsMax }, onStep: run.step,
                whenIdle: world.clock.advance)
            if isOver.withLock(\.self) {
                let outcome = run.outcome(of: self.seed)
                world.executor.drain()
                for daemon in daemons { daemon.retire() }
                return outcome
            } else {
                run.note("I15: the run does not come to an end")
                task.cancel()
            }
            return run.outcome(of: self.seed)
        } catch {
            return Outcome(
                seed: self.seed, violations: ["I15: nothing moves any more: \(error)"], trace: world.trace)
        }
    }
}

/// The course of one run.
final class SimulatedRun: Sendable {
    private struct State {
        var seed: Seed
        var story: Story
        var violations: [String] = []
        var passes = 0
        var crashes = 0
        /// A state directory was lost.
        var hasLost = false
        /// What happens to a daemon once the executor has done so many jobs.
        var plots: [(step: Int, plot: @Sendable () -> Void)] = []
    }

    private let world: SimulatedWorld
    private let daemons: [SimulatedDaemon]
    private let state: Mutex<State>

    init(world: SimulatedWorld, daemons: [SimulatedDaemon], seed: Seed) {
        var seed = seed
        let story = Story(&seed)
        (self.world, self.daemons) = (world, daemons)
        state = Mutex(State(seed: seed, story: story))
    }

    func note(_ violation: String) { state.withLock { $0.violations.append(violation) } }

    private func draw<Value>(_ body: (inout Seed) -> Value) -> Value { state.withLock { body(&$0.seed) } }

    /// Before each job of the executor.
    func step(_ number: Int) {
        let due = state.withLock { state -> [@Sendable () -> Void] in
            guard !state.plots.isEmpty else { return [] }
            let due = state.plots.filter { $0.step <= number }.map(\.plot)
            if !due.isEmpty { state.plots.removeAll { $0.step <= number } }
            return due
        }
        for plot in due { plot() }
        if !due.isEmpty { world.note("a plot at step \(number)") }
    }

    private func plot(within steps: ClosedRange<Int>, _ body: @escaping @Sendable () -> Void) {
        let now = world.executor.steps
        state.withLock { state in
            state.plots.append((now + Int.random(in: steps, using: &state.seed), body))
        }
    }

    func play(_ kind: Simulation.Kind) async {
        do {
            world.repository.commit(state.withLock { $0.story.desired })
            if kind == .duel {
                try await duel()
                return try await comeToRest()
            }
            world.rates = kind == .lists ? .lists : draw { Rates(&$0) }
            for _ in 0..<draw({ Int.random(in: 2...5, using: &$0) }) {
                try happen()
                try await passes()
                try await world.clock.sleep(milliseconds: pause())
            }
            try await comeToRest()
        } catch {
            note("the run failed: \(error)")
        }
    }

    /// Milliseconds to the next pass; now and then longer than the platform remembers a key.
    ///
    /// Never so long where lists lack something: a package or a cluster that neither journal nor list nor key shows is
    /// made anew, which docs/reliability.md says.
    private func pause() -> Int {
        let rates = world.rates
        let showsAll = rates.staleLists == 0 && rates.omissions == 0
        return draw { $0.isOne(in: 12) && showsAll ? 90_000_000 : Int.random(in: 0...30_000, using: &$0) }
    }

    /// What happens between passes.
    private func happen() throws {
        if draw({ $0.isOne(in: 2) }) { commit() }
        if world.drawPercent(\.others) { disturb() }
        if world.drawPercent(\.jumps) {
            world.clock.jump(milliseconds: draw { Int.random(in: -3_600_000...3_600_000, using: &$0) })
        }
        if world.drawPercent(\.losses) {
            // What leaves git in that moment is an orphan: nobody but the platform knows of it.
            if draw({ $0.isOne(in: 2) }) { commit { $0.drop(&$1) } }
            try draw { $0.pick(daemons) }?.loseJournal()
            state.withLock { $0.hasLost = true }
            world.platform.state.withLock { platform in
                for position in platform.late.indices { platform.late[position].isForgotten = true }
            }
        }
    }

    private func commit(_ change: (inout Story, inout Seed) -> Void = { $0.change(&$1) }) {
        defer { world.note("commit: \(state.withLock { Self.text(of: $0.story.desired) })") }
        world.repository.commit(
            state.withLock { state in
                change(&state.story, &state.seed)
                return state.story.desired
            })
    }

    private func disturb() {
        world.note("somebody else changes something")
        let now = world.clock.now
        world.platform.state.withLock { platform in
            platform.goOn(to: now)
            state.withLock { platform.disturb(&$0.seed) }
        }
    }

    /// A pass of every daemon, side by side, with whatever befalls them.
    private func passes() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for daemon in daemons {
                if world.drawPercent(\.crashes) { plotCrash(of: daemon) }
                if world.drawPercent(\.endings) {
                    plot(within: 1...400) { [self] in
                        commit()
                        daemon.end(draw { $0.isOne(in: 2) } ? .superseded : .stopping)
                    }
                }
                let mode: Reconciler.Mode = draw { $0.isOne(in: 2) } ? .daemon : .once
                group.addTask { [self] in
                    state.withLock { $0.passes += 1 }
                    let report = try await daemon.pass(mode)
                    world.note("pass \(mode): \(report.map { "\($0.outcome) \(Self.trouble(of: $0))" } ?? "killed")")
                    if report == nil { state.withLock { $0.crashes += 1 } }
                }
            }
            if world.drawPercent(\.others) { plot(within: 1...300) { [self] in disturb() } }
            try await group.waitForAll()
        }
        state.withLock { $0.plots = [] }
    }

    /// Both go on as they please, one of them stopped now and then wherever it is, while commits arrive.
    private func duel() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for daemon in daemons {
                group.addTask { [self] in
                    try await world.clock.sleep(milliseconds: draw { Int.random(in: 0...50, using: &$0) })
                    for _ in 0..<12 {
                        state.withLock { $0.passes += 1 }
                        let report = try await daemon.pass(.daemon)
                        world.note("pass: \(report.map { "\($0.outcome) \(Self.trouble(of: $0))" } ?? "killed")")
                        try await world.clock.sleep(milliseconds: draw { Int.random(in: 500...5_000, using: &$0) })
                    }
                }
            }
            for _ in 0..<3 {
                try await world.clock.sleep(milliseconds: draw { Int.random(in: 0...25_000, using: &$0) })
                commit()
                guard let daemon = draw({ $0.pick(daemons) }) else { continue }
                let length = draw { Int.random(in: 0...30_000, using: &$0) }
                plot(within: 1...400) { [self] in
                    world.note("one of them is stopped for \(length) ms")
                    daemon.stop(milliseconds: length)
                }
            }
            try await group.waitForAll()
        }
    }

    private func plotCrash(of daemon: SimulatedDaemon) {
        plot(within: 1...600) { [self] in
            do { try daemon.crash() } catch { note("the journal can't be copied: \(error)") }
        }
    }

    /// Faults end, a person allows what is blocked, and everything comes to what is declared.
    private func comeToRest() async throws {
        world.rates = .none
        state.withLock { $0.plots = [] }
        for round in 0..<Simulation.restPasses {
            var isAtRest = true
            for daemon in daemons {
                let report = try await daemon.pass(.once)
                let digest = report?.plan?.blockedDigest
                if let digest { try await daemon.allow(digest) }
                isAtRest = isAtRest && report?.outcome == .inSync && digest == nil
            }
            // Late writes arrive, running operations end: what is at rest after that stays so.
            let isIdle = world.platform.state.withLock { $0.late.isEmpty && $0.ends.isEmpty }
            isAtRest = isAtRest && isIdle
            try await world.clock.sleep(milliseconds: 600_000)
            if isAtRest, round > 0 { break }
        }
        let before = world.platform.state.withLock { $0.effects }
        for daemon in daemons {
            let report = try await daemon.pass(.once)
            if report?.outcome != .inSync {
                note("I5: not in sync at the end: \(report?.outcome.rawValue ?? "killed") \(Self.trouble(of: report))")
            }
        }
        let after = world.platform.state.withLock { $0.effects }
        if before != after { note("I5: a pass with nothing to do has written: \(Self.difference(before, after))") }
        checkIsAsDeclared()
    }

    private static func text(of desired: DesiredState) -> String {
        desired.installs.map { install in
            guard case .package(_, .exact(let version)) = install.target else { return install.header.name }
            return "\(install.header.name) \(version)"
        }.joined(separator: ", ")
    }

    private static func trouble(of report: PassReport?) -> String {
        let holds =
            report?.plan?.holds.filter { $0.code.counts }.map { "\($0.target) \($0.code.rawValue) (\($0.sentence))" }
            ?? []
        let actions = report?.plan?.actions.map(\.id.description) ?? []
        let error = report?.error.map { [$0.description] } ?? []
        return (error + holds + actions).joined(separator: ", ")
    }

    private static func difference(_ before: [String: Int], _ after: [String: Int]) -> String {
        after.filter { before[$0.key] != $0.value }.map(\.key).sorted().joined(separator: ", ")
    }

    /// Every declared install lives once, as declared, and nothing of this source lives that is not declared.
    private func checkIsAsDeclared() {
        let desired = state.withLock { $0.story.desired }
        let parts = Dictionary(
            desired.installs.map { (world.identityPart(of: ObjectReference(.install, $0.header.name)), $0) }
        ) { first, _ in first }
        let hasLost = state.withLock { $0.hasLost }
        world.platform.state.withLock { platform in
            // Of a render that was on its way when the state was lost nobody knows: no read shows it before it comes, and no
            // guard of the platform keeps it out then. docs/reliability.md says so.
            let renders = platform.renders.filter { !platform.forgottenRenders.contains($0.id) }
            var found: [String: Int] = [:]
            for install in platform.installs where !install.isDeleted {
                guard let part = install.key.flatMap(IdempotencyKey.identityPart(ofKey:)) else { continue }
                found[part, default: 0] += 1
                guard let manifest = parts[part] else {
                    let isNameless = !renders.contains {
                        $0.installID == install.install.id && $0.message.flatMap(RenderMarker.init) != nil
                    }
                    // Its key shows a hash of its name alone: without a mark nobody but the journal knows the name.
                    if !isNameless || !hasLost {
                        note("I13: \(install.install.id) lives and is not declared")
                    }
                    continue
                }
                let version = platform.versions.first { $0.id == install.install.packageVersionID }?.semver
                if case .package(_, .exact(let wanted)) = manifest.target, version != wanted {
                    note("I5: \(manifest.header.name) runs \(version ?? "nothing") instead of \(wanted)")
                }
                if install.automaticUpdates != manifest.automaticUpdates {
                    note("I5: \(manifest.header.name) has automatic updates \(install.automaticUpdates)")
                }
                checkRender(of: install.install, manifest, among: renders)
            }
            for (part, manifest) in parts where found[part] != 1 {
                note("I1: \(manifest.header.name) lives \(found[part] ?? 0) times")
            }
            for name in desired.packages.map(\.apiName) {
                let count = platform.packages.count { $0.name == name }
                if count != 1 { note("I1: package \(name) is there \(count) times") }
            }
            for name in desired.clusters.map(\.apiName) {
                let count = platform.clusters.count { $0.name == name }
                if count != 1 { note("I1: cluster \(name) is there \(count) times") }
            }
        }
    }

    /// I6: the newest mark that was rolled out names a commit that declares the install as the newest commit does.
    private func checkRender(of install: Install, _ manifest: InstallManifest, among renders: [Render]) {
        let name = manifest.header.name
        let marker = renders.reversed().lazy.filter { $0.installID == install.id && $0.state.is(.deployed) }
            .compactMap { $0.message.flatMap(RenderMarker.init) }.first { $0.object == manifest.reference }
        guard let marker else { return note("I6: \(name) was never rendered with its commit") }
        let old = world.repository.desired(startingWith: marker.shortCommit)?.installs
            .first { $0.header.name == name }
        let digests = [manifest, old].map { manifest -> String? in
            guard let manifest, case .package(_, .exact(let semver)) = manifest.target else { return nil }
            return DesiredDigest.install(manifest, semver: semver)
        }
        if digests[0] != digests[1] {
            note("I6: \(name) was last rendered for commit \(marker.shortCommit), which asks for something else")
        }
    }

    func outcome(of seed: UInt64) -> Simulation.Outcome {
        let seen = world.platform.state.withLock { $0.violations }
        return state.withLock { state in
            Simulation.Outcome(
                seed: seed, violations: seen + state.violations, trace: world.trace, passes: state.passes,
                crashes: state.crashes, faults: world.faults, steps: world.executor.steps, log: world.log)
        }
    }
}
