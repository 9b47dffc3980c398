import GitSource
import JSON
import Manifests
import Planning
import Reconciler
import TestSupport
import Testing

@testable import akua_gitops

/// What `validate` prints of whole trees, held still: the text of each finding is what a user acts on.
@Suite struct ValidateOutputTests {
    private func findings(_ files: [String: String]) async throws -> ManifestFindings {
        let folder = try TemporaryFolder()
        for (path, text) in files { try folder.write(text, to: path) }
        switch try await WorkTreeRepository.read(WorkTree(folder.path), path: "") {
        case .valid(let declarations, let warnings):
            return ManifestFindings(warnings: warnings, objects: declarations.headers.count)
        case .invalid(let errors): return ManifestFindings(errors: errors)
        case .empty(let sentence):
            Issue.record("\(sentence)")
            return ManifestFindings()
        }
    }

    private func hold(_ findings: ManifestFindings, _ name: String) throws {
        try Golden.expect(findings.text(Terminal(hasColor: false)), is: "validate/\(name).txt")
        try Golden.expect(findings.text(Terminal(hasColor: true)), is: "validate/\(name).color.txt")
        let json = JSONWriter(isPretty: true).text(of: findings.document) + "\n"
        try Golden.expect(json, is: "validate/\(name).json")
        #expect(try JSONReader.read(json) == findings.document)
    }

    private static let package = """
        apiVersion: gitops.akua.dev/v1
        kind: Package
        metadata: {name: checkout}
        spec: {ociRef: oci://registry.example.com/acme/checkout}

        """

    /// Version 1.0.0 of the package, with an input schema in YAML's flow style.
    private static func version(_ inputSchema: String) -> String {
        """
        apiVersion: gitops.akua.dev/v1
        kind: PackageVersion
        metadata: {name: checkout-1.0.0}
        spec:
          package: checkout
          semver: 1.0.0
          ref: r
          inputSchema: \(inputSchema)
        """
    }

    @Test func `twelve different mistakes are told in one run`() async throws {
        let findings = try await findings([
            "kind.yaml": "apiVersion: gitops.akua.dev/v1\nkind: Instal\nmetadata: {name: x}\n",
            "group.yaml": "apiVersion: gitops.akua.dv/v1\nkind: Install\n",
            "nothing.yaml": "hello: world\n",
            "syntax.yaml": "a: b\n c: d\n",
            "package.yaml": Self.package + "---\n" + Self.package,
            "version.yaml": """
            apiVersion: gitops.akua.dev/v1
            kind: PackageVersion
            metadata: {name: checkout-1.0}
            spec: {package: checkout, semver: "1.0", ref: r, inputSchemaFile: schema.json}
            """,
            "install.yaml": """
            apiVersion: gitops.akua.dev/v1
            kind: Install
            metadata: {name: checkout-eu}
            spec:
              pakage: checkout
              version: ">=1 <"
              regoin: eu-central
              automaticUpdates: often
              values: {ratio: .inf, when: !date 2026-01-01}
              valuesFrom: [{file: missing.yaml}]
            """,
            "hostile.yaml": "apiVersion: gitops.akua.dev/v1\nkind: \"In\\e[31mstall\\u2028\"\n",
        ])
        #expect(findings.errors.count >= 12)
        try hold(findings, "mistakes")
    }

    @Test func `mistakes between documents are told with their places`() async throws {
        try hold(
            try await findings([
                "package.yaml": Self.package,
                "version.yaml": Self.version(
                    "{type: object, additionalProperties: false, properties: {replicas: {type: integer}}}"),
                "installs.yaml": """
                apiVersion: gitops.akua.dev/v1
                kind: Install
                metadata: {name: a}
                spec: {package: checkout, version: 1.0.0, region: eu, dependsOn: [Install/b], values: {replicas: many}}
                ---
                apiVersion: gitops.akua.dev/v1
                kind: Install
                metadata: {name: b}
                spec: {package: checkout, version: 1.0.0, region: eu, dependsOn: [Install/a], values: {replica: 1}}
                ---
                apiVersion: gitops.akua.dev/v1
                kind: Install
                metadata: {name: A}
                spec: {package: checkout, version: 1.0.0, region: eu, dependsOn: [Install/c]}
                """,
            ]), "between")
    }

    @Test func `what only the workspace can know is a warning`() async throws {
        let findings = try await findings([
            "package.yaml": Self.package,
            "install.yaml": """
            apiVersion: gitops.akua.dev/v1
            kind: Install
            metadata: {name: checkout-eu}
            spec: {package: chekout, version: 1.0.0, region: eu-central}
            """,
        ])
        #expect(findings.errors.isEmpty)
        try hold(findings, "warnings")
    }

    @Test func `good manifests are counted`() async throws {
        try hold(try await findings(["package.yaml": Self.package]), "good")
    }

    @Test(arguments: [
        "http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-06/schema#",
        "https://json-schema.org/draft/2019-09/schema", "https://example.com/our-own",
    ])
    func `a schema of a dialect that can't be checked here is a warning`(_ dialect: String) async throws {
        // Real packages come with such schemas, and the platform judges values by them.
        let findings = try await findings([
            "package.yaml": Self.package,
            "version.yaml": Self.version(
                "{$schema: \"\(dialect)\", properties: {replicas: {type: number, minimum: 1, exclusiveMinimum: true}, "
                    + "$ref: {id: 4}}}"),
            "install.yaml": """
            apiVersion: gitops.akua.dev/v1
            kind: Install
            metadata: {name: checkout-eu}
            spec: {package: checkout, version: 1.0.0, region: eu-central, values: {replicas: many}}
            """,
        ])
        #expect(findings.errors == [])
        #expect(findings.warnings.count == 1)
        #expect(findings.warnings.first?.problem.contains("values are not checked against it") == true)
    }
}
