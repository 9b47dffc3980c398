import AkuaModel
import Manifests
import Planning
import Reconciler
import Simulation
import Synchronization
import Testing

/// I6: a commit that goes back to what was once applied is rendered again, if another was rendered in between.
@Suite struct RevertedRenderTests {
    private static func declared(team: String) -> DesiredState {
        var state = Declaration().package("checkout", versions: ["1.3.0"]).install("shop", of: "checkout", "1.3.0")
            .state
        state.installs[0].header.annotations = ["team": team]
        return state
    }

    @Test func `I6: a render that outlived its pass does not stand for the commit that takes it back`() async throws {
        let world = try World()
        world.repository.commit(Self.declared(team: "payments"))
        try await world.pass()
        world.repository.commit(Self.declared(team: "growth"))
        // Killed when the platform has the render and nobody has its answer.
        let isHit = Mutex(false)
        try await world.pass(fault: { _, name in
            guard name == "installs.createRender" else { return nil }
            isHit.withLock { $0 = true }
            return .cutAfter
        })
        #expect(isHit.withLock { $0 })
        let last = world.repository.commit(Self.declared(team: "payments"))
        try await world.pass()
        try await world.pass()
        let message = world.platform.state.withLock { state in
            state.renders.last { $0.state.is(.deployed) && $0.message != nil }?.message
        }
        #expect(message?.contains("platform@\(last.prefix(12))") == true, "\(message ?? "no render")")
    }
}
