import AkuaModel
import JSON
import Manifests
import Planning

// Carrying out a plan, as the reconciler would, on the platform of this world and its journal.
extension World {
    /// Applies a plan: bookkeeping first, then the actions in their order, then the records of what is done in full.
    ///
    /// - Parameter count: how many actions are carried out before the daemon is killed; nil for all, with a clean end.
    mutating func carryOut(_ plan: Plan, upTo count: Int? = nil) {
        guard plan.stop == nil else { return }
        keepBooks(plan)
        let actions = plan.runnable
        var failed: Set<ActionID> = []
        for action in actions.prefix(count ?? actions.count) {
            let isWanted = action.after.isDisjoint(with: failed)
            if isWanted { carryOutOne(action) }
            let isFailed = action.word == .create && inventory[action.target]?.life != .live
            if !isWanted || isFailed { failed.insert(action.id) }
        }
        guard count == nil else { return }
        finish(plan, actions.filter { !failed.contains($0.id) }, failed: Set(failed.map(\.target)))
    }

    /// Plans and carries out until nothing is left to do.
    ///
    /// - Returns: the last plan, which does nothing.
    @discardableResult
    mutating func converge(passes: Int = 8) throws -> Plan {
        var last: Plan?
        for _ in 0..<passes {
            let plan = try plan()
            carryOut(plan)
            if plan.runnable.isEmpty, plan.bookkeeping.isEmpty { return plan }
            last = plan
        }
        throw Restless(lines: last?.lines ?? [])
    }

    struct Restless: Error { var lines: [String] }

    private mutating func keepBooks(_ plan: Plan) {
        for entry in plan.bookkeeping {
            switch entry {
            case .share(let target, let id): update(target) { $0.begin(id, .shared, $0.requested) }
            case .orphan(let target, let id): update(target) { $0.begin(id, .recovered, Requested()) }
            case .protect(let target, let protection): update(target) { $0.protection = protection }
            case .gone(let target): update(target) { $0.end() }
            case .release(let target, let code):
                update(target) { record in
                    record.life = .released
                    if code == .shared { record.ownership = .shared }
                }
            case .confirmVersion(let target): update(target) { $0.requested.isVersionConfirmed = true }
            case .healthy(let target, let digest): update(target) { $0.healthyDigest = digest }
            case .inSync(let target, let digest): note(target, inSyncAt: digest)
            }
        }
        guard let digest = plan.releasedDigest else { return }
        circumstances.allowedDigests.remove(digest)
        for action in plan.actions where action.word == .delete {
            update(action.target) { $0.requested.isDeleteAllowed = true }
        }
    }

    private mutating func note(_ target: ObjectReference, inSyncAt digest: String?) {
        let dependsOn = desired.installs.first { $0.reference == target }?.dependsOn ?? []
        update(target) { record in
            record.appliedDigest = digest
            record.requested.dependsOn = dependsOn
            record.requested.isDeleteAllowed = false
            record.failures = 0
            record.nextAttempt = nil
            record.lastError = nil
        }
    }

    private mutating func finish(_ plan: Plan, _ actions: [Action], failed: Set<ObjectReference>) {
        let held = failed.union(plan.holds.map(\.target))
        var done = Set(actions.map(\.target)).filter { desired.headers[$0] != nil && !held.contains($0) }
        for action in actions {
            if case .importPackage(_, let first) = action.step {
                done.insert(ObjectReference(.packageVersion, first.header.name))
            }
        }
        for target in done.sorted() { note(target, inSyncAt: plan.desiredDigests[target]) }
        if failed.isEmpty, plan.blocked.allSatisfy({ $0.block?.counts == false }),
            plan.holds.allSatisfy({ !$0.code.counts })
        {
            circumstances.appliedCommit = commit
        }
        circumstances.hasJournal = true
        let isEveryInstallKnown = desired.installs.allSatisfy { inventory[$0.reference]?.life == .live }
        circumstances.isInventoryComplete = plan.isComplete || isEveryInstallKnown
        if isEveryInstallKnown { operationsSeen = operations.count }
    }

    private mutating func update(_ target: ObjectReference, _ change: (inout InventoryEntry) -> Void) {
        var entry = inventory[target] ?? InventoryEntry(resourceID: nil, ownership: .created, life: .gone)
        change(&entry)
        inventory[target] = entry
    }

    mutating func carryOutOne(_ action: Action) {
        switch action.step {
        case .importPackage(let manifest, let first):
            var reference = ""
            if case .oci(let text) = manifest.source { reference = text }
            let id = addPackage(manifest, .oci(reference: reference))
            let version = addVersion(first, of: id)
            update(action.target) { $0.begin(id.text, .created, Requested()) }
            update(ObjectReference(.packageVersion, first.header.name)) {
                $0.begin(version.text, .created, Requested())
            }
        case .createPackage(let manifest):
            let id = addPackage(manifest, .hosted(.of("repo_1")))
            addVersion(PackageVersionManifest(manifest.apiName, "1.0.0"), of: id)
            note(.packageCreate, .package, id.text, "package_id", key: key(of: action.target))
            update(action.target) { $0.begin(id.text, .created, Requested()) }
        case .publish(let manifest, let package):
            let id = addVersion(manifest, of: .of(live(package)))
            update(action.target) { $0.begin(id.text, .created, Requested()) }
        case .createCluster, .updateCluster, .deleteCluster, .deletePackage, .deleteInstall, .adopt:
            carryOutOnObject(action)
        case .createInstall, .updateInstall, .setAutomaticUpdates, .render: carryOutOnInstall(action)
        }
    }

    private mutating func carryOutOnObject(_ action: Action) {
        switch action.step {
        case .createCluster(let manifest, let region):
            foreignCluster(manifest.apiName)
            let id = clusters[clusters.count - 1].id.text
            update(action.target) { record in
                var requested = Requested()
                (requested.regionID, requested.networkProfile) = (region, manifest.networkProfile)
                record.begin(id, .created, requested)
            }
        case .updateCluster(let id, let name, let region):
            for index in clusters.indices where clusters[index].id == id {
                clusters[index].name = name ?? clusters[index].name
            }
            update(action.target) { $0.requested.regionID = region ?? $0.requested.regionID }
        case .deleteCluster(let id): delete(id.text, action.target)
        case .deletePackage(let id): delete(id.text, action.target)
        case .deleteInstall(let id): delete(id.text, action.target)
        case .adopt(let adoption):
            update(action.target) { record in
                record.begin(adoption.resourceID, adoption.ownership, adoption.requested)
                record.renderedDigest = adoption.renderedDigest
                record.renderedCommit = adoption.renderedCommit
            }
        default: preconditionFailure("not on an object: \(action)")
        }
    }

    private mutating func delete(_ id: String, _ target: ObjectReference) {
        let users = installs.filter { install in
            install.clusterID?.text == id
                || versions.contains { $0.id == install.packageVersionID && $0.packageID.text == id }
        }
        guard users.isEmpty else {
            // The platform refuses it. That is its part where no list shows a user and no record names one.
            let known = Set(inventory.values.lazy.filter { $0.life != .gone }.compactMap(\.resourceID))
            if users.contains(where: { !unlisted.contains($0.id.text) || known.contains($0.id.text) }) {
                violations.append("\(target) is to be deleted while \(users.map(\.id.text)) use it")
            }
            return
        }
        vanish(id)
        update(target) { $0.end() }
    }

    private mutating func carryOutOnInstall(_ action: Action) {
        switch action.step {
        case .createInstall(let manifest, let create): self.create(manifest, create, action)
        case .updateInstall(let id, let version):
            let wanted: PackageVersionID = .of(live(version))
            install(id.text) { $0.packageVersionID = wanted }
            render(id.text, message: nil)
            update(action.target) { record in
                record.appliedDigest = nil
                record.renderedDigest = nil
                record.requested.versionID = wanted
                record.requested.isVersionConfirmed = true
            }
        case .setAutomaticUpdates(_, let isEnabled):
            update(action.target) { $0.requested.automaticUpdates = isEnabled }
        case .render(let target, _, let digest):
            let marker = RenderMarker(source: source.name, commit: commit, object: action.target)
            render(live(target), message: marker.message(subject: "A change"))
            let commit = commit
            update(action.target) { record in
                record.renderedDigest = digest
                record.renderedCommit = commit
            }
        default: preconditionFailure("not on an install: \(action)")
        }
    }

    private mutating func create(_ manifest: InstallManifest, _ create: CreateInstall, _ action: Action) {
        let key = IdempotencyKey.create(
            action.target, in: source, predecessor: create.predecessor,
            refusals: inventory[action.target]?.refusals ?? 0)
        // The platform answers with what that key made before: the life that was, or another name's by now.
        if let made = madeByKey[key] {
            let isOthers = inventory.contains { $0.value.life == .live && $0.value.resourceID == made }
            guard isOthers || !installs.contains(where: { $0.id.text == made }) else {
                return violations.append("\(action.id) repeats the key of \(made), which lives")
            }
            return update(action.target) { record in
                (record.life, record.resourceID, record.predecessor, record.refusals) = (.gone, made, made, 0)
            }
        }
        var requested = Requested()
        requested.regionID = create.region
        requested.valuesDigest = Digest.hex(of: .object(manifest.values))
        requested.dependsOn = manifest.dependsOn
        requested.clusterID = create.cluster.map { .of(live($0)) }
        let version: PackageVersionID
        switch create.source {
        case .product(let id):
            requested.productID = id
            let package = products.first { $0.id == id }?.packageID
            version = versions.last { $0.packageID == package }?.id ?? .of("ver_0")
        case .package(let target, let semver):
            let package: PackageID = .of(live(target))
            requested.packageID = package
            guard let found = versions.first(where: { $0.packageID == package && $0.semver == semver }) else {
                preconditionFailure("\(action.id) asks for \(semver), which \(package) does not have")
            }
            version = found.id
        }
        (requested.versionID, requested.isVersionConfirmed) = (version, true)
        let install = newInstall(version, product: requested.productID, cluster: requested.clusterID)
        installs.append(install)
        render(install.id.text, message: nil)
        note(.installCreate, .install, install.id.text, "install_id", key: key)
        update(action.target) { $0.begin(install.id.text, .created, requested) }
    }

    private func live<ID>(_ target: Target<Identifier<ID>>) -> String {
        switch target {
        case .live(let id): return id.text
        case .planned(let reference):
            guard let entry = inventory[reference], entry.life == .live, let id = entry.resourceID else {
                preconditionFailure("\(reference) has not been made")
            }
            return id
        }
    }
}

// Making things on the platform.
extension World {
    private func key(of reference: ObjectReference) -> String {
        let record = inventory[reference]
        return IdempotencyKey.create(
            reference, in: source, predecessor: record?.resourceID ?? record?.predecessor ?? "",
            refusals: record?.refusals ?? 0)
    }

    private mutating func addPackage(_ manifest: PackageManifest, _ origin: AkuaModel.Package.Source) -> PackageID {
        let id: PackageID = nextID("pkg")
        packages.append(
            Package(
                id: id, workspaceID: source.workspace, name: manifest.apiName, latestVersionID: .of("ver_0"),
                description: manifest.description, source: origin, etag: ETag("1"), createdAt: Timestamp(seconds: now)))
        return id
    }

    @discardableResult
    mutating func addVersion(_ manifest: PackageVersionManifest, of package: PackageID) -> PackageVersionID {
        let id: PackageVersionID = nextID("ver")
        versions.append(
            PackageVersion(
                id: id, packageID: package, semver: manifest.semver, ref: manifest.ref,
                inputSchema: .object(manifest.inputSchema)))
        for index in packages.indices where packages[index].id == package { packages[index].latestVersionID = id }
        return id
    }

    mutating func newInstall(_ version: PackageVersionID, product: ProductID?, cluster: ClusterID?) -> Install {
        Install(
            id: nextID("inst"), workspaceID: source.workspace, customerWorkspaceID: source.workspace,
            clusterID: cluster, productID: product, packageVersionID: version, state: .known(.healthy),
            isReconciling: false, etag: etag("1"), createdAt: Timestamp(seconds: now))
    }

    /// Notes an operation that has succeeded.
    mutating func note(
        _ kind: Operation.Kind, _ owner: Operation.OwnerType, _ id: String, _ field: String, key: String?
    ) {
        if let key { madeByKey[key] = id }
        operations.insert(
            Operation(
                id: nextID("op"), workspaceID: source.workspace, ownerType: .known(owner), ownerID: id,
                state: .known(.succeeded), isDone: true, kind: .known(kind),
                metadata: key.map { .of(["idempotency_key": .string($0)]) } ?? JSONObject(),
                response: .of([field: .string(id)]), errorMessage: nil, lastErrorMessage: nil, waitsForPerson: nil,
                startedAt: Timestamp(seconds: now)), at: 0)
    }
}

extension InventoryEntry {
    /// Begins a life: the object that was made or found is `id`.
    fileprivate mutating func begin(_ id: String, _ ownership: Ownership, _ requested: Requested) {
        if resourceID != nil, resourceID != id { forget() }
        (resourceID, self.ownership, life, refusals, self.requested) = (id, ownership, .live, 0, requested)
    }

    /// Ends a life: proven gone, and the predecessor of the next.
    fileprivate mutating func end() {
        life = .gone
        predecessor = resourceID ?? predecessor
        forget()
        (requested, refusals, failures, nextAttempt, lastError) = (Requested(), 0, 0, nil, nil)
    }

    private mutating func forget() {
        (appliedDigest, renderedDigest, renderedCommit, healthyDigest) = (nil, nil, nil, nil)
    }
}
