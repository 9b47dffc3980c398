import AkuaAPI
import Planning
import Synchronization
import Testing

@testable import Reconciler

/// P10: what several sources plan with at the same time is read once, and never before the pass that plans with it (I3).
@Suite(.timeLimit(.minutes(1))) struct SharedListsTests {
    private let lists = SharedLists()
    private let platform = Counter()

    /// Answers the number of the reading; holds back those that it is told to.
    private final class Counter: Sendable {
        private let state = Mutex<(count: Int, gate: CheckedContinuation<Void, Never>?, opened: Bool)>((0, nil, false))

        var count: Int { state.withLock { $0.count } }

        func read() -> Int {
            state.withLock { state in
                state.count += 1
                return state.count
            }
        }

        /// As ``read()``, but answers only once ``open()`` was called.
        func readSlowly() async -> Int {
            let number = read()
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if !state.opened { state.gate = continuation }
                    return state.opened
                }
                if isOpen { continuation.resume() }
            }
            return number
        }

        func open() {
            let gate = state.withLock { state in
                state.opened = true
                return state.gate.take()
            }
            gate?.resume()
        }
    }

    private static func error(_ cause: APIError.Cause) -> APIError {
        APIError(cause: cause, call: "installs.list", mayHaveTakenEffect: false)
    }

    @Test func `plans that began before a reading share it, while it goes on and after it`() async throws {
        let readers = (0..<10).map { _ in lists.reader() }
        let numbers = try await withThrowingTaskGroup(of: Int.self) { [platform] group in
            for reader in readers { group.addTask { try await reader.read(.installs) { await platform.readSlowly() } } }
            while platform.count == 0 { await Task.yield() }
            platform.open()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(numbers == Array(repeating: 1, count: 10))
        #expect(try await readers[3].read(.installs) { platform.read() } == 1)
        #expect(try await readers[3].read(.clusters) { platform.read() } == 2, "each need is another reading")
    }

    @Test func `I3: a plan takes nothing that began to be read before it did`() async throws {
        let first = lists.reader()
        #expect(try await first.read(.installs) { platform.read() } == 1)
        let second = lists.reader()
        #expect(try await second.read(.installs) { platform.read() } == 2)
        #expect(try await first.read(.installs) { platform.read() } == 2, "newer is good enough for older plans")
    }

    @Test func `a reading that failed has failed for all`() async throws {
        let readers = [lists.reader(), lists.reader()]
        for reader in readers {
            await #expect(throws: Self.error(.unreachable("no route"))) {
                try await reader.read(.installs) { () throws(APIError) -> Int in
                    _ = platform.read()
                    throw Self.error(.unreachable("no route"))
                }
            }
        }
        #expect(platform.count == 1)
    }

    @Test func `who reads and is cancelled leaves the reading to one of those who wait`() async throws {
        let (leader, follower) = (lists.reader(), lists.reader())
        let platform = platform
        let reading = Task {
            try await leader.read(.installs) { () async throws(APIError) -> Int in
                _ = await platform.readSlowly()
                throw Self.error(.cancelled)
            }
        }
        while platform.count == 0 { await Task.yield() }
        let waiting = Task { try await follower.read(.installs) { platform.read() } }
        while lists.waitingCount == 0 { await Task.yield() }
        platform.open()
        #expect(try await waiting.value == 2)
        await #expect(throws: Self.error(.cancelled)) { try await reading.value }
    }

    @Test func `who waits and is cancelled waits no longer`() async throws {
        let (leader, follower) = (lists.reader(), lists.reader())
        let platform = platform
        let reading = Task { try await leader.read(.installs) { await platform.readSlowly() } }
        while platform.count == 0 { await Task.yield() }
        let waiting = Task { try await follower.read(.installs) { platform.read() } }
        while lists.waitingCount == 0 { await Task.yield() }
        waiting.cancel()
        await #expect(throws: APIError.self) { try await waiting.value }
        platform.open()
        #expect(try await reading.value == 1)
        #expect(platform.count == 1)
    }

    @Test func `nothing is kept once nobody plans`() async throws {
        final class Token: Sendable {}
        weak var kept: Token?
        do {
            let reader = lists.reader()
            let token = Token()
            kept = token
            _ = try await reader.read(.installs) { token }
            #expect(kept != nil)
        }
        #expect(kept == nil)
    }
}
