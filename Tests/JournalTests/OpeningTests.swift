import Foundation
import GRDB
import TestSupport
import Testing

@testable import Journal

/// Opening: a directory of our own, one writer, full durability, and no journal used that is not what was written.
struct OpeningTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func `the directory is made for its owner alone, and so are the files`() async throws {
        let path = scratch.path + "/var/lib/akua-gitops"
        let journal = try Journal.open(directory: path, now: Sample.now).journal
        try await journal.commit([.source(try Sample.source())])
        #expect(try mode(path) == 0o700)
        for name in ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"] {
            #expect(try mode("\(path)/\(name)") == 0o600, "\(name)")
        }
    }

    @Test func `an empty directory that others may read is narrowed`() throws {
        try chmod(0o755)
        _ = try scratch.open()
        #expect(try mode(scratch.path) == 0o700)
    }

    @Test func `a journal's own directory is narrowed again`() throws {
        try scratch.open().close()
        try chmod(0o750)
        _ = try scratch.open()
        #expect(try mode(scratch.path) == 0o700)
    }

    @Test func `a directory that others may read and use is refused, not taken from them`() throws {
        try scratch.write([], to: "theirs.txt")
        try chmod(0o755)
        let error = #expect(throws: JournalError.self) { try Journal.open(directory: scratch.path, now: 0) }
        #expect(error?.cause == .directoryShared(mode: 0o755))
        #expect(error?.disposition == .configuration)
        #expect(try mode(scratch.path) == 0o755)
    }

    @Test func `every commit is flushed: synchronous is FULL on the connection that writes, after opening`() throws {
        let journal = try scratch.open()
        let pragmas = try journal.store.writeNowWithoutTransaction { db in
            try ["synchronous", "journal_mode", "foreign_keys", "secure_delete", "auto_vacuum"].map {
                try String.fetchOne(db, sql: "PRAGMA \($0)")
            }
        }
        #expect(pragmas == ["2", "wal", "1", "1", "2"])
    }

    @Test func `what was committed is there after closing and opening again`() async throws {
        let first = try scratch.open()
        try await first.commit([.source(try Sample.source()), .intent(try Sample.intent("int-1"))])
        first.close()
        let second = try scratch.open()
        #expect(try await second.sources() == [try Sample.source()])
        #expect(try await second.unsettledIntents(of: "platform") == [try Sample.intent("int-1")])
    }

    @Test func `soon after the last reference goes, another may open the journal and finds everything`() async throws {
        try await scratch.open().commit([.source(try Sample.source())])
        // Its own release ends with the lock, after the file's last change: only who gets the lock knows.
        var next: Journal?
        try await wait(for: "the lock's release") {
            do {
                next = try scratch.open()
                return true
            } catch let error as JournalError where error.disposition == .inUse {
                return false
            }
        }
        #expect(try await next?.sources() == [try Sample.source()])
    }

    @Test func `closing brings the log into the database file, also after reading`() async throws {
        let journal = try scratch.open()
        try await journal.commit([.source(try Sample.source())])
        _ = try await journal.sources()
        journal.close()
        let log = try? scratch.bytes("journal.sqlite-wal")
        #expect(log?.isEmpty ?? true)
        let alone = try Scratch()
        try alone.write(scratch.bytes("journal.sqlite"), to: "journal.sqlite")
        #expect(try await alone.open().sources() == [try Sample.source()])
    }

    @Test func `a closed journal says so`() async throws {
        let journal = try scratch.open()
        journal.close()
        journal.close()
        await #expect(throws: JournalError(cause: .closed, path: scratch.database)) {
            try await journal.commit([.source(try Sample.source())])
        }
        await #expect(throws: JournalError(cause: .closed, path: scratch.database)) { try await journal.sources() }
    }

    @Test func `a second opener is told who has it`() throws {
        let journal = try scratch.open()
        let error = #expect(throws: JournalError.self) { try Journal.open(directory: scratch.path, now: 0) }
        #expect(error?.cause == .locked(pid: Int(getpid())))
        #expect(error?.disposition == .inUse)
        journal.close()
        _ = try scratch.open()
    }

    @Test func `R2: a log that is not there was lost only if its owner had one`() throws {
        for (text, isLost) in [("", false), ("4711 -\n", false), ("4711 +\n", true), ("4711\n", true)] {
            let scratch = try Scratch()
            try scratch.open().close()
            try scratch.write(Array(text.utf8), to: "journal.lock")
            let opened = try Journal.open(directory: scratch.path, now: Sample.now)
            #expect(opened.hasLostCommits == isLost, "'\(text)'")
            #expect(try scratch.bytes("journal.lock") == Array("\(getpid()) +\n".utf8))
            opened.journal.close()
        }
    }

    @Test func `another process that holds the lock is named`() throws {
        try scratch.write(Array("4711\n".utf8), to: "journal.lock")
        let holder = try LockHolder(scratch.path + "/journal.lock")
        defer { holder.end() }
        #expect(throws: JournalError(cause: .locked(pid: 4_711), path: scratch.path)) {
            try Journal.open(directory: scratch.path, now: 0)
        }
        holder.end()
        _ = try Journal.open(directory: scratch.path, now: 0)
    }

    @Test func `R21: a later schema is refused and left as it is`() async throws {
        try scratch.open().close()
        try edit { db in
            try db.execute(
                sql: "PRAGMA user_version = 7; INSERT INTO grdb_migrations VALUES ('v7'); CREATE TABLE extra (a)")
        }
        let before = try scratch.bytes("journal.sqlite").count
        for open in [
            { _ = try Journal.open(directory: scratch.path, now: 0) },
            { _ = try Journal.openReadOnly(directory: scratch.path) },
        ] {
            let error = #expect(throws: JournalError.self) { try open() }
            #expect(error?.cause == .schemaNewer(found: 7, known: Schema.version))
            #expect(error?.disposition == .configuration)
        }
        #expect(try scratch.bytes("journal.sqlite").count == before)
    }

    @Test func `R21: a journal of schema 1 is opened with all that it holds`() async throws {
        let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Golden/journal-v1.sql")
        let text = try String(contentsOf: fixture, encoding: .utf8)
        try edit { try $0.execute(sql: text) }
        let journal = try scratch.open()
        #expect(try await journal.sources().map(\.source) == ["platform"])
        #expect(try await journal.objects(of: "platform").map(\.identity.name) == ["checkout-eu"])
        #expect(try await journal.unsettledIntents(of: "platform").map(\.id) == ["int-2"])
        #expect(try await journal.lastReconcile(of: "platform")?.id == "rec-1")
        #expect(try await journal.actions(of: "rec-1").count == 1)
        #expect(try await journal.renders(of: Sample.identity(), limit: 9).count == 1)
        #expect(try await journal.conditions(of: "platform").count == 1)
        #expect(try await journal.allowances(of: "platform").count == 1)
        let life = LifeRecord(source: "platform", identityPart: "a", resourceID: "inst_1")
        try await journal.commit([.life(life)])
        #expect(try await journal.lives(of: "platform") == [life])
        let suspension = SuspensionRecord(source: "platform", reason: "the fair", since: 1, until: nil)
        try await journal.commit([.suspension(suspension)])
        #expect(try await journal.suspension(of: "platform") == suspension)
    }

    @Test func `an empty file is the beginning of a journal`() throws {
        try scratch.write([], to: "journal.sqlite")
        _ = try scratch.open()
    }

    private func mode(_ path: String) throws -> Int? {
        (try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.intValue
    }

    private func chmod(_ mode: Int) throws {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: scratch.path)
    }

    private func edit(_ change: (Database) throws -> Void) throws {
        let database = try DatabaseQueue(path: scratch.database)
        try database.writeWithoutTransaction(change)
        try database.close()
    }
}

/// Reading beside a daemon, or without one.
struct ReadOnlyTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func `there is none where none was written`() throws {
        #expect(try Journal.openReadOnly(directory: scratch.path) == nil)
        #expect(try Journal.openReadOnly(directory: scratch.path + "/nowhere") == nil)
    }

    @Test func `a reader sees each commit of a running writer, and the writer does not wait for it`() async throws {
        let writer = try scratch.open()
        let reader = try #require(try Journal.openReadOnly(directory: scratch.path))
        for number in 1...20 {
            try await writer.commit([.object(try Sample.object("install-\(number)"))])
            #expect(try await reader.objects(of: "platform").count == number)
        }
        try await writer.prune(now: Sample.now)
        #expect(try await reader.objects(of: "platform").count == 20)
    }

    @Test func `reading while writing never sees half a commit`() async throws {
        let writer = try scratch.open()
        let reader = try #require(try Journal.openReadOnly(directory: scratch.path))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 0..<50 {
                    try await writer.commit([
                        .object(try Sample.object("a-\(number)")), .object(try Sample.object("b-\(number)")),
                    ])
                }
            }
            group.addTask {
                while try await reader.objects(of: "platform").count < 100 {
                    #expect(try await reader.objects(of: "platform").count.isMultiple(of: 2))
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `a reader works without a daemon and leaves the journal to the next writer`() async throws {
        let writer = try scratch.open()
        try await writer.commit([.source(try Sample.source())])
        writer.close()
        let reader = try #require(try Journal.openReadOnly(directory: scratch.path))
        #expect(try await reader.sources() == [try Sample.source()])
        let next = try scratch.open()
        try await next.commit([.source(try Sample.source("edge"))])
        #expect(try await reader.sources().count == 2)
    }

    @Test func `a reader reads what a killed daemon left`() async throws {
        let writer = try scratch.open()
        try await writer.commit([.source(try Sample.source())])
        let crashed = try scratch.crashed()
        let reader = try #require(try Journal.openReadOnly(directory: crashed.path))
        #expect(try await reader.sources() == [try Sample.source()])
    }

    @Test func `a commit through a reader is refused`() async throws {
        try scratch.open().close()
        let reader = try #require(try Journal.openReadOnly(directory: scratch.path))
        await #expect(throws: JournalError(cause: .readOnly, path: scratch.database)) {
            try await reader.commit([.source(try Sample.source())])
        }
    }
}

/// A process of its own that holds a lock until told to end.
final class LockHolder {
    private let process = Process()
    private let input = Pipe()

    init(_ path: String) throws {
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
        process.arguments = [path, "sh", "-c", "echo held; read end"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // Answers when the lock is held, or ends when it can't be.
        _ = try output.fileHandleForReading.read(upToCount: 1)
    }

    func end() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
