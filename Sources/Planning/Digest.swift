import Crypto
package import JSON
package import Manifests

/// SHA-256 over values, in the spellings that keys and digests use.
package enum Digest {
    /// The whole hash in lower-case hex: 64 characters.
    package static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(2 * SHA256.byteCount)
        for byte in SHA256.hash(data: bytes) {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0xF)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The digest of what a value means: the order of members and the spelling of numbers make no difference.
    package static func hex(of value: JSONValue) -> String {
        var bytes: [UInt8] = []
        write(value, to: &bytes)
        return hex(bytes)
    }

    private static let base32Alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    /// Whether a byte can stand in what ``base32(of:)`` gives.
    static func isBase32(_ byte: UInt8) -> Bool { base32Alphabet.contains(byte) }

    /// The first 130 bits of the hash of `parts`, as 26 characters of lower-case base32 (RFC 4648 §6, unpadded).
    static func base32(of parts: [JSONValue]) -> String {
        var bytes: [UInt8] = []
        write(.array(parts), to: &bytes)
        var text: [UInt8] = []
        var (buffer, bits) = (0, 0)
        for byte in SHA256.hash(data: bytes) {
            buffer = (buffer & 0xFF) << 8 | Int(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(base32Alphabet[buffer >> bits & 31])
            }
        }
        return String(decoding: text.prefix(26), as: UTF8.self)
    }

    /// Writes a value so that two values have the same bytes if, and only if, they mean the same.
    ///
    /// Strings are preceded by their length and everything else ends by itself, so no two lists run into each other.
    private static func write(_ value: JSONValue, to output: inout [UInt8]) {
        switch value {
        case .null: output.append(UInt8(ascii: "n"))
        case .bool(let flag): output.append(flag ? UInt8(ascii: "t") : UInt8(ascii: "f"))
        case .number(let number):
            output.append(UInt8(ascii: "#"))
            output.append(contentsOf: number.canonicalText.utf8)
            output.append(UInt8(ascii: ";"))
        case .string(let text): write(text, to: &output)
        case .array(let items):
            output.append(UInt8(ascii: "["))
            for item in items { write(item, to: &output) }
            output.append(UInt8(ascii: "]"))
        case .object(let object):
            output.append(UInt8(ascii: "{"))
            for member in object.members.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
                write(member.name, to: &output)
                write(member.value, to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, to output: inout [UInt8]) {
        output.append(contentsOf: String(text.utf8.count).utf8)
        output.append(UInt8(ascii: ":"))
        output.append(contentsOf: text.utf8)
    }
}

/// What an object is to be, as one text: a difference from what was applied is a change of the manifest, not drift.
package enum DesiredDigest {
    /// Package, resolved version, values and annotations; not labels, path, comments, key order, policies, dependsOn.
    ///
    /// A difference is what makes an install rendered again.
    ///
    /// - Parameter semver: nil for a product, or when what a range had come to can't be known.
    package static func install(_ manifest: InstallManifest, semver: String?) -> String {
        joined(content(of: manifest, valuesDigest: Digest.hex(of: .object(manifest.values))), semver)
    }

    /// Everything but the version, which a range leaves open until the plan is made.
    static func content(of manifest: InstallManifest, valuesDigest: String) -> String {
        var annotations = JSONObject()
        for (name, value) in manifest.header.annotations { annotations[name] = .string(value) }
        let kind: JSONValue = if case .product = manifest.target { "product" } else { "package" }
        return Digest.hex(
            of: ["install", kind, .string(manifest.target.name), .string(valuesDigest), .object(annotations)])
    }

    static func joined(_ content: String, _ semver: String?) -> String { semver.map { "\(content)@\($0)" } ?? content }

    /// Whether it says which version: the digest of an old range does not.
    static func namesVersion(_ digest: String) -> Bool { digest.utf8.contains(UInt8(ascii: "@")) }

    /// What of a package no read shows, besides what every read does: a difference can't be seen otherwise.
    static func package(_ manifest: PackageManifest) -> String {
        switch manifest.source {
        case .oci(let reference):
            return Digest.hex(of: ["package", "oci", .string(String(OCIReference.bare(reference)))])
        case .helm(let helm):
            return Digest.hex(
                of: [
                    "package", "helm", .string(helm.repoURL), helm.chart.map(JSONValue.string) ?? .null,
                    .string(helm.targetRevision), helm.path.map(JSONValue.string) ?? .null,
                    helm.values.map(JSONValue.object) ?? .null,
                ])
        }
    }

    /// The one part of a version that no read shows.
    static func packageVersion(_ manifest: PackageVersionManifest) -> String {
        Digest.hex(of: ["version", .string(manifest.semver), manifest.compatibility.map(JSONValue.object) ?? .null])
    }

    static func cluster(_ manifest: ClusterManifest) -> String {
        Digest.hex(
            of: [
                "cluster", .string(manifest.apiName), .string(manifest.region.text),
                manifest.networkProfile.map(JSONValue.string) ?? .null,
            ])
    }
}
