import Foundation

/// The time that calls wait by: the machine's own, or a test's.
package struct TimeSource: Sendable {
    /// Runs on steadily, whatever is done to the wall clock.
    package var now: @Sendable () -> ContinuousClock.Instant
    /// Unix seconds, to be compared with dates that a server names.
    package var wallSeconds: @Sendable () -> Int
    /// Returns at that moment, or throws `CancellationError`.
    package var sleep: @Sendable (_ until: ContinuousClock.Instant) async throws -> Void

    package init(
        now: @escaping @Sendable () -> ContinuousClock.Instant, wallSeconds: @escaping @Sendable () -> Int,
        sleep: @escaping @Sendable (_ until: ContinuousClock.Instant) async throws -> Void
    ) {
        self.now = now
        self.wallSeconds = wallSeconds
        self.sleep = sleep
    }

    package static let system = TimeSource(
        now: { .now }, wallSeconds: { Int(Date().timeIntervalSince1970) },
        sleep: { try await Task.sleep(until: $0, clock: .continuous) })
}
