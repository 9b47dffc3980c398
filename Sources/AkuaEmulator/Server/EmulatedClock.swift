import Foundation
import Synchronization

/// The emulator's own time: real time, faster or slower, or one that only moves when told to.
final class EmulatedClock: Sendable {
    private struct State {
        /// The emulator's time, in milliseconds since 1970, at the moment `mark` of real time.
        var base: Int
        var mark: ContinuousClock.Instant
        /// Emulated per real millisecond; nil when it stands still by itself.
        var scale: Double?
    }

    private let state: Mutex<State>

    /// Starts at `start`, in milliseconds since 1970; a `scale` of nil means that it moves when told to.
    init(start: Int, scale: Double?) {
        state = Mutex(State(base: start, mark: .now, scale: scale))
    }

    /// What time it is, in milliseconds since 1970.
    var now: Int { state.withLock { Self.time(of: $0, at: .now) } }

    /// Goes on that much faster than real time from here, or stands still when nil.
    func setScale(_ scale: Double?) {
        state.withLock {
            $0 = State(base: Self.time(of: $0, at: .now), mark: .now, scale: scale)
        }
    }

    /// Jumps ahead.
    func advance(milliseconds: Int) { state.withLock { $0.base += milliseconds } }

    /// Never goes behind `moment`.
    func catchUp(to moment: Int) {
        state.withLock { $0.base += max(0, moment - Self.time(of: $0, at: .now)) }
    }

    /// How long it is in real time until `moment`; nil when it will not come by itself.
    func realDelay(until moment: Int) -> Duration? {
        state.withLock { state in
            guard let scale = state.scale, scale > 0 else { return nil }
            let remaining = max(0, moment - Self.time(of: state, at: .now))
            return .microseconds(Int64((Double(remaining) * 1_000 / scale).rounded(.up)))
        }
    }

    private static func time(of state: State, at instant: ContinuousClock.Instant) -> Int {
        guard let scale = state.scale else { return state.base }
        let elapsed = (instant - state.mark) / .milliseconds(1)
        return state.base + Int(elapsed * scale)
    }
}
