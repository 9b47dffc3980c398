import Daemon
import JSON
import Journal

/// What each source and object is at, as `status --output json` prints it.
enum StatusJSON {
    static func document(of sources: [SourceStatus]) -> JSONValue {
        ["v": 1, "sources": .array(sources.map(source))]
    }

    private static func source(_ source: SourceStatus) -> JSONValue {
        let last = source.last
        return [
            "source": .string(source.name), "in_sync": .bool(source.isInSync),
            "revision": last.map { .string($0.revision) } ?? .null,
            "outcome": last?.outcome.map(JSONValue.string) ?? .null,
            "since_ms": last.map { .number(JSONNumber($0.finishedAt ?? $0.startedAt)) } ?? .null,
            "suspended": .array(source.suspensions.map(\.json)), "error": last?.error.map(JSONValue.string) ?? .null,
            "applied_commit": source.record?.appliedCommit.map(JSONValue.string) ?? .null,
            "last_good_commit": source.record?.lastGoodCommit.map(JSONValue.string) ?? .null,
            "last_reconcile": last.map { .string($0.id) } ?? .null,
            "objects": .array(source.objects.filter { $0.record != nil }.map(object)),
            "conditions": .array(source.objects.flatMap(\.conditions).map(condition)),
        ]
    }

    private static func object(_ object: SourceStatus.Object) -> JSONValue {
        let record = object.record
        return [
            "kind": record.map { .string($0.identity.kind) } ?? .null,
            "name": record.map { .string($0.identity.name) } ?? .null, "state": .string(object.state.word),
            "resource_id": record?.resourceID.map(JSONValue.string) ?? .null,
            "ownership": record.map { .string($0.ownership.rawValue) } ?? .null,
            "life": record.map { .string($0.life.rawValue) } ?? .null,
            "commit": record?.commit.map(JSONValue.string) ?? .null,
            "path": record?.path.map(JSONValue.string) ?? .null,
            "last_error": record?.lastError.map(JSONValue.string) ?? .null,
        ]
    }

    static func condition(_ condition: ConditionRecord) -> JSONValue {
        [
            "kind": .string(condition.identity.kind), "name": .string(condition.identity.name),
            "reason": .string(condition.code), "message": .string(condition.sentence),
            "since_ms": .number(JSONNumber(condition.since)),
            "next_attempt": condition.nextAttempt.map { .number(JSONNumber($0)) } ?? .null,
        ]
    }
}
