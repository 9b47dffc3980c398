import AkuaModel
import JSON
import Manifests
import Planning
import Testing

/// I13: the journal is gone, and everything declared is found again without a duplicate.
@Suite struct RecoveryTests {
    private static let shares = [
        "= share Package/checkout pkg_1", "= share PackageVersion/checkout-1.0.0 ver_1",
        "= share PackageVersion/checkout-1.1.0 ver_2", "= share Cluster/prod clu_1",
    ]

    /// A row whose journal is gone; what is shared again is left out of the expectation.
    private static func lost(
        _ sentence: String, _ change: @escaping @Sendable (inout World) throws -> Void, _ expected: String...
    ) -> Row {
        Row(testDescription: sentence, change: change, expected: expected)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout World) throws -> Void
        var expected: [String]
    }

    static let rows = [
        lost(
            "an install is found by the key of its create", { _ in }, "adopt Install/eu recovered",
            "set_automatic_updates Install/eu written-once"),
        lost(
            "and brought to the declared version",
            { $0.commit { $0.install("eu") { $0.version = "1.1.0" } } }, "adopt Install/eu recovered",
            "update Install/eu changed", "set_automatic_updates Install/eu written-once",
            "render Install/eu provenance"),
        lost(
            "values that changed since its newest mark are seen, and the install is ours all the same",
            { $0.commit { $0.install("eu") { $0.values = .of(["replicas": 2]) } } }, "adopt Install/eu recovered",
            "! Install/eu values-unsupported"),
        lost(
            "an annotation that changed since its newest mark is rendered",
            { $0.commit { $0.header("eu") { $0.annotations["team"] = "payments" } } }, "adopt Install/eu recovered",
            "set_automatic_updates Install/eu written-once", "render Install/eu provenance"),
        lost(
            "an install that was never marked is rendered once more", { $0.renders = [] },
            "adopt Install/eu recovered", "set_automatic_updates Install/eu written-once",
            "render Install/eu provenance"),
        lost(
            "I6: of a render that failed nothing was rolled out, so that it is owed",
            { $0.renders[0].state = .known(.failed) }, "adopt Install/eu recovered",
            "set_automatic_updates Install/eu written-once", "render Install/eu provenance"),
        lost(
            "I6: a render that runs may fail, so that what it is for is looked at again",
            { $0.renders[0].state = .known(.running) }, "adopt Install/eu recovered",
            "set_automatic_updates Install/eu written-once", "render Install/eu provenance"),
        lost(
            "what a range had come to is taken to be what runs",
            {
                $0.commit { $0.install("eu") { $0.version = "~1.0" } }
                $0.render(
                    "inst_1",
                    message: RenderMarker(
                        source: "platform", commit: $0.commit, object: ObjectReference("eu")
                    ).message(subject: "x"))
            }, "adopt Install/eu recovered", "set_automatic_updates Install/eu written-once"),
        lost(
            "I1: two lives of one key are told, never resolved by deleting",
            {
                $0.foreignInstall(of: "checkout", "1.0.0")
                let key = IdempotencyKey.create(ObjectReference("eu"), in: $0.source, predecessor: "x", refusals: 0)
                $0.note(.installCreate, .install, "inst_2", "install_id", key: key)
            }, "! Install/eu ambiguous"),
        lost(
            "the id in the manifest decides between them",
            {
                $0.foreignInstall(of: "checkout", "1.0.0")
                let key = IdempotencyKey.create(ObjectReference("eu"), in: $0.source, predecessor: "x", refusals: 0)
                $0.note(.installCreate, .install, "inst_2", "install_id", key: key)
                $0.commit { $0.install("eu") { $0.adoptedID = "inst_1" } }
            }, "adopt Install/eu named-by-id", "set_automatic_updates Install/eu written-once"),
        lost(
            "I1: an object that a failed create names is ours and is repaired",
            { world in
                world.operations[0].state = .known(.failed)
                world.operations[0].response = nil
            }, "adopt Install/eu recovered", "set_automatic_updates Install/eu written-once"),
        lost(
            "a create that failed without an object is no life",
            { world in
                world.vanish("inst_1")
                world.operations[0].state = .known(.failed)
                world.operations[0].response = nil
                world.operations[0].ownerType = .unknown("")
            }, "create Install/eu declared", "set_automatic_updates Install/eu written-once",
            "render Install/eu provenance"),
        lost(
            "a create that is under way is waited for",
            { world in
                world.vanish("inst_1")
                world.operations[0].state = .known(.running)
                world.operations[0].isDone = false
                world.operations[0].response = nil
            }, "! Install/eu waiting-for-operation"),
        lost(
            "I4: a create that is under way and names nothing yet is waited for",
            { world in
                world.vanish("inst_1")
                world.operations[0].ownerType = .known(.workspace)
                world.operations[0].state = .known(.running)
                world.operations[0].isDone = false
                world.operations[0].response = nil
            }, "! Install/eu waiting-for-operation"),
        lost(
            "an install whose create nobody remembers is found by the mark of its renders", { $0.operations = [] },
            "adopt Install/eu recovered", "set_automatic_updates Install/eu written-once"),
        lost(
            "two installs with that mark are told",
            { world in
                world.operations = []
                world.foreignInstall(of: "checkout", "1.0.0")
                world.render("inst_2", message: "x (platform@\(World.commit(1).prefix(12))) [agl:Install/eu]")
            }, "! Install/eu ambiguous"),
        lost(
            "I18: a mark of another source for the same name stops this one",
            { world in
                world.operations = []
                world.render("inst_1", message: "x (other@0123456789ab) [agl:Install/eu]")
            }, "stop other-source Install/eu other", "! Install/eu identity-conflict"),
        lost(
            "a mark of another source for another name is nothing to us",
            { world in
                world.foreignInstall(of: "checkout", "1.0.0")
                world.render("inst_2", message: "x (other@0123456789ab) [agl:Install/asia]")
            }, "adopt Install/eu recovered", "set_automatic_updates Install/eu written-once"),
        lost(
            "I18: a mark from a commit that is unknown here stops the source",
            { $0.render("inst_1", message: "x (platform@0123456789ab) [agl:Install/eu]") },
            "stop behind Install/eu", "! Install/eu dependency"),
        lost(
            "a mark from a commit that is known and unrelated is a rewritten history",
            { world in
                world.render("inst_1", message: "x (platform@0123456789ab) [agl:Install/eu]")
                world.foreignCommits["0123456789ab"] = .unrelated
            }, "adopt Install/eu recovered", "set_automatic_updates Install/eu written-once",
            "render Install/eu provenance"),
        lost(
            "an install that was made under a former name of the source is found",
            {
                $0.source.name = "renamed"
                $0.formerNames = ["platform"]
            }, "adopt Install/eu recovered",
            "set_automatic_updates Install/eu written-once"),
        lost(
            "an install that goes on under another name is not taken back",
            { world in
                world.commit { desired in
                    desired.installs.append(InstallManifest("europe", of: "checkout", "1.0.0"))
                }
                world.render("inst_1", message: "x (platform@\(world.commit.prefix(12))) [agl:Install/europe]")
            }, "create Install/eu declared", "set_automatic_updates Install/eu written-once",
            "render Install/eu provenance", "adopt Install/europe recovered",
            "set_automatic_updates Install/europe written-once"),
        lost(
            "nor is one that a manifest of another name says is its own, marked or not",
            { world in
                world.renders = []
                world.commit { desired in
                    var other = InstallManifest("europe", of: "checkout", "1.0.0")
                    other.adoptedID = "inst_1"
                    desired.installs.append(other)
                }
            }, "create Install/eu declared", "set_automatic_updates Install/eu written-once",
            "render Install/eu provenance", "adopt Install/europe named-by-id",
            "set_automatic_updates Install/europe written-once"),
        lost(
            "what this source made and nobody declares is shown, put on record, and waits for a person",
            { $0.commit { $0.remove("eu") } }, "delete Install/eu recovered-orphan [recovered-orphan]",
            "= orphan Install/eu inst_1"),
        lost(
            "I10: so is an orphan that the list lacks",
            { world in
                world.commit { $0.remove("eu") }
                world.unlisted = ["inst_1"]
            }, "delete Install/eu recovered-orphan [recovered-orphan]", "= orphan Install/eu inst_1"),
        lost(
            "one whose delete has ended is none",
            { world in
                world.commit { $0.remove("eu") }
                world.vanish("inst_1")
                world.note(.installDelete, .install, "inst_1", "install_id", key: nil)
            }),
        lost(
            "what another source made is no orphan of ours",
            { world in
                world.commit { $0.remove("eu") }
                world.source.name = "other"
            }),
        lost(
            "a mark that names what the key does not prove makes no orphan",
            { world in
                world.commit { $0.remove("eu") }
                world.render("inst_1", message: "x (platform@\(world.commit.prefix(12))) [agl:Install/other]")
            }),
        lost(
            "a key without a mark has no name, and can't be told to be ours",
            { world in
                world.commit { $0.remove("eu") }
                world.renders = []
            }),
        lost(
            "an install that is protected is so from the start",
            { $0.commit { $0.header("eu") { $0.deletionPolicy = .retain } } }, "adopt Install/eu recovered",
            "set_automatic_updates Install/eu written-once", "= protect Install/eu retain"),
    ]

    @Test(arguments: rows)
    func `what lives is found again`(_ row: Row) throws {
        var world = try World.standard()
        try row.change(&world)
        world.loseJournal()
        let plan = try world.plan()
        #expect(plan.lines.filter { !Self.shares.contains($0) } == row.expected)
    }

    private static let creation = [
        "create Install/eu unproven [possible-duplicate]",
        "set_automatic_updates Install/eu written-once [possible-duplicate]",
        "render Install/eu provenance [possible-duplicate]",
    ]
    private static let freeCreation = [
        "create Install/eu declared", "set_automatic_updates Install/eu written-once", "render Install/eu provenance",
    ]

    static let forgottenRows: [(row: Row, unaccounted: [String])] = [
        (
            Row(
                testDescription: "I1: the create of what may live waits for a person", change: { _ in },
                expected: creation),
            ["inst_1"]
        ),
        (
            Row(
                testDescription: "a newer operation does not make the feed reach further back",
                change: { $0.note(.installDelete, .install, "inst_9", "install_id", key: nil) }, expected: creation),
            ["inst_1"]
        ),
        (
            Row(
                testDescription: "what lives on another cluster can't be it, and is not told all the same",
                change: { world in
                    world.foreignCluster("other")
                    world.install("inst_1") { $0.clusterID = .of("clu_2") }
                }, expected: freeCreation), ["inst_1"]
        ),
        (
            Row(
                testDescription: "nor what runs another package",
                change: { world in
                    world.foreignPackage("other")
                    let version = try #require(world.versions.last?.id)
                    world.install("inst_1") { $0.packageVersionID = version }
                }, expected: freeCreation), ["inst_1"]
        ),
        (
            Row(
                testDescription: "nor what a product made",
                change: { $0.install("inst_1") { $0.productID = .of("prd_1") } }, expected: freeCreation), ["inst_1"]
        ),
        (
            Row(
                testDescription: "an id in the manifest says which it is",
                change: { $0.commit { $0.install("eu") { $0.adoptedID = "inst_1" } } },
                expected: [
                    "adopt Install/eu named-by-id", "set_automatic_updates Install/eu written-once",
                ]), []
        ),
        (
            Row(
                testDescription: "an install that another source has marked is none of ours",
                change: { $0.render("inst_1", message: "x (other@0123456789ab) [agl:Install/asia]") },
                expected: freeCreation), []
        ),
        (
            Row(
                testDescription: "an install of another workspace's is none of ours",
                change: { $0.install("inst_1") { $0.customerWorkspaceID = .of("ws_2") } }, expected: freeCreation), []
        ),
        (
            Row(
                testDescription: "an install that is younger than the oldest operation was made by somebody else",
                change: { world in
                    world.note(.installDelete, .install, "inst_9", "install_id", key: nil)
                    let now = world.now
                    world.install("inst_1") { $0.createdAt = Timestamp(seconds: now + 1) }
                }, expected: freeCreation), []
        ),
        (
            Row(
                testDescription: "what bears our mark and left git is told, and stays",
                change: { world in
                    world.render(
                        "inst_1",
                        message: RenderMarker(source: "platform", commit: world.commit, object: ObjectReference("old"))
                            .message(subject: "x"))
                }, expected: freeCreation + ["! Install/old shared"]), []
        ),
    ]

    @Test(arguments: forgottenRows.indices)
    func `I13: what the platform has forgotten is told, and nothing is doubled`(_ index: Int) throws {
        let (row, unaccounted) = Self.forgottenRows[index]
        var world = try World.standard()
        world.renders = []
        world.operationsForgotten = world.operations.count
        try row.change(&world)
        world.loseJournal()
        let plan = try world.plan()
        #expect(plan.lines.filter { !Self.shares.contains($0) } == row.expected, "\(row.testDescription)")
        #expect(plan.unaccounted.map(\.text) == unaccounted, "\(row.testDescription)")
        #expect(plan.isComplete == unaccounted.isEmpty)
    }

    @Test func `I1: a person's permission makes it, and then recovery has come to its end`() throws {
        var world = try World.standard()
        world.renders = []
        world.operationsForgotten = world.operations.count
        world.madeByKey = [:]
        world.loseJournal()
        let held = try world.converge()
        #expect(world.installs.count == 1)
        #expect(!world.circumstances.isInventoryComplete)
        world.circumstances.allowedDigests = [try #require(held.blockedDigest)]
        let last = try world.converge()
        #expect(world.installs.map(\.id.text) == ["inst_1", "inst_2"])
        #expect(world.circumstances.isInventoryComplete)
        #expect(last.isComplete)
        world.commit { $0.remove("eu") }
        #expect(try world.plan().lines == ["delete Install/eu pruned"])
    }

    @Test func `after recovery a further pass does nothing`() throws {
        var world = try World.standard()
        world.loseJournal()
        try world.converge()
        #expect(try world.plan().lines == [])
        #expect(world.installs.count == 1)
    }

    @Test func `a mark identifies, it never entitles to delete`() throws {
        var world = try World.standard()
        world.operations = []
        world.loseJournal()
        try world.converge()
        #expect(world.inventory[ObjectReference("eu")]?.ownership == .shared)
        world.commit { $0.remove("eu") }
        #expect(try world.plan().lines == ["! Install/eu shared", "= release Install/eu shared"])
    }

    @Test func `a key does`() throws {
        var world = try World.standard()
        world.loseJournal()
        try world.converge()
        world.commit { $0.remove("eu") }
        #expect(try world.plan().lines == ["delete Install/eu pruned"])
    }

    @Test func `an orphan stays until a person allows its delete`() throws {
        var world = try World.standard()
        world.commit { $0.remove("eu") }
        world.loseJournal()
        let first = try world.plan()
        let second = try world.converge()
        #expect(second.lines == ["delete Install/eu recovered-orphan [recovered-orphan]"])
        #expect(second.isEmpty, "an orphan does not make the source out of sync")
        #expect(second.blockedDigest == first.blockedDigest)
        world.circumstances.allowedDigests = [try #require(second.blockedDigest)]
        try world.converge()
        #expect(world.installs.isEmpty)
    }

    @Test func `an orphan that is declared once more is simply ours`() throws {
        var world = try World.standard()
        let declared = world.desired.installs
        world.commit { $0.remove("eu") }
        world.loseJournal()
        world.carryOut(try world.plan())
        world.commit { $0.installs = declared }
        try world.converge()
        #expect(world.installs.map(\.id.text) == ["inst_1"])
        world.commit { $0.remove("eu") }
        #expect(try world.plan().lines == ["delete Install/eu pruned"])
    }

    @Test func `many lives of one name are looked at in one round`() throws {
        var world = try World.standard()
        for life in 1...40 {
            world.vanish("inst_\(life)")
            try world.converge()
        }
        world.loseJournal()
        try world.converge()
        #expect(world.installs.map(\.id.text) == ["inst_41"])
    }
}
