import AkuaModel
import JSON
import Manifests
import Planning
import Testing

/// What becomes of declared installs, row by row.
@Suite struct InstallTests {
    /// A commit that declares `us`, an install of the product `shop`.
    private static func declareInstallOfProduct(_ world: inout World) {
        world.products = [Product(id: .of("prod_1"), name: "shop", packageID: .of("pkg_1"), state: .known(.active))]
        world.commit { $0.installs.append(InstallManifest("us", product: "shop")) }
    }

    static let creates = [
        Case("what is in sync needs nothing", { _ in }),
        Case(
            "a new install is created, told not to update itself, and rendered with the commit",
            { $0.commit { $0.installs.append(InstallManifest("us", of: "checkout", "1.1.0")) } },
            "create Install/us declared", "set_automatic_updates Install/us written-once",
            "render Install/us provenance"),
        Case(
            "an install of a product is created without a version",
            declareInstallOfProduct,
            "create Install/us declared", "set_automatic_updates Install/us written-once",
            "render Install/us provenance"),
        Case(
            "an install of a product is in sync whatever version the product gives it",
            {
                declareInstallOfProduct(&$0)
                try $0.converge()
                $0.install("inst_2") { $0.packageVersionID = .of("ver_1") }
            }),
        Case(
            "everything at once: each install after the package, the version and the cluster that it needs",
            {
                $0.commit { desired in
                    desired.packages.append(.oci("db"))
                    desired.packageVersions.append(PackageVersionManifest("db", "1.0.0"))
                    desired.packageVersions.append(PackageVersionManifest("db", "2.0.0"))
                    desired.clusters.append(ClusterManifest("edge"))
                    var install = InstallManifest("db", of: "db", "2.0.0")
                    install.cluster = .name("edge")
                    desired.installs.append(install)
                }
            },
            "import Package/db declared", "publish PackageVersion/db-2.0.0 declared < import Package/db",
            "create Cluster/edge declared",
            "create Install/db declared < create Cluster/edge, import Package/db, publish PackageVersion/db-2.0.0",
            "set_automatic_updates Install/db written-once", "render Install/db provenance"),
        Case(
            "an install of the version that comes with its package waits for the import",
            {
                $0.commit { desired in
                    desired.packages.append(.oci("db"))
                    desired.packageVersions.append(PackageVersionManifest("db", "1.0.0"))
                    desired.installs.append(InstallManifest("db", of: "db", "^1"))
                }
            },
            "import Package/db declared", "create Install/db declared < import Package/db",
            "set_automatic_updates Install/db written-once", "render Install/db provenance"),
        Case(
            "automatic updates are written with the value of the manifest",
            {
                $0.commit { desired in
                    var install = InstallManifest("us", of: "checkout", "^1")
                    install.automaticUpdates = true
                    desired.installs.append(install)
                }
            },
            "create Install/us declared", "set_automatic_updates Install/us written-once",
            "render Install/us provenance"),
        Case(
            "with provenance: journal nothing is rendered for the message's sake",
            {
                $0.commit { desired in
                    desired.settings.provenance = .journal
                    desired.installs.append(InstallManifest("us", of: "checkout", "1.1.0"))
                }
            },
            "create Install/us declared", "set_automatic_updates Install/us written-once"),
    ]

    static let changes = [
        Case(
            "another version: an update, then the render that carries the commit",
            { $0.commit { $0.install("eu") { $0.version = "1.1.0" } } }, "update Install/eu changed",
            "render Install/eu provenance"),
        Case(
            "another version that is published in the same plan",
            {
                $0.commit { desired in
                    desired.packageVersions.append(PackageVersionManifest("checkout", "1.2.0"))
                    desired.install("eu") { $0.version = "1.2.0" }
                }
            },
            "publish PackageVersion/checkout-1.2.0 declared",
            "update Install/eu changed < publish PackageVersion/checkout-1.2.0", "render Install/eu provenance"),
        Case(
            "a version that somebody else changed is drift",
            { $0.install("inst_1") { $0.packageVersionID = .of("ver_2") } }, "update Install/eu drift",
            "render Install/eu provenance"),
        Case(
            "a version that was asked for and is being rendered is not asked for again",
            {
                $0.commit { $0.install("eu") { $0.version = "1.1.0" } }
                $0.install("inst_1") { $0.isReconciling = true }
                $0.record("eu") { ($0.requested.versionID, $0.requested.isVersionConfirmed) = (.of("ver_2"), false) }
            }, "! Install/eu update-pending"),
        Case(
            "a version that was asked for and has not come, although nothing is going on, is asked for again",
            {
                $0.commit { $0.install("eu") { $0.version = "1.1.0" } }
                $0.record("eu") { ($0.requested.versionID, $0.requested.isVersionConfirmed) = (.of("ver_2"), false) }
            }, "update Install/eu changed", "render Install/eu provenance"),
        Case(
            "a version that was asked for and shows is confirmed, and its render made good",
            {
                $0.commit { $0.install("eu") { $0.version = "1.1.0" } }
                $0.install("inst_1") { $0.packageVersionID = .of("ver_2") }
                $0.record("eu") { ($0.requested.versionID, $0.requested.isVersionConfirmed) = (.of("ver_2"), false) }
            }, "render Install/eu provenance", "= confirm-version Install/eu"),
        Case(
            "a busy install with another version than declared is drift unless that version was asked for",
            {
                $0.install("inst_1") { ($0.packageVersionID, $0.isReconciling) = (.of("ver_2"), true) }
            }, "update Install/eu drift", "render Install/eu provenance"),
        Case(
            "other values can't be brought to a living install, and nothing else of it is written",
            {
                $0.commit { desired in
                    desired.install("eu") {
                        $0.values = .of(["replicas": 2])
                        $0.version = "1.1.0"
                        $0.automaticUpdates = true
                    }
                }
            }, "! Install/eu values-unsupported"),
        Case(
            "values in another spelling and order are the same values",
            {
                $0.commit { $0.install("eu") { $0.values = .of(["a": [1], "b": "x"]) } }
                $0.vanish("inst_1")
                try $0.converge()
                $0.commit { desired in
                    desired.install("eu") {
                        $0.values = .of(["b": "x"])
                        $0.values["a"] = .array(JSONNumber(text: "1.0").map { [.number($0)] } ?? [])
                    }
                }
            }),
        Case(
            "another annotation is rendered",
            { $0.commit { $0.header("eu") { $0.annotations["team"] = "payments" } } }, "render Install/eu provenance"),
        Case(
            "another label, path or time to wait is no change",
            {
                $0.commit { desired in
                    desired.header("eu") {
                        $0.labels["tier"] = "gold"
                        $0.location = SourceLocation(file: "moved.yaml", line: 9, column: 1)
                    }
                    desired.install("eu") { $0.waitTimeout = .seconds(60) }
                }
            }),
        Case(
            "another dependency is only remembered",
            { $0.commit { $0.install("eu") { $0.dependsOn = [ObjectReference("Cluster/prod")] } } },
            "= in-sync Install/eu"),
        Case(
            "automatic updates that change are written, and nothing is rendered",
            { $0.commit { $0.install("eu") { $0.automaticUpdates = true } } },
            "set_automatic_updates Install/eu changed"),
        Case(
            "with provenance: journal an update is not followed by a render",
            {
                $0.commit { desired in
                    desired.settings.provenance = .journal
                    desired.install("eu") { $0.version = "1.1.0" }
                }
            }, "update Install/eu changed"),
        Case(
            "back from provenance: journal, what was carried out in full is not rendered once more",
            {
                $0.commit { desired in
                    desired.settings.provenance = .journal
                    desired.install("eu") { $0.version = "1.1.0" }
                }
                try $0.converge()
                $0.commit { $0.settings.provenance = .render }
            }),
        Case(
            "a render that an earlier pass did not get to is owed",
            {
                $0.commit { $0.install("eu") { $0.version = "1.1.0" } }
                $0.carryOut(try $0.plan(), upTo: 1)
            }, "render Install/eu provenance"),
        Case(
            "the render of a corrected drift is owed too",
            {
                $0.install("inst_1") { $0.packageVersionID = .of("ver_2") }
                $0.carryOut(try $0.plan(), upTo: 1)
            }, "render Install/eu provenance"),
        Case(
            "an annotation that comes and goes before it was rendered is no change",
            {
                $0.commit { $0.header("eu") { $0.annotations["team"] = "payments" } }
                $0.commit { $0.header("eu") { $0.annotations = [:] } }
            }),
    ]

    static let immutables = [
        Case(
            "another region can't be had", { $0.commit { $0.install("eu") { $0.region = .name("us") } } },
            "! Install/eu immutable"),
        Case(
            "the same region by its id is the same region",
            { $0.commit { $0.install("eu") { $0.region = .id("reg_1") } } }),
        Case(
            "another cluster can't be had",
            {
                $0.foreignCluster("other")
                $0.commit { $0.install("eu") { $0.cluster = .name("other") } }
            }, "! Install/eu immutable"),
        Case(
            "a cluster that is yet to be made is another one",
            {
                $0.commit { desired in
                    desired.clusters.append(ClusterManifest("new"))
                    desired.install("eu") { $0.cluster = .name("new") }
                }
            }, "create Cluster/new declared", "! Install/eu immutable"),
        Case(
            "a manifest that leaves the cluster open agrees with any",
            { $0.commit { $0.install("eu") { $0.cluster = nil } } }),
        Case(
            "where reads don't show the cluster, the journal does",
            {
                $0.install("inst_1") { $0.clusterID = nil }
                $0.foreignCluster("other")
                $0.commit { $0.install("eu") { $0.cluster = .name("other") } }
            }, "! Install/eu immutable"),
        Case(
            "another package can't be had, even with the same version",
            {
                $0.foreignPackage("other")
                $0.commit { $0.install("eu") { $0.target = .package(.name("other"), version: .exact("1.0.0")) } }
            }, "! Install/eu immutable"),
        Case(
            "an install can't move from a package to a product",
            {
                $0.products = [
                    Product(id: .of("prod_1"), name: "shop", packageID: .of("pkg_1"), state: .known(.active))
                ]
                $0.commit { $0.install("eu") { $0.target = .product(.name("shop")) } }
            }, "! Install/eu immutable"),
        Case(
            "nor from a product to its package",
            {
                declareInstallOfProduct(&$0)
                try $0.converge()
                $0.commit { $0.install("us") { $0.target = .package(.name("checkout"), version: .exact("1.1.0")) } }
            }, "! Install/us immutable"),
        Case(
            "what can't be changed holds back what could",
            {
                $0.commit { desired in
                    desired.install("eu") {
                        $0.region = .name("us")
                        $0.version = "1.1.0"
                        $0.automaticUpdates = true
                    }
                }
            }, "! Install/eu immutable"),
    ]

    static let presences = [
        Case(
            "an install that is gone is made again", { $0.vanish("inst_1") }, "create Install/eu gone",
            "set_automatic_updates Install/eu written-once", "render Install/eu provenance"),
        Case("I10: an install that a list lacks is not gone", { $0.unlisted = ["inst_1"] }),
        Case(
            "an install that answers with a tombstone is gone",
            { $0.install("inst_1") { $0.state = .known(.deleted) } }, "create Install/eu gone",
            "set_automatic_updates Install/eu written-once", "render Install/eu provenance"),
        Case(
            "an install that can't be read is left alone",
            { ($0.unlisted, $0.unreadable) = (["inst_1"], ["inst_1"]) }, "! Install/eu read-failed"),
        Case(
            "I3: one that a list shows and a read of its own does not is not written to",
            {
                $0.commit { $0.install("eu") { $0.version = "1.1.0" } }
                $0.unreadable = ["inst_1"]
            }, "! Install/eu read-failed"),
        Case(
            "I18: a mark from a commit that this journal applied and history has lost is no reason to stop",
            { world in
                world.foreignCommits[String(world.commit.prefix(12))] = .unknown
                world.commit { $0.install("eu") { $0.version = "1.1.0" } }
            }, "update Install/eu changed", "render Install/eu provenance"),
        Case(
            "an install of a customer's workspace is never touched",
            {
                $0.commit { $0.install("eu") { $0.version = "1.1.0" } }
                $0.install("inst_1") { $0.customerWorkspaceID = .of("ws_2") }
            }, "! Install/eu foreign-workspace"),
        Case(
            "I4: nothing is written beside a write that has not ended",
            {
                $0.commit { $0.install("eu") { $0.version = "1.1.0" } }
                $0.unsettled = [ObjectReference("eu"): "waits for operation op_7"]
            }, "! Install/eu waiting-for-operation"),
        Case(
            "a failed object is left alone until its next attempt",
            {
                $0.commit { $0.install("eu") { $0.version = "1.1.0" } }
                $0.record("eu") { ($0.failures, $0.nextAttempt) = (2, 1_000_001) }
            }, "! Install/eu back-off"),
        Case(
            "then it is tried again",
            {
                $0.commit { $0.install("eu") { $0.version = "1.1.0" } }
                $0.record("eu") { ($0.failures, $0.nextAttempt) = (2, 1_000_000) }
            }, "update Install/eu changed", "render Install/eu provenance"),
        Case(
            "R14: a next attempt further off than any back-off reaches was written by another date",
            {
                $0.commit { $0.install("eu") { $0.version = "1.1.0" } }
                $0.record("eu") { ($0.failures, $0.nextAttempt) = (2, 1_000_901) }
            }, "update Install/eu changed", "render Install/eu provenance"),
        Case(
            "a person who asks for a pass does not wait for the next attempt",
            {
                $0.commit { $0.install("eu") { $0.version = "1.1.0" } }
                $0.record("eu") { ($0.failures, $0.nextAttempt) = (2, 1_000_001) }
                $0.circumstances.ignoresBackOff = true
            }, "update Install/eu changed", "render Install/eu provenance"),
        Case(
            "a failure is forgotten once the object is as declared",
            { $0.record("eu") { ($0.failures, $0.nextAttempt) = (2, 1_000_001) } }, "= in-sync Install/eu"),
    ]

    @Test(arguments: creates + changes)
    func `installs come to what is declared`(_ row: Case) throws { try row.check() }

    @Test(arguments: immutables)
    func `what can't be changed is said`(_ row: Case) throws { try row.check() }

    @Test(arguments: presences)
    func `what is not there, not ours or not ready`(_ row: Case) throws { try row.check() }
}
