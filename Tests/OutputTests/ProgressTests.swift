import Synchronization
import Telemetry
import Testing

@testable import akua_gitops

/// What a command shows on standard error while a pass runs.
@Suite struct ProgressTests {
    private final class Capture: LogSink {
        let text = Mutex("")

        func write(_ entry: [UInt8]) -> Bool {
            text.withLock { $0 += String(decoding: entry, as: UTF8.self) }
            return true
        }
    }

    private func output(isLive: Bool, _ log: (Logger) -> Void) -> String {
        let capture = Capture()
        let format = ProgressFormat(isLive: isLive)
        log(Logger(writingTo: LogOutput(format: format, sink: capture, now: { 0 })).binding([.source: "platform"]))
        return capture.text.withLock { $0 }
    }

    private func pass(_ logger: Logger) {
        logger.emit(.reconcileStarted, "a pass begins")
        logger.emit(.planComputed, "a plan was made", [.count: 2])
        for name in ["a", "b\u{1B}[2J"] {
            logger.emit(.actionStarted, "an action begins", [.kind: "Install", .name: name, .action: "create"])
        }
        logger.emit(
            .actionSucceeded, "an action ended",
            [.kind: "Install", .name: "a", .action: "create", .outcome: "succeeded"])
        logger.emit(.sourceFailed, "the output tells it", [.error: "x"])
        logger.emit(.apiThrottled, "the platform asks for fewer requests")
        logger.emit(.reconcileFinished, "a pass ended")
    }

    @Test func `on a terminal one line is drawn over and gone at the end`() {
        let erase = "\r\u{1B}[2K"
        #expect(
            output(isLive: true, pass) == erase + "platform: looking at the workspace"
                + erase + "platform: 0 of 2 done, create Install/a"
                + erase + "platform: 0 of 2 done, create Install/a, create Install/b\\u{1B}[2J"
                + erase + "platform: 1 of 2 done, create Install/b\\u{1B}[2J"
                + erase + "1970-01-01T00:00:00.000Z WARNING  api.throttled  the platform asks for fewer requests"
                + " source=platform\n")
    }

    @Test func `elsewhere each action that ends has a line`() {
        #expect(
            output(isLive: false, pass) == """
                platform: create Install/a: succeeded
                1970-01-01T00:00:00.000Z WARNING  api.throttled  the platform asks for fewer requests source=platform

                """)
    }

    @Test func `a long line is cut, so that it can be drawn over`() {
        let text = output(isLive: true) { logger in
            let name = String(repeating: "x", count: 100)
            logger.emit(.actionStarted, "an action begins", [.kind: "Install", .name: name, .action: "create"])
        }
        #expect(text.count < 80 + 5)
        #expect(text.hasSuffix("…"))
    }
}
