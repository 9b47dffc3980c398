/// Why an action is planned: a code for machines and what it needs for its sentence.
package enum Reason: Equatable, Sendable {
    /// Declared and not there.
    case declared
    /// Declared and not found, where something that lives may be it.
    case unproven(String)
    /// It was there and is gone, without a commit that says so.
    case gone(String)
    /// The manifest asks for something else than before.
    case changed(String)
    /// Another writer changed it.
    case drift(String)
    /// The range now resolves to a newer version, without a commit.
    case newVersion(from: String, to: String)
    /// No read shows the setting; it is written once.
    case writtenOnce
    /// The render that carries the commit.
    case provenance
    /// Git no longer declares it.
    case pruned
    /// A manifest names it by id.
    case namedByID
    /// Found again by the key that only this source derives, or by the mark in its renders.
    case recovered
    /// It was released or retained, and is declared once more.
    case declaredAgain
    /// Made by this source and declared by nobody.
    case orphan

    package var code: String {
        switch self {
        case .declared: "declared"
        case .unproven: "unproven"
        case .gone: "gone"
        case .changed: "changed"
        case .drift: "drift"
        case .newVersion: "new-version"
        case .writtenOnce: "written-once"
        case .provenance: "provenance"
        case .pruned: "pruned"
        case .namedByID: "named-by-id"
        case .recovered: "recovered"
        case .declaredAgain: "declared-again"
        case .orphan: "recovered-orphan"
        }
    }

    package var sentence: String {
        switch self {
        case .declared: "declared in git, not in the workspace"
        case .unproven(let ids): "not found again, but \(ids) may be it: name it by installID, or allow the create"
        case .gone(let id): "\(id) is gone from the workspace without a commit"
        case .changed(let what): what
        case .drift(let what): "\(what), without a commit"
        case .newVersion(let from, let to): "the range now resolves to \(to) instead of \(from)"
        case .writtenOnce: "no read shows this setting, so it is written once"
        case .provenance: "carries the commit that caused the change"
        case .pruned: "no longer declared in git"
        case .namedByID: "named by id in the manifest"
        case .recovered: "found again by the key or the mark that this source left"
        case .declaredAgain: "known to the journal and declared again"
        case .orphan: "made by this source, declared by no manifest"
        }
    }

    /// Whether the cause lies in the workspace and not in a commit.
    package var isDrift: Bool {
        switch self {
        case .drift, .gone: true
        case .declared, .unproven, .changed, .newVersion, .writtenOnce, .provenance, .pruned, .namedByID, .recovered,
            .declaredAgain, .orphan:
            false
        }
    }
}

/// Why an action waits for a person.
package enum Block: String, Hashable, Sendable, CaseIterable {
    /// More deletes than the limits allow.
    case pruneLimit = "prune-limit"
    /// The path is empty or gone.
    case emptyPath = "empty-path"
    /// The last applied commit is no ancestor of this one, or the source was pointed elsewhere.
    case rewrittenHistory = "rewritten-history"
    /// The document is still there but is skipped now.
    case nowSkipped = "now-skipped"
    /// Many objects vanished at once.
    case massAbsence = "mass-absence"
    case recoveredOrphan = "recovered-orphan"
    /// Something that lives may be what is to be created (I1).
    case possibleDuplicate = "possible-duplicate"

    /// Whether it makes a source out of sync.
    package var counts: Bool { self != .recoveredOrphan }
}
