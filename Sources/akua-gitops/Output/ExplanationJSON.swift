import AkuaModel
import Daemon
import JSON
import Journal
import Manifests
import Planning
import Reconciler

/// One object in each source that knows it, as `explain --output json` prints it.
enum ExplanationJSON {
    static func document(of explanations: [Explanation], showsValues: Bool) -> JSONValue {
        ["v": 1, "objects": .array(explanations.map { object($0, showsValues) })]
    }

    private static func object(_ explanation: Explanation, _ showsValues: Bool) -> JSONValue {
        let (past, present) = (explanation.past, explanation.present)
        return [
            "source": .string(explanation.source), "kind": .string(explanation.object.kind.rawValue),
            "name": .string(explanation.object.name), "suspended": .array(explanation.suspensions.map(\.json)),
            "desired": present.map { desired($0, showsValues) } ?? .null,
            "observed": present.map { observed($0.observed, showsValues) } ?? .null,
            "error": explanation.blindness.map(JSONValue.string) ?? .null,
            "record": past.record.map(record) ?? .null,
            "conditions": .array(past.conditions.map(StatusJSON.condition)),
            "actions": .array((present?.actions ?? []).map { PlanJSON.action($0, showsValues) }),
            "reported": .array((present?.holds ?? []).map { PlanJSON.hold($0, showsValues) }),
            "unsettled": .array(past.unsettled.map(intent)),
            "last_actions": .array(past.actions.map { HistoryJSON.action($0.action, of: $0.pass) }),
            "renders": .array(past.renders.map(render)),
        ]
    }

    private static func desired(_ present: Explanation.Present, _ showsValues: Bool) -> JSONValue {
        guard let facts = present.desired, let location = present.location else { return .null }
        return [
            "file": .string(location.file), "line": .number(JSONNumber(location.line)),
            "fields": fields(facts, showsValues),
        ]
    }

    private static func observed(_ observed: Sight.Observed, _ showsValues: Bool) -> JSONValue {
        switch observed {
        case .unread: ["state": "unread"]
        case .absent: ["state": "absent"]
        case .live(let facts): ["state": "live", "fields": fields(facts, showsValues)]
        }
    }

    /// A value that is not to be shown is there by its name alone.
    private static func fields(_ facts: [Sight.Fact], _ showsValues: Bool) -> JSONValue {
        var object = JSONObject()
        for fact in facts { object[fact.name] = fact.isValue && !showsValues ? .null : fact.value }
        return .object(object)
    }

    private static func record(_ record: ObjectRecord) -> JSONValue {
        [
            "resource_id": record.resourceID.map(JSONValue.string) ?? .null,
            "ownership": .string(record.ownership.rawValue), "life": .string(record.life.rawValue),
            "incarnation": .number(JSONNumber(record.incarnation)),
            "protection": record.protection.map(JSONValue.string) ?? .null,
            "commit": record.commit.map(JSONValue.string) ?? .null, "path": record.path.map(JSONValue.string) ?? .null,
            "failures": .number(JSONNumber(record.failures)),
            "last_error": record.lastError.map(JSONValue.string) ?? .null,
            "next_attempt": record.nextAttempt.map { .number(JSONNumber($0)) } ?? .null,
        ]
    }

    private static func intent(_ intent: IntentRecord) -> JSONValue {
        [
            "action": .string(intent.action), "state": .string(intent.state.rawValue),
            "operation_id": intent.operation.map { .string($0.text) } ?? .null,
            "since_ms": .number(JSONNumber(intent.createdAt)),
        ]
    }

    private static func render(_ render: RenderRecord) -> JSONValue {
        [
            "render_id": .string(render.render.text), "state": .string(render.state),
            "commit": .string(render.commit),
            "render_commit_sha": render.commitSHA.map(JSONValue.string) ?? .null,
            "recorded_ms": .number(JSONNumber(render.recordedAt)),
        ]
    }
}
