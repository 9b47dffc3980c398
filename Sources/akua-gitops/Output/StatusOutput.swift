import Foundation
import JSON
import Journal

/// What `status` shows: from the journal, with or without a running daemon.
enum StatusOutput {
    struct Source {
        var name: String
        var record: SourceRecord?
        var last: ReconcileRecord?
        var objects: [ObjectRecord]
        var conditions: [ConditionRecord]

        init(_ name: String, _ journal: Journal) async throws {
            self.name = name
            record = try await journal.source(name)
            last = try await journal.lastReconcile(of: name)
            objects = try await journal.objects(of: name).filter { $0.life == .live || $0.life == .deleting }
            conditions = try await journal.conditions(of: name)
        }
    }

    static func text(of source: Source, _ terminal: Terminal) -> String {
        let commit = source.record?.appliedCommit.map { String($0.prefix(8)) } ?? "nothing yet"
        let outcome = source.last.map { $0.outcome ?? "not ended" } ?? "never reconciled"
        var lines = [
            terminal.styled(source.name, .bold) + "  at \(commit)  \(outcome)"
                + (source.last.map { "  (last change \(time($0.finishedAt ?? $0.startedAt)))" } ?? "")
        ]
        if let error = source.last?.error { lines.append("  " + terminal.styled(Terminal.clean(error), .red)) }
        let conditions = Dictionary(grouping: source.conditions) { "\($0.identity.kind)/\($0.identity.name)" }
        var shown: Set<String> = []
        let width = source.objects.map { $0.identity.kind.count + 1 + $0.identity.name.count }.max() ?? 0
        for object in source.objects.sorted(by: { Self.key($0.identity) < Self.key($1.identity) }) {
            let name = "\(object.identity.kind)/\(object.identity.name)"
            shown.insert(name)
            var line = "  " + name.padding(to: min(width, 48)) + "  " + (object.resourceID ?? "")
            if object.ownership == .shared { line += "  " + terminal.styled("shared", .faint) }
            if object.life == .deleting { line += "  " + terminal.styled("deleting", .yellow) }
            lines.append(line)
            lines += (conditions[name] ?? []).map { Self.line(of: $0, terminal) }
        }
        for (name, conditions) in conditions.sorted(by: { $0.key < $1.key }) where !shown.contains(name) {
            lines.append("  \(name)")
            lines += conditions.map { Self.line(of: $0, terminal) }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func line(of condition: ConditionRecord, _ terminal: Terminal) -> String {
        let next = condition.nextAttempt.map { ", next attempt \(time($0 * 1_000))" } ?? ""
        return "      " + terminal.styled(condition.code, .yellow) + " since \(time(condition.since))\(next): "
            + Terminal.clean(condition.sentence)
    }

    static func document(of sources: [Source]) -> JSONValue {
        ["v": 1, "sources": .array(sources.map(source))]
    }

    private static func source(_ source: Source) -> JSONValue {
        var object = JSONObject()
        object["source"] = .string(source.name)
        object["applied_commit"] = source.record?.appliedCommit.map(JSONValue.string) ?? .null
        object["last_good_commit"] = source.record?.lastGoodCommit.map(JSONValue.string) ?? .null
        object["outcome"] = source.last?.outcome.map(JSONValue.string) ?? .null
        object["last_reconcile"] = source.last.map { .string($0.id) } ?? .null
        object["objects"] = .array(
            source.objects.sorted(by: { Self.key($0.identity) < Self.key($1.identity) }).map { record in
                [
                    "kind": .string(record.identity.kind), "name": .string(record.identity.name),
                    "resource_id": record.resourceID.map(JSONValue.string) ?? .null,
                    "ownership": .string(record.ownership.rawValue), "life": .string(record.life.rawValue),
                    "commit": record.commit.map(JSONValue.string) ?? .null,
                    "path": record.path.map(JSONValue.string) ?? .null,
                    "last_error": record.lastError.map(JSONValue.string) ?? .null,
                ]
            })
        object["conditions"] = .array(
            source.conditions.map { condition in
                [
                    "kind": .string(condition.identity.kind), "name": .string(condition.identity.name),
                    "reason": .string(condition.code), "message": .string(condition.sentence),
                    "since_ms": .number(JSONNumber(condition.since)),
                    "next_attempt": condition.nextAttempt.map { .number(JSONNumber($0)) } ?? .null,
                ]
            })
        return .object(object)
    }

    private static func key(_ identity: Identity) -> String { "\(identity.kind)/\(identity.name)" }

    static func time(_ milliseconds: Int) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1_000).formatted(.iso8601)
    }
}
