import AkuaModel
import JSON
import Manifests
import Planning
import Testing

/// What becomes of declared packages and their versions, row by row.
@Suite struct PackageTests {
    private static func db(_ versions: String...) -> @Sendable (inout DesiredState) -> Void {
        { desired in
            desired.packages.append(.oci("db"))
            desired.packageVersions += versions.map { PackageVersionManifest("db", $0) }
        }
    }

    static let packages = [
        Case(
            "a package is imported with its lowest version; the others follow in ascending order",
            { $0.commit(db("1.10.0", "1.9.0", "2.0.0-rc.1")) }, "import Package/db declared",
            "publish PackageVersion/db-1.10.0 declared < import Package/db",
            "publish PackageVersion/db-2.0.0-rc.1 declared < publish PackageVersion/db-1.10.0"),
        Case(
            "the platform has no package without a version", { $0.commit(db()) }, "! Package/db no-version"),
        Case(
            "a suspended version is left out of the import",
            {
                $0.commit(db("1.0.0", "1.1.0", "1.2.0"))
                $0.desired.header("PackageVersion/db-1.0.0") { $0.isSuspended = true }
            },
            "import Package/db declared", "publish PackageVersion/db-1.2.0 declared < import Package/db",
            "! PackageVersion/db-1.0.0 suspended", "= protect PackageVersion/db-1.0.0 suspend"),
        Case(
            "a package that lives already is used, not owned",
            {
                $0.foreignPackage("db")
                $0.commit(db("1.0.0", "1.1.0"))
            },
            "publish PackageVersion/db-1.1.0 declared", "= share Package/db pkg_2",
            "= share PackageVersion/db-1.0.0 ver_3"),
        Case(
            "one match by artifact alone is used, and its other name reported",
            {
                $0.foreignPackage("db")
                $0.package("db") { $0.name = "database" }
                $0.commit(db("1.0.0"))
            },
            "! Package/db shared", "= share Package/db pkg_2", "= share PackageVersion/db-1.0.0 ver_3"),
        Case(
            "an exact match comes before one by artifact alone",
            {
                $0.foreignPackage("db")
                $0.package("db") { $0.name = "database" }
                $0.foreignPackage("db")
                $0.commit(db("1.0.0"))
            },
            "= share Package/db pkg_3", "= share PackageVersion/db-1.0.0 ver_4"),
        Case(
            "two matches are told",
            {
                $0.foreignPackage("db")
                $0.foreignPackage("db")
                $0.commit(db("1.0.0"))
            }, "! Package/db ambiguous", "! PackageVersion/db-1.0.0 dependency"),
        Case(
            "the id in the manifest makes one of them ours",
            {
                $0.foreignPackage("db")
                $0.foreignPackage("db")
                $0.commit(db("1.0.0"))
                $0.desired.package("db") { $0.adoptedID = "pkg_3" }
            }, "adopt Package/db named-by-id", "= share PackageVersion/db-1.0.0 ver_4"),
        Case(
            "a package that was used becomes ours when its manifest names it",
            {
                $0.foreignPackage("db")
                $0.commit(db("1.0.0"))
                try $0.converge()
                $0.commit { $0.package("db") { $0.adoptedID = "pkg_2" } }
            }, "adopt Package/db named-by-id"),
        Case(
            "an id that contradicts the journal",
            {
                $0.foreignPackage("db")
                $0.commit { $0.package("checkout") { $0.adoptedID = "pkg_2" } }
            }, "! Package/checkout identity-conflict", "! PackageVersion/checkout-1.0.0 dependency",
            "! PackageVersion/checkout-1.1.0 dependency", "! Install/eu dependency"),
        Case(
            "an id that leads nowhere",
            {
                $0.commit(db("1.0.0"))
                $0.desired.package("db") { $0.adoptedID = "pkg_9" }
            }, "! Package/db missing-reference", "! PackageVersion/db-1.0.0 dependency"),
        Case(
            "a package under a new metadata.name is used, not deleted",
            {
                $0.commit { desired in
                    desired.remove("Package/checkout")
                    var package = PackageManifest.oci("checkout")
                    package.header = ManifestHeader("shop")
                    desired.packages.append(package)
                    for index in desired.packageVersions.indices {
                        desired.packageVersions[index].package = .name("shop")
                    }
                    desired.install("eu") { $0.target = .package(.name("shop"), version: .exact("1.0.0")) }
                }
            }, "render Install/eu provenance", "! Package/checkout moved", "= share Package/shop pkg_1",
            "= release Package/checkout moved"),
        Case(
            "another name can't be had", { $0.commit { $0.package("checkout") { $0.apiName = "Checkout" } } },
            "! Package/checkout immutable"),
        Case(
            "another description can't be had",
            { $0.commit { $0.package("checkout") { $0.description = "Pays" } } }, "! Package/checkout immutable"),
        Case(
            "a description that is no longer declared agrees with any",
            { $0.package("checkout") { $0.description = "Pays" } }),
        Case(
            "another artifact can't be had",
            { $0.commit { $0.package("checkout") { $0.source = .oci(reference: "oci://r.example/other") } } },
            "! Package/checkout immutable"),
        Case(
            "tags and digests of an artifact's reference make no difference",
            {
                $0.commit { desired in
                    desired.package("checkout") { $0.source = .oci(reference: "oci://r.example/checkout:1@sha256:ab") }
                }
            }),
        Case(
            "a package that is gone is imported again, and what it had is published",
            {
                $0.commit { $0.remove("eu") }
                try $0.converge()
                $0.vanish("pkg_1")
            },
            "import Package/checkout gone",
            "publish PackageVersion/checkout-1.1.0 gone < import Package/checkout"),
        Case(
            "I1: a second name for an artifact that is on record is a package of its own",
            {
                $0.commit { desired in
                    var copy = PackageManifest.oci("copy")
                    copy.source = .oci(reference: "oci://r.example/checkout")
                    desired.packages.append(copy)
                    desired.packageVersions.append(PackageVersionManifest("copy", "1.0.0"))
                }
            }, "import Package/copy declared"),
        Case(
            "I4: a version whose publish has no outcome yet is not published again",
            {
                $0.commit { $0.packageVersions.append(PackageVersionManifest("checkout", "1.2.0")) }
                $0.unsettled = [ObjectReference("PackageVersion/checkout-1.2.0"): "no outcome"]
            }, "! PackageVersion/checkout-1.2.0 waiting-for-operation"),
        Case("I10: a package that a list lacks is not gone", { $0.unlisted = ["pkg_1"] }),
        Case(
            "a package that can't be read holds what hangs on it",
            {
                $0.unlisted = ["pkg_1"]
                $0.unreadable = ["pkg_1"]
            }, "! Package/checkout read-failed", "! PackageVersion/checkout-1.0.0 dependency",
            "! PackageVersion/checkout-1.1.0 dependency", "! Install/eu dependency"),
    ]

    static let charts = [
        Case(
            "a chart's package is created by the platform",
            { $0.commit { $0.packages.append(.helm("redis")) } }, "create Package/redis declared"),
        Case(
            "and in sync from then on",
            {
                $0.commit { $0.packages.append(.helm("redis")) }
                try $0.converge()
            }),
        Case(
            "another chart version shows in no read, and is told from the journal",
            {
                $0.commit { $0.packages.append(.helm("redis")) }
                try $0.converge()
                $0.commit { desired in
                    desired.remove("Package/redis")
                    desired.packages.append(.helm("redis", revision: "2.0.0"))
                }
            }, "! Package/redis immutable"),
        Case(
            "an install can't ask for the version of a package that is yet to be built",
            {
                $0.commit { desired in
                    desired.packages.append(.helm("redis"))
                    desired.installs.append(InstallManifest("redis", of: "redis", "latest"))
                }
            }, "create Package/redis declared", "! Install/redis dependency"),
        Case(
            "a chart's package takes no versions from elsewhere",
            {
                $0.commit { desired in
                    desired.packages.append(.helm("redis"))
                    desired.packageVersions.append(PackageVersionManifest("redis", "3.0.0"))
                }
            }, "create Package/redis declared", "! PackageVersion/redis-3.0.0 missing-reference"),
        Case(
            "nor when it lives",
            {
                $0.commit { $0.packages.append(.helm("redis")) }
                try $0.converge()
                $0.commit { $0.packageVersions.append(PackageVersionManifest("redis", "3.0.0")) }
            }, "! PackageVersion/redis-3.0.0 missing-reference"),
        Case(
            "after a loss it is found by the key of its create, whatever it is called by now",
            {
                $0.commit { $0.packages.append(.helm("redis")) }
                try $0.converge()
                $0.package("redis") { $0.name = "Redis" }
                $0.inventory[ObjectReference("Package/redis")] = nil
                $0.operationsSeen = 0
            }, "! Package/redis shared", "= share Package/redis pkg_2"),
        Case(
            "one that is being built is waited for",
            { world in
                world.commit { $0.packages.append(.helm("redis")) }
                try world.converge()
                world.vanish("pkg_2")
                world.inventory[ObjectReference("Package/redis")] = nil
                world.operationsSeen = 0
                world.operations[0].isDone = false
                world.operations[0].response = nil
            }, "! Package/redis waiting-for-operation"),
    ]

    static let versions = [
        Case(
            "a version is published to a live package",
            { $0.commit { $0.packageVersions.append(PackageVersionManifest("checkout", "1.2.0")) } },
            "publish PackageVersion/checkout-1.2.0 declared"),
        Case(
            "versions of a live package are published one after another",
            {
                $0.commit { desired in
                    desired.packageVersions += ["1.3.0", "1.2.0"].map { PackageVersionManifest("checkout", $0) }
                }
            }, "publish PackageVersion/checkout-1.2.0 declared",
            "publish PackageVersion/checkout-1.3.0 declared < publish PackageVersion/checkout-1.2.0"),
        Case(
            "a higher version waits for a lower one that failed",
            {
                $0.commit { desired in
                    desired.packageVersions += ["1.3.0", "1.2.0"].map { PackageVersionManifest("checkout", $0) }
                }
                var entry = InventoryEntry(resourceID: nil, ownership: .created, life: .gone)
                (entry.failures, entry.nextAttempt) = (1, 1_000_001)
                $0.inventory[ObjectReference("PackageVersion/checkout-1.2.0")] = entry
            }, "! PackageVersion/checkout-1.2.0 back-off", "! PackageVersion/checkout-1.3.0 dependency"),
        Case(
            "but not for one that is suspended",
            {
                $0.commit { desired in
                    desired.packageVersions += ["1.3.0", "1.2.0"].map { PackageVersionManifest("checkout", $0) }
                    desired.header("PackageVersion/checkout-1.2.0") { $0.isSuspended = true }
                }
            }, "publish PackageVersion/checkout-1.3.0 declared", "! PackageVersion/checkout-1.2.0 suspended",
            "= protect PackageVersion/checkout-1.2.0 suspend"),
        Case(
            "another artifact under a published version",
            { $0.commit { $0.version("checkout-1.0.0") { $0.ref = "sha256:other" } } },
            "! PackageVersion/checkout-1.0.0 immutable"),
        Case(
            "another input schema under a published version",
            { $0.commit { $0.version("checkout-1.0.0") { $0.inputSchema["title"] = "x" } } },
            "! PackageVersion/checkout-1.0.0 immutable"),
        Case(
            "another compatibility shows in no read, and is told from the journal",
            { $0.commit { $0.version("checkout-1.0.0") { $0.compatibility = .of(["clusterTypes": []]) } } },
            "! PackageVersion/checkout-1.0.0 immutable"),
        Case(
            "a manifest whose semver changed publishes the new one, and the old one stays",
            { $0.commit { $0.version("checkout-1.1.0") { $0.semver = "1.1.1" } } },
            "publish PackageVersion/checkout-1.1.0 changed"),
        Case(
            "two manifests of one version, one by name and one by id",
            {
                $0.commit { desired in
                    var version = PackageVersionManifest("checkout", "1.1.0")
                    version.header = ManifestHeader("again")
                    version.package = .id("pkg_1")
                    desired.packageVersions.append(version)
                }
            }, "! PackageVersion/again identity-conflict", "! PackageVersion/checkout-1.1.0 identity-conflict"),
        Case(
            "a version of a package that is nowhere",
            {
                $0.commit { desired in
                    var version = PackageVersionManifest("nothing", "1.1.0")
                    version.package = .id("pkg_9")
                    desired.packageVersions.append(version)
                }
            }, "! PackageVersion/nothing-1.1.0 missing-reference"),
        Case(
            "I2: a version that leaves git is released; the platform can't delete it",
            { $0.commit { $0.remove("PackageVersion/checkout-1.1.0") } },
            "! PackageVersion/checkout-1.1.0 undeletable", "= release PackageVersion/checkout-1.1.0 undeletable"),
        Case(
            "and makes no difference from then on",
            {
                $0.commit { $0.remove("PackageVersion/checkout-1.1.0") }
                try $0.converge()
            }),
        Case(
            "I10: versions that a list lacks are not gone, and are not published again",
            { $0.unlisted = ["ver_1", "ver_2"] }),
        Case(
            "I10: not even those that are used and not owned",
            {
                $0.unlisted = ["ver_1"]
                $0.record("PackageVersion/checkout-1.0.0") { entry in
                    entry.ownership = .shared
                    entry.requested = Requested()
                }
            }),
        Case(
            "a version that a list lacks and that can't be read holds what needs it",
            { ($0.unlisted, $0.unreadable) = (["ver_1"], ["ver_1"]) }, "! PackageVersion/checkout-1.0.0 read-failed",
            "! PackageVersion/checkout-1.1.0 read-failed", "! Install/eu read-failed"),
        Case(
            "declared once more it is used again",
            {
                $0.commit { $0.remove("PackageVersion/checkout-1.1.0") }
                try $0.converge()
                $0.commit { $0.packageVersions.append(PackageVersionManifest("checkout", "1.1.0")) }
            }, "= share PackageVersion/checkout-1.1.0 ver_2"),
    ]

    @Test(arguments: packages)
    func `packages come to what is declared`(_ row: Case) throws { try row.check() }

    @Test(arguments: charts)
    func `packages built from charts`(_ row: Case) throws { try row.check() }

    @Test(arguments: versions)
    func `versions are published and never changed`(_ row: Case) throws { try row.check() }

    @Test(arguments: [
        ("oci://r.example/a/b", "oci://r.example/a/b"), ("oci://r.example/a/b:1.0", "oci://r.example/a/b"),
        ("oci://r.example/a/b@sha256:ab", "oci://r.example/a/b"),
        ("oci://r.example/a/b:1.0@sha256:ab", "oci://r.example/a/b"),
        ("oci://r.example:5000/a/b", "oci://r.example:5000/a/b"),
        ("oci://r.example:5000/a/b:1.0", "oci://r.example:5000/a/b"), ("plain", "plain"),
    ])
    func `artifacts are compared without tag and digest`(_ reference: String, _ bare: String) {
        #expect(OCIReference.bare(reference) == bare)
    }
}
