import Journal
import Manifests
import Planning
import Reconciler
import Simulation
import Synchronization
import Testing

/// A source that is called otherwise from now on is the same source: `formerNames`.
@Suite struct FormerNameTests {
    /// Two installs on a cluster, one of which is protected.
    private static func declaration(_ protect: (inout ManifestHeader) -> Void) -> DesiredState {
        var desired = Declaration().package("checkout", versions: ["1.3.0", "1.4.0"]).cluster("prod")
            .install("postgres", of: "checkout", "1.3.0", cluster: "prod")
            .install("shop", of: "checkout", "1.3.0", dependsOn: ["postgres"]).state
        protect(&desired.installs[0].header)
        return desired
    }

    private static let protections: [String: @Sendable (inout ManifestHeader) -> Void] = [
        "retain": { $0.deletionPolicy = .retain }, "suspend": { $0.isSuspended = true },
    ]

    @Test func `nothing is made, rendered, adopted or pruned by a new name, and the plan says so before`() async throws
    {
        let world = try World()
        world.repository.commit(Self.declaration { _ in })
        #expect(try await world.pass().outcome == .changed)
        let (fingerprint, counts) = (world.fingerprint, world.effectCounts)
        for reads in [true, false, true, false] {
            let report = try await world.pass(source: "renamed", formerNames: ["older", "platform"], reads: reads)
            #expect(report.outcome == .inSync, "\(report)")
            #expect(report.plan?.actions == [])
            #expect(report.plan?.holds == [])
        }
        #expect(world.fingerprint == fingerprint)
        #expect(world.effectCounts == counts)
    }

    @Test(arguments: protections.keys.sorted())
    func `I2: what was protected under the old name is under the new one`(_ protection: String) async throws {
        let world = try World()
        let protect = try #require(Self.protections[protection])
        world.repository.commit(Self.declaration { _ in })
        try await world.pass()
        world.repository.commit(Self.declaration(protect))
        try await world.pass()
        world.repository.commit(Declaration().package("checkout", versions: ["1.3.0", "1.4.0"]).cluster("prod").state)
        let report = try await world.pass(source: "renamed", formerNames: ["platform"])
        #expect(report.results.map(\.action.id.description) == ["delete Install/shop"], "\(report)")
        #expect(world.fingerprint.count { $0.hasPrefix("install") } == 1)
    }

    @Test func `I9: the prune base goes with the name, and so does the ownership of what no read shows`() async throws {
        let world = try World()
        world.repository.commit(Self.declaration { _ in })
        try await world.pass()
        world.repository.commit(.empty("the path holds no manifest"))
        let blocked = try await world.pass(source: "renamed", formerNames: ["platform"])
        #expect(blocked.plan?.actions.count { $0.word == .delete && $0.block == .emptyPath } == 4, "\(blocked)")
        let digest = try #require(blocked.plan?.blockedDigest)
        try await world.allow(digest, source: "renamed")
        try await world.pass(source: "renamed", formerNames: ["platform"])
        #expect(world.fingerprint == [])
    }

    @Test func `a write without an outcome is settled under the new name, with the key of the old`() async throws {
        let undisturbed = try World()
        undisturbed.repository.commit(Self.declaration { _ in })
        try await undisturbed.pass()
        let calls = undisturbed.platform.state.withLock { $0.calls.count }
        for target in stride(from: 4, to: calls, by: 3) {
            let world = try World()
            world.repository.commit(Self.declaration { _ in })
            try await world.pass(fault: { number, _ in number == target ? .cutAfter : nil })
            for _ in 0..<3 {
                try await world.pass(source: "renamed", formerNames: ["platform"])
                world.advance(seconds: 3_600)
            }
            let last = try await world.pass(source: "renamed", formerNames: ["platform"])
            #expect(last.outcome == .inSync, "cut after request \(target): \(last)")
            #expect(Self.counts(of: world) == Self.counts(of: undisturbed), "cut after request \(target)")
        }
    }

    /// The effects, without the keys, which differ from name to name.
    private static func counts(of world: World) -> [String: Int] {
        Dictionary(
            world.effectCounts.map { what, count in
                (what.hasPrefix("create install") ? "create install" : what, count)
            }, uniquingKeysWith: +)
    }

    @Test func `what a new name was refused for want of formerNames is made good by them`() async throws {
        let world = try World()
        world.repository.commit(Self.declaration { _ in })
        try await world.pass()
        let report = try await world.pass(source: "other")
        #expect(report.plan?.stop?.code == "other-source", "\(report)")
        // Said afterwards, it is as if it had been said at once: under the new name nothing had become ours.
        let later = try await world.pass(source: "other", formerNames: ["platform"])
        #expect(later.outcome == .inSync, "\(later)")
        #expect(later.plan?.actions == [])
    }
}
