internal import JSON

/// The fields of manifests as documentation shows them.
///
/// Made from the tables that the parser and ``ManifestSchema`` are made from, so that all three say the same.
package enum ManifestReference {
    /// What one kind has, or all of them.
    package struct Section: Sendable {
        /// The kind; nil for what all manifests have.
        package var kind: String?
        package var rows: [Row]
        /// What holds between fields, each a sentence.
        package var rules: [String]
        /// Fields that are refused since this version has no behaviour for them.
        package var unsupported: [String]
    }

    /// One field.
    package struct Row: Sendable {
        /// Its place in the manifest: `spec.prune.maxDeletes`, `spec.valuesFrom[].file`.
        package var path: String
        package var type: String
        /// What its value is held to; empty where nothing more is.
        package var limit: String
        package var isRequired: Bool
        /// What holds when it is left out; nil where nothing does.
        package var fallback: String?
        /// One sentence.
        package var summary: String
    }

    /// What all manifests have, then each kind.
    package static var sections: [Section] {
        let common = CommonFields.rows.map(\.name)
        var all = section(EnvelopeFields.table, at: "")
        all.rows += CommonFields.rows.flatMap { rows(of: $0, at: "spec.") }
        let kinds = DocumentKind.allCases.map { kind in
            var own = section(kind.specTable, at: "spec.")
            own.kind = kind.rawValue
            // Settings has one of the same name, of its own.
            if kind != .settings { own.rows.removeAll { common.contains(String($0.path.dropFirst("spec.".count))) } }
            return own
        }
        return [all] + kinds
    }

    private static func section(_ table: FieldTable, at prefix: String) -> Section {
        Section(
            rows: table.rows.flatMap { rows(of: $0, at: prefix) },
            rules: table.choices.map(\.sentence) + table.conditions.map { "\($0.problem): \($0.hint)." },
            unsupported: table.unsupported.sorted())
    }

    private static func rows(of row: FieldTable.Row, at prefix: String) -> [Row] {
        let own = Row(
            path: prefix + row.name, type: row.form.type, limit: row.form.limit, isRequired: row.isRequired,
            fallback: row.fallback.map { $0.string ?? JSONWriter().text(of: $0) }, summary: row.summary)
        let inner = row.form.fields.map { table in
            table.rows.flatMap { rows(of: $0, at: "\(prefix)\(row.name)\(row.form.isList ? "[]" : "").") }
        }
        return [own] + (inner ?? [])
    }
}

extension FieldTable.Choice {
    fileprivate var sentence: String {
        let list = names.map { "`\($0)`" }.joined(separator: ", ")
        return isRequired ? "exactly one of \(list)." : "at most one of \(list)."
    }
}
