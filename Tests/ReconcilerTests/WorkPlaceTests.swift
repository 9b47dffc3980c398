import Synchronization
import Testing

@testable import Reconciler

/// I15: what waits takes no place from what works.
@Suite struct WorkPlaceTests {
    @Test(.timeLimit(.minutes(1))) func `a place that was left for waiting is another's`() async throws {
        let slots = RequestSlots(limit: 1)
        await slots.take()
        let waiting = WorkPlace(in: slots)
        waiting.leave()
        await slots.take()
        WorkPlace(in: slots).leave()
    }

    @Test(.timeLimit(.minutes(1))) func `a place that was left is not given back a second time at the end`()
        async throws
    {
        let slots = RequestSlots(limit: 1)
        await slots.take()
        let place = WorkPlace(in: slots)
        place.leave()
        place.leave()
        let count = Count()
        await withTaskGroup { group in
            for _ in 0..<100 {
                group.addTask {
                    await slots.withSlot {
                        count.begin()
                        await Task.yield()
                        count.end()
                    }
                }
            }
        }
        #expect(count.most == 1)
    }

    private final class Count: Sendable {
        private let state = Mutex((now: 0, most: 0))

        var most: Int { state.withLock { $0.most } }

        func begin() {
            state.withLock { state in
                state.now += 1
                state.most = max(state.most, state.now)
            }
        }

        func end() { state.withLock { $0.now -= 1 } }
    }
}
