import AkuaModel
import JSON
import Manifests
import Planning
import Testing

/// What a commit's settings, and `spec.suspend`, hold back.
@Suite struct SettingsTests {
    static let rows = [
        Case(
            "a suspended source reports what it would do, once for each object",
            {
                $0.commit { desired in
                    desired.settings.suspension = Settings.Suspension(reason: "audit", until: nil)
                    desired.install("eu") { $0.version = "1.1.0" }
                    desired.clusters.append(ClusterManifest("edge"))
                    desired.remove("PackageVersion/checkout-1.1.0")
                    desired.packageVersions.append(PackageVersionManifest("checkout", "1.1.0"))
                }
            }, "! Cluster/edge suspended", "! Install/eu suspended"),
        Case(
            "until the moment that it names",
            {
                $0.commit { desired in
                    desired.settings.suspension = Settings.Suspension(reason: "audit", until: 1_000_001)
                    desired.install("eu") { $0.version = "1.1.0" }
                }
            }, "! Install/eu suspended"),
        Case(
            "and no longer",
            {
                $0.commit { desired in
                    desired.settings.suspension = Settings.Suspension(reason: "audit", until: 1_000_000)
                    desired.install("eu") { $0.version = "1.1.0" }
                }
            }, "update Install/eu changed", "render Install/eu provenance"),
        Case(
            "mode: plan reports everything and writes nothing",
            {
                $0.commit { desired in
                    desired.settings.mode = .plan
                    desired.packages.append(.oci("db"))
                    desired.packageVersions.append(PackageVersionManifest("db", "1.0.0"))
                    desired.installs.append(InstallManifest("db", of: "db", "1.0.0", dependsOn: ["eu"]))
                    desired.install("eu") { $0.version = "1.1.0" }
                    desired.remove("Cluster/prod")
                    desired.install("eu") { $0.cluster = nil }
                }
                $0.install("inst_1") { $0.clusterID = nil }
                $0.record("eu") { $0.requested.clusterID = nil }
            }, "! Package/db plan-mode", "! Cluster/prod plan-mode", "! Install/db plan-mode", "! Install/eu plan-mode"),
        Case(
            "drift: report corrects no version that somebody else changed",
            {
                $0.commit { $0.settings.drift = .report }
                $0.install("inst_1") { $0.packageVersionID = .of("ver_2") }
            }, "! Install/eu drift-reported"),
        Case(
            "nor makes again what somebody else deleted",
            {
                $0.commit { $0.settings.drift = .report }
                $0.vanish("inst_1")
            }, "! Install/eu drift-reported"),
        Case(
            "nor renames a cluster back",
            {
                $0.commit { $0.settings.drift = .report }
                $0.cluster("prod") { $0.name = "theirs" }
            }, "! Cluster/prod drift-reported"),
        Case(
            "but follows the manifest",
            {
                $0.commit { desired in
                    desired.settings.drift = .report
                    desired.install("eu") { $0.version = "1.1.0" }
                }
            }, "update Install/eu changed", "render Install/eu provenance"),
        Case(
            "and newer versions in a range",
            {
                $0.commit { $0.install("eu") { $0.version = "~1.1" } }
                try $0.converge()
                $0.commit { $0.settings.drift = .report }
                $0.addVersion(PackageVersionManifest("checkout", "1.1.7"), of: .of("pkg_1"))
            }, "update Install/eu new-version", "render Install/eu provenance"),
        Case(
            "nothing is written to a suspended object",
            {
                $0.commit { desired in
                    desired.header("eu") { $0.isSuspended = true }
                    desired.install("eu") { $0.version = "1.1.0" }
                }
            }, "! Install/eu suspended", "= protect Install/eu suspend"),
        Case(
            "what can't be changed on it is only reported",
            {
                $0.commit { desired in
                    desired.header("eu") { $0.isSuspended = true }
                    desired.install("eu") { $0.region = .name("us") }
                }
            }, "! Install/eu suspended", "= protect Install/eu suspend"),
        Case(
            "a suspended object that is not there is not made",
            {
                $0.commit { desired in
                    var cluster = ClusterManifest("edge")
                    cluster.header.isSuspended = true
                    desired.clusters.append(cluster)
                    var install = InstallManifest("us", of: "checkout", "1.0.0")
                    install.cluster = .name("edge")
                    desired.installs.append(install)
                }
            }, "! Cluster/edge suspended", "! Install/us dependency", "= protect Cluster/edge suspend"),
        Case(
            "a suspended package holds back its versions and installs only where it is not there",
            {
                $0.commit { desired in
                    desired.header("Package/checkout") { $0.isSuspended = true }
                    desired.packageVersions.append(PackageVersionManifest("checkout", "1.2.0"))
                }
            }, "publish PackageVersion/checkout-1.2.0 declared", "= protect Package/checkout suspend"),
        Case(
            "suspension that is lifted lets things go on",
            {
                $0.commit { $0.header("eu") { $0.isSuspended = true } }
                try $0.converge()
                $0.commit { desired in
                    desired.header("eu") { $0.isSuspended = false }
                    desired.install("eu") { $0.version = "1.1.0" }
                }
            }, "update Install/eu changed", "render Install/eu provenance", "= protect Install/eu no more"),
    ]

    @Test(arguments: rows)
    func `what is held back is said`(_ row: Case) throws { try row.check() }

    @Test func `what is only reported carries the fields that differ`() throws {
        var world = try World.standard()
        world.commit { desired in
            desired.settings.mode = .plan
            desired.install("eu") { $0.version = "1.1.0" }
        }
        let hold = try #require(try world.plan().holds.first)
        #expect(hold.fields.map(\.path) == ["version"])
        #expect(!hold.code.counts)
    }

    @Test(arguments: [
        (Hold.Code.suspended, false), (.retained, false), (.shared, false), (.undeletable, false), (.moved, false),
        (.driftReported, false), (.planMode, false), (.pruneDisabled, false), (.immutable, true),
        (.valuesUnsupported, true), (.dependency, true), (.backOff, true), (.identityConflict, true),
        (.updatePending, true), (.referenced, true),
    ])
    func `what is only reported leaves the source in sync`(_ code: Hold.Code, _ counts: Bool) {
        #expect(code.counts == counts)
    }
}
