import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing

@testable import Journal

/// R12: whatever becomes of the files, the journal opens; what it then says is what was written, or it says that
/// something is missing.
struct DamageTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A journal with something in every table, closed in good order, and what it answers.
    private func write(objects: Int = 40) async throws -> Content {
        let journal = try scratch.open()
        try await Self.fill(journal, objects: objects)
        let content = try await Content(of: journal)
        journal.close()
        return content
    }

    static func fill(_ journal: Journal, objects: Int) async throws {
        var source = try Sample.source()
        source.isInventoryComplete = true
        source.operationsSeen = try Sample.id("op_9")
        try await journal.commit([.source(source), .reconcile(Sample.reconcile("rec-1"))])
        for number in 0..<objects {
            let name = "install-\(number)"
            let intent = try Sample.intent("int-\(number)", name)
            try await journal.commit([
                .object(try Sample.object(name)), .intent(number.isMultiple(of: 8) ? intent : Sample.closed(intent)),
                .action(try Sample.action("rec-1", number, name)), .render(try Sample.render("rnd_\(number)", name)),
            ])
        }
        try await journal.commit([
            .conditions(source: "platform", [try Sample.condition("install-0", "dependency")]),
            .allowance(AllowanceRecord(source: "platform", digest: Sample.digest, allowedAt: 1)),
            // Every table has a row: an empty page in the place of another can't be told from that one when it is empty.
            .life(LifeRecord(source: "platform", identityPart: "a", resourceID: "inst_1")),
            .suspension(SuspensionRecord(source: "platform", reason: "the fair", since: 1, until: nil)),
            .planning(
                StoredPlanning(
                    reconcile: "rec-1", source: "platform", recordedAt: 1, digest: Sample.digest, input: [1, 2, 3])),
        ])
    }

    /// All that the journal answers to the one who plans by it.
    struct Content: Equatable {
        var sources: [SourceRecord]
        var objects: [ObjectRecord]
        var intents: [IntentRecord]
        var reconciles: [ReconcileRecord]
        var actions: [ActionRecord]
        var renders: [RenderRecord]
        var conditions: [ConditionRecord]
        var allowances: [AllowanceRecord]
        var lives: [LifeRecord]
        var suspension: SuspensionRecord?
        var planning: StoredPlanning?

        init(of journal: Journal) async throws {
            sources = try await journal.sources()
            objects = try await journal.objects(of: "platform")
            intents = try await journal.unsettledIntents(of: "platform")
            reconciles = try await journal.reconciles(of: nil, limit: 100)
            actions = try await journal.actions(of: "rec-1")
            renders = []
            for object in objects { renders += try await journal.renders(of: object.identity, limit: 10) }
            conditions = try await journal.conditions(of: "platform")
            allowances = try await journal.allowances(of: "platform")
            lives = try await journal.lives(of: "platform")
            suspension = try await journal.suspension(of: "platform")
            planning = try await journal.planning(of: "rec-1")
        }
    }

    /// Opens what became of the files and holds it against what was in them; answers whether it was moved aside.
    private static func open(_ damaged: Scratch, expecting content: Content, _ comment: Comment) async throws -> Bool {
        let opened = try Journal.open(directory: damaged.path, now: Sample.now)
        guard let replaced = opened.replaced else {
            #expect(try await Content(of: opened.journal) == content, comment)
            return false
        }
        #expect(FileManager.default.fileExists(atPath: replaced.path), comment)
        #expect(!replaced.reason.isEmpty, comment)
        let integrity = try opened.journal.store.readNow { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
        #expect(integrity == ["ok"], comment)
        #expect(try await opened.journal.sources() == [], comment)
        try await opened.journal.commit([.object(try Sample.object("next"))])
        return true
    }

    @Test func `a journal truncated at any page is moved aside, and at none is empty or whole`() async throws {
        let content = try await write()
        let whole = try scratch.bytes("journal.sqlite")
        let moved = Atomic(0)
        let sizes = Array(stride(from: 0, through: whole.count, by: 4_096))
        try await sideBySide(sizes) { size in
            let damaged = try Scratch()
            try damaged.write(Array(whole.prefix(size)), to: "journal.sqlite")
            if size == 0 {
                _ = try damaged.open()
            } else if try await Self.open(damaged, expecting: content, "truncated to \(size)") {
                moved.add(1, ordering: .relaxed)
            }
        }
        #expect(moved.load(ordering: .relaxed) == whole.count / 4_096 - 1)
    }

    @Test(arguments: 0..<12)
    func `a flipped byte is found, or changes nothing that is answered`(_ seed: Int) async throws {
        let content = try await write(objects: 12)
        let whole = try scratch.bytes("journal.sqlite")
        let flips = Flip.random(50, in: whole.count, seed: seed)
        try await sideBySide(flips.indices) { number in
            let damaged = try Scratch()
            let comment: Comment = "seed \(seed), \(flips[number])"
            try damaged.write(flips[number].applied(to: whole), to: "journal.sqlite")
            do {
                let journal = try #require(try Journal.openReadOnly(directory: damaged.path))
                #expect(try await Content(of: journal) == content, comment)
            } catch let error as JournalError {
                #expect(error.disposition == .restart, comment)
            }
            if number.isMultiple(of: 10) { _ = try await Self.open(damaged, expecting: content, comment) }
        }
    }

    @Test func `every byte of the first page flipped is found, or changes nothing that is answered`() async throws {
        let content = try await write(objects: 2)
        let whole = try scratch.bytes("journal.sqlite")
        try await sideBySide(0..<128) { offset in
            let damaged = try Scratch()
            try damaged.write(Flip(offset: offset, mask: 0xFF).applied(to: whole), to: "journal.sqlite")
            _ = try await Self.open(damaged, expecting: content, "byte \(offset)")
        }
    }

    @Test func `pages that were lost, swapped or zeroed are found`() async throws {
        let content = try await write()
        let whole = try scratch.bytes("journal.sqlite")
        let pages = whole.count / 4_096
        var random = Seed(1)
        for page in 1..<pages {
            let damaged = try Scratch()
            var bytes = whole
            let other = (page + Int.random(in: 1..<pages - 1, using: &random)) % pages
            for offset in 0..<4_096 {
                bytes[page * 4_096 + offset] = page.isMultiple(of: 2) ? 0 : whole[other * 4_096 + offset]
            }
            try damaged.write(bytes, to: "journal.sqlite")
            _ = try await Self.open(damaged, expecting: content, "page \(page)")
        }
    }

    @Test func `a file that is no journal is moved aside with all that SQLite keeps beside it`() async throws {
        try scratch.write(Array("not a database, but long enough to be looked at".utf8), to: "journal.sqlite")
        let opened = try Journal.open(directory: scratch.path, now: Sample.now)
        let replaced = try #require(opened.replaced)
        #expect(replaced.path == scratch.database + ".damaged-20261121T120000Z")
        #expect(try Data(contentsOf: URL(fileURLWithPath: replaced.path)).starts(with: Array("not a database".utf8)))
        #expect(!opened.hasLostCommits)
    }

    @Test func `only the newest damaged journals are kept`() async throws {
        for number in 0..<6 {
            try scratch.write(Array(repeating: 0x20, count: 64), to: "journal.sqlite")
            let opened = try Journal.open(directory: scratch.path, now: Sample.now + number / 2 * 1_000)
            #expect(opened.replaced != nil)
            opened.journal.close()
        }
        let kept = try FileManager.default.contentsOfDirectory(atPath: scratch.path).filter {
            $0.contains("damaged") && !$0.hasSuffix("-wal")
        }
        #expect(
            kept.sorted() == [
                "journal.sqlite.damaged-20261121T120001Z-2", "journal.sqlite.damaged-20261121T120002Z",
                "journal.sqlite.damaged-20261121T120002Z-2",
            ])
    }

    @Test func `another program's database is moved aside, not added to`() async throws {
        let database = try DatabaseQueue(path: scratch.database)
        try await database.write { try $0.execute(sql: "CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)") }
        try database.close()
        let opened = try Journal.open(directory: scratch.path, now: Sample.now)
        #expect(opened.replaced?.reason == "the tables are not those of schema 0")
    }

    @Test func `a row that was edited is found by its checksum`() async throws {
        _ = try await write(objects: 3)
        let database = try DatabaseQueue(path: scratch.database)
        try await database.write {
            try $0.execute(sql: "UPDATE objects SET resource_id = 'inst_9' WHERE name = 'install-1'")
        }
        try database.close()
        #expect(throws: JournalError.self) { try Journal.openReadOnly(directory: scratch.path) }
        let opened = try Journal.open(directory: scratch.path, now: Sample.now)
        #expect(opened.replaced?.reason == "a row of objects is not as it was written")
    }
}

/// A byte that is another than it was written.
private struct Flip: Sendable, CustomStringConvertible {
    var offset: Int
    /// The bits that are turned.
    var mask: UInt8

    var description: String { "byte \(offset) ^ \(mask)" }

    static func random(_ count: Int, in size: Int, seed: Int) -> [Flip] {
        var random = Seed(seed)
        return (0..<count).map { _ in
            Flip(offset: Int.random(in: 0..<size, using: &random), mask: UInt8.random(in: 1...255, using: &random))
        }
    }

    func applied(to bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        bytes[offset] ^= mask
        return bytes
    }
}

/// The write-ahead log holds the newest commits; SQLite drops what does not add up in it without a word.
struct LostLogTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A journal as a killed daemon leaves it: eight objects in the database, eight more in the log alone.
    private func killed() async throws -> Scratch {
        let journal = try scratch.open()
        try await DamageTests.fill(journal, objects: 8)
        try await journal.prune(now: Sample.now)
        for number in 8..<16 { try await journal.commit([.object(try Sample.object("install-\(number)"))]) }
        return try scratch.crashed()
    }

    @Test func `a kill loses nothing and is no alarm`() async throws {
        let crashed = try await killed()
        let journal = try crashed.open()
        #expect(try await journal.objects(of: "platform").count == 16)
        #expect(try await journal.source("platform")?.isInventoryComplete == true)
    }

    @Test func `a deleted log is said, and every inventory is looked for again`() async throws {
        let crashed = try await killed()
        try FileManager.default.removeItem(atPath: crashed.database + "-wal")
        let opened = try Journal.open(directory: crashed.path, now: Sample.now)
        #expect(opened.hasLostCommits)
        #expect(opened.replaced == nil)
        #expect(try await opened.journal.objects(of: "platform").count == 8)
        let source = try #require(try await opened.journal.source("platform"))
        #expect(!source.isInventoryComplete)
        #expect(source.operationsSeen == nil)
        opened.journal.close()
        // Said once: what was to be done about it is in the journal.
        _ = try crashed.open()
    }

    @Test func `a log cut off between two frames can't be told from the state before, and is whole`() async throws {
        let crashed = try await killed()
        let log = try crashed.bytes("journal.sqlite-wal")
        let frame = 24 + 4_096
        try crashed.write(Array(log.prefix(32 + (log.count - 32) / frame / 2 * frame)), to: "journal.sqlite-wal")
        let journal = try crashed.open()
        #expect((8..<16).contains(try await journal.objects(of: "platform").count))
    }

    @Test(arguments: 0..<10)
    func `a flipped byte in the log is said when it lost a commit`(_ seed: Int) async throws {
        let crashed = try await killed()
        let log = try crashed.bytes("journal.sqlite-wal")
        try await sideBySide(Flip.random(30, in: log.count, seed: seed)) { flip in
            let damaged = try crashed.crashed()
            try damaged.write(flip.applied(to: log), to: "journal.sqlite-wal")
            let opened = try Journal.open(directory: damaged.path, now: Sample.now)
            #expect(opened.replaced == nil)
            let count = try await opened.journal.objects(of: "platform").count
            #expect(opened.hasLostCommits || count == 16, "seed \(seed), \(flip)")
        }
    }

    @Test func `a torn header of the log is said`() async throws {
        let crashed = try await killed()
        var log = try crashed.bytes("journal.sqlite-wal")
        log.replaceSubrange(0..<16, with: Array(repeating: 0, count: 16))
        try crashed.write(log, to: "journal.sqlite-wal")
        #expect(try Journal.open(directory: crashed.path, now: Sample.now).hasLostCommits)
    }

    @Test func `what a kill left of an unfinished commit is no alarm after the next kill`() async throws {
        let journal = try scratch.open()
        try await journal.commit([.object(try Sample.object("first"))])
        let names = (0..<60).map { "install-\($0)" }
        try await journal.commit(try names.map { .object(try Sample.object($0)) })
        let killed = try scratch.crashed()
        let log = try killed.bytes("journal.sqlite-wal")
        // Without its last frame, which says that it is one, the long commit is none.
        try killed.write(Array(log.dropLast(24 + 4_096)), to: "journal.sqlite-wal")
        let next = try killed.open()
        #expect(try await next.objects(of: "platform").count == 1)
        try await next.commit([.object(try Sample.object("second"))])
        let killedAgain = try killed.crashed()
        let opened = try Journal.open(directory: killedAgain.path, now: Sample.now)
        #expect(!opened.hasLostCommits)
        #expect(try await opened.journal.objects(of: "platform").count == 2)
    }

    /// The second kill comes before the opening has begun the log anew: GRDB writes to it first.
    @Test func `what a kill left of an unfinished commit is gone before anything is written over it`() async throws {
        let journal = try scratch.open()
        // With its last frame gone, the only commit of the log is none.
        _ = try journal.store.writeNowWithoutTransaction { try $0.checkpoint(.truncate) }
        try await journal.commit(try (0..<60).map { .object(try Sample.object("install-\($0)")) })
        let killed = try scratch.crashed()
        try killed.write(Array(try killed.bytes("journal.sqlite-wal").dropLast(24 + 4_096)), to: "journal.sqlite-wal")
        let log = killed.database + "-wal"
        let disk = Disk(watching: killed.path)
        defer { disk.stop() }
        let sizes = Mutex<[UInt64?]>([])
        disk.fail { call, file, _ in
            guard call == .write, log.hasSuffix(file) else { return nil }
            let attributes = try? FileManager.default.attributesOfItem(atPath: log)
            sizes.withLock { $0.append(attributes?[.size] as? UInt64) }
            return nil
        }
        #expect(try await killed.open().objects(of: "platform").isEmpty)
        #expect(sizes.withLock { $0.first } == 0)
    }

    @Test func `frames that an earlier generation left behind are no alarm`() async throws {
        let journal = try scratch.open()
        for number in 0..<60 { try await journal.commit([.object(try Sample.object("install-\(number)"))]) }
        // Not truncated: the log is written from its beginning again, and keeps old frames behind the new ones.
        _ = try journal.store.writeNowWithoutTransaction { try $0.checkpoint(.restart) }
        try await journal.commit([.object(try Sample.object("last"))])
        let crashed = try scratch.crashed()
        #expect(try crashed.bytes("journal.sqlite-wal").count > 20 * 4_096)
        #expect(try await crashed.open().objects(of: "platform").count == 61)
    }
}
