import AkuaEmulator
import JSON
import TestSupport
import Testing

/// What can't be changed on a live object is reported, never written and never silently ignored.
@Suite struct ImmutableTests {
    private static let first: [String: String?] = [
        "packages.yaml": Road.package(["1.3.0", "1.4.0"]) + "---\n" + Road.package(["1.3.0"], of: "other"),
        "clusters.yaml": Road.manifest("Cluster", "prod", "{region: eu-central, networkProfile: linux_cilium}")
            + "---\n" + Road.manifest("Cluster", "test", "{region: eu-central}"),
        "shop.yaml": shop("package: checkout"),
    ]
    private static func shop(
        _ target: String, region: String = "eu-central", cluster: String = "prod", values: String = "{replicas: 3}",
        version: String = "1.3.0", more: String = ""
    ) -> String {
        Road.manifest(
            "Install", "shop",
            "{\(target), version: \(version), region: \(region), cluster: \(cluster), values: \(values)\(more)}")
    }

    private struct Change {
        var name: String
        var file: String
        var text: String
        var object: String
        var code = "immutable"
    }

    private static let changes = [
        Change(name: "package", file: "shop.yaml", text: shop("package: other"), object: "Install/shop"),
        Change(
            name: "region", file: "shop.yaml", text: shop("package: checkout", region: "us-east"),
            object: "Install/shop"),
        Change(
            name: "cluster", file: "shop.yaml", text: shop("package: checkout", cluster: "test"),
            object: "Install/shop"),
        Change(
            name: "values", file: "shop.yaml", text: shop("package: checkout", values: "{replicas: 4}"),
            object: "Install/shop", code: "values-unsupported"),
        Change(
            name: "values with a version", file: "shop.yaml",
            text: shop("package: checkout", values: "{replicas: 4}", version: "1.4.0"), object: "Install/shop",
            code: "values-unsupported"),
        Change(
            name: "policy", file: "shop.yaml",
            text: shop("package: checkout", cluster: "test", more: ", onImmutableChange: fail"), object: "Install/shop"
        ),
        Change(
            name: "network profile", file: "clusters.yaml",
            text: Road.manifest("Cluster", "prod", "{region: eu-central, networkProfile: mixed_os_calico}")
                + "---\n" + Road.manifest("Cluster", "test", "{region: eu-central}"),
            object: "Cluster/prod"),
        Change(
            name: "package name", file: "packages.yaml",
            text: Road.package(["1.3.0", "1.4.0"], more: ", name: Checkout") + "---\n"
                + Road.package(["1.3.0"], of: "other"), object: "Package/checkout"),
        Change(
            name: "package description", file: "packages.yaml",
            text: Road.package(["1.3.0", "1.4.0"], more: ", description: The checkout") + "---\n"
                + Road.package(["1.3.0"], of: "other"), object: "Package/checkout"),
        Change(
            name: "package's artifact", file: "packages.yaml",
            text: (Road.package(["1.3.0", "1.4.0"]) + "---\n" + Road.package(["1.3.0"], of: "other"))
                .replacing("acme/checkout", with: "acme/elsewhere"), object: "Package/checkout"),
        Change(
            name: "version's schema", file: "packages.yaml",
            text: Road.package(["1.3.0"]) + "---\n"
                + Road.version(of: "checkout", "1.4.0").replacing("type: object", with: "type: object, title: x")
                + "---\n" + Road.package(["1.3.0"], of: "other"), object: "PackageVersion/checkout-1.4.0"),
        Change(
            name: "version's ref", file: "packages.yaml",
            text: Road.package(["1.3.0"]) + "---\n" + Road.version(of: "checkout", "1.4.0", ref: "sha256:other")
                + "---\n" + Road.package(["1.3.0"], of: "other"), object: "PackageVersion/checkout-1.4.0"),
    ]

    @Test func `changes that can't be made write nothing and are reported until they are taken back`() async throws {
        try await Installation.with {
            $0.workspaces = [.init(id: "ws_test", name: "Test", regions: ["eu-central", "us-east"])]
        } _: { installation in
            try await installation.apply(Self.first)
            let writes = installation.writes
            for change in Self.changes {
                let comment = Comment(rawValue: change.name)
                try await installation.apply([change.file: change.text], status: 75)
                let plan = try await installation.plan()
                #expect(plan.held[change.object] == change.code, comment)
                #expect(plan.reasons == [:], comment)
                #expect(!plan.ending.output.contains("replicas"), "I11: \(plan)")
                #expect(try await installation.conditions()[change.object] == change.code, comment)
                #expect(installation.writes == writes, comment)
                try await installation.apply([change.file: Self.first[change.file] ?? nil])
                #expect(installation.writes == writes, comment)
            }
            try await installation.expectRest()
        }
    }

    @Test func `what a build does not have is refused`() async throws {
        try await Installation.with { installation in
            let pass = try await installation.apply(
                ["shop.yaml": Self.shop("package: checkout", more: ", onImmutableChange: replace")], status: 65)
            #expect(pass.ending.output.contains("not supported by this version"), "\(pass)")
            #expect(installation.writes == [:])
        }
    }

    @Test func `a held install does not hold the rest of its commit`() async throws {
        try await Installation.with { installation in
            try await installation.apply(Self.first)
            try await installation.apply(
                [
                    "shop.yaml": Self.shop("package: checkout", values: "{replicas: 4}"),
                    "extra.yaml": Road.install("extra", "1.4.0"),
                ], status: 75)
            #expect(installation.version(of: try await installation.id(of: "Install/extra")) == "1.4.0")
            #expect(installation.writes["installs.create"] == 2)
            try await installation.expectRest(status: 75)
        }
    }
}
