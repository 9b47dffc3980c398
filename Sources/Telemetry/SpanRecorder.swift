import Synchronization
import Tracing

/// Which span it is, and of which trace.
struct SpanIdentity: Equatable, Sendable {
    /// 32 hexadecimal digits, not all zero.
    var traceID: String
    /// 16 hexadecimal digits, not all zero.
    var spanID: String

    /// The trace of a commit: the first half of its id, so that whoever has the commit can find the trace.
    static func trace(ofRevision revision: String) -> String? {
        let id = revision.utf8.prefix(32)
        let isHexadecimal = id.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
        guard id.count == 32, isHexadecimal, id.contains(where: { $0 != UInt8(ascii: "0") }) else { return nil }
        return String(revision.prefix(32))
    }

    static func randomTrace() -> String { random() + random() }
    static func randomSpan() -> String { random() }

    private static func random() -> String {
        let digits = String(UInt64.random(in: 1...UInt64.max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// A span that has ended, or what of it is known so far.
package struct SpanRecord: Sendable {
    var identity: SpanIdentity
    /// Nil for the first of a trace.
    var parent: String?
    var name: String
    var isClient: Bool
    /// Since 1970.
    var startNanoseconds: UInt64
    var endNanoseconds: UInt64
    var attributes: SpanAttributes = [:]
    var hasFailed = false
    var failure: String?
}

/// The tracer: gives each span its ids and puts it into the queue when it has ended.
///
/// Links and events are not kept: nobody here makes any.
final class SpanRecorder: Tracer {
    private let queue: SpanQueue

    init(queue: SpanQueue) { self.queue = queue }

    func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> RecordedSpan {
        var context = context()
        let parent = context[IdentityKey.self]
        let trace =
            parent?.traceID ?? context[RevisionKey.self].flatMap(SpanIdentity.trace) ?? SpanIdentity.randomTrace()
        let identity = SpanIdentity(traceID: trace, spanID: SpanIdentity.randomSpan())
        context[IdentityKey.self] = identity
        let start = instant().nanosecondsSinceEpoch
        let record = SpanRecord(
            identity: identity, parent: parent?.spanID, name: operationName, isClient: kind == .client,
            startNanoseconds: start, endNanoseconds: start)
        return RecordedSpan(context: context, record: record, queue: queue)
    }

    func forceFlush() {}

    func extract<Carrier, Extract>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract: Extractor, Extract.Carrier == Carrier {}

    func inject<Carrier, Inject>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject: Injector, Inject.Carrier == Carrier {}

    private enum IdentityKey: ServiceContextKey {
        typealias Value = SpanIdentity
    }
}

/// One span on its way.
final class RecordedSpan: Tracing.Span {
    let context: ServiceContext
    private let queue: SpanQueue
    private let state: Mutex<(record: SpanRecord, hasEnded: Bool)>

    init(context: ServiceContext, record: SpanRecord, queue: SpanQueue) {
        self.context = context
        self.queue = queue
        state = Mutex((record, false))
    }

    var isRecording: Bool { !state.withLock { $0.hasEnded } }

    var operationName: String {
        get { state.withLock { $0.record.name } }
        set { state.withLock { $0.record.name = newValue } }
    }

    var attributes: SpanAttributes {
        get { state.withLock { $0.record.attributes } }
        set { state.withLock { $0.record.attributes = newValue } }
    }

    func setStatus(_ status: SpanStatus) {
        state.withLock { state in
            state.record.hasFailed = status.code == .error
            state.record.failure = status.message
        }
    }

    func addEvent(_ event: SpanEvent) {}

    func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        // Its words may be anybody's; a type is one of ours.
        updateAttributes { $0.set(SpanField.errorType.rawValue, value: .string(String(describing: type(of: error)))) }
    }

    func addLink(_ link: SpanLink) {}

    func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        let end = instant().nanosecondsSinceEpoch
        let record: SpanRecord? = state.withLock { state in
            guard !state.hasEnded else { return nil }
            state.hasEnded = true
            // A clock that was set back makes no span end before it began.
            state.record.endNanoseconds = max(end, state.record.startNanoseconds)
            return state.record
        }
        if let record { queue.add(record) }
    }
}
