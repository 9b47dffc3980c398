import Daemon
import Planning
import Reconciler

/// A plan as a person reads it in a terminal.
struct PlanText {
    var terminal: Terminal

    /// The text, with an end of line; for a pass without a plan, why there is none.
    func text(of report: PassReport, showsValues: Bool) -> String {
        guard let plan = PlanView(report, showsValues: showsValues) else {
            return ManifestFindings.trouble(of: report, terminal)
        }
        var lines = [heading(plan)]
        if let stop = plan.stop { lines += ["", "  " + terminal.styled("! stopped, \(stop)", .red)] }
        lines += suspension(plan)
        if !plan.open.isEmpty { lines += [""] + rows(plan.open) }
        lines += waiting(plan)
        lines += ["", "  " + conclusion(of: plan)]
        if let incompleteness = plan.incompleteness {
            lines.append(terminal.styled("  ! incomplete: ", .red) + incompleteness)
        }
        if plan.hidesValues {
            lines.append(terminal.styled("  Values are not shown; --show-values shows them.", .faint))
        }
        return lines.joined(separator: "\n") + "\n" + ManifestFindings(warnings: report.warnings).warningText(terminal)
    }

    /// `platform  main@4b30e7e1  Describe the platform`.
    func heading(_ plan: PlanView) -> String {
        terminal.styled(plan.source, .bold) + "  \(plan.revision)  " + terminal.styled(plan.subject, .faint)
    }

    /// Who has suspended the source: a paragraph, or nothing.
    func suspension(_ plan: PlanView) -> [String] {
        plan.suspension.map { ["", "  " + terminal.styled("! \($0)", .yellow)] } ?? []
    }

    /// What is blocked, with how to release it, what is held, and what is only reported: each a paragraph.
    func waiting(_ plan: PlanView) -> [String] {
        var lines: [String] = []
        for (block, blocked) in plan.blocked {
            lines += ["", "  " + terminal.styled("Blocked", .yellow) + " (\(block.rawValue): \(block.sentence)):"]
            lines += rows(blocked)
        }
        if let digest = plan.blockedDigest {
            lines.append("  To carry out all that is blocked: " + terminal.styled("akua-gitops allow \(digest)", .bold))
        }
        if !plan.held.isEmpty { lines += ["", "  " + terminal.styled("Held:", .yellow)] + notes(plan.held, .yellow) }
        if !plan.reported.isEmpty { lines += ["", "  Reported, nothing to do:"] + notes(plan.reported, .faint) }
        return lines
    }

    private func rows(_ rows: [PlanView.Row]) -> [String] {
        let words = rows.map(\.word.count).max() ?? 0
        let objects = min(rows.map(\.object.count).max() ?? 0, 48)
        return rows.flatMap { row in
            let mark = terminal.styled("\(row.mark.rawValue) \(row.word.padded(to: words))", style(of: row.mark))
            let line = "  \(mark)  \(row.object.padded(to: objects))  " + terminal.styled(row.sentence, .faint)
            return [line] + row.fields.map { "        " + $0 }
        }
    }

    private func notes(_ notes: [PlanView.Note], _ style: Terminal.Style) -> [String] {
        notes.flatMap { note in
            let line = "  " + terminal.styled("! \(note.code)", style) + "  \(note.object): \(note.sentence)"
            return [line] + note.fields.map { "        " + $0 }
        }
    }

    private func conclusion(of plan: PlanView) -> String {
        let digest = terminal.styled("digest \(plan.digest)", .faint)
        if plan.stop != nil { return terminal.styled("Stopped: nothing is written.", .bold) + "  \(digest)" }
        guard !plan.rows.isEmpty || !plan.notes.isEmpty else {
            return terminal.styled("Nothing to do: ", .bold) + "the workspace is as \(plan.revision) says.  \(digest)"
        }
        return terminal.styled("Plan: ", .bold) + "\(plan.summary).  \(digest)"
    }

    private func style(of mark: PlanView.Mark) -> Terminal.Style {
        switch mark {
        case .add: .green
        case .change: .yellow
        case .remove: .red
        }
    }
}
