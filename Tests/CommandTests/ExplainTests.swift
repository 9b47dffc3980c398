import Foundation
import JSON
import TestSupport
import Testing

/// One object, explained from git, the workspace and the journal, as far as each can be had.
@Suite struct ExplainTests {
    private static let files: [String: String?] = [
        "package.yaml": Road.package(["1.3.0", "1.4.0"]),
        "shops/eu.yaml": Road.install("shop", "1.3.0", values: "{password: canary-7f3a}"),
        "lost.yaml": Road.manifest(
            "Install", "lost", "{package: nowhere, version: 1.0.0, region: eu-central, dependsOn: [Install/shop]}"),
    ]

    @Test func `it shows what is wanted, what is there, whose it is and what was done, and no value`() async throws {
        try await Installation.with { installation in
            let commit = try await installation.repository.commit(Self.files, message: "Open the \u{1B}[31mshop")
            #expect(try await installation.run("reconcile").status == 75)
            let text = try await installation.run("explain", "Install/shop")
            #expect(text.status == 0, "\(text)")
            let short = commit.prefix(8)
            for part in [
                "Install/shop  of source platform\n",
                "  Desired\n    main@\(short), shops/eu.yaml:1:1\n    package: checkout\n",
                "    version: 1.3.0\n", "    values: 1 key, shown by --show-values\n", "    state: healthy\n",
                "    version: 1.3.0 (", "    this source, which made it\n", "    as shops/eu.yaml of \(short) says\n",
                "  done      create\n", "      \(short) Open the  [31mshop (", "of \(short), commit ",
            ] { #expect(text.output.contains(part), "\(part) in \(text)") }
            #expect(!text.output.contains("canary") && !text.output.contains("\u{1B}"), "I11, S12: \(text)")
            #expect(!text.output.contains("Held back"))
            let shown = try await installation.run("explain", "Install/shop", "--show-values")
            #expect(shown.output.contains(#"values: {"password":"canary-7f3a"}"#), "\(shown)")

            let held = try await installation.run("explain", "Install/lost")
            #expect(held.output.contains("    missing-reference: package 'nowhere' is neither declared"), "\(held)")
            #expect(held.output.contains(/\n +since [0-9TZ:-]+ \([0-9]+[sm]\)\n/), "\(held)")
            #expect(held.output.contains("    not in the workspace\n") && held.output.contains("nobody: "), "\(held)")

            // A commit that is not applied yet.
            try await installation.repository.commit([
                "shops/eu.yaml": Road.install("shop", "1.4.0", values: "{password: canary-7f3a}")
            ])
            let next = try await installation.run("explain", "Install/shop")
            #expect(next.output.contains("  The next pass\n    "), "\(next)")
            #expect(
                next.output.contains("version: 1.3.0 → 1.4.0"), "\(next)")
        }
    }

    @Test func `it answers beside a daemon, and from the journal alone where nothing else can be reached`() async throws
    {
        try await Installation.with { installation in
            let commit = try await installation.repository.commit(RunTests.first)
            try await RunningDaemon.with(installation) { daemon in
                try await daemon.converged(on: commit)
                let json = try await installation.run("explain", "Install/shop", "--output", "json")
                let object = try JSONReader.read(json.output)["objects"]?.array?.first
                #expect(object?["observed"]?["fields"]?["state"] == "healthy", "\(json)")
                #expect(object?["desired"]?["file"] == "shop.yaml" && object?["record"]?["ownership"] == "created")
                #expect(object?["desired"]?["fields"]?.object?["values"] == .null)
                #expect(object?["last_actions"]?.array?.last?["commit"] == .string(commit), "\(json)")
                _ = try await installation.run("suspend", "--reason", "the fair")
                let suspended = try await installation.run("explain", "Install/shop", "--offline")
                #expect(suspended.output.contains("! suspended by a person since "), "\(suspended)")
                #expect(!suspended.output.contains("Desired"))
            }
            let alone = try await installation.run(
                "explain", "Install/shop", "--api-base-url", "http://127.0.0.1:1/v1", "--timeout", "60")
            #expect(alone.status == 0, "\(alone)")
            #expect(alone.output.contains("! git and the workspace were not looked at: "), "\(alone)")
            #expect(alone.output.contains("this source, which made it"), "\(alone)")
            try FileManager.default.removeItem(atPath: installation.folder.appending("token"))
            let tokenless = try await installation.run("explain", "Install/shop")
            #expect(tokenless.status == 0 && tokenless.output.contains("token"), "\(tokenless)")
        }
    }

    @Test func `an object that nobody knows is an error with a suggestion, and no journal is no obstacle`() async throws
    {
        try await Installation.with { installation in
            try await installation.repository.commit(RunTests.first)
            let fresh = try await installation.run("explain", "Install/shop")
            #expect(
                fresh.status == 0 && fresh.output.contains("create: declared in git, not in the workspace"), "\(fresh)")
            let wrong = try await installation.run("explain", "Install/shpo")
            #expect(wrong.status == 1 && wrong.output == "", "\(wrong)")
            #expect(wrong.errors.contains("did you mean 'Install/shop'?"), "\(wrong)")
            #expect(try await installation.run("explain", "Install/shop", "--offline").status == 1)
            #expect(try await installation.run("explain", "shop").status == 64)
        }
    }

    @Test func `history show tells all that is on record of one pass`() async throws {
        try await Installation.with { installation in
            let commit = try await installation.repository.commit(RunTests.first, message: "Open the \u{1B}[31mshop")
            #expect(try await installation.run("reconcile").status == 0)
            let list = try JSONReader.read(try await installation.run("history", "--output", "json").output)
            let id = try #require(list["reconciles"]?.array?.first?["reconcile_id"]?.string)
            let text = try await installation.run("history", "show", id)
            #expect(
                text.status == 0 && text.output.hasPrefix("\(id)  platform  changed\n  Open the  [31mshop\n"),
                "\(text)")
            #expect(text.output.contains("  main@sha1:\(commit), by "), "\(text)")
            #expect(
                text.output.contains(
                    /done +create +Install\/shop +declared\n +inst_[a-z0-9]+, operation op_[a-z0-9]+, key agl1-/
                ), "\(text)")
            #expect(
                text.output.contains(/[ ]+render [a-z0-9_]+ deployed, commit [0-9a-f]{40} of its own repository\n/),
                "\(text)")
            let json = try JSONReader.read(try await installation.run("history", "show", id, "--output", "json").output)
            #expect(json["reconcile_id"] == .string(id) && json["v"] == 1)
            #expect(
                json["actions"]?.array?.contains { $0["render_commit_sha"]?.string?.count == 40 } == true, "\(json)")
            let unknown = try await installation.run("history", "show", "rec-nope")
            #expect(
                unknown.status == 1 && unknown.errors.contains("no pass on record is called 'rec-nope'"), "\(unknown)")
            #expect(try await installation.run("history", "show").status == 64)
        }
    }

    @Test func `status --watch prints again what has changed, and ends`() async throws {
        try await Installation.with { installation in
            try await installation.repository.commit(RunTests.first)
            #expect(try await installation.run("reconcile").status == 0)
            let quiet = try await installation.run("status", "--watch", "--timeout", "2")
            #expect(
                quiet.status == 0 && quiet.output.components(separatedBy: "platform  in sync").count == 2, "\(quiet)")
            let json = try await installation.run("status", "--watch", "--timeout", "1", "--output", "json")
            #expect(json.output.split(separator: "\n").count == 1, "\(json)")
            try await RunningDaemon.with(installation) { daemon in
                try await daemon.line("reconcile.finished")
                // Ended as Ctrl-C ends it, once it has shown the change.
                let watched = try await watch(installation) {
                    let commit = try await installation.repository.commit(["more.yaml": Road.install("more", "1.4.0")])
                    try await daemon.converged(on: commit)
                }
                #expect(
                    watched.contains(
                        /platform  in sync.*Install\/shop +ready.*\n\nplatform  .*Install\/more +ready/
                            .dotMatchesNewlines()), "\(watched)")
                #expect(!watched.contains("\u{1B}"))
            }
        }
    }

    /// What a watcher prints while `change` happens, until it has shown it.
    private func watch(_ installation: Installation, _ change: () async throws -> Void) async throws -> String {
        let output = installation.folder.appending("watched")
        try Data().write(to: URL(filePath: output))
        let process = Process()
        process.executableURL = Installation.program
        process.arguments = ["status", "--watch", "--config", installation.folder.appending("config.yaml")]
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
        try process.run()
        func text() throws -> String { try String(contentsOfFile: output, encoding: .utf8) }
        try await wait(for: "the first block") { try text().contains("Install/shop") }
        try await change()
        try await wait(for: "the change to be shown") { try text().contains(/Install\/more +ready/) }
        process.interrupt()
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGINT)
        return try text()
    }
}
