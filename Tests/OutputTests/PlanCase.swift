import AkuaModel
import JSON
import Manifests
import Planning
import Reconciler
import Testing

/// A pass as `plan` reports it, with a name that its golden files have too.
struct PlanCase: Sendable, CustomTestStringConvertible {
    var name: String
    var report: PassReport
    var testDescription: String { name }

    init(_ name: String, _ change: (inout PassReport, inout Plan) -> Void) {
        self.name = name
        report = .of(commit: "4b30e7e1c0ffee0123456789abcdef0123456789", "Describe the platform")
        var plan = Plan(source: SourceIdentity(workspace: .test, name: "platform"), commit: "4b30e7e1")
        change(&report, &plan)
        report.plan = plan
    }

    static let all: [PlanCase] = [
        PlanCase("first-sync") { _, plan in
            plan.actions = [
                Action(
                    .import, .package("checkout"), .declared,
                    [FieldChange("source", after: "oci://registry.example.com/acme/checkout")]),
                Action(
                    .create, .install("checkout-eu"), .declared,
                    [
                        FieldChange("package", after: "checkout"), FieldChange("version", after: "1.4.0"),
                        FieldChange("values.replicas", after: 3, isValue: true),
                        FieldChange("values.database", after: ["host": "postgres-eu"], isValue: true),
                    ], after: [ActionID(.import, .package("checkout"))]),
                Action(
                    .setAutomaticUpdates, .install("checkout-eu"), .writtenOnce,
                    [FieldChange("automaticUpdates", after: false)], after: [ActionID(.create, .install("checkout-eu"))]
                ),
                Action(
                    .render, .install("checkout-eu"), .provenance,
                    after: [ActionID(.create, .install("checkout-eu"))]),
            ]
        },
        PlanCase("update") { report, plan in
            report.revision?.subject = "Take checkout to 1.5.0"
            plan.actions = [
                Action(
                    .update, .install("checkout-eu"), .changed("the manifest asks for version 1.5.0"),
                    [
                        FieldChange("version", before: "1.4.0", after: "1.5.0"),
                        FieldChange("values.replicas", before: 3, after: 6, isValue: true),
                        FieldChange("values.token", before: "canary-7f3a", after: nil, isValue: true),
                    ], id: "inst_1"),
                Action(.render, .install("checkout-eu"), .provenance, id: "inst_1"),
                Action(
                    .update, .cluster("prod-eu"), .drift("the name is 'prod' in the workspace"),
                    [FieldChange("name", before: "prod", after: "prod-eu")], id: "clu_1"),
                Action(.adopt, .install("postgres-eu"), .namedByID, id: "inst_2"),
            ]
        },
        PlanCase("blocked") { report, plan in
            report.revision?.subject = "Close the shops"
            plan.actions = [
                Action(.delete, .install("shop-1"), .pruned, id: "inst_1", block: .pruneLimit),
                Action(.delete, .install("shop-2"), .pruned, id: "inst_2", block: .pruneLimit),
                Action(.delete, .install("old"), .orphan, id: "inst_3", block: .recoveredOrphan),
                Action(.publish, .version("checkout-1.5.0"), .declared, [FieldChange("semver", after: "1.5.0")]),
            ]
        },
        PlanCase("held") { _, plan in
            plan.actions = [Action(.delete, .install("shop-1"), .pruned, id: "inst_1")]
            plan.holds = [
                Hold(
                    .install("checkout-eu"), .dependency, "waits for Install/postgres-eu, which is not healthy",
                    resourceID: "inst_2"),
                Hold(
                    .install("shop-2"), .valuesUnsupported,
                    "values differ from those it was created with, and this version can't change them",
                    resourceID: "inst_3", fields: [FieldChange("values", after: nil, isValue: true)]),
                Hold(
                    .cluster("prod-eu"), .driftReported, "differs, and drift is only reported", resourceID: "clu_1",
                    fields: [FieldChange("name", before: "prod", after: "prod-eu")]),
            ]
        },
        PlanCase("nothing") { _, _ in },
        PlanCase("stopped") { _, plan in
            plan.stop = .otherSource(.install("checkout-eu"), source: "legacy")
            plan.actions = [Action(.create, .install("checkout-us"), .declared)]
        },
        PlanCase("incomplete") { report, plan in
            plan.unaccounted = ["inst_7", "inst_8"].compactMap(InstallID.init)
            report.warnings = [
                ManifestError(
                    at: SourceLocation(file: "shop.yaml", line: 4, column: 17), "no Package 'chekout' is declared here",
                    hint: "if it is not one of the workspace, did you mean 'checkout'?")
            ]
            plan.actions = [Action(.create, .install("checkout-us"), .declared)]
        },
        PlanCase("hostile") { report, plan in
            report.revision?.subject = "Red \u{1B}[31malert\u{1B}[0m \u{2028}| `x` @everyone <b>"
            plan.actions = [
                Action(
                    .update, .package("checkout"), .changed("the description\r\nis | new \u{202E}*bold* @here"),
                    [
                        FieldChange("description", before: "a\u{1B}]0;title\u{7}", after: "``b`` | c\n# d"),
                        FieldChange("long", after: .string(String(repeating: "x", count: 300))),
                    ], id: "pkg_1")
            ]
        },
    ]

    /// Passes that did not get as far as a plan.
    static let withoutPlan: [(name: String, report: PassReport)] = {
        var invalid = PassReport.of(commit: "4b30e7e1c0ffee0123456789abcdef0123456789", "Open the shop")
        invalid.outcome = .rejected
        invalid.manifestErrors = [
            ManifestError(
                at: SourceLocation(file: "shop.yaml", line: 2, column: 7), "unknown kind 'Instal'",
                hint: "did you mean 'Install'?"),
            ManifestError(at: SourceLocation(file: "shop.yaml", line: 9, column: 3), "unknown field 'regoin'"),
        ]
        var empty = PassReport.of(commit: "4b30e7e1c0ffee0123456789abcdef0123456789", "Begin")
        empty.outcome = .rejected
        empty.emptyPath = "there is no manifest under 'clusters/prod'"
        var unreachable = PassReport(source: "platform", reconcile: "rec-1", startedAt: 0)
        unreachable.outcome = .failed
        unreachable.error = .git(SourceError("git.example.com can't be reached: connection refused"))
        return [("invalid", invalid), ("empty", empty), ("unreachable", unreachable)]
    }()
}

extension PassReport {
    static func of(commit: String, _ subject: String) -> PassReport {
        var report = PassReport(source: "platform", reconcile: "rec-1", startedAt: 1_790_000_000_000)
        report.revision = FetchedRevision(
            revision: "main@sha1:\(commit)", commit: commit, author: "Ada Lovelace <ada@example.com>",
            subject: subject, committedAt: 1_790_000_000)
        return report
    }
}

extension Action {
    /// The step is for the executor alone: no output looks at it.
    init(
        _ word: ActionWord, _ target: ObjectReference, _ reason: Reason, _ fields: [FieldChange] = [],
        after: Set<ActionID> = [], id: String? = nil, block: Block? = nil
    ) {
        self.init(
            word, target, step: .adopt(Adoption(resourceID: id ?? "", ownership: .adopted)), resourceID: id,
            reason: reason, after: after, fields: fields)
        self.block = block
    }
}

extension ObjectReference {
    static func package(_ name: String) -> Self { Self(.package, name) }
    static func version(_ name: String) -> Self { Self(.packageVersion, name) }
    static func cluster(_ name: String) -> Self { Self(.cluster, name) }
    static func install(_ name: String) -> Self { Self(.install, name) }
}

extension WorkspaceID {
    static let test: WorkspaceID = {
        guard let id = WorkspaceID("ws_test") else { preconditionFailure("ws_test is an id") }
        return id
    }()
}
