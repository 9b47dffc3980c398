package import JSON

/// A long-running job of the platform.
package struct Operation: Hashable, Sendable, Codable {
    package enum State: String, Sendable {
        case running = "RUNNING", succeeded = "SUCCEEDED", failed = "FAILED", cancelled = "CANCELLED"
    }
    package enum OwnerType: String, Sendable {
        case install, repository, workspace, machine, cluster, package
        case repositoryChangeRequest = "repository_change_request"
    }
    /// The `type` of the metadata; the platform has many more than we ask for.
    package enum Kind: String, Sendable {
        case installCreate = "install.create"
        case installRender = "install.render"
        case installDelete = "install.delete"
        case packageCreate = "package.create"
        case clusterCreate = "cluster.create"
        case clusterDelete = "cluster.delete"
    }

    package var id: OperationID
    package var workspaceID: WorkspaceID?
    package var ownerType: Open<OwnerType>
    /// A hint at the object, also while running; ``response`` decides.
    package var ownerID: String
    package var state: Open<State>
    /// Terminal: the state will never change again.
    package var isDone: Bool
    package var kind: Open<Kind>
    /// All of the metadata, as it came.
    package var metadata: JSONObject
    /// Only when succeeded, as it came.
    package var response: JSONObject?
    /// Why it failed or was cancelled.
    package var errorMessage: String?
    /// The latest trouble of a running operation; cleared when a step recovers, so no failure by itself.
    package var lastErrorMessage: String?
    /// The name of a running step that waits for a person, or nil.
    package var waitsForPerson: String?
    package var startedAt: Timestamp

    package init(
        id: OperationID, workspaceID: WorkspaceID?, ownerType: Open<OwnerType>, ownerID: String, state: Open<State>,
        isDone: Bool, kind: Open<Kind>, metadata: JSONObject, response: JSONObject?, errorMessage: String?,
        lastErrorMessage: String?, waitsForPerson: String?, startedAt: Timestamp
    ) {
        self.id = id
        self.workspaceID = workspaceID
        self.ownerType = ownerType
        self.ownerID = ownerID
        self.state = state
        self.isDone = isDone
        self.kind = kind
        self.metadata = metadata
        self.response = response
        self.errorMessage = errorMessage
        self.lastErrorMessage = lastErrorMessage
        self.waitsForPerson = waitsForPerson
        self.startedAt = startedAt
    }

    package var hasSucceeded: Bool { isDone && state.is(.succeeded) }
    /// The key of the create that started it, for the kinds that show one.
    package var idempotencyKey: String? { metadata["idempotency_key"]?.string }
    /// The id that the response names under `name`, such as `install_id`.
    package func responseID<Tag>(_ name: String, as _: Tag.Type = Tag.self) -> Identifier<Tag>? {
        response?[name]?.string.flatMap(Identifier.init)
    }
}
