package import AkuaModel
import JSON
package import Manifests

/// What would be done to bring a workspace in line with one commit, as a value: printed, compared, tested, executed.
package struct Plan: Equatable, Sendable {
    package var source: SourceIdentity
    package var commit: String
    /// In an order in which they can be done; `after` says which really depend on which.
    package var actions: [Action] = []
    /// What is not done, and why (I14).
    package var holds: [Hold] = []
    /// Changes of our own records that need no request.
    package var bookkeeping: [Bookkeeping] = []
    /// What has to be found out before this plan is certain; empty when it is.
    package var needs: Set<Need> = []
    /// Live installs that recovery could not tell: this source may have made them, and nothing that is left says so
    /// (I13).
    package var unaccounted: [InstallID] = []
    /// Declared installs that live, or may live, and that the journal does not have until they are adopted (I13).
    package var unadopted: Set<ObjectReference> = []
    /// Set when the source must not be written to at all.
    package var stop: Stop?
    /// The digest by which a person had released what this plan now carries out.
    package var releasedDigest: String?
    /// What each object that is acted on or depended on amounts to, for the records that execution leaves.
    package var desiredDigests: [ObjectReference: String] = [:]

    package init(source: SourceIdentity, commit: String) {
        self.source = source
        self.commit = commit
    }

    /// Whether recovery could tell of every live install whether this source made it; true where nothing is recovered.
    package var isComplete: Bool { unaccounted.isEmpty }
    /// The actions that are carried out: none when the source must not be written to.
    package var runnable: [Action] { stop == nil ? actions.filter { $0.block == nil } : [] }
    /// The actions that wait for a person.
    package var blocked: [Action] { actions.filter { $0.block != nil } }
    /// Whether the workspace agrees with the commit, as far as it can be made to.
    package var isEmpty: Bool { actions.allSatisfy { $0.block?.counts == false } }

    /// The digest of all actions: two plans with the same digest do the same.
    package var digest: String { Self.digest(of: actions, in: source) }
    /// The digest by which a person releases the blocked actions; nil when there are none.
    package var blockedDigest: String? { blocked.isEmpty ? nil : Self.digest(of: blocked, in: source) }

    /// 32 hex digits over, sorted, (source, kind, name, action, resource id, digest of the changed fields).
    private static func digest(of actions: [Action], in source: SourceIdentity) -> String {
        let rows = actions.map { action in
            [
                source.name, action.target.kind.rawValue, action.target.name, action.word.rawValue,
                action.resourceID ?? "", Digest.hex(of: .array(action.fields.map(\.digestible))),
            ]
        }
        let sorted = rows.sorted { $0.lexicographicallyPrecedes($1) }
        return String(Digest.hex(of: .array(sorted.map { .array($0.map(JSONValue.string)) })).prefix(32))
    }
}
