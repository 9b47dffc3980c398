import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

/// What changes while the daemon runs: its configuration by SIGHUP, and what git wants in the middle of a pass.
@Suite struct ReloadTests {
    @Test func `SIGHUP puts a new configuration in force`() async throws {
        try await Installation.with { installation in
            let commit = try await installation.repository.commit(RunTests.first)
            let other = try await GitFixture(at: installation.folder.appending("other.git"))
            let otherCommit = try await other.commit([
                "empty.yaml": "# nothing yet\n", "p.yaml": Road.package(["1.3.0"]),
            ])
            try await RunningDaemon.with(installation) { daemon in
                try await daemon.converged(on: commit)
                #expect(!daemon.lines.contains { $0.text("level") == "debug" })

                // Another source, another interval, another level, another token.
                var settings = installation.settings
                settings.sources.append(.init(name: "other", url: other.path))
                settings.pollInterval = "2s"
                settings.level = "debug"
                try installation.configure(settings)
                installation.emulator.emulator.setTokens([
                    AccessToken(value: "sk_akua_next", reach: .workspace("ws_test"))
                ])
                try installation.setToken("sk_akua_next")
                var before = daemon.now
                daemon.signal(SIGHUP)
                let reloaded = try await daemon.line("daemon.reloaded", after: before)
                #expect(reloaded.text("outcome") == "succeeded" && reloaded.int("count") == 2)
                try await daemon.converged(on: otherCommit, source: "other", after: before)
                try await daemon.converged(on: commit, after: before)
                #expect(!daemon.lines.contains { $0.event == "reconcile.failed" })
                try await daemon.line("source.unchanged", after: before) { $0.text("level") == "debug" }
                try await daemon.isUnready()

                // One source fewer: nothing of it is left but what it made.
                settings.sources.removeFirst()
                try installation.configure(settings)
                before = daemon.now
                daemon.signal(SIGHUP)
                try await daemon.line("daemon.reloaded", after: before) { $0.int("count") == 1 }
                let status = try await daemon.get("/v1/status").json["sources"]?.array ?? []
                #expect(status.map { $0["source"] } == ["other"])
                #expect(try await daemon.metric(#"last_success_timestamp_seconds{source="platform"}"#) == nil)
                #expect(installation.live("installs").count == 1)
                let unknown = try await installation.run("trigger", "--source", "platform")
                #expect(unknown.status == 64, "\(unknown)")
            }
        }
    }

    @Test func `SIGHUP with a configuration that can't be used keeps the old one and says why`() async throws {
        try await Installation.with { installation in
            let commit = try await installation.repository.commit(RunTests.first)
            try await RunningDaemon.with(installation) { daemon in
                try await daemon.converged(on: commit)
                func refusal(_ change: () throws -> Void) async throws -> String {
                    try change()
                    let before = daemon.now
                    daemon.signal(SIGHUP)
                    let line = try await daemon.line("daemon.reloaded", after: before)
                    #expect(line.text("outcome") == "failed" && line.text("level") == "error")
                    return line.text("error")
                }
                let file = installation.folder.appending("config.yaml")
                let unknown = try await refusal {
                    try installation.folder.write("api:\n  baseURI: x\n", to: "config.yaml")
                }
                #expect(
                    unknown.contains("\(file):2:3: unknown key 'baseURI' in api; did you mean 'baseURL'?"), "\(unknown)"
                )
                #expect(try await refusal { try FileManager.default.removeItem(atPath: file) }.contains("no such file"))
                let fixed = try await refusal {
                    var settings = installation.settings
                    settings.stateDirectory = "elsewhere"
                    settings.listen = "127.0.0.1:1"
                    settings.format = "text"
                    try installation.configure(settings)
                }
                #expect(fixed.hasPrefix("stateDirectory and server.listen and log.format can't change"), "\(fixed)")
                let branch = try await refusal {
                    var settings = installation.settings
                    settings.sources.append(.init(name: "Bad Name", url: installation.repository.path))
                    try installation.configure(settings)
                }
                #expect(branch.contains("\(file):"), "\(branch)")

                try await daemon.isUnready()
                let next = try await installation.repository.commit(["shop.yaml": Road.install("shop", "1.4.0")])
                try await daemon.converged(on: next)
            }
        }
    }

    @Test func `I15: a newer commit takes over from a pass that only waits`() async throws {
        try await Installation.with { installation in
            var settings = installation.settings
            // Only what is asked for happens in time.
            settings.pollInterval = "1h"
            settings.level = "debug"
            try installation.configure(settings)
            let first = try await installation.repository.commit(RunTests.first)
            try await installation.setClock(["manual": true])
            try await RunningDaemon.with(installation) { daemon in
                let waiting = try await daemon.line("operation.waiting") { $0.text("action") == "create" }
                #expect(waiting.text("commit") == first)
                #expect(try await daemon.metric("operations_in_flight") == 1)

                // A commit that is not valid does not disturb the pass, a valid one does.
                try await installation.repository.commit(["bad.yaml": "kind: Instal\n"])
                _ = try await installation.run("trigger")
                let second = try await installation.repository.commit([
                    "bad.yaml": nil, "shop.yaml": Road.install("shop", "1.4.0"),
                    "more.yaml": Road.install("more", "1.4.0"),
                ])
                _ = try await installation.run("trigger")
                let superseded = try await daemon.line("reconcile.superseded")
                #expect(superseded.text("commit") == first && superseded.text("outcome") == "superseded")
                try await daemon.line("reconcile.started") { $0.text("commit") == second }
                #expect(daemon.lines.count { $0.event == "reconcile.superseded" } == 1)
                try await daemon.line("operation.waiting") { $0.text("commit") == second && $0.text("name") == "more" }
                try await installation.setClock(["scale": 200])
                _ = try await installation.run("trigger")
                try await daemon.converged(on: second)
                // What was sent is settled, what was not is dropped: the first commit has made no render of its own.
                #expect(installation.writes["installs.create"] == 2)
                #expect(daemon.lines.allSatisfy { $0.event != "render.recorded" || $0.text("commit") == second })
            }
            #expect(try await installation.run("plan").status == 0)
        }
    }

    @Test func `I15: the newer commit does not wait for the next look at the remote`() async throws {
        try await Installation.with { installation in
            var settings = installation.settings
            settings.pollInterval = "2s"
            settings.level = "debug"
            try installation.configure(settings)
            try await installation.repository.commit(RunTests.first)
            try await installation.setClock(["manual": true])
            try await RunningDaemon.with(installation) { daemon in
                try await daemon.line("operation.waiting")
                let second = try await installation.repository.commit(["more.yaml": Road.install("more", "1.4.0")])
                let superseded = try await daemon.line("reconcile.superseded")
                let started = try await daemon.line("reconcile.started") { $0.text("commit") == second }
                let delay = started.time.timeIntervalSince(superseded.time)
                #expect(delay < 1, "it took over after \(delay) s")
            }
        }
    }

    @Test func `I15: a write that waits out a pause of the platform's is dropped when a newer commit takes over`()
        async throws
    {
        try await Installation.with { installation in
            var settings = installation.settings
            settings.pollInterval = "1h"
            settings.level = "debug"
            try installation.configure(settings)
            let base = try await installation.repository.commit(["package.yaml": Road.package(["1.3.0"])])
            try await RunningDaemon.with(installation) { daemon in
                try await daemon.converged(on: base)
                installation.emulator.emulator.add(
                    Fault(
                        on: "installs.create", .nth(1),
                        .answer(status: 429, headers: [("Retry-After", "3")], body: [])))
                let first = try await installation.repository.commit(["shop.yaml": Road.install("shop", "1.3.0")])
                _ = try await installation.run("trigger")
                try await daemon.line("api.throttled")
                let second = try await installation.repository.commit(["shop.yaml": nil])
                _ = try await installation.run("trigger")
                try await daemon.line("reconcile.superseded") { $0.text("commit") == first }
                try await daemon.converged(on: second)
            }
            let creates = installation.emulator.emulator.requests().filter { $0.call == "installs.create" }
            #expect(creates.map(\.status) == [429])
        }
    }

    @Test func `what a person releases in the middle of a pass stays released`() async throws {
        try await Installation.with { installation in
            var settings = installation.settings
            settings.pollInterval = "1h"
            settings.level = "debug"
            try installation.configure(settings)
            let first = try await installation.repository.commit(RunTests.first)
            try await RunningDaemon.with(installation) { daemon in
                try await daemon.converged(on: first)
                try await installation.setClock(["manual": true])
                try await installation.repository.commit([
                    "shop.yaml": nil, "more.yaml": Road.install("more", "1.4.0"),
                ])
                _ = try await installation.run("trigger")
                try await daemon.line("operation.waiting") { $0.text("name") == "more" }
                let released = try await installation.run("release", "Package/checkout")
                #expect(released.status == 0, "\(released)")
                try await daemon.line("reconcile.superseded")
                try await installation.setClock(["scale": 200])
                _ = try await installation.run("trigger")
                let second = try await installation.repository.tip()
                try await daemon.converged(on: second)
            }
            let status = try JSONReader.read(try await installation.run("status", "--output", "json").output)
            let objects = status["sources"]?.array?.first?["objects"]?.array ?? []
            let package = objects.first { $0["kind"] == "Package" }
            #expect(package?["ownership"] == "shared", "\(status)")
        }
    }
}
