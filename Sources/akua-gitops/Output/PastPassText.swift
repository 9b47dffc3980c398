import AkuaModel
import Daemon
import JSON
import Journal
import Telemetry

/// One pass of the past with all that is on record of it: what `history show` prints.
struct PastPassText {
    var terminal: Terminal

    func text(of pass: PastPass) -> String {
        let record = pass.record
        let outcome = record.outcome ?? "not ended"
        var lines = [
            terminal.styled(record.id, .bold) + "  \(record.source)  "
                + terminal.styled(outcome, HistoryText.style(of: outcome)),
            "  " + TerminalText.safe(record.commitSubject),
            "  \(TerminalText.safe(record.revision)), by \(TerminalText.safe(record.commitAuthor))",
            "  " + times(record),
        ]
        if let digest = record.planDigest { lines.append("  plan \(digest)") }
        let counts = record.counts.map { "\($0.value.number?.int ?? 0) \($0.name)" }.filter { !$0.hasPrefix("0 ") }
        if !counts.isEmpty { lines.append("  " + counts.joined(separator: ", ")) }
        if let error = record.error { lines.append("  " + terminal.styled(TerminalText.safe(error), .red)) }
        if !pass.actions.isEmpty { lines.append("") }
        lines += pass.actions.flatMap { self.lines($0, in: pass) }
        return lines.map { $0 + "\n" }.joined()
    }

    private func times(_ record: ReconcileRecord) -> String {
        let start = "began \(UnixTime.text(milliseconds: record.startedAt))"
        guard let end = record.finishedAt else {
            return start + ", and its end is not on record: it was killed, or it runs"
        }
        return start + ", ended \(UnixTime.text(milliseconds: end)) (\((end - record.startedAt + 500) / 1_000) s)"
    }

    private func lines(_ action: ActionRecord, in pass: PastPass) -> [String] {
        let words = pass.actions.map(\.action.count).max() ?? 0
        var head = "  \(ReconcileText.outcome(action.outcome, terminal))  \(action.action.padded(to: words))  "
        head += "\(action.identity.kind)/\(action.identity.name)  " + terminal.styled(action.reason, .faint)
        var lines = [head]
        if let error = action.error { lines.append(TerminalText.safe(error)) }
        let intent = action.intent.flatMap { pass.intents[$0] }
        let parts = [
            action.resourceID, intent?.operation.map { "operation \($0)" },
            intent?.httpStatus.map { "HTTP \($0)" }, intent?.write.idempotencyKey.map { "key \($0)" },
        ].compactMap(\.self)
        if !parts.isEmpty { lines.append(TerminalText.safe(parts.joined(separator: ", "))) }
        if let render = action.intent.flatMap({ pass.renders[$0] }) {
            let commit = render.commitSHA.map { ", commit \($0) of its own repository" } ?? ""
            lines.append(TerminalText.safe("render \(render.render) \(render.state)\(commit)"))
        }
        return [lines[0]] + lines.dropFirst().map { "            " + $0 }
    }
}
