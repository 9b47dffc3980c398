import Synchronization

/// Time that passes only when everybody waits for it, or when somebody moves it.
package final class SimulatedClock: Sendable {
    private struct State {
        /// Unix milliseconds.
        var now: Int
        var count = 0
        var sleepers: [Int: (due: Int, continuation: CheckedContinuation<Void, Never>)] = [:]
    }

    private let state: Mutex<State>

    package init(now: Int) { state = Mutex(State(now: now)) }

    package var now: Int { state.withLock { $0.now } }

    /// Returns after that much time; throws at once when the task is cancelled.
    package func sleep(milliseconds: Int) async throws(CancellationError) {
        let number = state.withLock { state in
            state.count += 1
            return state.count
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if Task.isCancelled || milliseconds <= 0 { return true }
                    state.sleepers[number] = (state.now + milliseconds, continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: number) }?.continuation.resume()
        }
        if Task.isCancelled { throw CancellationError() }
    }

    /// Goes on to the time that somebody waits for first; false when nobody does.
    package func advance() -> Bool {
        let sleeper = state.withLock { state in
            let next = state.sleepers.min { ($0.value.due, $0.key) < ($1.value.due, $1.key) }
            guard let next else { return nil as CheckedContinuation<Void, Never>? }
            state.now = max(state.now, next.value.due)
            state.sleepers[next.key] = nil
            return next.value.continuation
        }
        sleeper?.resume()
        return sleeper != nil
    }

    /// Moves the time on, or back; who sleeps wakes by the time that passes, not by the date.
    package func jump(milliseconds: Int) {
        state.withLock { state in
            state.now += milliseconds
            for number in state.sleepers.keys { state.sleepers[number]?.due += milliseconds }
        }
    }
}
