import Foundation
import JSON
import Manifests
import Testing

/// Where data is that is not part of the repository: beside the checkout, or where `AKUA_SHARED_DIR` says.
enum SharedData {
    static let root: URL = {
        if let path = ProcessInfo.processInfo.environment["AKUA_SHARED_DIR"] { return URL(filePath: path) }
        return URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared")
    }()

    static func has(_ path: String) -> Bool { FileManager.default.fileExists(atPath: root.appending(path: path).path) }

    static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: root.appending(path: path))) }
}

@Suite(.enabled(if: SharedData.has("real-packages"), "no real packages beside the checkout; set AKUA_SHARED_DIR"))
struct RealPackagesTests {
    static let versions = [
        "cloudnative-pg/0.28.1", "cloudnative-pg/0.28.2", "cloudnative-pg/0.28.3", "cloudnative-pg/0.29.0",
        "external-dns/1.19.0", "external-dns/1.20.0", "external-dns/1.21.0", "external-dns/1.21.1", "traefik/41.1.0",
        "traefik/41.1.1", "traefik/41.2.0", "traefik/41.3.0",
    ]

    @Test(arguments: versions)
    func `values and schemas of a real package reach the desired state`(_ version: String) async throws {
        var tree = FileTree([
            "i.yaml": manifest("Install", "i", "product: p", "region: eu", "valuesFrom: [{file: v/values.yaml}]"),
            "v.yaml": manifest(
                "PackageVersion", "v", "packageID: pkg_1", "semver: 1.0.0", "ref: r",
                "inputSchemaFile: v/values.schema.json"),
        ])
        tree.texts["v/values.yaml"] = try SharedData.bytes("real-packages/\(version)/values.yaml")
        tree.texts["v/values.schema.json"] = try SharedData.bytes("real-packages/\(version)/values.schema.json")
        let state = try await tree.state()
        let schema = try JSONReader.read(try SharedData.bytes("real-packages/\(version)/values.schema.json"))
        #expect(state.packageVersions.first.map { .object($0.inputSchema) } == schema)
        let values = try #require(state.installs.first?.values)
        #expect(try JSONReader.read(JSONWriter().bytes(of: .object(values))) == .object(values))
    }

    struct Fact: Sendable, CustomTestStringConvertible {
        var version: String
        /// From the root, with dots.
        var path: String
        /// As JSON, to the digit.
        var json: String
        var testDescription: String { "\(version) \(path) is \(json)" }
    }

    /// Read off the files by eye.
    @Test(arguments: [
        Fact(version: "traefik/41.3.0", path: "ports.web.port", json: "8000"),
        Fact(version: "traefik/41.3.0", path: "ports.websecure.exposedPort", json: "443"),
        Fact(version: "traefik/41.3.0", path: "deployment.enabled", json: "true"),
        Fact(version: "traefik/41.3.0", path: "ingressRoute.dashboard.entryPoints", json: #"["traefik"]"#),
        Fact(version: "external-dns/1.21.1", path: "revisionHistoryLimit", json: "null"),
        Fact(version: "external-dns/1.21.1", path: "securityContext.capabilities.drop", json: #"["ALL"]"#),
        Fact(version: "cloudnative-pg/0.29.0", path: "replicaCount", json: "1"),
        Fact(version: "cloudnative-pg/0.29.0", path: "webhook.port", json: "9443"),
    ])
    func `a value is the one in the file`(_ fact: Fact) throws {
        let root = try YAMLReader.document(in: try SharedData.bytes("real-packages/\(fact.version)/values.yaml"))
        var errors: [YAMLError] = []
        var value = root.json(errors: &errors)
        for part in fact.path.split(separator: ".") { value = value[String(part)] ?? .null }
        #expect(JSONWriter().text(of: value) == fact.json)
    }
}
