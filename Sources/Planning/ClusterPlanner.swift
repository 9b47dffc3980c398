import AkuaModel
import JSON
import Manifests

extension PlanBuilder {
    mutating func planClusters() {
        for manifest in input.desired.clusters.sorted(by: { $0.header.name < $1.header.name }) {
            plan(cluster: manifest)
        }
    }

    private mutating func plan(cluster manifest: ClusterManifest) {
        let reference = ObjectReference(.cluster, manifest.header.name)
        let entry = input.inventory[reference]
        plan.desiredDigests[reference] = Self.digest(of: manifest)
        switch life(of: manifest, reference, entry) {
        case .pending: resolved[reference] = .pending
        case .held(let code, let sentence):
            hold(reference, code, sentence, resourceID: entry?.resourceID)
            resolved[reference] = .unavailable(code, sentence)
        case .live(let cluster, let isOurs):
            claimed.insert(cluster.id.text)
            resolved[reference] = .live(cluster.id.text)
            compare(cluster, with: manifest, reference, isOurs: isOurs, entry)
        case .absent(let reason): create(manifest, reference, reason)
        }
    }

    private enum ClusterLife {
        case live(Cluster, isOurs: Bool)
        case absent(Reason)
        case held(Hold.Code, String)
        case pending
    }

    private mutating func life(
        of manifest: ClusterManifest, _ reference: ObjectReference, _ entry: InventoryEntry?
    ) -> ClusterLife {
        var reason = Reason.declared
        if let entry, let id = entry.resourceID.flatMap(ClusterID.init), entry.life != .gone {
            if let adopted = manifest.adoptedID, adopted != id.text {
                return .held(
                    .identityConflict,
                    "clusterID names \(adopted), but the journal knows \(reference) as \(id): "
                        + "release it first, or correct clusterID")
            }
            switch presence(of: id) {
            case .present(let cluster) where cluster.state.is(.deleting):
                return .held(.waitingForDelete, "cluster \(id) is being deleted; it is created again once it is gone")
            case .present(let cluster): return .live(cluster, isOurs: entry.isOwned || manifest.adoptedID != nil)
            case .failed(let sentence): return .held(.readFailed, sentence)
            case .unknown: return .pending
            case .gone: reason = entry.life == .deleting ? .declared : .gone(id.text)
            }
        }
        if let adopted = manifest.adoptedID {
            guard let id = ClusterID(adopted) else { return .held(.missingReference, "'\(adopted)' is no cluster id") }
            switch presence(of: id, confirmed: true) {
            case .present(let cluster): return .live(cluster, isOurs: true)
            case .failed(let sentence): return .held(.readFailed, sentence)
            case .unknown: return .pending
            case .gone: return .held(.missingReference, "cluster \(adopted), named by clusterID, is not there")
            }
        }
        guard let clusters = observed.clusters else {
            need(.clusters)
            return .pending
        }
        let matches = clusters.filter { $0.name == manifest.apiName && !$0.state.is(.deleting) }
        if matches.count > 1 {
            let list = matches.map(\.id.text).sorted().joined(separator: " and ")
            return .held(.ambiguous, "more than one live cluster has this name: \(list); say which with clusterID")
        }
        return matches.first.map { .live($0, isOurs: false) } ?? .absent(reason)
    }

    private mutating func compare(
        _ cluster: Cluster, with manifest: ClusterManifest, _ reference: ObjectReference, isOurs: Bool,
        _ entry: InventoryEntry?
    ) {
        let known = entry?.resourceID == cluster.id.text && entry?.life == .live ? entry : nil
        if known == nil { take(reference, cluster.id.text, isOurs: isOurs) }
        let region = resolve(region: manifest.region)
        let before = known?.requested
        var fields: [FieldChange] = []
        let name = cluster.name == manifest.apiName ? nil : manifest.apiName
        if let name { fields.append(FieldChange("name", before: .string(cluster.name), after: .string(name))) }
        var moved: RegionID?
        if case .live(let id) = region, let asked = before?.regionID, asked != id {
            moved = id
            fields.append(FieldChange("region", before: .string(asked.text), after: .string(id.text)))
        }
        if let asked = before?.networkProfile, let wanted = manifest.networkProfile, asked != wanted {
            hold(
                reference, .immutable, "networkProfile can't be changed on a live cluster: it has \(asked)",
                resourceID: cluster.id.text,
                fields: [FieldChange("networkProfile", before: .string(asked), after: .string(wanted))])
        }
        guard !fields.isEmpty else {
            noteInSync(reference, digest: Self.digest(of: manifest), entry)
            return
        }
        guard isOurs else {
            hold(
                reference, .shared,
                "\(fields.map(\.path).joined(separator: ", ")) differs on a cluster that is "
                    + "used, not owned: adopt it with clusterID to have it changed",
                resourceID: cluster.id.text, fields: fields)
            return
        }
        guard case .present(let cluster) = presence(of: cluster.id, confirmed: true), confirmDifference(cluster, name)
        else { return }
        let what = fields.map(\.path).joined(separator: ", ") + " changed"
        act(
            Action(
                .update, reference, step: .updateCluster(cluster.id, name: name, region: moved),
                resourceID: cluster.id.text,
                reason: reason(for: reference, entry, digest: Self.digest(of: manifest), what),
                after: actions(on: reference), fields: fields))
    }

    /// A list may be stale: the difference must show in the read by id as well, unless it is not about the name.
    private func confirmDifference(_ cluster: Cluster, _ name: String?) -> Bool { name == nil || cluster.name != name }

    private mutating func create(_ manifest: ClusterManifest, _ reference: ObjectReference, _ reason: Reason) {
        switch resolve(region: manifest.region) {
        case .pending: resolved[reference] = .pending
        case .unavailable(let code, let sentence):
            hold(reference, code, sentence)
            resolved[reference] = .unavailable(code, sentence)
        case .planned: break
        case .live(let region):
            need(operationsUnlessRead: ())
            var fields = [
                FieldChange("name", after: .string(manifest.apiName)),
                FieldChange("region", after: .string(manifest.region.text)),
            ]
            if let profile = manifest.networkProfile {
                fields.append(FieldChange("networkProfile", after: .string(profile)))
            }
            act(
                Action(
                    .create, reference, step: .createCluster(manifest, region: region), reason: reason,
                    fields: fields))
            resolved[reference] = .planned(reference)
        }
    }

    private static func digest(of manifest: ClusterManifest) -> String {
        Digest.hex(
            of: [
                "cluster", .string(manifest.apiName), .string(manifest.region.text),
                .string(manifest.networkProfile ?? ""),
            ])
    }
}

extension PlanBuilder {
    /// Drift if this very desired state had been reached before, else a change of the manifest.
    func reason(
        for _: ObjectReference, _ entry: InventoryEntry?, digest: String, _ what: String
    ) -> Reason {
        entry?.appliedDigest == digest ? .drift(what) : .changed(what)
    }

    /// What a declared object's manifest protects it with.
    func protection(of reference: ObjectReference) -> Protection? {
        guard let header = headers[reference] else { return nil }
        if header.isSuspended { return .suspend }
        return header.deletionPolicy == .retain ? .retain : nil
    }
}
