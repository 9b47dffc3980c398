import Tracing

/// Makes spans of what is done: a value to pass along, on any tracer of swift-distributed-tracing.
///
/// Free where there is none: neither names nor attributes are made, nothing is allocated, and no context travels.
package struct Traces: Sendable {
    private let tracer: (any Tracer)?

    private init(tracer: (any Tracer)?) { self.tracer = tracer }

    /// For tests and commands that nobody traces.
    package static let none = Traces(tracer: nil)

    /// Spans end up in a queue, from which an exporter takes them.
    package static func recording(into queue: SpanQueue) -> Traces { Traces(tracer: SpanRecorder(queue: queue)) }

    /// What a span is to the outside.
    package enum Kind: Sendable {
        case `internal`
        /// A request to another service.
        case client
    }

    /// A moment from which a span may count.
    package struct Instant: Sendable {
        fileprivate var time: DefaultTracerClock.Timestamp
    }

    /// Now; nil where nothing is traced.
    package var now: Instant? { tracer == nil ? nil : Instant(time: DefaultTracerClock.now) }

    /// A span around `body`: child of the one around it, else the first of a trace.
    ///
    /// - Parameters:
    ///   - start: when it began, if earlier than now.
    ///   - revision: a commit whose trace this begins or goes on with, wherever it is traced: the trace's id follows from it.
    package func span<Value, Failure: Error>(
        _ name: @autoclosure () -> String, kind: Kind = .internal, since start: Instant? = nil,
        revision: @autoclosure () -> String? = nil, _ attributes: @autoclosure () -> SpanAttributeValues = [:],
        _ body: (TraceSpan) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        guard let tracer else { return try await body(TraceSpan(nil)) }
        let span = begin(tracer, name(), kind, start, revision())
        let recorder = TraceSpan(span)
        recorder.set(attributes())
        defer { span.end() }
        let result: Result<Value, Failure> = await ServiceContext.$current.withValue(span.context) {
            do throws(Failure) { return .success(try await body(recorder)) } catch { return .failure(error) }
        }
        if case .failure(let error) = result { recorder.fail(String(describing: type(of: error))) }
        return try result.get()
    }

    /// A span of what has ended already, just now or then.
    package func record(
        _ name: @autoclosure () -> String, since start: Instant?, until end: Instant? = nil, failure: String? = nil,
        _ attributes: @autoclosure () -> SpanAttributeValues = [:]
    ) {
        guard let tracer else { return }
        let span = begin(tracer, name(), .internal, start, nil)
        let recorder = TraceSpan(span)
        recorder.set(attributes())
        if let failure { recorder.fail(failure) }
        span.end(at: end?.time ?? DefaultTracerClock.now)
    }

    private func begin(
        _ tracer: some Tracer, _ name: String, _ kind: Kind, _ start: Instant?, _ revision: String?
    ) -> any Tracing.Span {
        var context = ServiceContext.current ?? .topLevel
        context[RevisionKey.self] = revision
        return tracer.startSpan(
            name, context: context, ofKind: kind == .client ? .client : .internal,
            at: start?.time ?? DefaultTracerClock.now)
    }
}

/// The attributes of a span; one whose value is nil is left out.
package typealias SpanAttributeValues = KeyValuePairs<SpanField, (any LogValue)?>

/// One span while it lasts; nothing where nothing is traced.
package struct TraceSpan: Sendable {
    private let span: (any Tracing.Span)?

    init(_ span: (any Tracing.Span)?) { self.span = span }

    /// Adds attributes; a secret is no value of one.
    package func set(_ attributes: @autoclosure () -> SpanAttributeValues) {
        guard let span else { return }
        var all = span.attributes
        for (field, value) in attributes() {
            switch value?.logValue {
            case .string(let text): all.set(field.rawValue, value: .string(text))
            case .int(let number): all.set(field.rawValue, value: .int64(Int64(number)))
            case .double(let number): all.set(field.rawValue, value: .double(number))
            case .bool(let flag): all.set(field.rawValue, value: .bool(flag))
            case nil: continue
            }
        }
        span.attributes = all
    }

    /// Marks it as failed, with a word for what failed.
    package func fail(_ type: @autoclosure () -> String) {
        guard let span else { return }
        span.updateAttributes { $0.set(SpanField.errorType.rawValue, value: .string(type())) }
        span.setStatus(SpanStatus(code: .error))
    }
}

/// The data of a span, by the names of OpenTelemetry where it has one, else beginning with `akua.`.
package enum SpanField: String, CaseIterable, Sendable {
    case revision = "vcs.ref.head.revision"
    case requestMethod = "http.request.method"
    case urlTemplate = "url.template"
    case statusCode = "http.response.status_code"
    /// Which repetition it is, from 1; left out for the first attempt.
    case resendCount = "http.request.resend_count"
    case serverAddress = "server.address"
    case serverPort = "server.port"
    case errorType = "error.type"

    case source = "akua.source"
    case reconcileID = "akua.reconcile_id"
    case outcome = "akua.outcome"
    case call = "akua.call"
    case kind = "akua.kind"
    case name = "akua.name"
    case action = "akua.action"
    case reason = "akua.reason"
    case resourceID = "akua.resource_id"
    case planDigest = "akua.plan_digest"
    case actions = "akua.actions"
    case blocked = "akua.blocked"
}

/// Carries the commit whose trace a span begins.
enum RevisionKey: ServiceContextKey {
    typealias Value = String
}
