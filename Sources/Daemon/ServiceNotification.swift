import Foundation
import Glibc
import ServiceLifecycle
import Telemetry

/// Tells systemd how the service is doing (`sd_notify`); does nothing where nobody asked.
///
/// A message that can't be delivered has no one to be reported to: systemd notices by itself that READY or the
/// watchdog's sign is missing, and acts on it.
package struct ServiceNotification: Sendable {
    /// Where systemd listens, a path or an abstract address; nil outside a unit of `Type=notify`.
    private let path: String?
    /// How often the watchdog wants a sign of life at least; nil when there is none, or it watches another process.
    package let watchdogInterval: Duration?

    /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`, as systemd sets them.
    package init(environment: [String: String], pid: Int32 = getpid()) {
        path = environment["NOTIFY_SOCKET"].flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        let isForUs = environment["WATCHDOG_PID"].map { $0 == String(pid) } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdogInterval = path != nil && isForUs && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    /// Started, or done with a reload: what depends on us may start.
    ///
    /// `status` is one line for `systemctl status`.
    package func ready(status: String) { send(["READY=1", Self.line(status)]) }

    /// Reading the configuration again; ``ready(status:)`` ends it.
    ///
    /// systemd tells by the time which of several reloads this is.
    package func reloading() { send(["RELOADING=1", "MONOTONIC_USEC=\(Self.monotonicMicroseconds())"]) }

    /// Ending; from here on a silent watchdog is no failure.
    package func stopping(status: String) { send(["STOPPING=1", Self.line(status)]) }

    /// One line for `systemctl status`.
    package func status(_ text: String) { send([Self.line(text)]) }

    /// A sign of life.
    package func alive() { send(["WATCHDOG=1"]) }

    /// The longest status in bytes: systemd throws away a message of more than 4,096, with all that is in it.
    private static let statusBytesMax = 1_024

    private static func line(_ status: String) -> String {
        let safe = TerminalText.safe(status)
        guard safe.utf8.count > statusBytesMax else { return "STATUS=\(safe)" }
        var cut = safe.prefix(statusBytesMax)
        while cut.utf8.count > statusBytesMax - 3 { cut.removeLast() }
        return "STATUS=\(cut)…"
    }

    private static func monotonicMicroseconds() -> Int { Int(ProcessInfo.processInfo.systemUptime * 1_000_000) }

    private func send(_ assignments: [String]) {
        guard let path else { return }
        do {
            try DatagramSocket(to: path).send(Array(assignments.joined(separator: "\n").utf8))
        } catch {
            // See above: systemd misses the message without being told.
        }
    }
}

/// Gives the watchdog its sign of life, as long as the daemon says that its loops turn.
///
/// A daemon that hangs stays silent and is restarted by systemd; the journal makes that safe.
package struct Watchdog: Service {
    private let notification: ServiceNotification
    private let isAlive: @Sendable () async -> Bool

    /// Asks `isAlive` twice in an interval of the watchdog.
    package init(_ notification: ServiceNotification, isAlive: @escaping @Sendable () async -> Bool) {
        self.notification = notification
        self.isAlive = isAlive
    }

    package func run() async throws {
        guard let interval = notification.watchdogInterval else { return try await gracefulShutdown() }
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if await isAlive() { notification.alive() }
                try await Task.sleep(for: interval / 2)
            }
        }
    }
}
