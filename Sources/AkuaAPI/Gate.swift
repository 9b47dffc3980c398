import Synchronization

/// Where requests of one scope wait for their turn: first come, first served, and all together when the platform asks
/// for a pause.
///
/// Long polls have a lane of their own, so that waiting takes no place from work (I15).
final class Gate: Sendable {
    enum Lane: Hashable, Sendable { case work, longPoll }

    /// Leave to send one request; to be given back with ``leave(_:_:)``.
    struct Permit: Sendable {
        fileprivate var lane: Lane
        fileprivate var inner: ConcurrencyLimit.Permit
    }

    enum Refusal: Error, Equatable {
        case cancelled
        /// The platform asked for a pause that is longer than the caller waits.
        case paused(left: Duration)
    }

    private struct State {
        var work: Queue
        var longPoll: Queue
        var pausedUntil: ContinuousClock.Instant?

        subscript(lane: Lane) -> Queue {
            get { lane == .work ? work : longPoll }
            _modify {
                switch lane {
                case .work: yield &work
                case .longPoll: yield &longPoll
                }
            }
        }
    }

    private let state: Mutex<State>
    private let nextID = Atomic<UInt64>(0)
    private let time: TimeSource

    init(workMax: Int, longPollMax: Int, time: TimeSource) {
        self.time = time
        state = Mutex(
            State(
                work: Queue(limit: ConcurrencyLimit(maximum: workMax)),
                longPoll: Queue(limit: ConcurrencyLimit(maximum: longPollMax, start: longPollMax))))
    }

    /// Requests that may be in flight in that lane at present.
    func limit(in lane: Lane) -> Int { state.withLock { $0[lane].limit.current } }

    func inFlight(in lane: Lane) -> Int { state.withLock { $0[lane].limit.inFlight } }

    func waiting(in lane: Lane) -> Int { state.withLock { $0[lane].waiting.count } }

    /// Returns when the caller may send: it has a place in its lane, and no pause is on.
    func enter(_ lane: Lane, patience: Duration) async throws(Refusal) -> Permit {
        guard let inner = await place(in: lane) else { throw .cancelled }
        let permit = Permit(lane: lane, inner: inner)
        do throws(Refusal) {
            try await waitOutPause(patience)
            return permit
        } catch {
            leave(permit, .none)
            throw error
        }
    }

    /// Gives the permit back and lets the next ones in.
    func leave(_ permit: Permit, _ sign: ConcurrencyLimit.Sign) {
        let admitted = state.withLock { state in
            state[permit.lane].limit.finish(permit.inner, sign)
            return state[permit.lane].admitWaiting()
        }
        for (waiter, permit) in admitted { waiter.continuation.resume(returning: permit) }
    }

    /// Lets nobody through before `moment`; the latest of several pauses holds.
    func pause(until moment: ContinuousClock.Instant) {
        state.withLock { $0.pausedUntil = max($0.pausedUntil ?? moment, moment) }
    }

    private func waitOutPause(_ patience: Duration) async throws(Refusal) {
        while let moment = state.withLock({ $0.pausedUntil }) {
            let left = time.now().duration(to: moment)
            guard left > .zero else { return }
            guard left <= patience else { throw .paused(left: left) }
            do { try await time.sleep(moment) } catch { throw .cancelled }
        }
    }

    private func place(in lane: Lane) async -> ConcurrencyLimit.Permit? {
        let id = nextID.wrappingAdd(1, ordering: .relaxed).newValue
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let admitted = state.withLock { state in
                    state[lane].waiting.append(Waiter(id: id, continuation: continuation))
                    return state[lane].admitWaiting()
                }
                for (waiter, permit) in admitted { waiter.continuation.resume(returning: permit) }
                // A cancellation that came before the waiter stood in line has found nobody to send away.
                if Task.isCancelled { sendAway(id, from: lane) }
            }
        } onCancel: {
            sendAway(id, from: lane)
        }
    }

    private func sendAway(_ id: UInt64, from lane: Lane) {
        let waiter = state.withLock { state -> Waiter? in
            guard let position = state[lane].waiting.firstIndex(where: { $0.id == id }) else { return nil }
            return state[lane].waiting.remove(at: position)
        }
        waiter?.continuation.resume(returning: nil)
    }
}

/// Someone who waits for a place.
private struct Waiter {
    let id: UInt64
    let continuation: CheckedContinuation<ConcurrencyLimit.Permit?, Never>
}

/// Those who wait for a place in one lane, in the order in which they came.
private struct Queue {
    var limit: ConcurrencyLimit
    var waiting: [Waiter] = []

    /// Takes out as many as the limit allows.
    mutating func admitWaiting() -> [(Waiter, ConcurrencyLimit.Permit)] {
        var admitted: [(Waiter, ConcurrencyLimit.Permit)] = []
        while admitted.count < waiting.count, let permit = limit.admit() {
            admitted.append((waiting[admitted.count], permit))
        }
        waiting.removeFirst(admitted.count)
        return admitted
    }
}
