import Daemon
import JSON
import Manifests
import Reconciler
import Telemetry

/// What is wrong with manifests, or doubtful about them, each as `file:line:column: message`.
struct ManifestFindings {
    var errors: [ManifestError] = []
    var warnings: [ManifestError] = []
    /// How many objects are declared, when nothing is wrong.
    var objects = 0

    /// What `validate` prints.
    func text(_ terminal: Terminal) -> String {
        let conclusion =
            errors.isEmpty
            ? terminal.styled("Valid: ", .green) + .count(objects, "object")
                + (warnings.isEmpty ? "." : ", \(String.count(warnings.count, "warning")).")
            : terminal.styled("Invalid: ", .red)
                + "\(String.count(errors.count, "error")); nothing of it would be applied."
        return errorText(terminal) + warningText(terminal) + conclusion + "\n"
    }

    func errorText(_ terminal: Terminal) -> String {
        errors.map { terminal.styled("error: ", .red) + TerminalText.safe($0.description) + "\n" }.joined()
    }

    func warningText(_ terminal: Terminal) -> String {
        warnings.map { terminal.styled("warning: ", .yellow) + TerminalText.safe($0.description) + "\n" }.joined()
    }

    /// What `validate --output json` prints.
    var document: JSONValue {
        [
            "v": 1, "valid": .bool(errors.isEmpty), "objects": .number(JSONNumber(objects)),
            "errors": .array(errors.map(Self.value)), "warnings": .array(warnings.map(Self.value)),
        ]
    }

    /// A finding, as every JSON output has it.
    static func value(_ error: ManifestError) -> JSONValue {
        [
            "file": .string(error.location.file), "line": .number(JSONNumber(error.location.line)),
            "column": .number(JSONNumber(error.location.column)), "message": .string(error.message),
        ]
    }

    /// Why a pass did not get as far as a plan.
    static func trouble(of report: PassReport, _ terminal: Terminal) -> String {
        var heading = terminal.styled(report.source, .bold)
        if let revision = report.revision {
            heading += "  " + TerminalText.safe(revision.revision.shortRevision) + "  "
            heading += terminal.styled(TerminalText.safe(revision.subject), .faint)
        }
        var text = heading + "\n"
        if !report.manifestErrors.isEmpty {
            text += ManifestFindings(errors: report.manifestErrors).errorText(terminal)
            text += "\(String.count(report.manifestErrors.count, "error")); nothing of this commit is applied.\n"
        }
        for sentence in [report.emptyPath, report.error?.description].compactMap({ $0 }) {
            text += terminal.styled("error: ", .red) + TerminalText.safe(sentence) + "\n"
        }
        return text + ManifestFindings(warnings: report.warnings).warningText(terminal)
    }
}
