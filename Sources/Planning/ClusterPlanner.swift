import AkuaModel
import JSON
import Manifests

/// Clusters: name and region can be changed, the network profile can't, and only the name shows in a read.
extension PlanBuilder {
    mutating func planClusters() {
        for manifest in declarations.clusters { plan(cluster: manifest) }
    }

    private mutating func plan(cluster manifest: ClusterManifest) {
        let reference = manifest.reference
        switch recognize(reference, manifest.header, adopting: manifest.adoptedID, as: Cluster.self) {
        case .pending: resolved[reference] = .pending
        case .held(let code, let sentence): withhold(reference, code, sentence)
        case .known(let cluster, let entry):
            resolved[reference] = .live(cluster.id.text)
            compare(cluster, with: manifest, entry, after: [])
        case .found(let cluster, let adoption, let reason): take(cluster, manifest, adoption, reason)
        case .unrecorded(let reason):
            guard let clusters = index.clustersByName else {
                need(.clusters)
                resolved[reference] = .pending
                return
            }
            let matches = (clusters[manifest.apiName] ?? []).filter {
                !isElsewhere(LiveReference(.cluster, $0.id.text), than: reference)
            }
            if matches.count > 1 {
                let list = Self.list(matches.map(\.id.text))
                withhold(
                    reference, .ambiguous, "more than one live cluster has this name: \(list); say which with clusterID"
                )
            } else if let cluster = matches.first {
                guard !cluster.isGoing else {
                    return withhold(
                        reference, .waitingForDelete, "cluster \(cluster.id) has this name and is being deleted")
                }
                take(cluster, manifest, Adoption(resourceID: cluster.id.text, ownership: .shared), .recovered)
            } else {
                create(manifest, reason)
            }
        }
    }

    private mutating func take(
        _ cluster: Cluster, _ manifest: ClusterManifest, _ adoption: Adoption, _ reason: Reason
    ) {
        let reference = manifest.reference
        resolved[reference] = .live(cluster.id.text)
        var adoption = adoption
        if recorded(reference, as: adoption.resourceID).requested == Requested() {
            // Neither shows in a read: what the manifest says now is taken for what is, and a later change is seen.
            if case .live(let region) = resolve(region: manifest.region) { adoption.requested.regionID = region }
            adoption.requested.networkProfile = manifest.networkProfile
        }
        var entry = recorded(reference, as: adoption.resourceID)
        entry.ownership = adoption.ownership
        entry.requested = adoption.requested
        compare(cluster, with: manifest, entry, after: record(reference, adoption, reason))
    }

    private mutating func compare(
        _ cluster: Cluster, with manifest: ClusterManifest, _ entry: InventoryEntry, after recording: [Action]
    ) {
        let reference = manifest.reference
        let digest = DesiredDigest.cluster(manifest)
        plan.desiredDigests[reference] = digest
        var fields: [FieldChange] = []
        let name = cluster.name == manifest.apiName ? nil : manifest.apiName
        if let name { fields.append(FieldChange("name", before: .string(cluster.name), after: .string(name))) }
        var moved: RegionID?
        if let asked = entry.requested.regionID, let region = region(of: manifest), asked != region {
            moved = region
            fields.append(FieldChange("region", before: .string(asked.text), after: .string(region.text)))
        }
        checkProfile(of: cluster, manifest, entry)
        guard fields.isEmpty || entry.isOwned else {
            return hold(
                reference, .shared,
                "\(fields.map(\.path).joined(separator: ", ")) differs on a cluster that is used, not owned: adopt it "
                    + "with clusterID to have it changed", resourceID: cluster.id.text, fields: fields)
        }
        var actions = recording
        if !fields.isEmpty {
            let what = fields.map(\.path).joined(separator: ", ") + " differs"
            actions.append(
                Action(
                    .update, reference, step: .updateCluster(cluster.id, name: name, region: moved),
                    resourceID: cluster.id.text, reason: entry.appliedDigest == digest ? .drift(what) : .changed(what),
                    fields: fields))
        }
        guard !actions.isEmpty else {
            let isRecorded = input.inventory[reference]?.resourceID == cluster.id.text
            if isRecorded, !isHeld(reference) { noteInSync(reference, digest: digest, entry) }
            return
        }
        guard admits(reference, actions) else { return }
        // A list may be stale, and a write takes a read of the object itself.
        if !fields.isEmpty, case .failed(let sentence) = presence(of: cluster.id, confirmed: true) {
            return hold(reference, .readFailed, sentence, resourceID: cluster.id.text)
        }
        add(reference, actions)
    }

    /// Nil when it can't be told yet, or not at all, which is then said.
    private mutating func region(of manifest: ClusterManifest) -> RegionID? {
        switch resolve(region: manifest.region) {
        case .live(let id): return id
        case .unavailable(let code, let sentence): hold(manifest.reference, code, sentence)
        case .pending, .planned: break
        }
        return nil
    }

    private mutating func checkProfile(of cluster: Cluster, _ manifest: ClusterManifest, _ entry: InventoryEntry) {
        guard let asked = entry.requested.networkProfile, let wanted = manifest.networkProfile, asked != wanted else {
            return
        }
        hold(
            manifest.reference, .immutable, "networkProfile can't be changed on a live cluster: it has \(asked)",
            resourceID: cluster.id.text,
            fields: [FieldChange("networkProfile", before: .string(asked), after: .string(wanted))])
    }

    private mutating func create(_ manifest: ClusterManifest, _ reason: Reason) {
        let reference = manifest.reference
        plan.desiredDigests[reference] = DesiredDigest.cluster(manifest)
        // The feed of operations is read before the first create of a pass.
        if observed.operations == nil { need(.operations) }
        switch resolve(region: manifest.region) {
        case .pending, .planned: resolved[reference] = .pending
        case .unavailable(let code, let sentence): withhold(reference, code, sentence)
        case .live(let region):
            var fields = [
                FieldChange("name", after: .string(manifest.apiName)),
                FieldChange("region", after: .string(manifest.region.text)),
            ]
            if let profile = manifest.networkProfile {
                fields.append(FieldChange("networkProfile", after: .string(profile)))
            }
            let action = Action(
                .create, reference, step: .createCluster(manifest, region: region), reason: reason, fields: fields)
            settle(reference, isPlanned: propose(reference, [action]))
        }
    }
}
