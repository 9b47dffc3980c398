import Foundation
package import JSON

/// Checks values against the schemas of an OpenAPI 3.1 document, as far as the platform's document uses them.
package struct SchemaCheck: Sendable {
    /// One thing that a schema does not allow.
    package struct Violation: Equatable, Sendable, CustomStringConvertible {
        /// Such as `data.0.etag`; empty for the whole value.
        package var place: String
        package var problem: String
        package var description: String { "\(place.isEmpty ? "the value" : place) \(problem)" }
    }

    private let components: JSONValue
    /// Members that no schema declares are violations, even where the schema would let them pass.
    private let forbidsUndeclared: Bool

    /// A check with the schemas that references lead to.
    package init(components: JSONValue, forbidsUndeclared: Bool = false) {
        self.components = components
        self.forbidsUndeclared = forbidsUndeclared
    }

    /// Everything in `value` that `schema` does not allow.
    package func violations(of schema: JSONValue, in value: JSONValue) -> [Violation] {
        var outcome = check(value, schema, [])
        forbid(outcome.declared, in: value, &outcome)
        return outcome.violations
    }

    /// What a schema says of a value: what is wrong, and which of its members it knows.
    private struct Outcome {
        var violations: [Violation] = []
        var declared: Set<String> = []

        mutating func complain(_ problem: String, at path: [String]) {
            violations.append(Violation(place: path.joined(separator: "."), problem: problem))
        }

        mutating func merge(_ other: Outcome) {
            violations += other.violations
            declared.formUnion(other.declared)
        }
    }

    private func check(_ value: JSONValue, _ schema: JSONValue, _ path: [String]) -> Outcome {
        var outcome = Outcome()
        if let reference = schema["$ref"]?.string {
            guard let target = target(of: reference) else {
                outcome.complain("is described by \(reference), which does not exist", at: path)
                return outcome
            }
            outcome.merge(check(value, target, path))
        }
        checkType(value, schema, path, &outcome)
        if let words = schema["enum"]?.array, !words.contains(value) {
            outcome.complain("is none of \(words.map { JSONWriter().text(of: $0) }.joined(separator: ", "))", at: path)
        }
        if let constant = schema["const"], constant != value { outcome.complain("is not the one value", at: path) }
        for part in schema["allOf"]?.array ?? [] { outcome.merge(check(value, part, path)) }
        checkChoice(value, schema["anyOf"]?.array, isExclusive: false, path, &outcome)
        checkChoice(value, schema["oneOf"]?.array, isExclusive: true, path, &outcome)
        switch value {
        case .string(let text): checkText(text, schema, path, &outcome)
        case .number(let number): checkNumber(number, schema, path, &outcome)
        case .array(let items): checkItems(items, schema, path, &outcome)
        case .object(let object): checkMembers(object, schema, path, &outcome)
        case .null, .bool: break
        }
        return outcome
    }

    private func target(of reference: String) -> JSONValue? {
        let prefix = "#/components/"
        guard reference.hasPrefix(prefix) else { return nil }
        return reference.dropFirst(prefix.count).split(separator: "/").reduce(components as JSONValue?) {
            $0?[String($1)]
        }
    }

    private func checkType(_ value: JSONValue, _ schema: JSONValue, _ path: [String], _ outcome: inout Outcome) {
        guard let type = schema["type"] else { return }
        let names = type.array?.compactMap(\.string) ?? type.string.map { [$0] } ?? []
        let fits = names.contains { name in
            switch (name, value) {
            case ("null", .null), ("boolean", .bool), ("string", .string), ("array", .array), ("object", .object),
                ("number", .number):
                true
            case ("integer", .number(let number)): number.isWhole
            default: false
            }
        }
        if !fits { outcome.complain("is \(value.kind) and not \(names.joined(separator: " or "))", at: path) }
    }

    private func checkChoice(
        _ value: JSONValue, _ branches: [JSONValue]?, isExclusive: Bool, _ path: [String], _ outcome: inout Outcome
    ) {
        guard let branches else { return }
        let outcomes = branches.map { check(value, $0, path) }
        let fitting = outcomes.filter(\.violations.isEmpty)
        for fit in fitting { outcome.declared.formUnion(fit.declared) }
        if fitting.isEmpty {
            // The branch with the fewest faults is the one that was meant.
            let nearest = outcomes.min { $0.violations.count < $1.violations.count }
            outcome.complain("fits none of \(branches.count) forms", at: path)
            outcome.merge(nearest ?? Outcome())
        } else if isExclusive, fitting.count > 1 {
            outcome.complain("fits \(fitting.count) forms of which it may fit one", at: path)
        }
    }

    private func checkText(_ text: String, _ schema: JSONValue, _ path: [String], _ outcome: inout Outcome) {
        let length = text.utf16.count
        if let least = schema["minLength"]?.number?.int, length < least {
            outcome.complain("has \(length) characters and needs \(least)", at: path)
        }
        if let most = schema["maxLength"]?.number?.int, length > most {
            outcome.complain("has \(length) characters and may have \(most)", at: path)
        }
        if let pattern = schema["pattern"]?.string, text.range(of: pattern, options: .regularExpression) == nil {
            outcome.complain("does not match \(pattern)", at: path)
        }
        let isWellFormed =
            switch schema["format"]?.string {
            case "uri": URL(string: text)?.scheme != nil
            case "email": text.contains("@")
            case "date-time": text.range(of: #"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"#, options: .regularExpression) != nil
            default: true
            }
        if !isWellFormed { outcome.complain("is no \(schema["format"]?.string ?? "")", at: path) }
    }

    private func checkNumber(_ number: JSONNumber, _ schema: JSONValue, _ path: [String], _ outcome: inout Outcome) {
        if let least = schema["minimum"]?.number, number < least {
            outcome.complain("is below \(least.text)", at: path)
        }
        if let bound = schema["exclusiveMinimum"]?.number, !(bound < number) {
            outcome.complain("is not above \(bound.text)", at: path)
        }
        if let most = schema["maximum"]?.number, most < number {
            outcome.complain("is above \(most.text)", at: path)
        }
    }

    private func checkItems(_ items: [JSONValue], _ schema: JSONValue, _ path: [String], _ outcome: inout Outcome) {
        if let least = schema["minItems"]?.number?.int, items.count < least {
            outcome.complain("has \(items.count) items and needs \(least)", at: path)
        }
        if let most = schema["maxItems"]?.number?.int, items.count > most {
            outcome.complain("has \(items.count) items and may have \(most)", at: path)
        }
        guard let each = schema["items"] else { return }
        for (position, item) in items.enumerated() { descend(item, each, path + [String(position)], &outcome) }
    }

    private func checkMembers(_ object: JSONObject, _ schema: JSONValue, _ path: [String], _ outcome: inout Outcome) {
        let properties = schema["properties"]?.object ?? JSONObject()
        for name in schema["required"]?.array?.compactMap(\.string) ?? [] where object[name] == nil {
            outcome.complain("lacks '\(name)'", at: path)
        }
        for member in object {
            if let known = properties[member.name] {
                outcome.declared.insert(member.name)
                descend(member.value, known, path + [member.name], &outcome)
            } else if let other = schema["additionalProperties"] {
                if other == false {
                    outcome.complain("may not have '\(member.name)'", at: path)
                } else {
                    outcome.declared.insert(member.name)
                    descend(member.value, other, path + [member.name], &outcome)
                }
            }
        }
        // A schema that says nothing of an object's members describes any object.
        if schema["properties"] == nil, schema["additionalProperties"] == nil, schema["type"] == "object" {
            outcome.declared.formUnion(object.names)
        }
    }

    /// Checks a value inside of another: its own members have to be declared by its own schema.
    private func descend(_ value: JSONValue, _ schema: JSONValue, _ path: [String], _ outcome: inout Outcome) {
        var inner = check(value, schema, path)
        let isFree = (schema.object?.isEmpty ?? false)
        if !isFree { forbid(inner.declared, in: value, at: path, &inner) }
        outcome.violations += inner.violations
    }

    private func forbid(
        _ declared: Set<String>, in value: JSONValue, at path: [String] = [], _ outcome: inout Outcome
    ) {
        guard forbidsUndeclared, let object = value.object else { return }
        for name in object.names where !declared.contains(name) {
            outcome.complain("has '\(name)', which the document does not know", at: path)
        }
    }
}
