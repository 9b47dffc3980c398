import AkuaModel
import JSON
import Journal

/// Past passes, as `history --output json` prints them.
enum HistoryJSON {
    static func document(of passes: [PastPass]) -> JSONValue {
        ["v": 1, "reconciles": .array(passes.map { .object(pass($0, action: action)) })]
    }

    /// One pass with all that is on record of it.
    static func document(ofAll past: PastPass) -> JSONValue {
        var object = pass(past) { action in
            var object = self.action(action).object ?? JSONObject()
            let intent = action.intent.flatMap { past.intents[$0] }
            let render = action.intent.flatMap { past.renders[$0] }
            object["operation_id"] = intent?.operation.map { .string($0.text) } ?? .null
            object["http_status"] = intent?.httpStatus.map { .number(JSONNumber($0)) } ?? .null
            object["idempotency_key"] = intent?.write.idempotencyKey.map(JSONValue.string) ?? .null
            object["render_id"] = render.map { .string($0.render.text) } ?? .null
            object["render_commit_sha"] = render?.commitSHA.map(JSONValue.string) ?? .null
            return .object(object)
        }
        object["v"] = 1
        return .object(object)
    }

    private static func pass(_ pass: PastPass, action: (ActionRecord) -> JSONValue) -> JSONObject {
        let record = pass.record
        let value: JSONValue = [
            "reconcile_id": .string(record.id), "source": .string(record.source), "revision": .string(record.revision),
            "commit": .string(record.commit), "author": .string(record.commitAuthor),
            "subject": .string(record.commitSubject), "started_ms": .number(JSONNumber(record.startedAt)),
            "finished_ms": record.finishedAt.map { .number(JSONNumber($0)) } ?? .null,
            "outcome": record.outcome.map(JSONValue.string) ?? .null,
            "digest": record.planDigest.map(JSONValue.string) ?? .null, "counts": .object(record.counts),
            "error": record.error.map(JSONValue.string) ?? .null, "actions": .array(pass.actions.map(action)),
        ]
        return value.object ?? JSONObject()
    }

    private static func action(_ action: ActionRecord) -> JSONValue {
        [
            "action": .string(action.action), "kind": .string(action.identity.kind),
            "name": .string(action.identity.name), "reason": .string(action.reason),
            "outcome": .string(action.outcome), "resource_id": action.resourceID.map(JSONValue.string) ?? .null,
            "error": action.error.map(JSONValue.string) ?? .null,
        ]
    }

    /// An action out of the order of its pass, with where it belongs.
    static func action(_ record: ActionRecord, of pass: ReconcileRecord?) -> JSONValue {
        var object = action(record).object ?? JSONObject()
        object["finished_ms"] = .number(JSONNumber(record.finishedAt))
        object["reconcile_id"] = .string(record.reconcile)
        object["commit"] = pass.map { .string($0.commit) } ?? .null
        object["author"] = pass.map { .string($0.commitAuthor) } ?? .null
        object["subject"] = pass.map { .string($0.commitSubject) } ?? .null
        return .object(object)
    }
}
