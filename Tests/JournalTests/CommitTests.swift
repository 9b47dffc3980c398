import Foundation
import Synchronization
import Testing

@testable import Journal

/// Commits that share a transaction: few flushes, each caller's own result, nothing lost when a task is cancelled.
struct CommitTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func `P5: a thousand callers at once cost a few flushes`() async throws {
        let disk = Disk(watching: scratch.path)
        defer { disk.stop() }
        let journal = try scratch.open()
        let before = journal.transactionCount
        disk.fail(nil)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<1_000 {
                group.addTask { try await journal.commit([.intent(try Sample.intent("int-\(number)", "i-\(number)"))]) }
            }
            try await group.waitForAll()
        }
        #expect(try await journal.unsettledIntents(of: "platform").count == 1_000)
        #expect(journal.transactionCount - before <= 60)
        // Bringing the log into the database flushes too.
        #expect(disk.syncs <= 70)
        #expect(disk.syncs >= 1)
    }

    @Test func `one caller alone costs one flush, and no entries cost none`() async throws {
        let disk = Disk(watching: scratch.path)
        defer { disk.stop() }
        let journal = try scratch.open()
        // The first after opening begins the log, which costs one more.
        try await journal.commit([.source(try Sample.source("edge"))])
        disk.fail(nil)
        try await journal.commit([.source(try Sample.source())])
        #expect(disk.syncs == 1)
        try await journal.commit([])
        #expect(disk.syncs == 1)
    }

    @Test func `P9: conditions that are as they were write nothing`() async throws {
        let disk = Disk(watching: scratch.path)
        defer { disk.stop() }
        let journal = try scratch.open()
        let conditions = try (0..<50).map { try Sample.condition("i-\($0)", "dependency") }
        try await journal.commit([.conditions(source: "platform", conditions)])
        disk.record()
        try await journal.commit([.conditions(source: "platform", conditions)])
        #expect(disk.events == [])
    }

    @Test func `a caller that breaks a rule fails alone`() async throws {
        let journal = try scratch.open()
        let failed = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    var object = try Sample.object("i-\(number)")
                    object.incarnation = number.isMultiple(of: 7) ? 0 : 1
                    do {
                        try await journal.commit([.object(try Sample.object("first-\(number)")), .object(object)])
                        return false
                    } catch let error as JournalError {
                        #expect(error.disposition == .defect)
                        return true
                    }
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(failed == 29)
        #expect(try await journal.objects(of: "platform").count == 2 * (200 - 29))
    }

    @Test func `entries are applied in the order of their caller`() async throws {
        let journal = try scratch.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask {
                    let intent = try Sample.intent("int-\(number)", "i-\(number)")
                    try await journal.commit([.intent(intent), .intent(Sample.closed(intent))])
                }
            }
            try await group.waitForAll()
        }
        #expect(try await journal.unsettledIntents(of: "platform") == [])
    }

    @Test func `commits of one caller are seen in their order by the next read`() async throws {
        let journal = try scratch.open()
        for number in 1...50 {
            var object = try Sample.object()
            object.incarnation = number
            try await journal.commit([.object(object)])
            #expect(try await journal.object(object.identity)?.incarnation == number)
        }
    }

    @Test func `a cancelled caller's commit is finished and reported as it went`() async throws {
        let journal = try scratch.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask { try await journal.commit([.object(try Sample.object("i-\(number)"))]) }
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(try await journal.objects(of: "platform").count == 100)
    }

    @Test func `in synchronous mode a call runs to its end without suspending`() async throws {
        let journal = try Journal.inMemory(synchronous: true)
        let steps = Steps()
        // On one actor, the second call runs between two steps of the first only if the first suspends.
        async let a: Void = Self.work("a", on: journal, noting: steps)
        async let b: Void = Self.work("b", on: journal, noting: steps)
        _ = try await (a, b)
        #expect([["a", "a", "b", "b"], ["b", "b", "a", "a"]].contains(steps.all))
    }

    @MainActor
    private static func work(_ name: String, on journal: Journal, noting steps: Steps) async throws {
        try await journal.commit([.object(try Sample.object(name))])
        steps.add(name)
        _ = try await journal.objects(of: "platform")
        try await journal.prune(now: Sample.now)
        steps.add(name)
    }
}

/// What happened, in its order.
private final class Steps: Sendable {
    private let names = Mutex<[String]>([])
    func add(_ name: String) { names.withLock { $0.append(name) } }
    var all: [String] { names.withLock { $0 } }
}

/// Who leads and who shares, without a database.
struct CommitQueueTests {
    private let caller = CommitQueue.Caller(entries: []) { _ in }

    @Test func `the first leads, the others do not, and the next to come after all are served leads again`() {
        var queue = CommitQueue()
        var leads = [queue.enter(caller), queue.enter(caller)]
        var served = [queue.nextBatch().count]
        leads.append(queue.enter(caller))
        served += [queue.nextBatch().count, queue.nextBatch().count]
        leads.append(queue.enter(caller))
        #expect(leads == [true, false, false, true])
        #expect(served == [2, 1, 0])
    }

    @Test func `a batch is bounded`() {
        var queue = CommitQueue()
        for _ in 0..<CommitQueue.batchMax + 1 { _ = queue.enter(caller) }
        let served = [queue.nextBatch().count, queue.nextBatch().count]
        #expect(served == [CommitQueue.batchMax, 1])
    }
}
