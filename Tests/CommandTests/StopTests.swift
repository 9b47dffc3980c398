import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

/// R15: whatever the daemon is at, it ends when it is told to, within five seconds, and nothing is lost.
@Suite struct StopTests {
    /// What a stop may take (R15).
    private static let stopMax = Duration.seconds(5)

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// What never comes to an end, and at which of its calls.
        var call: String
        var nth = 1
        var point = Fault.Point.beforeEffect
        var signals = [SIGTERM]
        /// The pass had only read by then.
        var isSkipped = false
    }

    /// What a first signal leaves to what is under way; told twice, the daemon does not wait for it.
    private static let grace = Duration.seconds(3)

    @Test(arguments: [
        Case(testDescription: "a create that nobody reads, by a key press", call: "installs.create", signals: [SIGINT]),
        Case(testDescription: "a create whose answer never comes", call: "installs.create", point: .afterEffect),
        Case(
            testDescription: "a create whose answer never comes, told twice", call: "installs.create",
            point: .afterEffect, signals: [SIGTERM, SIGTERM]),
        Case(
            testDescription: "a create whose answer stops half-way", call: "installs.create", point: .halfAnswer),
        Case(testDescription: "a wait for an operation", call: "operations.wait"),
        Case(testDescription: "a walk through pages", call: "installs.list", isSkipped: true),
        Case(testDescription: "the first look at the workspace", call: "workspaces.list", isSkipped: true),
    ])
    func `R15 I4: stopped in the middle of anything, the next start makes nothing twice`(_ row: Case) async throws {
        try await Installation.with { installation in
            let emulator = installation.emulator.emulator
            try await installation.repository.commit(RunTests.first)
            emulator.add(Fault(on: row.call, .nth(row.nth), at: row.point, .hang))
            let daemon = try RunningDaemon(installation)
            await emulator.waitForRequests(of: row.call, count: row.nth)
            let ending = try await daemon.stop(with: row.signals)
            #expect(ending.status == 0 && !ending.wasKilled && ending.duration < Self.stopMax, "\(ending)")
            #expect(daemon.lines.last?.event == "daemon.stopped", "\(daemon.lines.map(\.event))")
            if row.signals.count > 1 { #expect(ending.duration < Self.grace, "\(ending)") }
            #expect(!daemon.lines.contains { $0.text("level") == "error" }, "a stop is no error: \(daemon.lines)")
            let skipped = daemon.lines.filter { $0.event == "reconcile.skipped" }
            #expect(skipped.map { $0.text("reason") } == (row.isSkipped ? ["stopping"] : []), "\(daemon.lines)")
            emulator.removeFaults()
            let next = try await installation.run("reconcile")
            #expect(next.status == 0, "\(next)")
            #expect(installation.writes["installs.create"] == 1)
            #expect(installation.writes["packages.importPublished"] == 1)
            #expect(try await installation.run("plan").status == 0)
        }
    }

    @Test func `R15: stopped before it has begun`() async throws {
        try await Installation.with { installation in
            try await installation.repository.commit(RunTests.first)
            let daemon = try RunningDaemon(installation)
            try await daemon.line("daemon.starting")
            let ending = try await daemon.stop()
            #expect(ending.status == 0 && !ending.wasKilled && ending.duration < Self.stopMax, "\(ending)")
            #expect(daemon.lines.last?.event == "daemon.stopped", "\(daemon.lines.map(\.event))")
        }
    }

    @Test func `R15: stopped while the git server says nothing`() async throws {
        try await Installation.with { installation in
            try await installation.repository.commit(RunTests.first)
            try await GitHTTPServer.run(root: installation.folder.path, logFolder: installation.folder) { server in
                var settings = installation.settings
                settings.sources[0].url = "\(server.origin)/silent/repository.git"
                try installation.configure(settings)
                let daemon = try RunningDaemon(installation)
                try await daemon.line("daemon.ready")
                try await wait(for: "a request to the git server") { !server.requests.isEmpty }
                try await daemon.isUnready("platform starting")
                let ending = try await daemon.stop()
                #expect(ending.status == 0 && ending.duration < Self.stopMax, "\(ending)")
            }
        }
    }

    @Test func `R15: clients that neither speak nor leave don't hold it up`() async throws {
        try await Installation.with { installation in
            let commit = try await installation.repository.commit(RunTests.first)
            let daemon = try RunningDaemon(installation)
            try await daemon.converged(on: commit)
            let port = try await daemon.port()
            // Each gets what it asked for, or the end of its connection.
            async let slow = RawHTTP(port: port).exchange(Array("GET /healthz HTTP/1.1\r\nHos".utf8))
            #expect(try await daemon.get("/healthz").status == 200)
            let ending = try await daemon.stop()
            #expect(ending.status == 0 && ending.duration < Self.stopMax, "\(ending)")
            #expect(try await slow.status == nil)
        }
    }
}
