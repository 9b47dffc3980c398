/// Time and chance, as parameters: the daemon passes the machine's, the simulator its own.
package struct Environment: Sendable {
    /// Unix milliseconds.
    package var now: @Sendable () -> Int
    /// Milliseconds on a clock that no change of the date disturbs, from any beginning: for deadlines and durations.
    package var uptime: @Sendable () -> Int
    /// Sleeps on a clock that no change of the date disturbs; ends early only by cancellation.
    package var sleep: @Sendable (Duration) async throws -> Void
    /// Uniform in 0..<1.
    package var random: @Sendable () -> Double

    /// - Parameter uptime: `now` where nobody changes the date.
    package init(
        now: @escaping @Sendable () -> Int, uptime: (@Sendable () -> Int)? = nil,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        random: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.uptime = uptime ?? now
        self.sleep = sleep
        self.random = random
    }

    /// Unix seconds.
    package var seconds: Int { now() / 1_000 }

    /// Names one pass: sorts by time, and two passes of one millisecond differ.
    func reconcileID() -> String {
        let time = String(now(), radix: 32)
        let chance = String(Int(random() * 1_048_575), radix: 32)
        return "rec-" + time + "-" + String(repeating: "0", count: max(0, 4 - chance.count)) + chance
    }
}
