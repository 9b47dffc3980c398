import Bootstrap
import Manifests
import Reconciler
import Telemetry

@testable import akua_gitops

/// The reference as Markdown, page by page.
enum ReferenceDocument {
    private static let origin =
        "Written from the code: `UPDATE_GOLDEN=1 swift test --filter ReferenceDocumentTests` writes it anew."

    static var manifests: String {
        var text = """
            # Manifests

            Every field that is read; another one is an error. \(origin) [Manifests](../manifests.md) explains them, and
            `akua-gitops schema` prints the same for editors and programs.

            """
        for section in ManifestReference.sections {
            text += "\n## \(section.kind ?? "All kinds")\n\n"
            if section.kind == "Settings" {
                text += "At most one in a source, with `metadata.name: settings`.\n\n"
            }
            text += table(
                ["field", "type", "default", "limits", ""],
                section.rows.map { row in
                    let fallback = row.isRequired ? "**required**" : code(row.fallback)
                    return [code(row.path), row.type, fallback, row.limit, row.summary]
                })
            for rule in section.rules { text += "\n- \(rule)" }
            if !section.rules.isEmpty { text += "\n" }
            if !section.unsupported.isEmpty {
                text += "\nRefused, since this version has no behaviour for them: \(list(section.unsupported)).\n"
            }
        }
        return text + """

            A field in a mapping that may be left out is required only where that mapping is given. Lengths of time are written
            as `1h30m`, `30s` or `200ms`. Text may be written as a plain scalar: `1.10` is the text "1.10".

            """
    }

    static var configuration: String {
        var text = """
            # Configuration

            Every key of `\(Configuration.fileDefault)`; another one is an error. \(origin)
            [Configuration](../configuration.md) explains the layers. A key is a path in the file: `api.baseURL` is `baseURL` in the mapping
            `api`.

            ## Scalars

            *Reload*: what happens to a running daemon when the key has changed and SIGHUP comes.


            """
        text += table(
            ["key", "variable", "flag", "type", "default", "limits", "reload", ""],
            Keys.all.map { key in
                [
                    code(key.name.path), code(key.name.environment), code("--\(key.name.flag)"), key.form.type,
                    code(key.defaultText), key.form.limit, key.isFixed ? "refused: takes a restart" : "applied",
                    key.summary,
                ]
            })
        text += """

            `\(Keys.tokenVariable)` holds the token itself, in the place of `\(Keys.apiTokenFile.name.path)`. \
            `\(Keys.otlpVariable)` is OpenTelemetry's own name for
            `\(Keys.otlpEndpoint.name.path)`, which every layer of ours goes before.

            ## Sources

            `sources` is a list of mappings with these keys. They are in the file alone, and a reload applies them all.


            """
        text += table(
            ["key", "type", "default", "limits", ""],
            SourceKeys.all.map { key in
                let fallback = key.isRequired ? "**required**" : code(key.defaultText)
                return [code(key.path), key.form.type, fallback, key.form.limit, key.summary]
            })
        return text + "\nRefused, since this version has no behaviour for them: \(list(SourceKeys.unsupported)).\n"
    }

    static var metrics: String {
        var text = """
            # Metrics

            Every metric at `/metrics`, in Prometheus's text format. \(origin)
            [Logs, metrics, health](../logs.md#metrics) explains them; `examples/monitoring` has alert rules and a dashboard.

            """
        text += "\n"
        text += table(
            ["metric", "type", "labels", "unit", ""],
            Metric.allCases.map { metric in
                [
                    code(metric.name), metric.shape.word,
                    metric.labels.map { code($0.rawValue) }.joined(separator: " "),
                    metric.unit, metric.help,
                ]
            })
        text += """

            A histogram has the series `_bucket` (with the label `le`), `_sum` and `_count`. What a source no longer has is no longer there. Beyond
            4,096 combinations of labels of one metric further ones are left out and counted by
            `\(PrometheusRegistry.droppedSeriesName)` (a counter, there once something was).

            ## Labels


            """
        text += table(["label", "holds"], Metric.Label.allCases.map { [code($0.rawValue), $0.meaning] })
        text += "\n## Buckets\n\nUpper bounds in seconds; `+Inf` is always the last.\n\n"
        text += table(
            ["metric", "bounds"],
            Metric.allCases.compactMap { metric in
                guard case .histogram(let bounds) = metric.shape else { return nil }
                let texts = bounds.map { $0 == $0.rounded() ? String(Int($0)) : String($0) }
                return [code(metric.name), texts.joined(separator: " ")]
            })
        return text
    }

    static var exitCodes: String {
        var text = """
            # Exit codes

            How every command of `akua-gitops` ends. \(origin)

            """
        text += "\n"
        text += table(
            ["code", "means", "what to do"],
            ExitStatus.allCases.map { [String($0.rawValue), $0.meaning, $0.advice ?? "–"] })
        let order = ExitStatus.allCases.filter { $0 != .usage }.sorted(by: >).map { "\($0.rawValue)" }
        return text + "\nOver several sources the gravest wins: \(order.joined(separator: ", ")).\n"
    }

    /// A table of Markdown with this head.
    static func table(_ head: [String], _ rows: [[String]]) -> String {
        let lines = [head, head.map { _ in "---" }] + rows
        return lines.map { cells in
            "|"
                + cells.map { $0.isEmpty ? " " : $0 == "---" ? $0 : " \($0.replacing("|", with: "\\|")) " }
                .joined(separator: "|") + "|\n"
        }.joined()
    }

    static func code(_ text: String?) -> String { text.map { "`\($0)`" } ?? "–" }

    private static func list(_ names: [String]) -> String { names.map { "`\($0)`" }.joined(separator: ", ") }
}

extension Metric.Shape {
    fileprivate var word: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}
