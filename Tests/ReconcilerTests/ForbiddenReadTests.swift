import Manifests
import Planning
import Reconciler
import Simulation
import Testing

/// I15: what one object's read is refused is that object's affair.
@Suite struct ForbiddenReadTests {
    @Test func `I15: an object that is not for this token holds up no other`() async throws {
        let world = try World()
        var desired = Declaration().package("checkout", versions: ["1.3.0"]).cluster("prod").cluster("theirs")
            .install("shop", of: "checkout", "1.3.0").state
        desired.clusters[1].adoptedID = "clu_theirs"
        world.repository.commit(desired)
        let report = try await world.pass(fault: { _, call in call == "clusters.get" ? .refuse(status: 403) : nil })
        #expect(report.error == nil, "\(report)")
        #expect(report.plan?.holds.map(\.code) == [.readFailed], "\(report)")
        #expect(world.fingerprint.contains { $0.hasPrefix("install [agl:Install/shop]") }, "\(world.fingerprint)")
        // A token that is refused as such ends the pass.
        let refused = try await world.pass(fault: { _, call in call == "clusters.get" ? .refuse(status: 401) : nil })
        #expect(refused.exitCode == .unreachable, "\(refused)")
    }
}
