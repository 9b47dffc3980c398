import Foundation
import JSON
import Telemetry
import TestSupport
import Testing

/// `examples/monitoring`: what it asks for is there, and its alerts come when they should.
@Suite struct MonitoringTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "examples/monitoring")
    /// In the path, or where `scripts/setup` puts it.
    private static let promtool: String? =
        ((ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/promtool" }
        + [Golden.file(".build/tools/promtool").path])
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    @Test(arguments: ["alerts.yaml", "alerts.test.yaml", "grafana-dashboard.json"])
    func `every metric and label that is asked for is there`(_ file: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: file), encoding: .utf8)
        var labels: [String: Set<String>] = [PrometheusRegistry.droppedSeriesName: []]
        for metric in Metric.allCases {
            let own = Set(metric.labels.map(\.rawValue))
            guard case .histogram = metric.shape else {
                labels[metric.name] = own
                continue
            }
            labels["\(metric.name)_bucket"] = own.union(["le"])
            for part in ["sum", "count"] { labels["\(metric.name)_\(part)"] = own }
        }
        let used = text.matches(of: /(akua_gitops_\w+)(?:\{([^}]*)\})?/)
        #expect(!used.isEmpty)
        for match in used {
            let (name, selector) = (String(match.1), String(match.2 ?? ""))
            guard let known = labels[name] else {
                Issue.record("there is no metric \(name)")
                continue
            }
            let asked = selector.matches(of: /(\w+)(?:=~|!=|=)\\?"/).map { String($0.1) }
            #expect(Set(asked).subtracting(known) == [], "\(name) has no such label")
        }
        // What is grouped by, of whichever metric.
        let all = Set(Metric.allCases.flatMap { $0.labels.map(\.rawValue) }).union(["le"])
        for match in text.matches(of: /by \(([^)]*)\)/) {
            let names = match.1.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(names.filter { !all.contains($0) } == [])
        }
    }

    @Test func `the dashboard is JSON, with every metric in it, and each panel a place of its own`() throws {
        let bytes = Array(try Data(contentsOf: Self.folder.appending(path: "grafana-dashboard.json")))
        let text = String(decoding: bytes, as: UTF8.self)
        let panels = try JSONReader.read(bytes)["panels"]?.array ?? []
        #expect(Metric.allCases.filter { !text.contains($0.name) } == [])
        #expect(Set(panels.compactMap { $0["id"]?.number?.int }).count == panels.count)
        let places = panels.map {
            "\($0["gridPos"]?["x"]?.number?.text ?? "?") \($0["gridPos"]?["y"]?.number?.text ?? "?")"
        }
        #expect(Set(places).count == panels.count && !panels.isEmpty)
    }

    @Test(.enabled(if: promtool != nil, "NOT TESTED: promtool is not there; scripts/setup gets it where it can"))
    func `the alerts come when they should, and not before`() async throws {
        let promtool = try #require(Self.promtool)
        for (command, file) in [("check", "alerts.yaml"), ("test", "alerts.test.yaml")] {
            let said = try await Tool.run(promtool, [command, "rules", file], in: Self.folder.path)
            #expect(said.contains("SUCCESS"), "\(said)")
        }
    }
}
