import Synchronization

/// Lets a running pass be told to end: by a newer commit (I15), or because the daemon stops.
///
/// What was sent is settled or left to the journal; nothing new begins; waits end at once.
package final class PassControl: Sendable {
    package enum Ending: String, Sendable { case superseded, stopping }

    private struct State {
        var ending: Ending?
        var commit: String?
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
    }
    private let state = Mutex(State())

    package init() {}

    /// Why the pass is to end; nil while it may go on.
    package var ending: Ending? { state.withLock { $0.ending } }

    /// The commit that the pass has fetched: what is newer supersedes it.
    ///
    /// Nil until it has fetched.
    package var commit: String? { state.withLock { $0.commit } }

    func fetched(_ commit: String) { state.withLock { $0.commit = commit } }

    /// Tells the pass to end.
    ///
    /// The first reason stays.
    package func end(_ ending: Ending) {
        let waiters = state.withLock { state in
            state.ending = state.ending ?? ending
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// What `body` gives, or nil when the pass was told to end first; then `body` is cancelled.
    package func unlessEnded<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async rethrows -> Value? {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                await self.ended()
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    /// Returns when the pass is told to end, or the task is cancelled.
    package func ended() async {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.ending != nil || Task.isCancelled { return true }
                    state.waiters[waiter] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume()
        }
    }
}
