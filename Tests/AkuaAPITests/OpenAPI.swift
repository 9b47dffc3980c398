import Foundation
import JSON

/// The platform's public OpenAPI document, where the machine has it beside the project.
struct OpenAPI: Sendable {
    private let root: JSONValue

    /// Nil where the document is not there.
    static let document: OpenAPI? = {
        let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = project.deletingLastPathComponent().appending(path: "shared/openapi/akua-public.json")
        guard let data = try? Data(contentsOf: file), let root = try? JSONReader.read([UInt8](data)) else { return nil }
        return OpenAPI(root: root)
    }()

    /// The `operationId` of a call, or nil when the document has no such call.
    func operationID(method: String, path: String) -> String? {
        root["paths"]?[path]?[method.lowercased()]?["operationId"]?.string
    }

    /// What is wrong with a request's body.
    func problems(ofRequest body: JSONValue, method: String, path: String) -> [String] {
        guard let operation = root["paths"]?[path]?[method],
            let schema = operation["requestBody"]?["content"]?["application/json"]?["schema"]
        else { return ["no such call with a body: \(method) \(path)"] }
        return problems(body, schema, "body")
    }

    /// What is wrong with a response's body.
    func problems(ofResponse body: JSONValue, status: String, method: String, path: String) -> [String] {
        guard let response = root["paths"]?[path]?[method]?["responses"]?[status],
            let schema = response["content"]?["application/json"]?["schema"]
        else { return ["no such answer: \(status) to \(method) \(path)"] }
        return problems(body, schema, "body")
    }

    private func problems(_ value: JSONValue, _ schema: JSONValue, _ place: String) -> [String] {
        if let reference = schema["$ref"]?.string { return problems(value, resolve(reference), place) }
        var found: [String] = []
        for keyword in ["anyOf", "oneOf"] {
            guard let choices = schema[keyword]?.array else { continue }
            let attempts = choices.map { problems(value, $0, place) }
            if !attempts.contains([]) { found.append("\(place) is none of \(choices.count) choices: \(attempts)") }
        }
        for part in schema["allOf"]?.array ?? [] { found += problems(value, part, place) }
        if let type = schema["type"] {
            let types = type.string.map { [$0] } ?? type.array?.compactMap(\.string) ?? []
            if !types.contains(where: { Self.has(value, type: $0) }) {
                found.append("\(place) is \(value.kind), not \(types)")
            }
        }
        if let words = schema["enum"]?.array, !words.contains(value) { found.append("\(place) is not in the enum") }
        if let text = value.string {
            if let least = schema["minLength"]?.number?.int, text.count < least {
                found.append("\(place) is too short")
            }
            if let most = schema["maxLength"]?.number?.int, text.count > most { found.append("\(place) is too long") }
            if let pattern = schema["pattern"]?.string, text.range(of: pattern, options: .regularExpression) == nil {
                found.append("\(place) does not match \(pattern)")
            }
        }
        for (position, item) in (value.array ?? []).enumerated() {
            if let items = schema["items"] { found += problems(item, items, "\(place)[\(position)]") }
        }
        return found + (value.object.map { members($0, schema, place) } ?? [])
    }

    private func members(_ object: JSONObject, _ schema: JSONValue, _ place: String) -> [String] {
        var found: [String] = []
        for name in schema["required"]?.array?.compactMap(\.string) ?? [] where object[name] == nil {
            found.append("\(place).\(name) is missing")
        }
        for (name, value) in object {
            if let property = schema["properties"]?[name] {
                found += problems(value, property, "\(place).\(name)")
            } else if schema["additionalProperties"] == false {
                found.append("\(place).\(name) is not allowed")
            } else if let rest = schema["additionalProperties"], rest.object != nil {
                found += problems(value, rest, "\(place).\(name)")
            }
        }
        return found
    }

    private func resolve(_ reference: String) -> JSONValue {
        reference.split(separator: "/").dropFirst().reduce(root) { $0[String($1)] ?? .null }
    }

    private static func has(_ value: JSONValue, type: String) -> Bool {
        switch type {
        case "null": value.isNull
        case "boolean": value.bool != nil
        case "integer": value.number?.isWhole == true
        case "number": value.number != nil
        case "string": value.string != nil
        case "array": value.array != nil
        case "object": value.object != nil
        default: false
        }
    }
}
