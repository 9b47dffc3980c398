import JSON

/// What a new install is to be.
struct InstallOrder {
    var customerWorkspace: String?
    var region: String
    var cluster: String?
    var product: String?
    var package: String
    var version: String
    var initialValues: JSONValue
    var idempotencyKey: String
}

/// What a new render is to be.
struct RenderOrder {
    var version: String
    var message: String?
    var annotations: [String: String] = [:]
    var mayBeSkipped = false
    var parent: String?
}

extension World {
    /// Makes an install, which is `pending`, and the operation that brings it up.
    mutating func createInstall(_ order: InstallOrder, in workspace: String) -> (install: String, operation: String) {
        let install = insertInstall(order, in: workspace)
        let operation = newOperation(installCreation(of: install, order, in: workspace))
        begin(operation)
        return (install, operation)
    }

    /// The operation that brings an install up.
    func installCreation(of install: String, _ order: InstallOrder, in workspace: String) -> OperationOrder {
        OperationOrder(
            job: .installCreate, workspace: workspace, ownerType: .install, ownerID: install, isCreation: true,
            metadata: .object {
                $0["idempotency_key"] = .string(order.idempotencyKey)
                $0["workspace_id"] = .string(workspace)
                $0.set("product_id", ifPresent: order.product.map(JSONValue.string))
            },
            steps: [
                .init(name: "Place the install", duration: timing.placing),
                .init(name: "Render and deploy", duration: nil),
            ])
    }

    /// Puts the record of an install, and of its repository, into the world.
    mutating func insertInstall(_ order: InstallOrder, in workspace: String) -> String {
        let id = newID(.install)
        let repository = newID(.repository)
        let customer = order.customerWorkspace ?? workspace
        let cluster = order.cluster ?? defaultCluster(in: order.region, of: workspace)
        installs.insert(
            InstallRecord(
                id: id, serial: tick(), workspace: workspace, customerWorkspace: customer,
                customerName: workspaces[customer]?.name ?? "Customer", region: order.region, cluster: cluster,
                product: order.product, package: order.package, version: order.version,
                hasAutomaticUpdates: switches.automaticUpdatesDefault, initialValues: order.initialValues,
                repository: repository, state: .pending, isReconciling: true, revision: tick(), createdAt: now,
                updatedAt: now))
        repositories.insert(
            RepositoryRecord(
                id: repository, serial: tick(), workspace: workspace, name: id,
                purpose: .deploy(cluster: cluster ?? "clu_shared"), revision: tick(), createdAt: now, updatedAt: now))
        return id
    }

    /// Where an install goes that names no cluster: the oldest one that is up in its region.
    private func defaultCluster(in region: String, of workspace: String) -> String? {
        clusters.all(in: ListKey(.cluster, of: workspace)).first { $0.region == region && $0.state == .active }?.id
    }

    /// Changes an install's state, which may or may not move its etag.
    mutating func setState(of id: String, _ state: InstallRecord.State, isBusy: Bool) {
        guard let install = installs[id], install.isLive, !install.isDeleting else { return }
        if switches.etagMovesWithState {
            change(\.installs, id) {
                $0.state = state
                $0.isReconciling = isBusy
            }
        } else {
            installs.update(id) {
                $0.state = state
                $0.isReconciling = isBusy
            }
        }
    }

    func installResponse(_ operation: OperationRecord) -> JSONValue {
        let name = operation.ownerID.replacing("_", with: "-")
        return [
            "install_id": .string(operation.ownerID), "argo_app_name": .string(name),
            "argo_app_namespace": .string(name),
        ]
    }

    /// Begins to remove an install: what runs for it is cancelled, and it is busy until it is gone.
    mutating func deleteInstall(_ install: InstallRecord) -> String {
        change(\.installs, install.id) {
            $0.isDeleting = true
            $0.isReconciling = true
            $0.settlesAt = nil
            $0.renderOperation = nil
            $0.waitingRenders = []
        }
        cancelAll(of: install.id)
        let operation = newOperation(
            OperationOrder(
                job: .installDelete, workspace: install.workspace, ownerType: .install, ownerID: install.id,
                metadata: ["install_id": .string(install.id)],
                steps: [
                    .init(name: "Remove workloads", duration: timing.removing),
                    .init(name: "Purge repository", duration: timing.removing / 2),
                ]))
        begin(operation)
        return operation
    }

    /// Its workloads and its repository are gone, and with it the values.
    mutating func didRemoveInstall(_ operation: OperationRecord) {
        removeInstall(operation.ownerID)
        finish(operation.id, .init(state: .succeeded, response: ["argo_app_deleted": true, "repo_purged": true]))
    }

    /// Leaves a tombstone of an install.
    mutating func removeInstall(_ id: String) {
        guard let install = installs[id] else { return }
        change(\.installs, id) {
            $0.state = .deleted
            $0.isDeleting = false
            $0.isReconciling = false
            $0.settlesAt = nil
            $0.renderOperation = nil
            $0.waitingRenders = []
        }
        repositories.remove(install.repository)
        cancelAll(of: id)
    }

    /// Ends what runs for an install that goes, except its removal.
    private mutating func cancelAll(of install: String) {
        for operation in operations.all(in: ListKey(.operation, of: install)) where operation.job != .installDelete {
            finish(operation.id, .init(state: .cancelled, error: "the install is deleted"))
        }
    }

    /// The workloads have come up.
    mutating func settle(_ id: String, due: Int) {
        guard let install = installs[id], install.settlesAt == due, install.isLive else { return }
        installs.update(id) {
            $0.settlesAt = nil
            $0.runningCommit = $0.deployedCommit
        }
        setState(of: id, .healthy, isBusy: install.renderOperation != nil)
    }
}
