import Testing

@testable import Daemon
@testable import Reconciler

/// When the next pass is made.
@Suite struct PauseTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var outcome: PassReport.Outcome
        var nextAttempt: Int?
        var failures = 0
        /// What somebody has set the date on by during the pass, in seconds.
        var jump = 0
        var pause: Duration
        var testDescription: String { "\(outcome) \(nextAttempt.map(String.init) ?? "-") \(failures) \(jump)" }
    }

    @Test(arguments: [
        Row(outcome: .inSync, pause: .seconds(300)), Row(outcome: .partial, pause: .seconds(300)),
        Row(outcome: .partial, nextAttempt: 1_015, pause: .seconds(15)),
        Row(outcome: .blocked, nextAttempt: 1_299, pause: .seconds(299)),
        Row(outcome: .blocked, nextAttempt: 5_000, pause: .seconds(300)),
        Row(outcome: .partial, nextAttempt: 900, pause: .seconds(1)),
        Row(outcome: .superseded, nextAttempt: 1_015, pause: .zero),
        Row(outcome: .failed, failures: 1, pause: .seconds(2)), Row(outcome: .failed, failures: 9, pause: .seconds(20)),
        Row(outcome: .partial, nextAttempt: 1_015, jump: -315_360_000, pause: .seconds(1)),
        Row(outcome: .partial, nextAttempt: 315_361_015, jump: 315_360_000, pause: .seconds(1)),
        Row(outcome: .inSync, jump: -315_360_000, pause: .seconds(300)),
    ])
    func `the next pass comes with the resync, or with what is tried again before it`(_ row: Row) {
        var report = PassReport(source: "platform", reconcile: "rec-1", startedAt: 1_000_000)
        report.finish(at: 1_000_000 + row.jump * 1_000, after: 0)
        report.outcome = row.outcome
        report.nextAttempt = row.nextAttempt
        #expect(SourceLoop.pause(after: report, failures: row.failures) == row.pause)
    }
}
