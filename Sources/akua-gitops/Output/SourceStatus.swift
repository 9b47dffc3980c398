import Journal

/// What `status` shows of one source: from the journal, with or without a running daemon.
struct SourceStatus {
    /// What an object is at, in one word.
    enum State: Equatable {
        case ready, deleting, failed
        /// Not ours: used, kept in step, never deleted.
        case shared
        /// Nothing is done about it at present; the reason's code.
        case waiting(String)

        var word: String {
            switch self {
            case .ready: "ready"
            case .deleting: "deleting"
            case .failed: "failed"
            case .shared: "shared"
            case .waiting(let code): code
            }
        }
    }

    struct Object {
        var name: String
        var record: ObjectRecord?
        var conditions: [ConditionRecord]

        var state: State {
            if let condition = conditions.first {
                return condition.code == "failed" ? .failed : .waiting(condition.code)
            }
            if record?.life == .deleting { return .deleting }
            if record?.lastError != nil { return .failed }
            return record?.ownership == .shared ? .shared : .ready
        }
    }

    var name: String
    var record: SourceRecord?
    /// The last pass that changed anything.
    var last: ReconcileRecord?
    /// What is in the workspace, and what should be and is not; by kind and name.
    var objects: [Object]

    init(_ name: String, _ journal: Journal) async throws {
        self.init(
            name: name, record: try await journal.source(name), last: try await journal.lastReconcile(of: name),
            objects: try await journal.objects(of: name), conditions: try await journal.conditions(of: name))
    }

    init(
        name: String, record: SourceRecord?, last: ReconcileRecord?, objects: [ObjectRecord],
        conditions: [ConditionRecord]
    ) {
        self.name = name
        self.record = record
        self.last = last
        func key(_ identity: Identity) -> String { "\(identity.kind)/\(identity.name)" }
        let waiting = Dictionary(grouping: conditions) { key($0.identity) }
        let living = Dictionary(
            objects.filter { $0.life == .live || $0.life == .deleting }.map { (key($0.identity), $0) }
        ) { first, _ in first }
        self.objects = Set(waiting.keys).union(living.keys).sorted().map { name in
            Object(name: name, record: living[name], conditions: waiting[name] ?? [])
        }
    }

    /// Whether the workspace agreed with the newest commit when it was last looked at.
    var isInSync: Bool { last?.outcome == "changed" || last?.outcome == "in_sync" }
}
