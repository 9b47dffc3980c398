import Foundation
import GRDB

/// The fingerprint of one row: SQLite proves that a file is well formed, this proves that a value is the one written.
///
/// FNV-1a with 64 bits over the columns in order: it finds every change of a single byte, and is no defence against
/// somebody who can write the file.
struct Checksum {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    static func of(_ values: some Sequence<DatabaseValue>) -> Int64 {
        var checksum = Checksum()
        for value in values { checksum.append(value) }
        return Int64(bitPattern: checksum.state)
    }

    private mutating func append(_ value: DatabaseValue) {
        // A byte for the type before each value and one after each text keep neighbours from running into each other.
        switch value.storage {
        case .null: append(byte: 0)
        case .int64(let number):
            append(byte: 1)
            append(word: UInt64(bitPattern: number))
        case .double(let number):
            append(byte: 2)
            append(word: number.bitPattern)
        case .string(let text):
            append(byte: 3)
            let bytes = text.utf8.span
            for index in bytes.indices { append(byte: bytes[index]) }
            append(byte: 0)
        case .blob(let data):
            append(byte: 4)
            append(word: UInt64(data.count))
            for byte in data { append(byte: byte) }
        }
    }

    private mutating func append(word: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) { append(byte: UInt8(truncatingIfNeeded: word >> shift)) }
    }

    private mutating func append(byte: UInt8) {
        state = (state ^ UInt64(byte)) &* 0x100_0000_01B3
    }
}
