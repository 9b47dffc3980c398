import AkuaModel
import JSON
import Manifests
import Planning
import Testing

/// `dependsOn` holds back an install's own creates and updates, and nothing else.
@Suite struct DependencyTests {
    /// The standard world with `shop`, which depends on `eu`, in sync.
    private static func shop(_ world: inout World) throws {
        world.commit { desired in
            desired.installs.append(InstallManifest("shop", of: "checkout", "1.0.0", dependsOn: ["eu"]))
        }
        try world.converge()
    }

    /// A commit that suspends `eu` and brings `shop` to another version.
    private static func suspendDependency(_ desired: inout DesiredState) {
        desired.header("eu") { $0.isSuspended = true }
        desired.install("shop") { $0.version = "1.1.0" }
    }

    private static let newShop = [
        "set_automatic_updates Install/shop written-once", "render Install/shop provenance",
    ]

    static let rows = [
        Case(
            "a dependant is created after everything on its dependency, once that is healthy",
            {
                $0.commit { desired in
                    desired.installs.append(InstallManifest("db", of: "checkout", "1.0.0"))
                    desired.installs.append(InstallManifest("api", of: "checkout", "1.0.0", dependsOn: ["db"]))
                }
            },
            "create Install/db declared", "set_automatic_updates Install/db written-once",
            "render Install/db provenance",
            "create Install/api declared ~ Install/db < create Install/db, render Install/db, "
                + "set_automatic_updates Install/db",
            "set_automatic_updates Install/api written-once", "render Install/api provenance"),
        Case(
            "a dependency that is healthy now holds nothing back",
            {
                $0.commit { desired in
                    desired.installs.append(InstallManifest("shop", of: "checkout", "1.0.0", dependsOn: ["eu"]))
                }
            },
            "create Install/shop declared", "set_automatic_updates Install/shop written-once",
            "render Install/shop provenance", "= healthy Install/eu"),
        Case(
            "one that is not healthy yet is waited for",
            {
                $0.install("inst_1") { $0.state = .known(.degraded) }
                $0.commit { desired in
                    desired.installs.append(InstallManifest("shop", of: "checkout", "1.0.0", dependsOn: ["eu"]))
                }
            },
            "create Install/shop declared ~ Install/eu", "set_automatic_updates Install/shop written-once",
            "render Install/shop provenance"),
        Case(
            "one that was healthy at what is declared may be ill for a while",
            {
                try shop(&$0)
                $0.install("inst_1") { $0.state = .known(.degraded) }
                $0.commit { $0.install("shop") { $0.version = "1.1.0" } }
            }, "update Install/shop changed", "render Install/shop provenance"),
        Case(
            "one that is being changed by us is waited for",
            {
                try shop(&$0)
                $0.commit { desired in
                    desired.install("eu") { $0.version = "1.1.0" }
                    desired.install("shop") { $0.version = "1.1.0" }
                }
            },
            "update Install/eu changed", "render Install/eu provenance",
            "update Install/shop changed ~ Install/eu < render Install/eu, update Install/eu",
            "render Install/shop provenance"),
        Case(
            "renders and settings of a dependant wait for nothing",
            {
                try shop(&$0)
                $0.commit { desired in
                    desired.install("eu") { $0.version = "1.1.0" }
                    desired.install("shop") { $0.automaticUpdates = true }
                    desired.header("shop") { $0.annotations["team"] = "payments" }
                }
            },
            "update Install/eu changed", "render Install/eu provenance", "set_automatic_updates Install/shop changed",
            "render Install/shop provenance"),
        Case(
            "one that was asked for another version and is at it is waited for in a later pass",
            {
                try shop(&$0)
                $0.commit { desired in
                    desired.install("eu") { $0.version = "1.1.0" }
                    desired.install("shop") { $0.version = "1.1.0" }
                }
                $0.install("inst_1") { $0.isReconciling = true }
                $0.record("eu") { ($0.requested.versionID, $0.requested.isVersionConfirmed) = (.of("ver_2"), false) }
            }, "! Install/eu update-pending", "! Install/shop dependency"),
        Case(
            "one that can't come to what is declared was never healthy at this revision",
            {
                try shop(&$0)
                $0.commit { desired in
                    desired.install("eu") { $0.values = .of(["replicas": 2]) }
                    desired.install("shop") { $0.version = "1.1.0" }
                }
            }, "! Install/eu values-unsupported", "! Install/shop dependency"),
        Case(
            "one that is missing and may not be made",
            {
                try shop(&$0)
                $0.vanish("inst_1")
                $0.commit(suspendDependency)
            }, "! Install/eu suspended", "! Install/shop dependency", "= protect Install/eu suspend"),
        Case(
            "one with a write that has not ended",
            {
                try shop(&$0)
                $0.unsettled = [ObjectReference("eu"): "waits for operation op_7"]
                $0.commit { $0.install("shop") { $0.version = "1.1.0" } }
            }, "! Install/eu waiting-for-operation", "! Install/shop dependency"),
        Case(
            "a suspended one that is as declared holds nothing back",
            {
                try shop(&$0)
                $0.commit(suspendDependency)
            }, "update Install/shop changed", "render Install/shop provenance", "= protect Install/eu suspend"),
        Case(
            "one that drifted, was healthy and is only reported holds nothing back",
            {
                try shop(&$0)
                $0.install("inst_1") { $0.packageVersionID = .of("ver_2") }
                $0.commit { desired in
                    desired.settings.drift = .report
                    desired.install("shop") { $0.version = "1.1.0" }
                }
            }, "update Install/shop changed", "render Install/shop provenance", "! Install/eu drift-reported"),
        Case(
            "a dependency of a dependency is waited for too",
            {
                $0.commit { desired in
                    desired.installs.append(InstallManifest("a", of: "checkout", "9.0.0"))
                    desired.installs.append(InstallManifest("b", of: "checkout", "1.0.0", dependsOn: ["a"]))
                    desired.installs.append(InstallManifest("c", of: "checkout", "1.0.0", dependsOn: ["b"]))
                }
            }, "! Install/a missing-reference", "! Install/b dependency", "! Install/c dependency"),
        Case(
            "an active cluster holds nothing back",
            {
                $0.commit { desired in
                    desired.installs.append(
                        InstallManifest("shop", of: "checkout", "1.0.0", dependsOn: ["Cluster/prod"]))
                }
            },
            "create Install/shop declared", "set_automatic_updates Install/shop written-once",
            "render Install/shop provenance"),
        Case(
            "a cluster that is being made ready is waited for",
            {
                $0.cluster("prod") { $0.state = .known(.provisioning) }
                $0.commit { desired in
                    desired.installs.append(
                        InstallManifest("shop", of: "checkout", "1.0.0", dependsOn: ["Cluster/prod"]))
                }
            },
            "create Install/shop declared ~ Cluster/prod", "set_automatic_updates Install/shop written-once",
            "render Install/shop provenance"),
        Case(
            "a package or a version has only to exist",
            {
                $0.commit { desired in
                    desired.packageVersions.append(PackageVersionManifest("checkout", "1.2.0"))
                    desired.installs.append(
                        InstallManifest(
                            "shop", of: "checkout", "1.0.0",
                            dependsOn: ["Package/checkout", "PackageVersion/checkout-1.2.0"]))
                }
            },
            "publish PackageVersion/checkout-1.2.0 declared",
            "create Install/shop declared < publish PackageVersion/checkout-1.2.0",
            "set_automatic_updates Install/shop written-once", "render Install/shop provenance"),
        Case(
            "what is not declared can't be depended on",
            {
                $0.commit { desired in
                    desired.installs.append(InstallManifest("shop", of: "checkout", "1.0.0", dependsOn: ["nothing"]))
                }
            }, "! Install/shop dependency"),
        Case(
            "a circle holds itself back and nothing else",
            {
                $0.commit { desired in
                    desired.installs.append(InstallManifest("a", of: "checkout", "1.0.0", dependsOn: ["b"]))
                    desired.installs.append(InstallManifest("b", of: "checkout", "1.0.0", dependsOn: ["a"]))
                    desired.install("eu") { $0.version = "1.1.0" }
                }
            }, "update Install/eu changed", "render Install/eu provenance", "! Install/a dependency",
            "! Install/b dependency"),
    ]

    @Test(arguments: rows)
    func `a dependant waits for what it needs, and no longer`(_ row: Case) throws { try row.check() }

    @Test func `the gate carries the dependency's own time to wait`() throws {
        var world = try World.standard()
        world.install("inst_1") { $0.state = .known(.degraded) }
        world.commit { desired in
            desired.install("eu") { $0.waitTimeout = .seconds(60) }
            desired.installs.append(InstallManifest("shop", of: "checkout", "1.0.0", dependsOn: ["eu"]))
        }
        let gates = try #require(try world.plan().action("create Install/shop")).gates
        #expect(gates == [HealthGate(object: ObjectReference("eu"), resourceID: "inst_1", timeout: .seconds(60))])
    }

    @Test func `health is noted once, and only of what something depends on`() throws {
        var world = try World.standard()
        #expect(world.inventory[ObjectReference("eu")]?.healthyDigest == nil)
        try Self.shop(&world)
        #expect(world.inventory[ObjectReference("eu")]?.healthyDigest != nil)
        #expect(world.inventory[ObjectReference("shop")]?.healthyDigest == nil)
        #expect(try world.plan().lines == [])
    }
}
