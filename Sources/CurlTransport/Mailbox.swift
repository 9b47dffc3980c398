import CCurl
import Synchronization

/// What other threads ask of the curl thread, in the order in which they asked.
final class Mailbox: Sendable {
    typealias Answer = CheckedContinuation<Result<HTTPResponse, TransportError>, Never>

    /// An exchange that is to begin.
    struct Start: Sendable {
        var id: UInt64
        var request: HTTPRequest
        var askedAt: ContinuousClock.Instant
        var answer: Answer
    }

    enum Command: Sendable {
        case start(Start)
        /// Ends the exchange of that id, if it has not ended.
        case cancel(UInt64)
    }

    private struct State {
        var commands: [Command] = []
        var isClosed = false
        var hasEnded = false
        var wakeTarget: WakeTarget?
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Leaves a command for the curl thread; false when the transport is closed.
    func post(_ command: Command) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.commands.append(command)
            // The thread takes all commands at once: one wake-up serves those that pile up until then.
            if state.commands.count == 1 { state.wakeTarget?.wake() }
            return true
        }
    }

    /// Takes no more commands and tells the thread to end.
    func close() {
        state.withLock { state in
            state.isClosed = true
            state.wakeTarget?.wake()
        }
    }

    /// Returns when the thread has ended.
    func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.waitingForEnd.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// For the curl thread: from now on a command wakes `target`.
    func open(_ target: WakeTarget) { state.withLock { $0.wakeTarget = target } }

    /// For the curl thread: all commands since the last call, and whether the transport has been closed.
    func take() -> (commands: [Command], isClosed: Bool) {
        state.withLock { state in
            let commands = state.commands
            state.commands.removeAll(keepingCapacity: true)
            return (commands, state.isClosed)
        }
    }

    /// For the curl thread, before its handle goes: nothing wakes it any more.
    ///
    /// Returns what was left unread.
    func disconnect() -> [Command] {
        state.withLock { state in
            state.isClosed = true
            state.wakeTarget = nil
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// For the curl thread, as its last act.
    func end() {
        let waiting = state.withLock { state in
            state.hasEnded = true
            defer { state.waitingForEnd = [] }
            return state.waitingForEnd
        }
        for continuation in waiting { continuation.resume() }
    }
}

/// The multi handle as other threads may see it: something to wake.
// SAFETY: `curl_multi_wakeup` is the one call of libcurl that any thread may make, and the mailbox makes it under its
// lock and only until the curl thread has taken the target back, before the handle is freed.
struct WakeTarget: @unchecked Sendable {
    private let pointer: UnsafeMutableRawPointer

    init(_ multi: borrowing MultiHandle) { pointer = multi.pointer }

    func wake() {
        // It fails only when the thread can't be woken at all; the thread then looks by itself within a second.
        _ = curl_multi_wakeup(pointer)
    }
}
