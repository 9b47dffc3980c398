import AkuaModel
import Foundation
import Testing

@testable import Journal

/// R20: the past is bounded, by count and by age, and what is needed is kept whatever the bounds say.
struct RetentionTests {
    private let small = Retention(recordsMax: 10, reconcilesMax: 5, ageMax: 1_000)
    private let hour = 3_600_000

    /// One pass for each time: an object made, rendered and recorded.
    private func record(_ name: String, at times: [Int], in journal: Journal) async throws {
        for time in times {
            let id = "\(name)-\(time)"
            try await journal.commit([
                .object(try Sample.object(name)), .reconcile(Sample.reconcile("rec-\(id)", startedAt: time)),
                .intent(Sample.closed(try Sample.intent("int-\(id)", name, createdAt: time), at: time)),
                .action(try Sample.action("rec-\(id)", 0, name, finishedAt: time)),
                .render(try Sample.render("rnd_\(id)", name, recordedAt: time)),
            ])
        }
    }

    @Test func `by age: what is too old goes, the newest of what lives stays with the reconcile that its action names`()
        async throws
    {
        let scratch = try Scratch()
        let journal = try scratch.open(retention: small)
        try await record("a", at: [1, 2], in: journal)
        try await record("b", at: [3, 2_000], in: journal)
        try await journal.prune(now: 2_500)
        let (a, b) = (try Sample.identity("a"), try Sample.identity("b"))
        #expect(try await journal.intents(of: a, limit: 9).map(\.createdAt) == [2])
        #expect(try await journal.intents(of: b, limit: 9).map(\.createdAt) == [2_000])
        #expect(try await journal.renders(of: a, limit: 9).map(\.recordedAt) == [2])
        #expect(try await journal.actions(of: a, limit: 9).map(\.finishedAt) == [2])
        #expect(try await journal.reconciles(of: nil, limit: 9).map(\.startedAt) == [2_000, 2])
    }

    @Test func `by count: the newest are kept`() async throws {
        let scratch = try Scratch()
        let journal = try scratch.open(retention: small)
        try await record("a", at: Array(1...30), in: journal)
        try await journal.prune(now: 31)
        let identity = try Sample.identity("a")
        #expect(try await journal.intents(of: identity, limit: 99).map(\.createdAt) == Array((21...30).reversed()))
        #expect(try await journal.actions(of: identity, limit: 99).count == 10)
        // Five would do, but an action of each of the ten is still shown.
        #expect(try await journal.reconciles(of: nil, limit: 99).count == 10)
    }

    @Test func `I4: what is unsettled is never dropped, however old`() async throws {
        let scratch = try Scratch()
        let journal = try scratch.open(retention: small)
        let open = try (1...30).map { try Sample.intent("int-\($0)", "a", createdAt: $0) }
        try await journal.commit(open.map(JournalEntry.intent))
        try await journal.prune(now: 1_000_000)
        #expect(try await journal.unsettledIntents(of: "platform") == open)
    }

    @Test func `of what is gone not even the newest is kept for ever`() async throws {
        let scratch = try Scratch()
        let journal = try scratch.open(retention: small)
        try await record("a", at: [1], in: journal)
        var gone = try Sample.object("a")
        gone.life = .gone
        try await journal.commit([.object(gone)])
        try await journal.prune(now: 1_000_000)
        #expect(try await journal.intents(of: gone.identity, limit: 9) == [])
        // Its record stays: the next life's key is made of it.
        #expect(try await journal.object(gone.identity) == gone)
    }

    @Test func `more than one step's worth goes in one call`() async throws {
        let scratch = try Scratch()
        let journal = try scratch.open(retention: small)
        try await journal.commit([.object(try Sample.object("a"))])
        try await journal.commit(
            (1...1_300).map { .intent(Sample.closed(try Sample.intent("int-\($0)", "a", createdAt: $0), at: $0)) })
        try await journal.prune(now: 1_000_000)
        #expect(try await journal.intents(of: Sample.identity("a"), limit: 2_000).map(\.createdAt) == [1_300])
    }

    @Test func `the look for what is old is taken once an hour, also when the clock was set back`() async throws {
        let scratch = try Scratch()
        let journal = try scratch.open(retention: small)
        try await journal.prune(now: hour)
        try await record("a", at: [1, 2], in: journal)
        let identity = try Sample.identity("a")
        try await journal.prune(now: 2 * hour - 1)
        #expect(try await journal.intents(of: identity, limit: 9).count == 2)
        try await journal.prune(now: 2 * hour)
        #expect(try await journal.intents(of: identity, limit: 9).count == 1)
        try await record("a", at: [3], in: journal)
        try await journal.prune(now: 10_000)
        #expect(try await journal.intents(of: identity, limit: 9).map(\.createdAt) == [3])
    }

    @Test func `I11: when an intent is closed its values leave the disk with the next call`() async throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        var intent = try Sample.intent("int-1")
        let canary = "canary-\(UUID().uuidString)"
        intent.write.body = Array((#"{"values":{"a":"\#(canary)"#).utf8) + Array(repeating: 0x20, count: 9_000)
        try await journal.commit([.intent(intent)])
        #expect(try scratch.contains(canary))
        try await journal.commit([.intent(Sample.closed(intent))])
        try await journal.prune(now: Sample.now)
        #expect(try !scratch.contains(canary))
    }

    @Test func `P9: nothing is written when nothing was committed`() async throws {
        let scratch = try Scratch()
        let disk = Disk(watching: scratch.path)
        defer { disk.stop() }
        let journal = try scratch.open()
        try await journal.commit([.source(try Sample.source())])
        try await journal.prune(now: 0)
        disk.record()
        for minute in 1..<130 {
            try await journal.commit([.conditions(source: "platform", [])])
            try await journal.prune(now: minute * 60_000)
        }
        #expect(disk.events == [])
    }

    @Test func `R20: a journal that is full of its past stays below 64 MiB, and gives room back`() async throws {
        // A tenth of what is kept must fit in a tenth of the room.
        let standard = Retention.standard
        let tenth = Retention(
            recordsMax: standard.recordsMax / 10, reconcilesMax: standard.reconcilesMax / 10, ageMax: standard.ageMax)
        let scratch = try Scratch()
        let journal = try scratch.open(retention: tenth)
        for first in stride(from: 0, to: 2 * tenth.recordsMax, by: 50) {
            try await journal.commit(
                try (first..<first + 50).flatMap { number -> [JournalEntry] in
                    let (id, name) = ("\(number)", "install-of-a-long-name-\(number % 1_000)")
                    return [
                        .object(try Sample.object(name)), .reconcile(Sample.reconcile("rec-\(id)", startedAt: number)),
                        .intent(Sample.closed(try Sample.intent("int-\(id)", name, createdAt: number), at: number)),
                        .action(try Sample.action("rec-\(id)", 0, name, finishedAt: number)),
                        .render(try Sample.render("rnd_\(id)", name, recordedAt: number)),
                    ]
                })
        }
        try await journal.prune(now: 2 * tenth.recordsMax)
        #expect(try scratch.bytes("journal.sqlite").count < 64 << 20 / 10)
        #expect(try scratch.bytes("journal.sqlite-wal").isEmpty)
        #expect(try await journal.reconciles(of: nil, limit: 9_999).count == tenth.recordsMax)
    }

    @Test func `room that a burst took is given back`() async throws {
        let scratch = try Scratch()
        let journal = try scratch.open()
        var intents = try (0..<100).map { try Sample.intent("int-\($0)", "i-\($0)") }
        for position in intents.indices { intents[position].write.body = [UInt8](repeating: 0x20, count: 100_000) }
        try await journal.commit(intents.map(JournalEntry.intent))
        try await journal.commit(intents.map { .intent(Sample.closed($0)) })
        #expect(try scratch.bytes("journal.sqlite").count > 8 << 20)
        try await journal.prune(now: Sample.now)
        #expect(try scratch.bytes("journal.sqlite").count < 1 << 20)
    }
}

extension Scratch {
    /// Whether any file holds the text.
    fileprivate func contains(_ text: String) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: path).contains { name in
            try Data(bytes(name)).range(of: Data(text.utf8)) != nil
        }
    }
}
