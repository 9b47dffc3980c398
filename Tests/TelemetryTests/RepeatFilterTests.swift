import JSON
import Synchronization
import Telemetry
import Testing

/// A failure that goes on the same is said once, and then summed up.
@Suite struct RepeatFilterTests {
    /// A log whose time the test moves.
    private final class TimedLog: Sendable {
        private final class Clock: Sendable {
            let milliseconds = Mutex<Int64>(1_795_262_400_000)
        }

        let sink = MemorySink()
        private let clock = Clock()
        private let logger: Telemetry.Logger

        init() {
            let output = LogOutput(format: JSONLogFormat(), sink: sink) { [clock] in clock.milliseconds.withLock { $0 }
            }
            logger = Telemetry.Logger(writingTo: output, level: .trace)
        }

        func pass(_ seconds: Int64) { clock.milliseconds.withLock { $0 += seconds * 1_000 } }

        func emit(_ event: Event, _ fields: Fields) { logger.emit(event, "a sentence", fields) }

        /// `event source error repeats` of each line so far.
        var lines: [String] {
            sink.entries.map { entry in
                let line = (try? JSONReader.read(entry)) ?? .null  // No line of ours is anything but JSON.
                let repeats = (line["repeats"]?.number?.text).map { " ×\($0)" } ?? ""
                return "\(line["event"]?.string ?? "?") \(line["source"]?.string ?? "-")"
                    + ((line["error"]?.string).map { " \($0)" } ?? "") + repeats
            }
        }

        func fail(_ error: String = "refused", of source: String = "a", pass: String = "rec-1") {
            emit(.sourceFailed, [.source: source, .reconcileID: pass, .error: error])
        }
    }

    @Test func `it is said when it begins, every ten minutes with the count, and when it ends`() {
        let log = TimedLog()
        for pass in 0..<60 {
            log.fail(pass: "rec-\(pass)")
            log.pass(30)
        }
        #expect(log.lines == ["source.failed a refused"] + Array(repeating: "source.failed a refused ×19", count: 2))
        log.emit(.sourceFetched, [.source: "a"])
        #expect(Array(log.lines.dropFirst(3)) == ["source.failed a refused ×18", "source.fetched a"])
        log.fail()
        #expect(log.lines.last == "source.failed a refused", "an outage that comes again is said again")
    }

    @Test func `its end sums it up at once, and what fails then is said anew`() {
        for (failure, end) in [(Event.sourceFailed, Event.sourceFetched), (.reconcileFailed, .reconcileFinished)] {
            let log = TimedLog()
            for _ in 0..<4 { log.emit(failure, [.source: "a", .error: "refused"]) }
            log.pass(1)
            log.emit(end, [.source: "a"])
            log.emit(failure, [.source: "a", .error: "refused"])
            let said = "\(failure.rawValue) a refused"
            #expect(log.lines == [said, "\(said) ×2", "\(end.rawValue) a", said])
        }
    }

    @Test func `what differs is another failure, and what another source does ends none`() {
        let log = TimedLog()
        for error in ["refused", "refused", "timeout", "refused"] { log.fail(error) }
        log.fail(of: "b")
        log.emit(.sourceFetched, [.source: "b"])
        log.fail()
        #expect(
            log.lines == [
                "source.failed a refused", "source.failed a timeout", "source.failed b refused", "source.fetched b",
            ])
        log.emit(.daemonStopped, [:])
        #expect(log.lines.suffix(2) == ["source.failed a refused ×2", "daemon.stopped -"])
    }

    @Test func `one that is not heard of any more is summed up by whatever comes next`() {
        let log = TimedLog()
        for _ in 0..<3 { log.fail() }
        log.pass(11 * 60)
        log.emit(.reconcileStarted, [.source: "b"])
        #expect(log.lines == ["source.failed a refused", "source.failed a refused ×1", "reconcile.started b"])
    }

    @Test func `what is sent to the platform is always said`() {
        let log = TimedLog()
        for _ in 0..<5 { log.emit(.actionFailed, [.source: "a", .error: "refused"]) }
        for _ in 0..<5 { log.emit(.apiRetried, [:]) }
        #expect(log.lines.count == 10)
    }

    @Test func `a clock that is set back silences nothing`() {
        let log = TimedLog()
        log.fail()
        log.pass(-3_600)
        log.fail()
        #expect(log.lines == ["source.failed a refused", "source.failed a refused"])
    }

    @Test func `I12: it remembers so many failures and no more`() {
        let log = TimedLog()
        for number in 0..<1_000 { log.fail("e\(number)") }
        #expect(log.lines.count == 1_000)
        log.pass(1)
        log.fail("e999")
        log.fail("e0")
        #expect(log.lines.count == 1_001, "the newest is remembered, the oldest is not")
    }
}
