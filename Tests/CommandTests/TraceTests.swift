import AkuaEmulator
import Foundation
import TestSupport
import Testing

/// Traces of the real program, as a collector gets them.
@Suite(.timeLimit(.minutes(3))) struct TraceTests {
    @Test func `a commit is one trace, from its fetch to the last request`() async throws {
        let collector = try OTLPReceiver()
        defer { collector.stop() }
        try await Installation.with { installation in
            let commit = try await installation.repository.commit(RunTests.first)
            let variables = ["OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint]
            let id = try await RunningDaemon.with(installation, environment: variables) { daemon in
                let finished = try await daemon.converged(on: commit)
                // The first pass may have been too early for the last render.
                await collector.wait { $0.contains { $0.name == "reconcile" } }
                let asked = daemon.now
                _ = try await installation.run("trigger")
                try await daemon.converged(on: commit, after: asked)
                await collector.wait { $0.count { $0.name == "reconcile" } == 2 }
                return finished.text("reconcile_id")
            }
            #expect(collector.violations == [])
            // A stop that comes between a batch and its answer sends the batch again: the same spans, by the same ids.
            var seen: Set<String> = []
            let spans = collector.spans.filter { seen.insert($0.id).inserted }
            let roots = spans.filter { $0.name == "reconcile" }
            let root = try #require(roots.first)
            #expect(root.trace == String(commit.prefix(32)) && root.parent == nil && !root.hasFailed)
            #expect(root.text("vcs.ref.head.revision") == commit && root.text("akua.reconcile_id") == id)
            #expect(root.text("akua.outcome") == "changed" && root.text("akua.source") == "platform")
            try expectTrace(spans.filter { $0.trace == root.trace }, root)
            // What is done once the commit is applied is another matter.
            #expect(roots.count == 2 && roots[1].trace != root.trace && roots[1].text("akua.outcome") == "in_sync")
            #expect(roots[1].text("vcs.ref.head.revision") == commit)
            let requests = spans.filter(\.isClient)
            #expect(requests.count == installation.emulator.emulator.requests().count)
        }
    }

    private func expectTrace(_ spans: [OTLPReceiver.Span], _ root: OTLPReceiver.Span) throws {
        let byID = Dictionary(spans.map { ($0.id, $0) }) { first, _ in first }
        #expect(byID.count == spans.count)
        for span in spans where span.id != root.id {
            let parent = try #require(span.parent.flatMap { byID[$0] }, "\(span.name) has no parent in its trace")
            #expect(parent.start <= span.start && span.end <= parent.end, "\(span.name) is outside \(parent.name)")
        }
        for name in ["fetch", "parse", "plan", "import Package", "create Install", "render Install"] {
            #expect(spans.contains { $0.name == name && $0.parent == root.id && !$0.isClient }, "no \(name)")
        }
        let create = try #require(spans.first { $0.name == "create Install" })
        #expect(create.text("akua.name") == "shop" && create.text("akua.outcome") == "succeeded")
        #expect(create.text("akua.resource_id")?.hasPrefix("inst_") == true)
        let post = try #require(spans.first { $0.name == "POST /installs" })
        #expect(post.parent == create.id && post.isClient)
        #expect(post.text("http.request.method") == "POST" && post.text("url.template") == "/installs")
        #expect(post.text("http.response.status_code") == "202" && post.text("akua.call") == "installs.create")
        #expect(post.text("server.address") == "127.0.0.1" && post.text("server.port") != nil)
    }

    @Test func `a command sends its traces before it ends, those of failures too`() async throws {
        let collector = try OTLPReceiver()
        defer { collector.stop() }
        try await Installation.with { installation in
            try installation.configure(Installation.Source(), baseURL: "http://127.0.0.1:1/v1")
            let commit = try await installation.repository.commit(RunTests.first)
            let ending = try await installation.run("reconcile", "--telemetry-otlp-endpoint", collector.endpoint)
            #expect(ending.status == 69)
            #expect(collector.violations == [])
            let root = try #require(collector.spans.first { $0.name == "reconcile" })
            #expect(root.trace == String(commit.prefix(32)) && root.hasFailed && root.text("error.type") == "PassError")
            let attempts = collector.spans.filter { $0.name == "GET /workspaces" }
            #expect(attempts.allSatisfy { $0.hasFailed && $0.text("error.type") == "broken" && $0.parent == root.id })
            #expect(attempts.map { $0.text("http.request.resend_count") ?? "0" }.sorted() == ["0", "1", "2"])
        }
    }

    @Test func `what the collector can't take now it gets later`() async throws {
        let collector = try OTLPReceiver { $0.number == 1 ? .json("{}", status: 503) : .json("{}") }
        defer { collector.stop() }
        try await Installation.with { installation in
            let commit = try await installation.repository.commit(RunTests.first)
            let variables = ["AKUA_GITOPS_TELEMETRY_OTLP_ENDPOINT": collector.endpoint]
            try await RunningDaemon.with(installation, environment: variables) { daemon in
                try await daemon.converged(on: commit)
                let failed = try await daemon.line("telemetry.failed")
                #expect(failed.text("error").contains("503") && failed.text("address") == collector.endpoint)
                await collector.wait { spans in spans.contains { $0.name == "reconcile" } }
                #expect(try await daemon.metric("trace_spans_dropped_total") == 0)
            }
            let ids = collector.spans.map(\.id)
            #expect(Set(ids).count < ids.count, "what was refused has come again")
        }
    }

    @Test func `what the collector refuses is counted, and no pass is disturbed`() async throws {
        let collector = try OTLPReceiver(always: .json("{}", status: 400))
        defer { collector.stop() }
        try await Installation.with { installation in
            let commit = try await installation.repository.commit(RunTests.first)
            let variables = ["OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint]
            try await RunningDaemon.with(installation, environment: variables) { daemon in
                try await daemon.converged(on: commit)
                try await daemon.line("telemetry.failed")
                #expect(try await daemon.metric("trace_spans_dropped_total") ?? 0 > 0)
            }
        }
    }

    @Test func `of what the collector takes in part the rest is counted`() async throws {
        try await Installation.with { installation in
            let answer = #"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}"#
            let collector = try OTLPReceiver(always: .json(answer))
            defer { collector.stop() }
            let commit = try await installation.repository.commit(RunTests.first)
            try await RunningDaemon.with(
                installation, environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint]
            ) { daemon in
                try await daemon.converged(on: commit)
                let said = try await daemon.line("telemetry.failed")
                #expect(said.int("count") == 2 && said.text("error").contains("too old"), "\(said)")
                try await wait(for: "the spans that were refused") {
                    let dropped = try await daemon.metric("trace_spans_dropped_total") ?? 0
                    return dropped >= 2 && dropped.truncatingRemainder(dividingBy: 2) == 0
                }
            }
        }
    }

    @Test func `R15: a collector that never answers holds up neither a pass nor the end`() async throws {
        let collector = try OTLPReceiver(always: [.hang])
        defer { collector.stop() }
        try await Installation.with { installation in
            let commit = try await installation.repository.commit(RunTests.first)
            let daemon = try RunningDaemon(
                installation, environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint])
            try await daemon.converged(on: commit)
            let ending = try await daemon.stop()
            #expect(ending.status == 0 && ending.duration < .seconds(5), "\(ending)")
        }
    }
}
