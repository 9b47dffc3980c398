/// Reads the fields of one mapping by its table.
///
/// Made once for a mapping, it reports unknown, unsupported, missing and contradicting fields; then each field is asked
/// for by its typed ``Field``. A field with nothing as its value counts as left out.
struct ObjectReader {
    private let table: FieldTable
    private let entries: [YAMLEntry]
    /// Where the mapping is written: at the key that it belongs to.
    let mark: YAMLMark

    /// Nil when the node is no mapping, which is then reported.
    init?(_ node: YAMLNode, as table: FieldTable, at mark: YAMLMark, _ problems: inout Problems) {
        guard let entries = node.entries else {
            problems.report(node.isNull ? mark : node.mark, "\(table.name) must be a mapping, not \(node.kind)")
            return nil
        }
        self.table = table
        self.mark = mark
        self.entries = entries.filter { !$0.value.isNull }
        for entry in entries { Self.check(entry, table, &problems) }
        checkPresence(among: entries, &problems)
        checkConditions(&problems)
    }

    /// The value of the field; nil when it is left out or wrong, which is then reported.
    func read<Value>(_ field: Field<Value>, _ problems: inout Problems) -> Value? {
        guard let entry = entry(field.name) else { return nil }
        return field.rule.read(entry.value, field.name, &problems)
    }

    /// Whether the field is there, right or wrong.
    func has<Value>(_ field: Field<Value>) -> Bool { entry(field.name) != nil }

    /// Where the field's value is written; the mapping's own place when the field is left out.
    func mark<Value>(of field: Field<Value>) -> YAMLMark { entry(field.name)?.value.mark ?? mark }

    /// Where the field's value is written; nil when it is left out.
    func place<Value>(of field: Field<Value>) -> YAMLMark? { entry(field.name)?.value.mark }

    /// Where the field's name is written; the mapping's own place when the field is left out.
    func keyMark<Value>(of field: Field<Value>) -> YAMLMark { entry(field.name)?.keyMark ?? mark }

    /// The field's value as it is written.
    func node<Value>(of field: Field<Value>) -> YAMLNode? { entry(field.name)?.value }

    private func entry(_ name: String) -> YAMLEntry? { entries.first { $0.key == name } }

    private static func check(_ entry: YAMLEntry, _ table: FieldTable, _ problems: inout Problems) {
        guard !table.rows.contains(where: { $0.name == entry.key }) else { return }
        if table.unsupported.contains(entry.key) {
            problems.report(entry.keyMark, "\(entry.key) in \(table.name) is not supported by this version")
        } else {
            problems.report(
                entry.keyMark, "unknown field \(Quoted(entry.key)) in \(table.name)",
                hint: Suggestion.hint(for: entry.key, among: table.names))
        }
    }

    private func checkPresence(among written: [YAMLEntry], _ problems: inout Problems) {
        for row in table.rows where row.isRequired && entry(row.name) == nil {
            if let empty = written.first(where: { $0.key == row.name }) {
                problems.report(empty.keyMark, "\(row.name) in \(table.name) has no value")
            } else {
                problems.report(mark, "\(table.name) needs \(row.name)")
            }
        }
        for choice in table.choices {
            let given = choice.names.compactMap(entry)
            if given.isEmpty, choice.isRequired {
                problems.report(mark, "\(table.name) needs \(Self.list(choice.names, joining: "or"))")
            }
            for entry in given.dropFirst() {
                problems.report(
                    entry.keyMark, "\(given[0].key) and \(entry.key) in \(table.name) exclude each other",
                    hint: "give one of \(Self.list(choice.names, joining: "and"))")
            }
        }
    }

    private func checkConditions(_ problems: inout Problems) {
        for condition in table.conditions {
            guard let given = condition.fields.lazy.compactMap(entry).first else { continue }
            let other = entry(condition.other)
            switch condition.demand {
            case .needs where other == nil: problems.report(given.keyMark, condition.problem, hint: condition.hint)
            case .excludes: if let other { problems.report(other.keyMark, condition.problem, hint: condition.hint) }
            case .needs: continue
            }
        }
    }

    /// Words as a sentence lists them: `a, b or c`.
    private static func list(_ words: [String], joining word: String) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " \(word) \(last)"
    }
}
