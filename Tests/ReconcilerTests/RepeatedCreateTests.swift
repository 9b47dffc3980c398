import AkuaModel
import Manifests
import Planning
import Reconciler
import Simulation
import Synchronization
import Testing

/// I1, I2: a create's key that answers with what goes on under another name makes that nobody else's.
@Suite struct RepeatedCreateTests {
    @Test func `I2: a package that was renamed is neither shared with its old name nor deleted with it`() async throws {
        let world = try World()
        world.repository.commit(Declaration().package("old", versions: ["1.0.0"]).state)
        try await world.pass()
        let id = try #require(world.platform.state.withLock { $0.packages.first?.id.text })
        var renamed = Declaration().package("new", versions: ["1.0.0"]).state
        renamed.packages[0].source = .oci(reference: "oci://r.example/old")
        renamed.packages[0].apiName = "old"
        renamed.packages[0].adoptedID = id
        world.repository.commit(renamed)
        try await world.pass()
        // The id has done its work; the old name comes back for something else, and goes again.
        renamed.packages[0].adoptedID = nil
        var both = renamed
        let other = Declaration().package("old", versions: ["2.0.0"]).state
        both.packages += other.packages
        both.packages[1].source = .oci(reference: "oci://r.example/other")
        both.packageVersions += other.packageVersions
        world.repository.commit(both)
        let report = try await world.pass()
        #expect(report.exitCode == .inSync, "\(report)")
        #expect(world.platform.state.withLock { $0.packages.count } == 2)
        #expect(try await world.pass().outcome == .inSync)
        world.repository.commit(renamed)
        try await world.pass()
        #expect(world.platform.state.withLock { $0.packages.map(\.id.text) } == [id])
    }

    @Test func `I2: a cluster that was renamed is neither shared with its old name nor deleted with it`() async throws {
        let world = try World()
        world.repository.commit(Declaration().cluster("old").state)
        try await world.pass()
        let id = try #require(world.platform.state.withLock { $0.clusters.first?.id.text })
        var renamed = Declaration().cluster("new").state
        renamed.clusters[0].adoptedID = id
        world.repository.commit(renamed)
        try await world.pass()
        renamed.clusters[0].adoptedID = nil
        var both = renamed
        both.clusters += Declaration().cluster("old").state.clusters
        world.repository.commit(both)
        let report = try await world.pass()
        #expect(report.exitCode == .inSync, "\(report)")
        #expect(world.platform.state.withLock { $0.clusters.map(\.name).sorted() } == ["new", "old"])
        #expect(try await world.pass().outcome == .inSync)
        world.repository.commit(renamed)
        try await world.pass()
        #expect(world.platform.state.withLock { $0.clusters.map(\.id.text) } == [id])
    }

    @Test func `I1: a key that answers with what is gone leads to the next life in the same pass`() async throws {
        let world = try World()
        let desired = Declaration().cluster("prod").state
        world.repository.commit(desired)
        try await world.pass()
        try world.loseJournal()
        world.platform.state.withLock { $0.clusters = [] }
        let report = try await world.pass()
        #expect(report.exitCode == .inSync, "\(report)")
        #expect(world.platform.state.withLock { $0.clusters.count } == 1)
        #expect(try await world.pass().outcome == .inSync)
    }
}
