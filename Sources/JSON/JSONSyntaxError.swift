/// What is wrong with a JSON text, and where.
package struct JSONSyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Problem: Equatable, Sendable {
        case unexpectedEnd
        case unexpectedByte(UInt8)
        case duplicateName(String)
        case badEscape
        case loneSurrogate
        case badUTF8
        case badNumber
        case tooDeep(limit: Int)
        case tooLarge(limit: Int)
        case tooManyValues(limit: Int)
        case trailingBytes
    }

    package var problem: Problem
    /// Bytes from the start.
    package var offset: Int
    /// Both from 1; the column counts bytes.
    package var line: Int
    package var column: Int

    package var description: String { "line \(line), column \(column): \(sentence)" }

    /// What is wrong, without the place.
    package var sentence: String {
        switch problem {
        case .unexpectedEnd: "the JSON ends in the middle of a value"
        case .unexpectedByte(let byte):
            (0x21...0x7E).contains(byte)
                ? "unexpected character '\(Character(UnicodeScalar(byte)))' in JSON"
                : "unexpected byte 0x\(String(byte, radix: 16)) in JSON"
        case .duplicateName(let name): "the name '\(name)' occurs twice in one object"
        case .badEscape: "not an escape that JSON knows"
        case .loneSurrogate: "half of a surrogate pair stands alone"
        case .badUTF8: "not valid UTF-8"
        case .badNumber: "not a JSON number"
        case .tooDeep(let limit): "nested more than \(limit) levels deep"
        case .tooLarge(let limit): "larger than the limit of \(limit) bytes"
        case .tooManyValues(let limit): "more than \(limit) values"
        case .trailingBytes: "something follows the end of the JSON value"
        }
    }
}
