import Foundation
import Glibc
import Journal
import Testing

/// The figures of docs/decisions, printed. They mean something in a release build on a machine that does nothing else:
///
///     AKUA_GITOPS_FIGURES=1 swift test -c release -Xswiftc -enable-testing --filter JournalFigures
@Suite(
    .serialized,
    .enabled(
        if: ProcessInfo.processInfo.environment["AKUA_GITOPS_FIGURES"] != nil,
        "figures to look at, no checks: set AKUA_GITOPS_FIGURES"))
struct JournalFigures {
    let scratch: Scratch
    let clock = ContinuousClock()

    init() throws { scratch = try Scratch() }

    private func report(_ name: String, _ value: Any) { print("figure: \(name): \(value)") }

    /// Wall time and time on the processor, of all threads.
    private func measure(_ name: String, _ work: () async throws -> Void) async throws {
        let before = processorTime
        let time = try await clock.measure(work)
        report(name, "\(time), of it on the processor \(processorTime - before)")
    }

    private var processorTime: Duration { .microseconds(Glibc.clock()) }

    @Test func `commits one after another`() async throws {
        let journal = try scratch.open()
        var times: [Duration] = []
        for number in 0..<1_000 {
            let entry = JournalEntry.intent(try Sample.intent("int-\(number)", "i-\(number)"))
            times.append(try await clock.measure { try await journal.commit([entry]) })
        }
        times.sort()
        report("one intent, durable, p50", times[500])
        report("one intent, durable, p99", times[990])
    }

    @Test(arguments: [16, 64, 1_000])
    func `a thousand intents`(inFlight: Int) async throws {
        let journal = try scratch.open()
        let before = journal.transactionCount
        let entries = try (0..<1_000).map { JournalEntry.intent(try Sample.intent("int-\($0)", "i-\($0)")) }
        let time = try await clock.measure {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (position, entry) in entries.enumerated() {
                    if position >= inFlight { try await group.next() }
                    group.addTask { try await journal.commit([entry]) }
                }
                try await group.waitForAll()
            }
        }
        report("1,000 intents, \(inFlight) in flight", "\(time), \(journal.transactionCount - before) transactions")
    }

    @Test func `ten thousand objects`() async throws {
        let journal = try scratch.open()
        for chunk in 0..<10 {
            try await journal.commit(
                try (chunk * 1_000..<(chunk + 1) * 1_000).flatMap { number -> [JournalEntry] in
                    let (id, name) = ("\(number)", "install-\(number)")
                    return [
                        .object(try Sample.object(name)), .reconcile(Sample.reconcile("rec-\(number / 10)")),
                        .intent(Sample.closed(try Sample.intent("int-\(id)", name))),
                        .action(try Sample.action("rec-\(number / 10)", number % 10, name)),
                        .render(try Sample.render("rnd_\(id)", name)),
                    ]
                })
        }
        try await journal.prune(now: Sample.now)
        report("size with as many intents, actions and renders, MiB", try scratch.bytes("journal.sqlite").count >> 20)
        let before = residentKiB
        for _ in 0..<5 {
            try await measure("reading 10,000 objects") {
                let count = try await journal.objects(of: "platform").count
                #expect(count == 10_000)
            }
        }
        report("resident after reading, grown by KiB", residentKiB - before)
        journal.close()
        for _ in 0..<3 {
            try await measure("opening with every page and row proven") { try scratch.open().close() }
            try await measure("opening for reading, likewise") {
                _ = try Journal.openReadOnly(directory: scratch.path)
            }
        }
    }

    @Test func `a journal in memory`() async throws {
        try await measure("opening a hundred in memory") {
            for _ in 0..<100 { _ = try Journal.inMemory(synchronous: true) }
        }
    }

    private var residentKiB: Int {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
        return (fields.flatMap { Int($0[1]) } ?? 0) * 4
    }
}
