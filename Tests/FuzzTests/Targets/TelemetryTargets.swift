import CoreMetrics
import JSON
import Logging

@testable import Telemetry

extension FuzzTarget {
    static let telemetry = [
        FuzzTarget("log-line", "one event is one line within its limit, and is read back as it was said") { input in
            let lines = input.lines(6)
            // Ours go over what the input calls the same.
            var metadata: Logging.Logger.Metadata = [lines[4]: .string(lines[5])]
            metadata["event"] = .string(lines[0])
            metadata["name"] = .string(lines[2])
            metadata["error"] = .string(lines[3])
            metadata["list"] = .array([.string(lines[2]), .string(lines[3])])
            let entry = LogEntry(
                milliseconds: 1_795_262_400_123, level: .info, message: lines[1], label: "fuzz", metadata: metadata)
            try checkJSON(JSONLogFormat().bytes(of: entry), entry)
            for isColoured in [false, true] {
                let line = TextLogFormat(isColoured: isColoured).bytes(of: entry)
                var text = String(decoding: line, as: UTF8.self)
                try require(line.count <= LogLimits.bytesMax && text.hasSuffix("\n"), "no line: \(text)")
                text.removeLast()
                if isColoured {
                    text = text.replacing("\u{1B}[32m", with: "").replacing("\u{1B}[0m", with: "")
                }
                try require(text.isOneSafeLine, "not one safe line: \(text.debugDescription)")
            }
            try checkDatagram(JournaldLogFormat().bytes(of: entry))
        },
        FuzzTarget("terminal-text", "text is one safe line once made safe, and making it safe again changes nothing") {
            let safe = TerminalText.safe($0.text)
            try require(safe.isOneSafeLine, safe.debugDescription)
            try require(TerminalText.safe(safe).isSpelt(as: safe), "changed again: \(safe)")
            try require(TerminalText.word($0.text).isOneSafeLine, TerminalText.word($0.text).debugDescription)
        },
        FuzzTarget("prometheus", "a page keeps its form whatever a name or a label says, and values are read back") {
            let lines = $0.lines(5)
            let registry = PrometheusRegistry(seriesMax: 3)
            for value in lines[2...] {
                Counter(label: lines[0], dimensions: [(lines[1], value)], factory: registry).increment()
            }
            Recorder(label: lines[1], dimensions: [("le", lines[2])], aggregate: true, factory: registry).record(0.5)
            let text = registry.text()
            try require(text.utf8.count <= 64 << 10, "\(text.utf8.count) bytes")
            var values: Set<[UInt8]> = []
            for line in text.utf8.split(separator: 0x0A) where line.first != UInt8(ascii: "#") {
                values.formUnion(try labels(ofSample: Array(line)))
            }
            for value in lines[2...] {
                let kept = Array(value.prefix(bytes: PrometheusText.labelBytesMax).utf8)
                try require(values.contains(kept) || values.count >= 3, "the label \(value) is lost")
            }
        },
    ]

    private static func checkJSON(_ line: [UInt8], _ entry: LogEntry) throws {
        try require(line.count <= LogLimits.bytesMax && line.last == 0x0A, "\(line.count) bytes")
        try require(!line.dropLast().contains(0x0A), "more than one line")
        let object = try JSONReader.read(line)
        guard object["truncated"] == nil else { return }
        try require(object["msg"] == .string(entry.message), "the message is another")
        try require(object["event"] == .string(entry.event), "the event is another")
        for (name, value) in entry.fields {
            try require(object[name] == .string(value.description), "the field \(name) is another")
        }
        try require(object["v"] == 1 && object["level"] == "info", "what is ours was overwritten")
    }

    /// Reads a datagram as the journal does: `NAME=value` or `NAME`, a length, and that many bytes.
    private static func checkDatagram(_ bytes: [UInt8]) throws {
        try require(bytes.count <= LogLimits.bytesMax, "\(bytes.count) bytes")
        var (rest, names) = (bytes[...], [String]())
        while !rest.isEmpty {
            let name = rest.prefix { $0 != UInt8(ascii: "=") && $0 != 0x0A }
            let isName = name.allSatisfy { (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
            try require(!name.isEmpty && name.count <= 64 && isName, "\(Array(name).text) is no name of a field")
            names.append(String(decoding: name, as: UTF8.self))
            rest = rest[name.endIndex...]
            let separator = try require(rest.popFirst(), "a field without an end")
            if separator == 0x0A {
                try require(rest.count >= 8, "a length is cut off")
                let length = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
                rest = rest.dropFirst(8)
                try require(length < rest.count, "a length of \(length) is too long")
                rest = rest.dropFirst(length)
            } else {
                rest = rest.drop { $0 != 0x0A }
            }
            try require(rest.popFirst() == 0x0A, "a field does not end its line")
        }
        try require(names.count { $0 == "MESSAGE" } == 1 && names.count { $0 == "PRIORITY" } == 1, "\(names)")
        try require(names.count { $0 == "AKUA_EVENT" } == 1, "another event is forged: \(names)")
    }

    /// The values of a sample's labels; throws where the line is not `name{label="value",...} number`.
    private static func labels(ofSample line: [UInt8]) throws -> [[UInt8]] {
        var rest = line[...]
        func isName(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
        }
        func takeName() throws {
            let name = rest.prefix(while: isName)
            try require(!name.isEmpty && !(0x30...0x39).contains(name[name.startIndex]), "no name: \(line.text)")
            rest = rest[name.endIndex...]
        }
        func take(_ text: String) throws {
            try require(rest.starts(with: text.utf8), "\(text) is missing: \(line.text)")
            rest = rest.dropFirst(text.utf8.count)
        }
        var values: [[UInt8]] = []
        try takeName()
        if rest.first == UInt8(ascii: "{") {
            repeat {
                rest = rest.dropFirst()
                try takeName()
                try take("=\"")
                var value: [UInt8] = []
                while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
                    guard byte == UInt8(ascii: "\\") else {
                        value.append(byte)
                        continue
                    }
                    let escaped = try require(rest.popFirst(), "an escape is cut off: \(line.text)")
                    try require("\\\"n".utf8.contains(escaped), "no such escape: \(line.text)")
                    value.append(escaped == UInt8(ascii: "n") ? 0x0A : escaped)
                }
                values.append(value)
            } while rest.first == UInt8(ascii: ",")
            try take("}")
        }
        try take(" ")
        try require(Double(Array(rest).text) != nil, "no number: \(line.text)")
        return values
    }
}
