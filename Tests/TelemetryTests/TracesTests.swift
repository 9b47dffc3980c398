import JSON
import Synchronization
import Telemetry
import Testing

@Suite struct TracesTests {
    private final class Losses: Sendable {
        private let state = Mutex(0)
        func add(_ count: Int) { state.withLock { $0 += count } }
        var count: Int { state.withLock { $0 } }
    }

    private static func document(_ queue: SpanQueue) -> [JSONValue] {
        let document = OTLPTraces.document(of: queue.take(atMost: .max), version: "1")
        return document["resourceSpans"]?.array?.first?["scopeSpans"]?.array?.first?["spans"]?.array ?? []
    }

    @Test func `a span within another is its child, in whichever task`() async throws {
        let queue = SpanQueue { _ in }
        let traces = Traces.recording(into: queue)
        await traces.span("outer") { _ in
            await withTaskGroup(of: Void.self) { group in
                for name in ["a", "b"] {
                    group.addTask { await traces.span(name, kind: .client) { $0.set([.statusCode: 200]) } }
                }
            }
        }
        let spans = Self.document(queue)
        let outer = try #require(spans.first { $0["name"] == "outer" })
        #expect(outer["parentSpanId"] == nil && outer["kind"] == 1)
        for name in ["a", "b"] {
            let span = try #require(spans.first { $0["name"] == .string(name) })
            #expect(span["parentSpanId"] == outer["spanId"] && span["traceId"] == outer["traceId"])
            #expect(span["kind"] == 3)
            #expect(
                span["attributes"] == [["key": "http.response.status_code", "value": ["intValue": "200"]]])
        }
        #expect(Set(spans.compactMap { $0["spanId"]?.string }).count == 3)
    }

    @Test(
        arguments: [
            ("8db6af5cc84a6f60dafcaf31a3fbd9a51234abcd", "8db6af5cc84a6f60dafcaf31a3fbd9a5"),
            ("8DB6AF5CC84A6F60DAFCAF31A3FBD9A51234ABCD", nil), ("8db6", nil),
            ("0000000000000000000000000000000000000001", nil),
        ] as [(String, String?)])
    func `the trace of a commit has its id from the commit`(_ commit: String, _ trace: String?) async throws {
        let queue = SpanQueue { _ in }
        let traces = Traces.recording(into: queue)
        for _ in 0..<2 { await traces.span("reconcile", revision: commit) { _ in } }
        let found = Self.document(queue).compactMap { $0["traceId"]?.string }
        #expect(found.count == 2 && found.allSatisfy { $0.utf8.count == 32 })
        if let trace { #expect(found == [trace, trace]) } else { #expect(found[0] != found[1]) }
    }

    @Test func `a failure is one of the span, by its type, and goes on`() async throws {
        struct Broken: Error {}
        let queue = SpanQueue { _ in }
        let traces = Traces.recording(into: queue)
        await #expect(throws: Broken.self) {
            try await traces.span("x") { (_: TraceSpan) async throws(Broken) -> Void in throw Broken() }
        }
        let span = try #require(Self.document(queue).first)
        #expect(span["status"] == ["code": 2])
        #expect(span["attributes"] == [["key": "error.type", "value": ["stringValue": "Broken"]]])
    }

    @Test func `where nothing is traced nothing is made`() async {
        func never<Value>(_ value: Value) -> Value {
            Issue.record("made although nobody traces")
            return value
        }
        #expect(Traces.none.now == nil)
        let value = await Traces.none.span(
            never("name"), since: Traces.none.now, revision: never(nil), never([.source: "a"])
        ) { span in
            span.set(never([.source: "a"]))
            span.fail(never("x"))
            return 7
        }
        Traces.none.record(never("name"), since: nil, never([:]))
        #expect(value == 7)
    }

    @Test func `where nothing is traced no span is counted and no context travels`() async throws {
        let queue = SpanQueue { _ in }
        let traced = Traces.recording(into: queue)
        for _ in 0..<1_000 {
            await Traces.none.span("outer", revision: "8db6af5cc84a6f60dafcaf31a3fbd9a51234abcd") { _ in
                Traces.none.record("beside", since: Traces.none.now)
                await traced.span("inner") { _ in }
            }
        }
        let spans = Self.document(queue)
        #expect(spans.count == 1_000)
        #expect(spans.allSatisfy { $0["name"] == "inner" && $0["parentSpanId"] == nil })
        #expect(spans.allSatisfy { $0["traceId"] != "8db6af5cc84a6f60dafcaf31a3fbd9a5" })
    }

    @Test func `I12: a queue that is full counts what it loses, and what comes back has no more room`() async {
        let losses = Losses()
        let queue = SpanQueue(capacity: 3) { losses.add($0) }
        let traces = Traces.recording(into: queue)
        for number in 0..<5 { await traces.span("\(number)") { _ in } }
        #expect(queue.count == 3 && losses.count == 2)
        let batch = queue.take(atMost: 2)
        await traces.span("new") { _ in }
        queue.putBack(batch)
        #expect(losses.count == 3)
        #expect(Self.document(queue).map { $0["name"] } == ["1", "2", "new"])
    }

    @Test func `I12: a long text is cut`() async throws {
        let queue = SpanQueue { _ in }
        await Traces.recording(into: queue).span("x", [.name: String(repeating: "é", count: 5_000)]) { _ in }
        let attributes = try #require(Self.document(queue).first?["attributes"]?.array)
        #expect((attributes[0]["value"]?["stringValue"]?.string ?? "").utf8.count < 1_100)
    }

    @Test(arguments: [
        ("", 0), ("{}", 0), (#"{"partialSuccess":{}}"#, 0), (#"{"partialSuccess":{"rejectedSpans":"3"}}"#, 3),
        (#"{"partialSuccess":{"rejectedSpans":4,"errorMessage":"no"}}"#, 4), ("<html>", 0),
    ])
    func `what a collector refuses of a request is understood`(_ answer: String, _ count: Int) {
        #expect(OTLPTraces.rejected(by: Array(answer.utf8)).count == count)
    }
}
