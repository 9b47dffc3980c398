import Daemon
import JSON
import Reconciler
import Synchronization
import Telemetry
import Testing

@Suite struct StatusBoardTests {
    private let board = StatusBoard()

    init() { board.expect(["platform"]) }

    private func fetched(_ commit: String, at seconds: Int = 1_000) -> FetchedRevision {
        FetchedRevision(
            revision: "main@sha1:\(commit)", commit: commit, author: "Ada", subject: "Change", committedAt: seconds)
    }

    private func record(
        _ outcome: PassReport.Outcome, _ commit: FetchedRevision?, inSync: String?, error: PassError? = nil,
        on board: StatusBoard? = nil
    ) {
        var report = PassReport(source: "platform", reconcile: "rec-1", startedAt: 1)
        report.outcome = outcome
        report.revision = commit
        report.appliedRevision = commit?.revision
        report.inSyncCommit = inSync
        report.error = error
        report.finishedAt = 2_000
        (board ?? self.board).record(report, nextPass: 3_000)
    }

    private var reasons: [String] { board.unreadiness.map(\.reason) }

    private func age(at seconds: Int) -> String? {
        let registry = PrometheusRegistry()
        board.measure(Meters(factory: registry), at: seconds)
        return registry.text().split(separator: "\n").first { $0.hasPrefix("akua_gitops_oldest_unapplied") }
            .map { String($0.split(separator: " ")[1]) }
    }

    @Test func `a source is not ready before its first pass, and while it has trouble of either kind`() {
        #expect(reasons == ["starting"])
        record(.failed, fetched("a"), inSync: nil, error: .journal("the disk is full"))
        #expect(reasons == ["journal"])
        board.lose("platform", "the remote is gone")
        #expect(reasons == ["journal"])
        board.see(fetched("a"), for: "platform")
        #expect(reasons == ["journal"], "a remote that answers does not repair the journal")
        record(.inSync, fetched("a"), inSync: "a")
        #expect(reasons == [])
        board.lose("platform", "the remote is gone")
        #expect(reasons == ["git-unreachable"])
        board.see(fetched("a"), for: "platform")
        #expect(reasons == [])
    }

    @Test func `the oldest commit that waits gives the age, from its first sight until it is in sync`() {
        #expect(age(at: 5_000) == nil, "nothing is known yet")
        record(.inSync, fetched("a", at: 1_000), inSync: "a")
        #expect(age(at: 5_000) == "0")
        board.see(fetched("b", at: 4_000), for: "platform")
        #expect(age(at: 5_000) == "1000")
        record(.partial, fetched("c", at: 4_500), inSync: "a")
        #expect(age(at: 6_000) == "2000", "a newer commit does not make the older one younger")
        record(.failed, nil, inSync: nil, error: .git(SourceError("the remote is gone")))
        #expect(age(at: 7_000) == "3000")
        record(.changed, fetched("c", at: 4_500), inSync: "c")
        #expect(age(at: 8_000) == "0")
        record(.partial, fetched("c", at: 4_500), inSync: "c")
        #expect(age(at: 9_000) == "0", "trouble with what was in sync once makes no commit wait")
    }

    @Test func `only a pass that ends in step is a success, and no pass of a forgotten source counts`() {
        record(.partial, fetched("a"), inSync: nil)
        #expect(board.all["platform"]?.lastSuccess == nil)
        record(.changed, fetched("a"), inSync: "a")
        #expect(board.all["platform"]?.lastSuccess == 2_000)
        board.expect(["other"])
        record(.changed, fetched("a"), inSync: "a")
        board.see(fetched("b"), for: "platform")
        #expect(board.all.keys.sorted() == ["other"])
        #expect(board.line == "starting")
    }

    @Test func `a suspension shows until it has run out, whoever made it`() throws {
        let clock = Mutex(0)
        let board = StatusBoard(now: { clock.withLock { $0 } }, timeOfDay: { "at \($0)" })
        board.expect(["platform"])
        func shown(at seconds: Int) -> (line: String, metric: String?, by: JSONValue?) {
            clock.withLock { $0 = seconds }
            let registry = PrometheusRegistry()
            board.measure(Meters(factory: registry), at: seconds)
            let metric = registry.text().split(separator: "\n").first { $0.hasPrefix("akua_gitops_suspended{") }
            let json = board.json(at: seconds)["sources"]?.array?.first?["suspended"]
            return (board.line, metric.map { String($0.suffix(1)) }, json?["by"])
        }
        record(.inSync, fetched("a"), inSync: "a", on: board)
        #expect(shown(at: 9) == ("ok main@a, 0 objects, next at 3000", "0", nil))
        board.suspend("platform", .init(author: .person, reason: "the fair", since: 1, until: 10))
        #expect(shown(at: 9) == ("suspended main@a, 0 objects, next at 3000", "1", "person"))
        #expect(shown(at: 10) == ("ok main@a, 0 objects, next at 3000", "0", nil))
        var report = PassReport(source: "platform", reconcile: "rec-2", startedAt: 1)
        report.suspension = .init(author: .settings, reason: "the audit")
        board.record(report, nextPass: 3_000)
        #expect(shown(at: 10).by == "settings" && shown(at: 10).metric == "1")
        board.lose("platform", "the remote is gone")
        #expect(shown(at: 10).line == "git-unreachable main@a, 0 objects, next at 3000")
    }
}
