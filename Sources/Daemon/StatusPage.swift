import Journal
import Manifests
import Reconciler

/// The page for people on the daemon's server: sources, objects, the last plans as diffs and a timeline.
///
/// It shows and asks for nothing: no script, no form, nothing from elsewhere. It draws itself anew by its own `meta`.
struct StatusPage: Sendable {
    /// What it shows of one source.
    struct Source: Sendable {
        var status: SourceStatus
        var entry: StatusBoard.Entry
        /// The newest first.
        var plans: [StatusBoard.ShownPlan]
        var timeline: [(pass: ReconcileRecord, actions: [ActionRecord])]
    }

    var sources: [Source]
    var version: String
    /// Unix seconds.
    var now: Int

    /// The most objects of a source that are shown, those that need somebody first.
    private static let objectsMax = 500
    private static let actionsMax = 12

    /// The document; `nonce` lets its own style sheet through the policy, and nothing else.
    func document(nonce: String) -> String {
        let head = Markup.element(
            "head", [:],
            [
                .void("meta", ["charset": "utf-8"]),
                .void("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                .void("meta", ["http-equiv": "refresh", "content": "15"]),
                .element("title", "akua-gitops"), .element("style", ["nonce": nonce], [.own(Self.style)]),
            ])
        let heading = Markup.element(
            "header", [:],
            [
                .element("h1", "akua-gitops"),
                .element("p", ["class": "faint"], "version \(version), as of \(MomentText.text(of: now)), read only"),
            ])
        let main = sources.isEmpty ? [.element("p", "No source is configured.")] : sources.map(section)
        let body = Markup.element("body", [:], [heading, .element("main", [:], main)])
        return "<!doctype html>\n" + Markup.element("html", ["lang": "en"], [head, body]).html + "\n"
    }

    private func section(_ source: Source) -> Markup {
        let (words, style) = state(of: source)
        let heading = Markup.element(
            "h2", [:], [.text(source.status.name + " "), .element("span", ["class": "badge \(style)"], words)])
        return .element(
            "section", [:],
            [heading] + facts(of: source) + objects(source.status.objects) + plans(source.plans)
                + timeline(source.timeline))
    }

    /// A word and how it looks.
    private func state(of source: Source) -> (String, String) {
        if let trouble = source.entry.trouble ?? source.entry.remoteTrouble { return (trouble.code, "bad") }
        if source.entry.suspension?.holds(at: now) ?? false { return ("suspended", "wait") }
        switch source.entry.outcome {
        case nil: return ("starting", "wait")
        case .inSync?, .changed?: return ("in sync", "good")
        case .partial?: return ("partly failed", "bad")
        case .failed?, .rejected?: return ("failed", "bad")
        case .blocked?, .stopped?, .superseded?: return ("waits", "wait")
        }
    }

    private func facts(of source: Source) -> [Markup] {
        let entry = source.entry
        var rows: [(String, String)] = []
        if let revision = entry.revision { rows.append(("Revision", revision)) }
        if let last = source.timeline.first?.pass {
            rows.append(("Commit", "\(last.commitSubject) (\(last.commitAuthor))"))
        }
        if let trouble = entry.trouble ?? entry.remoteTrouble { rows.append(("Trouble", trouble.message)) }
        if let suspension = entry.suspension, suspension.holds(at: now) {
            rows.append(("Suspended", suspension.sentence))
        }
        if let last = entry.lastPass { rows.append(("Last pass", moment(milliseconds: last))) }
        if let next = entry.nextPass { rows.append(("Next pass", moment(milliseconds: next) + " at the latest")) }
        return [.element("dl", [:], rows.flatMap { [.element("dt", $0.0), .element("dd", $0.1)] })]
    }

    private func moment(milliseconds: Int) -> String { MomentText.text(of: milliseconds / 1_000) }

    private func objects(_ all: [SourceStatus.Object]) -> [Markup] {
        guard !all.isEmpty else { return [] }
        // A stable order within each group: what is at rest comes last.
        let shown = (all.filter { !$0.state.isAtRest } + all.filter(\.state.isAtRest)).prefix(Self.objectsMax)
        var parts = [
            Markup.element("h3", "Objects"),
            table(["Object", "State", "Commit", "Id", "Waits for"], shown.map(row)),
        ]
        if shown.count < all.count {
            parts.append(.element("p", "… and \(all.count - shown.count) more: see akua-gitops status."))
        }
        return parts
    }

    private func row(_ object: SourceStatus.Object) -> [Markup] {
        let style = object.state == .failed ? "bad" : object.state.isAtRest ? "good" : "wait"
        var waits = object.conditions.map { condition in
            let next = condition.nextAttempt.map { ", next attempt \(MomentText.text(of: $0))" } ?? ""
            return Markup.element(
                "p", [:],
                [
                    .text(condition.sentence + " "),
                    .element("span", ["class": "faint"], "since \(moment(milliseconds: condition.since))\(next)"),
                ])
        }
        if waits.isEmpty, let error = object.record?.lastError { waits = [.element("p", error)] }
        return [
            .element("code", object.name), .element("span", ["class": "badge \(style)"], object.state.word),
            .element("code", object.record?.commit?.shortCommit ?? ""),
            .element("code", object.record?.resourceID ?? ""), .element("div", [:], waits),
        ]
    }

    private func plans(_ plans: [StatusBoard.ShownPlan]) -> [Markup] {
        guard !plans.isEmpty else { return [] }
        return [.element("h3", "Last plans")]
            + plans.enumerated().map { position, plan in
                let summary = Markup.element(
                    "summary",
                    "\(MomentText.text(of: plan.at / 1_000))  \(plan.revision)  \(plan.subject): \(plan.summary)")
                let diff = Markup.element("pre", [:], plan.lines.map(line))
                return position == 0
                    ? .element("details", ["open": ""], [summary, diff]) : .element("details", [:], [summary, diff])
            }
    }

    private func line(_ line: StatusBoard.ShownPlan.Line) -> Markup {
        let text = [Markup.text(line.text), .own("\n")]
        switch line.mark {
        case .add?: return .element("ins", [:], text)
        case .remove?: return .element("del", [:], text)
        case .change?: return .element("b", [:], text)
        case nil: return .element("span", ["class": "faint"], text)
        }
    }

    private func timeline(_ passes: [(pass: ReconcileRecord, actions: [ActionRecord])]) -> [Markup] {
        guard !passes.isEmpty else { return [] }
        let rows = passes.map { pass, actions -> [Markup] in
            let outcome = pass.outcome ?? "not ended"
            let style =
                ["changed", "in_sync"].contains(outcome)
                ? "good" : ["failed", "partial"].contains(outcome) ? "bad" : "wait"
            var done = actions.prefix(Self.actionsMax).map { action in
                let error = action.error.map { ": \($0)" } ?? ""
                return Markup.element(
                    "p", "\(action.outcome) \(action.action) \(action.identity.kind)/\(action.identity.name)\(error)")
            }
            if actions.count > done.count { done.append(.element("p", "… and \(actions.count - done.count) more")) }
            if let error = pass.error { done.append(.element("p", error)) }
            return [
                .text(moment(milliseconds: pass.startedAt)), .element("span", ["class": "badge \(style)"], outcome),
                .element(
                    "div", [:],
                    [
                        .element("code", pass.commit.shortCommit), .text(" \(pass.commitSubject) "),
                        .element("span", ["class": "faint"], "\(pass.commitAuthor), \(pass.id)"),
                    ]), .element("div", [:], done),
            ]
        }
        return [.element("h3", "Timeline"), table(["Began", "Outcome", "Commit", "Actions"], rows)]
    }

    private func table(_ heads: [String], _ rows: [[Markup]]) -> Markup {
        let head = Markup.element("tr", [:], heads.map { .element("th", ["scope": "col"], $0) })
        let body = rows.map { row in Markup.element("tr", [:], row.map { .element("td", [:], [$0]) }) }
        return .element(
            "div", ["class": "scroll"],
            [.element("table", [:], [.element("thead", [:], [head]), .element("tbody", [:], body)])])
    }

    private static let style: StaticString = """
        :root { color-scheme: light dark; --faint: #6b7280; --line: #d7dbe0; --good: #1a7f37; --wait: #9a6700; --bad: #c93c37 }
        @media (prefers-color-scheme: dark) { :root { --faint: #9aa4b2; --line: #3a424d; --good: #57ab5a; --wait: #d4a72c; --bad: #f47067 } }
        body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 76rem; padding: 1rem }
        header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 1rem; border-bottom: 1px solid var(--line) }
        h1 { font-size: 1.3rem; margin: .3rem 0 } h2 { font-size: 1.15rem; margin: 1.6rem 0 .4rem } h3 { font-size: 1rem; margin: 1.2rem 0 .3rem }
        p { margin: 0 } .faint { color: var(--faint) } .scroll { overflow-x: auto }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: 0 } dt { color: var(--faint) } dd { margin: 0; overflow-wrap: anywhere }
        table { border-collapse: collapse; width: 100% } th, td { border-bottom: 1px solid var(--line); padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top }
        th { color: var(--faint); font-weight: normal } code, pre { font: 13px/1.5 ui-monospace, monospace } td:first-child { white-space: nowrap }
        .badge { border: 1px solid; border-radius: 1em; font-size: .8rem; font-weight: normal; padding: 0 .6em; white-space: nowrap }
        .good, ins { color: var(--good) } .wait, pre b { color: var(--wait) } .bad, del { color: var(--bad) }
        ins, del { text-decoration: none } pre { margin: .3rem 0 .8rem; overflow-x: auto } pre b { font-weight: normal } summary { cursor: pointer }

        """
}
