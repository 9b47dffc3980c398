/// What a token can see and everything else belongs to.
package struct Workspace: Hashable, Sendable {
    package var id: WorkspaceID
    package var name: String
    package var slug: String

    package init(id: WorkspaceID, name: String, slug: String) {
        self.id = id
        self.name = name
        self.slug = slug
    }
}

/// Whether writes to a workspace can succeed at present.
package struct WorkspaceAccessState: Hashable, Sendable {
    package var isAccessible: Bool
    /// The platform's word, such as `active` or `suspended`.
    package var status: String
    package var reason: String?

    package init(isAccessible: Bool, status: String, reason: String?) {
        self.isAccessible = isAccessible
        self.status = status
        self.reason = reason
    }
}

/// A label that the workspace defines for where things run.
///
/// It can only be listed and created.
package struct Region: Hashable, Sendable, Codable {
    package var id: RegionID
    package var name: String

    package init(id: RegionID, name: String) {
        self.id = id
        self.name = name
    }
}

/// A Kubernetes cluster.
///
/// Its region and network profile are in no read.
package struct Cluster: Hashable, Sendable, Codable {
    package enum State: String, Sendable { case pending, provisioning, active, suspended, deleting }
    package enum NetworkProfile: String, Sendable, CaseIterable {
        case linuxCilium = "linux_cilium"
        case mixedOSCalico = "mixed_os_calico"
    }

    package var id: ClusterID
    package var name: String
    package var workspaceID: WorkspaceID
    package var state: Open<State>
    package var isReconciling: Bool
    package var etag: ETag

    package init(
        id: ClusterID, name: String, workspaceID: WorkspaceID, state: Open<State>, isReconciling: Bool, etag: ETag
    ) {
        self.id = id
        self.name = name
        self.workspaceID = workspaceID
        self.state = state
        self.isReconciling = isReconciling
        self.etag = etag
    }
}
