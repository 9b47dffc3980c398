import Daemon
import Reconciler
import Telemetry
import TestSupport
import Testing

/// What `systemctl status` shows.
@Suite struct StatusLineTests {
    private let lines = Recorder<String>()
    private let board: StatusBoard

    init() {
        let lines = lines
        board = StatusBoard(timeOfDay: { "at \($0)" }, onLine: { lines.append($0) })
    }

    private func record(
        _ outcome: PassReport.Outcome, _ commit: String?, source: String = "platform", error: PassError? = nil
    ) {
        var report = PassReport(source: source, reconcile: "rec-1", startedAt: 1)
        report.outcome = outcome
        report.appliedRevision = commit.map { "main@sha1:\($0)" }
        report.revision = commit.map {
            FetchedRevision(
                revision: "main@sha1:\($0)", commit: $0, author: "Ada", subject: "Change", committedAt: 1_000)
        }
        report.error = error
        board.record(report, nextPass: 3_000)
    }

    @Test func `every transition is told, once and in order`() {
        board.expect(["platform"])
        board.begin("platform")
        board.begin("platform")
        record(.changed, "ab12cd34ef")
        board.lose("platform", "the remote is gone")
        board.refuseReload()
        board.expect(["platform"])
        board.begin("platform")
        record(.partial, "ab12cd34ef")
        record(.failed, nil, error: .journal("the disk is full"))
        board.fallSilent()
        record(.inSync, "ffffffffff")
        #expect(
            lines.all == [
                "starting",
                "starting, reconciling",
                "ok main@ab12cd34, 0 objects, next at 3000",
                "git-unreachable main@ab12cd34, 0 objects, next at 3000",
                "reload refused (the log says why); git-unreachable main@ab12cd34, 0 objects, next at 3000",
                "git-unreachable main@ab12cd34, 0 objects, next at 3000",
                "git-unreachable main@ab12cd34, 0 objects, reconciling",
                "partial main@ab12cd34, 0 objects, next at 3000",
                "journal main@ab12cd34, 0 objects, next at 3000",
            ])
    }

    @Test func `a few sources are told of by name, of many only those in trouble`() {
        board.expect([])
        #expect(board.line == "no source is configured")
        board.expect(["a", "b"])
        record(.inSync, "1234567890", source: "a")
        #expect(board.line == "a: ok main@12345678, 0 objects, next at 3000; b: starting")
        let names = (1...100).map { "source-\($0)" }
        board.expect(names)
        for name in names { record(.inSync, "1234567890", source: name) }
        #expect(board.line == "100 of 100 sources ok")
        record(.blocked, "1234567890", source: "source-7")
        #expect(board.line == "99 of 100 sources ok; source-7: blocked main@12345678, 0 objects, next at 3000")
    }

    @Test func `the time of day has six digits`() throws {
        let board = StatusBoard()
        board.expect(["platform"])
        var report = PassReport(source: "platform", reconcile: "rec-1", startedAt: 1)
        report.appliedRevision = "main@sha1:ab12cd34ef"
        board.record(report, nextPass: 3_723_000)
        #expect(try /ok main@ab12cd34, 0 objects, next \d\d:\d\d:03/.wholeMatch(in: board.line) != nil, "\(board.line)")
    }
}
