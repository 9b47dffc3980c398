import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing

/// That R3 can fail: what `crashpoint.c` says is lost with the power is lost to a program that counts on it.
@Suite struct CrashPageTests {
    private static let program = URL(filePath: #filePath).appending(path: "../../Preload/commits.py").standardized.path

    @Test func `R3: a power failure takes acknowledged commits of synchronous=NORMAL, and none of FULL`() async throws {
        #expect(try await lostCommits("FULL") == 0)
        #expect(try await lostCommits("NORMAL") > 0)
    }

    /// At how many points of the program's life the power takes a commit that was acknowledged.
    private func lostCommits(_ synchronous: String) async throws -> Int {
        let calls = try await commit(synchronous, dyingAt: 0).calls
        let lost = Atomic(0)
        let points = Array(stride(from: 1, through: calls, by: 3))
        try await sideBySide(points) { point in
            let (acknowledged, found, _) = try await commit(synchronous, dyingAt: point)
            if found < acknowledged { lost.add(1, ordering: .relaxed) }
        }
        let count = lost.load(ordering: .relaxed)
        print("R3: \(synchronous): acknowledged commits lost at \(count) of \(points.count) points")
        #expect(points.count > 20)
        return count
    }

    /// Runs the program until the power fails before a call; how many commits it was told of, how many are there.
    private func commit(
        _ synchronous: String, dyingAt call: Int
    ) async throws -> (acknowledged: Int, found: Int, calls: Int) {
        let folder = try TemporaryFolder()
        let path = folder.appending("numbers.sqlite")
        let made = try DatabaseQueue(path: path)
        try await made.write { try $0.execute(sql: "CREATE TABLE numbers (number INTEGER)") }
        try made.close()
        let page = try CrashPage()
        page.set(.loss, CrashPage.Loss.all.rawValue)
        page.set(.killAt, call)
        let ending = try await Installation.run(
            ["python3", "-I", Self.program, path, synchronous], of: URL(filePath: "/usr/bin/env"),
            try await page.environment(watching: folder.path), in: try TemporaryFolder())
        #expect(ending.wasKilled == (call > 0), "\(ending)")
        let found = try await DatabaseQueue(path: path).read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM numbers")
        }
        return (ending.output.split(separator: "\n").count, found ?? 0, page[.calls])
    }
}
