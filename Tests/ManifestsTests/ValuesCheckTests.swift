import Manifests
import Testing

/// Values against the input schemas of the versions declared beside them.
@Suite struct ValuesCheckTests {
    private static let schema = """
        {"type": "object", "additionalProperties": false, "required": ["host"], "properties": {
         "host": {"type": "string"}, "replicas": {"type": "integer", "minimum": 1}, "list": {"items": {"type": "string"}},
         "db": {"properties": {"pool": {"maximum": 10}, "password": {"type": "string"}}}}}
        """

    private func source(version: String = "1.0.0", _ lines: String...) -> [String: String] {
        [
            "p.yaml": manifest("Package", "p", "ociRef: oci://h/p"),
            "v1.yaml": manifest(
                "PackageVersion", "v1", "package: p", "semver: 1.0.0", "ref: r", "inputSchemaFile: s.json"),
            "v2.yaml": manifest(
                "PackageVersion", "v2", "package: p", "semver: 2.0.0-rc.1", "ref: r", "inputSchema: {maxProperties: 0}"),
            "s.json": Self.schema,
            "i.yaml": "# a comment\n---\n"
                + manifest(
                    "Install", "i",
                    (["package: p", "version: \(version)", "region: eu"] + lines).joined(separator: "\n")),
        ]
    }

    private func check(_ files: [String: String]) async throws -> (errors: [String], warnings: [String]) {
        switch try await ManifestReader().read(FileTree(files), checksValues: true) {
        case .invalid(let errors): (errors.map(\.description), [])
        case .valid(_, let warnings): ([], warnings.map(\.description))
        case .empty: (["empty"], [])
        }
    }

    @Test func `values that fit are fine`() async throws {
        let (errors, warnings) = try await check(source("values: {host: a, replicas: 2, db: {pool: 10}}"))
        #expect(errors == [])
        #expect(warnings == [])
    }

    @Test func `each value that does not fit is told with its place`() async throws {
        let (errors, _) = try await check(
            source("values:", "  replicas: two", "  db: {pool: 11}", "  list: [a, 1]", "  hots: b"))
        #expect(
            errors == [
                "i.yaml:11:5: Install/i: by PackageVersion/v1, values must have the property 'host'",
                "i.yaml:11:15: Install/i: by PackageVersion/v1, values.replicas must be a whole number, not a string",
                "i.yaml:12:16: Install/i: by PackageVersion/v1, values.db.pool must be at most 10",
                "i.yaml:13:15: Install/i: by PackageVersion/v1, values.list.1 must be a string, not a number",
                "i.yaml:14:5: Install/i: by PackageVersion/v1, values.hots is no property that the schema knows; "
                    + "did you mean 'host'?",
            ])
    }

    @Test func `a value from a file is told with its place there`() async throws {
        var files = source("valuesFrom: [{file: base.yaml}, {file: over.json}]", "values: {host: a}")
        files["base.yaml"] = "replicas: 0\nlist:\n  - 1\ndb: {pool: 11}\n"
        files["over.json"] = #"{"db": {"pool": 12}}"#
        let (errors, _) = try await check(files)
        #expect(
            errors == [
                "base.yaml:1:11: Install/i: by PackageVersion/v1, values.replicas must be at least 1",
                "base.yaml:3:5: Install/i: by PackageVersion/v1, values.list.0 must be a string, not a number",
                "over.json:1:17: Install/i: by PackageVersion/v1, values.db.pool must be at most 10",
            ])
    }

    @Test func `values that are missing altogether are told at the version`() async throws {
        #expect(
            try await check(source()).errors == [
                "i.yaml:8:12: Install/i: by PackageVersion/v1, values must have the property 'host'"
            ])
    }

    @Test(arguments: [
        ("1.0.0", "v1"), ("latest", "v1"), ("^1", "v1"), ("'*'", "v1"), ("2.0.0-rc.1", "v2"), ("'>=2.0.0-rc.0'", "v2"),
    ])
    func `the version that an install gets decides`(_ version: String, _ name: String) async throws {
        let (errors, _) = try await check(source(version: version, "values: {unknown: 1}"))
        #expect(!errors.isEmpty)
        #expect(errors.allSatisfy { $0.contains(": by PackageVersion/\(name), values") })
    }

    @Test func `what only the workspace can know is a warning`() async throws {
        let files = [
            "a.yaml": manifest("Install", "a", "package: elsewhere", "version: 1.0.0", "region: eu"),
            "b.yaml": manifest("Install", "b", "product: p", "region: eu"),
        ]
        let (errors, warnings) = try await check(files)
        #expect(errors == [])
        #expect(
            warnings == [
                "a.yaml:6:12: the values of Install/a are not checked: no version of its package is declared here",
                "b.yaml:3:18: the values of Install/b are not checked: what its product installs, the workspace knows",
            ])
    }

    @Test func `a schema that is none is an error where it is written`() async throws {
        let files = [
            "v.yaml": manifest(
                "PackageVersion", "v", "packageID: pkg_1", "semver: 1.0.0", "ref: r",
                "inputSchema: {properties: {a: {type: strnig}}}"),
            "w.yaml": manifest(
                "PackageVersion", "w", "packageID: pkg_2", "semver: 1.0.0", "ref: r", "inputSchemaFile: w.json"),
            "w.json": "{\"properties\":\n {\"a\": 1}}",
        ]
        let (errors, _) = try await check(files)
        #expect(
            errors == [
                "v.yaml:8:40: the inputSchema of PackageVersion/v can't be used: type must be one of null, boolean,"
                    + " object, array, number, integer and string, or a list of them",
                "w.json:2:8: the inputSchema of PackageVersion/w can't be used: a schema must be an object, true or"
                    + " false, not a number",
            ])
    }

    @Test func `a schema that refers elsewhere is a warning`() async throws {
        let (errors, warnings) = try await check([
            "v.yaml": manifest(
                "PackageVersion", "v", "packageID: pkg_1", "semver: 1.0.0", "ref: r",
                "inputSchema: {$ref: 'https://example.com/s'}")
        ])
        #expect(errors == [])
        #expect(warnings.count == 1)
        #expect(warnings.first?.hasSuffix("; values are not checked against it") == true)
    }

    @Test func `I11: no value is in an error`() async throws {
        let secret = "3f9a1c77b0de4a55"
        let (errors, _) = try await check(
            source("values: {host: [\(secret)], replicas: \(secret), db: {password: [\(secret)]}}"))
        #expect(errors.count == 3)
        #expect(!errors.joined().contains(secret))
    }

    @Test func `without being asked nothing is checked`() async throws {
        let reading = try await FileTree(source("values: {replicas: two}")).read()
        guard case .valid = reading else {
            Issue.record("\(reading)")
            return
        }
    }
}
