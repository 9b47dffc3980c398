import JSON
import Planning
import Reconciler
import TestSupport
import Testing

@testable import akua_gitops

/// What `plan` prints, held still.
@Suite struct PlanOutputTests {
    @Test(arguments: PlanCase.all)
    func `a plan as text`(_ row: PlanCase) throws {
        let text = PlanText(terminal: Terminal(hasColor: false)).text(of: row.report, showsValues: false)
        try Golden.expect(text, is: "plan/\(row.name).txt")
        #expect(!text.contains("canary"), "I11")
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || !isControl($0) }, "S12")
    }

    @Test(arguments: PlanCase.all.filter { ["update", "blocked", "held", "hostile"].contains($0.name) })
    func `a plan on a terminal`(_ row: PlanCase) throws {
        let text = PlanText(terminal: Terminal(hasColor: true)).text(of: row.report, showsValues: false)
        try Golden.expect(text, is: "plan/\(row.name).color.txt")
        // The only escapes are our own colours.
        #expect(
            text.replacing(/\u{1B}\[[0-9;]+m/, with: "").unicodeScalars.allSatisfy { $0 == "\n" || !isControl($0) },
            "S12")
    }

    @Test(arguments: PlanCase.all)
    func `a plan as JSON`(_ row: PlanCase) throws {
        let document = PlanJSON.document(of: [row.report], showsValues: false)
        let text = JSONWriter(isPretty: true).text(of: document) + "\n"
        try Golden.expect(text, is: "plan/\(row.name).json")
        #expect(try JSONReader.read(text) == document)
        #expect(!text.contains("canary"), "I11")
        let source = try #require(document["sources"]?.array?.first?.object)
        #expect(
            source.names.prefix(7) == ["source", "revision", "digest", "complete", "actions", "reported", "counts"])
        for action in source["actions"]?.array ?? [] {
            let wanted = ["action", "kind", "name", "resource_id", "reason", "after", "fields", "blocked"]
            #expect(Set(wanted).isSubset(of: action.object?.names ?? []))
        }
    }

    @Test(arguments: PlanCase.all)
    func `a plan as a comment on a pull request`(_ row: PlanCase) throws {
        let text = PlanMarkdown.text(of: [row.report], showsValues: false)
        try Golden.expect(text, is: "plan/\(row.name).md")
        #expect(!text.contains("canary"), "I11")
    }

    @Test func `values are shown to who asks for them`() throws {
        let row = try #require(PlanCase.all.first { $0.name == "update" })
        let text = PlanText(terminal: Terminal(hasColor: false)).text(of: row.report, showsValues: true)
        try Golden.expect(text, is: "plan/update.values.txt")
    }

    @Test(arguments: PlanCase.withoutPlan.indices)
    func `a pass without a plan says why, in each form`(_ index: Int) throws {
        let (name, report) = PlanCase.withoutPlan[index]
        let plain = Terminal(hasColor: false)
        try Golden.expect(PlanText(terminal: plain).text(of: report, showsValues: false), is: "plan/\(name).txt")
        try Golden.expect(PlanMarkdown.text(of: [report], showsValues: false), is: "plan/\(name).md")
        let document = PlanJSON.document(of: [report], showsValues: false)
        try Golden.expect(JSONWriter(isPretty: true).text(of: document) + "\n", is: "plan/\(name).json")
    }

    @Test func `I12: a comment stays within what a forge takes, and says that it was cut`() {
        let row = PlanCase("many") { _, plan in
            plan.actions = (0..<5_000).map { number in
                .init(.create, .install("install-\(number)"), .declared, [.init("version", after: "1.0.0")])
            }
        }
        let text = PlanMarkdown.text(of: [row.report], showsValues: false)
        #expect(text.count <= PlanMarkdown.charactersMax)
        #expect(text.contains(/… and \d+ more/))
        #expect(text.contains("5000 to create"))
    }

    private func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
