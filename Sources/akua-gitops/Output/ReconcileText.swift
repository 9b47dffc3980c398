import Daemon
import Planning
import Reconciler
import Telemetry

/// What a one-shot pass did, as a person reads it.
struct ReconcileText {
    var terminal: Terminal

    func text(of report: PassReport, showsValues: Bool) -> String {
        guard report.error == nil, let plan = PlanView(report, showsValues: showsValues) else {
            return ManifestFindings.trouble(of: report, terminal)
        }
        let planText = PlanText(terminal: terminal)
        var lines = [planText.heading(plan)]
        if let stop = plan.stop { lines += ["", "  " + terminal.styled("! stopped, \(stop)", .red)] }
        lines += planText.suspension(plan)
        if !report.results.isEmpty { lines += [""] + results(report.results) }
        lines += planText.waiting(plan)
        lines += ["", "  " + conclusion(of: report)]
        return lines.joined(separator: "\n") + "\n" + ManifestFindings(warnings: report.warnings).warningText(terminal)
    }

    private func results(_ results: [ActionResult]) -> [String] {
        let words = results.map(\.action.word.rawValue.count).max() ?? 0
        return results.map { result in
            let outcome = Self.outcome(result.outcome.word, terminal)
            var line = "  \(outcome)  \(result.action.word.rawValue.padded(to: words))  \(result.action.target)"
            if let sentence = result.outcome.sentence { line += ": " + TerminalText.safe(sentence) }
            return line
        }
    }

    /// How an action ended, in a column of its own.
    static func outcome(_ word: String, _ terminal: Terminal) -> String {
        switch word {
        case "succeeded": terminal.styled("done    ", .green)
        case "failed": terminal.styled("failed  ", .red)
        default: terminal.styled(word.padded(to: 8), .yellow)
        }
    }

    /// Such as `Changed, in sync now: 2 created, 11 unchanged.`.
    private func conclusion(of report: PassReport) -> String {
        let counts = report.counts.filter { $0.count > 0 }.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
        let (words, style) = Self.words(for: report.outcome)
        return terminal.styled(words, style, .bold) + (counts.isEmpty ? "." : ": \(counts).")
    }

    static func words(for outcome: PassReport.Outcome) -> (text: String, style: Terminal.Style) {
        switch outcome {
        case .inSync: ("In sync", .green)
        case .changed: ("Changed, in sync now", .green)
        case .blocked: ("Not in sync, something waits", .yellow)
        case .partial: ("Not in sync, something failed", .red)
        case .failed: ("Failed", .red)
        case .rejected: ("Rejected, nothing of this commit is applied", .red)
        case .stopped: ("Stopped, nothing is written", .red)
        case .superseded: ("Superseded by a newer commit", .yellow)
        }
    }
}
