package import Manifests

/// Everything that a plan depends on.
///
/// Time is a value here; nothing is read, drawn or asked while planning.
package struct PlanningInput: Sendable {
    package var source: SourceIdentity
    /// Names that the source had before: what they made and marked is found too.
    package var formerNames: [String] = []
    package var commit: String
    /// What is declared, indexed once for all rounds of a pass.
    package let declarations: Declarations
    package var observed: ObservedState
    package var inventory: Inventory
    /// The newest life of identities that others made, by the identity part of their keys, as far as the operations have
    /// shown them to earlier passes.
    package var earlierLives: [String: String] = [:]
    /// Identities with a write that has not ended: nothing else is written to them before it has (I4).
    package var unsettled: [ObjectReference: String] = [:]
    /// Unix seconds.
    package var now: Int
    package var circumstances = Circumstances()

    package init(
        source: SourceIdentity, commit: String, declarations: Declarations, observed: ObservedState,
        inventory: Inventory, now: Int
    ) {
        self.source = source
        self.commit = commit
        self.declarations = declarations
        self.observed = observed
        self.inventory = inventory
        self.now = now
    }

    /// What is known of the pass beyond git and the workspace.
    package struct Circumstances: Equatable, Sendable, Codable {
        /// False while the last good revision is kept in force because a newer one is invalid (I8).
        package var isPruneAllowed = true
        /// The prune base is no ancestor of this commit, or the source was pointed elsewhere (I9).
        package var isHistoryRewritten = false
        /// The path holds no manifest, or is not there.
        package var isPathEmpty = false
        /// Everything that lives has been looked for (I13).
        package var isInventoryComplete = true
        /// Whether a journal has known this source before; without one other sources' marks are looked for (I18).
        package var hasJournal = true
        /// The ids of live objects that are known to belong to other sources of the same daemon: no sign of a rename.
        package var neighbours: Set<String> = []
        /// A person asked for this pass: back-off times are not waited for.
        package var ignoresBackOff = false
        /// Digests of blocked sets that a person has released.
        package var allowedDigests: Set<String> = []
        /// The newest commit that this journal has applied: a render from it is no sign of being behind.
        package var appliedCommit: String?

        /// What a person has suspended, whatever the settings say; nil when nobody has, or it has run out.
        package var suspension: Settings.Suspension?

        package init() {}

        /// Whether what lives has to be found without the journal's help.
        var isRecovering: Bool { !hasJournal || !isInventoryComplete }
    }
}
