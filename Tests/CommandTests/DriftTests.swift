import AkuaEmulator
import JSON
import TestSupport
import Testing

/// What somebody else changes: corrected, or reported, as the settings say.
@Suite struct DriftTests {
    private static let files: [String: String?] = [
        "package.yaml": Road.package(["1.3.0", "1.4.0", "1.5.0"]),
        "cluster.yaml": Road.manifest("Cluster", "prod", "{region: eu-central}"),
        "shop.yaml": Road.install("shop", "1.4.0", more: "  cluster: prod"),
        "extra.yaml": Road.install("extra", "1.4.0"),
    ]

    /// An older version runs, the cluster has another name, and an install is gone.
    private func drift(_ installation: Installation) async throws -> (shop: String, extra: String, cluster: String) {
        let ids = try await installation.ids()
        let shop = try #require(ids["Install/shop"])
        let (extra, cluster) = (try #require(ids["Install/extra"]), try #require(ids["Cluster/prod"]))
        let older = try #require(installation.live("versions").first { $0["semver"] == "1.3.0" }?["id"]?.string)
        let emulator = installation.emulator.emulator
        try emulator.apply(.installVersion(install: shop, version: older))
        try emulator.apply(.clusterRenamed(cluster, name: "theirs"))
        try emulator.apply(.installDeleted(extra))
        return (shop, extra, cluster)
    }

    @Test func `drift is corrected without a commit, each object once`() async throws {
        try await Installation.with { installation in
            try await installation.apply(Self.files)
            let (shop, extra, cluster) = try await drift(installation)
            let plan = try await installation.plan()
            #expect(plan.reasons["update Install/shop"] == "drift", "\(plan)")
            #expect(plan.reasons["update Cluster/prod"] == "drift", "\(plan)")
            #expect(plan.reasons["create Install/extra"] == "gone", "\(plan)")
            #expect(try await installation.reconcile().status == 0)
            #expect(installation.version(of: shop) == "1.4.0")
            #expect(installation.object("clusters", cluster)?["name"] == "prod")
            #expect(installation.writes(on: shop)["installs.updateVersion"] == 1)
            #expect(installation.writes(on: cluster) == ["clusters.create": 1, "clusters.update": 1])
            let successor = try await installation.id(of: "Install/extra")
            #expect(successor != extra)
            #expect(installation.live("installs").count == 2)
            #expect(installation.writes["installs.create"] == 3)
            try await installation.expectRest()
        }
    }

    @Test func `with drift: report the same differences are only reported, and a commit still counts`() async throws {
        try await Installation.with { installation in
            var files = Self.files
            files["settings.yaml"] = Road.settings("{drift: report}")
            try await installation.apply(files)
            let (shop, _, cluster) = try await drift(installation)
            let writes = installation.writes
            let pass = try await installation.reconcile()
            #expect(pass.status == 0, "\(pass)")
            #expect(pass.outcome == "in_sync")
            #expect(
                try await installation.conditions() == [
                    "Install/shop": "drift-reported", "Install/extra": "drift-reported",
                    "Cluster/prod": "drift-reported",
                ])
            #expect(installation.writes == writes)
            try await installation.apply(["shop.yaml": Road.install("shop", "1.5.0", more: "  cluster: prod")])
            #expect(installation.version(of: shop) == "1.5.0")
            #expect(installation.object("clusters", cluster)?["name"] == "theirs")
            try await installation.expectRest()
        }
    }

    @Test(arguments: ["{mode: plan}", "{suspend: {reason: The fair}}"])
    func `a source that plans or is suspended reports everything and writes nothing`(_ spec: String) async throws {
        try await Installation.with { installation in
            var files = Self.files
            files["settings.yaml"] = Road.settings(spec)
            try await installation.apply(files)
            #expect(installation.writes == [:])
            let code = spec.contains("mode") ? "plan-mode" : "suspended"
            #expect(try await installation.conditions()["Install/shop"] == code)
            // In the commit that takes the document away the old word holds still.
            try await installation.apply(["settings.yaml": nil])
            #expect(installation.writes == [:])
            try await installation.apply(["README.md": "go"])
            #expect(installation.writes["installs.create"] == 2)
            try await installation.expectRest()
        }
    }

    @Test func `a suspension ends by itself`() async throws {
        try await Installation.with { installation in
            var files = Self.files
            files["settings.yaml"] = Road.settings("{suspend: {reason: The fair, until: \"2020-01-01T00:00:00Z\"}}")
            try await installation.apply(files)
            #expect(installation.writes["installs.create"] == 2)
            try await installation.expectRest()
        }
    }

    @Test func `limits and drift stay strict in the commit that removes the settings`() async throws {
        try await Installation.with { installation in
            var files = Self.files
            files["settings.yaml"] = Road.settings("{drift: report, prune: {enabled: false}}")
            try await installation.apply(files)
            let ids = try await installation.ids()
            _ = try await drift(installation)
            let writes = installation.writes
            try await installation.apply(["settings.yaml": nil, "shop.yaml": nil])
            #expect(installation.writes == writes)
            #expect(
                try await installation.conditions() == [
                    "Install/shop": "prune-disabled", "Install/extra": "drift-reported",
                    "Cluster/prod": "drift-reported",
                ])
            try await installation.apply(["README.md": "go"])
            #expect(installation.object("installs", try #require(ids["Install/shop"])) == nil)
            #expect(installation.writes["installs.create"] == 3)
            try await installation.expectRest()
        }
    }

    @Test func `provenance: journal renders nothing besides`() async throws {
        try await Installation.with { installation in
            var files = Self.files
            files["settings.yaml"] = Road.settings("{provenance: journal}")
            try await installation.apply(files)
            #expect(installation.writes["installs.createRender"] == nil)
            try await installation.expectRest()
        }
    }
}
