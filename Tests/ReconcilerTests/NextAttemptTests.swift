import Manifests
import Planning
import Reconciler
import Simulation
import Testing

/// I14: what is not done says when it is tried again, and the report says when that is first.
@Suite struct NextAttemptTests {
    private static let desired = Declaration().package("checkout", versions: ["1.3.0"])
        .install("shop", of: "checkout", "1.3.0").state

    @Test(arguments: [SimulatedPlatform.Fault.refuse(status: 422), .loseAnswer, .loseRequest])
    func `a create that failed is tried again after a quarter of a minute`(_ fault: SimulatedPlatform.Fault)
        async throws
    {
        let world = try World()
        world.repository.commit(Self.desired)
        let failed = try await world.pass(.daemon, fault: { _, call in call == "installs.create" ? fault : nil })
        #expect(failed.outcome == .partial, "\(failed)")
        let next = try #require(failed.nextAttempt)
        #expect((14...16).contains(next - failed.finishedAt / 1_000), "\(next) after \(failed.finishedAt)")
        world.advance(seconds: 20)
        let done = try await world.pass(.daemon)
        #expect(done.outcome == .changed && done.nextAttempt == nil, "\(done)")
    }

    @Test func `R9 R16: what could not be read is read again after a quarter of a minute, not at the next resync`()
        async throws
    {
        let world = try World()
        world.repository.commit(Self.desired)
        try await world.pass(.daemon)
        world.repository.commit(Declaration().package("checkout", versions: ["1.3.0"]).state)
        let held = try await world.pass(
            .daemon, fault: { _, call in call == "installs.get" ? .refuse(status: 422) : nil })
        #expect(held.outcome == .blocked, "\(held)")
        let next = try #require(held.nextAttempt)
        #expect((14...16).contains(next - held.finishedAt / 1_000), "\(next) after \(held.finishedAt)")
        let done = try await world.pass(.daemon)
        #expect(done.outcome == .changed && done.nextAttempt == nil, "\(done)")
    }

    @Test func `a suspension that ends says when`() async throws {
        let world = try World()
        var desired = Self.desired
        desired.hasSettings = true
        desired.settings.suspension = .init(reason: "holidays", until: 1_800_000_000)
        world.repository.commit(desired)
        #expect(try await world.pass(.daemon).nextAttempt == 1_800_000_000)
    }
}
