import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

/// I13: without its state directory the daemon finds everything again, and makes nothing twice.
@Suite struct RecoveryTests {
    private static let files: [String: String?] = [
        "package.yaml": Road.package(["1.3.0", "1.4.0"]),
        "chart.yaml": Road.manifest(
            "Package", "redis",
            "{helm: {repoURL: oci://charts.example.com/acme, chart: redis, targetRevision: 7.2.1}}"),
        "cluster.yaml": Road.manifest("Cluster", "prod", "{region: eu-central}"),
        "shop.yaml": Road.install("shop", "1.3.0", values: "{replicas: 3}", more: "  cluster: prod"),
        "extra.yaml": Road.install("extra", "1.4.0"),
    ]

    private func loseState(of installation: Installation) throws {
        try FileManager.default.removeItem(atPath: installation.folder.appending("state"))
    }

    enum Platform: String, Sendable, CaseIterable {
        case remembersAll, forgotKeys, forgotOperations
    }

    private func forget(_ platform: Platform, in installation: Installation) async throws {
        installation.emulator.emulator.setSwitches {
            if platform != .remembersAll { $0.keyRetentionSeconds = 60 }
            if platform == .forgotOperations { $0.operationRetentionSeconds = 60 }
        }
        installation.emulator.emulator.advance(milliseconds: 3_600_000)
        // Operations are let go of when somebody asks for one.
        if platform == .forgotOperations {
            #expect(try await installation.somebody("GET", "/operations")["data"] == [])
        }
    }

    @Test(arguments: Platform.allCases)
    func `everything is found again, and nothing is made twice`(_ platform: Platform) async throws {
        try await Installation.with { installation in
            try await installation.apply(Self.files)
            let (ids, writes) = (try await installation.ids(), installation.writes)
            try loseState(of: installation)
            try await forget(platform, in: installation)
            let pass = try await installation.reconcile()
            #expect(pass.status == 0, "\(pass)")
            #expect(try await installation.ids() == ids)
            // No read shows whether updates are automatic, so that is written once more; nothing else is.
            var expected = writes
            expected["installs.setAutomaticUpdates", default: 0] += 2
            #expect(installation.writes == expected)
            try await installation.expectRest()
            let ownership = try await ownership(in: installation)
            #expect(ownership["Package/checkout"] == "shared")
            #expect(ownership["Cluster/prod"] == "shared")
            #expect(ownership["Install/shop"] == (platform == .forgotOperations ? "shared" : "recovered"))
        }
    }

    private func ownership(in installation: Installation) async throws -> [String: String] {
        let ending = try await installation.run("status", "--output", "json")
        let objects = try JSONReader.read(ending.output)["sources"]?.array?.first?["objects"]?.array ?? []
        return Dictionary(
            objects.map { ("\($0["kind"]?.string ?? "")/\($0["name"]?.string ?? "")", $0["ownership"]?.string ?? "") }
        ) { first, _ in first }
    }

    @Test func `what changed in git meanwhile is corrected by update`() async throws {
        try await Installation.with { installation in
            try await installation.apply(Self.files)
            let shop = try await installation.id(of: "Install/shop")
            try loseState(of: installation)
            try await installation.apply([
                "shop.yaml": Road.install("shop", "1.4.0", values: "{replicas: 3}", more: "  cluster: prod")
            ])
            #expect(installation.version(of: shop) == "1.4.0")
            #expect(installation.writes["installs.create"] == 2)
            #expect(installation.writes(on: shop)["installs.updateVersion"] == 1)
            try await installation.expectRest()
        }
    }

    @Test func `values that git changed meanwhile are held, as if nothing had been lost`() async throws {
        try await Installation.with { installation in
            try await installation.apply(Self.files)
            let shop = try await installation.id(of: "Install/shop")
            let before = installation.writes(on: shop)
            try loseState(of: installation)
            let manifest = Road.install("shop", "1.3.0", values: "{replicas: 4}", more: "  cluster: prod")
            try await installation.apply(["shop.yaml": manifest], status: 75)
            #expect(try await installation.conditions() == ["Install/shop": "values-unsupported"])
            #expect(try await installation.id(of: "Install/shop") == shop)
            #expect(installation.writes(on: shop) == before)
            try await installation.expectRest(status: 75)
        }
    }

    @Test func `what git no longer declares is an orphan, deleted only when a person allows it`() async throws {
        try await Installation.with { installation in
            try await installation.apply(Self.files)
            let ids = try await installation.ids()
            try loseState(of: installation)
            // The package and the cluster leave git too: without proof that they are ours they stay.
            try await installation.apply([
                "extra.yaml": nil, "shop.yaml": nil, "cluster.yaml": nil, "chart.yaml": nil,
            ])
            #expect(installation.writes["installs.delete"] == nil)
            let plan = try await installation.plan()
            #expect(
                plan.blocked == [
                    "delete Install/extra": "recovered-orphan", "delete Install/shop": "recovered-orphan",
                ], "\(plan)")
            let digest = try #require(plan.blockedDigest)
            #expect(try await installation.reconcile("--allow", digest).status == 0)
            #expect(installation.live("installs").isEmpty)
            for object in ["Package/checkout", "Package/redis"] {
                #expect(installation.object("packages", try #require(ids[object])) != nil)
            }
            #expect(installation.object("clusters", try #require(ids["Cluster/prod"])) != nil)
            try await installation.expectRest()
        }
    }

    @Test func `what the platform has forgotten and no render marks is told, and is not doubled`() async throws {
        try await Installation.with { installation in
            let settings = Road.manifest("Settings", "settings", "{provenance: journal}")
            try await installation.apply(Self.files.merging(["settings.yaml": settings]) { $1 })
            let (ids, writes) = (try await installation.ids(), installation.writes)
            try loseState(of: installation)
            try await forget(.forgotOperations, in: installation)
            let unsure = try await installation.plan()
            #expect(unsure.status == 1, "\(unsure)")
            #expect(unsure.source["complete"] == false)
            #expect(
                unsure.blocked
                    == Dictionary(
                        ["create", "set_automatic_updates"].flatMap { word in
                            ["extra", "shop"].map { ("\(word) Install/\($0)", "possible-duplicate") }
                        }
                    ) { first, _ in first }, "\(unsure)")
            let pass = try await installation.reconcile()
            #expect(pass.status == 75, "\(pass)")
            #expect(installation.writes == writes)
            // The one is adopted; what the other's manifest means is not there any more, says a person.
            let (shop, extra) = (try #require(ids["Install/shop"]), try #require(ids["Install/extra"]))
            try await installation.repository.commit([
                "shop.yaml": Road.install(
                    "shop", "1.3.0", values: "{replicas: 3}", more: "  cluster: prod\n  installID: \(shop)")
            ])
            #expect(try await installation.reconcile().status == 75)
            let digest = try #require(try await installation.plan().blockedDigest)
            #expect(try await installation.reconcile("--allow", digest).status == 0)
            #expect(installation.writes["installs.create"] == 3)
            #expect(installation.object("installs", extra) != nil)
            let after = installation.writes
            #expect(try await installation.reconcile().status == 0)
            #expect(try await installation.plan().status == 0)
            #expect(installation.writes == after)
            // From here on everything declared is known, and what leaves git is pruned.
            try await installation.apply(["extra.yaml": nil])
            #expect(installation.writes["installs.delete"] == 1)
            #expect(installation.object("installs", extra) != nil)
        }
    }

    @Test func `a plan without a journal recovers in memory and writes nothing at all`() async throws {
        try await Installation.with { installation in
            try await installation.apply(Self.files)
            try loseState(of: installation)
            let writes = installation.writes
            let plan = try await installation.plan()
            #expect(plan.reasons["adopt Install/shop"] == "recovered", "\(plan)")
            #expect(!plan.reasons.keys.contains { $0.hasPrefix("create") || $0.hasPrefix("delete") }, "\(plan)")
            #expect(installation.writes == writes)
            #expect(!FileManager.default.fileExists(atPath: installation.folder.appending("state")))
        }
    }
}
