internal import JSON

extension FieldRule {
    /// A list whose items all follow one rule; items that are wrong are left out after they are reported.
    static func list<Item>(of item: FieldRule<Item>, max: Int) -> FieldRule where Value == [Item] {
        var schema = JSONObject()
        schema["type"] = "array"
        schema["items"] = .object(item.schema)
        schema["maxItems"] = .number(JSONNumber(max))
        return FieldRule(schema: schema, form: .list(of: item.form, max: max)) { node, name, problems in
            guard let items = node.items else {
                problems.report(node.mark, "\(name) must be a list, not \(node.kind)")
                return nil
            }
            guard items.count <= max else {
                problems.report(node.mark, "\(name) has \(items.count) items; up to \(max) are allowed")
                return nil
            }
            return items.compactMap { item.read($0, "an item of \(name)", &problems) }
        }
    }

    /// A mapping with a table of its own.
    static func object(
        _ table: FieldTable, _ build: @escaping @Sendable (ObjectReader, inout Problems) -> Value?
    ) -> FieldRule {
        FieldRule(schema: table.schema, form: .object(table)) { node, _, problems in
            guard let reader = ObjectReader(node, as: table, at: node.mark, &problems) else { return nil }
            return build(reader, &problems)
        }
    }

    /// What another rule reads, made into something else; `make` reports why if it can't.
    func map<Other>(
        _ make: @escaping @Sendable (Value, _ mark: YAMLMark, _ name: String, inout Problems) -> Other?
    ) -> FieldRule<Other> {
        FieldRule<Other>(schema: schema, form: form) { [read] node, name, problems in
            read(node, name, &problems).flatMap { make($0, node.mark, name, &problems) }
        }
    }
}

extension FieldRule where Value == [String: String] {
    /// A mapping from text to text.
    static func texts(key: TextForm, value: FieldRule<String>, max: Int, reserved: String? = nil) -> Self {
        var schema = JSONObject()
        schema["type"] = "object"
        var names = JSONObject()
        names["pattern"] = .string(key.pattern)
        if let reserved { names["not"] = ["pattern": .string("^\(reserved.replacing(".", with: "\\."))")] }
        schema["propertyNames"] = .object(names)
        schema["additionalProperties"] = .object(value.schema)
        schema["maxProperties"] = .number(JSONNumber(max))
        let form = ValueForm(
            type: "mapping of text",
            limit: "up to \(max); keys: \(key.sentence)"
                + (reserved.map { ", not beginning with `\($0)`" } ?? "") + "; values: \(value.form.limit)")
        return Self(schema: schema, form: form) { node, name, problems in
            guard let entries = node.entries else {
                problems.report(node.mark, "\(name) must be a mapping, not \(node.kind)")
                return nil
            }
            if entries.count > max {
                problems.report(node.mark, "\(name) has \(entries.count) entries; up to \(max) are allowed")
            }
            var texts: [String: String] = [:]
            for entry in entries {
                guard key.accepts(entry.key) else {
                    problems.report(
                        entry.keyMark, "a key of \(name) must be \(key.sentence), not \(Quoted(entry.key))")
                    continue
                }
                if let reserved, entry.key.hasPrefix(reserved) {
                    problems.report(entry.keyMark, "keys that begin with \(reserved) are set by the daemon")
                    continue
                }
                texts[entry.key] = value.read(entry.value, "\(entry.key) in \(name)", &problems)
            }
            return texts
        }
    }
}

extension FieldRule where Value == JSONObject {
    /// Any mapping, passed on as JSON: the field's content is the platform's or the package's affair.
    static var json: Self {
        var schema = JSONObject()
        schema["type"] = "object"
        return Self(schema: schema, form: .anything) { node, name, problems in
            var errors: [YAMLError] = []
            guard let object = node.jsonObject(errors: &errors) else {
                problems.report(node.mark, "\(name) must be a mapping, not \(node.kind)")
                return nil
            }
            for error in errors { problems.report(error.mark, "\(name) holds \(error.message)", hint: error.hint) }
            return errors.isEmpty ? object : nil
        }
    }
}
