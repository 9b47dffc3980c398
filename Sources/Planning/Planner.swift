import AkuaModel
package import Manifests

/// Everything that a plan depends on.
///
/// Time is a value here; nothing is read, drawn or asked while planning.
package struct PlanningInput: Sendable {
    package var source: SourceIdentity
    package var commit: String
    package var desired: DesiredState
    package var observed: ObservedState
    package var inventory: Inventory
    /// Identities with a write that has not ended: nothing else is written to them before it has (I4).
    package var unsettled: [ObjectReference: String] = [:]
    /// Unix seconds.
    package var now: Int
    package var circumstances = Circumstances()

    package init(
        source: SourceIdentity, commit: String, desired: DesiredState, observed: ObservedState, inventory: Inventory,
        now: Int
    ) {
        self.source = source
        self.commit = commit
        self.desired = desired
        self.observed = observed
        self.inventory = inventory
        self.now = now
    }

    /// What is known of the pass beyond git and the workspace.
    package struct Circumstances: Equatable, Sendable {
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
        /// A person asked for this pass: back-off times are not waited for.
        package var ignoresBackOff = false
        /// Digests of blocked sets that a person has released.
        package var allowedDigests: Set<String> = []
        /// Commits that this daemon has applied: a render from one of them is no sign of being behind.
        package var appliedCommit: String?

        package init() {}
    }
}

/// Turns desired, observed and inventory into a plan.
///
/// Pure: the same input gives the same plan.
package enum Planner {
    /// The plan, and in `needs` what has to be found out before it is certain.
    package static func plan(_ input: PlanningInput) -> Plan {
        var builder = PlanBuilder(input)
        builder.planPackages()
        builder.planPackageVersions()
        builder.planClusters()
        builder.planInstalls()
        builder.planDeletes()
        builder.applyPolicies()
        builder.guardAgainstMassAbsence()
        builder.guardDeletes()
        builder.dropDependants()
        return builder.finished()
    }
}

/// The plan while it is being made: its input, indexed once, and what is decided so far.
struct PlanBuilder {
    let input: PlanningInput
    let index: ObservedIndex
    var plan: Plan
    /// What each declared object is referred to by.
    var resolved: [ObjectReference: Resolution<String>] = [:]
    /// Live objects that a declaration of this source accounts for.
    var claimed: Set<String> = []
    /// The installs by identity, and which of everything declared is a dependency of one.
    let installs: [ObjectReference: InstallManifest]
    let isDependedOn: Set<ObjectReference>
    /// The headers of everything declared.
    let headers: [ObjectReference: ManifestHeader]
    private var actionsByTarget: [ObjectReference: Set<ActionID>] = [:]

    init(_ input: PlanningInput) {
        self.input = input
        index = ObservedIndex(input.observed)
        headers = input.desired.headers
        installs = Dictionary(input.desired.installs.map { ($0.reference, $0) }) { first, _ in first }
        isDependedOn = Set(input.desired.installs.flatMap(\.dependsOn))
        plan = Plan(source: input.source, commit: input.commit)
    }

    var observed: ObservedState { input.observed }
    var settings: Settings { input.desired.settings }

    mutating func need(_ need: Need) { plan.needs.insert(need) }

    mutating func hold(
        _ target: ObjectReference, _ code: Hold.Code, _ sentence: String, resourceID: String? = nil,
        fields: [FieldChange] = []
    ) {
        plan.holds.append(Hold(target, code, sentence, resourceID: resourceID, fields: fields))
    }

    mutating func act(_ action: Action) {
        plan.actions.append(action)
        actionsByTarget[action.target, default: []].insert(action.id)
    }

    /// The actions planned so far for an object.
    func actions(on target: ObjectReference) -> Set<ActionID> { actionsByTarget[target] ?? [] }

    consuming func finished() -> Plan {
        plan.actions = Ordering.sorted(plan.actions)
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
}

/// The observed lists by id, made once for a plan.
struct ObservedIndex {
    let clusters: [ClusterID: Cluster]
    let packages: [PackageID: AkuaModel.Package]
    let installs: [InstallID: Install]
    /// The semver of every version that was listed, with its package.
    let versions: [PackageVersionID: PackageVersion]

    init(_ observed: ObservedState) {
        clusters = Dictionary((observed.clusters ?? []).map { ($0.id, $0) }) { first, _ in first }
        packages = Dictionary((observed.packages ?? []).map { ($0.id, $0) }) { first, _ in first }
        installs = Dictionary((observed.installs ?? []).map { ($0.id, $0) }) { first, _ in first }
        versions = Dictionary(observed.versions.values.flatMap { $0.value ?? [] }.map { ($0.id, $0) }) { first, _ in
            first
        }
    }
}

/// Whether an object is there.
enum Presence<Value: Sendable>: Sendable {
    case present(Value)
    /// Proven by a read by id (I10).
    case gone
    /// A need was registered.
    case unknown
    case failed(String)
}

extension PlanBuilder {
    /// The install, from its own read if there was one, else from the list; missing there, a read by id is needed.
    mutating func presence(of id: InstallID, confirmed: Bool = false) -> Presence<Install> {
        lookUp(
            observed.installReads[id], listed: index.installs[id], isListRead: observed.installs != nil,
            list: .installs, byID: .install(id), confirmed: confirmed)
    }

    mutating func presence(of id: PackageID, confirmed: Bool = false) -> Presence<AkuaModel.Package> {
        lookUp(
            observed.packageReads[id], listed: index.packages[id], isListRead: observed.packages != nil,
            list: .packages, byID: .package(id), confirmed: confirmed)
    }

    mutating func presence(of id: ClusterID, confirmed: Bool = false) -> Presence<Cluster> {
        lookUp(
            observed.clusterReads[id], listed: index.clusters[id], isListRead: observed.clusters != nil,
            list: .clusters, byID: .cluster(id), confirmed: confirmed)
    }

    /// A read by id decides; a list proves presence at most, and not even that before something is written.
    private mutating func lookUp<Value>(
        _ read: Known<Value?>?, listed: Value?, isListRead: Bool, list: Need, byID: Need, confirmed: Bool
    ) -> Presence<Value> {
        switch read {
        case .value(let value?): return .present(value)
        case .value(nil): return .gone
        case .failed(let sentence): return .failed(sentence)
        case nil: break
        }
        if confirmed || (isListRead && listed == nil) {
            need(byID)
            return .unknown
        }
        guard let listed else {
            need(list)
            return .unknown
        }
        return .present(listed)
    }

    mutating func versions(of id: PackageID) -> Known<[PackageVersion]>? {
        if let known = observed.versions[id] { return known }
        need(.versions(id))
        return nil
    }
}

extension DesiredState {
    /// The headers of everything declared, by identity.
    package var headers: [ObjectReference: ManifestHeader] {
        var headers: [ObjectReference: ManifestHeader] = [:]
        headers.reserveCapacity(packages.count + packageVersions.count + clusters.count + installs.count)
        for manifest in packages { headers[ObjectReference(.package, manifest.header.name)] = manifest.header }
        for manifest in packageVersions {
            headers[ObjectReference(.packageVersion, manifest.header.name)] = manifest.header
        }
        for manifest in clusters { headers[ObjectReference(.cluster, manifest.header.name)] = manifest.header }
        for manifest in installs { headers[ObjectReference(.install, manifest.header.name)] = manifest.header }
        return headers
    }
}

extension DesiredState {
    /// The installs, each after those it depends on, otherwise by name.
    var installsInDependencyOrder: [InstallManifest] {
        let byReference = Dictionary(installs.map { ($0.reference, $0) }) { first, _ in first }
        var visited: Set<ObjectReference> = []
        var ordered: [InstallManifest] = []
        ordered.reserveCapacity(installs.count)
        for root in installs.map(\.reference).sorted() {
            // Depth first with a stack of its own: a chain of ten thousand must not exhaust the thread's.
            var stack: [(ObjectReference, isExpanded: Bool)] = [(root, false)]
            while let (reference, isExpanded) = stack.popLast() {
                guard let manifest = byReference[reference] else { continue }
                if isExpanded {
                    ordered.append(manifest)
                } else if visited.insert(reference).inserted {
                    stack.append((reference, true))
                    for dependency in manifest.dependsOn.sorted().reversed() where !visited.contains(dependency) {
                        stack.append((dependency, false))
                    }
                }
            }
        }
        return ordered
    }
}
