import CoreMetrics
import Telemetry
import Testing

@Suite struct PrometheusRegistryTests {
    @Test func `the page is the text format, sorted, with help and type`() {
        let registry = PrometheusRegistry()
        let meters = Meters(factory: registry)
        meters.built(version: "1.2.3")
        meters.reconciled(source: "platform", outcome: "in_sync", in: .milliseconds(40))
        meters.reconciled(source: "edge", outcome: "changed", in: .seconds(3))
        meters.counted(source: "platform", resources: [("Install", "ready", 3), ("Cluster", "ready", 1)])
        let page = registry.text()
        let expected = """
            # HELP akua_gitops_build_info 1, with the version of this daemon.
            # TYPE akua_gitops_build_info gauge
            akua_gitops_build_info{version="1.2.3"} 1
            # HELP akua_gitops_fights_total Differences that came back three times and are corrected no more.
            # TYPE akua_gitops_fights_total counter
            akua_gitops_fights_total 0
            # HELP akua_gitops_operations_in_flight Operations of the platform that are being waited for.
            # TYPE akua_gitops_operations_in_flight gauge
            akua_gitops_operations_in_flight 0
            # HELP akua_gitops_reconcile_duration_seconds How long a pass took, waits for operations included.
            # TYPE akua_gitops_reconcile_duration_seconds histogram
            akua_gitops_reconcile_duration_seconds_bucket{le="0.05"} 1
            akua_gitops_reconcile_duration_seconds_bucket{le="0.1"} 1
            akua_gitops_reconcile_duration_seconds_bucket{le="0.25"} 1
            akua_gitops_reconcile_duration_seconds_bucket{le="0.5"} 1
            akua_gitops_reconcile_duration_seconds_bucket{le="1"} 1
            akua_gitops_reconcile_duration_seconds_bucket{le="2.5"} 1
            akua_gitops_reconcile_duration_seconds_bucket{le="5"} 2
            akua_gitops_reconcile_duration_seconds_bucket{le="10"} 2
            akua_gitops_reconcile_duration_seconds_bucket{le="30"} 2
            akua_gitops_reconcile_duration_seconds_bucket{le="60"} 2
            akua_gitops_reconcile_duration_seconds_bucket{le="300"} 2
            akua_gitops_reconcile_duration_seconds_bucket{le="900"} 2
            akua_gitops_reconcile_duration_seconds_bucket{le="1800"} 2
            akua_gitops_reconcile_duration_seconds_bucket{le="+Inf"} 2
            akua_gitops_reconcile_duration_seconds_sum 3.04
            akua_gitops_reconcile_duration_seconds_count 2
            # HELP akua_gitops_reconcile_total Finished passes, by source and outcome.
            # TYPE akua_gitops_reconcile_total counter
            akua_gitops_reconcile_total{source="edge",outcome="changed"} 1
            akua_gitops_reconcile_total{source="platform",outcome="in_sync"} 1
            # HELP akua_gitops_resources Declared objects, by source, kind and state.
            # TYPE akua_gitops_resources gauge
            akua_gitops_resources{source="platform",kind="Cluster",state="ready"} 1
            akua_gitops_resources{source="platform",kind="Install",state="ready"} 3

            """
        let standing = ["akua_gitops_api_retries_total", "akua_gitops_trace_spans_dropped_total"]
        for name in standing { #expect(page.contains("# TYPE \(name) counter\n\(name) 0\n")) }
        let rest = page.split(separator: "\n").filter { line in !standing.contains { line.contains($0) } }
        #expect(rest.joined(separator: "\n") + "\n" == expected)
    }

    @Test func `every metric of the contract is written, and no other`() {
        let registry = PrometheusRegistry()
        let meters = Meters(factory: registry)
        meters.reconciled(source: "s", outcome: "in_sync", in: .seconds(1))
        meters.acted(kind: "Install", action: "create", outcome: "succeeded")
        meters.counted(source: "s", resources: [("Install", "ready", 1)])
        meters.drifted(kind: "Install")
        meters.requested(method: "GET", route: "/installs/{id}", status: nil, in: .seconds(1))
        meters.retried()
        meters.fetched(in: .seconds(1))
        meters.applied(source: "s", revision: "main@sha1:0")
        meters.converged(source: "s", after: .seconds(9))
        meters.waiting(source: "s", oldestCommitAge: .seconds(7))
        meters.succeeded(source: "s", at: 1_795_262_400.5)
        meters.suspended(source: "s", isSuspended: false)
        meters.built(version: "1")
        let names = registry.text().split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
            .compactMap { $0.split(separator: " ").dropFirst(2).first.map(String.init) }
        #expect(
            names
                == [
                    "actions_total", "api_request_duration_seconds", "api_requests_total", "api_retries_total",
                    "build_info",
                    "commit_to_converged_seconds", "drift_total", "fights_total", "git_fetch_duration_seconds",
                    "last_success_timestamp_seconds", "oldest_unapplied_commit_age_seconds", "operations_in_flight",
                    "reconcile_duration_seconds", "reconcile_total", "resources", "source_info",
                    "suspended", "trace_spans_dropped_total",
                ].map { "akua_gitops_\($0)" })
        #expect(Set(names) == Set(Metric.allCases.map(\.name)))
        #expect(registry.text().contains(#"api_requests_total{method="GET",route="/installs/{id}",status="none"} 1"#))
    }

    @Test func `operations count as in flight while they are waited for, whoever waits`() async {
        let registry = PrometheusRegistry()
        let meters = Meters(factory: registry)
        #expect(samples(registry, "operations_in_flight") == [" 0"])
        await meters.waitingForOperation {
            await meters.waitingForOperation { #expect(samples(registry, "operations_in_flight") == [" 2"]) }
            #expect(samples(registry, "operations_in_flight") == [" 1"])
        }
        #expect(samples(registry, "operations_in_flight") == [" 0"])
    }

    @Test func `what a source no longer has is no longer on the page`() {
        let registry = PrometheusRegistry()
        let meters = Meters(factory: registry)
        meters.applied(source: "a", revision: "main@sha1:1")
        meters.applied(source: "b", revision: "main@sha1:1")
        meters.applied(source: "a", revision: "main@sha1:2")
        meters.counted(source: "a", resources: [("Install", "ready", 2), ("Install", "failed", 1)])
        meters.counted(source: "a", resources: [("Install", "ready", 3)])
        #expect(
            samples(registry, "source_info") == [
                #"{source="a",revision="main@sha1:2"} 1"#, #"{source="b",revision="main@sha1:1"} 1"#,
            ])
        #expect(samples(registry, "resources") == [#"{source="a",kind="Install",state="ready"} 3"#])
        meters.forget(source: "a")
        #expect(samples(registry, "source_info") == [#"{source="b",revision="main@sha1:1"} 1"#])
        #expect(samples(registry, "resources") == [])
    }

    @Test func `S12: labels are escaped and bounded`() {
        let registry = PrometheusRegistry()
        Counter(label: "x", dimensions: [("a-b", "q\"\\\n}")], factory: registry).increment()
        Counter(label: "x", dimensions: [("a-b", String(repeating: "é", count: 1_000))], factory: registry).increment()
        let lines = registry.text().split(separator: "\n")
        #expect(lines.contains(#"x{a_b="q\"\\\n}"} 1"#))
        #expect(lines.allSatisfy { $0.utf8.count < 300 })
    }

    @Test(arguments: 0..<10)
    func `S12: ten thousand hostile labels, one sample each, read back as they were`(_ part: UInt64) {
        var generator = SeededGenerator(seed: 0x9A8 + part)
        let registry = PrometheusRegistry()
        // As Swift compares texts: two that Unicode calls equal are one series.
        var hostile: Set<String> = []
        for _ in 0..<1_000 {
            let value = HostileText.make(using: &generator)
            guard value.utf8.count <= 256 else { continue }
            hostile.insert(value)
            Counter(label: "x", dimensions: [("label", value)], factory: registry).increment()
        }
        // As Prometheus does it: a line ends with a newline alone, and a backslash says what follows.
        let lines = registry.text().utf8.split(separator: UInt8(ascii: "\n")).filter { $0.first == UInt8(ascii: "x") }
        var read: Set<String> = []
        for line in lines {
            let (head, tail) = (Array(#"x{label=""#.utf8), Array(#""} "#.utf8))
            #expect(line.starts(with: head))
            var (value, rest) = ([UInt8](), line.dropFirst(head.count))
            while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
                guard byte == UInt8(ascii: "\\") else {
                    value.append(byte)
                    continue
                }
                guard let escaped = rest.popFirst() else { break }
                value.append(escaped == UInt8(ascii: "n") ? UInt8(ascii: "\n") : escaped)
            }
            #expect(rest.starts(with: tail.dropFirst()) && rest.dropFirst(2).allSatisfy { (0x30...0x39).contains($0) })
            read.insert(String(decoding: value, as: UTF8.self))
        }
        #expect(read == hostile && lines.count == hostile.count)
    }

    @Test func `I12: labels beyond the limit are dropped and counted`() {
        let registry = PrometheusRegistry(seriesMax: 3)
        for index in 0..<10 { Counter(label: "x", dimensions: [("i", "\(index)")], factory: registry).increment() }
        Counter(label: "y", factory: registry).increment(by: 5)
        #expect(samples(registry, "x", prefix: "").count == 3)
        #expect(samples(registry, "y", prefix: "") == [" 5"])
        #expect(samples(registry, "metric_series_dropped_total") == [" 7"])
    }

    @Test func `a name used for two shapes keeps the first`() {
        let registry = PrometheusRegistry()
        Counter(label: "x", factory: registry).increment()
        Gauge(label: "x", factory: registry).record(9)
        #expect(samples(registry, "x", prefix: "") == [" 1"])
    }

    @Test func `every instrument of swift-metrics is kept`() {
        let registry = PrometheusRegistry()
        FloatingPointCounter(label: "f", factory: registry).increment(by: 2.5)
        Meter(label: "m", factory: registry).set(2)
        Meter(label: "m", factory: registry).decrement()
        Recorder(label: "r", factory: registry).record(0.02)
        Recorder(label: "r", factory: registry).record(Double.nan)
        Gauge(label: "g", factory: registry).record(-0.25)
        #expect(samples(registry, "f", prefix: "") == [" 2"])
        #expect(samples(registry, "m", prefix: "") == [" 1"])
        #expect(samples(registry, "r_sum", prefix: "") == [" 0.02"])
        #expect(samples(registry, "r_count", prefix: "") == [" 1"])
        #expect(samples(registry, "g", prefix: "") == [" -0.25"])
    }

    @Test func `many threads at once lose no count`() async {
        let registry = PrometheusRegistry()
        let meters = Meters(factory: registry)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for index in 0..<1_000 {
                        meters.requested(method: "GET", route: "/r\(index % 7)", status: 200, in: .milliseconds(3))
                        if index % 100 == 0 { _ = registry.text() }
                    }
                }
            }
        }
        #expect(samples(registry, "api_request_duration_seconds_count") == [" 8000"])
        #expect(samples(registry, "api_requests_total").count == 7)
    }

    private func samples(_ registry: PrometheusRegistry, _ name: String, prefix: String = "akua_gitops_") -> [String] {
        registry.text().split(separator: "\n").filter {
            $0.hasPrefix(prefix + name + "{") || $0.hasPrefix(prefix + name + " ")
        }.map { String($0.dropFirst((prefix + name).count)) }
    }
}
