/// A plan as a person reads it in a terminal.
struct PlanText {
    var terminal: Terminal

    func text(of plan: PlanRows) -> String {
        var lines = [
            terminal.styled(plan.source, .bold) + "  \(plan.revision)  " + terminal.styled(plan.subject, .faint)
        ]
        if let stop = plan.stop { lines.append("  " + terminal.styled("! stopped: \(stop)", .red)) }
        let width = plan.rows.map(\.word.count).max() ?? 0
        let objects = plan.rows.map(\.object.count).max() ?? 0
        for row in plan.rows {
            let word = row.word.padding(to: width)
            var line =
                "  " + terminal.styled("\(row.mark.rawValue) \(word)", color(of: row.mark)) + "  "
                + row.object.padding(to: min(objects, 48)) + "  " + terminal.styled(row.sentence, .faint)
            if let blocked = row.blocked { line += "  " + terminal.styled("[blocked: \(blocked)]", .yellow) }
            lines.append(line)
            for field in row.fields { lines.append("        " + field) }
        }
        for note in plan.notes {
            let style: Terminal.Style = note.counts ? .yellow : .faint
            lines.append(
                "  " + terminal.styled("! \(note.code)", style) + "  \(note.object): \(note.sentence)")
            for field in note.fields { lines.append("        " + field) }
        }
        lines.append("  \(plan.summary)  " + terminal.styled("plan \(plan.digest)", .faint))
        if let digest = plan.blockedDigest {
            lines.append("  release what is blocked with: " + terminal.styled("akua-gitops allow \(digest)", .bold))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func color(of mark: PlanRows.Mark) -> Terminal.Style {
        switch mark {
        case .add: .green
        case .change: .yellow
        case .remove: .red
        }
    }
}

extension String {
    /// The text with spaces after it, to at least that many characters.
    func padding(to width: Int) -> String {
        count < width ? self + String(repeating: " ", count: width - count) : self
    }
}
