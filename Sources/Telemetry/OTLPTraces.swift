package import JSON
import Tracing

/// Spans as OpenTelemetry's protocol has them in JSON: `ExportTraceServiceRequest` of OTLP 1.
package enum OTLPTraces {
    /// Where a collector takes them, after its endpoint.
    package static let path = "/v1/traces"
    /// A longer text of an attribute is cut, in bytes.
    static let textBytesMax = 1 << 10

    /// The body of one request.
    package static func document(of spans: [SpanRecord], version: String) -> JSONValue {
        let resource: JSONValue = [
            "attributes": [
                attribute("service.name", ["stringValue": "akua-gitops"]),
                attribute("service.version", ["stringValue": .string(version)]),
            ]
        ]
        let scope: JSONValue = ["name": "akua-gitops", "version": .string(version)]
        let scopeSpans: JSONValue = ["scope": scope, "spans": .array(spans.map(value))]
        return ["resourceSpans": [["resource": resource, "scopeSpans": [scopeSpans]]]]
    }

    /// How many spans of a request the collector says it has refused.
    package static func rejected(by answer: [UInt8]) -> (count: Int, message: String?) {
        guard let partial = (try? JSONReader.read(answer))?["partialSuccess"] else { return (0, nil) }
        // A 64-bit number is a text in this JSON; some write it as a number all the same.
        let text = partial["rejectedSpans"]?.string ?? partial["rejectedSpans"]?.number?.text
        return (text.flatMap { Int($0) } ?? 0, partial["errorMessage"]?.string)
    }

    private static func value(_ span: SpanRecord) -> JSONValue {
        var object = JSONObject()
        object["traceId"] = .string(span.identity.traceID)
        object["spanId"] = .string(span.identity.spanID)
        object["parentSpanId"] = span.parent.map(JSONValue.string)
        object["name"] = .string(span.name)
        // SPAN_KIND_CLIENT, SPAN_KIND_INTERNAL.
        object["kind"] = .number(JSONNumber(span.isClient ? 3 : 1))
        object["startTimeUnixNano"] = .string(String(span.startNanoseconds))
        object["endTimeUnixNano"] = .string(String(span.endNanoseconds))
        var attributes: [(String, JSONValue)] = []
        span.attributes.forEach { name, value in
            if let value = Self.value(value) { attributes.append((name, value)) }
        }
        object["attributes"] = .array(attributes.sorted { $0.0 < $1.0 }.map(attribute))
        if span.hasFailed {
            // STATUS_CODE_ERROR
            var status = JSONObject()
            status["code"] = 2
            status["message"] = span.failure.map { .string(clipped($0)) }
            object["status"] = .object(status)
        }
        return .object(object)
    }

    private static func attribute(_ name: String, _ value: JSONValue) -> JSONValue {
        ["key": .string(name), "value": value]
    }

    private static func value(_ attribute: SpanAttribute) -> JSONValue? {
        switch attribute {
        case .string(let text): ["stringValue": .string(clipped(text))]
        case .int64(let number): ["intValue": .string(String(number))]
        case .double(let number): JSONNumber(text: String(number)).map { ["doubleValue": .number($0)] }
        case .bool(let flag): ["boolValue": .bool(flag)]
        // Spans are made by `TraceSpan`, which makes no others.
        default: nil
        }
    }

    private static func clipped(_ text: String) -> String {
        text.utf8.count > textBytesMax ? text.prefix(bytes: textBytesMax) + "…" : text
    }
}
