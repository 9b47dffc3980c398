import JSON
import Manifests
package import Planning
package import Reconciler
import Telemetry

/// One plan of one source, brought into the words and the sections that text and Markdown share.
///
/// Nothing in it can move a cursor, colour a terminal or break a line (S12), and no value of an install is in it unless
/// asked for (I11).
package struct PlanView {
    package enum Mark: String, Sendable {
        case add = "+"
        case change = "~"
        case remove = "-"
    }
    /// An action.
    package struct Row {
        package var mark: Mark
        package var word: String
        package var object: String
        package var sentence: String
        package var fields: [String]
        package var block: Block?
    }
    /// Something that is not done, and why.
    package struct Note {
        package var object: String
        package var code: String
        package var sentence: String
        package var fields: [String]
        /// Whether it leaves the source out of sync; else it is only reported.
        package var isHeld: Bool
    }

    package let source: String
    /// With a short commit: `main@4b30e7e1`.
    package let revision: String
    package let subject: String
    package let digest: String
    /// What `allow` takes; nil when nothing is blocked.
    package let blockedDigest: String?
    package let rows: [Row]
    package let notes: [Note]
    /// Why the source is not written to at all.
    package let stop: String?
    /// Who has suspended the source, why and until when; nil when it is written to.
    package let suspension: String?
    /// What recovery could not tell, as a sentence; nil when it is complete.
    package let incompleteness: String?
    /// Whether there are values that are not shown.
    package let hidesValues: Bool

    /// Nil when the pass did not get as far as a plan.
    ///
    /// - Parameter showsValues: without it, of `values` is only said that they change.
    package init?(_ report: PassReport, showsValues: Bool) {
        guard let plan = report.plan, let revision = report.revision else { return nil }
        source = report.source
        self.revision = TerminalText.safe(revision.revision.shortRevision)
        subject = TerminalText.safe(revision.subject)
        digest = plan.digest
        blockedDigest = plan.blockedDigest
        stop = plan.stop.map { "\($0.code): \(TerminalText.safe($0.sentence))" }
        suspension = report.suspension?.sentence
        incompleteness = plan.isComplete ? nil : plan.incompleteness
        let fields = plan.actions.flatMap(\.fields) + plan.holds.flatMap(\.fields)
        hidesValues = !showsValues && fields.contains(where: \.isValue)
        rows = plan.actions.map { action in
            Row(
                mark: action.mark, word: action.word.rawValue, object: action.target.description,
                sentence: TerminalText.safe(action.reason.sentence),
                fields: action.fields.map { Self.text(of: $0, showsValues: showsValues) }, block: action.block)
        }
        notes = plan.holds.map { hold in
            Note(
                object: hold.target.description, code: hold.code.rawValue, sentence: TerminalText.safe(hold.sentence),
                fields: hold.fields.map { Self.text(of: $0, showsValues: showsValues) }, isHeld: hold.code.counts)
        }
    }

    /// The actions that are carried out.
    package var open: [Row] { rows.filter { $0.block == nil } }
    /// Those that wait for a person, by why they do.
    package var blocked: [(block: Block, rows: [Row])] {
        let blocks = rows.compactMap(\.block)
        let inOrder = Set(blocks).sorted { $0.rawValue < $1.rawValue }
        return inOrder.map { block in (block, rows.filter { $0.block == block }) }
    }
    package var held: [Note] { notes.filter(\.isHeld) }
    package var reported: [Note] { notes.filter { !$0.isHeld } }

    /// `3 to create, 1 to update, 2 blocked`; the groups are those of `reconcile.finished`.
    package var summary: String {
        let words = open.map(\.word)
        func count(_ group: ActionWord...) -> Int { words.count { group.map(\.rawValue).contains($0) } }
        let groups: [(Int, String)] = [
            (count(.create, .import, .publish), "to create"), (count(.update, .setAutomaticUpdates), "to update"),
            (count(.render), "to render"), (count(.adopt), "to adopt"), (count(.delete), "to delete"),
            (rows.count - words.count, "blocked"), (held.count, "held"), (reported.count, "reported"),
        ]
        let parts = groups.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return parts.isEmpty ? "nothing to do" : parts.joined(separator: ", ")
    }

    /// `version: 1.3.0 → 1.4.0`; of a value that is not to be shown, only what becomes of it.
    package static func text(of field: FieldChange, showsValues: Bool) -> String {
        let path = TerminalText.safe(field.path)
        switch (field.before.map(text), field.after.map(text)) {
        case (nil, nil): return "\(path): changed"
        case (nil, _?) where field.isValue && !showsValues: return "\(path): set"
        case (_?, nil) where field.isValue && !showsValues: return "\(path): removed"
        case (_?, _?) where field.isValue && !showsValues: return "\(path): changed"
        case (nil, let after?): return "\(path): \(after)"
        case (let before?, nil): return "\(path): \(before) → (none)"
        case (let before?, let after?): return "\(path): \(before) → \(after)"
        }
    }

    /// The most characters that one field shows of its value.
    private static let valueMax = 200

    private static func text(of value: JSONValue) -> String {
        let plain = value.string ?? JSONWriter().text(of: value)
        return TerminalText.safe(plain.count > valueMax ? plain.prefix(valueMax) + "…" : plain)
    }
}

extension Action {
    fileprivate var mark: PlanView.Mark {
        switch word {
        case .create, .import, .publish: .add
        case .update, .setAutomaticUpdates, .render, .adopt: .change
        case .delete: .remove
        }
    }
}

extension Block {
    /// Why it waits for a person.
    package var sentence: String {
        switch self {
        case .pruneLimit: "more deletes than spec.prune of the Settings allows"
        case .emptyPath: "the commit holds no manifest where the source looks for them"
        case .rewrittenHistory:
            "the last applied commit is no ancestor of this one, or the source's url, ref or path has changed"
        case .nowSkipped: "the document is still in git, but is skipped now"
        case .massAbsence: "many objects are gone from the workspace at once"
        case .possibleDuplicate: "it may live already, made before anything that the platform still tells of"
        case .recoveredOrphan: "made by this source at some time, declared by no manifest"
        }
    }
}

extension String {
    /// A revision as people read it: `main@4b30e7e1` for `main@sha1:4b30e7e1…`.
    package var shortRevision: String {
        replacing(/@sha1:([0-9a-f]{8})[0-9a-f]{32}/) { match in "@\(match.1)" }
    }

    /// A commit as people read it.
    package var shortCommit: String { String(prefix(8)) }
}
