import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

/// The daemon at work: the real program on real repositories, seen through its log and its endpoints.
@Suite struct RunTests {
    static let first: [String: String?] = [
        "package.yaml": Road.package(["1.3.0", "1.4.0"]), "shop.yaml": Road.install("shop", "1.3.0"),
    ]

    @Test func `I5: a commit becomes the workspace, and a further pass sends no write`() async throws {
        try await Installation.with { installation in
            let commit = try await installation.repository.commit(Self.first, message: "Open the shop")
            installation.emulator.emulator.add(
                Fault(on: "workspaces.list", .nth(1), .answer(status: 503, headers: [], body: [])))
            try await RunningDaemon.with(installation) { daemon in
                let changed = try await daemon.converged(on: commit)
                #expect(changed.text("outcome") == "changed")
                let counts = ["created", "updated", "rendered", "deleted", "adopted", "unchanged", "failed"]
                #expect(counts.map { changed.int($0) } == [3, 1, 1, 0, 0, 0, 0])
                try await expectPages(daemon, commit)

                let writes = installation.writes
                let asked = daemon.now
                #expect(try await installation.run("trigger").output == "triggered platform\n")
                let again = try await daemon.converged(on: commit, after: asked)
                #expect(again.text("outcome") == "in_sync" && again.int("unchanged") == 4)
                #expect(installation.writes == writes)

                let next = try await installation.repository.commit(["shop.yaml": Road.install("shop", "1.4.0")])
                try await daemon.converged(on: next)
                #expect(installation.writes["installs.updateVersion"] == 1)
                #expect(try await daemon.metric(#"commit_to_converged_seconds_count{source="platform"}"#) == 2)
                expectContract(daemon.lines)
            }
            #expect(installation.emulator.contractViolations.isEmpty, "\(installation.emulator.contractViolations)")
            let history = try JSONReader.read(try await installation.run("history", "--output", "json").output)
            let passes = history["reconciles"]?.array ?? []
            #expect(passes.count == 2 && passes.allSatisfy { $0["outcome"] == "changed" }, "\(history)")
            #expect(passes.map { $0["actions"]?.array?.count } == [2, 5])
        }
    }

    private func expectPages(_ daemon: RunningDaemon, _ commit: String) async throws {
        #expect(try await daemon.get("/healthz").status == 200)
        try await daemon.isUnready()
        let status = try await daemon.get("/v1/status").json["sources"]?.array?.first
        #expect(status?["source"] == "platform" && status?["ready"] == true && status?["error"] == .null)
        #expect(status?["revision"] == .string("main@sha1:\(commit)") && status?["outcome"] == "changed")
        let series: [(name: String, value: Double)] = [
            (#"reconcile_total{source="platform",outcome="changed"}"#, 1),
            ("reconcile_duration_seconds_count", 1),
            (#"actions_total{kind="Install",action="create",outcome="succeeded"}"#, 1),
            (#"actions_total{kind="Package",action="import",outcome="succeeded"}"#, 1),
            (#"resources{source="platform",kind="Install",state="live"}"#, 1),
            (#"resources{source="platform",kind="PackageVersion",state="live"}"#, 2),
            (#"api_requests_total{method="POST",route="/installs",status="202"}"#, 1),
            (#"api_requests_total{method="GET",route="/workspaces",status="503"}"#, 1),
            ("api_retries_total", 1), ("fights_total", 0), ("operations_in_flight", 0),
            (#"source_info{source="platform",revision="main@sha1:\#(commit)"}"#, 1),
            (#"oldest_unapplied_commit_age_seconds{source="platform"}"#, 0),
            (#"commit_to_converged_seconds_count{source="platform"}"#, 1),
            (#"build_info{version="0.1.0"}"#, 1),
        ]
        for (name, value) in series { #expect(try await daemon.metric(name) == value, "\(name)") }
        #expect(try await daemon.metric("git_fetch_duration_seconds_count") ?? 0 >= 1)
        let last = try await daemon.metric(#"last_success_timestamp_seconds{source="platform"}"#) ?? 0
        #expect(abs(last - Date().timeIntervalSince1970) < 60)
    }

    /// What every line has, and what each event has besides.
    private func expectContract(_ lines: [RunningDaemon.Line]) {
        let always = ["v", "ts", "level", "event", "msg"]
        let ofPass = ["source", "reconcile_id"]
        let ofCommit = ofPass + ["revision", "commit"]
        let ofAction = ofCommit + ["kind", "name", "action", "reason"]
        let fields: [String: [String]] = [
            "daemon.starting": ["version", "libraries", "pid", "count"], "daemon.ready": ["address", "count"],
            "source.fetched": ofCommit + ["author", "subject", "duration_ms"], "reconcile.started": ofCommit,
            "plan.computed": ofCommit + ["digest", "count"], "action.started": ofAction,
            "action.succeeded": ofAction + ["outcome", "resource_id", "duration_ms"],
            "operation.finished": ofCommit + ["kind", "name", "operation_id", "state", "duration_ms"],
            "render.recorded": ofCommit + ["kind", "name", "render_id", "render_commit_sha", "resource_id"],
            "reconcile.finished": ofCommit + ["outcome", "duration_ms", "created", "failed"],
            "api.retried": ["method", "route", "http_status", "attempt", "delay_ms", "reason"],
        ]
        for (event, names) in fields {
            let found = lines.filter { $0.event == event }
            #expect(!found.isEmpty, "no \(event) was logged")
            for line in found {
                let missing = (always + names).filter { line.json[$0] == nil }
                #expect(missing.isEmpty, "\(event) lacks \(missing): \(line.json)")
            }
        }
        let libraries = lines.first { $0.event == "daemon.starting" }?.text("libraries") ?? ""
        for name in ["libgit2", "libyaml", "sqlite", "libcurl"] {
            let product = libraries.split(separator: " ").first { $0.hasPrefix("\(name)/") } ?? ""
            #expect(product.contains(/\/[1-9]?\d\.\d+(\.\d+)?$/), "\(libraries)")
        }
        for line in lines {
            #expect(line.json["v"] == 1 && line.bytes <= 16 << 10 && !line.event.isEmpty, "\(line.json)")
            #expect(!JSONWriter().text(of: line.json).contains("sk_akua_test"))
        }
    }

    @Test func `I8: a bad commit keeps the last good revision and deletes nothing, until a good one comes`()
        async throws
    {
        try await Installation.with { installation in
            var files = Self.first
            files["extra.yaml"] = Road.install("extra", "1.4.0")
            let good = try await installation.repository.commit(files)
            try await RunningDaemon.with(installation) { daemon in
                try await daemon.converged(on: good)
                let writes = installation.writes
                let before = daemon.now
                let bad = try await installation.repository.commit([
                    "extra.yaml": nil, "bad.yaml": "apiVersion: gitops.akua.dev/v1\nkind: Instal\n",
                ])
                let rejected = try await daemon.line("source.rejected", after: before)
                #expect(rejected.text("commit") == bad)
                let invalid = try await daemon.line("manifest.invalid", after: before) { $0.int("line") == 2 }
                #expect(invalid.text("file") == "bad.yaml" && invalid.int("column") == 7)
                let kept = try await daemon.converged(on: good, after: before)
                #expect(kept.text("outcome") == "in_sync" && kept.text("revision") == "main@sha1:\(good)")
                #expect(installation.writes == writes)
                try await daemon.isUnready("platform rejected")
                let status = try await daemon.get("/v1/status").json["sources"]?.array?.first
                #expect(status?["revision"] == .string("main@sha1:\(good)"))
                #expect(status?["error"]?["message"]?.string?.hasPrefix("bad.yaml:") == true)
                #expect(
                    try await daemon.metric(#"oldest_unapplied_commit_age_seconds{source="platform"}"#) ?? 0 > 0)
                #expect(try await daemon.metric(#"source_info{source="platform",revision="main@sha1:\#(good)"}"#) == 1)

                let better = try await installation.repository.commit(["bad.yaml": nil])
                try await daemon.converged(on: better)
                try await daemon.isUnready()
                #expect(installation.writes["installs.delete"] == 1)
                #expect(try await daemon.metric(#"oldest_unapplied_commit_age_seconds{source="platform"}"#) == 0)
            }
        }
    }

    @Test func `what can't be reached is said, waited out and found again`() async throws {
        try await Installation.with { installation in
            let emulator = installation.emulator.emulator
            let commit = try await installation.repository.commit(Self.first)
            emulator.add(Fault(on: "workspaces.list", .always, .answer(status: 503, headers: [], body: [])))
            try await RunningDaemon.with(installation) { daemon in
                let failed = try await daemon.line("reconcile.failed")
                #expect(failed.text("error_code") == "api-unreachable" && failed.text("outcome") == "failed")
                try await daemon.isUnready("platform api-unreachable")
                #expect(
                    try await daemon.metric(#"oldest_unapplied_commit_age_seconds{source="platform"}"#) ?? 0 > 0)
                emulator.removeFaults()
                try await daemon.converged(on: commit)
                try await daemon.isUnready()

                let moved = installation.folder.appending("elsewhere")
                let before = daemon.now
                try FileManager.default.moveItem(atPath: installation.repository.path, toPath: moved)
                try await daemon.line("source.failed", after: before)
                try await daemon.isUnready("platform git-unreachable")
                try FileManager.default.moveItem(atPath: moved, toPath: installation.repository.path)
                let next = try await installation.repository.commit(["shop.yaml": Road.install("shop", "1.4.0")])
                try await daemon.converged(on: next)
                try await daemon.isUnready()

                // A token that is taken back while it runs, and put in place again.
                emulator.setTokens([AccessToken(value: "sk_akua_other", reach: .workspace("ws_test"))])
                _ = try await installation.run("trigger")
                try await daemon.line("reconcile.failed", after: before) { $0.text("error_code") == "unauthorized" }
                try await daemon.isUnready("platform unauthorized")
                try installation.setToken("sk_akua_other")
                let renewed = daemon.now
                try await daemon.converged(on: next, after: renewed)
                try await daemon.isUnready()
            }
        }
    }

    @Test func `several sources: each goes its own way, and none touches what is another's`() async throws {
        try await Installation.with { installation in
            let other = try await GitFixture(at: installation.folder.appending("other.git"))
            var settings = installation.settings
            settings.sources.append(.init(name: "other", url: other.path))
            try installation.configure(settings)
            let commit = try await installation.repository.commit(Self.first)
            try await other.commit(["bad.yaml": "apiVersion: gitops.akua.dev/v1\nkind: Instal\n"])
            try await RunningDaemon.with(installation) { daemon in
                try await daemon.converged(on: commit)
                try await daemon.line("source.rejected") { $0.text("source") == "other" }
                try await daemon.isUnready("other rejected")
                #expect(installation.live("installs").count == 1)

                // The same names, the same package.
                var files = Self.first
                files["bad.yaml"] = .some(nil)
                let repaired = try await other.commit(files)
                try await daemon.converged(on: repaired, source: "other")
                try await daemon.isUnready()
                #expect(installation.live("installs").count == 2)
                #expect(installation.live("packages").count == 1)
                let own = try await daemon.line("action.succeeded") {
                    $0.text("source") == "other" && $0.text("kind") == "Install" && $0.text("action") == "create"
                }

                let closed = try await installation.repository.commit(["shop.yaml": nil])
                try await daemon.converged(on: closed)
                #expect(installation.live("installs").map { $0["id"]?.string } == [own.text("resource_id")])
                let emptied = try await other.commit(["shop.yaml": nil, "package.yaml": Road.package(["1.3.0"])])
                try await daemon.converged(on: emptied, source: "other")
                #expect(installation.live("installs").isEmpty)
                #expect(installation.live("packages").count == 1)
            }
            #expect(try await installation.run("plan").status == 0)
        }
    }

    @Test func `a second daemon or pass on one state directory is refused and names the first`() async throws {
        try await Installation.with { installation in
            var files = Self.first
            for number in 0..<4 { files["extra\(number).yaml"] = Road.install("extra\(number)", "1.4.0") }
            try await installation.repository.commit(files)
            try await RunningDaemon.with(installation) { daemon in
                try await daemon.converged(on: try await installation.repository.tip())
                for command in ["run", "reconcile"] {
                    let second = try await installation.run(command)
                    #expect(second.status == 1, "\(command): \(second)")
                    #expect(second.errors.contains("\(daemon.pid)"), "\(command): \(second)")
                }

                // allow and release go through the daemon that holds the journal.
                var removal: [String: String?] = [:]
                for number in 0..<4 { removal["extra\(number).yaml"] = .some(nil) }
                let commit = try await installation.repository.commit(removal)
                let blocked = try await daemon.line("prune.blocked")
                #expect(blocked.int("count") == 4 && blocked.text("commit") == commit)
                try await daemon.line("reconcile.finished") { $0.text("outcome") == "blocked" }
                let unknown = try await installation.run("allow", "no digest")
                #expect(unknown.status == 64 && unknown.errors.contains("no digest"), "\(unknown)")
                #expect(try await installation.run("allow", blocked.text("digest")).status == 0)
                try await daemon.converged(on: commit)
                #expect(installation.writes["installs.delete"] == 4)

                let released = try await installation.run("release", "Install/shop")
                #expect(released.status == 0 && released.output.contains("is not ours any more"), "\(released)")
                let empty = try await installation.repository.commit(["shop.yaml": nil])
                try await daemon.converged(on: empty)
                #expect(installation.writes["installs.delete"] == 4)
                let twice = try await installation.run("release", "Install/shop")
                #expect(twice.status == 1 && twice.errors.contains("no source owns Install/shop"), "\(twice)")
            }
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var testDescription: String { arguments.joined(separator: " ") }
        var arguments: [String]
        var status: Int32
        var sentence: String
    }

    @Test(arguments: [
        Refusal(arguments: ["run", "--timeout", "5"], status: 64, sentence: "--timeout is not for run"),
        Refusal(arguments: ["reconcile", "--timeout", "0"], status: 64, sentence: "1 or more"),
        Refusal(arguments: ["suspend"], status: 64, sentence: "Missing expected argument '--reason"),
        Refusal(arguments: ["export"], status: 64, sentence: "not supported by this version"),
        Refusal(arguments: ["trigger"], status: 1, sentence: "no daemon listens"),
        Refusal(arguments: ["run", "--source", "nobody"], status: 64, sentence: "the configuration has 'platform'"),
        Refusal(arguments: ["run", "--state-directory", "relative"], status: 78, sentence: "absolute"),
    ])
    func `a command that makes no sense is refused with a sentence`(_ row: Refusal) async throws {
        try await Installation.with { installation in
            let ending = try await installation.run(row.arguments)
            #expect(ending.status == row.status && ending.errors.contains(row.sentence), "\(ending)")
        }
    }

    @Test func `a port that is taken ends the daemon with a sentence`() async throws {
        try await Installation.with { installation in
            try await installation.repository.commit(Self.first)
            var settings = installation.settings
            settings.listen = "127.0.0.1:\(installation.emulator.address.port)"
            try installation.configure(settings)
            let ending = try await installation.run("run")
            #expect(ending.status == 1 && ending.errors.contains("choose another server.listen"), "\(ending)")
            #expect(ending.output.contains("daemon.stopped"), "\(ending)")
        }
    }
}
