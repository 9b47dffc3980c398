import AkuaEmulator
import JSON
import TestSupport
import Testing

/// Packages that the platform builds from a chart.
@Suite struct HelmTests {
    private static func chart(_ revision: String, more: String = "") -> String {
        Road.manifest(
            "Package", "redis",
            "{helm: {repoURL: oci://charts.example.com/acme, chart: redis, targetRevision: \(revision), "
                + "path: charts/redis, values: {replicas: 3, ratio: 1.10}}\(more)}")
    }
    private static let install = Road.manifest(
        "Install", "cache", "{package: redis, version: latest, region: eu-central}")

    @Test func `a chart and its install come to be in one pass, with everything that the chart needs`() async throws {
        try await Installation.with { installation in
            try await installation.apply(["chart.yaml": Self.chart("7.2.1"), "cache.yaml": Self.install])
            let create = try #require(
                installation.emulator.emulator.requests().first { $0.call == "packages.create" })
            let body = String(decoding: create.body, as: UTF8.self)
            #expect(
                body.contains(
                    #""sources":[{"kind":"helm","repo_url":"oci://charts.example.com/acme","chart":"redis","#
                        + #""target_revision":"7.2.1","path":"charts/redis","values":{"replicas":3,"ratio":1.10}}]"#),
                "\(body)")
            let (package, cache) = (
                try await installation.id(of: "Package/redis"), try await installation.id(of: "Install/cache")
            )
            #expect(installation.writes(on: package) == ["packages.create": 1])
            #expect(
                installation.writes(on: cache) == [
                    "installs.create": 1, "installs.setAutomaticUpdates": 1, "installs.createRender": 1,
                ])
            #expect(installation.version(of: cache) == "7.2.1")
            try await installation.expectRest()
        }
    }

    @Test func `another revision of a chart can't be had, and is reported`() async throws {
        try await Installation.with { installation in
            try await installation.apply(["chart.yaml": Self.chart("7.2.1")])
            let writes = installation.writes
            try await installation.apply(["chart.yaml": Self.chart("7.3.0")], status: 75)
            #expect(try await installation.plan().held == ["Package/redis": "immutable"])
            #expect(installation.writes == writes)
            try await installation.apply(["chart.yaml": Self.chart("7.2.1")])
            try await installation.expectRest()
        }
    }

    @Test func `a chart's package takes no description and no versions from elsewhere`() async throws {
        try await Installation.with { installation in
            let pass = try await installation.apply(
                ["chart.yaml": Self.chart("7.2.1", more: ", description: A cache")], status: 65)
            #expect(pass.ending.output.contains("chart.yaml"), "\(pass)")
            try await installation.apply(
                ["chart.yaml": Self.chart("7.2.1"), "version.yaml": Road.version(of: "redis", "7.3.0")], status: 65)
            #expect(installation.writes == [:])
        }
    }

    @Test func `a chart's package is pruned after its install`() async throws {
        try await Installation.with { installation in
            try await installation.apply([
                "chart.yaml": Self.chart("7.2.1"), "cache.yaml": Self.install,
                "other.yaml": Road.package(["1.0.0"]),
            ])
            let package = try await installation.id(of: "Package/redis")
            try await installation.apply(["chart.yaml": nil, "cache.yaml": nil])
            #expect(installation.live("installs").isEmpty)
            #expect(installation.object("packages", package) == nil)
            #expect(installation.writesInOrder.suffix(2) == ["installs.delete", "packages.delete"])
            try await installation.expectRest()
        }
    }
}
