import AkuaModel
import JSON
import Manifests
import Planning
import Reconciler
import Simulation
import Synchronization
import Testing

/// I13: what recovery has found but could not put on record yet is still looked for in the next pass.
@Suite struct UnadoptedTests {
    private static let desired = Declaration().package("checkout", versions: ["1.3.0"])
        .install("shop", of: "checkout", "1.3.0").state

    private static let obstacles: [String: @Sendable (inout DesiredState) -> Void] = [
        "the source is suspended": { $0.settings.suspension = .init(reason: "holidays", until: nil) },
        "the source only plans": { $0.settings.mode = .plan },
        "the install is suspended": { $0.installs[0].header.isSuspended = true },
        "its region is misspelt": { $0.installs[0].region = .name("eu-centrol") },
    ]

    @Test(arguments: obstacles.keys.sorted())
    func `I1: found by its mark and not adopted at first, it is not made a second time`(_ obstacle: String) async throws
    {
        let world = try World()
        world.repository.commit(Self.desired)
        #expect(try await world.pass().outcome == .changed)
        let fingerprint = world.fingerprint
        try world.loseJournal()
        // The platform has forgotten keys and operations: only the mark is left.
        world.platform.state.withLock { state in
            state.answers = [:]
            state.operations = []
        }
        var held = Self.desired
        held.hasSettings = true
        let hold = try #require(Self.obstacles[obstacle])
        hold(&held)
        world.repository.commit(held)
        try await world.pass()
        var lifted = Self.desired
        lifted.hasSettings = true
        world.repository.commit(lifted)
        let report = try await world.pass()
        #expect(report.results.contains { $0.action.word == .adopt && $0.outcome.isSuccess }, "\(report)")
        #expect(world.fingerprint == fingerprint)
        #expect(try await world.pass().outcome == .inSync)
    }
}
