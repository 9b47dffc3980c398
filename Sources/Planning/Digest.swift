import Crypto
package import JSON

/// SHA-256 over values, in the spellings that keys and digests use.
package enum Digest {
    /// Lower-case hex of the whole hash.
    package static func hex(_ bytes: some Sequence<UInt8>) -> String {
        hash(bytes).map { byte in
            let text = String(byte, radix: 16)
            return byte < 16 ? "0" + text : text
        }.joined()
    }

    /// The digest of what a value means: the order of members and the spelling of numbers make no difference.
    package static func hex(of value: JSONValue) -> String {
        var output: [UInt8] = []
        writeCanonical(value, to: &output)
        return hex(output)
    }

    /// The first 130 bits of the hash of `parts`, as 26 characters of lower-case base32 (RFC 4648 §6, unpadded).
    ///
    /// The parts are framed as a JSON array, so that no two lists of parts have the same bytes.
    static func base32(of parts: [JSONValue]) -> String {
        var output: [UInt8] = []
        writeCanonical(.array(parts), to: &output)
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        var text: [UInt8] = []
        var (buffer, bits) = (0, 0)
        for byte in hash(output) {
            buffer = (buffer & 0xFF) << 8 | Int(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[buffer >> bits & 31])
            }
        }
        return String(decoding: text.prefix(26), as: UTF8.self)
    }

    private static func hash(_ bytes: some Sequence<UInt8>) -> SHA256Digest { SHA256.hash(data: Array(bytes)) }

    private static func writeCanonical(_ value: JSONValue, to output: inout [UInt8]) {
        switch value {
        case .number(let number): output.append(contentsOf: number.canonicalText.utf8)
        case .array(let items):
            output.append(UInt8(ascii: "["))
            for item in items {
                writeCanonical(item, to: &output)
                output.append(UInt8(ascii: ","))
            }
            output.append(UInt8(ascii: "]"))
        case .object(let object):
            output.append(UInt8(ascii: "{"))
            for member in object.members.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
                output.append(contentsOf: JSONWriter().bytes(of: .string(member.name)))
                output.append(UInt8(ascii: ":"))
                writeCanonical(member.value, to: &output)
                output.append(UInt8(ascii: ","))
            }
            output.append(UInt8(ascii: "}"))
        case .null, .bool, .string: output.append(contentsOf: JSONWriter().bytes(of: value))
        }
    }
}
