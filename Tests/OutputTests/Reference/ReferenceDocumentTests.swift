import Bootstrap
import Foundation
import Manifests
import Reconciler
import Telemetry
import TestSupport
import Testing

@testable import akua_gitops

/// The pages of docs/reference say what the code says.
///
/// They are written from its tables (`UPDATE_GOLDEN=1`): whatever is added to those or taken from them fails here until the
/// pages are written anew. Events have theirs in `CatalogueTests`.
@Suite struct ReferenceDocumentTests {
    @Test func `docs-reference-manifests.md says what the parser reads`() throws {
        try Golden.expect(ReferenceDocument.manifests, isFile: "docs/reference/manifests.md")
    }

    @Test func `docs-reference-configuration.md says what is read`() throws {
        try Golden.expect(ReferenceDocument.configuration, isFile: "docs/reference/configuration.md")
    }

    @Test func `docs-reference-metrics.md says what is measured`() throws {
        try Golden.expect(ReferenceDocument.metrics, isFile: "docs/reference/metrics.md")
    }

    @Test func `docs-reference-exit-codes.md says how commands end`() throws {
        try Golden.expect(ReferenceDocument.exitCodes, isFile: "docs/reference/exit-codes.md")
    }

    @Test func `docs-reference-commands.md says what the commands take`() throws {
        try Golden.expect(try ReferenceDocument.commands(), isFile: "docs/reference/commands.md")
    }

    @Test func `no field, key, metric, label or exit code is without its words`() {
        let rows = ManifestReference.sections.flatMap(\.rows)
        #expect(rows.filter { !$0.summary.hasSuffix(".") || $0.type.isEmpty }.map(\.path) == [])
        let samples = ["metadata.name", "spec.valuesFrom[].file", "spec.retry.backoff"]
        #expect(Set(rows.map(\.path)).isSuperset(of: samples))
        #expect(Keys.all.filter { $0.form.type.isEmpty }.map(\.name.path) == [])
        #expect(SourceKeys.all.filter { !$0.summary.hasSuffix(".") || $0.form.type.isEmpty }.map(\.path) == [])
        #expect(Metric.allCases.filter { $0.unit.isEmpty || !$0.help.hasSuffix(".") } == [])
        #expect(Metric.Label.allCases.filter(\.meaning.isEmpty) == [])
        let used = Set(Metric.allCases.flatMap(\.labels))
        #expect(Metric.Label.allCases.filter { !used.contains($0) } == [])
        #expect(ExitStatus.allCases.filter(\.meaning.isEmpty) == [])
    }

    @Test func `the sample of Settings has every field`() throws {
        let sample = try String(contentsOf: Golden.file("config/settings.yaml"), encoding: .utf8)
        let settings = try #require(ManifestReference.sections.first { $0.kind == "Settings" })
        let names = settings.rows.compactMap { $0.path.split(separator: ".").last }
        #expect(names.filter { !sample.contains("\($0):") } == [])
    }
}
