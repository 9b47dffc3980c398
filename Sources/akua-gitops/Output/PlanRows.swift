import JSON
import Manifests
import Planning
import Reconciler

/// One plan of one source, brought into the shape that all three forms of output share.
struct PlanRows {
    enum Mark: String {
        case add = "+"
        case change = "~"
        case remove = "-"
    }
    struct Row {
        var mark: Mark
        var word: String
        var object: String
        var sentence: String
        var fields: [String]
        /// The reason code of a block, when it waits for a person.
        var blocked: String?
    }
    struct Note {
        var object: String
        var code: String
        var sentence: String
        var fields: [String]
        /// Whether it leaves the source out of sync.
        var counts: Bool
    }

    var source: String
    var revision: String
    var subject: String
    var digest: String
    var blockedDigest: String?
    var rows: [Row]
    var notes: [Note]
    var stop: String?

    /// Nil when the pass did not get as far as a plan.
    ///
    /// - Parameter showsValues: without it, of `values` is only said that they change.
    init?(_ report: PassReport, showsValues: Bool) {
        guard let plan = report.plan, let revision = report.revision else { return nil }
        source = report.source
        self.revision = revision.revision
        subject = Terminal.clean(revision.subject)
        digest = plan.digest
        blockedDigest = plan.blockedDigest
        stop = plan.stop?.sentence
        rows = plan.actions.map { action in
            Row(
                mark: action.mark, word: action.word.rawValue, object: action.target.description,
                sentence: Terminal.clean(action.reason.sentence),
                fields: action.fields.map { Self.text(of: $0, showsValues: showsValues) },
                blocked: action.block?.rawValue)
        }
        notes = plan.holds.map { hold in
            Note(
                object: hold.target.description, code: hold.code.rawValue, sentence: Terminal.clean(hold.sentence),
                fields: hold.fields.map { Self.text(of: $0, showsValues: showsValues) }, counts: hold.code.counts)
        }
    }

    /// `version: 1.3.0 → 1.4.0`; of a value that is not to be shown, only that it changes.
    private static func text(of field: FieldChange, showsValues: Bool) -> String {
        let path = Terminal.clean(field.path)
        if field.isValue, !showsValues { return "\(path): \(field.before == nil ? "set" : "changed") (not shown)" }
        func text(_ value: JSONValue) -> String {
            let plain = value.string ?? JSONWriter().text(of: value)
            return plain.count > 200 ? Terminal.clean(String(plain.prefix(200))) + "…" : Terminal.clean(plain)
        }
        switch (field.before, field.after) {
        case (let before?, let after?): return "\(path): \(text(before)) → \(text(after))"
        case (nil, let after?): return "\(path): \(text(after))"
        case (let before?, nil): return "\(path): \(text(before)) → (none)"
        case (nil, nil): return "\(path): changed"
        }
    }

    /// `3 to create, 1 to update, 2 blocked`.
    var summary: String {
        let open = rows.filter { $0.blocked == nil }
        func count(_ mark: Mark, _ words: Set<String>) -> Int {
            open.count { $0.mark == mark && words.contains($0.word) }
        }
        var parts: [String] = []
        let groups: [(Int, String)] = [
            (count(.add, ["create", "import", "publish"]), "to create"),
            (count(.change, ["update", "set_automatic_updates"]), "to update"),
            (count(.change, ["render"]), "to render"),
            (count(.change, ["adopt"]), "to adopt"), (count(.remove, ["delete"]), "to delete"),
            (rows.count { $0.blocked != nil }, "blocked"), (notes.count { $0.counts }, "held"),
            (notes.count { !$0.counts }, "reported"),
        ]
        for (count, name) in groups where count > 0 { parts.append("\(count) \(name)") }
        return parts.isEmpty ? "nothing to do" : parts.joined(separator: ", ")
    }
}

extension Action {
    fileprivate var mark: PlanRows.Mark {
        switch word {
        case .create, .import, .publish: .add
        case .update, .setAutomaticUpdates, .render, .adopt: .change
        case .delete: .remove
        }
    }
}
