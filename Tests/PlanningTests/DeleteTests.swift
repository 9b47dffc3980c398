import AkuaModel
import JSON
import Manifests
import Planning
import Testing

/// I2: what is deleted when its manifest is gone, and what never is.
@Suite struct DeleteTests {
    static let rows = [
        Case(
            "an install whose manifest is gone is deleted", { $0.commit { $0.remove("eu") } },
            "delete Install/eu pruned"),
        Case(
            "everything goes in the reverse order of its creation",
            {
                $0.commit { desired in
                    (desired.packages, desired.packageVersions, desired.clusters, desired.installs) = ([], [], [], [])
                }
                $0.desired.settings.prune.maxDeletePercent = 100
            },
            "delete Install/eu pruned", "delete Cluster/prod pruned < delete Install/eu",
            "delete Package/checkout pruned < delete Install/eu", "! PackageVersion/checkout-1.0.0 undeletable",
            "! PackageVersion/checkout-1.1.0 undeletable", "= release PackageVersion/checkout-1.1.0 undeletable",
            "= release PackageVersion/checkout-1.0.0 undeletable"),
        Case(
            "dependants go before what they depend on, whatever they are called",
            {
                $0.commit { desired in
                    desired.installs.append(InstallManifest("a", of: "checkout", "1.0.0"))
                    desired.installs.append(InstallManifest("b", of: "checkout", "1.0.0", dependsOn: ["a"]))
                    desired.installs.append(InstallManifest("c", of: "checkout", "1.0.0", dependsOn: ["eu"]))
                }
                try $0.converge()
                $0.commit { $0.installs = [] }
                $0.desired.settings.prune.maxDeletePercent = 100
            },
            "delete Install/b pruned", "delete Install/a pruned < delete Install/b", "delete Install/c pruned",
            "delete Install/eu pruned < delete Install/c"),
        Case(
            "a circle among what is deleted is cut somewhere",
            {
                $0.commit { desired in
                    desired.installs.append(InstallManifest("a", of: "checkout", "1.0.0"))
                    desired.installs.append(InstallManifest("b", of: "checkout", "1.0.0"))
                }
                try $0.converge()
                $0.record("a") { $0.requested.dependsOn = [ObjectReference("b")] }
                $0.record("b") { $0.requested.dependsOn = [ObjectReference("a")] }
                $0.commit { desired in
                    desired.remove("a")
                    desired.remove("b")
                }
            }, "delete Install/b pruned", "delete Install/a pruned < delete Install/b"),
        Case(
            "what is gone already is only recorded",
            {
                $0.commit { $0.remove("eu") }
                $0.vanish("inst_1")
            }, "= gone Install/eu"),
        Case(
            "I10: what a list lacks is read by id, and deleted if it is there",
            {
                $0.commit { $0.remove("eu") }
                $0.unlisted = ["inst_1"]
            }, "delete Install/eu pruned"),
        Case(
            "retain keeps the object, and lets it go",
            {
                $0.commit { $0.header("eu") { $0.deletionPolicy = .retain } }
                try $0.converge()
                $0.commit { $0.remove("eu") }
            }, "! Install/eu retained", "= release Install/eu retained"),
        Case(
            "and makes no difference from then on",
            {
                $0.commit { $0.header("eu") { $0.deletionPolicy = .retain } }
                try $0.converge()
                $0.commit { $0.remove("eu") }
                try $0.converge()
            }),
        Case(
            "retain that is lifted in one commit allows the delete in a later one",
            {
                $0.commit { $0.header("eu") { $0.deletionPolicy = .retain } }
                try $0.converge()
                $0.commit { $0.header("eu") { $0.deletionPolicy = .delete } }
                try $0.converge()
                $0.commit { $0.remove("eu") }
            }, "delete Install/eu pruned"),
        Case(
            "retain that is lifted in a commit that was never applied holds",
            {
                $0.commit { $0.header("eu") { $0.deletionPolicy = .retain } }
                try $0.converge()
                $0.commit { $0.header("eu") { $0.deletionPolicy = .delete } }
                $0.commit { $0.remove("eu") }
            }, "! Install/eu retained", "= release Install/eu retained"),
        Case(
            "retain holds even if its commit could not be applied to the object",
            {
                $0.commit { desired in
                    desired.header("eu") { $0.deletionPolicy = .retain }
                    desired.install("eu") { $0.values = .of(["replicas": 9]) }
                }
                $0.carryOut(try $0.plan())
                $0.commit { $0.remove("eu") }
            }, "! Install/eu retained", "= release Install/eu retained"),
        Case(
            "retain holds even if the daemon was killed right after the create",
            {
                $0.commit { desired in
                    var install = InstallManifest("us", of: "checkout", "1.0.0")
                    install.header.deletionPolicy = .retain
                    desired.installs.append(install)
                }
                $0.carryOut(try $0.plan(), upTo: 1)
                $0.commit { $0.remove("us") }
            }, "! Install/us retained", "= release Install/us retained"),
        Case(
            "what was suspended when its manifest went stays, and stays ours",
            {
                $0.commit { $0.header("eu") { $0.isSuspended = true } }
                try $0.converge()
                $0.commit { $0.remove("eu") }
            }, "! Install/eu suspended"),
        Case(
            "what is used and not owned stays",
            {
                $0.foreignCluster("edge")
                $0.commit { $0.clusters.append(ClusterManifest("edge")) }
                try $0.converge()
                $0.commit { $0.remove("Cluster/edge") }
            }, "! Cluster/edge shared", "= release Cluster/edge shared"),
        Case(
            "what was adopted goes",
            {
                $0.foreignInstall(of: "checkout", "1.0.0")
                $0.commit { desired in
                    var install = InstallManifest("us", of: "checkout", "1.0.0")
                    install.adoptedID = "inst_2"
                    desired.installs.append(install)
                }
                try $0.converge()
                $0.commit { $0.remove("us") }
            }, "delete Install/us pruned"),
        Case(
            "an install of a customer's workspace is never touched",
            {
                $0.commit { $0.remove("eu") }
                $0.install("inst_1") { $0.customerWorkspaceID = .of("ws_2") }
            }, "! Install/eu foreign-workspace"),
        Case(
            "I4: nothing is deleted beside a write that has not ended",
            {
                $0.commit { $0.remove("eu") }
                $0.unsettled = [ObjectReference("eu"): "waits for operation op_7"]
            }, "! Install/eu waiting-for-operation"),
        Case(
            "I14: what a write may yet make of a name that has left git is waited for",
            { $0.unsettled = [ObjectReference("new"): "waits for operation op_7"] },
            "! Install/new waiting-for-operation"),
        Case(
            "I4: nor is anything let go beside one",
            {
                $0.commit { $0.header("eu") { $0.deletionPolicy = .retain } }
                try $0.converge()
                $0.commit { $0.remove("eu") }
                $0.unsettled = [ObjectReference("eu"): "waits for operation op_7"]
            }, "! Install/eu waiting-for-operation"),
        Case(
            "a delete that failed waits for its next attempt",
            {
                $0.commit { $0.remove("eu") }
                $0.record("eu") { ($0.failures, $0.nextAttempt) = (1, 1_000_001) }
            }, "! Install/eu back-off"),
        Case(
            "I18: a newer commit than this one may have rendered it",
            {
                $0.commit { $0.remove("eu") }
                $0.render("inst_1", message: "x (platform@0123456789ab) [agl:Install/eu]")
                $0.foreignCommits["0123456789ab"] = .descendant
            }, "stop behind Install/eu", "delete Install/eu pruned"),
    ]

    static let users = [
        Case(
            "a cluster with an install that nobody here made stays",
            {
                $0.foreignInstall(of: "checkout", "1.0.0")
                $0.install("inst_2") { $0.clusterID = .of("clu_1") }
                $0.commit { desired in
                    desired.remove("Cluster/prod")
                    desired.remove("eu")
                }
            }, "delete Install/eu pruned", "! Cluster/prod referenced"),
        Case(
            "a cluster whose install stays, stays",
            {
                $0.commit { $0.header("eu") { $0.deletionPolicy = .retain } }
                try $0.converge()
                $0.commit { desired in
                    desired.remove("Cluster/prod")
                    desired.remove("eu")
                }
            }, "! Cluster/prod referenced", "! Install/eu retained", "= release Install/eu retained"),
        Case(
            "a cluster waits for installs whose delete is under way",
            {
                $0.commit { desired in
                    desired.remove("Cluster/prod")
                    desired.remove("eu")
                }
                $0.record("eu") { $0.life = .deleting }
            }, "! Cluster/prod waiting-for-delete", "! Install/eu waiting-for-delete"),
        Case(
            "a cluster that something declared here still refers to stays",
            { $0.commit { $0.remove("Cluster/prod") } }, "! Cluster/prod referenced"),
        Case(
            "a package that something declared here still refers to stays",
            {
                $0.commit { desired in
                    desired.remove("Package/checkout")
                    desired.remove("PackageVersion/checkout-1.0.0")
                    desired.remove("PackageVersion/checkout-1.1.0")
                }
            }, "! Package/checkout referenced", "! PackageVersion/checkout-1.0.0 undeletable",
            "! PackageVersion/checkout-1.1.0 undeletable", "= release PackageVersion/checkout-1.1.0 undeletable",
            "= release PackageVersion/checkout-1.0.0 undeletable"),
        Case(
            "a package with an install that nobody here made stays",
            {
                $0.foreignInstall(of: "checkout", "1.1.0")
                $0.commit { desired in
                    (desired.packages, desired.installs) = ([], [])
                    desired.packageVersions = []
                }
            }, "delete Install/eu pruned", "! Package/checkout referenced",
            "! PackageVersion/checkout-1.0.0 undeletable", "! PackageVersion/checkout-1.1.0 undeletable",
            "= release PackageVersion/checkout-1.1.0 undeletable",
            "= release PackageVersion/checkout-1.0.0 undeletable"),
        Case(
            "I10: a package whose install was retained and is in no list stays",
            {
                try $0.retainAndForget()
                $0.commit { ($0.packages, $0.packageVersions) = ([], []) }
                $0.record("PackageVersion/checkout-1.0.0") { $0.life = .released }
                $0.record("PackageVersion/checkout-1.1.0") { $0.life = .released }
            }, "! Package/checkout referenced"),
        Case(
            "I10: and so does one of which the journal does not know what its install runs",
            {
                try $0.retainAndForget()
                $0.record("eu") { $0.requested = Requested() }
                $0.commit { ($0.packages, $0.packageVersions) = ([], []) }
                $0.record("PackageVersion/checkout-1.0.0") { $0.life = .released }
                $0.record("PackageVersion/checkout-1.1.0") { $0.life = .released }
            }, "! Package/checkout referenced"),
        Case(
            "I10: a cluster whose install was retained and is in no list stays",
            {
                try $0.retainAndForget()
                $0.record("eu") { $0.requested = Requested() }
                $0.commit { $0.remove("Cluster/prod") }
            }, "! Cluster/prod referenced"),
        Case(
            "I10: nothing that could be used goes while an install on record can't be read",
            {
                try $0.retainAndForget()
                $0.unreadable = ["inst_1"]
                $0.commit { $0.remove("Cluster/prod") }
            }, "! Cluster/prod read-failed"),
        Case(
            "I2: whatever it is said to use",
            {
                try $0.retainAndForget()
                $0.record("eu") { $0.requested = Requested() }
                $0.unreadable = ["inst_1"]
                $0.commit { $0.remove("Cluster/prod") }
            }, "! Cluster/prod incomplete-read"),
        Case(
            "I2: a cluster that an install which is still to be made refers to stays",
            {
                $0.commit { desired in
                    desired.remove("Cluster/prod")
                    desired.remove("eu")
                    var install = InstallManifest("us", of: "checkout", "1.0.0")
                    install.cluster = .name("prod")
                    desired.installs.append(install)
                }
            }, "create Install/us declared", "set_automatic_updates Install/us written-once",
            "render Install/us provenance", "delete Install/eu pruned", "! Cluster/prod referenced"),
        Case(
            "I2: and so does its package",
            {
                $0.commit { desired in
                    (desired.packages, desired.packageVersions) = ([], [])
                    desired.installs = [InstallManifest("us", of: "checkout", "1.0.0")]
                }
                $0.record("PackageVersion/checkout-1.0.0") { $0.life = .released }
                $0.record("PackageVersion/checkout-1.1.0") { $0.life = .released }
            }, "create Install/us declared", "set_automatic_updates Install/us written-once",
            "render Install/us provenance", "delete Install/eu pruned", "! Package/checkout referenced"),
        Case(
            "what was retained and is gone by now keeps nothing",
            {
                try $0.retainAndForget()
                $0.vanish("inst_1")
                $0.commit { $0.remove("Cluster/prod") }
            }, "delete Cluster/prod pruned"),
        Case(
            "a package that a product offers stays",
            {
                $0.products = [
                    Product(id: .of("prod_1"), name: "shop", packageID: .of("pkg_1"), state: .known(.active))
                ]
                $0.commit { ($0.packages, $0.packageVersions, $0.installs) = ([], [], []) }
                $0.record("PackageVersion/checkout-1.0.0") { $0.life = .released }
                $0.record("PackageVersion/checkout-1.1.0") { $0.life = .released }
            }, "delete Install/eu pruned", "! Package/checkout referenced"),
        Case(
            "a package with a version that this source never declared stays",
            {
                $0.addVersion(PackageVersionManifest("checkout", "9.9.9"), of: .of("pkg_1"))
                $0.commit { ($0.packages, $0.packageVersions, $0.installs) = ([], [], []) }
                $0.record("PackageVersion/checkout-1.0.0") { $0.life = .released }
                $0.record("PackageVersion/checkout-1.1.0") { $0.life = .released }
            }, "delete Install/eu pruned", "! Package/checkout foreign-versions"),
        Case(
            "a package that shows no etag can't be deleted",
            {
                $0.package("checkout") { $0.etag = nil }
                $0.commit { ($0.packages, $0.packageVersions, $0.installs) = ([], [], []) }
                $0.record("PackageVersion/checkout-1.0.0") { $0.life = .released }
                $0.record("PackageVersion/checkout-1.1.0") { $0.life = .released }
            }, "delete Install/eu pruned", "! Package/checkout no-etag"),
    ]

    static let deletions = [
        Case(
            "a delete that is under way is followed to its end",
            {
                $0.commit { $0.remove("eu") }
                $0.record("eu") { $0.life = .deleting }
            }, "! Install/eu waiting-for-delete"),
        Case(
            "which is recorded",
            {
                $0.commit { $0.remove("eu") }
                $0.record("eu") { $0.life = .deleting }
                $0.vanish("inst_1")
            }, "= gone Install/eu"),
        Case(
            "what is declared again while its delete is under way waits",
            { $0.record("eu") { $0.life = .deleting } }, "! Install/eu waiting-for-delete"),
        Case(
            "and is made anew once it is gone",
            {
                $0.record("eu") { $0.life = .deleting }
                $0.vanish("inst_1")
            }, "create Install/eu declared", "set_automatic_updates Install/eu written-once",
            "render Install/eu provenance"),
        Case(
            "somebody else's delete that is under way counts too",
            { world in
                // The feed is read because something else is to be made.
                world.commit { $0.installs.append(InstallManifest("us", of: "checkout", "1.0.0")) }
                world.note(.installDelete, .install, "inst_1", "install_id", key: nil)
                world.operations[0].isDone = false
            },
            "create Install/us declared", "set_automatic_updates Install/us written-once",
            "render Install/us provenance", "! Install/eu waiting-for-delete"),
        Case(
            "something that can't be read in this pass: nothing at all is deleted",
            {
                $0.commit { desired in
                    desired.remove("eu")
                    desired.packages.append(.oci("db"))
                    desired.packageVersions.append(PackageVersionManifest("db", "1.0.0"))
                }
                $0.foreignPackage("db")
                $0.unreadable = ["pkg_2"]
            }, "! PackageVersion/db-1.0.0 read-failed", "! Install/eu incomplete-read", "= share Package/db pkg_2"),
        Case(
            "an object that can't be read itself",
            {
                $0.commit { $0.remove("eu") }
                $0.unreadable = ["inst_1"]
            }, "! Install/eu read-failed"),
    ]

    @Test(arguments: rows)
    func `what git no longer declares`(_ row: Case) throws { try row.check() }

    @Test(arguments: users)
    func `what is in use stays`(_ row: Case) throws { try row.check() }

    @Test(arguments: deletions)
    func `deletes under way, and reads that fail`(_ row: Case) throws { try row.check() }

    @Test func `a life that ended by our own delete is the predecessor of the next`() throws {
        var world = try World.standard()
        let declared = world.desired.installs
        world.commit { $0.installs = [] }
        try world.converge()
        #expect(world.installs.isEmpty)
        world.commit { $0.installs = declared }
        guard case .createInstall(_, let create)? = try world.plan().action("create Install/eu")?.step else {
            Issue.record("no create")
            return
        }
        #expect(create.predecessor == "inst_1")
    }
}

extension World {
    /// Lets go of the install, which lives on and is shown by no list from then on.
    fileprivate mutating func retainAndForget() throws {
        commit { $0.header("eu") { $0.deletionPolicy = .retain } }
        try converge()
        commit { $0.remove("eu") }
        try converge()
        unlisted = ["inst_1"]
    }
}
