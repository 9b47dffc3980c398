import JSON
import Manifests
import Testing

/// What each kind says when it is right.
@Suite struct ManifestTests {
    @Test func `a Package from an OCI repository`() async throws {
        let text = """
            apiVersion: gitops.akua.dev/v1
            kind: Package
            metadata:
              name: checkout
              labels: {team: payments, tier: 1}
              annotations: {example.com/owner: "Ada & Bob"}
            spec:
              ociRef: oci://registry.example.com:5000/acme/checkout
              description: |
                Two
                lines
              name: Checkout
              packageID: pkg_1
              deletionPolicy: retain
              suspend: true
            """
        var header = ManifestHeader(
            name: "checkout", location: SourceLocation(file: "a/p.yaml", line: 1, column: 1))
        header.labels = ["team": "payments", "tier": "1"]
        header.annotations = ["example.com/owner": "Ada & Bob"]
        header.deletionPolicy = .retain
        header.isSuspended = true
        #expect(
            try await FileTree(["a/p.yaml": text]).state().packages == [
                PackageManifest(
                    header: header, source: .oci(reference: "oci://registry.example.com:5000/acme/checkout"),
                    description: "Two\nlines\n", apiName: "Checkout", adoptedID: "pkg_1")
            ])
    }

    @Test func `a Package from a chart`() async throws {
        let text = manifest(
            "Package", "redis", "helm:", "  repoURL: oci://registry.example.com/charts", "  chart: redis",
            "  targetRevision: 1.10", "  path: sub", "  values: {a: 1.10, b: 0o17}")
        let package = try #require(try await FileTree(["p.yaml": text]).state().packages.first)
        #expect(
            package.source
                == .helm(
                    .init(
                        repoURL: "oci://registry.example.com/charts", chart: "redis", targetRevision: "1.10",
                        path: "sub", values: try object(#"{"a":1.10,"b":15}"#))))
        #expect(package.apiName == "redis")
        #expect(package.description == nil)
    }

    @Test func `a PackageVersion`() async throws {
        let text =
            manifest(
                "PackageVersion", "checkout-1.4.0", "package: checkout", "semver: 1.4.0", "ref: sha256:00ff",
                "inputSchema: {type: object, properties: {n: {multipleOf: .5}}}", "compatibility:",
                "  clusterTypes: [managed_kaas]", "  kubernetes: {minVersion: 1.30, maxVersion: '1.33'}",
                "  placement: {providers: any, regions: [eu, no]}", "  kaas: {networkProfile: linux_cilium}")
        let version = try #require(try await FileTree(["v.yaml": text]).state().packageVersions.first)
        #expect(version.package == .name("checkout"))
        #expect(version.semver == "1.4.0")
        #expect(version.ref == "sha256:00ff")
        #expect(version.inputSchema == (try object(#"{"type":"object","properties":{"n":{"multipleOf":0.5}}}"#)))
        #expect(
            version.compatibility
                == (try object(
                    #"{"clusterTypes":["managed_kaas"],"kubernetes":{"minVersion":"1.30","maxVersion":"1.33"},"placement":{"providers":"any","regions":["eu","no"]},"kaas":{"networkProfile":"linux_cilium"}}"#
                )))
    }

    @Test func `an empty compatibility says nothing`() async throws {
        let text = manifest(
            "PackageVersion", "v", "packageID: pkg_1", "semver: 1.0.0-rc.1+b", "ref: r", "inputSchema: {}",
            "compatibility: {}")
        let version = try #require(try await FileTree(["v.yaml": text]).state().packageVersions.first)
        #expect(version.compatibility == nil)
        #expect(version.package == .id("pkg_1"))
        #expect(version.semver == "1.0.0-rc.1+b")
    }

    @Test func `a Cluster`() async throws {
        let text = manifest(
            "Cluster", "prod-eu", "region: eu-central", "networkProfile: mixed_os_calico", "name: Production",
            "clusterID: clu_1")
        let cluster = try #require(try await FileTree(["c.yaml": text]).state().clusters.first)
        #expect(cluster.region == .name("eu-central"))
        #expect(cluster.networkProfile == "mixed_os_calico")
        #expect(cluster.apiName == "Production")
        #expect(cluster.adoptedID == "clu_1")
        let bare = try await FileTree(["c.yaml": manifest("Cluster", "c", "regionID: abcd_1")]).state().clusters.first
        #expect(bare?.region == .id("abcd_1"))
        #expect(bare?.networkProfile == nil)
        #expect(bare?.apiName == "c")
    }

    @Test func `an Install of a package`() async throws {
        let text = manifest(
            "Install", "checkout-eu", "package: checkout", "version: ~1.4", "region: eu-central", "cluster: prod-eu",
            "values: {replicas: 3, version: 1.10}", "automaticUpdates: true", "dependsOn: [Package/checkout]",
            "wait: {timeout: 1h30m}", "onImmutableChange: fail", "installID: inst_1")
        let source = [
            "i.yaml": text, "p.yaml": manifest("Package", "checkout", "ociRef: oci://r.example.com/a/b"),
        ]
        let install = try #require(try await FileTree(source).state().installs.first)
        let range = try #require(VersionRange("~1.4"))
        #expect(install.target == .package(.name("checkout"), version: .range(range)))
        #expect(install.region == .name("eu-central"))
        #expect(install.cluster == .name("prod-eu"))
        #expect(JSONWriter().text(of: .object(install.values)) == #"{"replicas":3,"version":1.10}"#)
        #expect(install.automaticUpdates)
        #expect(install.dependsOn == [ObjectReference(.package, "checkout")])
        #expect(install.waitTimeout == .seconds(5_400))
        #expect(install.adoptedID == "inst_1")
    }

    @Test func `an Install of a product, with the defaults`() async throws {
        let text = manifest("Install", "x", "productID: prod_1", "regionID: reg_1", "clusterID: clu_1", "values:")
        let install = try #require(try await FileTree(["i.yaml": text]).state().installs.first)
        #expect(install.target == .product(.id("prod_1")))
        #expect(install.region == .id("reg_1"))
        #expect(install.cluster == .id("clu_1"))
        #expect(install.values.isEmpty)
        #expect(!install.automaticUpdates)
        #expect(install.waitTimeout == .seconds(900))
        #expect(install.onImmutableChange == .fail)
        #expect(install.header.deletionPolicy == .delete)
        #expect(!install.header.isSuspended)
    }

    @Test(arguments: [
        ("1.4.0", VersionSelector.exact("1.4.0")), ("1.4.0-rc.1+build", .exact("1.4.0-rc.1+build")),
        ("latest", .latest), ("'1.10.0'", .exact("1.10.0")),
    ])
    func `versions that are no range`(_ version: String, _ selector: VersionSelector) async throws {
        #expect(try await target(version) == .package(.id("pkg_1"), version: selector))
    }

    @Test(arguments: ["1.10", "^1.2", "1", "'>=1.4 <2'", "'*'", "1.x || 3", "1.2 - 2"])
    func `versions that are a range`(_ version: String) async throws {
        let range = try #require(VersionRange(version.replacing("'", with: "")))
        #expect(try await target(version) == .package(.id("pkg_1"), version: .range(range)))
    }

    private func target(_ version: String) async throws -> InstallManifest.Target? {
        let text = manifest("Install", "x", "packageID: pkg_1", "version: \(version)", "region: eu")
        return try await FileTree(["i.yaml": text]).state().installs.first?.target
    }

    @Test func `Settings in full`() async throws {
        let text = manifest(
            "Settings", "settings", "interval: 10m", "suspend: {reason: freeze, until: 2026-12-01T08:00:00Z}",
            "mode: plan", "prune: {enabled: false, maxDeletes: 0, maxDeletePercent: 100}", "drift: report",
            "provenance: journal", "concurrency: 8", "retry: {attempts: 5, backoff: 100ms, maxBackoff: 1m}",
            "timeouts: {request: 10s, artifact: 1m, operation: 1h}")
        let state = try await FileTree(["s.yaml": text]).state()
        var settings = Settings()
        settings.interval = .seconds(600)
        settings.suspension = .init(reason: "freeze", until: 1_796_112_000)
        settings.mode = .plan
        settings.prune.isEnabled = false
        settings.prune.maxDeletes = 0
        settings.prune.maxDeletePercent = 100
        settings.drift = .report
        settings.provenance = .journal
        settings.concurrency = 8
        settings.retry.attempts = 5
        settings.retry.backoff = .milliseconds(100)
        settings.retry.maxBackoff = .seconds(60)
        settings.timeouts.request = .seconds(10)
        settings.timeouts.artifact = .seconds(60)
        settings.timeouts.operation = .seconds(3_600)
        #expect(state.settings == settings)
        #expect(state.hasSettings)
    }

    @Test(arguments: ["spec: {}", "spec:", "", "spec: {prune: {}, retry: {}, timeouts: {}}"])
    func `Settings that say nothing are the defaults`(_ spec: String) async throws {
        let text = "apiVersion: gitops.akua.dev/v1\nkind: Settings\nmetadata: {name: settings}\n\(spec)\n"
        let state = try await FileTree(["s.yaml": text]).state()
        #expect(state.settings == Settings())
        #expect(state.hasSettings)
    }

    @Test func `a JSON file is a manifest like any other`() async throws {
        let text = #"""
            {"apiVersion": "gitops.akua.dev/v1", "kind": "Install", "metadata": {"name": "x"},
             "spec": {"packageID": "pkg_1", "version": "1.4.0", "region": "eu", "values": {"e": "\ud83d\ude00", "n": 1e400}}}
            """#
        let install = try #require(try await FileTree(["i.json": text]).state().installs.first)
        #expect(JSONWriter().text(of: .object(install.values)) == #"{"e":"😀","n":1e400}"#)
        #expect(install.header.location == SourceLocation(file: "i.json", line: 1, column: 1))
    }

    private func object(_ json: String) throws -> JSONObject { try #require(try JSONReader.read(json).object) }
}
