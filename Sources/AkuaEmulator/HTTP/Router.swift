import Foundation

/// Finds the route that a path names.
struct Router: Sendable {
    /// What a path came to.
    enum Match: Sendable {
        case found(Route, parameters: [String: String])
        /// The path exists for these methods alone.
        case otherMethods([String])
        case none

        /// The call's name in the OpenAPI document.
        var call: String? { if case .found(let route, _) = self { route.endpoint.rawValue } else { nil } }
    }

    /// What every path of the API begins with.
    static let base = "/v1"

    private struct Entry: Sendable {
        var route: Route
        var segments: [String]
        var verb: String
    }

    private let entries: [Entry]

    init(_ routes: [Route]) {
        entries = routes.map { route in
            let (segments, verb) = Self.parts(of: route.template.dropFirst().split(separator: "/").map(String.init))
            return Entry(route: route, segments: segments, verb: verb)
        }
    }

    /// The route of a raw path, query excluded.
    func match(_ method: String, _ path: String, colon: Switches.Colon) -> Match {
        guard path.hasPrefix(Self.base + "/") else { return .none }
        let raw = path.dropFirst(Self.base.count + 1).split(separator: "/", omittingEmptySubsequences: false)
        guard Self.isColon(colon, rightIn: raw.last ?? "") else { return .none }
        let decoded = raw.compactMap { String($0).removingPercentEncoding }
        guard decoded.count == raw.count, !decoded.contains("") else { return .none }
        let (segments, verb) = Self.parts(of: decoded)
        var methods: [String] = []
        for entry in entries where entry.verb == verb && entry.segments.count == segments.count {
            guard let parameters = Self.parameters(of: entry.segments, in: segments) else { continue }
            guard entry.route.method.rawValue == method else {
                methods.append(entry.route.method.rawValue)
                continue
            }
            return .found(entry.route, parameters: parameters)
        }
        return methods.isEmpty ? .none : .otherMethods(methods)
    }

    /// Takes the custom verb off the last segment, where alone one can be.
    private static func parts(of segments: [String]) -> (segments: [String], verb: String) {
        guard let last = segments.last, let colon = last.lastIndex(of: ":") else { return (segments, "") }
        return (segments.dropLast() + [String(last[..<colon])], String(last[last.index(after: colon)...]))
    }

    private static func parameters(of template: [String], in segments: [String]) -> [String: String]? {
        var parameters: [String: String] = [:]
        for (expected, segment) in zip(template, segments) {
            if expected.hasPrefix("{") {
                parameters[String(expected.dropFirst().dropLast())] = segment
            } else if expected != segment {
                return nil
            }
        }
        return parameters
    }

    private static func isColon(_ colon: Switches.Colon, rightIn segment: Substring) -> Bool {
        switch colon {
        case .both: true
        case .raw: !segment.lowercased().contains("%3a")
        case .encoded: !segment.contains(":")
        }
    }
}
