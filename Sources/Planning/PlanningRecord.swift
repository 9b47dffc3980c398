import Manifests

/// What a plan was made of, beside what its commit declares: with both, the same plan can be made again at any time.
///
/// No value of an install is in it: those are in the commit (I11).
package struct PlanningRecord: Codable, Sendable {
    private var source: SourceIdentity
    private var formerNames: [String]
    private var commit: String
    /// Those in force, which in the commit that removes them are stricter than it says.
    private var settings: Settings
    private var observed: ObservedState
    private var inventory: Inventory
    private var earlierLives: [String: String]
    private var unsettled: [ObjectReference: String]
    private var now: Int
    private var circumstances: PlanningInput.Circumstances

    package init(_ input: PlanningInput) {
        source = input.source
        formerNames = input.formerNames
        commit = input.commit
        settings = input.declarations.settings
        observed = input.observed
        inventory = input.inventory
        earlierLives = input.earlierLives
        unsettled = input.unsettled
        now = input.now
        circumstances = input.circumstances
    }

    /// The input with what the commit declares.
    package func input(declaring declarations: Declarations) -> PlanningInput {
        var declared = declarations
        declared.settings = settings
        var input = PlanningInput(
            source: source, commit: commit, declarations: declared, observed: observed, inventory: inventory, now: now)
        input.formerNames = formerNames
        input.earlierLives = earlierLives
        input.unsettled = unsettled
        input.circumstances = circumstances
        return input
    }
}

extension PlanningInput {
    /// How many objects a plan is made of, roughly: what a record of it would cost.
    package var weight: Int {
        let lists = [
            observed.regions?.count, observed.clusters?.count, observed.packages?.count, observed.products?.count,
            observed.installs?.count,
        ]
        return lists.reduce(inventory.count) { $0 + ($1 ?? 0) }
            + observed.versions.values.reduce(0) { $0 + ($1.value?.count ?? 0) } + observed.renders.count
            + (observed.operations?.creates.count ?? 0)
    }
}
