import AkuaAPI
import AkuaModel
import Bootstrap
import Foundation
import JSON
import Logging
import Synchronization
import Telemetry
import Testing

import struct GitSource.Secret

/// S2, I11: whatever is logged, in whichever format, no secret is in it.
///
/// Events of every kind, in an order that a seed decides, with texts from every place where a secret is kept from showing. The
/// ordinary run makes a few thousand lines; `AKUA_GITOPS_CANARY_LINES=1000000` makes as many as the goal asks for.
@Suite struct CanaryLinesTests {
    private static let linesWanted =
        ProcessInfo.processInfo.environment["AKUA_GITOPS_CANARY_LINES"].flatMap(Int.init) ?? 6_000

    @Test func `S2: of so many lines in all formats none has a secret, however it is spelled`() throws {
        var seed = Seed(state: 0x52)
        let secrets = ["token", "password", "value"].map { Canary($0, &seed) }
        let places = try Places(token: secrets[0], password: secrets[1], value: secrets[2])
        let formats: [any LogFormat] = [JSONLogFormat(), TextLogFormat(isColoured: true), JournaldLogFormat()]
        let sinks = formats.map { _ in CountingSink() }
        let logs = zip(formats, sinks).map {
            Telemetry.Logger(writingTo: LogOutput(format: $0, sink: $1), level: .trace)
        }
        let spans = SpanQueue { _ in Issue.record("a span was lost") }
        let traces = Traces.recording(into: spans)
        let patterns = secrets.flatMap(\.spellings)
        var found: Set<String> = []
        while sinks.reduce(0, { $0 + $1.count }) < Self.linesWanted {
            let event = Event.allCases.randomElement(using: &seed) ?? .libraryLogged
            let text = places.text(&seed)
            let fields = event.fields.filter { _ in Bool.random(using: &seed) }.sorted { $0.rawValue < $1.rawValue }
            for log in logs {
                var bound = log
                for field in fields.dropFirst() { bound = bound.binding([field: places.text(&seed)]) }
                bound.emit(event, "a sentence", [fields.first ?? .error: text])
                // What a library says of what it was given.
                log.warning("\(places.text(&seed))", metadata: ["given": "\(places.text(&seed))"])
            }
            traces.record("span", since: traces.now, failure: text, [.name: text])
            if spans.count >= 500 { found.formUnion(patterns.filter { Self.document(of: spans).contains($0) }) }
            for sink in sinks { found.formUnion(sink.search(patterns, from: 1 << 20)) }
        }
        found.formUnion(patterns.filter { Self.document(of: spans).contains($0) })
        for sink in sinks { found.formUnion(sink.search(patterns, from: 0)) }
        #expect(found == [])
        #expect(sinks.reduce(0) { $0 + $1.count } >= Self.linesWanted)
    }

    @Test func `the search finds a secret in every spelling, in every format`() {
        var seed = Seed(state: 1)
        let canary = Canary("control", &seed)
        for format in [JSONLogFormat(), TextLogFormat(), JournaldLogFormat()] as [any LogFormat] {
            for spelling in canary.spellings {
                let sink = CountingSink()
                Telemetry.Logger(writingTo: LogOutput(format: format, sink: sink)).emit(
                    .sourceFailed, "failed", [.error: "at \(spelling) it ended"])
                #expect(sink.search(canary.spellings, from: 0).contains(spelling))
            }
        }
    }

    private static func document(of spans: SpanQueue) -> String {
        JSONWriter().text(of: OTLPTraces.document(of: spans.take(atMost: .max), version: "1"))
    }
}

/// A secret that nothing else looks like, and how it may be written.
private struct Canary: Sendable {
    let text: String
    /// Random hexadecimal digits, which no spelling but base64 changes.
    private let random: String

    init(_ word: String, _ seed: inout Seed) {
        random = (0..<4).map { _ in String(format: "%016lx", UInt(seed.next())) }.joined()
        text = "\(word)/+\"é \(random)"
    }

    /// As it is and percent-encoded (its digits), either half, and base64 wherever a group begins.
    var spellings: [String] {
        let halves = [String(random.prefix(32)), String(random.suffix(32))]
        let encoded = (0..<3).map { skipped in
            Data(random.utf8).dropFirst(skipped).prefix(30).base64EncodedString()
        }
        return [random] + halves + encoded + [String(random.reversed()), random.uppercased()]
    }
}

/// Every place from which a text with a secret in it might come, each with what keeps it from showing.
private struct Places {
    private let texts: [String]

    init(token: Canary, password: Canary, value: Canary) throws {
        struct Holder { var secret: Redacted<String> }
        let redacted = Redacted(token.text)
        let secret = AkuaAPI.Secret(token.text)
        let bytes = Secret(Array(password.text.utf8))
        var dumped = ""
        dump(Holder(secret: redacted), to: &dumped)
        dump([secret], to: &dumped)
        dump(["password": bytes], to: &dumped)
        var texts = [
            "\(redacted)", String(reflecting: redacted), "\(Holder(secret: redacted))", "\([secret])", "\(secret)",
            String(reflecting: bytes), "\(Optional(bytes) as Any)", dumped,
        ]
        // What a configuration is refused for; a url may hold a password, a variable the token.
        let inURL = password.text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        for url in [
            "https://git:\(inURL)@git.example.com/a", "https//git:\(inURL)@git.example.com", "git:\(inURL)@host:a",
        ] {
            do {
                let file = "sources: [{name: a, url: '\(url)'}]\napi: {baseURL: '\(url)'}"
                _ = try Configuration.parse(
                    Array(file.utf8), path: "/c.yaml", environment: [Keys.tokenVariable: token.text])
                Issue.record("\(url) is taken")
            } catch {
                texts.append("\(error)")
            }
        }
        texts.append("\(try Configuration.parse([], path: "/c.yaml", environment: [Keys.tokenVariable: token.text]))")
        // What the platform quotes, in whatever spelling, of what it was sent.
        let body = JSONWriter().bytes(of: ["initial_values": ["deep": [["password": .string(value.text)]]]])
        for quote in Self.quotes(of: value.text) {
            texts.append(ValueRedaction(body: body).clean("refused: \(quote) is too short"))
        }
        for quote in Self.quotes(of: token.text) {
            texts.append(ValueRedaction.hide(token.text, in: "no such token: \(quote)", behind: "<redacted>"))
        }
        self.texts = texts
    }

    func text(_ seed: inout Seed) -> String { texts.randomElement(using: &seed) ?? "" }

    /// How a server may say it again.
    private static func quotes(of text: String) -> [String] {
        let percent = text.addingPercentEncoding(withAllowedCharacters: .urlHostAllowed) ?? ""
        let strict = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let base64 = (0..<3).map { Data((String(repeating: "x", count: $0) + text).utf8).base64EncodedString() }
        return ["'\(text)'", JSONWriter().text(of: .string(text)), strict, percent, "\(text), \(text)"] + base64
    }
}

/// Counts entries, and keeps their bytes until they are searched.
private final class CountingSink: LogSink {
    private let state = Mutex((count: 0, bytes: [UInt8]()))

    func write(_ entry: [UInt8]) -> Bool {
        state.withLock { state in
            state.count += 1
            state.bytes += entry
        }
        return true
    }

    var count: Int { state.withLock { $0.count } }

    /// What of these is in what came since the last search, once it is more than so many bytes.
    func search(_ patterns: [String], from size: Int) -> [String] {
        var bytes = state.withLock { state -> [UInt8] in
            guard state.bytes.count >= size else { return [] }
            defer { state.bytes = [] }
            return state.bytes
        }
        guard !bytes.isEmpty else { return [] }
        // As C takes texts: the journal's lengths have zeros in them.
        for index in bytes.indices where bytes[index] == 0 { bytes[index] = UInt8(ascii: " ") }
        bytes.append(0)
        return bytes.withUnsafeBytes { buffer in
            guard let text = buffer.assumingMemoryBound(to: CChar.self).baseAddress else { return [] }
            return patterns.filter { strstr(text, $0) != nil }
        }
    }
}

/// SplitMix64: the same lines for the same seed on every machine.
private struct Seed: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
