import JSON

extension InstallRecord {
    /// Name, region, package, values, desired version and automatic updates are in no read.
    func wire(_ style: WireStyle) -> JSONValue {
        .object {
            $0["id"] = style.id(id)
            $0["html_url"] = style.page("installs", id)
            $0["workspace_id"] = style.id(workspace)
            $0["customer_workspace"] = ["id": style.id(customerWorkspace), "name": .string(customerName)]
            // An owner of the product does not learn where the customer runs it.
            if customerWorkspace == workspace { $0.set("cluster_id", ifPresent: cluster.map(style.id)) }
            $0.set("product_id", ifPresent: product.map(style.id))
            $0["package_version_id"] = style.id(version)
            $0["state"] = .string(state.rawValue)
            $0["reconciling"] = .bool(isReconciling)
            $0["urls"] = []
            $0["created_at"] = style.time(createdAt)
            $0["updated_at"] = style.time(updatedAt)
            $0["etag"] = style.etag(revision)
        }
    }

    /// What the cluster says of it.
    func status(_ style: WireStyle) -> JSONValue {
        let health: String? =
            switch state {
            case .pending, .rendering, .deleted: runningCommit == nil ? nil : "Healthy"
            case .syncing: "Progressing"
            case .healthy: "Healthy"
            case .degraded, .failed: "Degraded"
            }
        let resource: JSONValue = [
            "group": "apps", "version": "v1", "kind": "Deployment", "name": .string(style.text(of: id)),
            "status": state == .syncing ? "OutOfSync" : "Synced", "health": ["status": .string(health ?? "Missing")],
        ]
        return [
            "install_id": style.id(id), "health": JSONValue(orNull: health),
            "sync": runningCommit == nil ? nil : (state == .syncing ? "OutOfSync" : "Synced"),
            "revision": JSONValue(orNull: runningCommit), "resources": runningCommit == nil ? nil : [resource],
            "operation_phase": runningCommit == nil ? nil : (state == .syncing ? "Running" : "Succeeded"),
            "updated_at": runningCommit == nil ? nil : style.time(updatedAt), "state": .string(state.rawValue),
            "reconciling": .bool(isReconciling),
        ]
    }
}

extension RenderRecord {
    /// `extra_annotations` are in no read.
    func wire(_ style: WireStyle) -> JSONValue {
        .object {
            $0["id"] = style.id(id)
            $0["workspace_id"] = style.id(workspace)
            $0["install_id"] = style.id(install)
            $0["operation_id"] = operation.map(style.id) ?? .null
            $0["render_hash"] = JSONValue(orNull: hash)
            $0["commit_sha"] = JSONValue(orNull: commit)
            $0["package_version_id"] = style.id(version)
            $0["state"] = .string(state.rawValue)
            $0["message"] = JSONValue(orNull: message)
            $0["created_at"] = style.time(createdAt)
            $0["updated_at"] = style.time(updatedAt)
        }
    }
}
