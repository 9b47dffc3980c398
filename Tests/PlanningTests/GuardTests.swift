import AkuaModel
import Manifests
import Planning
import Testing

/// What waits for a person: I9 for deletes, I17 for creates after a mass absence.
@Suite struct GuardTests {
    private static func prune(_ count: Int, of installs: Int) -> @Sendable (inout World) throws -> Void {
        { world in
            world = try World.standard(withInstalls: installs)
            world.commit { desired in
                for number in 1...count { desired.remove("more-\(number)") }
            }
        }
    }

    /// Names sort as text: `more-10` comes before `more-2`.
    private static func deletes(_ count: Int, _ block: String? = nil) -> [String] {
        (1...count).map { "more-\($0)" }.sorted().map {
            "delete Install/\($0) pruned" + (block.map { " [\($0)]" } ?? "")
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout World) throws -> Void
        var expected: [String]
    }

    static let prunes = [
        Row(
            testDescription: "ten of forty-three are allowed", change: prune(10, of: 40), expected: deletes(10)),
        Row(
            testDescription: "eleven are more than ten: all of them wait", change: prune(11, of: 80),
            expected: deletes(11, "prune-limit")),
        Row(
            testDescription: "three of eleven are more than a quarter", change: prune(3, of: 8),
            expected: deletes(3, "prune-limit")),
        Row(testDescription: "three of twelve are not", change: prune(3, of: 9), expected: deletes(3)),
        Row(
            testDescription: "two are never too large a part", change: prune(2, of: 2), expected: deletes(2)),
        Row(
            testDescription: "the rest of the plan goes through",
            change: { world in
                try prune(3, of: 4)(&world)
                world.desired.install("eu") { $0.version = "1.1.0" }
            },
            expected: ["update Install/eu changed", "render Install/eu provenance"] + deletes(3, "prune-limit")),
        Row(
            testDescription: "a commit that raises the limits releases what they then allow",
            change: { world in
                try prune(11, of: 11)(&world)
                world.desired.settings.prune.maxDeletes = 11
                world.desired.settings.prune.maxDeletePercent = 100
            }, expected: deletes(11)),
        Row(
            testDescription: "versions can't be deleted and don't count as inventory",
            change: { world in
                world = try World.standard(withInstalls: 8)
                world.commit { desired in
                    desired.packageVersions += (1...50).map { PackageVersionManifest("checkout", "1.0.\($0)") }
                }
                try world.converge()
                world.commit { desired in for number in 1...3 { desired.remove("more-\(number)") } }
            }, expected: deletes(3, "prune-limit")),
        Row(
            testDescription: "an empty path blocks even one delete",
            change: { world in
                try prune(1, of: 9)(&world)
                world.circumstances.isPathEmpty = true
            }, expected: deletes(1, "empty-path")),
        Row(
            testDescription: "so does a rewritten history",
            change: { world in
                try prune(1, of: 9)(&world)
                world.circumstances.isHistoryRewritten = true
            }, expected: deletes(1, "rewritten-history")),
        Row(
            testDescription: "and a document that is still there but skipped",
            change: { world in
                try prune(1, of: 9)(&world)
                world.desired.skipped = [ObjectReference("more-1")]
            }, expected: deletes(1, "now-skipped")),
        Row(
            testDescription: "skipped ones count towards the limits of the others",
            change: { world in
                try prune(3, of: 8)(&world)
                world.desired.skipped = [ObjectReference("more-1")]
            },
            expected: ["delete Install/more-1 pruned [now-skipped]"] + Array(deletes(3, "prune-limit").dropFirst())),
        Row(
            testDescription: "prune switched off in the settings",
            change: { world in
                try prune(1, of: 9)(&world)
                world.desired.settings.prune.isEnabled = false
            }, expected: ["! Install/more-1 prune-disabled"]),
        Row(
            testDescription: "I8: while the newest commit is invalid nothing is deleted",
            change: { world in
                try prune(1, of: 9)(&world)
                world.circumstances.isPruneAllowed = false
            }, expected: ["! Install/more-1 prune-disabled"]),
        Row(
            testDescription: "I13: nor while the inventory is being rebuilt",
            change: { world in
                try prune(1, of: 9)(&world)
                world.circumstances.isInventoryComplete = false
            }, expected: ["! Install/more-1 inventory-incomplete"]),
        Row(
            testDescription: "what comes after a blocked delete waits with it",
            change: { world in
                world = try World.standard(withInstalls: 4)
                world.commit { desired in
                    for number in 1...4 { desired.install("more-\(number)") { $0.cluster = nil } }
                    desired.remove("Cluster/prod")
                    desired.remove("eu")
                    desired.skipped = [ObjectReference("eu")]
                }
            }, expected: ["delete Install/eu pruned [now-skipped]", "! Cluster/prod dependency"]),
    ]

    private static func absence(_ gone: Int, of installs: Int) -> @Sendable (inout World) throws -> Void {
        { world in
            world = try World.standard(withInstalls: installs)
            for number in 1...gone {
                world.vanish(world.inventory[ObjectReference("more-\(number)")]?.resourceID ?? "")
            }
        }
    }

    private static func creates(_ count: Int, _ block: String? = nil) -> [String] {
        let suffix = block.map { " [\($0)]" } ?? ""
        return (1...count).map { "more-\($0)" }.sorted().flatMap { name in
            [
                "create Install/\(name) gone\(suffix)", "set_automatic_updates Install/\(name) written-once\(suffix)",
                "render Install/\(name) provenance\(suffix)",
            ]
        }
    }

    static let absences = [
        Row(testDescription: "ten that are gone are made again", change: absence(10, of: 10), expected: creates(10)),
        Row(
            testDescription: "eleven of fourteen are a mass absence: none is", change: absence(11, of: 11),
            expected: creates(11, "mass-absence")),
        Row(
            testDescription: "eleven of fifty-five are a fifth, and no mass absence", change: absence(11, of: 52),
            expected: creates(11)),
        Row(
            testDescription: "eleven of fifty-four are more", change: absence(11, of: 51),
            expected: creates(11, "mass-absence")),
        Row(
            testDescription: "what is new is made all the same",
            change: { world in
                try absence(11, of: 11)(&world)
                world.commit { $0.installs.append(InstallManifest("new", of: "checkout", "1.0.0")) }
            },
            expected: creates(11, "mass-absence") + [
                "create Install/new declared", "set_automatic_updates Install/new written-once",
                "render Install/new provenance",
            ]),
        Row(
            testDescription: "and what depends on what is gone waits",
            change: { world in
                try absence(11, of: 11)(&world)
                world.commit { desired in
                    desired.installs.append(InstallManifest("new", of: "checkout", "1.0.0", dependsOn: ["more-1"]))
                }
            }, expected: creates(11, "mass-absence") + ["! Install/new dependency"]),
        Row(
            testDescription: "what is gone and no longer declared counts too, and is not forgotten meanwhile",
            change: { world in
                try absence(11, of: 11)(&world)
                world.commit { $0.remove("more-11") }
            }, expected: creates(10, "mass-absence")),
        Row(
            testDescription: "where nothing is to be made again, what is gone is only recorded",
            change: { world in
                try absence(11, of: 11)(&world)
                world.commit { desired in for number in 1...11 { desired.remove("more-\(number)") } }
            }, expected: (1...11).map { "= gone Install/more-\($0)" }),
    ]

    @Test(arguments: prunes)
    func `I9: deletes beyond the limits wait for a person`(_ row: Row) throws { try check(row) }

    @Test(arguments: absences)
    func `I17: a mass absence is not corrected unasked`(_ row: Row) throws { try check(row) }

    private func check(_ row: Row) throws {
        var world = World()
        try row.change(&world)
        #expect(try world.plan().lines.sorted() == row.expected.sorted())
    }

    @Test func `a person releases exactly the blocked set, by its digest`() throws {
        var world = World()
        try Self.prune(11, of: 11)(&world)
        let blocked = try world.plan()
        let digest = try #require(blocked.blockedDigest)
        world.circumstances.allowedDigests = ["0123", digest]
        let plan = try world.plan()
        #expect(plan.blocked == [])
        #expect(plan.releasedDigest == digest)
        world.desired.remove("eu")
        #expect(try world.plan().blocked.count == 12, "another set has another digest")
    }

    @Test func `what was allowed stays allowed until it is done`() throws {
        var world = World()
        try Self.prune(14, of: 40)(&world)
        world.circumstances.allowedDigests = [try #require(try world.plan().blockedDigest)]
        world.carryOut(try world.plan(), upTo: 2)
        #expect(world.circumstances.allowedDigests == [], "a permission is used once")
        let rest = try world.plan()
        #expect(rest.runnable.count == 12)
        #expect(rest.blocked == [])
        world.desired.remove("eu")
        let more = try world.plan()
        #expect(more.runnable.count == 12)
        #expect(more.blocked.map(\.target) == [ObjectReference("eu")], "what is new counts, and waits")
    }

    @Test func `a permission ends when the object is declared again`() throws {
        var world = World()
        try Self.prune(3, of: 4)(&world)
        let declared = world.history[world.history.count - 2]
        world.circumstances.allowedDigests = [try #require(try world.plan().blockedDigest)]
        world.carryOut(try world.plan(), upTo: 0)
        world.commit { $0 = declared }
        try world.converge()
        world.commit { desired in for number in 1...3 { desired.remove("more-\(number)") } }
        #expect(try world.plan().blocked.count == 3)
    }

    @Test func `an allowed mass absence outlives a pass that does not get to its end`() throws {
        var world = World()
        try Self.absence(25, of: 25)(&world)
        world.circumstances.allowedDigests = [try #require(try world.plan().blockedDigest)]
        world.carryOut(try world.plan(), upTo: 30)
        #expect(try world.plan().blocked == [])
        try world.converge()
        #expect(world.installs.count == 26)
    }

    @Test func `digests cover what is done, and nothing else`() throws {
        var world = World()
        try Self.prune(11, of: 80)(&world)
        let plan = try world.plan()
        world.commit { _ in }
        world.now += 1_000
        let later = try world.plan()
        #expect(later.digest == plan.digest)
        #expect(later.blockedDigest == plan.blockedDigest)
        world.desired.install("eu") { $0.version = "1.1.0" }
        let other = try world.plan()
        #expect(other.digest != plan.digest)
        #expect(other.blockedDigest == plan.blockedDigest)
        #expect(plan.digest.count == 32)
    }
}
