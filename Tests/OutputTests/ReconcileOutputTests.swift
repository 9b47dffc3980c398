import JSON
import Manifests
import Planning
import TestSupport
import Testing

@testable import Reconciler
@testable import akua_gitops

/// What `reconcile` prints, held still.
@Suite struct ReconcileOutputTests {
    private static let reports: [(name: String, report: PassReport)] = {
        var changed = PlanCase("changed") { _, _ in }.report
        changed.results = [
            result(.import, .package("checkout"), .succeeded(resourceID: "pkg_1")),
            result(.create, .install("checkout-eu"), .succeeded(resourceID: "inst_1")),
            result(.setAutomaticUpdates, .install("checkout-eu"), .succeeded(resourceID: "inst_1")),
        ]
        (changed.outcome, changed.unchanged) = (.changed, 4)
        var partial = PlanCase("partial") { _, plan in
            plan.actions = [Action(.delete, .install("shop"), .pruned, id: "inst_9", block: .massAbsence)]
        }.report
        partial.results = [
            result(.create, .install("checkout-eu"), .failed("the operation failed: no capacity\u{1B}[2J in eu")),
            result(
                .create, .install("checkout-us"),
                .deferred(.dependency, "waits for: create Install/checkout-eu, which failed")),
            result(.render, .install("postgres-eu"), .interrupted),
        ]
        partial.outcome = .partial
        var inSync = PlanCase("in-sync") { _, _ in }.report
        inSync.unchanged = 13
        return [("changed", changed), ("partial", partial), ("in-sync", inSync)] + PlanCase.withoutPlan
    }()

    private static func result(
        _ word: ActionWord, _ target: ObjectReference, _ outcome: ActionOutcome
    ) -> ActionResult {
        ActionResult(action: Action(word, target, .declared), outcome: outcome)
    }

    @Test(arguments: Self.reports.indices)
    func `a pass as text and as JSON`(_ index: Int) throws {
        let (name, report) = Self.reports[index]
        let text = ReconcileText(terminal: Terminal(hasColor: false)).text(of: report, showsValues: false)
        try Golden.expect(text, is: "reconcile/\(name).txt")
        #expect(!text.contains("\u{1B}"), "S12")
        let document = ReconcileJSON.document(of: [report], showsValues: false)
        let json = JSONWriter(isPretty: true).text(of: document) + "\n"
        try Golden.expect(json, is: "reconcile/\(name).json")
        #expect(try JSONReader.read(json) == document)
    }

    @Test func `a failed pass on a terminal`() throws {
        let report = Self.reports[1].report
        let text = ReconcileText(terminal: Terminal(hasColor: true)).text(of: report, showsValues: false)
        try Golden.expect(text, is: "reconcile/partial.color.txt")
    }
}
