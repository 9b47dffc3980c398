import CurlTransport
import Synchronization
import TestSupport
import Testing

@testable import AkuaAPI

@Suite struct PacingTests {
    @Test(arguments: [(1, 200), (2, 400), (3, 800), (8, 25_600), (9, 30_000), (100, 30_000), (Int.max, 30_000)])
    func `a delay is drawn from the whole range below a bound that doubles up to a maximum`(
        _ attempt: Int, _ bound: Int
    ) {
        let policy = RetryPolicy()
        #expect(policy.delay(afterAttempt: attempt, fraction: 0) == .zero)
        #expect(policy.delay(afterAttempt: attempt, fraction: 0.5) == .milliseconds(bound) * 0.5)
        #expect(policy.delay(afterAttempt: attempt, fraction: 0.999) < .milliseconds(bound))
    }

    @Test(arguments: [
        ("0", 0), ("7", 7), ("007", 7), ("3600", 3_600), ("Sun, 09 Sep 2001 01:46:50 GMT", 10),
        ("Sunday, 09-Sep-01 01:46:50 GMT", 10), ("Sun Sep  9 01:46:50 2001", 10), ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
    ])
    func `Retry-After is read in seconds and as a date`(_ text: String, _ seconds: Int) {
        #expect(RetryAfter.delay(text, wallSeconds: VirtualTime.wallSeconds) == .seconds(seconds))
    }

    @Test(arguments: ["", " ", "soon", "-1", "+5", "1.5", "3601", "1734567890", "99999999999999999999999", "7 s", "٧"])
    func `Retry-After that makes no sense is none`(_ text: String) {
        #expect(RetryAfter.delay(text, wallSeconds: VirtualTime.wallSeconds) == nil)
    }

    @Test func `R16: delays are spread evenly over their whole range`() throws {
        let configuration = AkuaClient.Configuration(
            baseURL: try BaseURL("https://h"), token: { Secret("x") }, version: "1")
        let client = AkuaClient(configuration, transport: HTTPTransport())
        // Kolmogorov and Smirnov's distance; even delays go beyond it once in five million runs.
        let bound = Duration.milliseconds(800)
        let delays = (0..<1_000).map { _ in
            client.options.retry.delay(afterAttempt: 3, fraction: client.scope.fraction()) / bound
        }.sorted()
        let distance = delays.enumerated().map { position, delay in abs(delay - (Double(position) + 0.5) / 1_000) }
        #expect((distance.max() ?? 1) < 0.09)
    }

    @Test func `the budget gives its reserve, then one retry for ten good answers, and never saves up more`() {
        var budget = RetryBudget()
        for _ in 0..<1_000 { budget.earn() }
        func spendAll() -> Int {
            var count = 0
            while budget.spend() { count += 1 }
            return count
        }
        #expect(spendAll() == RetryBudget.reserve)
        for _ in 0..<9 { budget.earn() }
        #expect(spendAll() == 0)
        budget.earn()
        #expect(spendAll() == 1)
        for _ in 0..<55 { budget.earn() }
        #expect(spendAll() == 5)
    }

    @Test func `the limit doubles with each good round, up to its maximum`() {
        var limit = ConcurrencyLimit(maximum: 20)
        var rounds: [Int] = []
        for _ in 0..<5 {
            var permits: [ConcurrencyLimit.Permit] = []
            while let permit = limit.admit() { permits.append(permit) }
            rounds.append(permits.count)
            for permit in permits { limit.finish(permit, .good) }
        }
        #expect(rounds == [4, 8, 16, 20, 20])
        #expect(limit.inFlight == 0)
    }

    @Test func `overload halves the limit once for all that were on their way, and never below one`() {
        var limit = ConcurrencyLimit(maximum: 16, start: 16)
        func round(_ sign: ConcurrencyLimit.Sign) -> Int {
            var permits: [ConcurrencyLimit.Permit] = []
            while let permit = limit.admit() { permits.append(permit) }
            for permit in permits { limit.finish(permit, sign) }
            return permits.count
        }
        #expect(
            [round(.overload), round(.overload), round(.overload), round(.overload), round(.overload)] == [
                16, 8, 4, 2, 1,
            ])
        #expect([round(.overload), round(.none), round(.good), round(.good)] == [1, 1, 1, 2])
        #expect(limit.current == 4)
    }

    @Test func `good answers to requests of before the halving do not raise the limit again`() throws {
        var limit = ConcurrencyLimit(maximum: 16, start: 8)
        let permits = (0..<8).compactMap { _ in limit.admit() }
        limit.finish(permits[0], .overload)
        for permit in permits.dropFirst() { limit.finish(permit, .good) }
        #expect(limit.current == 4)
        let permit = limit.admit()
        limit.finish(try #require(permit), .good)
        #expect(limit.current == 5)
    }

    @Test(arguments: [(0, 1), (-5, 1), (1, 1), (3, 3), (100, 4)])
    func `a limit starts between one and its maximum`(_ maximum: Int, _ start: Int) {
        #expect(ConcurrencyLimit(maximum: maximum).current == start)
    }

    private func gate(_ time: VirtualTime = VirtualTime(), maximum: Int = 2) -> Gate {
        Gate(workMax: maximum, longPollMax: 2, time: time.source)
    }

    private final class Order: Sendable {
        let numbers = Mutex<[Int]>([])
    }

    @Test func `who came first goes first`() async throws {
        let gate = gate(maximum: 1)
        let order = Order()
        let first = try await gate.enter(.work, patience: .seconds(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask {
                    let permit = try await gate.enter(.work, patience: .seconds(1))
                    order.numbers.withLock { $0.append(number) }
                    gate.leave(permit, .good)
                }
                // Each stands in line before the next one comes.
                try await wait(for: "number \(number) in line") { gate.waiting(in: .work) == number + 1 }
            }
            gate.leave(first, .good)
            try await group.waitForAll()
        }
        #expect(order.numbers.withLock { $0 } == Array(0..<50))
    }

    @Test func `who is cancelled in line leaves no gap, and a place is never lost`() async throws {
        let gate = gate(maximum: 2)
        let held = [try await gate.enter(.work, patience: .zero), try await gate.enter(.work, patience: .zero)]
        let tasks = (0..<100).map { number in
            Task {
                do throws(Gate.Refusal) {
                    let permit = try await gate.enter(.work, patience: .zero)
                    await Task.yield()
                    gate.leave(permit, .none)
                    return true
                } catch {
                    #expect(error == .cancelled)
                    return false
                }
            }
        }
        try await wait(for: "a hundred in line") { gate.waiting(in: .work) == 100 }
        for (number, task) in tasks.enumerated() where number.isMultiple(of: 3) { task.cancel() }
        for permit in held { gate.leave(permit, .none) }
        var entered = 0
        for task in tasks where await task.value { entered += 1 }
        #expect(entered >= 66)
        // Both places are free again.
        let last = [try await gate.enter(.work, patience: .zero), try await gate.enter(.work, patience: .zero)]
        #expect(last.count == 2)
    }

    @Test func `a pause holds everybody in both lanes, and the longest of several counts`() async throws {
        let time = VirtualTime()
        let gate = gate(time)
        gate.pause(until: time.now + .seconds(10))
        gate.pause(until: time.now + .seconds(5))
        let refusal = await #expect(throws: Gate.Refusal.self) {
            try await gate.enter(.longPoll, patience: .seconds(9))
        }
        #expect(refusal == .paused(left: .seconds(10)))
        let work = try await gate.enter(.work, patience: .seconds(10))
        #expect(time.sleeps == [.seconds(10)])
        gate.leave(work, .good)
        _ = try await gate.enter(.longPoll, patience: .zero)
        #expect(time.sleeps.count == 1)
    }

    @Test func `a cancelled pause gives its place back`() async throws {
        // The real clock, whose sleep ends when its task is cancelled: nobody waits for that hour.
        let gate = Gate(
            workMax: 1, longPollMax: 1,
            time: TimeSource(
                now: { .now }, wallSeconds: { 0 }, sleep: { try await Task.sleep(until: $0, clock: .continuous) }))
        gate.pause(until: .now + .seconds(3_600))
        let task = Task {
            await #expect(throws: Gate.Refusal.self) { try await gate.enter(.work, patience: .seconds(7_200)) }
        }
        try await wait(for: "the pause") { gate.inFlight(in: .work) == 1 }
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(gate.inFlight(in: .work) == 0)
    }
}
