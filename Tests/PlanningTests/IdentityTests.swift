import AkuaModel
import JSON
import Manifests
import Planning
import Testing

/// Which live object a declaration means: journal, id in the manifest, key, mark.
@Suite struct IdentityTests {
    private static func adopting(_ id: String, as name: String = "us", _ version: String = "1.0.0") -> InstallManifest {
        var install = InstallManifest(name, of: "checkout", version)
        install.adoptedID = id
        return install
    }

    static let adoptions = [
        Case(
            "an install that is named by its id becomes ours as it is",
            {
                $0.foreignInstall(of: "checkout", "1.0.0")
                $0.commit { $0.installs.append(adopting("inst_2")) }
            }, "adopt Install/us named-by-id", "set_automatic_updates Install/us written-once"),
        Case(
            "and is brought to the declared version",
            {
                $0.foreignInstall(of: "checkout", "1.0.0")
                $0.commit { $0.installs.append(adopting("inst_2", "1.1.0")) }
            }, "adopt Install/us named-by-id", "update Install/us changed",
            "set_automatic_updates Install/us written-once", "render Install/us provenance"),
        Case(
            "an id that leads to an install of another package was mistyped: it does not become ours",
            {
                $0.foreignPackage("other")
                $0.foreignInstall(of: "other", "1.0.0")
                $0.commit { $0.installs.append(adopting("inst_2")) }
            }, "! Install/us immutable"),
        Case(
            "an id that leads nowhere", { $0.commit { $0.installs.append(adopting("inst_9")) } },
            "! Install/us missing-reference"),
        Case(
            "an id that can't be one", { $0.commit { $0.installs.append(adopting("inst/9")) } },
            "! Install/us missing-reference"),
        Case(
            "an id that can't be read",
            {
                $0.unreadable = ["inst_9"]
                $0.commit { $0.installs.append(adopting("inst_9")) }
            }, "! Install/us read-failed"),
        Case(
            "an install of a customer's workspace is not adopted",
            {
                $0.foreignInstall(of: "checkout", "1.0.0")
                $0.install("inst_2") { $0.customerWorkspaceID = .of("ws_2") }
                $0.commit { $0.installs.append(adopting("inst_2")) }
            }, "! Install/us foreign-workspace"),
        Case(
            "an id that says what the journal knows changes nothing",
            { $0.commit { $0.install("eu") { $0.adoptedID = "inst_1" } } }),
        Case(
            "an id that contradicts the journal's live object: nothing is written to either",
            {
                $0.foreignInstall(of: "checkout", "1.1.0")
                $0.commit { desired in
                    desired.install("eu") {
                        $0.adoptedID = "inst_2"
                        $0.version = "1.1.0"
                    }
                }
            }, "! Install/eu identity-conflict"),
        Case(
            "where the journal's object is gone, the id in the manifest counts",
            {
                $0.foreignInstall(of: "checkout", "1.0.0")
                $0.vanish("inst_1")
                $0.commit { $0.install("eu") { $0.adoptedID = "inst_2" } }
            }, "adopt Install/eu named-by-id", "set_automatic_updates Install/eu written-once"),
        Case(
            "an adopted install that is gone is not made again under an id that can't be its own",
            {
                $0.foreignInstall(of: "checkout", "1.0.0")
                $0.commit { $0.installs.append(adopting("inst_2")) }
                try $0.converge()
                $0.vanish("inst_2")
            }, "! Install/us missing-reference"),
        Case(
            "a manifest under a new name that names the object takes it along: nothing is deleted",
            {
                $0.commit { desired in
                    desired.remove("eu")
                    desired.installs.append(adopting("inst_1", as: "europe"))
                }
            }, "adopt Install/europe named-by-id", "set_automatic_updates Install/europe written-once",
            "! Install/eu moved", "= release Install/eu moved"),
        Case(
            "and back again without an id",
            {
                $0.commit { desired in
                    desired.remove("eu")
                    desired.installs.append(adopting("inst_1", as: "europe"))
                }
                try $0.converge()
                $0.commit { desired in
                    desired.remove("europe")
                    desired.installs.append(InstallManifest("eu", of: "checkout", "1.0.0"))
                }
            }, "adopt Install/eu declared-again", "! Install/europe moved", "= release Install/europe moved"),
        Case(
            "a name whose object went on under another is made anew",
            {
                $0.commit { desired in
                    desired.remove("eu")
                    desired.installs.append(adopting("inst_1", as: "europe"))
                }
                try $0.converge()
                $0.commit { $0.installs.append(InstallManifest("eu", of: "checkout", "1.0.0")) }
            }, "create Install/eu declared", "set_automatic_updates Install/eu written-once",
            "render Install/eu provenance"),
        Case(
            "two manifests that name one object: neither is written to",
            {
                $0.foreignInstall(of: "checkout", "1.0.0")
                $0.commit { $0.installs += [adopting("inst_2", as: "a"), adopting("inst_2", as: "b")] }
            }, "! Install/a identity-conflict", "! Install/b identity-conflict"),
        Case(
            "a manifest that names the object of another: neither is written to",
            {
                $0.commit { desired in
                    desired.install("eu") { $0.version = "1.1.0" }
                    desired.installs.append(adopting("inst_1"))
                }
            }, "! Install/eu identity-conflict", "! Install/us identity-conflict"),
        Case(
            "an install that was only used becomes ours when its manifest names it",
            {
                $0.record("eu") { $0.ownership = .shared }
                $0.commit { $0.install("eu") { $0.adoptedID = "inst_1" } }
            }, "adopt Install/eu named-by-id"),
        Case(
            "what was kept when its manifest went is taken back when it is declared again",
            {
                $0.commit { $0.header("eu") { $0.deletionPolicy = .retain } }
                try $0.converge()
                $0.commit { $0.remove("eu") }
                try $0.converge()
                $0.commit { desired in
                    desired.installs.append(InstallManifest("eu", of: "checkout", "1.1.0"))
                }
            }, "adopt Install/eu declared-again", "update Install/eu changed", "render Install/eu provenance",
            "= protect Install/eu no more"),
        Case(
            "what was kept and then deleted by hand is made anew",
            {
                $0.commit { $0.header("eu") { $0.deletionPolicy = .retain } }
                try $0.converge()
                $0.commit { $0.remove("eu") }
                try $0.converge()
                $0.vanish("inst_1")
                $0.commit { $0.installs.append(InstallManifest("eu", of: "checkout", "1.1.0")) }
            }, "create Install/eu declared", "set_automatic_updates Install/eu written-once",
            "render Install/eu provenance", "= protect Install/eu no more"),
    ]

    @Test(arguments: adoptions)
    func `the journal and ids in manifests`(_ row: Case) throws { try row.check() }

    @Test func `an adopted install takes what the journal knows of it along`() throws {
        var world = try World.standard()
        world.record("eu") { $0.ownership = .shared }
        world.commit { $0.install("eu") { $0.adoptedID = "inst_1" } }
        guard case .adopt(let adoption)? = try world.plan().actions.first?.step else {
            Issue.record("no adoption")
            return
        }
        let entry = try #require(world.inventory[ObjectReference("eu")])
        #expect(adoption.ownership == .adopted)
        #expect(adoption.requested == entry.requested)
        #expect(adoption.renderedDigest == entry.renderedDigest)
    }

    @Test func `each life names the one before it`() throws {
        var world = try World.standard()
        for life in 2...4 {
            world.vanish("inst_\(life - 1)")
            guard case .createInstall(_, let create)? = try world.plan().action("create Install/eu")?.step else {
                Issue.record("no create")
                return
            }
            #expect(create.predecessor == "inst_\(life - 1)")
            try world.converge()
        }
    }

    @Test func `the same predecessor is found with and without a journal`() throws {
        var world = try World.standard()
        world.vanish("inst_1")
        var lost = world
        lost.loseJournal()
        for var world in [world, lost] {
            guard case .createInstall(_, let create)? = try world.plan().action("create Install/eu")?.step else {
                Issue.record("no create")
                return
            }
            #expect(create.predecessor == "inst_1")
        }
    }
}
