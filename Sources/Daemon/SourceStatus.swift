package import Journal
package import Reconciler

/// What `status` shows of one source: from the journal, with or without a running daemon.
package struct SourceStatus: Sendable {
    /// What an object is at, in one word.
    package enum State: Equatable, Sendable {
        case ready, deleting, failed
        /// Not ours: used, kept in step, never deleted.
        case shared
        /// Nothing is done about it at present; the reason's code.
        case waiting(String)

        package var word: String {
            switch self {
            case .ready: "ready"
            case .deleting: "deleting"
            case .failed: "failed"
            case .shared: "shared"
            case .waiting(let code): code
            }
        }

        /// Whether nothing is to be done or waited for.
        var isAtRest: Bool { self == .ready || self == .shared }

        /// What it counts as in a sum.
        package var group: String { if case .waiting = self { "waiting" } else { word } }
    }

    package struct Object: Sendable {
        package var name: String
        package var record: ObjectRecord?
        package var conditions: [ConditionRecord]

        package var state: State {
            if let condition = conditions.first {
                return condition.code == "failed" ? .failed : .waiting(condition.code)
            }
            if record?.life == .deleting { return .deleting }
            if record?.lastError != nil { return .failed }
            return record?.ownership == .shared ? .shared : .ready
        }
    }

    package var name: String
    package var record: SourceRecord?
    /// Who has suspended it: a person, its settings, or both.
    package var suspensions: [PassReport.Suspension]
    /// The last pass that changed anything.
    package var last: ReconcileRecord?
    /// What is in the workspace, and what should be and is not; by kind and name.
    package var objects: [Object]

    /// - Parameter now: Unix milliseconds.
    package init(_ name: String, _ journal: Journal, now: Int) async throws {
        let record = try await journal.source(name)
        let person = try await journal.suspension(of: name).flatMap { $0.holds(at: now / 1_000) ? $0 : nil }
        let settings = record?.suspension(at: now / 1_000)
        self.init(
            name: name, record: record,
            suspensions: [person.map(PassReport.Suspension.init), settings].compactMap(\.self),
            last: try await journal.lastReconcile(of: name),
            objects: try await journal.objects(of: name), conditions: try await journal.conditions(of: name))
    }

    package init(
        name: String, record: SourceRecord?, suspensions: [PassReport.Suspension] = [], last: ReconcileRecord?,
        objects: [ObjectRecord],
        conditions: [ConditionRecord]
    ) {
        self.name = name
        self.record = record
        self.suspensions = suspensions
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
    package var isInSync: Bool { last?.outcome == "changed" || last?.outcome == "in_sync" }
}
