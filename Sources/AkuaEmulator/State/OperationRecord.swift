import JSON

/// A long-running job.
struct OperationRecord: Owned {
    static let kind = Kind.operation

    enum State: String, Codable, Sendable {
        case running = "RUNNING", succeeded = "SUCCEEDED", failed = "FAILED", cancelled = "CANCELLED"
    }

    /// The `type` of its metadata.
    enum Job: String, Codable, Sendable {
        case installCreate = "install.create"
        case installRender = "install.render"
        case installDelete = "install.delete"
        case packageCreate = "package.create"
        case clusterCreate = "cluster.create"
        case clusterDelete = "cluster.delete"
    }

    struct Step: Codable, Sendable {
        enum Status: String, Codable, Sendable { case pending, running, completed, failed, skipped }
        enum Execution: String, Codable, Sendable { case system, user, approval, skipped }

        var name: String
        /// How long it takes, in milliseconds; nil when something else ends it.
        var duration: Int?
        var execution = Execution.system
        var status = Status.pending
        var startedAt: Int?
        var completedAt: Int?
        var error: String?
    }

    /// What it came to.
    struct Outcome: Codable, Sendable {
        var state: State
        var response: JSONValue?
        var error: String?
    }

    /// The latest trouble, cleared when the step recovers.
    struct LastError: Codable, Sendable {
        var message: String
        var step: String
    }

    var id: String
    var serial: Int
    var workspace: String
    var ownerType: Kind
    var ownerID: String
    /// What is shown as the owner until it is done, when that is not ``ownerID``.
    var placeholderOwnerID: String?
    var parent: String?
    var job: Job
    /// Without the `type`.
    var metadata: JSONValue
    /// The body that asked for it, where that is needed later.
    var request: JSONValue?
    var steps: [Step]
    /// The position of the running step; beyond the last when it is done.
    var currentStep = 0
    /// When the running step ends or, after the last, when the outcome becomes visible.
    var due: Int?
    var state = State.running
    var outcome: Outcome?
    var lastError: LastError?
    var script: OperationScript?
    var isCancelling = false
    var startedAt: Int
    var completedAt: Int?

    init(
        id: String, serial: Int, workspace: String, ownerType: Kind, ownerID: String, placeholderOwnerID: String?,
        parent: String?, job: Job, metadata: JSONValue, request: JSONValue?, steps: [Step], startedAt: Int
    ) {
        self.id = id
        self.serial = serial
        self.workspace = workspace
        self.ownerType = ownerType
        self.ownerID = ownerID
        self.placeholderOwnerID = placeholderOwnerID
        self.parent = parent
        self.job = job
        self.metadata = metadata
        self.request = request
        self.steps = steps
        self.startedAt = startedAt
    }

    var isDone: Bool { state != .running }
    /// The owner as the API shows it now.
    var visibleOwnerID: String { isDone ? ownerID : placeholderOwnerID ?? ownerID }
    var lists: [ListKey] {
        [.allOperations, ListKey(.operation, of: workspace), ListKey(.operation, of: ownerID)]
    }
}

/// What a fault makes of an operation instead of its ordinary course.
package struct OperationScript: Codable, Sendable, Equatable {
    package enum Turn: String, Codable, Sendable, CaseIterable {
        /// The step fails, and the operation with it.
        case fail
        /// The step never ends.
        case stall
        /// The step waits for a person.
        case approval
        /// The step fails once, shows it as the last error, and succeeds when tried again.
        case retry
    }

    package var turn: Turn
    /// The step it happens at, from 0.
    package var step: Int
    package var message: String

    package init(_ turn: Turn, atStep step: Int = 0, message: String = "asked for by a fault") {
        self.turn = turn
        self.step = step
        self.message = message
    }
}
