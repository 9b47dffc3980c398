internal import JSON

extension FieldRule where Value == Bool {
    /// `true` or `false` as the core schema has them, not quoted.
    static var flag: Self {
        var schema = JSONObject()
        schema["type"] = "boolean"
        return Self(schema: schema, form: ValueForm(type: "boolean")) { node, name, problems in
            if case .bool(let flag) = node.scalar?.resolved { return flag }
            problems.report(node.mark, "\(name) must be true or false, not \(node.kind)")
            return nil
        }
    }
}

extension FieldRule where Value == Int {
    /// A whole number within bounds.
    static func whole(_ range: ClosedRange<Int>) -> Self {
        var schema = JSONObject()
        schema["type"] = "integer"
        schema["minimum"] = .number(JSONNumber(range.lowerBound))
        schema["maximum"] = .number(JSONNumber(range.upperBound))
        let form = ValueForm(type: "whole number", limit: "\(range.lowerBound) to \(range.upperBound)")
        return Self(schema: schema, form: form) { node, name, problems in
            guard case .number(let number) = node.scalar?.resolved, let value = number.int else {
                problems.report(node.mark, "\(name) must be a whole number, not \(Self.description(of: node))")
                return nil
            }
            guard range.contains(value) else {
                problems.report(
                    node.mark, "\(name) is \(value); \(range.lowerBound) to \(range.upperBound) are allowed")
                return nil
            }
            return value
        }
    }

    private static func description(of node: YAMLNode) -> String {
        node.text.map { Quoted($0).description } ?? node.kind
    }
}

extension FieldRule where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the words of an enumeration; `unsupported` are words of the contract that this build can't act on.
    static func word(_: Value.Type = Value.self, unsupported: Set<String> = []) -> Self {
        let words = Value.allCases.map(\.rawValue)
        var schema = JSONObject()
        schema["enum"] = .array(words.map(JSONValue.string))
        return Self(schema: schema, form: .word(words)) { node, name, problems in
            guard let text = node.text else {
                problems.report(node.mark, "\(name) must be \(words.joined(separator: " or ")), not \(node.kind)")
                return nil
            }
            if let value = Value(rawValue: text) { return value }
            if unsupported.contains(text) {
                problems.report(node.mark, "\(name): \(text) is not supported by this version")
            } else {
                problems.report(
                    node.mark, "\(name) must be \(words.joined(separator: " or ")), not \(Quoted(text))",
                    hint: Suggestion.hint(for: text, among: words))
            }
            return nil
        }
    }
}

extension FieldRule where Value == Duration {
    /// A length of time in whole hours, minutes, seconds and milliseconds, such as `1h30m`.
    static func duration(_ range: ClosedRange<Duration>) -> Self {
        var schema = JSONObject()
        schema["type"] = "string"
        schema["pattern"] = "^(?=[0-9])([0-9]+h)?([0-9]+m(?!s))?([0-9]+s)?([0-9]+ms)?$"
        schema["examples"] = ["5m", "1h30m", "30s"]
        let bounds = "\(DurationText.text(of: range.lowerBound)) to \(DurationText.text(of: range.upperBound))"
        return Self(schema: schema, form: ValueForm(type: "length of time", limit: bounds)) { node, name, problems in
            guard let text = node.text, let duration = DurationText.parse(text) else {
                let found = node.text.map { Quoted($0).description } ?? node.kind
                let isBareNumber = node.text.map { !$0.isEmpty && $0.utf8.allSatisfy(CoreSchema.isDigit) } ?? false
                problems.report(
                    node.mark, "\(name) must be a length of time such as 30s, 5m or 1h30m, not \(found)",
                    hint: isBareNumber ? "add the unit: ms, s, m or h" : nil)
                return nil
            }
            guard range.contains(duration) else {
                problems.report(node.mark, "\(name) is \(text); \(bounds) are allowed")
                return nil
            }
            return duration
        }
    }
}

/// Lengths of time as people write them.
package enum DurationText {
    private static let units: [(name: String, milliseconds: Int)] = [
        ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// Whole numbers with units, the larger first and each once; nil for anything else, and above ten digits.
    package static func parse(_ text: String) -> Duration? {
        var rest = text.utf8[...]
        var remaining = units[...]
        var milliseconds = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix(while: CoreSchema.isDigit)
            rest = rest[digits.endIndex...]
            let letters = rest.prefix { !CoreSchema.isDigit($0) }
            rest = rest[letters.endIndex...]
            guard digits.count <= 10, let count = Int(Substring(digits)),
                let unit = remaining.firstIndex(where: { $0.name.utf8.elementsEqual(letters) })
            else { return nil }
            milliseconds += count * units[unit].milliseconds
            remaining = remaining[(unit + 1)...]
        }
        return .milliseconds(milliseconds)
    }

    /// The shortest text for a length of time in whole milliseconds.
    package static func text(of duration: Duration) -> String {
        var rest = Int(duration / .milliseconds(1))
        var text = ""
        for unit in units where rest >= unit.milliseconds {
            text += "\(rest / unit.milliseconds)\(unit.name)"
            rest %= unit.milliseconds
        }
        return text.isEmpty ? "0s" : text
    }
}
