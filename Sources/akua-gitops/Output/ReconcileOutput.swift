import JSON
import Manifests
import Planning
import Reconciler

/// What a one-shot pass did, for people and as JSON.
struct ReconcileOutput {
    var terminal: Terminal

    func text(of report: PassReport, showsValues: Bool) -> String {
        guard report.plan != nil, let revision = report.revision else { return trouble(of: report) }
        var lines = [
            terminal.styled(report.source, .bold) + "  \(revision.revision)  "
                + terminal.styled(Terminal.clean(revision.subject), .faint)
        ]
        for result in report.results {
            let mark = result.outcome.isSuccess ? terminal.styled("ok", .green) : terminal.styled("!!", .red)
            var line = "  \(mark) \(result.action.word.rawValue.padding(to: 8))  \(result.action.target)"
            if let sentence = result.outcome.sentence { line += ": \(Terminal.clean(sentence))" }
            lines.append(line)
        }
        let rows = PlanRows(report, showsValues: showsValues)
        for row in rows?.rows ?? [] where row.blocked != nil {
            lines.append(
                "  " + terminal.styled("!! blocked", .yellow) + "  \(row.word) \(row.object): \(row.blocked ?? "")")
        }
        for note in rows?.notes ?? [] {
            lines.append("  " + terminal.styled("-- \(note.code)", .faint) + "  \(note.object): \(note.sentence)")
        }
        let counts = report.counts.filter { $0.count > 0 }.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
        lines.append("  \(report.outcome.rawValue)" + (counts.isEmpty ? "" : ": \(counts)"))
        if let digest = rows?.blockedDigest {
            lines.append("  release what is blocked with: akua-gitops allow \(digest)")
        }
        return lines.joined(separator: "\n") + "\n" + warnings(of: report)
    }

    /// Why there is no plan.
    func trouble(of report: PassReport) -> String {
        var lines: [String] = []
        for error in report.manifestErrors { lines.append(Terminal.clean(error.description)) }
        if let empty = report.emptyPath { lines.append("\(report.source): \(Terminal.clean(empty))") }
        if let error = report.error {
            lines.append("\(report.source): " + terminal.styled(Terminal.clean(error.description), .red))
        }
        return lines.map { $0 + "\n" }.joined() + warnings(of: report)
    }

    func warnings(of report: PassReport) -> String {
        report.warnings.map { terminal.styled("warning: ", .yellow) + Terminal.clean($0.description) + "\n" }.joined()
    }

    static func document(of reports: [PassReport]) -> JSONValue {
        ["v": 1, "sources": .array(reports.map(source))]
    }

    private static func source(_ report: PassReport) -> JSONValue {
        var object = JSONObject()
        object["source"] = .string(report.source)
        object["reconcile_id"] = .string(report.reconcile)
        object["revision"] = report.revision.map { .string($0.revision) } ?? .null
        object["outcome"] = .string(report.outcome.rawValue)
        object["digest"] = report.plan.map { .string($0.digest) } ?? .null
        object["actions"] = .array(
            report.results.map { result in
                [
                    "action": .string(result.action.word.rawValue), "kind": .string(result.action.target.kind.rawValue),
                    "name": .string(result.action.target.name), "reason": .string(result.action.reason.code),
                    "outcome": .string(result.outcome.word),
                    "error": result.outcome.sentence.map(JSONValue.string) ?? .null,
                ]
            })
        var counts = JSONObject()
        for (name, count) in report.counts { counts[name] = .number(JSONNumber(count)) }
        object["counts"] = .object(counts)
        if let digest = report.plan?.blockedDigest { object["blocked_digest"] = .string(digest) }
        if let error = report.error {
            object["error"] = ["code": .string(error.code), "message": .string(error.description)]
        }
        object["errors"] = .array(report.manifestErrors.map(PlanJSON.value))
        return .object(object)
    }
}
