internal import JSON

/// One field of a manifest: its name, what it is for, and the rule that reads it.
///
/// The parser and the JSON Schema are both made from these, so that they can't say different things.
struct Field<Value: Sendable>: Sendable {
    let name: String
    /// One sentence for editors and documentation.
    let summary: String
    let rule: FieldRule<Value>
    /// What holds when the field is left out, for schema and reference.
    let fallback: JSONValue?

    init(_ name: String, _ summary: String, _ rule: FieldRule<Value>, fallback: JSONValue? = nil) {
        self.name = name
        self.summary = summary
        self.rule = rule
        self.fallback = fallback
    }

    /// The field as a row of a table in which it may be left out.
    var optional: FieldTable.Row { row(isRequired: false) }
    /// The field as a row of a table that can't do without it.
    var required: FieldTable.Row { row(isRequired: true) }

    private func row(isRequired: Bool) -> FieldTable.Row {
        var schema = JSONObject()
        schema["description"] = .string(summary)
        for member in rule.schema { schema[member.name] = member.value }
        schema["default"] = fallback
        return FieldTable.Row(
            name: name, isRequired: isRequired, schema: schema, summary: summary, form: rule.form, fallback: fallback)
    }
}

/// How the value of a field is read, and how a JSON Schema and the reference describe it.
struct FieldRule<Value: Sendable>: Sendable {
    let schema: JSONObject
    let form: ValueForm
    /// The value, or nil after reporting what is wrong with it; `name` is the field's, for messages.
    let read: @Sendable (_ node: YAMLNode, _ name: String, _ problems: inout Problems) -> Value?
}

/// The fields that a mapping of a manifest can have.
struct FieldTable: Sendable {
    struct Row: Sendable {
        var name: String
        var isRequired: Bool
        var schema: JSONObject
        var summary: String
        var form: ValueForm
        var fallback: JSONValue?
    }
    /// Fields that exclude each other.
    struct Choice: Sendable {
        var names: [String]
        /// Whether one of them has to be there.
        var isRequired: Bool
    }
    /// What the presence of one field means for another.
    struct Condition: Sendable {
        enum Demand: Sendable { case needs, excludes }

        /// Where any of these is there, `other` has to be there too, or may not be.
        var fields: [String]
        var demand: Demand
        var other: String
        /// What to say when it is otherwise.
        var problem: String
        var hint: String
    }

    /// What the mapping is called in messages, such as `spec of Install`.
    let name: String
    let rows: [Row]
    let choices: [Choice]
    let conditions: [Condition]
    /// Fields of the contract whose behaviour this build does not have; they are refused, and no schema shows them.
    let unsupported: Set<String>

    init(
        _ name: String, _ rows: [Row], choices: [Choice] = [], conditions: [Condition] = [],
        unsupported: Set<String> = []
    ) {
        self.name = name
        self.rows = rows
        self.choices = choices
        self.conditions = conditions
        self.unsupported = unsupported
    }

    var names: [String] { rows.map(\.name) }

    /// What a JSON Schema says of the mapping.
    var schema: JSONObject {
        var properties = JSONObject()
        for row in rows { properties[row.name] = .object(row.schema) }
        var schema = JSONObject()
        schema["type"] = "object"
        schema["properties"] = .object(properties)
        let required = rows.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { schema["required"] = .array(required) }
        schema["additionalProperties"] = false
        let demands = choices.map(\.schema) + conditions.flatMap(\.schemas)
        if !demands.isEmpty { schema["allOf"] = .array(demands) }
        return schema
    }
}

extension FieldTable.Choice {
    /// One of these must be there, and only one.
    static func exactlyOne(_ names: String...) -> Self { Self(names: names, isRequired: true) }
    /// No two of these may be there together.
    static func atMostOne(_ names: String...) -> Self { Self(names: names, isRequired: false) }

    fileprivate var schema: JSONValue {
        if isRequired { return ["oneOf": .array(names.map { presence(of: $0) })] }
        var pairs: [JSONValue] = []
        for (index, name) in names.enumerated() {
            for other in names[(index + 1)...] { pairs.append(presence(of: name, other)) }
        }
        return ["not": ["anyOf": .array(pairs)]]
    }
}

extension FieldTable.Condition {
    fileprivate var schemas: [JSONValue] {
        fields.map { field in
            switch demand {
            case .needs: ["if": presence(of: field), "then": presence(of: other)]
            case .excludes: ["not": presence(of: field, other)]
            }
        }
    }
}

private func presence(of names: String...) -> JSONValue { ["required": .array(names.map(JSONValue.string))] }
