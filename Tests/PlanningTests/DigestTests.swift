import JSON
import Manifests
import Planning
import Testing

/// Digests say whether two things mean the same.
@Suite struct DigestTests {
    private static func hex(_ text: String) throws -> String { Digest.hex(of: try JSONReader.read(text)) }

    @Test(arguments: [
        (#"{"a": 1, "b": [true, null]}"#, #"{"b":[true,null],"a":1}"#), ("[1.10, 1e3]", "[11e-1, 1000]"),
        ("[0, -0.0]", "[0.00, 0]"), (#""\u00e9\/""#, #""é/""#),
        (#"{"a": {"c": 1, "b": 2}}"#, #"{"a": {"b": 2, "c": 1}}"#),
        ("12345678901234567890", "12345678901234567890.0"),
    ])
    func `the order of members and the spelling of numbers make no difference`(_ one: String, _ other: String) throws {
        #expect(try Self.hex(one) == Self.hex(other))
    }

    @Test(arguments: [
        ("1", "\"1\""), ("[]", "{}"), ("null", "\"null\""), ("true", "\"true\""), ("[[1], 2]", "[1, [2]]"),
        (#"["a", "b"]"#, #"["ab"]"#), (#"["a:b"]"#, #"["a", "b"]"#), (#"{"a": "b"}"#, #"["a", "b"]"#),
        ("[1, 2]", "[2, 1]"), ("12345678901234567890", "12345678901234567891"), ("[1, 23]", "[12, 3]"),
        (#"{"a": null}"#, "{}"), ("\"é\"", "\"e\u{301}\""), (#"["1:a"]"#, #"["", "a"]"#),
    ])
    func `whatever means something else has another digest`(_ one: String, _ other: String) throws {
        #expect(try Self.hex(one) != Self.hex(other))
    }

    /// The first is SHA-256's own test vector; the second was computed apart from this code, with Python's
    /// `hashlib.sha256(b"{1:a{}1:b[#11e-1;1:xnt]}")`: members by name, and 1.10 as 11e-1.
    @Test func `golden values`() throws {
        #expect(Digest.hex([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            try Self.hex(#"{"b": [1.10, "x", null, true], "a": {}}"#)
                == "7fbf5679aaa9dd22afa8280eca6fd18b7cacbb3af61aad60ccd9adb7f81c5ab3")
    }

    struct Change: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var matters: Bool
        var change: @Sendable (inout InstallManifest) -> Void

        init(_ what: String, matters: Bool, _ change: @escaping @Sendable (inout InstallManifest) -> Void) {
            (testDescription, self.matters, self.change) = (what, matters, change)
        }
    }

    @Test(arguments: [
        Change("values", matters: true) { $0.values = .of(["replicas": 2]) },
        Change("annotations", matters: true) { $0.header.annotations["team"] = "payments" },
        Change("package", matters: true) { $0.target = .package(.name("other"), version: .exact("1.0.0")) },
        Change("a product of that name", matters: true) { $0.target = .product(.name("checkout")) },
        Change("labels", matters: false) { $0.header.labels["team"] = "payments" },
        Change("path", matters: false) { $0.header.location.file = "elsewhere.yaml" },
        Change("deletion policy", matters: false) { $0.header.deletionPolicy = .retain },
        Change("suspension", matters: false) { $0.header.isSuspended = true },
        Change("dependencies", matters: false) { $0.dependsOn = [ObjectReference("db")] },
        Change("time to wait", matters: false) { $0.waitTimeout = .seconds(1) },
        Change("automatic updates", matters: false) { $0.automaticUpdates = true },
        Change("region, which can't be changed", matters: false) { $0.region = .name("us") },
    ])
    func `what an install amounts to`(_ change: Change) {
        let before = InstallManifest("eu", of: "checkout", "1.0.0")
        var after = before
        change.change(&after)
        let isSame = DesiredDigest.install(before, semver: "1.0.0") == DesiredDigest.install(after, semver: "1.0.0")
        #expect(isSame == !change.matters)
    }

    @Test func `the resolved version matters, not the range`() {
        let exact = InstallManifest("eu", of: "checkout", "1.0.0")
        let range = InstallManifest("eu", of: "checkout", "^1")
        #expect(DesiredDigest.install(exact, semver: "1.0.0") == DesiredDigest.install(range, semver: "1.0.0"))
        #expect(DesiredDigest.install(exact, semver: "1.0.0") != DesiredDigest.install(exact, semver: "1.0.1"))
    }
}
