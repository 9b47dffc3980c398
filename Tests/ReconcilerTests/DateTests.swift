import AkuaModel
import Manifests
import Planning
import Reconciler
import Simulation
import Synchronization
import Testing

/// R14: somebody changes the date while a pass waits, or between two of them.
@Suite struct DateTests {
    private static let timeout = Duration.seconds(60)
    private static let base = Declaration().package("checkout", versions: ["1.3.0", "1.4.0"])
        .install("postgres", of: "checkout", "1.3.0")

    /// A pass in which each request takes a second and the date goes back by an hour, cut off when it does not end by
    /// itself; what it says of one install, and how many seconds it took.
    private func pass(_ world: World, _ name: String) async throws -> (outcome: ActionOutcome?, seconds: Int) {
        let started = world.uptime
        let report = try await world.pass(fault: { number, _ in
            world.changeDate(by: -3_600)
            world.advance(seconds: 1)
            return number < 500 ? nil : .cutBefore
        })
        let result = report.results.first { $0.action.target == ObjectReference(.install, name) }
        return (result?.outcome, (world.uptime - started) / 1_000)
    }

    private func expectDeferred(_ ending: (outcome: ActionOutcome?, seconds: Int), _ code: Hold.Code) {
        guard case .deferred(code, _)? = ending.outcome else {
            Issue.record("it ended otherwise: \(String(describing: ending.outcome))")
            return
        }
        #expect((60...150).contains(ending.seconds), "waited \(ending.seconds) s")
    }

    @Test func `R14 I15: an install that stays busy is waited for as long as was said`() async throws {
        let world = try World()
        world.repository.commit(Self.base.state)
        try await world.pass()
        world.stall()
        world.platform.state.withLock { $0.installs[0].install.isReconciling = true }
        var desired = Declaration().package("checkout", versions: ["1.3.0", "1.4.0"])
            .install("postgres", of: "checkout", "1.4.0").state
        desired.settings.timeouts.operation = Self.timeout
        world.repository.commit(desired)
        expectDeferred(try await pass(world, "postgres"), .busy)
    }

    @Test func `R14 I15: the health of a dependency is waited for as long as was said`() async throws {
        let world = try World()
        world.repository.commit(Self.base.state)
        try await world.pass()
        world.stall()
        world.platform.state.withLock { $0.installs[0].install.state = Open("degraded") }
        var desired = Self.base.install("shop", of: "checkout", "1.3.0", dependsOn: ["postgres"]).state
        desired.installs[0].waitTimeout = Self.timeout
        world.repository.commit(desired)
        expectDeferred(try await pass(world, "shop"), .dependency)
    }

    @Test func `R14 I15: an operation is waited for as long as was said`() async throws {
        let world = try World()
        world.stall()
        world.platform.state.withLock { $0.pace = .looks(.max) }
        var desired = Self.base.state
        desired.settings.timeouts.operation = Self.timeout
        world.repository.commit(desired)
        expectDeferred(try await pass(world, "postgres"), .waitingForOperation)
    }

    /// The platform has forgotten the key of a create that took effect, and by our date that create is yet to come.
    @Test(arguments: ["installs.create", "packages.importPublished", "clusters.create"])
    func `R14 I1: a create from before the date was set back is looked for, not sent again`(_ call: String) async throws
    {
        let world = try World()
        world.repository.commit(Self.base.cluster("prod").state)
        try await world.pass(fault: { _, name in name == call ? .cutAfter : nil })
        world.platform.state.withLock { $0.keyMemory = 0 }
        world.changeDate(by: -86_400)
        let report = try await world.pass()
        #expect([.changed, .inSync].contains(report.outcome), "\(report)")
        #expect(try await world.pass().outcome == .inSync)
        let (end, violations) = (world.fingerprint, world.platform.state.withLock { $0.violations })
        #expect(violations == [])
        #expect(end.count { $0.hasPrefix("install") } == 1, "\(end)")
        #expect(end.count { $0.hasPrefix("package") } == 1, "\(end)")
        #expect(end.count { $0.hasPrefix("cluster") } == 1, "\(end)")
    }
}
