import Daemon
import Journal
import Telemetry

/// A pass of the past, with what it did.
struct PastPass {
    var record: ReconcileRecord
    var actions: [ActionRecord]
    /// What was sent for them and the renders that came of it, by the intent's id; only of a pass that is shown alone.
    var intents: [String: IntentRecord] = [:]
    var renders: [String: RenderRecord] = [:]

    init(record: ReconcileRecord, actions: [ActionRecord]) {
        self.record = record
        self.actions = actions
    }

    /// All that is on record of a pass.
    init(all record: ReconcileRecord, _ journal: Journal) async throws {
        self.init(record: record, actions: try await journal.actions(of: record.id))
        for intent in try await journal.intents(ofReconcile: record.id) { intents[intent.id] = intent }
        for render in try await journal.renders(ofReconcile: record.id) { renders[render.intent] = render }
    }
}

/// What `history` shows.
struct HistoryText {
    var terminal: Terminal

    func text(of passes: [PastPass]) -> String {
        guard !passes.isEmpty else { return "No pass has changed anything yet.\n" }
        return passes.map(text).joined(separator: "\n")
    }

    private func text(of pass: PastPass) -> String {
        let record = pass.record
        let outcome =
            record.outcome.map { terminal.styled($0, Self.style(of: $0)) } ?? terminal.styled("not ended", .red)
        let duration = record.finishedAt.map { ", \(($0 - record.startedAt + 500) / 1_000) s" } ?? ""
        var lines = [
            "\(UnixTime.text(milliseconds: record.startedAt))  " + terminal.styled(record.source, .bold)
                + "  \(TerminalText.safe(record.revision.shortRevision))  \(outcome)  "
                + TerminalText.safe(record.commitSubject),
            terminal.styled("  \(TerminalText.safe(record.commitAuthor)), \(record.id)\(duration)", .faint),
        ]
        if let error = record.error { lines.append("  " + terminal.styled(TerminalText.safe(error), .red)) }
        let words = pass.actions.map(\.action.count).max() ?? 0
        for action in pass.actions {
            let outcome = ReconcileText.outcome(action.outcome, terminal)
            var line = "  \(outcome)  \(action.action.padded(to: words))  "
            line += "\(action.identity.kind)/\(action.identity.name)"
            if let error = action.error { line += ": " + TerminalText.safe(error) }
            lines.append(line)
        }
        return lines.map { $0 + "\n" }.joined()
    }

    static func style(of outcome: String) -> Terminal.Style {
        switch outcome {
        case "changed", "in_sync": .green
        case "failed", "partial", "not ended": .red
        default: .yellow
        }
    }
}
