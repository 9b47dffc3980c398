/// A plan as a comment on a pull request.
struct PlanMarkdown {
    /// A row for each action; what git or the platform wrote stands in code spans, so that it can't become markup.
    func text(of plan: PlanRows) -> String {
        var lines = ["### Plan for \(code(plan.source)) at \(code(plan.revision))", "", plan.summary + "."]
        if let stop = plan.stop { lines += ["", "**Stopped:** \(escaped(stop))"] }
        if !plan.rows.isEmpty {
            lines += ["", "| | action | object | why |", "|---|---|---|---|"]
            for row in plan.rows {
                let why = escaped(row.sentence) + (row.blocked.map { " **(blocked: \($0))**" } ?? "")
                lines.append("| \(row.mark.rawValue) | \(row.word) | \(code(row.object)) | \(why) |")
            }
            lines += ["", "<details><summary>Fields</summary>", ""]
            for row in plan.rows where !row.fields.isEmpty {
                lines.append("- \(row.word) \(code(row.object))")
                for field in row.fields { lines.append("  - \(code(field))") }
            }
            lines += ["", "</details>"]
        }
        if !plan.notes.isEmpty {
            lines += ["", "| held | object | why |", "|---|---|---|"]
            for note in plan.notes {
                lines.append("| \(note.code) | \(code(note.object)) | \(escaped(note.sentence)) |")
            }
        }
        lines += ["", "Digest \(code(plan.digest))"]
        if let digest = plan.blockedDigest {
            lines += ["", "Release what is blocked with \(code("akua-gitops allow \(digest)"))."]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func code(_ text: String) -> String {
        let inner = text.map { $0 == "|" ? "\\|" : String($0) }.joined()
        return inner.contains("`") ? "`` \(inner) ``" : "`\(inner)`"
    }

    private func escaped(_ text: String) -> String {
        text.map { "\\`*_{}[]<>#|".contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}
