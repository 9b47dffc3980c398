import Manifests
import Planning
import Reconciler
import Simulation
import Synchronization
import Testing

/// I2: a delete that was decided on and never left is dropped when its object is declared again.
@Suite struct RedeclaredTests {
    private static let base = Declaration().package("checkout", versions: ["1.3.0"]).cluster("prod")
        .install("shop", of: "checkout", "1.3.0")

    struct Case: Sendable, CustomTestStringConvertible {
        var call: String
        var without: DesiredState
        var testDescription: String { call }
    }

    private static let cases = [
        Case(
            call: "installs.delete",
            without: Declaration().package("checkout", versions: ["1.3.0"]).cluster("prod").state),
        Case(
            call: "clusters.delete",
            without: Declaration().package("checkout", versions: ["1.3.0"]).install("shop", of: "checkout", "1.3.0")
                .state),
    ]

    @Test(arguments: cases, [SimulatedPlatform.Fault.cutBefore, .loseRequest])
    func `what has come back to git is not deleted by an earlier pass's intent`(
        _ row: Case, _ fault: SimulatedPlatform.Fault
    ) async throws {
        let world = try World()
        world.repository.commit(Self.base.state)
        try await world.pass()
        let (fingerprint, counts) = (world.fingerprint, world.effectCounts)
        world.repository.commit(row.without)
        let isHit = Mutex(false)
        try await world.pass(fault: { _, name in
            guard name == row.call else { return nil }
            isHit.withLock { $0 = true }
            return fault
        })
        #expect(isHit.withLock { $0 })
        world.repository.commit(Self.base.state)
        for _ in 0..<2 { try await world.pass() }
        #expect(try await world.pass().outcome == .inSync)
        #expect(world.fingerprint == fingerprint)
        #expect(world.effectCounts == counts)
    }
}
