import JSON
import Journal

/// What `history` shows.
enum HistoryOutput {
    struct Pass {
        var record: ReconcileRecord
        var actions: [ActionRecord]
    }

    static func text(of pass: Pass, _ terminal: Terminal) -> String {
        let record = pass.record
        let outcome = record.outcome ?? "not ended"
        var lines = [
            "\(StatusOutput.time(record.startedAt))  " + terminal.styled(record.source, .bold)
                + "  \(record.commit.prefix(8))  \(outcome)  \(Terminal.clean(record.commitSubject)) "
                + terminal.styled("(\(Terminal.clean(record.commitAuthor)))  \(record.id)", .faint)
        ]
        if let error = record.error { lines.append("    " + terminal.styled(Terminal.clean(error), .red)) }
        for action in pass.actions {
            var line = "    \(action.action.padding(to: 8))  \(action.identity.kind)/\(action.identity.name)  "
            line += action.outcome == "succeeded" ? "ok" : terminal.styled(action.outcome, .red)
            if let error = action.error { line += ": \(Terminal.clean(error))" }
            lines.append(line)
        }
        return lines.map { $0 + "\n" }.joined()
    }

    static func document(of passes: [Pass]) -> JSONValue {
        ["v": 1, "reconciles": .array(passes.map(pass))]
    }

    private static func pass(_ pass: Pass) -> JSONValue {
        let record = pass.record
        return [
            "reconcile_id": .string(record.id), "source": .string(record.source), "revision": .string(record.revision),
            "commit": .string(record.commit), "author": .string(record.commitAuthor),
            "subject": .string(record.commitSubject), "started_ms": .number(JSONNumber(record.startedAt)),
            "finished_ms": record.finishedAt.map { .number(JSONNumber($0)) } ?? .null,
            "outcome": record.outcome.map(JSONValue.string) ?? .null,
            "digest": record.planDigest.map(JSONValue.string) ?? .null, "counts": .object(record.counts),
            "error": record.error.map(JSONValue.string) ?? .null,
            "actions": .array(
                pass.actions.map { action in
                    [
                        "action": .string(action.action), "kind": .string(action.identity.kind),
                        "name": .string(action.identity.name), "reason": .string(action.reason),
                        "outcome": .string(action.outcome),
                        "resource_id": action.resourceID.map(JSONValue.string) ?? .null,
                        "error": action.error.map(JSONValue.string) ?? .null,
                    ]
                }),
        ]
    }
}
