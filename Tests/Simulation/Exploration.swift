import AkuaModel
import JSON
import Manifests
import Planning
import Reconciler
import Synchronization

/// The standard scenario with the real planner, executor and journal, disturbed at every point in turn: killed before
/// each job of the executor (R1, R2), and with every kind of fault at each request (R7, R10).
///
/// Sieve's second oracle holds: the end is that of the undisturbed run, and so is the count of every effect.
package struct Exploration: Sendable {
    /// What one run came to.
    package struct Run: Equatable, Sendable {
        package var violations: [String] = []
        /// Whether every disturbance was met.
        package var isReached = true
        /// How many jobs the executor did, and how many requests were made.
        package var steps = 0
        package var requests = 0
        /// The workspace at the end, one line an object.
        package var workspace: [String] = []
        /// How often each effect happened to what kind of object.
        package var effects: [String: Int] = [:]
    }

    /// Passes that a disturbance may cost: the one that it befalls, two to come to rest, and one to show it.
    private static let passesMax = 4
    private static let stepsMax = 400_000
    private static let seed: UInt64 = 1

    package init() {}

    /// Declarations, one commit after another; nil for one that only drift comes before.
    private static let stages: [DesiredState?] = {
        let base = Declaration().package("web", versions: ["1.0.0", "1.1.0"]).package(
            "db", versions: ["1.0.0", "1.1.0"]
        )
        .cluster("prod")
        let first = base.install("a", of: "db", "1.0.0", cluster: "prod")
            .install("b", of: "web", "1.0.0", cluster: "prod", dependsOn: ["a"])
            .install("c", of: "web", "1.0.0", dependsOn: ["a"])
            .install("d", of: "web", "1.0.0", dependsOn: ["b", "c"])
            .install("e", of: "db", "1.1.0", cluster: "prod").install("f", of: "web", "1.1.0")
        // Two more, two updated, one deleted, and one change that the platform can't make.
        let second = base.install("a", of: "db", "1.1.0", cluster: "prod")
            .install("b", of: "web", "1.1.0", cluster: "prod", dependsOn: ["a"])
            .install("c", of: "web", "1.0.0", dependsOn: ["a"])
            .install("d", of: "web", "1.0.0", dependsOn: ["b", "c"])
            .install("e", of: "db", "1.1.0").install("g", of: "web", "1.0.0")
            .install("h", of: "db", "1.0.0", cluster: "prod", dependsOn: ["a"])
        // A new life under an old name, and the change taken back.
        let third = base.install("a", of: "db", "1.1.0", cluster: "prod")
            .install("b", of: "web", "1.1.0", cluster: "prod", dependsOn: ["a"])
            .install("c", of: "web", "1.0.0", dependsOn: ["a"])
            .install("d", of: "web", "1.0.0", dependsOn: ["b", "c"])
            .install("e", of: "db", "1.1.0", cluster: "prod").install("f", of: "web", "1.0.0")
            .install("g", of: "web", "1.0.0").install("h", of: "db", "1.0.0", cluster: "prod", dependsOn: ["a"])
        return [first.state, second.state, third.state, nil]
    }()

    /// Goes the scenario with these disturbances, of which each happens once.
    package func run(_ disturbances: [Disturbance]) -> Run {
        var seed = Seed(Self.seed)
        let world = SimulatedWorld(seed: &seed)
        let script = Script(disturbances)
        world.script = script
        var run = Run()
        do {
            let daemon = try SimulatedDaemon(world)
            let end = Mutex<[String]?>(nil)
            let task = Task(executorPreference: world.executor) {
                let violations = await play(world, daemon, script)
                end.withLock { $0 = violations }
            }
            try world.executor.run(
                until: { end.withLock { $0 != nil } || world.executor.steps > Self.stepsMax },
                onStep: { step in
                    guard script.kills(at: step) else { return }
                    do { try daemon.crash() } catch { script.note("the journal can't be copied: \(error)") }
                }, whenIdle: world.clock.advance)
            if let violations = end.withLock({ $0 }) {
                run.violations = violations + script.problems
                daemon.retire()
            } else {
                run.violations = ["I15: the run does not come to an end"]
                task.cancel()
            }
        } catch {
            run.violations = ["I15: nothing moves any more: \(error)"]
        }
        (run.steps, run.requests, run.isReached) = (world.executor.steps, script.requests, script.isOver)
        world.platform.state.withLock { state in
            run.violations += state.violations
            (run.workspace, run.effects) = (state.workspace, state.countsByKind)
        }
        return run
    }

    /// What differs between a disturbed run and the undisturbed one, besides what was seen on the way.
    package func violations(of run: Run, against undisturbed: Run) -> [String] {
        var violations = run.violations
        if run.workspace != undisturbed.workspace {
            let (found, wanted) = (Set(run.workspace), Set(undisturbed.workspace))
            violations.append(
                "I5: there is \(found.subtracting(wanted).sorted()) instead of \(wanted.subtracting(found).sorted())")
        }
        for effect in Set(run.effects.keys).union(undisturbed.effects.keys).sorted() {
            let (found, wanted) = (run.effects[effect, default: 0], undisturbed.effects[effect, default: 0])
            if found != wanted { violations.append("I1 I6: \(effect): \(found) times instead of \(wanted)") }
        }
        return violations
    }

    private func play(_ world: SimulatedWorld, _ daemon: SimulatedDaemon, _ script: Script) async -> [String] {
        var violations: [String] = []
        do {
            for (number, stage) in Self.stages.enumerated() {
                if let stage { world.repository.commit(stage) } else { drift(world) }
                var isAtRest = false
                for _ in 0..<Self.passesMax where !isAtRest {
                    let report = try await daemon.pass(.once)
                    // What was disturbed may have been shown an old state: the next pass tells.
                    let isQuiet = report.map { $0.error == nil && $0.results.isEmpty } ?? false
                    isAtRest = !script.wasHit() && isQuiet
                    try await world.clock.sleep(milliseconds: 120_000)
                }
                if !isAtRest { violations.append("I5: stage \(number + 1) does not come to rest in two passes") }
            }
        } catch {
            violations.append("the run failed: \(error)")
        }
        return violations
    }

    /// Somebody brings an install to another version.
    private func drift(_ world: SimulatedWorld) {
        let part = world.identityPart(of: ObjectReference(.install, "a"))
        world.platform.state.withLock { state in
            let found = state.installs.firstIndex {
                !$0.isDeleted && $0.key.flatMap(IdempotencyKey.identityPart(ofKey:)) == part
            }
            guard let position = found else { return }
            let running = state.installs[position].install.packageVersionID
            let package = state.versions.first { $0.id == running }?.packageID
            guard let other = state.versions.first(where: { $0.packageID == package && $0.id != running }) else {
                return
            }
            state.installs[position].pendingVersion = other.id
            _ = state.render(position, message: nil, version: other.id)
        }
    }
}

/// Which disturbances are still to come, and what has come so far.
final class Script: Sendable {
    private struct State {
        var open: Set<Disturbance>
        var requests = 0
        var problems: [String] = []
        var isHit = false
        /// What befalls the next list.
        var list: Disturbance.Kind?
    }

    private let state: Mutex<State>

    init(_ disturbances: [Disturbance]) { state = Mutex(State(open: Set(disturbances))) }

    var requests: Int { state.withLock { $0.requests } }
    var isOver: Bool { state.withLock { $0.open.isEmpty && $0.list == nil } }
    var problems: [String] { state.withLock { $0.problems } }

    func note(_ problem: String) { state.withLock { $0.problems.append(problem) } }

    /// Whether something has happened since this was last asked.
    func wasHit() -> Bool {
        state.withLock { state in
            defer { state.isHit = state.list != nil }
            return state.isHit
        }
    }

    func kills(at step: Int) -> Bool {
        state.withLock { state in
            guard state.open.remove(Disturbance(.kill, step)) != nil else { return false }
            state.isHit = true
            return true
        }
    }

    /// What befalls the next request.
    func nextRequest() -> Disturbance? {
        state.withLock { state in
            state.requests += 1
            guard let found = state.open.first(where: { $0.kind != .kill && $0.number == state.requests }) else {
                return nil
            }
            state.open.remove(found)
            state.isHit = true
            if found.kind == .stale || found.kind == .empty { state.list = found.kind }
            return found
        }
    }

    /// Whether the next list is of that kind; said once.
    func takesList(_ kind: Disturbance.Kind) -> Bool {
        state.withLock { state in
            guard state.list == kind else { return false }
            state.list = nil
            return true
        }
    }
}

extension SimulatedPlatform.State {
    /// What lives, by name, one line an object.
    fileprivate var workspace: [String] {
        var lines = packages.map { "package \($0.name)" } + clusters.map { "cluster \($0.name)" }
        for version in versions {
            let package = packages.first { $0.id == version.packageID }?.name ?? "?"
            lines.append("version \(package) \(version.semver)")
        }
        for install in installs where !install.isDeleted {
            let version = versions.first { $0.id == install.install.packageVersionID }?.semver ?? "?"
            let mark = renders.last {
                $0.installID == install.install.id && $0.message.flatMap(RenderMarker.init) != nil
            }?
            .message.flatMap(RenderMarker.init)
            lines.append(
                "install \(mark.map { "\($0.object) for \($0.shortCommit)" } ?? "without a mark") \(version) automatic="
                    + "\(install.automaticUpdates) \(JSONWriter(order: .sorted).text(of: install.values))")
        }
        return lines.sorted()
    }

    /// How often each effect happened, by the name of what it happened to; ids differ from run to run.
    fileprivate var countsByKind: [String: Int] {
        var names: [String: String] = [:]
        for package in packages { names[package.id.text] = package.name }
        for install in installs {
            names[install.install.id.text] =
                install.key.flatMap(IdempotencyKey.identityPart(ofKey:)).map { "install \($0)" }
        }
        var counts: [String: Int] = [:]
        for (effect, count) in effects {
            let words = effect.split(separator: " ").map { names[String($0)] ?? String($0) }
            counts[words.joined(separator: " "), default: 0] += count
        }
        return counts
    }
}
