/// A package version running somewhere.
///
/// It has no name, no region, no values and no package id in any read.
package struct Install: Hashable, Sendable, Codable {
    package enum State: String, Sendable { case pending, rendering, syncing, healthy, degraded, failed, deleted }

    package var id: InstallID
    package var workspaceID: WorkspaceID
    /// Whose install it is: never touched when this is not our workspace.
    package var customerWorkspaceID: WorkspaceID
    package var clusterID: ClusterID?
    package var productID: ProductID?
    package var packageVersionID: PackageVersionID
    package var state: Open<State>
    package var isReconciling: Bool
    package var etag: ETag
    package var createdAt: Timestamp

    package init(
        id: InstallID, workspaceID: WorkspaceID, customerWorkspaceID: WorkspaceID, clusterID: ClusterID?,
        productID: ProductID?, packageVersionID: PackageVersionID, state: Open<State>, isReconciling: Bool,
        etag: ETag, createdAt: Timestamp
    ) {
        self.id = id
        self.workspaceID = workspaceID
        self.customerWorkspaceID = customerWorkspaceID
        self.clusterID = clusterID
        self.productID = productID
        self.packageVersionID = packageVersionID
        self.state = state
        self.isReconciling = isReconciling
        self.etag = etag
        self.createdAt = createdAt
    }

    /// A tombstone: the platform may answer with one instead of 404.
    package var isDeleted: Bool { state.is(.deleted) }
    /// Healthy and not busy.
    package var isHealthy: Bool { state.is(.healthy) && !isReconciling }
}

/// What mutations of an install's version or automatic updates answer; no GET shows it.
package struct InstallLifecycle: Hashable, Sendable {
    package var id: InstallID
    package var currentVersionID: PackageVersionID?
    /// Set while a change is pending or has failed; nil when equal to the current one.
    package var desiredVersionID: PackageVersionID?
    package var automaticUpdatesEnabled: Bool
    package var etag: ETag

    package init(
        id: InstallID, currentVersionID: PackageVersionID?, desiredVersionID: PackageVersionID?,
        automaticUpdatesEnabled: Bool, etag: ETag
    ) {
        self.id = id
        self.currentVersionID = currentVersionID
        self.desiredVersionID = desiredVersionID
        self.automaticUpdatesEnabled = automaticUpdatesEnabled
        self.etag = etag
    }
}

/// The answer to `:update` and to a change of automatic updates.
package struct InstallMutation: Hashable, Sendable {
    package var lifecycle: InstallLifecycle
    package var render: Render?

    package init(lifecycle: InstallLifecycle, render: Render?) {
        self.lifecycle = lifecycle
        self.render = render
    }
}

/// The deploy artifact of an install.
package struct Render: Hashable, Sendable, Codable {
    package enum State: String, Sendable { case running, deployed, skipped, failed }

    package var id: RenderID
    package var installID: InstallID
    package var operationID: OperationID?
    package var packageVersionID: PackageVersionID?
    package var state: Open<State>
    package var message: String?
    /// A commit of the install's own repository, not of the watched one.
    package var commitSHA: String?
    package var createdAt: Timestamp

    package init(
        id: RenderID, installID: InstallID, operationID: OperationID?, packageVersionID: PackageVersionID?,
        state: Open<State>, message: String?, commitSHA: String?, createdAt: Timestamp
    ) {
        self.id = id
        self.installID = installID
        self.operationID = operationID
        self.packageVersionID = packageVersionID
        self.state = state
        self.message = message
        self.commitSHA = commitSHA
        self.createdAt = createdAt
    }
}

/// What the cluster says of an install.
package struct InstallStatus: Hashable, Sendable {
    package var state: Open<Install.State>
    package var isReconciling: Bool
    package var health: String?
    package var sync: String?
    /// The commit that the cluster runs.
    package var revision: String?

    package init(state: Open<Install.State>, isReconciling: Bool, health: String?, sync: String?, revision: String?) {
        self.state = state
        self.isReconciling = isReconciling
        self.health = health
        self.sync = sync
        self.revision = revision
    }
}
