import JSON
import Logging
import Telemetry
import Testing

@Suite struct LogFormatTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var emit: @Sendable (Telemetry.Logger) -> Void
        var json: String
        var text: String
    }

    private static let time = "2026-11-21T12:00:00.123Z"

    @Test(arguments: [
        Case(
            testDescription: "an event without fields",
            emit: { $0.emit(.daemonReady, "ready to reconcile") },
            json: #"{"v":1,"ts":"\#(time)","level":"info","event":"daemon.ready","msg":"ready to reconcile"}"#,
            text: "\(time) INFO     daemon.ready  ready to reconcile"),
        Case(
            testDescription: "fields keep their types and stand in the contract's order",
            emit: {
                $0.emit(
                    .actionSucceeded, "install created",
                    [.durationMs: Duration.milliseconds(412), .name: "checkout-eu", .kind: "Install", .httpStatus: 202])
            },
            json: #"{"v":1,"ts":"\#(time)","level":"info","event":"action.succeeded","msg":"install created","#
                + #""kind":"Install","name":"checkout-eu","http_status":202,"duration_ms":412}"#,
            text: "\(time) INFO     action.succeeded  install created kind=Install name=checkout-eu http_status=202 "
                + "duration_ms=412"),
        Case(
            testDescription: "a field without a value is left out",
            emit: { $0.emit(.apiRetried, "request sent again", [.httpStatus: nil, .attempt: 2]) },
            json:
                #"{"v":1,"ts":"\#(time)","level":"notice","event":"api.retried","msg":"request sent again","attempt":2}"#,
            text: "\(time) NOTICE   api.retried  request sent again attempt=2"),
        Case(
            testDescription: "what is bound is on the line, and what the line says wins",
            emit: {
                $0.binding([.source: "platform", .revision: "main@sha1:0", .reason: "window"])
                    .emit(.actionBlocked, "action held back", [.reason: "review"])
            },
            json: #"{"v":1,"ts":"\#(time)","level":"warning","event":"action.blocked","msg":"action held back","#
                + #""source":"platform","revision":"main@sha1:0","reason":"review"}"#,
            text: "\(time) WARNING  action.blocked  action held back source=platform revision=main@sha1:0 reason=review"
        ),
        Case(
            testDescription: "hostile text is one line",
            emit: { $0.emit(.sourceFetched, "fetched", [.subject: "a\n\u{1B}[31mb\u{2028}\"c\" d"]) },
            json: #"{"v":1,"ts":"\#(time)","level":"info","event":"source.fetched","msg":"fetched","#
                + #""subject":"a\n\u001b[31mb\u2028\"c\" d"}"#,
            text: "\(time) INFO     source.fetched  fetched subject=\"a\\n\\u{1B}[31mb\\u{2028}\\\"c\\\" d\""),
        Case(
            testDescription: "numbers that JSON lacks are words",
            emit: { $0.emit(.planComputed, "planned", [.count: Double.infinity, .created: 0.5, .blocked: true]) },
            json: #"{"v":1,"ts":"\#(time)","level":"info","event":"plan.computed","msg":"planned","#
                + #""created":0.5,"blocked":true,"count":"inf"}"#,
            text: "\(time) INFO     plan.computed  planned created=0.5 blocked=true count=inf"),
        Case(
            testDescription: "a library's line has an event too, and can't take our names",
            emit: { $0.info("opened \("port")", metadata: ["hb.id": "7", "ts": "now", "msg": ["a", "b"]]) },
            json: #"{"v":1,"ts":"\#(time)","level":"info","event":"library.logged","msg":"opened port","#
                + #""logger":"akua-gitops","hb.id":"7","msg_":"[\"a\", \"b\"]","ts_":"now"}"#,
            text: "\(time) INFO     library.logged  opened port logger=akua-gitops hb.id=7 "
                + #"msg="[\"a\", \"b\"]" ts=now"#),
    ])
    func `a line is spelled`(_ row: Case) {
        let (json, text) = (CapturedLog(JSONLogFormat()), CapturedLog(TextLogFormat()))
        row.emit(json.logger)
        row.emit(text.logger)
        #expect(json.sink.texts == [row.json + "\n"])
        #expect(text.sink.texts == [row.text + "\n"])
    }

    @Test func `colour is on the level alone`() {
        let log = CapturedLog(TextLogFormat(isColoured: true))
        log.logger.emit(.manifestInvalid, "not valid", [.error: "\u{1B}[2J"])
        #expect(
            log.sink.texts == [
                "\(Self.time) \u{1B}[31mERROR\u{1B}[0m    manifest.invalid  not valid error=\"\\u{1B}[2J\"\n"
            ])
    }

    @Test(arguments: 0..<10)
    func `S12: ten thousand hostile texts, one line each, read back as they were`(_ part: UInt64) throws {
        var generator = SeededGenerator(seed: 0xA60 + part)
        let (json, text) = (CapturedLog(JSONLogFormat()), CapturedLog(TextLogFormat()))
        let hostile = (0..<1_000).map { _ in HostileText.make(using: &generator) }
        for value in hostile {
            json.logger.emit(.sourceFetched, "fetched", [.subject: value])
            text.logger.emit(.sourceFetched, "fetched", [.subject: value])
        }
        for (bytes, value) in zip(json.sink.entries, hostile) {
            #expect(bytes.count { $0 == 0x0A } == 1 && bytes.last == 0x0A)
            #expect(bytes.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7F })
            let read = try JSONReader.read(Array(bytes.dropLast()))
            #expect(read["subject"] == .string(value))
        }
        for (line, value) in zip(text.sink.texts, hostile) {
            #expect(Self.subject(ofTextLine: line).map { Array($0.utf8) } == Array(value.utf8))
            let unprintable = line.dropLast().unicodeScalars.filter {
                [.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
            }
            #expect(unprintable.isEmpty && line.hasSuffix("\n"))
        }
        #expect(json.sink.entries.count == hostile.count && text.sink.entries.count == hostile.count)
    }

    /// What `subject=` says in a line for people, its escapes undone; nil if it is not written by the rules.
    private static func subject(ofTextLine line: String) -> String? {
        // Scalar by scalar: what follows the sign may combine with it.
        let name = Array(" subject=".unicodeScalars)
        guard let start = line.unicodeScalars.firstRange(of: name)?.upperBound, line.hasSuffix("\n") else { return nil }
        var rest = line.unicodeScalars[start...].dropLast()
        guard rest.first == "\"" else { return String(rest) }
        guard rest.count > 1, rest.last == "\"" else { return nil }
        rest = rest.dropFirst().dropLast()
        var text = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            guard scalar == "\\" else {
                text.append(scalar)
                continue
            }
            switch rest.popFirst() {
            case "n": text.append("\n")
            case "r": text.append("\r")
            case "t": text.append("\t")
            case let quoted? where quoted == "\"" || quoted == "\\": text.append(quoted)
            case "u":
                guard let end = rest.firstIndex(of: "}"), rest.popFirst() == "{",
                    let value = UInt32(String(rest[..<end]), radix: 16), let escaped = Unicode.Scalar(value)
                else { return nil }
                text.append(escaped)
                rest = rest[rest.index(after: end)...]
            default: return nil
            }
        }
        return String(text)
    }

    @Test(arguments: [JSONLogFormat(), TextLogFormat(), JournaldLogFormat()] as [any LogFormat])
    func `I12: a line of a megabyte is cut, and says so`(_ format: any LogFormat) {
        let log = CapturedLog(format)
        log.logger.emit(
            .manifestInvalid, "not valid", [.name: "kept", .error: String(repeating: "\u{1}é", count: 1 << 19)])
        log.logger.error("\(String(repeating: "x", count: 1 << 20))")
        var metadata = Telemetry.Logger.Metadata()
        for index in 0..<600 { metadata["key\(index)"] = .string(String(repeating: "\"", count: index)) }
        log.logger.error("many", metadata: metadata)
        #expect(log.sink.entries.count == 3)
        for entry in log.sink.entries {
            #expect(entry.count <= 16 << 10)
            #expect(String(decoding: entry, as: UTF8.self).lowercased().contains("truncated"))
        }
        #expect(log.sink.texts.first?.contains("kept") == true)
    }

    @Test func `a cut line is valid JSON that ends its text with an ellipsis`() throws {
        let log = CapturedLog()
        log.logger.emit(.manifestInvalid, "not valid", [.error: String(repeating: "é", count: 1 << 14)])
        let object = try JSONReader.read(Array(log.sink.entries[0].dropLast()))
        #expect(object["truncated"] == true)
        #expect(object["error"]?.string?.hasSuffix("é…") == true)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400_001, "2000-02-29T00:00:00.001Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func `time is RFC 3339 in UTC`(_ milliseconds: Int64, _ expected: String) {
        let sink = MemorySink()
        let output = LogOutput(format: JSONLogFormat(), sink: sink) { milliseconds }
        Telemetry.Logger(writingTo: output).emit(.daemonReady, "ready")
        #expect(sink.texts.first?.contains(#""ts":"\#(expected)""#) == true)
    }
}
