import Foundation
import JSON
import Testing

@testable import Manifests

@Suite struct ManifestSchemaTests {
    private static let golden = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Golden/schema.json")

    /// `UPDATE_GOLDEN=1` writes the file anew.
    @Test func `the schema is the one that users were given`() throws {
        let schema = JSONWriter(isPretty: true).text(of: ManifestSchema.document) + "\n"
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
            try schema.write(to: Self.golden, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: Self.golden, encoding: .utf8) == schema)
    }

    private static let forms: [(name: String, form: TextForm)] = [
        ("name", .name), ("labelValue", .labelValue), ("labelKey", .labelKey), ("identifier", .identifier),
        ("ociRepository", .ociRepository), ("ociURL", .ociURL), ("semver", .semver),
    ]
    private static let samples = [
        "", "a", "A9", "a-b", "-a", "a-", "a.b", ".a", "a.", "..", ".", "a_b", "_", "a b", " a", "a/b", "/a", "a/",
        "a//b",
        "A/b", "example.com/a", "example.com/a/b", "-x/a", "x-/a", "x.y/a", "é", "aé", "a\n", "pkg_1", "pkg-1~x", "~",
        "a:b",
        "oci://", "oci://h", "oci://h/", "oci://h/r", "oci://h:5000/r", "oci://h/r:1", "oci://h/r@sha256:0",
        "oci://u:p@h/r",
        "oci://h/r/s", "oci://h//s", "oci://h/r s", "https://h/r", "OCI://h/r", "1.2.3", "1.2", "01.2.3", "1.2.3-rc.1",
        "1.2.3-01", "1.2.3-", "1.2.3+b.01", "1.2.3+", "v1.2.3", "1.2.3-a+b", "1.2.3--", "1.2.3-0a",
        "99999999999999999999.0.0",
        String(repeating: "a", count: 63), String(repeating: "a", count: 64), String(repeating: "a", count: 100),
        String(repeating: "a", count: 101), String(repeating: "a", count: 253) + "/b",
        String(repeating: "a", count: 254) + "/b",
    ]

    @Test(arguments: forms.map(\.name))
    func `what the parser checks and what the schema says are one`(_ name: String) throws {
        let form = try #require(Self.forms.first { $0.name == name }).form
        // Without multiline mode `$` in ECMA-262 means the very end, as `wholeMatch` does.
        let pattern = try Regex(form.pattern)
        for sample in Self.samples {
            #expect(form.accepts(sample) == (try pattern.wholeMatch(in: sample) != nil), "\(sample.debugDescription)")
        }
    }

    struct Duration: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var milliseconds: Int?
    }

    @Test(arguments: [
        Duration(testDescription: "5m", milliseconds: 300_000),
        Duration(testDescription: "1h30m", milliseconds: 5_400_000),
        Duration(testDescription: "1h1m1s1ms", milliseconds: 3_661_001),
        Duration(testDescription: "200ms", milliseconds: 200),
        Duration(testDescription: "0s", milliseconds: 0), Duration(testDescription: "90m", milliseconds: 5_400_000),
        Duration(testDescription: "1m500ms", milliseconds: 60_500), Duration(testDescription: "5"),
        Duration(testDescription: "m"), Duration(testDescription: "5M"), Duration(testDescription: "5 m"),
        Duration(testDescription: "1m1h"), Duration(testDescription: "1m1m"), Duration(testDescription: "1.5h"),
        Duration(testDescription: "-1m"), Duration(testDescription: "1d"), Duration(testDescription: "1ms1s"),
        Duration(testDescription: "99999999999h"), Duration(testDescription: "5min"), Duration(testDescription: "٥m"),
    ])
    func `a length of time is what its pattern matches`(_ row: Duration) throws {
        let text = row.testDescription
        #expect(DurationText.parse(text) == row.milliseconds.map { .milliseconds($0) })
        let schema = FieldRule<Swift.Duration>.duration(.zero...(.seconds(1))).schema
        let pattern = try Regex(try #require(schema["pattern"]?.string))
        // Eleven digits are a matter of bounds, not of form.
        guard text.utf8.count < 12 else { return }
        #expect((try pattern.wholeMatch(in: text) != nil) == (row.milliseconds != nil))
    }

    @Test(arguments: [
        (Swift.Duration.seconds(5_400), "1h30m"), (.milliseconds(200), "200ms"), (.zero, "0s"),
        (.seconds(86_400), "24h"),
        (.milliseconds(61_001), "1m1s1ms"),
    ])
    func `a length of time is written the way it is read`(_ duration: Swift.Duration, _ text: String) {
        #expect(DurationText.text(of: duration) == text)
        #expect(DurationText.parse(text) == duration)
    }

    /// The defaults that the schema shows are those of the values that a manifest without the fields becomes.
    @Test func `the defaults in the schema are true`() async throws {
        let definitions = try #require(ManifestSchema.document["$defs"]?.object)
        for kind in DocumentKind.allCases {
            let spec = try #require(Self.minimal[kind])
            var defaults = JSONObject()
            for property in try #require(definitions[kind.rawValue]?["properties"]?.object) {
                if let fallback = property.value["default"] {
                    defaults[property.name] = fallback
                } else if let inner = property.value["properties"]?.object {
                    let values = inner.compactMap { member in member.value["default"].map { (member.name, $0) } }
                    guard !values.isEmpty else { continue }
                    var object = JSONObject()
                    for (name, value) in values { object[name] = value }
                    defaults[property.name] = .object(object)
                }
            }
            #expect(!defaults.isEmpty)
            let bare = try await Self.state(kind, spec)
            let spelt = try await Self.state(kind, spec.merged(with: defaults))
            #expect(bare == spelt, "\(kind)")
        }
    }

    private static let minimal: [DocumentKind: JSONObject] = [
        .package: object(#"{"ociRef": "oci://h/r"}"#),
        .packageVersion: object(#"{"packageID": "pkg_1", "semver": "1.0.0", "ref": "r", "inputSchema": {}}"#),
        .cluster: object(#"{"region": "eu"}"#),
        .install: object(#"{"product": "p", "region": "eu"}"#),
        .settings: JSONObject(),
    ]

    private static func object(_ json: String) -> JSONObject { (try? JSONReader.read(json).object) ?? JSONObject() }

    private static func state(_ kind: DocumentKind, _ spec: JSONObject) async throws -> DesiredState {
        let document: JSONValue = [
            "apiVersion": "gitops.akua.dev/v1", "kind": .string(kind.rawValue),
            "metadata": ["name": kind == .settings ? "settings" : "x"], "spec": .object(spec),
        ]
        return try await FileTree(["a.json": JSONWriter().text(of: document)]).state()
    }
}
