import Foundation
import JSON
import TestSupport
import Testing

/// A person's suspension of a source: through the daemon or without one, remembered, shown, and kept.
@Suite struct SuspendTests {
    private static let more: [String: String?] = ["more.yaml": Road.install("more", "1.4.0")]

    /// The pass over a commit that found it suspended.
    private func heldBack(_ daemon: RunningDaemon, _ commit: String, after position: Int = 0) async throws {
        try await daemon.line("action.deferred", after: position) {
            $0.text("reason") == "suspended" && $0.text("commit") == commit
        }
        try await daemon.line("reconcile.finished", after: position) { $0.text("commit") == commit }
    }

    /// Waits until the metric has that value: a pass is logged a moment before the board has it.
    private func isMeasured(_ daemon: RunningDaemon, _ value: Double) async throws {
        try await wait(for: "suspended{source=platform} = \(value)") {
            try await daemon.metric(#"suspended{source="platform"}"#) == value
        }
    }

    @Test func `nothing is written while a person suspends a source, across a restart, until it is resumed`()
        async throws
    {
        try await Installation.with { installation in
            let first = try await installation.repository.commit(RunTests.first)
            let (writes, commit) = try await RunningDaemon.with(installation) { daemon in
                try await daemon.converged(on: first)
                try await isMeasured(daemon, 0)
                let writes = installation.writes
                let suspended = try await installation.run("suspend", "--reason", "the \u{1B}[31mfair")
                #expect(suspended.status == 0, "\(suspended)")
                #expect(suspended.output == "suspended platform: nothing is written until it is resumed\n")
                #expect(try await daemon.line("source.suspended").text("reason") == "the \u{1B}[31mfair")
                let commit = try await installation.repository.commit(Self.more)
                try await heldBack(daemon, commit)
                #expect(installation.writes == writes)
                try await isMeasured(daemon, 1)
                let told = try await daemon.get("/v1/status").json["sources"]?.array?.first?["suspended"]
                #expect(told?["by"] == "person" && told?["until"] == .null, "\(told ?? .null)")
                try await daemon.isUnready()
                return (writes, commit)
            }
            try await RunningDaemon.with(installation) { daemon in
                try await daemon.line("reconcile.finished") { $0.text("commit") == commit }
                #expect(installation.writes == writes)
                try await expectShown(installation)
                let resumed = try await installation.run("resume")
                #expect(resumed.output == "resumed platform\n" && resumed.status == 0, "\(resumed)")
                try await daemon.line("source.resumed")
                try await daemon.converged(on: commit)
                try await wait(for: "the install that was held back") { installation.live("installs").count == 2 }
                try await isMeasured(daemon, 0)
                let again = try await installation.run("resume")
                #expect(again.output == "platform was not suspended by a person\n" && again.status == 0, "\(again)")
            }
        }
    }

    /// What status and plan say of it, with the reason's escape spelled out.
    private func expectShown(_ installation: Installation) async throws {
        let status = try await installation.run("status")
        #expect(status.output.hasPrefix("platform  suspended at "), "\(status)")
        #expect(status.output.contains(/! suspended by a person since [0-9TZ:-]+: the \\u{1B}\[31mfair\n/), "\(status)")
        #expect(status.output.contains(/Install\/more +suspended\n/), "\(status)")
        let plan = try await installation.run("plan")
        #expect(plan.status == 0, "what is suspended is only reported: \(plan)")
        #expect(plan.output.contains(/! suspended by a person since [0-9TZ:-]+: the \\u{1B}\[31mfair\n/), "\(plan)")
        #expect(plan.output.contains("! suspended  Install/more: "), "\(plan)")
        let json = try await installation.run("plan", "--output", "json")
        let source = try JSONReader.read(json.output)["sources"]?.array?.first
        #expect(source?["suspended"]?["by"] == "person" && source?["actions"] == [], "\(json)")
    }

    @Test func `without a daemon too, and apart from what the settings suspend`() async throws {
        try await Installation.with { installation in
            let early = try await installation.run("suspend", "--reason", "not yet", "--until", "2h")
            #expect(early.status == 0 && early.output.contains("no daemon is running"), "\(early)")
            var files = RunTests.first
            files["settings.yaml"] = Road.settings("{suspend: {reason: The fair}}")
            try await installation.repository.commit(files)
            let held = try await installation.run("reconcile")
            #expect(held.status == 0 && held.output.contains("suspended by a person"), "\(held)")
            #expect(installation.writes == [:])
            let resumed = try await installation.run("resume")
            #expect(resumed.output.hasPrefix("resumed platform, but its Settings suspend it: The fair"), "\(resumed)")
            #expect(try await installation.run("reconcile").output.contains("! suspended by its Settings: The fair"))
            #expect(installation.writes == [:])
            try await installation.repository.commit(["settings.yaml": Road.settings("{interval: 1h}")])
            #expect(try await installation.run("reconcile").status == 0)
            #expect(installation.writes["installs.create"] == 1)
        }
    }

    @Test func `a suspension ends by itself when its time is over`() async throws {
        try await Installation.with { installation in
            let suspended = try await installation.run("suspend", "--reason", "a moment", "--until", "3s")
            #expect(suspended.output.contains(/^suspended platform until [0-9TZ:-]+: nothing/), "\(suspended)")
            let commit = try await installation.repository.commit(RunTests.first)
            // The first pass finds it suspended where the machine is quick enough; nobody resumes it.
            try await RunningDaemon.with(installation) { daemon in
                try await daemon.line("reconcile.finished") { $0.text("commit") == commit && $0.int("created") == 3 }
                #expect(installation.writes["installs.create"] == 1)
                try await isMeasured(daemon, 0)
            }
        }
    }

    @Test func `once suspend has answered no write leaves, though a pass was under way`() async throws {
        try await Installation.with { installation in
            var settings = installation.settings
            settings.level = "debug"
            try installation.configure(settings)
            try await installation.repository.commit(RunTests.first)
            try await installation.setClock(["manual": true])
            try await RunningDaemon.with(installation) { daemon in
                try await daemon.line("operation.waiting") { $0.text("action") == "create" }
                let suspended = try await installation.run("suspend", "--reason", "stop")
                #expect(suspended.status == 0, "\(suspended)")
                let writes = installation.writes
                let before = daemon.now
                try await installation.setClock(["scale": 200])
                // What was sent is followed to its end; what would come after it is not begun.
                try await daemon.line("operation.finished", after: before)
                try await daemon.line("action.deferred", after: before) {
                    $0.text("name") == "shop" && $0.text("reason") == "suspended"
                }
                #expect(installation.writes == writes)
                _ = try await installation.run("resume")
                try await wait(for: "the render that was held back") {
                    installation.writes["installs.createRender"] == 1
                }
            }
        }
    }

    @Test(arguments: [
        ["suspend"], ["suspend", "--reason", ""], ["suspend", "--reason", "x", "--until", "soon"],
        ["suspend", "--reason", "x", "--until", "2020-01-01T00:00:00Z"],
        ["suspend", "--reason", "x", "--until", "2027-02-30T00:00:00Z"],
        ["suspend", "--reason", "x", "--source", "nope"], ["resume", "--source", "nope"],
    ])
    func `wrong usage ends with 64 and suspends nothing`(_ arguments: [String]) async throws {
        try await Installation.with { installation in
            let ending = try await installation.run(arguments)
            #expect(ending.status == 64 && ending.output == "" && !ending.errors.isEmpty, "\(ending)")
        }
    }
}
