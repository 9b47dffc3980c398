import Foundation
import GRDB
import TestSupport
import Testing

@testable import Journal

/// R13: a disk that is full or broken costs the commits it can't hold, never one that was acknowledged, and work goes
/// on when it is well again.
struct FaultTests {
    let scratch: Scratch
    let disk: Disk

    init() throws {
        scratch = try Scratch()
        disk = Disk(watching: scratch.path)
    }

    @Test func `a full disk is said, what was there can be read, and room is all it takes`() async throws {
        defer { disk.stop() }
        let journal = try scratch.open()
        try await journal.commit([.object(try Sample.object("before"))])
        disk.fail { call, _, _ in call == .write ? .full : nil }
        await #expect(throws: JournalError(cause: .diskFull, path: scratch.database)) {
            try await journal.commit([.object(try Sample.object("during"))])
        }
        #expect(try await journal.objects(of: "platform").map(\.identity.name) == ["before"])
        disk.fail(nil)
        try await journal.commit([.object(try Sample.object("after"))])
        #expect(try await journal.objects(of: "platform").map(\.identity.name) == ["after", "before"])
    }

    @Test(arguments: 1...6)
    func `a flush that fails is reported, and the next commit waits for a flush of everything`(_ failing: Int)
        async throws
    {
        defer { disk.stop() }
        let journal = try scratch.open()
        disk.fail { call, _, count in call == .sync && count == failing ? .badFlush : nil }
        disk.record()
        var acknowledged: [String] = []
        for number in 0..<8 {
            do {
                try await journal.commit([.object(try Sample.object("i-\(number)"))])
                acknowledged.append("i-\(number)")
            } catch let error as JournalError {
                #expect(error.disposition == .retry)
                disk.note(.acknowledged(-1))
            }
        }
        #expect(acknowledged.count == 7)
        // Between the failure and the next acknowledgement the database file was flushed and the log begun anew.
        let events = disk.events
        let failure = try #require(events.firstIndex(of: .acknowledged(-1)))
        #expect(events[failure...].contains(.sync(file: "journal.sqlite")))
        #expect(events[failure...].contains(.truncate(file: "journal.sqlite-wal", size: 0)))
        let found = Set(try await journal.objects(of: "platform").map(\.identity.name))
        #expect(found.isSuperset(of: acknowledged))
        journal.close()
        #expect(Set(try await scratch.open().objects(of: "platform").map(\.identity.name)).isSuperset(of: acknowledged))
    }

    @Test func `while the disk stays broken every commit fails, and the first after it is well succeeds`() async throws
    {
        defer { disk.stop() }
        let journal = try scratch.open()
        disk.fail { call, _, _ in call == .sync ? .badFlush : nil }
        for number in 0..<4 {
            let error = await #expect(throws: JournalError.self) {
                try await journal.commit([.object(try Sample.object("during-\(number)"))])
            }
            #expect(error?.disposition == .retry)
        }
        _ = try await journal.objects(of: "platform")
        disk.fail(nil)
        try await journal.commit([.object(try Sample.object("after"))])
        #expect(try await journal.object(try Sample.identity("after")) != nil)
    }

    @Test(arguments: [(Disk.Call.write, Disk.Fault.badWrite), (.sync, .badFlush), (.write, .full)])
    func `whichever call fails, opening fails with a sentence or the journal works`(
        _ call: Disk.Call, _ fault: Disk.Fault
    )
        async throws
    {
        defer { disk.stop() }
        try await sideBySide(1...40) { failing in
            let scratch = try Scratch()
            let disk = Disk(watching: scratch.path)
            defer { disk.stop() }
            disk.fail { $0 == call && $2 == failing ? fault : nil }
            do {
                let journal = try scratch.open()
                defer { journal.close() }
                try await journal.commit([.object(try Sample.object())])
                try await journal.prune(now: Sample.now)
            } catch let error as JournalError {
                #expect(error.disposition == .retry, "\(call) \(failing): \(error)")
            }
            disk.fail(nil)
            let journal = try Journal.open(directory: scratch.path, now: Sample.now).journal
            try await journal.commit([.object(try Sample.object())])
        }
    }

    @Test func `many callers learn of one failure, and none is left waiting`() async throws {
        defer { disk.stop() }
        let journal = try scratch.open()
        disk.fail { call, _, count in call == .sync && count == 1 ? .badFlush : nil }
        let acknowledged = try await withThrowingTaskGroup(of: String?.self) { group in
            for number in 0..<300 {
                group.addTask {
                    do {
                        try await journal.commit([.object(try Sample.object("i-\(number)"))])
                        return "i-\(number)"
                    } catch is JournalError {
                        return nil
                    }
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.formUnion([$1].compactMap { $0 }) }
        }
        #expect(acknowledged.count < 300)
        #expect(Set(try await journal.objects(of: "platform").map(\.identity.name)).isSuperset(of: acknowledged))
    }

    @Test func `damage found while running ends all work until the journal is opened again`() async throws {
        disk.stop()
        let journal = try scratch.open()
        #expect(throws: JournalError.self) {
            try journal.store.readNow { _ in throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "bad page") }
        }
        let damaged = JournalError(cause: .damaged("bad page"), path: scratch.database)
        await #expect(throws: damaged) { try await journal.sources() }
        await #expect(throws: damaged) { try await journal.commit([.source(try Sample.source())]) }
        await #expect(throws: damaged) { try await journal.prune(now: Sample.now) }
        #expect(damaged.disposition == .restart)
    }

    @Test(.enabled(if: getuid() == 0, "NOT TESTED: a file system of 1 MiB can be mounted by root only"))
    func `a real file system without room is said, and recovers`() async throws {
        disk.stop()
        let directory = scratch.path + "/small"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try #require(try run("/bin/mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", directory) == 0)
        defer { _ = try? run("/bin/umount", "-l", directory) }
        let journal = try Journal.open(directory: directory, now: Sample.now).journal
        try Data(count: 400 << 10).write(to: URL(fileURLWithPath: directory + "/ballast"))
        var acknowledged = 0
        let error = await #expect(throws: JournalError.self) {
            for number in 0..<2_000 {
                try await journal.commit([.intent(try Sample.intent("int-\(number)", "i-\(number)"))])
                acknowledged += 1
            }
        }
        #expect(error?.cause == .diskFull)
        #expect(try await journal.unsettledIntents(of: "platform").count == acknowledged)
        try FileManager.default.removeItem(atPath: directory + "/ballast")
        try await journal.commit([.object(try Sample.object())])
        #expect(try await journal.unsettledIntents(of: "platform").count == acknowledged)
        journal.close()
    }

    private func run(_ program: String, _ arguments: String...) throws -> Int32 {
        let process = try Process.run(URL(fileURLWithPath: program), arguments: arguments)
        process.waitUntilExit()
        return process.terminationStatus
    }
}
