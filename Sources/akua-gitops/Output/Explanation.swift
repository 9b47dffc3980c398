import Daemon
import Journal
import Manifests
import Planning
import Reconciler

/// Everything that is known of one object: from the journal, and from a pass that only looked, where one could be made.
struct Explanation {
    /// What the journal knows of it.
    struct Past {
        var record: ObjectRecord?
        var conditions: [ConditionRecord] = []
        /// Writes that have not ended.
        var unsettled: [IntentRecord] = []
        /// The newest first, each with the pass it belongs to.
        var actions: [(action: ActionRecord, pass: ReconcileRecord?)] = []
        var renders: [RenderRecord] = []

        init() {}

        /// - Parameter limit: how many actions and renders.
        init(_ object: ObjectReference, of source: SourceRecord, _ journal: Journal, limit: Int) async throws {
            let identity = Identity(
                workspace: source.workspace, source: source.source, kind: object.kind.rawValue, name: object.name)
            record = try await journal.object(identity)
            conditions = try await journal.conditions(of: source.source).filter { $0.identity == identity }
            unsettled = try await journal.unsettledIntents(of: source.source).filter { $0.identity == identity }
            for action in try await journal.actions(of: identity, limit: limit) {
                actions.append((action, try await journal.reconcile(action.reconcile)))
            }
            renders = try await journal.renders(of: identity, limit: limit)
        }

        var isEmpty: Bool { record == nil && conditions.isEmpty && unsettled.isEmpty && actions.isEmpty }
    }

    /// What a look at git and the workspace has shown.
    struct Present {
        /// With a short commit: `main@4b30e7e1`.
        var revision: String
        /// Where it is declared; nil when it is not.
        var location: SourceLocation?
        var desired: [Sight.Fact]?
        var observed: Sight.Observed
        /// What the next pass would do, and what it would not.
        var actions: [Action]
        var holds: [Hold]
        /// Why the source is not written to at all.
        var stop: Stop?
    }

    var object: ObjectReference
    var source: String
    var suspensions: [PassReport.Suspension]
    var past: Past
    var present: Present?
    /// Why there is no present.
    var blindness: String?

    /// The live object's id, as far as anybody knows.
    var resourceID: String? { past.record?.resourceID }

    /// Whether anybody knows the object at all.
    var isKnown: Bool { !past.isEmpty || present?.desired != nil || !(present?.holds.isEmpty ?? true) }

    /// Takes up what a pass has seen of the object, or why it has seen nothing.
    mutating func look(at report: PassReport) {
        guard let sight = report.sight, let plan = report.plan, let revision = report.revision else {
            blindness = report.blindness
            return
        }
        let actions = plan.actions.filter { $0.target == object }
        let holds = plan.holds.filter { $0.target == object }
        let id =
            past.record?.resourceID ?? actions.lazy.compactMap(\.resourceID).first
            ?? holds.lazy.compactMap(\.resourceID).first
        present = Present(
            revision: revision.revision.shortRevision, location: sight.location(of: object),
            desired: sight.desired(object), observed: id.map { sight.observed(object.kind, id: $0) } ?? .absent,
            actions: actions, holds: holds, stop: plan.stop)
    }
}

extension PassReport {
    /// Why a pass has seen nothing.
    var blindness: String {
        if let error { return error.description }
        if let first = manifestErrors.first { return "the newest commit is invalid: \(first)" }
        return emptyPath ?? "the pass did not get as far as a plan"
    }
}
