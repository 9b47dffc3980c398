import Foundation
import JSON
import Testing

@testable import Manifests

/// The examples that users begin with, read from the repository.
@Suite struct ExamplesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "examples/platform")

    private func tree() throws -> FileTree {
        var tree = FileTree([:])
        for path in try FileManager.default.subpathsOfDirectory(atPath: Self.root.path) {
            let url = Self.root.appending(path: path)
            guard !url.hasDirectoryPath, let data = FileManager.default.contents(atPath: url.path) else { continue }
            tree.texts[path] = Array(data)
        }
        return tree
    }

    @Test func `the examples are right, values included, and leave no doubt`() async throws {
        let reading = try await ManifestReader().read(try tree(), checksValues: true)
        guard case .valid(let state, let warnings) = reading else {
            Issue.record("\(reading)")
            return
        }
        #expect(warnings == [])
        #expect(state.packages.count == 2)
        #expect(state.packageVersions.count == 6)
        #expect(!state.installs.isEmpty)
        #expect(state.hasSettings)
    }

    @Test func `the printed schema accepts what the parser accepts`() async throws {
        let schema = try InputSchema(compiling: ManifestSchema.document)
        var count = 0
        for (path, bytes) in try tree().texts where path.hasSuffix(".yaml") && !path.hasPrefix("values/") {
            try YAMLReader.read(bytes) { document in
                var errors: [YAMLError] = []
                let violations = schema.validate(document.root.json(errors: &errors))
                #expect(violations.map(\.description) == [], "\(path)")
                count += 1
            }
        }
        #expect(count > 10)
    }

    @Test(arguments: [
        "kind: Cluster\nspec: {region: eu}", "kind: Cluster\nspec: {}", "kind: Cluster\nspec: {region: a, regionID: b}",
        "kind: Cluster\nspec: {region: eu, regoin: eu}", "kind: Cluster", "kind: Clutser\nspec: {region: eu}",
        "kind: Settings", "kind: Settings\nspec: {mode: plan}", "kind: Settings\nspec: {mode: dry}",
        "kind: Settings\nspec: {values: {}}", "kind: Settings\nspec: {interval: 5m}",
        "kind: Settings\nspec: {interval: 5}",
        "kind: Install\nspec: {package: p, version: latest, region: eu}",
        "kind: Install\nspec: {package: p, region: eu}",
        "kind: Install\nspec: {product: p, version: 1.0.0, region: eu}",
        "kind: Install\nspec: {product: p, region: eu}",
        "kind: Install\nspec: {product: p, region: eu, cluster: a, clusterID: b}",
        "kind: Install\nspec: {product: p, package: q, version: 1.0.0, region: eu}",
        "kind: Install\nspec: {product: p, region: eu, onImmutableChange: replace}",
        "kind: Install\nspec: {product: p, region: eu, valuesFrom: [{file: a}, {}]}",
        "kind: Package\nspec: {ociRef: 'oci://h/r'}", "kind: Package\nspec: {ociRef: 'oci://h/r:1'}",
        "kind: Package\nspec: {helm: {repoURL: 'oci://h', targetRevision: 1.10}}",
        "kind: Package\nspec: {helm: {repoURL: 'oci://h', targetRevision: 1}, description: x}",
        "kind: PackageVersion\nspec: {package: p, semver: 1.0.0, ref: r, inputSchema: {}, compatibility: {}}",
        "kind: PackageVersion\nspec: {package: p, semver: 1.0.0, ref: r, inputSchema: {}, compatibility: {kaas: {}}}",
        "kind: PackageVersion\nspec: {package: p, semver: v1, ref: r, inputSchema: {}}",
    ])
    func `the printed schema refuses what the parser refuses`(_ body: String) async throws {
        let name = body.hasPrefix("kind: Settings") ? "settings" : "x"
        let text = "apiVersion: gitops.akua.dev/v1\nmetadata: {name: \(name)}\n\(body)\n"
        // Files that are named need not be there: the schema knows of one document only.
        let errors = try await FileTree(["a.yaml": text, "a": "{}"]).errors()
        let schema = try InputSchema(compiling: ManifestSchema.document)
        var found: [YAMLError] = []
        let value = try YAMLReader.document(in: Array(text.utf8)).json(errors: &found)
        #expect(schema.validate(value).isEmpty == errors.isEmpty, "\(errors) \(schema.validate(value))")
    }
}
