import Daemon
import Planning
import Reconciler
import Telemetry

/// Plans as a comment on a pull request.
///
/// What git or the platform wrote stands in code spans or is escaped, so that it can't become markup.
enum PlanMarkdown {
    /// What the large forges take as one comment, with some room for what a bot adds; longer lists are cut and say so.
    static let charactersMax = 60_000

    static func text(of reports: [PassReport], showsValues: Bool) -> String {
        let share = charactersMax / max(reports.count, 1)
        return reports.map { report in
            PlanView(report, showsValues: showsValues).map { text(of: $0, charactersMax: share) }
                ?? trouble(of: report)
        }.joined(separator: "\n")
    }

    private static func text(of plan: PlanView, charactersMax: Int) -> String {
        var lines = ["### Plan for \(code(plan.source)) at \(code(plan.revision))", ""]
        lines.append("\(plan.rows.isEmpty && plan.notes.isEmpty ? "Nothing to do" : plan.summary).")
        if let stop = plan.stop { lines += ["", "**Stopped**, nothing is written: \(escaped(stop))"] }
        if let suspension = plan.suspension { lines += ["", "**Suspended**: \(escaped(suspension))"] }
        if let incompleteness = plan.incompleteness { lines += ["", "**Incomplete**: \(escaped(incompleteness))."] }
        if let digest = plan.blockedDigest {
            lines += ["", "What is blocked waits for a person: \(code("akua-gitops allow \(digest)"))"]
        }
        var room = charactersMax - 2_000
        func append(_ head: [String], _ rows: [String]) {
            guard !rows.isEmpty else { return }
            lines += head
            let fitting = rows.prefix { row in
                room -= row.count + 1
                return room > 0
            }
            lines += fitting
            if fitting.count < rows.count {
                lines += ["", "… and \(rows.count - fitting.count) more: see `akua-gitops plan`."]
            }
        }
        append(["", "| | action | object | why |", "|---|---|---|---|"], plan.rows.map(row))
        append(["", "| held | object | why |", "|---|---|---|"], plan.held.map(row))
        append(["", "| reported | object | why |", "|---|---|---|"], plan.reported.map(row))
        let fields = plan.rows.flatMap { row -> [String] in
            row.fields.isEmpty ? [] : ["- \(row.word) \(code(row.object))"] + row.fields.map { "  - \(code($0))" }
        }
        append(["", "<details><summary>Fields</summary>", ""], fields)
        if !fields.isEmpty { lines += ["", "</details>"] }
        return (lines + ["", "Digest \(code(plan.digest))"]).joined(separator: "\n") + "\n"
    }

    private static func row(_ row: PlanView.Row) -> String {
        let why = escaped(row.sentence) + (row.block.map { " **(blocked: \($0.rawValue))**" } ?? "")
        return "| \(row.mark.rawValue) | \(row.word) | \(cell(row.object)) | \(why) |"
    }

    private static func row(_ note: PlanView.Note) -> String {
        "| \(note.code) | \(cell(note.object)) | \(escaped(note.sentence)) |"
    }

    private static func trouble(of report: PassReport) -> String {
        let findings = ManifestFindings.trouble(of: report, Terminal(hasColor: false))
        return "### No plan for \(code(report.source))\n\n"
            + findings.split(separator: "\n").prefix(100).map { "- \(code(String($0)))\n" }.joined()
    }

    /// A code span: its fence is longer than any run of backticks in it.
    private static func code(_ text: String) -> String {
        let longest = text.split { $0 != "`" }.map(\.count).max() ?? 0
        guard longest > 0 else { return "`\(text)`" }
        let fence = String(repeating: "`", count: longest + 1)
        return "\(fence) \(text) \(fence)"
    }

    /// A code span in a table, where a bar would end the cell.
    private static func cell(_ text: String) -> String { code(text.replacing("|", with: "\\|")) }

    private static func escaped(_ text: String) -> String {
        text.map { "\\`*_{}[]<>#|@".contains($0) ? "\\\($0)" : String($0) }.joined()
    }
}
