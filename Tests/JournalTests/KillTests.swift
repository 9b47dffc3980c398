import Foundation
import Testing

@testable import Journal

/// R2: the process is killed at its n-th flush or write; a new one finds every commit that was acknowledged.
struct KillTests {
    @Test(.tags(.slow), arguments: [Disk.Call.sync, .write], 1...8)
    func `I4: kill -9 at the n-th call loses no acknowledged commit`(_ call: Disk.Call, _ number: Int) async throws {
        let scratch = try Scratch()
        // The journal exists already: its beginning is PowerLossTests' matter.
        try scratch.open().close()
        let (path, count) = (scratch.path, call == .sync ? number + 1 : number * 7)
        let isSync = call == .sync
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, count = count as Int, isSync = isSync as Bool] in
            let disk = Disk(watching: path)
            let journal = try Journal.open(directory: path, now: Sample.now).journal
            disk.fail { $0 == (isSync ? .sync : .write) && $2 == count ? .kill : nil }
            for number in 0..<100 {
                try await journal.commit([
                    .object(try Sample.object("i-\(number)")),
                    .intent(try Sample.intent("int-\(number)", "i-\(number)")),
                ])
                try Data("\(number)".utf8).write(to: URL(fileURLWithPath: path + "/acknowledged"))
            }
        }
        let opened = try Journal.open(directory: scratch.path, now: Sample.now)
        #expect(opened.replaced == nil)
        let found = try await opened.journal.unsettledIntents(of: "platform").count
        let acknowledged = (try? scratch.bytes("acknowledged")).flatMap { Int(String(decoding: $0, as: UTF8.self)) }
        #expect(found >= (acknowledged ?? -1) + 1)
        #expect(found <= (acknowledged ?? -1) + 2)
        #expect(try await opened.journal.objects(of: "platform").count == found)
    }
}

extension Tag {
    @Tag static var slow: Self
}
