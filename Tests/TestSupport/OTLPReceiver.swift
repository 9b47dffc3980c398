package import JSON

/// A collector of traces on loopback, which holds what it gets to OpenTelemetry's protocol.
package final class OTLPReceiver: Sendable {
    /// A span as it came.
    package struct Span: Sendable {
        package var json: JSONValue
        package var name: String
        package var trace: String
        package var id: String
        package var parent: String?
        package var start: UInt64
        package var end: UInt64
        package var isClient: Bool
        package var hasFailed: Bool

        /// An attribute as a text; numbers and truth values too.
        package func text(_ attribute: String) -> String? {
            let value = (json["attributes"]?.array ?? []).first { $0["key"]?.string == attribute }?["value"]
            return value?["stringValue"]?.string ?? value?["intValue"]?.string
        }
    }

    private let server: ScriptedServer

    /// Answers every request with the same steps: success, unless said otherwise.
    package init(always steps: [ScriptedServer.Step] = .json("{}")) throws {
        server = try ScriptedServer(always: steps)
    }

    /// Answers as the script says.
    package init(_ script: @escaping ScriptedServer.Script) throws { server = try ScriptedServer(script) }

    package var endpoint: String { server.baseURL }
    package var requests: [ScriptedServer.Request] { server.requests }

    /// Ends it.
    package func stop() { server.stop() }

    /// Returns once what has come meets the condition.
    package func wait(until isMet: @escaping @Sendable ([Span]) -> Bool) async {
        await server.wait { isMet(Self.spans(in: $0.requests)) }
    }

    package var spans: [Span] { Self.spans(in: server.requests) }

    private static func spans(in requests: [ScriptedServer.Request]) -> [Span] {
        requests.flatMap { request -> [Span] in
            let document = (try? JSONReader.read(request.body)) ?? .null  // A violation says so.
            let scopes = list(document, "resourceSpans").flatMap { list($0, "scopeSpans") }
            return scopes.flatMap { list($0, "spans") }.map(span)
        }
    }

    private static func span(_ json: JSONValue) -> Span {
        Span(
            json: json, name: json["name"]?.string ?? "", trace: json["traceId"]?.string ?? "",
            id: json["spanId"]?.string ?? "", parent: json["parentSpanId"]?.string,
            start: number(json["startTimeUnixNano"]) ?? 0, end: number(json["endTimeUnixNano"]) ?? 0,
            isClient: json["kind"] == 3, hasFailed: json["status"]?["code"] == 2)
    }

    /// What is not as OTLP 1 has it in JSON: ids in hexadecimal, 64-bit numbers as texts, enumerations as numbers.
    package var violations: [String] {
        var found: [String] = []
        for request in server.requests {
            if request.method != "POST" || request.target != "/v1/traces" {
                found.append("\(request.method) \(request.target)")
            }
            if request.headers["content-type"] != "application/json" { found.append("content-type") }
            guard let document = try? JSONReader.read(request.body) else {
                found.append("no JSON")
                continue
            }
            found += Self.unknown(document, besides: ["resourceSpans"])
            for resource in Self.list(document, "resourceSpans") {
                found += Self.unknown(resource, besides: ["resource", "scopeSpans"])
                found += Self.list(resource["resource"] ?? .null, "attributes").flatMap(Self.attribute)
                for scope in Self.list(resource, "scopeSpans") {
                    found += Self.unknown(scope, besides: ["scope", "spans"])
                    found += Self.list(scope, "spans").flatMap(Self.span)
                }
            }
        }
        return Array(Set(found)).sorted()
    }

    private static func span(_ span: JSONValue) -> [String] {
        var found = unknown(
            span,
            besides: [
                "traceId", "spanId", "parentSpanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano",
                "attributes", "status",
            ])
        for (name, digits) in [("traceId", 32), ("spanId", 16)] where !isID(span[name], digits) { found.append(name) }
        if let parent = span["parentSpanId"], !isID(parent, 16) { found.append("parentSpanId") }
        if (span["name"]?.string ?? "").isEmpty { found.append("a span without a name") }
        if !(1...5).contains(span["kind"]?.number?.int ?? 0) { found.append("kind") }
        let (start, end) = (number(span["startTimeUnixNano"]), number(span["endTimeUnixNano"]))
        // Nanoseconds since 1970, in this century.
        if !(1_700_000_000_000_000_000..<4_000_000_000_000_000_000).contains(start ?? 0) { found.append("start") }
        if (end ?? 0) < (start ?? 1) { found.append("a span ends before it begins") }
        if let status = span["status"], ![1, 2].contains(status["code"]?.number?.int ?? 0) { found.append("status") }
        let names = list(span, "attributes").compactMap { $0["key"]?.string }
        if Set(names).count != names.count { found.append("an attribute stands twice") }
        return found + list(span, "attributes").flatMap(attribute)
    }

    private static func attribute(_ attribute: JSONValue) -> [String] {
        guard let name = attribute["key"]?.string, let value = attribute["value"]?.object, value.count == 1 else {
            return ["an attribute without key or value"]
        }
        let isRight =
            value["stringValue"]?.string != nil || number(value["intValue"]) != nil
            || value["doubleValue"]?.number != nil || value["boolValue"] == true || value["boolValue"] == false
        return isRight ? [] : ["the value of \(name)"]
    }

    private static func unknown(_ value: JSONValue, besides known: Set<String>) -> [String] {
        (value.object?.names ?? ["no object"]).filter { !known.contains($0) }
    }

    private static func list(_ value: JSONValue, _ name: String) -> [JSONValue] { value[name]?.array ?? [] }

    private static func number(_ value: JSONValue?) -> UInt64? { (value?.string).flatMap { UInt64($0) } }

    private static func isID(_ value: JSONValue?, _ digits: Int) -> Bool {
        guard let text = value?.string, text.utf8.count == digits else { return false }
        return text.allSatisfy { $0.isHexDigit && !$0.isUppercase } && text.contains { $0 != "0" }
    }
}
