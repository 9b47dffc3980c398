import AkuaEmulator
import GRDB
import JSON
import TestSupport
import Testing

/// One name ties a pass together, from its log to the platform's.
@Suite struct ReconcileIDTests {
    @Test func `the lines, requests, intents and history of a pass carry one name`() async throws {
        try await Installation.with { installation in
            var settings = installation.settings
            settings.level = "debug"
            try installation.configure(settings)
            let commit = try await installation.repository.commit(RunTests.first)
            let id = try await RunningDaemon.with(installation) { daemon in
                let finished = try await daemon.converged(on: commit)
                let id = finished.text("reconcile_id")
                let words = ["reconcile", "plan", "action", "operation", "render", "drift"]
                for line in daemon.lines where words.contains(String(line.event.prefix { $0 != "." })) {
                    #expect(line.text("reconcile_id") == id, "\(line.json)")
                }
                return id
            }
            #expect(id.hasPrefix("rec-"))
            let sent = installation.emulator.emulator.requests().map { request in
                request.headers.first { $0.name.lowercased() == "x-request-id" }?.value ?? "\(request.path) without"
            }
            #expect(sent.count > 10 && Set(sent) == [id], "every request is of that pass")
            let history = try JSONReader.read(try await installation.run("history", "--output", "json").output)
            #expect(history["reconciles"]?.array?.compactMap { $0["reconcile_id"]?.string } == [id])
            let intents = try await DatabaseQueue(path: installation.folder.appending("state/journal.sqlite"))
                .read { try String.fetchAll($0, sql: "SELECT id FROM intents") }
            #expect(!intents.isEmpty && intents.allSatisfy { $0.hasPrefix("\(id)-") })
        }
    }
}
