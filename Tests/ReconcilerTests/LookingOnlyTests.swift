import Manifests
import Planning
import Reconciler
import Simulation
import Synchronization
import Testing

/// A source that is only to be looked at sends nothing, not even what an earlier pass had decided on.
@Suite struct LookingOnlyTests {
    private static let desired = Declaration().package("checkout", versions: ["1.3.0"])
        .install("shop", of: "checkout", "1.3.0").state

    private static let settings: [String: @Sendable (inout DesiredState) -> Void] = [
        "suspended": { $0.settings.suspension = .init(reason: "holidays", until: nil) },
        "plan": { $0.settings.mode = .plan },
    ]

    @Test(arguments: settings.keys.sorted(), ["packages.import", "installs.create", "installs.createRender"])
    func `I4: a write that was journalled and never left stays so until the source is written to again`(
        _ setting: String, _ call: String
    ) async throws {
        let world = try World()
        world.repository.commit(Self.desired)
        let isCut = Mutex(false)
        try await world.pass(fault: { _, name in
            guard name == call else { return nil }
            isCut.withLock { $0 = true }
            return .cutBefore
        })
        #expect(isCut.withLock { $0 })
        let counts = world.effectCounts
        var looking = Self.desired
        looking.hasSettings = true
        let change = try #require(Self.settings[setting])
        change(&looking)
        world.repository.commit(looking)
        for mode in [Reconciler.Mode.once, .daemon] {
            let report = try await world.pass(mode)
            #expect(report.results.isEmpty, "\(report)")
            #expect(world.effectCounts == counts)
        }
        var lifted = Self.desired
        lifted.hasSettings = true
        world.repository.commit(lifted)
        let outcome = try await world.pass().outcome
        #expect(outcome == .changed || outcome == .inSync)
        #expect(try await world.pass().outcome == .inSync)
        #expect(world.fingerprint.count { $0.hasPrefix("install") } == 1)
    }
}
