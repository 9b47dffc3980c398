import Synchronization

/// Holds a source to the number of requests in flight that its settings allow.
///
/// The API client's own, adaptive limit comes on top. First come, first served.
final class RequestSlots: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state: Mutex<State>

    /// - Parameter limit: at least 1.
    init(limit: Int) { state = Mutex(State(free: max(1, limit))) }

    /// Runs `body` once there is a free slot; whoever waits gets one as soon as another ends, which every request does
    /// within its deadline.
    func withSlot<Value: Sendable>(_ body: () async -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
        let value = await body()
        let next = state.withLock { state in
            if state.waiting.isEmpty {
                state.free += 1
                return nil as CheckedContinuation<Void, Never>?
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
        return value
    }
}
