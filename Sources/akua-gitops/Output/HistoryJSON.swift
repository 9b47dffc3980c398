import JSON
import Journal

/// Past passes, as `history --output json` prints them.
enum HistoryJSON {
    static func document(of passes: [PastPass]) -> JSONValue {
        ["v": 1, "reconciles": .array(passes.map(pass))]
    }

    private static func pass(_ pass: PastPass) -> JSONValue {
        let record = pass.record
        return [
            "reconcile_id": .string(record.id), "source": .string(record.source), "revision": .string(record.revision),
            "commit": .string(record.commit), "author": .string(record.commitAuthor),
            "subject": .string(record.commitSubject), "started_ms": .number(JSONNumber(record.startedAt)),
            "finished_ms": record.finishedAt.map { .number(JSONNumber($0)) } ?? .null,
            "outcome": record.outcome.map(JSONValue.string) ?? .null,
            "digest": record.planDigest.map(JSONValue.string) ?? .null, "counts": .object(record.counts),
            "error": record.error.map(JSONValue.string) ?? .null, "actions": .array(pass.actions.map(action)),
        ]
    }

    private static func action(_ action: ActionRecord) -> JSONValue {
        [
            "action": .string(action.action), "kind": .string(action.identity.kind),
            "name": .string(action.identity.name), "reason": .string(action.reason),
            "outcome": .string(action.outcome), "resource_id": action.resourceID.map(JSONValue.string) ?? .null,
            "error": action.error.map(JSONValue.string) ?? .null,
        ]
    }
}
