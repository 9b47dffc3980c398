import AkuaModel
import JSON
import Manifests
import Planning
import Testing

/// What ranges and `latest` come to, and why a version is to change.
@Suite struct VersionSelectionTests {
    static let rows = [
        Case(
            "a version that is published later is followed without a commit",
            {
                $0.commit { $0.install("eu") { $0.version = "~1.1" } }
                try $0.converge()
                $0.addVersion(PackageVersionManifest("checkout", "1.1.7"), of: .of("pkg_1"))
            }, "update Install/eu new-version", "render Install/eu provenance"),
        Case(
            "a version beyond the range is not",
            {
                $0.commit { $0.install("eu") { $0.version = "~1.1" } }
                try $0.converge()
                $0.addVersion(PackageVersionManifest("checkout", "1.2.0"), of: .of("pkg_1"))
            }),
        Case(
            "somebody's other version is drift, even where it is in the range",
            {
                $0.commit { $0.install("eu") { $0.version = "^1" } }
                try $0.converge()
                $0.install("inst_1") { $0.packageVersionID = .of("ver_1") }
            }, "update Install/eu drift", "render Install/eu provenance"),
        Case(
            "a range that leaves out what runs is a change of the manifest",
            {
                $0.commit { $0.install("eu") { $0.version = "^1" } }
                try $0.converge()
                $0.commit { $0.install("eu") { $0.version = "~1.0" } }
            }, "update Install/eu changed", "render Install/eu provenance"),
        Case(
            "an exact version that turns into a range with the same result is no change",
            { $0.commit { $0.install("eu") { $0.version = "~1.0" } } }),
        Case(
            "latest takes the highest release and no pre-release",
            {
                $0.addVersion(PackageVersionManifest("checkout", "2.0.0-rc.1"), of: .of("pkg_1"))
                $0.commit { $0.install("eu") { $0.version = "latest" } }
                try $0.converge()
                $0.addVersion(PackageVersionManifest("checkout", "1.9.0"), of: .of("pkg_1"))
                $0.addVersion(PackageVersionManifest("checkout", "1.10.0"), of: .of("pkg_1"))
            }, "update Install/eu new-version", "render Install/eu provenance"),
        Case(
            "I10: a range does not go back to an older version because a list lacks the one that runs",
            {
                $0.addVersion(PackageVersionManifest("checkout", "1.1.7"), of: .of("pkg_1"))
                $0.commit { $0.install("eu") { $0.version = "~1.1" } }
                try $0.converge()
                $0.unlisted = ["ver_3"]
            }),
        Case(
            "I10: the package's own word for its latest version counts as much as the list",
            {
                $0.commit { $0.install("eu") { $0.version = "latest" } }
                try $0.converge()
                $0.addVersion(PackageVersionManifest("checkout", "1.2.0"), of: .of("pkg_1"))
                $0.unlisted = ["ver_3"]
            }, "update Install/eu new-version", "render Install/eu provenance"),
        Case(
            "latest of a package that has pre-releases only is nothing",
            {
                $0.foreignPackage("beta", versions: ["1.0.0-rc.1", "1.0.0-rc.2"])
                $0.commit { $0.installs.append(InstallManifest("us", of: "beta", "latest")) }
            }, "! Install/us missing-reference"),
        Case(
            "a pre-release that the range names is taken",
            {
                $0.addVersion(PackageVersionManifest("checkout", "2.0.0-rc.1"), of: .of("pkg_1"))
                $0.commit { $0.installs.append(InstallManifest("us", of: "checkout", ">=2.0.0-rc.0 <3")) }
            },
            "create Install/us declared", "set_automatic_updates Install/us written-once",
            "render Install/us provenance"),
        Case(
            "a range sees the versions that this plan publishes",
            {
                $0.commit { desired in
                    desired.packageVersions.append(PackageVersionManifest("checkout", "1.2.0"))
                    desired.install("eu") { $0.version = "^1" }
                }
            }, "publish PackageVersion/checkout-1.2.0 declared",
            "update Install/eu new-version < publish PackageVersion/checkout-1.2.0", "render Install/eu provenance"),
        Case(
            "a version called by its package's id is seen by an install that uses the name",
            {
                $0.commit { desired in
                    var version = PackageVersionManifest("checkout", "1.2.0")
                    version.package = .id("pkg_1")
                    desired.packageVersions.append(version)
                    desired.install("eu") { $0.version = "1.2.0" }
                }
            }, "publish PackageVersion/checkout-1.2.0 declared",
            "update Install/eu changed < publish PackageVersion/checkout-1.2.0", "render Install/eu provenance"),
        Case(
            "a version that is neither published nor declared",
            { $0.commit { $0.install("eu") { $0.version = "3.0.0" } } }, "! Install/eu missing-reference"),
        Case(
            "versions that differ in build metadata only are two",
            {
                $0.addVersion(PackageVersionManifest("checkout", "1.0.0+arm"), of: .of("pkg_1"))
                $0.commit { $0.install("eu") { $0.version = "1.0.0+arm" } }
            }, "update Install/eu changed", "render Install/eu provenance"),
        Case(
            "versions that can't be read hold what needs them",
            { $0.unreadable = ["pkg_1"] }, "! PackageVersion/checkout-1.0.0 read-failed",
            "! PackageVersion/checkout-1.1.0 read-failed", "! Install/eu read-failed"),
    ]

    @Test(arguments: rows)
    func `versions are chosen here, never at the platform`(_ row: Case) throws { try row.check() }

    @Test func `the action says what the range came to`() throws {
        var world = try World.standard()
        world.commit { $0.install("eu") { $0.version = "^1" } }
        let action = try #require(try world.plan().action("update Install/eu"))
        #expect(action.reason == .newVersion(from: "1.0.0", to: "1.1.0"))
        #expect(action.step == .updateInstall(.of("inst_1"), version: .live(.of("ver_2"))))
        #expect(action.fields == [FieldChange("version", before: "1.0.0", after: "1.1.0")])
    }

    @Test func `a missing version is told together with those that are there`() throws {
        var world = try World.standard()
        world.commit { $0.install("eu") { $0.version = "^3" } }
        let hold = try #require(try world.plan().holds.first)
        #expect(hold.sentence.contains("'checkout' has no version ^3"))
        #expect(hold.sentence.contains("it has 1.1.0, 1.0.0"))
    }
}
