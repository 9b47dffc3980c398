import Glibc

/// What goes over the pipes between the daemon and its fetch child: records `key=value`, each ended by a zero byte.
///
/// Keys are lower-case letters and hyphens; a value is any bytes but zero, and a key may come more than once. The reader
/// stops at the end of the stream. Both sides bound what they read with `bytesMax`.
package struct Records: Sendable, Equatable {
    /// The largest message either way.
    package static let bytesMax = 256 << 10

    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// Appends one record; a value with a zero byte can't be sent and is a mistake of the caller.
    package mutating func append(_ key: String, _ value: some Sequence<UInt8>) {
        precondition(!key.utf8.contains(UInt8(ascii: "=")), "a key has no equals sign")
        bytes.append(contentsOf: key.utf8)
        bytes.append(UInt8(ascii: "="))
        for byte in value {
            precondition(byte != 0, "a value has no zero byte")
            bytes.append(byte)
        }
        bytes.append(0)
    }

    /// The same for a text.
    package mutating func append(_ key: String, _ value: String) { append(key, value.utf8) }

    /// The same for a number, in decimal.
    package mutating func append(_ key: String, _ value: Int) { append(key, String(value)) }

    /// The records of a whole message; the last one may be cut off by the end of its sender, and is left out then.
    package static func read(_ message: [UInt8]) throws(MalformedMessage) -> [(key: String, value: ArraySlice<UInt8>)] {
        var records: [(key: String, value: ArraySlice<UInt8>)] = []
        var rest = message[...]
        while let end = rest.firstIndex(of: 0) {
            let record = rest[..<end]
            rest = rest[(end + 1)...]
            guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else {
                throw MalformedMessage(problem: "a record without a key")
            }
            records.append((String(decoding: record[..<equals], as: UTF8.self), record[(equals + 1)...]))
        }
        return records
    }
}

/// A message that the other end of the pipe can't have meant.
package struct MalformedMessage: Error, Equatable, Sendable {
    package var problem: String

    package init(problem: String) { self.problem = problem }
}

extension [UInt8] {
    /// Overwrites what must not stay in memory; the compiler can't leave this out.
    package mutating func wipe() {
        withUnsafeMutableBytes { buffer in
            if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
        }
    }
}
