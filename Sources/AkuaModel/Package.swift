package import JSON

/// A versioned artifact that can be installed.
///
/// Nothing of it can be changed after creation.
package struct Package: Hashable, Sendable, Codable {
    package enum Source: Hashable, Sendable, Codable {
        case oci(reference: String)
        /// Built by the platform from a chart, in a repository of its own.
        case hosted(RepositoryID)
        /// A kind of source that this build does not know.
        case unknown(String)
    }

    package var id: PackageID
    package var workspaceID: WorkspaceID
    package var name: String
    package var latestVersionID: PackageVersionID
    package var description: String?
    package var source: Source
    /// Declared optional by the platform: without one the package can't be deleted.
    package var etag: ETag?
    package var createdAt: Timestamp

    package init(
        id: PackageID, workspaceID: WorkspaceID, name: String, latestVersionID: PackageVersionID,
        description: String?, source: Source, etag: ETag?, createdAt: Timestamp
    ) {
        self.id = id
        self.workspaceID = workspaceID
        self.name = name
        self.latestVersionID = latestVersionID
        self.description = description
        self.source = source
        self.etag = etag
        self.createdAt = createdAt
    }
}

/// One published version; immutable, and deleted only together with its package.
///
/// Its `compatibility` is in no read.
package struct PackageVersion: Hashable, Sendable, Codable {
    package var id: PackageVersionID
    package var packageID: PackageID
    package var semver: String
    /// What the artifact is pinned to, normally its digest.
    package var ref: String
    package var inputSchema: JSONValue

    package init(id: PackageVersionID, packageID: PackageID, semver: String, ref: String, inputSchema: JSONValue) {
        self.id = id
        self.packageID = packageID
        self.semver = semver
        self.ref = ref
        self.inputSchema = inputSchema
    }
}

/// A package on offer, with the version that its installs get.
///
/// Read only here.
package struct Product: Hashable, Sendable, Codable {
    package enum State: String, Sendable { case active, archived }

    package var id: ProductID
    package var name: String
    package var packageID: PackageID
    package var state: Open<State>

    package init(id: ProductID, name: String, packageID: PackageID, state: Open<State>) {
        self.id = id
        self.name = name
        self.packageID = packageID
        self.state = state
    }
}

/// A git repository that the platform keeps; read only.
package struct Repository: Hashable, Sendable {
    package enum Purpose: String, Sendable {
        case deploy, package, repositoryChangeRequest = "repository_change_request"
    }

    package var id: RepositoryID
    package var name: String
    package var purpose: Open<Purpose>
    package var clusterID: ClusterID?
    package var lastDeployCommit: String?

    package init(
        id: RepositoryID, name: String, purpose: Open<Purpose>, clusterID: ClusterID?, lastDeployCommit: String?
    ) {
        self.id = id
        self.name = name
        self.purpose = purpose
        self.clusterID = clusterID
        self.lastDeployCommit = lastDeployCommit
    }
}
