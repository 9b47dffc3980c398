import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

/// R16: a platform that has too much to do, or fails for a while, under the running daemon.
@Suite struct OverloadTests {
    private struct Row: Sendable {
        var title: String
        var status: Int
        /// Which of the requests meet it, from 0 to 1.
        var share: Double
        /// What `Retry-After` says; nil for no such header.
        var retryAfter: String?
        /// For how long nothing may be sent after each, in seconds.
        var pause = 0.0
    }

    private static let rows = [
        Row(title: "429 for all, a second", status: 429, share: 1, retryAfter: "1", pause: 1),
        Row(title: "503 for half, two seconds", status: 503, share: 0.5, retryAfter: "2", pause: 2),
        Row(title: "429 for some, with nonsense", status: 429, share: 0.2, retryAfter: "9999999999"),
        Row(title: "500 for all", status: 500, share: 1),
        Row(title: "500 for half", status: 500, share: 0.5),
        Row(title: "500 for one in twenty", status: 500, share: 0.05),
    ]
    /// What was on its way when the answer came.
    private static let underWay = 0.3
    private static let recoveryMax = Duration.seconds(30)
    private static let reserve = 10

    @Test func `R16: nothing is sent before its time, retries stay within a tenth, and it recovers in half a minute`()
        async throws
    {
        try await withThrowingTaskGroup { group in
            for row in Self.rows { group.addTask { try await Self.overload(row) } }
            try await group.waitForAll()
        }
    }

    /// One daemon under one kind of overload, commits arriving, until it is over.
    private static func overload(_ row: Row) async throws {
        try await Installation.with { installation in
            let emulator = installation.emulator.emulator
            try await RunningDaemon.with(installation) { daemon in
                var files = RunTests.first
                files["settings.yaml"] = Road.settings("{interval: 30s}")
                try await daemon.converged(on: try await installation.repository.commit(files))
                let (mark, seen) = (daemon.now, emulator.requests().count)
                let headers = row.retryAfter.map { [(name: "Retry-After", value: $0)] } ?? []
                let fault = emulator.add(
                    Fault(
                        on: nil, .probability(row.share), .answer(status: row.status, headers: headers, body: [])))
                let end = ContinuousClock.now + .seconds(Extent.seconds(4))
                var (commit, number) = ("", 0)
                while ContinuousClock.now < end {
                    number += 1
                    commit = try await installation.repository.commit([
                        "extra-\(number % 8).yaml": Road.install("extra-\(number % 8)", "1.3.0"),
                        "shop.yaml": Road.install("shop", number % 2 == 0 ? "1.3.0" : "1.4.0"),
                    ])
                    try await Task.sleep(for: .milliseconds(1_500))
                }
                let happened = emulator.faultsHappened[fault] ?? 0
                emulator.removeFaults()
                let healthySince = ContinuousClock.now
                let requests = emulator.requests(after: seen)
                let retries = daemon.lines.dropFirst(mark).filter { $0.event == "api.retried" }
                try await daemon.converged(on: commit, after: mark)
                let recovery = healthySince.duration(to: .now)

                #expect(happened > 0, "\(row.title): nothing happened")
                #expect(recovery <= recoveryMax, "\(row.title): recovered after \(recovery)")
                #expect(early(requests, row) == [], "\(row.title)")
                let good = requests.count { $0.fault == nil }
                #expect(
                    retries.count <= reserve + good / 10 + 1,
                    "\(row.title): \(retries.count) retries, \(good) good answers")
                #expect(retries.allSatisfy { ($0.int("attempt") ?? 0) <= 3 })
                print(
                    "R16: \(row.title): \(requests.count) requests, \(happened) met it, \(retries.count) "
                        + "retries, recovered after \(recovery / .seconds(1)) s")
            }
            try await installation.expectRest()
        }
    }

    /// Requests that came in while the platform wanted none.
    private static func early(_ requests: [RecordedRequest], _ row: Row) -> [String] {
        guard row.pause > 0 else { return [] }
        func seconds(_ request: RecordedRequest) -> Double {
            Double(request.time) / 1_000 / EmulatorOptions.fast.timeScale
        }
        let refused = requests.filter { $0.status == row.status }.map(seconds)
        return requests.compactMap { request in
            let time = seconds(request)
            guard let first = refused.first(where: { ($0 + underWay..<$0 + row.pause).contains(time) }) else {
                return nil
            }
            return "\(request.call ?? "?") \(time - first) s after a \(row.status)"
        }
    }
}
