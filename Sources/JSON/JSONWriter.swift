/// Writes a value as JSON text (RFC 8259): numbers with the digits they were read with, members in their order.
package struct JSONWriter: Sendable {
    /// The order of an object's members.
    package enum Order: Sendable {
        case asWritten
        /// By the bytes of their names: the same text for equal objects, whatever order they were built in.
        case sorted
    }

    package var order: Order
    /// Two spaces a level and a line per member; nil for a single line.
    package var isPretty: Bool

    package init(order: Order = .asWritten, isPretty: Bool = false) {
        self.order = order
        self.isPretty = isPretty
    }

    /// The bytes of `value`, in UTF-8, without a newline at the end.
    package func bytes(of value: JSONValue) -> [UInt8] {
        var output: [UInt8] = []
        write(value, to: &output, level: 0)
        return output
    }

    /// The text of `value`.
    package func text(of value: JSONValue) -> String { String(decoding: bytes(of: value), as: UTF8.self) }

    private func write(_ value: JSONValue, to output: inout [UInt8], level: Int) {
        switch value {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
        case .number(let number): output.append(contentsOf: number.text.utf8)
        case .string(let text): Self.writeString(text, to: &output)
        case .array(let items):
            writeSequence(items, open: "[", close: "]", to: &output, level: level) { item, output in
                write(item, to: &output, level: level + 1)
            }
        case .object(let object):
            let members =
                order == .sorted
                ? object.members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) } : object.members
            writeSequence(members, open: "{", close: "}", to: &output, level: level) { member, output in
                Self.writeString(member.name, to: &output)
                output.append(UInt8(ascii: ":"))
                if isPretty { output.append(UInt8(ascii: " ")) }
                write(member.value, to: &output, level: level + 1)
            }
        }
    }

    private func writeSequence<Item>(
        _ items: [Item], open: Unicode.Scalar, close: Unicode.Scalar, to output: inout [UInt8], level: Int,
        each: (Item, inout [UInt8]) -> Void
    ) {
        output.append(UInt8(ascii: open))
        for (position, item) in items.enumerated() {
            if position > 0 { output.append(UInt8(ascii: ",")) }
            newline(to: &output, level: level + 1)
            each(item, &output)
        }
        if !items.isEmpty { newline(to: &output, level: level) }
        output.append(UInt8(ascii: close))
    }

    private func newline(to output: inout [UInt8], level: Int) {
        guard isPretty else { return }
        output.append(0x0A)
        output.append(contentsOf: repeatElement(0x20, count: 2 * level))
    }

    /// Escapes what JSON requires and, beyond that, DEL and U+2028/2029, which break lines for some readers.
    private static func writeString(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        let bytes = text.utf8.span
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case 0x22: output.append(contentsOf: #"\""#.utf8)
            case 0x5C: output.append(contentsOf: #"\\"#.utf8)
            case 0x0A: output.append(contentsOf: #"\n"#.utf8)
            case 0x0D: output.append(contentsOf: #"\r"#.utf8)
            case 0x09: output.append(contentsOf: #"\t"#.utf8)
            case 0..<0x20, 0x7F:
                output.append(contentsOf: (byte < 0x10 ? #"\u000"# : #"\u00"#).utf8)
                output.append(contentsOf: String(byte, radix: 16).utf8)
            case 0xE2 where isLineBreak(bytes, at: position):
                output.append(contentsOf: (bytes[position + 2] == 0xA8 ? #"\u2028"# : #"\u2029"#).utf8)
                position += 2
            default: output.append(byte)
            }
            position += 1
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func isLineBreak(_ bytes: Span<UInt8>, at position: Int) -> Bool {
        bytes.count > position + 2 && bytes[position + 1] == 0x80 && (0xA8...0xA9).contains(bytes[position + 2])
    }
}
