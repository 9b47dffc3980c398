import JSON

extension World {
    mutating func listClusters(_ call: Call) throws(Refusal) -> Answer {
        try page(\.clusters, Listing(key: ListKey(.cluster, of: call.workspace)), of: call)
    }

    mutating func getCluster(_ call: Call) throws(Refusal) -> Answer {
        show(\.clusters, try find(clusters, call.id(), for: call).id)
    }

    mutating func createCluster(_ call: Call) throws(Refusal) -> Answer {
        let body = try read(call) {
            (
                name: $0.text("name", 1...100), region: $0.text("region_id", 1...54),
                profile: $0.word("network_profile", of: ["linux_cilium", "mixed_os_calico"])
            )
        }
        let region = try referred(regions, body.region, by: "region_id", for: call)
        let id = insertCluster(
            name: body.name, region: region.id, networkProfile: body.profile ?? "linux_cilium", in: call.workspace)
        let operation = newOperation(
            OperationOrder(
                job: .clusterCreate, workspace: call.workspace, ownerType: .cluster, ownerID: id, isCreation: true,
                metadata: [
                    "workspace_id": .string(call.workspace), "region_id": .string(region.id),
                    "name": .string(body.name),
                ],
                steps: [
                    .init(name: "Reserve the control plane", duration: timing.clusterCreation / 5),
                    .init(name: "Provision the control plane", duration: timing.clusterCreation * 4 / 5),
                ]))
        begin(operation)
        return showOperation(operation, effects: [.init(kind: .cluster, id: id, change: "created")])
    }

    /// Puts the record of a cluster, which is `pending`, into the world.
    mutating func insertCluster(name: String, region: String, networkProfile: String, in workspace: String) -> String {
        let id = newID(.cluster)
        clusters.insert(
            ClusterRecord(
                id: id, serial: tick(), workspace: workspace, name: name, region: region,
                networkProfile: networkProfile, state: .pending, isReconciling: true, revision: tick(),
                createdAt: now, updatedAt: now))
        return id
    }

    mutating func updateCluster(_ call: Call) throws(Refusal) -> Answer {
        let body = try read(call) {
            (
                name: $0.optionalText("name", 1...100), region: $0.optionalText("region_id", 1...54),
                provider: $0.word("provider", of: ["managed_kaas", "imported_byoc"]),
                kubeconfig: $0.optionalText("kubeconfig", 1...1_000_000)
            )
        }
        let cluster = try find(clusters, call.id(), for: call)
        try checkETag(of: cluster, for: call)
        var region: RegionRecord?
        if let id = body.region { region = try referred(regions, id, by: "region_id", for: call) }
        guard cluster.state != .deleting else { throw .conflict("The cluster is being deleted.") }
        change(\.clusters, cluster.id) {
            $0.name = body.name ?? $0.name
            $0.region = region?.id ?? $0.region
            $0.provider = body.provider ?? $0.provider
        }
        return show(
            \.clusters, cluster.id, effects: [.init(kind: .cluster, id: cluster.id, change: "changed")],
            replay: .cluster(cluster.id))
    }

    /// Only an owner may, and only when nothing is installed on it.
    mutating func deleteCluster(_ call: Call) throws(Refusal) -> Answer {
        let cluster = try find(clusters, call.id(), for: call)
        guard call.scope.token.role == .owner else {
            throw .forbidden("Only an owner of the workspace deletes clusters.")
        }
        try checkETag(of: cluster, for: call)
        guard cluster.state != .deleting else { throw .conflict("The cluster is being deleted already.") }
        let occupants = installs.all(in: ListKey(.install, of: cluster.id)).count { $0.isLive }
        guard occupants == 0 else {
            throw .conflict("The cluster is not empty: \(occupants) installs are on it.")
        }
        change(\.clusters, cluster.id) {
            $0.state = .deleting
            $0.isReconciling = true
        }
        let operation = newOperation(
            OperationOrder(
                job: .clusterDelete, workspace: call.workspace, ownerType: .cluster, ownerID: cluster.id,
                metadata: ["cluster_id": .string(cluster.id)],
                steps: [
                    .init(name: "Drain the cluster", duration: timing.clusterRemoval / 2),
                    .init(name: "Tear the control plane down", duration: timing.clusterRemoval / 2),
                ]))
        begin(operation)
        return showOperation(operation, effects: [.init(kind: .cluster, id: cluster.id, change: "deleted")])
    }
}
