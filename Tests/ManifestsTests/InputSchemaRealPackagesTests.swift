import JSON
import Testing

@testable import Manifests

/// Schemas of real packages with the values that they ship.
@Suite(.enabled(if: SharedData.has("real-packages"), "no real packages beside the checkout; set AKUA_SHARED_DIR"))
struct InputSchemaRealPackagesTests {
    private func schema(of version: String) throws -> InputSchema {
        try InputSchema(
            compiling: try JSONReader.read(try SharedData.bytes("real-packages/\(version)/values.schema.json")))
    }

    private func values(of version: String) throws -> JSONValue {
        var errors: [YAMLError] = []
        let text = try SharedData.bytes("real-packages/\(version)/values.yaml")
        let values = try YAMLReader.document(in: text).json(errors: &errors)
        #expect(errors.isEmpty)
        return values
    }

    @Test(arguments: RealPackagesTests.versions)
    func `the default values of a real package fit its schema`(_ version: String) throws {
        let violations = try schema(of: version).validate(try values(of: version))
        #expect(violations.map(\.description) == [])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var version: String
        /// Put over the default values, at the top.
        var change: String
        var expected: [String]
        var testDescription: String { "\(version) with \(change)" }

        init(_ version: String, _ change: String, _ expected: String...) {
            (self.version, self.change, self.expected) = (version, change, expected)
        }
    }

    @Test(arguments: [
        Case(
            "traefik/41.3.0", #"{"deploymnt": {}}"#,
            "deploymnt: is no property that the schema knows; did you mean 'deployment'?"),
        Case(
            "traefik/41.3.0", #"{"deployment": {"replicas": "3"}}"#,
            "deployment.replicas: must be a whole number or null, not a string"),
        Case(
            "external-dns/1.21.1", #"{"policy": "syncc"}"#,
            #"policy: must be "create-only", "sync" or "upsert-only""#),
        Case(
            "external-dns/1.21.1", #"{"provider": {"name": 3}, "sources": "service"}"#,
            "provider.name: must be a string, not a number", "sources: must be an array, not a string"),
        Case(
            "cloudnative-pg/0.29.0", #"{"replicaCount": "1"}"#, "replicaCount: must be a whole number, not a string"),
    ])
    func `a slip in the values of a real package is told`(_ row: Case) throws {
        var values = try #require(try values(of: row.version).object)
        for (name, value) in try #require(try JSONReader.read(row.change).object) { values[name] = value }
        let told = try schema(of: row.version).validate(.object(values)).map(\.description)
        #expect(told == row.expected)
    }
}
