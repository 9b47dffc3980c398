import AkuaModel
import JSON
import Manifests
import Planning

/// A workspace, a repository and a journal as plain values, and the daemon's part between them in miniature.
///
/// What the planner asks is answered from here (``plan()``), what it plans is carried out here
/// (``carryOut(_:upTo:)``), and what it says of the records is recorded here, by the rules that the reconciler keeps.
struct World {
    var source = SourceIdentity(workspace: .of("ws_1"), name: "platform")
    var formerNames: [String] = []
    var now = 1_000_000
    /// The declarations of every commit, the newest last; the index of a commit is its name.
    var history: [DesiredState] = [DesiredState()]
    /// Commits that only marks name, by their first digits.
    var foreignCommits: [String: CommitRelation] = [:]
    var inventory: Inventory = [:]
    var unsettled: [ObjectReference: String] = [:]
    var circumstances = PlanningInput.Circumstances()
    /// How many operations an earlier pass has seen, from the oldest on.
    var operationsSeen = 0
    /// How many operations the platform has let go of, from the oldest on.
    var operationsForgotten = 0

    // The platform.
    var regions = [Region(id: .of("reg_1"), name: "eu"), Region(id: .of("reg_2"), name: "us")]
    var clusters: [Cluster] = []
    var packages: [AkuaModel.Package] = []
    var products: [Product] = []
    var installs: [Install] = []
    var versions: [PackageVersion] = []
    /// Newest first.
    var renders: [Render] = []
    /// Newest first.
    var operations: [Operation] = []
    /// What each idempotency key made first, which is what it answers with for ever.
    var madeByKey: [String: String] = [:]
    /// Ids of live objects that lists lack.
    var unlisted: Set<String> = []
    /// Ids of objects, and of packages whose versions, can't be read.
    var unreadable: Set<String> = []
    /// How many objects of each kind were ever made: the number in the next one's id.
    var made: [String: Int] = [:]
    /// What the latest planning asked, round by round, and all that it came to know.
    private(set) var asked: [Set<Need>] = []
    private(set) var observed = ObservedState()
    /// What the platform was asked for and should never have been.
    var violations: [String] = []

    static let roundsMax = 16

    /// The declarations of the commit being applied.
    var desired: DesiredState {
        get { history[history.count - 1] }
        set { history[history.count - 1] = newValue }
    }

    var commit: String { Self.commit(history.count - 1) }

    /// The name of the commit at that place in the history: forty digits.
    static func commit(_ index: Int) -> String {
        let digits = String(index, radix: 16)
        return String(repeating: "c", count: 8 - digits.count) + digits + String(repeating: "0", count: 32)
    }

    /// Begins a new commit that differs by `change`.
    mutating func commit(_ change: (inout DesiredState) -> Void) {
        history.append(desired)
        change(&desired)
    }

    /// The planning input as the reconciler would make it, with nothing observed yet.
    func input(observed: ObservedState = ObservedState()) -> PlanningInput {
        var input = PlanningInput(
            source: source, commit: commit, declarations: Declarations(desired), observed: observed,
            inventory: inventory, now: now)
        input.formerNames = formerNames
        input.unsettled = unsettled
        input.circumstances = circumstances
        return input
    }

    struct EndlessNeeds: Error { var needs: Set<Need> }

    /// Plans, answers what the plan asks, and plans again until it asks nothing more.
    mutating func plan() throws -> Plan {
        var input = input()
        asked = []
        for _ in 0..<Self.roundsMax {
            let plan = Planner.plan(input)
            observed = input.observed
            if plan.needs.isEmpty { return plan }
            asked.append(plan.needs)
            for need in plan.needs { answer(need, in: &input.observed) }
        }
        throw EndlessNeeds(needs: asked.last ?? [])
    }

    /// What the platform and the repository answer at present.
    func answer(_ need: Need, in observed: inout ObservedState) {
        func listed<Value>(_ values: [Value], _ id: (Value) -> String) -> [Value] {
            values.filter { !unlisted.contains(id($0)) }
        }
        func known<Value: Equatable & Sendable>(_ id: String, _ value: Value) -> Known<Value> {
            unreadable.contains(id) ? .failed("\(id) can't be read") : .value(value)
        }
        switch need {
        case .regions: observed.regions = regions
        case .clusters: observed.clusters = listed(clusters, \.id.text)
        case .packages: observed.packages = listed(packages, \.id.text)
        case .products: observed.products = products
        case .installs: observed.installs = listed(installs, \.id.text)
        case .versions(let id):
            let isThere = packages.contains { $0.id == id }
            observed.versions[id] =
                isThere
                ? known(id.text, listed(versions.filter { $0.packageID == id }, \.id.text))
                : .failed("package \(id) is not there")
        case .cluster(let id): observed.clusterReads[id] = known(id.text, clusters.first { $0.id == id })
        case .package(let id): observed.packageReads[id] = known(id.text, packages.first { $0.id == id })
        case .version(let id, let package):
            observed.versionReads[id] = known(id.text, versions.first { $0.id == id && $0.packageID == package })
        case .product(let id): observed.productReads[id] = known(id.text, products.first { $0.id == id })
        case .install(let id):
            observed.installReads[id] = known(id.text, installs.first { $0.id == id && !$0.isDeleted })
        case .renders(let id):
            observed.renders[id] = known("renders of \(id)", renders.filter { $0.installID == id })
        case .operations:
            // What is being recovered may be older than what was seen.
            let past =
                circumstances.isInventoryComplete ? max(operationsSeen, operationsForgotten) : operationsForgotten
            observed.operations = OperationFeed(Array(operations.dropLast(min(past, operations.count))))
        case .commit(let prefix): observed.commits[prefix] = relation(of: prefix)
        case .declaration(let reference, let commit):
            observed.declarations[need] = .value(declaration(of: reference, at: commit))
        }
    }

    private func relation(of prefix: String) -> CommitRelation {
        if let relation = foreignCommits[prefix] { return relation }
        guard let index = history.indices.first(where: { Self.commit($0).hasPrefix(prefix) }) else { return .unknown }
        return index == history.count - 1 ? .same : .ancestor
    }

    private func declaration(of reference: ObjectReference, at prefix: String) -> OldDeclaration? {
        guard let index = history.indices.first(where: { Self.commit($0).hasPrefix(prefix) }),
            let manifest = history[index].installs.first(where: { $0.reference == reference })
        else { return nil }
        var semver: String?
        if case .package(_, .exact(let exact)) = manifest.target { semver = exact }
        return OldDeclaration(
            desiredDigest: DesiredDigest.install(manifest, semver: semver),
            valuesDigest: Digest.hex(of: .object(manifest.values)))
    }

    /// A new id of that kind: `pkg_1`, `pkg_2`, ...
    mutating func nextID<Tag>(_ prefix: String, _: Tag.Type = Tag.self) -> Identifier<Tag> {
        made[prefix, default: 0] += 1
        return .of("\(prefix)_\(made[prefix] ?? 0)")
    }
}

// What others do on the platform.
extension World {
    mutating func package(_ name: String, _ change: (inout AkuaModel.Package) -> Void) {
        for index in packages.indices where packages[index].name == name { change(&packages[index]) }
    }

    mutating func cluster(_ name: String, _ change: (inout Cluster) -> Void) {
        for index in clusters.indices where clusters[index].name == name { change(&clusters[index]) }
    }

    /// - Parameter text: the id.
    mutating func install(_ text: String, _ change: (inout Install) -> Void) {
        for index in installs.indices where installs[index].id.text == text { change(&installs[index]) }
    }

    /// Changes a record of the journal.
    mutating func record(_ text: String, _ change: (inout InventoryEntry) -> Void) {
        let reference = ObjectReference(text)
        guard var entry = inventory[reference] else { preconditionFailure("\(text) is not on record") }
        change(&entry)
        inventory[reference] = entry
    }

    /// Deletes a live object behind the daemon's back.
    mutating func vanish(_ id: String) {
        packages.removeAll { $0.id.text == id }
        versions.removeAll { $0.packageID.text == id || $0.id.text == id }
        clusters.removeAll { $0.id.text == id }
        installs.removeAll { $0.id.text == id }
    }

    /// Puts a package there that nobody here made.
    mutating func foreignPackage(_ name: String, versions semvers: [String] = ["1.0.0"]) {
        let id: PackageID = nextID("pkg")
        packages.append(
            Package(
                id: id, workspaceID: source.workspace, name: name, latestVersionID: .of("ver_0"), description: nil,
                source: .oci(reference: "oci://r.example/\(name)"), etag: ETag("1"), createdAt: Timestamp(seconds: 1)))
        for semver in semvers { addVersion(PackageVersionManifest(name, semver), of: id) }
    }

    mutating func foreignCluster(_ name: String) {
        clusters.append(
            Cluster(
                id: nextID("clu"), name: name, workspaceID: source.workspace, state: .known(.active),
                isReconciling: false, etag: etag("1")))
    }

    /// Puts an install there that nobody here made, of a version that is there.
    mutating func foreignInstall(of package: String, _ semver: String) {
        let owner = packages.first { $0.name == package }
        guard let version = versions.first(where: { $0.packageID == owner?.id && $0.semver == semver }) else {
            preconditionFailure("no version \(semver) of \(package)")
        }
        let install = newInstall(version.id, product: nil, cluster: nil)
        installs.append(install)
        note(.installCreate, .install, install.id.text, "install_id", key: nil)
    }

    /// Renders an install with a message.
    mutating func render(_ id: String, message: String?) {
        let install: InstallID = .of(id)
        renders.insert(
            Render(
                id: nextID("rnd"), installID: install, operationID: nil,
                packageVersionID: installs.first { $0.id == install }?.packageVersionID, state: .known(.deployed),
                message: message, commitSHA: "d00d", createdAt: Timestamp(seconds: now)), at: 0)
    }

    /// The journal is gone, as on a new host (I13).
    mutating func loseJournal() {
        inventory = [:]
        unsettled = [:]
        operationsSeen = 0
        circumstances.hasJournal = false
        circumstances.appliedCommit = nil
    }

    func etag(_ text: String) -> ETag {
        guard let etag = ETag(text) else { preconditionFailure("'\(text)' is no etag") }
        return etag
    }
}
