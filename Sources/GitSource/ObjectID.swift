import CGit2

/// The name of an object in git's database: 20 bytes, written as 40 lower-case hexadecimal digits.
///
/// The tag keeps a blob's from standing where a commit's is wanted.
package struct ObjectID<Kind>: Hashable, Sendable {
    // Three words instead of an array: ids are keys of large tables, and these need no allocation.
    private let first: UInt64
    private let second: UInt64
    private let third: UInt32

    /// The id, or nil when the text is not exactly 40 digits of `0–9 a–f`.
    package init?(_ text: String) {
        var nibbles = 0
        var words: [UInt64] = [0, 0, 0]
        for byte in text.utf8 {
            let value: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            guard nibbles < Self.digitCount else { return nil }
            words[nibbles / 16] = words[nibbles / 16] << 4 | UInt64(value)
            nibbles += 1
        }
        guard nibbles == Self.digitCount else { return nil }
        (first, second, third) = (words[0], words[1], UInt32(words[2]))
    }

    init(_ raw: git_oid) {
        (first, second, third) = withUnsafeBytes(of: raw.id) { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
            )
        }
    }

    /// As libgit2 takes it.
    var raw: git_oid {
        var raw = git_oid()
        withUnsafeMutableBytes(of: &raw.id) { bytes in
            bytes.storeBytes(of: first.bigEndian, toByteOffset: 0, as: UInt64.self)
            bytes.storeBytes(of: second.bigEndian, toByteOffset: 8, as: UInt64.self)
            bytes.storeBytes(of: third.bigEndian, toByteOffset: 16, as: UInt32.self)
        }
        return raw
    }

    private static var digitCount: Int { 40 }
}

extension ObjectID: CustomStringConvertible {
    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return withUnsafeBytes(of: raw.id) { bytes in
            String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
        }
    }
}

package typealias CommitID = ObjectID<CommitInfo>
package typealias BlobID = ObjectID<SourceFile>
typealias TreeID = ObjectID<TreeSnapshot>
