import AkuaModel
import Foundation
import JSON
import Manifests
import Planning
import Testing

/// Planning runs several times a pass, so it has to be linear (goal P7).
@Suite(.serialized) struct ScaleTests {
    /// An install for each number, all in sync, four to a version, in chains of `depth` that depend on each other.
    private static func world(_ count: Int, depth: Int = 1) throws -> World {
        var world = World()
        world.commit { desired in
            desired.packages = (0..<count / 50).map { .oci("package-\($0)") }
            desired.clusters = [ClusterManifest("prod")]
            for number in 0..<count / 50 {
                desired.packageVersions += ["1.0.0", "1.1.0"].map { PackageVersionManifest("package-\(number)", $0) }
            }
            for number in 0..<count {
                var install = InstallManifest(
                    "install-\(number)", of: "package-\(number % (count / 50))", number % 2 == 0 ? "^1" : "1.1.0",
                    dependsOn: number % depth == 0 ? [] : ["install-\(number - 1)"])
                install.cluster = .name("prod")
                desired.installs.append(install)
            }
        }
        return world
    }

    /// The least processor time of three runs, in nanoseconds, with everything known.
    ///
    /// The thread's own time, so that it is not about who else uses the machine.
    private static func time(_ world: World) throws -> (plan: Plan, nanoseconds: UInt64) {
        var world = world
        _ = try world.plan()
        let input = world.input(observed: world.observed)
        var plan = Planner.plan(input)
        let runs = (0..<3).map { _ in
            let start = threadTime()
            plan = Planner.plan(input)
            return threadTime() - start
        }
        return (plan, runs.min() ?? 0)
    }

    private static func threadTime() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    struct Scale: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var depth = 1
        var prepare: @Sendable (inout World) throws -> Void = { _ in }
    }

    @Test(arguments: [
        Scale(testDescription: "all to be created"),
        Scale(testDescription: "all to be created, in one chain", depth: .max),
        Scale(testDescription: "all in sync") { try $0.makeQuickly() },
        Scale(testDescription: "all in sync, in chains of a hundred", depth: 100) { try $0.makeQuickly() },
        Scale(testDescription: "all to be deleted") { world in
            try world.makeQuickly()
            world.desired = DesiredState()
        },
        Scale(testDescription: "all to be deleted, in one chain", depth: .max) { world in
            try world.makeQuickly()
            world.desired = DesiredState()
        },
        Scale(testDescription: "the journal is lost") { world in
            try world.makeQuickly()
            world.loseJournal()
        },
    ])
    func `P7: ten times as many installs take about ten times as long`(_ scale: Scale) throws {
        let times = try [100, 1_000].map { count in
            var world = try Self.world(count, depth: scale.depth)
            try scale.prepare(&world)
            let (plan, time) = try Self.time(world)
            #expect(plan.needs == [])
            return time
        }
        // Work that grows with the square takes a hundred times as long.
        #expect(times[1] < times[0] * 33, "\(times)")
    }
}

extension World {
    /// What ``converge(passes:)`` comes to for a world without anything: made in one go, since that is about the plan.
    mutating func makeQuickly() throws {
        let plan = try plan()
        for action in plan.actions where [.import, .publish, .create].contains(action.word) {
            carryOutOne(action)
        }
        let versions = Dictionary(self.versions.map { ($0.id, $0.semver) }) { first, _ in first }
        for manifest in desired.installs {
            guard var entry = inventory[manifest.reference] else { continue }
            let semver = entry.requested.versionID.flatMap { versions[$0] }
            entry.requested.automaticUpdates = manifest.automaticUpdates
            entry.appliedDigest = DesiredDigest.install(manifest, semver: semver)
            entry.renderedDigest = entry.appliedDigest
            inventory[manifest.reference] = entry
        }
        try converge()
    }
}
