import AkuaModel
import Journal
import Manifests
import Reconciler
import Simulation
import Synchronization
import Testing

/// I8: while the newest commit is invalid the last good one stays in force, under its own name.
@Suite struct LastGoodTests {
    private static let desired = Declaration().package("checkout", versions: ["1.3.0"])
        .install("shop", of: "checkout", "1.3.0").state

    private static func invalid(_ count: Int) -> LoadedSource {
        .invalid(
            (1...count).map {
                ManifestError(at: SourceLocation(file: "bad.yaml", line: $0, column: 1), "is wrong")
            })
    }

    @Test func `I6: what is corrected meanwhile is rendered in the words of the commit that is in force`() async throws
    {
        let world = try World()
        let good = world.repository.commit(Self.desired)
        try await world.pass(.daemon)
        world.platform.state.withLock { $0.installs[0].isDeleted = true }
        world.repository.commit(Self.invalid(1))
        let report = try await world.pass(.daemon)
        #expect(report.appliedRevision == "main@sha1:\(good)")
        let message = world.platform.state.withLock { $0.renders.last { $0.message != nil }?.message }
        #expect(message == "Change \(good.prefix(4)) (platform@\(good.prefix(12))) [agl:Install/shop]")
        let last = try #require(try await world.lastReconcile())
        #expect(last.commit == good && last.commitSubject == "Change \(good.prefix(4))")
        #expect(last.error == "the newest commit is invalid and changes nothing: bad.yaml:1:1: is wrong")
    }

    @Test(arguments: [Reconciler.Mode.daemon, .once])
    func `a rejected commit is on record once, for status, until another is applied`(_ mode: Reconciler.Mode)
        async throws
    {
        let world = try World()
        world.repository.commit(Self.desired)
        try await world.pass(mode)
        let bad = world.repository.commit(Self.invalid(3))
        let first = try await world.pass(mode)
        let rejected = try #require(try await world.lastReconcile())
        #expect(rejected.id == first.reconcile)
        #expect(
            rejected.error == "the newest commit is invalid and changes nothing: bad.yaml:1:1: is wrong, and 2 more")
        if case .once = mode { #expect(rejected.outcome == "failed" && rejected.commit == bad) }
        try await world.pass(mode)
        #expect(try await world.lastReconcile()?.id == rejected.id)
        world.repository.commit(Self.desired)
        try await world.pass(mode)
        let applied = try #require(try await world.lastReconcile())
        #expect(applied.outcome == "in_sync" && applied.error == nil)
    }
}
