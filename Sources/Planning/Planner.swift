import AkuaModel
import Manifests

/// Turns desired, observed and inventory into a plan.
///
/// Pure: the same input gives the same plan, whatever order its lists have.
package enum Planner {
    /// The plan, and in `needs` what has to be found out before it is certain.
    package static func plan(_ input: PlanningInput) -> Plan {
        var builder = PlanBuilder(input)
        builder.findContests()
        builder.planPackages()
        builder.planPackageVersions()
        builder.planClusters()
        builder.planInstalls()
        builder.findUnaccountedInstalls()
        builder.planDeletes()
        builder.planOrphans()
        builder.holdWhatTheSourceHolds()
        builder.holdDeletesAfterFailedReads()
        builder.blockRecreationAfterMassAbsence()
        builder.blockPossibleDuplicates()
        builder.blockDeletesBeyondLimits()
        builder.release()
        return builder.finished()
    }
}

/// The plan while it is being made: its input, indexed, and what is decided so far.
struct PlanBuilder {
    let input: PlanningInput
    let index: ObservedIndex
    var plan: Plan
    /// What each declared object is referred to by; of installs only those that something depends on.
    var resolved: [ObjectReference: Resolution<String>] = [:]
    /// Live objects that git declares under an identity that the journal does not have them under.
    var claimed: Set<LiveReference> = []
    /// Live objects that something declared here refers to, without their being declared here themselves.
    var referred: [LiveReference: ObjectReference] = [:]
    /// Identities that claim one live object between them, each with the sentence that says so.
    var contested: [ObjectReference: String] = [:]
    /// Objects of the inventory that are proven gone without our doing (I17).
    var gone: Set<ObjectReference> = []
    /// The version that comes along with each package that this plan imports.
    var importedVersions: [ObjectReference: ObjectReference] = [:]
    /// The versions that this plan publishes, by their whole text.
    var plannedVersions: [Target<PackageID>: [String: Target<PackageVersionID>]] = [:]
    /// What installs can ask of each package, once one has asked.
    var catalogs: [Target<PackageID>: VersionCatalog] = [:]
    /// The installs by the mark of their newest render, once it was asked for.
    var marks: Marks?
    /// The deletes in this plan, by what they delete.
    var deleted: [LiveReference: ActionID] = [:]
    /// Objects that recovery found and git does not declare.
    var orphans: Set<ObjectReference> = []
    /// Who has which live object by the journal.
    private(set) lazy var owners = Self.owners(in: input.inventory)
    private(set) lazy var recordedUsers = Self.recordedUsers(in: input.inventory)
    /// Whether the installs on record that the list lacks were asked for.
    var hasReadUnlistedInstalls = false
    /// Every install that a list or a read of its own shows.
    private lazy var shownInstalls =
        (index.installs.map { Array($0.objects) } ?? [])
        + observed.installReads.filter { index.installs?[$0.key] == nil }.values
        .compactMap { $0.value?.flatMap(\.self) }
    private(set) lazy var installsByCluster = shownInstalls.reduce(into: [ClusterID: [InstallID]]()) {
        if let cluster = $1.clusterID { $0[cluster, default: []].append($1.id) }
    }
    private(set) lazy var installsByVersion = shownInstalls.reduce(into: [PackageVersionID: [InstallID]]()) {
        $0[$1.packageVersionID, default: []].append($1.id)
    }
    /// The versions that this source has ever declared.
    private(set) lazy var declaredVersions = Set(
        input.inventory.lazy.filter { $0.key.kind == .packageVersion }.compactMap(\.value.resourceID))
    /// The versions that are known to be there, by their packages.
    lazy var recordedVersions = Self.recordedVersions(in: input.inventory)
    private var holdsByTarget: [ObjectReference: Set<Hold.Code>] = [:]
    private var actionsByTarget: [ObjectReference: Set<ActionID>] = [:]

    init(_ input: PlanningInput) {
        self.input = input
        index = ObservedIndex(input.observed)
        plan = Plan(source: input.source, commit: input.commit)
    }

    var declarations: Declarations { input.declarations }
    var observed: ObservedState { input.observed }
    var settings: Settings { input.declarations.settings }

    mutating func need(_ need: Need) { plan.needs.insert(need) }

    /// Says that nothing is done about an object, once for each reason.
    ///
    /// Of a suspended object every difference is only reported.
    mutating func hold(
        _ target: ObjectReference, _ code: Hold.Code, _ sentence: String, resourceID: String? = nil,
        nextAttempt: Int? = nil, fields: [FieldChange] = []
    ) {
        let isSuspended = code.counts && declarations.headers[target]?.isSuspended ?? false
        let code = isSuspended ? .suspended : code
        guard holdsByTarget[target, default: []].insert(code).inserted else { return }
        plan.holds.append(
            Hold(
                target, code, isSuspended ? "spec.suspend is set; besides, \(sentence)" : sentence,
                resourceID: resourceID, nextAttempt: nextAttempt, fields: fields))
    }

    func isHeld(_ target: ObjectReference) -> Bool { holdsByTarget[target] != nil }

    /// Plans what one object needs, in that order, unless something holds it back.
    ///
    /// - Returns: whether the actions are in the plan.
    mutating func propose(_ target: ObjectReference, _ actions: [Action]) -> Bool {
        guard admits(target, actions) else { return false }
        add(target, actions)
        return true
    }

    /// Whether nothing holds an object back; what does holds it as a whole, since a render must not go without its
    /// update.
    mutating func admits(_ target: ObjectReference, _ actions: [Action]) -> Bool {
        for action in actions {
            guard let refusal = refusal(of: action) else { continue }
            hold(
                target, refusal.code, refusal.sentence, resourceID: action.resourceID,
                nextAttempt: refusal.nextAttempt, fields: actions.flatMap(\.fields))
            return false
        }
        return true
    }

    /// Puts actions into the plan, each after those before it.
    mutating func add(_ target: ObjectReference, _ actions: [Action]) {
        var before: Set<ActionID> = []
        for var action in actions {
            action.after.formUnion(before)
            before.insert(action.id)
            plan.actions.append(action)
        }
        actionsByTarget[target, default: []].formUnion(before)
    }

    /// The actions planned for an object.
    func actions(on target: ObjectReference) -> Set<ActionID> { actionsByTarget[target] ?? [] }

    consuming func finished() -> Plan {
        plan.actions = Ordering.sorted(plan.actions)
        dropDependants()
        plan.holds.sort { ($0.target, $0.code.rawValue) < ($1.target, $1.code.rawValue) }
        return plan
    }
}

/// What a reference comes to.
enum Resolution<ID: Hashable & Sendable>: Equatable, Sendable {
    case live(ID)
    /// Made by an action of this plan.
    case planned(ObjectReference)
    /// Not known before a need is met.
    case pending
    /// Can't be had in this pass; the sentence says why.
    case unavailable(Hold.Code, String)

    /// What an action can refer to; nil while pending or unavailable.
    var target: Target<ID>? {
        switch self {
        case .live(let id): .live(id)
        case .planned(let reference): .planned(reference)
        case .pending, .unavailable: nil
        }
    }
}

/// The observed lists by id and by name, made once for a plan; nil where a list was not read.
struct ObservedIndex {
    let clusters: ListIndex<Cluster>?
    let packages: ListIndex<AkuaModel.Package>?
    /// Without tombstones.
    let installs: ListIndex<Install>?
    /// Every version that was listed, or read by its id.
    let versions: [PackageVersionID: PackageVersion]
    let regionsByName: [String: [RegionID]]?
    let clustersByName: [String: [Cluster]]?
    let packagesByName: [String: [PackageID]]?
    /// By their OCI reference without tag and digest.
    let packagesByArtifact: [String: [AkuaModel.Package]]
    let productsByName: [String: [ProductID]]?
    let products: Set<ProductID>?
    let regions: Set<RegionID>?

    init(_ observed: ObservedState) {
        func byName<Value, Item>(_ list: [Value], _ name: (Value) -> String, _ item: (Value) -> Item) -> [String:
            [Item]]
        {
            Dictionary(grouping: list, by: name).mapValues { $0.map(item) }
        }
        clusters = observed.clusters.map { ListIndex($0) }
        packages = observed.packages.map { ListIndex($0) }
        installs = observed.installs.map { list in ListIndex(list) { !$0.isDeleted } }
        let versions =
            observed.versions.values.flatMap { $0.value ?? [] }
            + observed.versionReads.values.compactMap { $0.value?.flatMap(\.self) }
        self.versions = Dictionary(versions.map { ($0.id, $0) }) { first, _ in first }
        regionsByName = observed.regions.map { byName($0, \.name, \.id) }
        clustersByName = observed.clusters.map { byName($0, \.name, \.self) }
        packagesByName = observed.packages.map { byName($0, \.name, \.id) }
        packagesByArtifact = (observed.packages ?? []).reduce(into: [:]) { packages, package in
            guard case .oci(let reference) = package.source else { return }
            packages[String(OCIReference.bare(reference)), default: []].append(package)
        }
        products = observed.products.map { Set($0.lazy.map(\.id)) }
        regions = observed.regions.map { Set($0.lazy.map(\.id)) }
        productsByName = observed.products.map { byName($0, \.name, \.id) }
    }
}
