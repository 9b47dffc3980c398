import AkuaEmulator
import JSON
import TestSupport
import Testing

/// Live objects that manifests name by id, and those that are only used.
@Suite struct AdoptionTests {
    @Test func `an install named by its id is taken over, corrected by update and pruned like any other`() async throws
    {
        try await Installation.with { installation in
            let package = try await installation.foreignPackage("checkout", ["1.3.0", "1.4.0"])
            let id = try await installation.foreignInstall(of: package, "1.3.0")
            let manifest = Road.manifest(
                "Install", "shop", "{package: checkout, version: 1.4.0, region: eu-central, installID: \(id)}")
            try await installation.repository.commit(["shop.yaml": manifest])
            let plan = try await installation.plan()
            #expect(plan.reasons["adopt Install/shop"] == "named-by-id", "\(plan)")
            #expect(try await installation.reconcile().status == 0)
            #expect(try await installation.ids() == ["Install/shop": id])
            #expect(installation.version(of: id) == "1.4.0")
            let written = [
                "installs.create": 1, "installs.updateVersion": 1, "installs.setAutomaticUpdates": 1,
                "installs.createRender": 1,
            ]
            #expect(installation.writes(on: id) == written)
            try await installation.apply(["shop.yaml": nil, "package.yaml": Road.package(["1.0.0"], of: "other")])
            #expect(installation.object("installs", id) == nil)
            #expect(installation.writes(on: id) == written.merging(["installs.delete": 1]) { $1 })
            try await installation.expectRest()
        }
    }

    @Test func `a cluster named by its id is taken over and renamed`() async throws {
        try await Installation.with { installation in
            let id = try await installation.foreignCluster("old-name")
            try await installation.apply([
                "cluster.yaml": Road.manifest("Cluster", "prod", "{region: eu-central, clusterID: \(id)}")
            ])
            #expect(installation.object("clusters", id)?["name"] == "prod")
            #expect(installation.writes(on: id) == ["clusters.create": 1, "clusters.update": 1])
            try await installation.expectRest()
        }
    }

    @Test func `a package named by its id is taken over as it is, and what differs is reported`() async throws {
        try await Installation.with { installation in
            let id = try await installation.foreignPackage("checkout", ["1.3.0"])
            let files = ["package.yaml": Road.package(["1.3.0", "1.4.0"], more: ", packageID: \(id)")]
            try await installation.apply(files)
            #expect(
                installation.writes(on: id) == ["packages.importPublished": 1, "packages.createVersion": 1])
            let renamed = Road.package(["1.3.0", "1.4.0"], more: ", packageID: \(id), name: Checkout")
            try await installation.apply(["package.yaml": renamed], status: 75)
            #expect(try await installation.plan().held == ["Package/checkout": "immutable"])
            #expect(installation.writes["packages.importPublished"] == 1)
            let other = Road.manifest("Cluster", "prod", "{region: eu-central}")
            // Every version of it is declared here or was: the package may go.
            try await installation.apply(["package.yaml": nil, "cluster.yaml": other])
            #expect(installation.object("packages", id) == nil)
            try await installation.expectRest()
        }
    }

    @Test func `an adopted package with versions of somebody else's is not pruned`() async throws {
        try await Installation.with { installation in
            let id = try await installation.foreignPackage("checkout", ["1.2.0", "1.3.0"])
            let cluster = Road.manifest("Cluster", "prod", "{region: eu-central}")
            try await installation.apply([
                "package.yaml": Road.package(["1.3.0"], more: ", packageID: \(id)"), "cluster.yaml": cluster,
            ])
            try await installation.apply(["package.yaml": nil], status: 75)
            #expect(try await installation.plan().held["Package/checkout"] == "foreign-versions")
            #expect(installation.object("packages", id) != nil)
        }
    }

    struct BadID: Sendable, CustomTestStringConvertible {
        var field: String
        var kind: String
        var spec: String
        var status: Int32
        var testDescription: String { "\(field) \(status)" }
    }

    @Test(arguments: [
        BadID(field: "installID: inst_nothing", kind: "Install", spec: install, status: 75),
        BadID(field: "clusterID: clu_nothing", kind: "Cluster", spec: "region: eu-central", status: 75),
        BadID(field: "packageID: pkg_nothing", kind: "Package", spec: package, status: 75),
        BadID(field: "installID: pkg_123", kind: "Install", spec: install, status: 65),
        BadID(field: "clusterID: inst_123", kind: "Cluster", spec: "region: eu-central", status: 65),
        BadID(field: "packageID: clu_123", kind: "Package", spec: package, status: 65),
    ])
    func `an id that leads nowhere, or to another kind, makes nothing`(_ bad: BadID) async throws {
        try await Installation.with { installation in
            _ = try await installation.foreignPackage("checkout", ["1.3.0"])
            let writes = installation.writes
            let pass = try await installation.apply(
                ["bad.yaml": Road.manifest(bad.kind, "bad", "{\(bad.spec), \(bad.field)}")], status: bad.status)
            #expect(installation.writes == writes)
            if bad.status == 65 {
                #expect(pass.source["errors"]?.array?.first?["line"] == 4, "\(pass)")
            } else {
                #expect(try await installation.conditions() == ["\(bad.kind)/bad": "missing-reference"])
            }
        }
    }

    private static let install = "package: checkout, version: 1.3.0, region: eu-central"
    private static let package = "ociRef: oci://registry.example.com/acme/checkout"

    @Test func `an id that contradicts the journal is a conflict, and neither object is written to`() async throws {
        try await Installation.with { installation in
            try await installation.apply([
                "package.yaml": Road.package(["1.3.0", "1.4.0"]), "shop.yaml": Road.install("shop", "1.3.0"),
            ])
            let ours = try await installation.id(of: "Install/shop")
            let package = try await installation.id(of: "Package/checkout")
            let theirs = try await installation.foreignInstall(of: package, "1.3.0")
            let writes = installation.writes
            try await installation.apply(
                ["shop.yaml": Road.install("shop", "1.4.0", more: "  installID: \(theirs)")], status: 75)
            #expect(try await installation.conditions()["Install/shop"] == "identity-conflict")
            #expect(installation.writes == writes)
            try await installation.expectRest(status: 75)
            // Released, the name is free for the other; what it was lives on.
            #expect(try await installation.run("release", "Install/shop").status == 0)
            #expect(try await installation.reconcile().status == 0)
            #expect(try await installation.ids()["Install/shop"] == theirs)
            #expect(installation.version(of: theirs) == "1.4.0")
            #expect(installation.version(of: ours) == "1.3.0")
            try await installation.expectRest()
        }
    }

    @Test func `two manifests that name one id make an invalid commit`() async throws {
        try await Installation.with { installation in
            let package = try await installation.foreignPackage("checkout", ["1.3.0"])
            let id = try await installation.foreignInstall(of: package, "1.3.0")
            let writes = installation.writes
            let pass = try await installation.apply(
                [
                    "one.yaml": Road.install("one", "1.3.0", more: "  installID: \(id)"),
                    "two.yaml": Road.install("two", "1.3.0", more: "  installID: \(id)"),
                ], status: 65)
            #expect(pass.ending.output.contains("one.yaml") && pass.ending.output.contains("two.yaml"), "\(pass)")
            #expect(installation.writes == writes)
        }
    }

    @Test func `packages and clusters that live already are used, and neither changed nor pruned`() async throws {
        try await Installation.with { installation in
            let package = try await installation.foreignPackage("checkout", ["1.3.0"])
            let cluster = try await installation.foreignCluster("prod")
            let files: [String: String?] = [
                "package.yaml": Road.package(["1.3.0"]),
                "cluster.yaml": Road.manifest("Cluster", "prod", "{region: eu-central}"),
                "shop.yaml": Road.install("shop", "1.3.0", more: "  cluster: prod"),
            ]
            try await installation.apply(files)
            #expect(installation.writes["packages.importPublished"] == 1)
            #expect(installation.writes["clusters.create"] == 1)
            let shop = try await installation.id(of: "Install/shop")
            #expect(installation.object("installs", shop)?["cluster_id"] == .string(cluster))
            try await installation.apply([
                "package.yaml": nil, "cluster.yaml": nil, "shop.yaml": nil,
                "other.yaml": Road.package(["1.0.0"], of: "other"),
            ])
            #expect(installation.object("packages", package) != nil)
            #expect(installation.object("clusters", cluster)?["state"] == "active")
            #expect(installation.object("installs", shop) == nil)
            try await installation.expectRest()
        }
    }
}
