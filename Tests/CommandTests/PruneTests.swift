import AkuaEmulator
import JSON
import TestSupport
import Testing

/// What git no longer declares: deleted in order, kept where something says so (I2).
@Suite struct PruneTests {
    /// Keeps the path from becoming empty.
    static let keeper = Road.package(["1.0.0"], of: "keeper")
    static let unlimited = Road.settings("{prune: {maxDeletePercent: 100}}")

    @Test func `installs go before their cluster and their package, each with the etag that was read`() async throws {
        try await Installation.with { installation in
            try await installation.apply([
                "keeper.yaml": Self.keeper, "settings.yaml": Self.unlimited,
                "package.yaml": Road.package(["1.3.0", "1.4.0"]),
                "cluster.yaml": Road.manifest("Cluster", "prod", "{region: eu-central}"),
                "installs.yaml": Road.install("postgres", "1.3.0", more: "  cluster: prod") + "\n---\n"
                    + Road.install(
                        "shop", "1.4.0", more: "  cluster: prod\n  dependsOn: [Install/postgres]"),
            ])
            let ids = try await installation.ids()
            let begun = installation.writesInOrder.count
            try await installation.apply(["package.yaml": nil, "cluster.yaml": nil, "installs.yaml": nil])
            let order = ["Install/shop", "Install/postgres"].compactMap { ids[$0] }
            let deletes = installation.emulator.emulator.requests().filter { $0.method == "DELETE" }
            #expect(deletes.prefix(2).map { String($0.path.split(separator: "/").last ?? "") } == order)
            #expect(
                Set(installation.writesInOrder.dropFirst(begun + 2)) == ["clusters.delete", "packages.delete"])
            #expect(installation.writesInOrder.count == begun + 4)
            #expect(deletes.allSatisfy { $0.ifMatch != nil && $0.idempotencyKey != nil })
            for kind in ["installs", "clusters"] { #expect(installation.live(kind).isEmpty) }
            #expect(installation.live("packages").map { $0["name"] } == ["keeper"])
            // The operation of the cluster's delete was followed to its end.
            let removal = installation.live("operations").first { $0["metadata"]?["type"] == "cluster.delete" }
            #expect(removal?["state"] == "SUCCEEDED")
            #expect(try await installation.ids().keys.sorted() == ["Package/keeper", "PackageVersion/keeper-1.0.0"])
            try await installation.expectRest()
        }
    }

    private static func shop(_ more: String) -> String { Road.install("shop", "1.3.0", more: more) }
    private static let base: [String: String?] = [
        "package.yaml": Road.package(["1.3.0", "1.4.0"]), "keeper.yaml": keeper,
    ]

    @Test func `a retained object outlives its manifest, and is taken back when it is declared again`() async throws {
        try await Installation.with { installation in
            try await installation.apply(Self.base)
            try await installation.apply(["shop.yaml": Self.shop("  deletionPolicy: retain")])
            let id = try await installation.id(of: "Install/shop")
            // Lifting and removing at once is removing: what the last manifest said holds.
            try await installation.apply(["shop.yaml": nil])
            #expect(installation.object("installs", id) != nil)
            try await installation.repository.commit(["shop.yaml": Self.shop("")])
            #expect(try await installation.plan().reasons["adopt Install/shop"] == "declared-again")
            #expect(try await installation.reconcile().status == 0)
            #expect(installation.writes["installs.create"] == 1)
            #expect(try await installation.id(of: "Install/shop") == id)
            // The protection was lifted in a commit of its own: now it goes.
            try await installation.apply(["shop.yaml": nil])
            #expect(installation.object("installs", id) == nil)
            #expect(installation.writes(on: id)["installs.delete"] == 1)
            try await installation.expectRest()
        }
    }

    @Test func `a suspended object is not written to, and stays when its manifest goes`() async throws {
        try await Installation.with { installation in
            try await installation.apply(Self.base)
            try await installation.apply(["shop.yaml": Self.shop("")])
            let id = try await installation.id(of: "Install/shop")
            let writes = installation.writes
            let suspended = Road.install("shop", "1.4.0", more: "  suspend: true")
            try await installation.apply(["shop.yaml": suspended])
            #expect(try await installation.conditions()["Install/shop"] == "suspended")
            #expect(installation.writes == writes)
            try await installation.apply(["shop.yaml": nil])
            #expect(installation.object("installs", id) != nil)
            #expect(installation.writes == writes)
            try await installation.apply(["shop.yaml": Road.install("shop", "1.4.0")])
            #expect(installation.version(of: id) == "1.4.0")
            #expect(installation.writes["installs.create"] == 1)
            try await installation.apply(["shop.yaml": nil])
            #expect(installation.object("installs", id) == nil)
            try await installation.expectRest()
        }
    }

    @Test func `with prune disabled everything stays until a commit enables it`() async throws {
        try await Installation.with { installation in
            try await installation.apply(Self.base)
            try await installation.apply([
                "shop.yaml": Self.shop(""), "settings.yaml": Road.settings("{prune: {enabled: false}}"),
            ])
            let id = try await installation.id(of: "Install/shop")
            try await installation.apply(["shop.yaml": nil])
            #expect(try await installation.conditions()["Install/shop"] == "prune-disabled")
            #expect(installation.object("installs", id) != nil)
            try await installation.apply(["settings.yaml": Road.settings("{prune: {enabled: true}}")])
            #expect(installation.object("installs", id) == nil)
            try await installation.expectRest()
        }
    }

    @Test func `a version that leaves git stays, and its package with it while it is used`() async throws {
        try await Installation.with { installation in
            try await installation.apply(Self.base)
            try await installation.apply(["shop.yaml": Self.shop("")])
            try await installation.apply(["package.yaml": Road.package(["1.3.0"])])
            #expect(installation.live("versions").count == 3)
            // The install goes on by the name in the workspace, which protects the package that git no longer declares.
            try await installation.apply(["package.yaml": nil], status: 75)
            #expect(try await installation.conditions()["Package/checkout"] == "referenced")
            #expect(installation.writes["packages.delete"] == nil)
            try await installation.expectRest(status: 75)
            try await installation.apply(["shop.yaml": nil])
            #expect(installation.live("packages").map { $0["name"] } == ["keeper"])
            try await installation.expectRest()
        }
    }

    @Test func `release lets go of an object without a delete`() async throws {
        try await Installation.with { installation in
            try await installation.apply(Self.base)
            try await installation.apply(["shop.yaml": Self.shop("")])
            let id = try await installation.id(of: "Install/shop")
            #expect(try await installation.run("release", "Install/shop").status == 0)
            #expect(try await installation.run("release", "Install/shop").status == 1)
            for malformed in ["shop", "Instal/shop"] {
                #expect(try await installation.run("release", malformed).status == 64)
            }
            try await installation.apply(["shop.yaml": nil])
            #expect(installation.object("installs", id) != nil)
            try await installation.expectRest()
        }
    }
}
