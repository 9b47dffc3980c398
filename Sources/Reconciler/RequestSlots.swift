import Synchronization

/// Holds a source to so many requests in flight, or so many actions at work: a semaphore, first come, first served.
///
/// The API client's own, adaptive limit comes on top.
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
        await take()
        defer { giveBack() }
        return await body()
    }

    /// Returns once the caller has a slot; each is to be given back.
    func take() async {
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
    }

    func giveBack() {
        let next = state.withLock { state in
            if state.waiting.isEmpty {
                state.free += 1
                return nil as CheckedContinuation<Void, Never>?
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}

/// An action's place among those at work: given back when it ends, or before, once all that is left is to wait (I15).
final class WorkPlace: Sendable {
    private let slots: RequestSlots
    private let isHeld = Mutex(true)

    /// - Parameter slots: where the caller has taken a slot, which is this one's from now on.
    init(in slots: RequestSlots) { self.slots = slots }

    /// Gives the place back, the first time it is called.
    func leave() {
        let wasHeld = isHeld.withLock { isHeld in
            defer { isHeld = false }
            return isHeld
        }
        if wasHeld { slots.giveBack() }
    }
}
