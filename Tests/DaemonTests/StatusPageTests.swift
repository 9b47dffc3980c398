import AkuaModel
import Foundation
import JSON
import Journal
import Manifests
import Planning
import Reconciler
import Testing

@testable import Daemon

/// The page for people: what it shows, and that nothing which others wrote becomes markup.
@Suite struct StatusPageTests {
    private static let hostile = "<script>alert(1)</script>\"'&\u{202E}\u{1B}[31m"
    private static let escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\\u{202E}\\u{1B}[31m"

    private func identity(_ name: String) throws -> Identity {
        Identity(workspace: try #require(WorkspaceID("ws_1")), source: "platform", kind: "Install", name: name)
    }

    private func report(_ subject: String = "Open the shop", values: Bool = false) throws -> PassReport {
        var report = PassReport(source: "platform", reconcile: "rec-1", startedAt: 1_790_000_000_000)
        report.revision = FetchedRevision(
            revision: "main@sha1:4b30e7e1c0ffee0123456789abcdef0123456789",
            commit: "4b30e7e1c0ffee0123456789abcdef0123456789", author: "Ada", subject: subject, committedAt: 1)
        let workspace = try #require(WorkspaceID("ws_1"))
        var plan = Plan(source: SourceIdentity(workspace: workspace, name: "platform"), commit: "4b30e7e1")
        let install = ObjectReference(.install, "shop")
        let id = try #require(InstallID("inst_1"))
        plan.actions = [
            Action(
                .update, install, step: .deleteInstall(id), reason: .changed(Self.hostile),
                fields: [
                    FieldChange("version", before: "1.3.0", after: "1.4.0"),
                    FieldChange("values.token", before: "canary-1", after: "canary-2", isValue: true),
                ]),
            Action(.delete, ObjectReference(.install, "old"), step: .deleteInstall(id), reason: .pruned),
        ]
        plan.holds = [Hold(ObjectReference(.install, "new"), .dependency, "waits for \(Self.hostile)")]
        report.plan = plan
        return report
    }

    /// A page over a journal and a board that hold hostile text wherever others write.
    private func page() async throws -> StatusPage {
        let (board, journal) = (StatusBoard(), try Journal.inMemory())
        board.expect(["platform"])
        board.record(try report(Self.hostile), nextPass: 2)
        board.suspend("platform", .init(author: .person, reason: Self.hostile))
        board.lose("platform", Self.hostile)
        var pass = ReconcileRecord(
            id: "rec-1", source: "platform", revision: "main@sha1:a", commit: "4b30e7e1", commitAuthor: Self.hostile,
            commitSubject: Self.hostile, startedAt: 1)
        pass.error = Self.hostile
        var object = ObjectRecord(
            identity: try identity("shop"), incarnation: 1, resourceID: Self.hostile, ownership: .created, life: .live)
        object.lastError = Self.hostile
        try await journal.commit([
            .reconcile(pass), .object(object),
            .action(
                ActionRecord(
                    reconcile: "rec-1", position: 0, identity: try identity(Self.hostile), action: Self.hostile,
                    reason: "declared", outcome: "failed", resourceID: nil, intent: nil, error: Self.hostile,
                    finishedAt: 1)),
            .conditions(
                source: "platform",
                [
                    ConditionRecord(
                        identity: try identity("new"), code: Self.hostile, sentence: Self.hostile, since: 1,
                        nextAttempt: 2)
                ]),
        ])
        return try await StatusPages(board, journal).page()
    }

    @Test func `S12, I11: text of others stays text, and no value is shown`() async throws {
        let html = try await page().document(nonce: "n0nce")
        #expect(!html.contains("<script") && !html.contains("alert(1)</"), "\(html)")
        #expect(!html.unicodeScalars.contains { ["\u{1B}", "\u{202E}"].contains($0) })
        #expect(!html.contains("canary"))
        // Subject in facts, timeline and plan, author twice, errors, id, condition, reason, hold, trouble, suspension, action.
        #expect(html.components(separatedBy: Self.escaped).count > 15, "\(html)")
        #expect(
            !html.contains("http://") && !html.contains("https://") && !html.contains("url("), "nothing from elsewhere")
        #expect(html.contains(#"<style nonce="n0nce">"#))
    }

    @Test func `it shows sources, objects, the plan as a diff and the timeline`() async throws {
        let html = try await page().document(nonce: "n0nce")
        for part in [
            "<h2>platform <span class=\"badge bad\">git-unreachable</span></h2>", "<dt>Suspended</dt>",
            "<code>Install/shop</code>", "<b>~ update Install/shop  ", "<b>      version: 1.3.0 → 1.4.0\n</b>",
            "<b>      values.token: changed\n</b>", "<del>- delete Install/old  no longer declared in git\n</del>",
            "<span class=\"faint\">! dependency Install/new: waits for ", "1 to update, 1 to delete, 1 held",
            "<h3>Timeline</h3>", "<span class=\"badge wait\">not ended</span>",
        ] { #expect(html.contains(part), "\(part) in \(html)") }
        // Every element that is opened is closed, but for those that have no end.
        let opened = html.matches(of: /<([a-z][a-z0-9]*)[ >]/).map { String($0.1) }.filter { $0 != "meta" }
        let closed = html.matches(of: /<\/([a-z][a-z0-9]*)>/).map { String($0.1) }
        #expect(opened.sorted() == closed.sorted())
    }

    @Test func `I12: it keeps five plans, each once, and cuts those that are long`() throws {
        let board = StatusBoard()
        board.expect(["platform"])
        for number in 1...7 {
            let next = try report("commit \(number)")
            var moved = next
            moved.revision?.revision = "main@\(number)"
            board.record(moved, nextPass: 0)
            board.record(moved, nextPass: 0)
        }
        #expect(board.plans(of: "platform").map(\.subject) == (3...7).reversed().map { "commit \($0)" })
        var long = try report("long")
        let action = try #require(long.plan?.actions.first)
        long.plan?.actions = Array(repeating: action, count: 5_000)
        board.record(long, nextPass: 0)
        let shown = try #require(board.plans(of: "platform").first)
        #expect(shown.lines.count < 1_000)
        #expect(shown.lines.last?.text == "… and 4800 more: see akua-gitops plan")
        var empty = long
        empty.plan?.actions = []
        empty.plan?.holds = []
        board.record(empty, nextPass: 0)
        #expect(board.plans(of: "platform").first == shown, "a plan with nothing to say is none to show")
        board.expect(["other"])
        #expect(board.plans(of: "platform").isEmpty)
    }
}
