import AkuaModel
import JSON
import Manifests

/// Deletes: what this source owns and git no longer declares, in the reverse order of creation. Holds I2 and I9.
extension PlanBuilder {
    mutating func planDeletes() {
        let candidates = input.inventory.keys.filter { headers[$0] == nil }.sorted(by: >)
        for reference in candidates {
            guard let entry = input.inventory[reference], entry.life == .live, let id = entry.resourceID else {
                continue
            }
            planDelete(reference, entry, id)
        }
        planOrphans()
    }

    private mutating func planDelete(_ reference: ObjectReference, _ entry: InventoryEntry, _ id: String) {
        if let sentence = input.unsettled[reference] {
            hold(reference, .waitingForOperation, sentence, resourceID: id)
            return
        }
        if reference.kind == .packageVersion {
            plan.bookkeeping.append(.release(reference, .undeletable))
            return
        }
        guard entry.isOwned else {
            plan.bookkeeping.append(.release(reference, .shared))
            return
        }
        switch entry.protection {
        case .retain:
            plan.bookkeeping.append(.release(reference, .retained))
            return
        case .suspend:
            hold(
                reference, .suspended, "was suspended when it left git: lift that in a commit of its own first",
                resourceID: id)
            return
        case nil: break
        }
        guard settings.prune.isEnabled, input.circumstances.isPruneAllowed else {
            let why = settings.prune.isEnabled ? "the newest commit is invalid" : "prune is disabled in the settings"
            hold(reference, .pruneDisabled, "no longer declared, but \(why)", resourceID: id)
            return
        }
        guard input.circumstances.isInventoryComplete else {
            hold(reference, .inventoryIncomplete, "the inventory is still being rebuilt", resourceID: id)
            return
        }
        guard let step = deleteStep(reference, id) else { return }
        var action = Action(
            .delete, reference, step: step, resourceID: id, reason: .pruned, after: deletesBefore(reference, entry, id))
        if input.desired.skipped.contains(reference) { action.block = .nowSkipped }
        act(action)
    }

    /// Nil when the object is gone already, or can't be deleted, or more has to be read first.
    private mutating func deleteStep(_ reference: ObjectReference, _ text: String) -> Step? {
        func missing(_ presence: Presence<some Sendable>) -> Bool {
            switch presence {
            case .present: return false
            case .gone: plan.bookkeeping.append(.gone(reference))
            case .failed(let sentence): hold(reference, .readFailed, sentence, resourceID: text)
            case .unknown: break
            }
            return true
        }
        switch reference.kind {
        case .packageVersion: return nil
        case .install:
            guard let id = InstallID(text) else { return nil }
            let presence = presence(of: id, confirmed: true)
            guard !missing(presence), case .present(let install) = presence else { return nil }
            guard install.customerWorkspaceID == input.source.workspace else {
                hold(
                    reference, .foreignWorkspace, "belongs to another workspace and is never touched", resourceID: text)
                return nil
            }
            return .deleteInstall(id)
        case .cluster:
            guard let id = ClusterID(text) else { return nil }
            let presence = presence(of: id, confirmed: true)
            if case .present(let cluster) = presence, cluster.state.is(.deleting) {
                hold(reference, .waitingForDelete, "cluster \(id) is being deleted", resourceID: text)
                return nil
            }
            guard !missing(presence), isUnused(cluster: id, reference) else { return nil }
            return .deleteCluster(id)
        case .package:
            guard let id = PackageID(text) else { return nil }
            let presence = presence(of: id, confirmed: true)
            guard !missing(presence), case .present(let package) = presence else { return nil }
            guard package.etag != nil else {
                hold(
                    reference, .noEtag, "the platform shows no etag for it, and deletes nothing without",
                    resourceID: text)
                return nil
            }
            return isUnused(package: id, reference) ? .deletePackage(id) : nil
        }
    }

    private mutating func isUnused(cluster id: ClusterID, _ reference: ObjectReference) -> Bool {
        guard let installs = observed.installs else {
            need(.installs)
            return false
        }
        let users = installs.filter { $0.clusterID == id && !$0.isDeleted && !isBeingDeleted($0.id.text) }
        guard !users.isEmpty else { return true }
        hold(reference, .referenced, "still runs \(Self.list(users.map(\.id.text)))", resourceID: id.text)
        return false
    }

    private mutating func isUnused(package id: PackageID, _ reference: ObjectReference) -> Bool {
        guard let installs = observed.installs else {
            need(.installs)
            return false
        }
        guard let products = observed.products else {
            need(.products)
            return false
        }
        guard let known = versions(of: id) else { return false }
        guard case .value(let versions) = known else {
            hold(reference, .readFailed, "its versions can't be read", resourceID: id.text)
            return false
        }
        let ours = Set(input.inventory.filter { $0.key.kind == .packageVersion }.compactMap(\.value.resourceID))
        let foreign = versions.filter { !ours.contains($0.id.text) }
        guard foreign.isEmpty else {
            hold(
                reference, .foreignVersions,
                "it has versions that this source did not declare: "
                    + Self.list(foreign.map(\.semver)) + "; delete the package by hand if they may go too",
                resourceID: id.text)
            return false
        }
        let ids = Set(versions.map(\.id))
        let users =
            installs.filter { ids.contains($0.packageVersionID) && !$0.isDeleted && !isBeingDeleted($0.id.text) }
            .map(\.id.text) + products.filter { $0.packageID == id }.map(\.id.text)
        guard !users.isEmpty else { return true }
        hold(reference, .referenced, "still used by \(Self.list(users))", resourceID: id.text)
        return false
    }

    private func isBeingDeleted(_ id: String) -> Bool {
        plan.actions.contains { $0.word == .delete && $0.resourceID == id }
            || input.inventory.values.contains { $0.resourceID == id && $0.life == .deleting }
    }

    /// Dependants go before what they depend on, installs before clusters and packages.
    private func deletesBefore(_ reference: ObjectReference, _ entry: InventoryEntry, _ id: String) -> Set<ActionID> {
        let deletes = plan.actions.filter { $0.word == .delete }
        return Set(
            deletes.filter { other in
                if other.target.kind == .install, reference.kind != .install { return true }
                return input.inventory[other.target]?.requested.dependsOn.contains(reference) ?? false
            }.map(\.id))
    }

    static func list(_ items: [String]) -> String {
        let sorted = items.sorted()
        return sorted.prefix(3).joined(separator: ", ") + (sorted.count > 3 ? " and \(sorted.count - 3) more" : "")
    }
}

extension PlanBuilder {
    /// What recovery finds by key but git does not declare: shown, deleted only when a person allows it (I13).
    ///
    /// A key shows only a hash of the name; the name comes from the marker of a render and is proven by hashing it.
    private mutating func planOrphans() {
        guard let feed = observed.operations,
            !input.circumstances.isInventoryComplete || !input.circumstances.hasJournal
        else { return }
        let known = Set(
            (Array(headers.keys) + Array(input.inventory.keys)).map {
                IdempotencyKey.identityPart(of: $0, in: input.source)
            })
        for (part, operations) in feed.creates.sorted(by: { $0.key < $1.key }) where !known.contains(part) {
            for operation in operations {
                guard let id: InstallID = operation.responseID("install_id"), index.installs[id] != nil,
                    case .markers(let markers) = markers(of: id),
                    let marker = markers.first(where: { $0.source == input.source.name }),
                    IdempotencyKey.identityPart(of: marker.object, in: input.source) == part
                else { continue }
                var action = Action(
                    .delete, marker.object, step: .deleteInstall(id), resourceID: id.text, reason: .orphan)
                action.block = .recoveredOrphan
                act(action)
            }
        }
    }
}
