import Manifests
import Planning
import Reconciler
import Simulation
import Testing

/// I9: what a rewritten history deletes waits for a person also when something else had put it off at first.
@Suite struct PruneBaseTests {
    struct Obstacle: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var settings: @Sendable (inout Settings) -> Void = { _ in }
        /// The call that is refused in the pass that first sees the new history.
        var refused: String?
    }

    private static let obstacles = [
        Obstacle(testDescription: "the source is suspended") { $0.suspension = .init(reason: "holidays", until: nil) },
        Obstacle(testDescription: "the source only plans") { $0.mode = .plan },
        Obstacle(testDescription: "prune is disabled") { $0.prune.isEnabled = false },
        Obstacle(testDescription: "the object can't be read", refused: "installs.get"),
        Obstacle(testDescription: "its renders can't be read", refused: "installs.listRenders"),
    ]

    private static let kept = Declaration().package("checkout", versions: ["1.3.0"])
        .install("shop", of: "checkout", "1.3.0")

    @Test(arguments: obstacles)
    func `I9: the guard outlives what puts the deletes off`(_ obstacle: Obstacle) async throws {
        let world = try World()
        let both = Self.kept.install("extra", of: "checkout", "1.3.0").state
        for _ in 0..<3 {
            world.repository.commit(both)
            #expect(try await world.pass().exitCode == .inSync)
        }
        world.repository.rewind(to: 0)
        for change in [obstacle.settings, { _ in }] {
            var desired = Self.kept.state
            desired.hasSettings = true
            change(&desired.settings)
            world.repository.commit(desired)
            try await world.pass(fault: { _, call in call == obstacle.refused ? .refuse(status: 500) : nil })
            #expect(world.fingerprint.count { $0.hasPrefix("install") } == 2)
        }
        let blocked = try await world.pass()
        #expect(blocked.plan?.blocked.map(\.block) == [.rewrittenHistory], "\(blocked)")
        #expect(world.fingerprint.count { $0.hasPrefix("install") } == 2)
        let digest = try #require(blocked.plan?.blockedDigest)
        try await world.allow(digest, source: "platform")
        #expect(try await world.pass().outcome == .changed)
        #expect(world.fingerprint.count { $0.hasPrefix("install") } == 1)
        // Released, it is over: what goes next is a matter of the limits alone.
        world.repository.commit(Declaration().package("checkout", versions: ["1.3.0"]).state)
        #expect(try await world.pass().outcome == .changed)
        #expect(world.fingerprint.count { $0.hasPrefix("install") } == 0)
    }
}
