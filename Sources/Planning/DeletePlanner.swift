import AkuaModel
import JSON
import Manifests

/// Deletes: what this source owns and git no longer declares, in the reverse order of creation. Holds I2.
extension PlanBuilder {
    mutating func planDeletes() {
        // Kinds in reverse: what uses an object is decided on before the object itself.
        let candidates = input.inventory.keys.filter { !declarations.headers.keys.contains($0) }.sorted(by: >)
        var deletes: [Action] = []
        for reference in candidates {
            guard let entry = input.inventory[reference], let id = entry.resourceID else { continue }
            switch entry.life {
            case .live: if let action = delete(reference, entry, id) { deletes.append(action) }
            case .deleting: awaitDelete(reference, id)
            case .gone, .released: break
            }
        }
        awaitUnsettled()
        orderByDependencies(&deletes)
        for action in deletes where admits(action.target, [action]) { add(action.target, [action]) }
    }

    private mutating func delete(_ reference: ObjectReference, _ entry: InventoryEntry, _ id: String) -> Action? {
        guard isToBeDeleted(reference, entry, id) else { return nil }
        var after: Set<ActionID> = []
        let step: Step
        switch reference.kind {
        case .packageVersion: return nil
        case .install:
            guard let id = InstallID(id), let install: Install = present(id, reference),
                isOurs(install, reference), isNotBehind(reference, id, entry)
            else { return nil }
            step = .deleteInstall(id)
        case .cluster:
            guard let id = ClusterID(id), let cluster: Cluster = present(id, reference),
                let users = deletesOfUsers(of: cluster, reference)
            else { return nil }
            (step, after) = (.deleteCluster(id), users)
        case .package:
            guard let id = PackageID(id), let package: AkuaModel.Package = present(id, reference),
                let users = deletesOfUsers(of: package, reference)
            else { return nil }
            (step, after) = (.deletePackage(id), users)
        }
        // What recovery found and no manifest has ever accounted for is a person's decision (I13).
        let isOrphan = entry.ownership == .recovered && entry.appliedDigest == nil
        var action = Action(
            .delete, reference, step: step, resourceID: id, reason: isOrphan ? .orphan : .pruned, after: after)
        if !entry.requested.isDeleteAllowed {
            action.block = isOrphan ? .recoveredOrphan : isSkipped(reference) ? .nowSkipped : nil
        }
        deleted[LiveReference(reference.kind, id)] = action.id
        return action
    }

    private func isSkipped(_ reference: ObjectReference) -> Bool {
        declarations.desired.skipped.contains(reference)
    }

    /// Whether the object is to go at all; that it stays is said.
    private mutating func isToBeDeleted(_ reference: ObjectReference, _ entry: InventoryEntry, _ id: String) -> Bool {
        func stays(_ code: Hold.Code, _ sentence: String) -> Bool {
            hold(reference, code, sentence, resourceID: id)
            return false
        }
        func isReleased(_ code: Hold.Code, _ sentence: String) -> Bool {
            plan.bookkeeping.append(.release(reference, code))
            return stays(code, sentence)
        }
        let object = LiveReference(reference.kind, id)
        if let sentence = input.unsettled[reference] { return stays(.waitingForOperation, sentence) }
        if reference.kind == .packageVersion {
            return isReleased(.undeletable, "no longer declared; the platform deletes a version only with its package")
        }
        if claimed.contains(object) || isElsewhere(object, than: reference) {
            return isReleased(.moved, "\(id) is declared under another name now")
        }
        guard entry.isOwned else {
            return isReleased(.shared, "no longer declared; it is used, not owned, and stays")
        }
        switch entry.protection {
        case .retain: return isReleased(.retained, "no longer declared; its last manifest said deletionPolicy: retain")
        case .suspend:
            return stays(.suspended, "was suspended when it left git: lift that in a commit of its own first")
        case nil: break
        }
        if let referrer = referred[object] { return stays(.referenced, "\(referrer) still refers to it") }
        guard settings.prune.isEnabled else {
            return stays(.pruneDisabled, "no longer declared, but prune is disabled")
        }
        guard input.circumstances.isPruneAllowed else {
            return stays(.pruneDisabled, "no longer declared, but the newest commit is invalid")
        }
        guard input.circumstances.isInventoryComplete else {
            return stays(
                .inventoryIncomplete, "nothing is pruned before every declared install is found or made again")
        }
        return true
    }

    /// The object by a read of its own (I10); nil when it is gone, going, or can't be told.
    private mutating func present<Object: LiveObject>(
        _ id: Identifier<Object>, _ reference: ObjectReference
    ) -> Object? {
        switch presence(of: id, confirmed: true) {
        case .present(let object):
            guard isGoing(object, id) else { return object }
            hold(reference, .waitingForDelete, "\(id) is being deleted", resourceID: id.text)
        case .gone:
            gone.insert(reference)
            plan.bookkeeping.append(.gone(reference))
        case .failed(let sentence): hold(reference, .readFailed, sentence, resourceID: id.text)
        case .unknown: break
        }
        return nil
    }

    private mutating func isOurs(_ install: Install, _ reference: ObjectReference) -> Bool {
        guard install.customerWorkspaceID != input.source.workspace else { return true }
        hold(
            reference, .foreignWorkspace, "belongs to another workspace and is never touched",
            resourceID: install.id.text)
        return false
    }

    /// A newer commit than this one may declare it again (I18).
    private mutating func isNotBehind(_ reference: ObjectReference, _ id: InstallID, _ entry: InventoryEntry) -> Bool {
        guard let sentence = checkIsNotBehind(reference, id, entry) else { return true }
        hold(reference, .readFailed, sentence, resourceID: id.text)
        return false
    }

    /// What an unsettled write may yet make of names that have left git meanwhile: it is deleted once it is known (I14).
    private mutating func awaitUnsettled() {
        for (reference, sentence) in input.unsettled.sorted(by: { $0.key < $1.key })
        where declarations.headers[reference] == nil {
            switch input.inventory[reference]?.life {
            case .live, .deleting: break
            case .gone, .released, nil: hold(reference, .waitingForOperation, sentence)
            }
        }
    }

    /// An object whose delete was asked for and that git does not declare any more: it is followed to its end.
    private mutating func awaitDelete(_ reference: ObjectReference, _ id: String) {
        func end(_ isThere: Bool?) {
            switch isThere {
            case true?: hold(reference, .waitingForDelete, "\(id) is being deleted", resourceID: id)
            case false?: plan.bookkeeping.append(.gone(reference))
            case nil: break
            }
        }
        switch reference.kind {
        case .packageVersion: break
        case .install: end(InstallID(id).flatMap { isThere($0, reference) })
        case .cluster: end(ClusterID(id).flatMap { isThere($0, reference) })
        case .package: end(PackageID(id).flatMap { isThere($0, reference) })
        }
    }

    /// Nil when that can't be told.
    private mutating func isThere<Object: LiveObject>(_ id: Identifier<Object>, _ reference: ObjectReference) -> Bool? {
        switch presence(of: id) {
        case .present: return true
        case .gone: return false
        case .failed(let sentence): hold(reference, .readFailed, sentence, resourceID: id.text)
        case .unknown: break
        }
        return nil
    }
}

// What uses an object that is to be deleted.
extension PlanBuilder {
    /// The deletes of the installs on a cluster; nil when something else is on it, or that can't be told.
    private mutating func deletesOfUsers(of cluster: Cluster, _ reference: ObjectReference) -> Set<ActionID>? {
        guard index.installs != nil else {
            need(.installs)
            return nil
        }
        readUnlistedInstalls()
        return deletes(of: installsByCluster[cluster.id] ?? [], using: reference, cluster.id.text)
    }

    /// The deletes of the installs of a package; nil when something else uses it, when it has versions that this source
    /// did not declare, or when that can't be told.
    private mutating func deletesOfUsers(of package: AkuaModel.Package, _ reference: ObjectReference) -> Set<ActionID>?
    {
        let id = package.id.text
        guard package.etag != nil else {
            hold(reference, .noEtag, "the platform shows no etag for it, and deletes nothing without", resourceID: id)
            return nil
        }
        if index.installs == nil { need(.installs) }
        if observed.products == nil { need(.products) }
        guard let known = versions(of: package.id), index.installs != nil, let products = observed.products else {
            return nil
        }
        guard case .value(let versions) = known else {
            hold(reference, .readFailed, "its versions can't be read", resourceID: id)
            return nil
        }
        // What is built from a chart has the version that its own create made, and takes no other.
        let isChart = if case .hosted = package.source { true } else { false }
        let foreign = isChart ? [] : versions.filter { !declaredVersions.contains($0.id.text) }
        guard foreign.isEmpty else {
            hold(
                reference, .foreignVersions,
                "it has versions that this source did not declare: \(Self.list(foreign.map(\.semver))); delete the "
                    + "package by hand if they may go too", resourceID: id)
            return nil
        }
        let offers = products.filter { $0.packageID == package.id }.map(\.id.text)
        guard offers.isEmpty else {
            hold(reference, .referenced, "still offered by \(Self.list(offers))", resourceID: id)
            return nil
        }
        readUnlistedInstalls()
        return deletes(of: versions.flatMap { installsByVersion[$0.id] ?? [] }, using: reference, id)
    }

    /// Asks for each install on record that the list lacks: any of those could use what is to be deleted (I10).
    ///
    /// What can't be read holds back every delete of the pass (I2). What a list lacks and no record names can't be known;
    /// there the platform refuses.
    private mutating func readUnlistedInstalls() {
        guard !hasReadUnlistedInstalls else { return }
        hasReadUnlistedInstalls = true
        for (reference, entry) in input.inventory where reference.kind == .install && entry.life != .gone {
            if let id = entry.resourceID.flatMap(InstallID.init) { _ = presence(of: id) }
        }
    }

    /// The deletes of all installs that use an object; nil, and said, unless every one of them goes in this plan.
    ///
    /// - Parameter shown: those of which a list or a read shows it; what the journal asked for counts as well.
    private mutating func deletes(
        of shown: [InstallID], using reference: ObjectReference, _ id: String
    ) -> Set<ActionID>? {
        var (deletes, going, staying): (Set<ActionID>, [String], [String]) = ([], [], [])
        var isCertain = true
        let recorded = recordedUsers[LiveReference(reference.kind, id)] ?? []
        for user in Set(shown + recorded) {
            let object = LiveReference(.install, user.text)
            if let action = deleted[object] {
                deletes.insert(action)
                continue
            }
            switch isThere(user, reference) {
            case true?:
                let isGoing = owners[object]?.contains { input.inventory[$0]?.life == .deleting } ?? false
                if isGoing { going.append(user.text) } else { staying.append(user.text) }
            case false?: break
            case nil: isCertain = false
            }
        }
        guard isCertain else { return nil }
        guard staying.isEmpty else {
            hold(reference, .referenced, "still used by \(Self.list(staying))", resourceID: id)
            return nil
        }
        guard going.isEmpty else {
            hold(reference, .waitingForDelete, "waits for \(Self.list(going)) to be gone", resourceID: id)
            return nil
        }
        return deletes
    }

    /// The installs on record that could still live, by the packages and clusters that they were asked for with.
    static func recordedUsers(in inventory: Inventory) -> [LiveReference: [InstallID]] {
        var users: [LiveReference: [InstallID]] = [:]
        for (reference, entry) in inventory where reference.kind == .install {
            guard entry.life != .gone, let id = entry.resourceID.flatMap(InstallID.init) else { continue }
            if let package = entry.requested.packageID {
                users[LiveReference(.package, package.text), default: []].append(id)
            }
            if let cluster = entry.requested.clusterID {
                users[LiveReference(.cluster, cluster.text), default: []].append(id)
            }
        }
        return users
    }

    /// Dependants go before what they depend on, as far as the journal remembers.
    private func orderByDependencies(_ deletes: inout [Action]) {
        let positions = Dictionary(deletes.enumerated().map { ($1.target, $0) }) { first, _ in first }
        for action in deletes {
            for dependency in input.inventory[action.target]?.requested.dependsOn ?? [] {
                if let position = positions[dependency] { deletes[position].after.insert(action.id) }
            }
        }
    }
}
