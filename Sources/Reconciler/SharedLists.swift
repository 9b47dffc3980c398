import AkuaAPI
import Planning
import Synchronization

/// Lists of a workspace that several sources plan with at the same time: read once for all of them (P10).
///
/// A plan takes part in a reading that began after it did, so that what it decides on was read in its own pass (I3).
/// Whoever asks first reads, with its own deadlines and retries; the others wait for that, and share a failure too. One that
/// is cancelled leaves the reading to another.
package final class SharedLists: Sendable {
    private typealias Answer = Result<any Sendable, APIError>

    private enum Ending: Sendable {
        case answered(Answer)
        /// Who read has been cancelled.
        case abandoned
        /// Who waited has been cancelled.
        case cancelled
    }

    private struct Reading {
        let need: Need
        var answer: Answer?
        var waiting: [Int: CheckedContinuation<Ending, Never>] = [:]
    }

    private enum Step { case known(Answer), read(Int), wait(Int) }

    private struct State {
        /// By when they began; those that have ended are kept for as long as somebody plans.
        var readings: [Int: Reading] = [:]
        /// The last reading to begin for each need.
        var newest: [Need: Int] = [:]
        var readerCount = 0
        /// Rises with everything that begins: later is more.
        private var clock = 0

        mutating func tick() -> Int {
            clock += 1
            return clock
        }

        mutating func step(_ need: Need, since begunAt: Int) -> Step {
            if let number = newest[need], number > begunAt, let reading = readings[number] {
                return reading.answer.map(Step.known) ?? .wait(number)
            }
            let number = tick()
            // One that is still read is some earlier reader's; one that has ended is nobody's any more.
            if let old = newest[need], readings[old]?.answer != nil { readings[old] = nil }
            readings[number] = Reading(need: need)
            newest[need] = number
            return .read(number)
        }
    }
    private let state = Mutex(State())

    package init() {}

    /// Begins one plan's reading: it sees nothing that began to be read before.
    func reader() -> Reader {
        let begunAt = state.withLock { state in
            state.readerCount += 1
            return state.tick()
        }
        return Reader(self, begunAt: begunAt)
    }

    /// How many wait for what another reads.
    var waitingCount: Int { state.withLock { $0.readings.values.reduce(0) { $0 + $1.waiting.count } } }

    /// What one plan reads.
    final class Reader: Sendable {
        private let lists: SharedLists
        private let begunAt: Int
        private let nextWaiter = Atomic(0)

        fileprivate init(_ lists: SharedLists, begunAt: Int) {
            self.lists = lists
            self.begunAt = begunAt
        }

        deinit { lists.end() }

        /// What `read` answers, or answered another plan that met the same need since this one began.
        func read<Value: Sendable>(
            _ need: Need, _ read: () async throws(APIError) -> Value
        ) async throws(APIError) -> Value {
            while true {
                switch lists.state.withLock({ $0.step(need, since: begunAt) }) {
                case .known(let answer): return try Self.value(answer)
                case .read(let number):
                    let result: Result<Value, APIError>
                    do throws(APIError) { result = .success(try await read()) } catch { result = .failure(error) }
                    lists.finish(number, result.map { $0 as any Sendable })
                    return try result.get()
                case .wait(let number):
                    let waiter = nextWaiter.wrappingAdd(1, ordering: .relaxed).newValue
                    switch await lists.wait(for: number, as: begunAt << 32 | waiter) {
                    case .answered(let answer): return try Self.value(answer)
                    case .abandoned: continue
                    case .cancelled:
                        throw APIError(cause: .cancelled, call: "\(need)", mayHaveTakenEffect: false)
                    }
                }
            }
        }

        private static func value<Value>(_ answer: Answer) throws(APIError) -> Value {
            guard let value = try answer.get() as? Value else {
                preconditionFailure("a need is always met by the same kind of value")
            }
            return value
        }
    }

    private func wait(for number: Int, as waiter: Int) async -> Ending {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ending = state.withLock { state -> Ending? in
                    guard let reading = state.readings[number] else { return .abandoned }
                    if let answer = reading.answer { return .answered(answer) }
                    state.readings[number]?.waiting[waiter] = continuation
                    return nil
                }
                if let ending { continuation.resume(returning: ending) }
                // A cancellation that came before has found nobody to send away.
                if ending == nil, Task.isCancelled { sendAway(waiter, from: number) }
            }
        } onCancel: {
            sendAway(waiter, from: number)
        }
    }

    private func sendAway(_ waiter: Int, from number: Int) {
        state.withLock { $0.readings[number]?.waiting.removeValue(forKey: waiter) }?.resume(returning: .cancelled)
    }

    private func finish(_ number: Int, _ answer: Answer) {
        let isAbandoned = if case .failure(let error) = answer { error.disposition == .cancelled } else { false }
        let waiting = state.withLock { state -> [CheckedContinuation<Ending, Never>] in
            guard let reading = state.readings[number] else { return [] }
            let isNewest = state.newest[reading.need] == number
            if isAbandoned || !isNewest {
                state.readings[number] = nil
                if isNewest { state.newest[reading.need] = nil }
            } else {
                state.readings[number]?.answer = answer
                state.readings[number]?.waiting = [:]
            }
            return Array(reading.waiting.values)
        }
        for continuation in waiting { continuation.resume(returning: isAbandoned ? .abandoned : .answered(answer)) }
    }

    /// What was read is let go of with the last plan; whoever reads or waits is one.
    private func end() {
        state.withLock { state in
            state.readerCount -= 1
            guard state.readerCount == 0 else { return }
            state.readings = [:]
            state.newest = [:]
        }
    }
}
