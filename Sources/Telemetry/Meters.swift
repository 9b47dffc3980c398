package import CoreMetrics
import Synchronization

/// What the daemon measures, one verb for each ``Metric``; a value to pass along, on any backend of swift-metrics.
///
/// A thing that stops existing (a revision, a state, a source) takes its series with it.
package final class Meters: Sendable {
    private typealias Dimensions = [(String, String)]

    private let factory: any MetricsFactory
    /// Gauges that stand for what a source has now, by source: the next report removes those it does not name.
    private let standing = Mutex<[Metric: [String: [[String]: Gauge]]]>([:])
    /// How many operations are being waited for, over all sources.
    private let operations = Mutex(0)

    /// What has no labels exists from the start, at zero, so that a first increase shows.
    package init(factory: any MetricsFactory) {
        self.factory = factory
        gauge(.operationsInFlight, []).record(0)
        for metric in Metric.allCases where metric.labels.isEmpty && metric.shape == .counter { add(0, to: metric) }
    }

    /// For tests and commands that nobody scrapes.
    package static func none() -> Meters { Meters(factory: NOOPMetricsHandler.instance) }

    /// A pass ended with that outcome.
    package func reconciled(source: String, outcome: String, in duration: Duration) {
        add(1, to: .reconciles, source, outcome)
        observe(duration, in: .reconcileDuration)
    }

    /// An action was tried.
    package func acted(kind: String, action: String, outcome: String) { add(1, to: .actions, kind, action, outcome) }

    /// A difference was found without a new commit.
    package func drifted(kind: String) { add(1, to: .drift, kind) }

    /// One attempt at a request; `route` is the path's pattern and never holds an id, `status` nil without an answer.
    package func requested(method: String, route: String, status: Int?, in duration: Duration) {
        add(1, to: .apiRequests, method, route, status.map(String.init) ?? "none")
        observe(duration, in: .apiRequestDuration)
    }

    /// A request was sent again.
    package func retried() { add(1, to: .apiRetries) }

    /// A fetch from a git remote ended.
    package func fetched(in duration: Duration) { observe(duration, in: .gitFetchDuration) }

    /// The time from a commit to the end of the pass that brought it in sync.
    package func converged(source: String, after duration: Duration) {
        observe(duration, in: .commitToConverged, source)
    }

    /// The objects of a source, counted by kind and state; all of them, each time.
    package func counted(source: String, resources: [(kind: String, state: String, count: Int)]) {
        let series = resources.map { ([source, $0.kind, $0.state], Double($0.count)) }
        replace(.resources, of: source, with: Dictionary(series, uniquingKeysWith: +))
    }

    /// The revision that a source is at.
    package func applied(source: String, revision: String) {
        replace(.sourceInfo, of: source, with: [[source, revision]: 1])
    }

    /// The age of the oldest commit that is not applied; zero when there is none.
    package func waiting(source: String, oldestCommitAge: Duration) {
        replace(.oldestUnappliedCommitAge, of: source, with: [[source]: oldestCommitAge / .seconds(1)])
    }

    /// Whether nothing is written for a source at present, since a person or its settings say so.
    package func suspended(source: String, isSuspended: Bool) {
        replace(.suspended, of: source, with: [[source]: isSuspended ? 1 : 0])
    }

    /// When a source was last in sync, in seconds since 1970.
    package func succeeded(source: String, at seconds: Double) {
        replace(.lastSuccess, of: source, with: [[source]: seconds])
    }

    /// Counts one more operation that is being waited for, for as long as `body` takes.
    package func waitingForOperation<Value, Failure: Error>(
        _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        changeOperations(by: 1)
        defer { changeOperations(by: -1) }
        return try await body()
    }

    private func changeOperations(by step: Int) {
        operations.withLock { operations in
            operations += step
            gauge(.operationsInFlight, []).record(operations)
        }
    }

    /// Spans were lost on the way to the collector.
    package func dropped(spans: Int) { add(spans, to: .spansDropped) }

    /// Which build this is.
    package func built(version: String) { gauge(.buildInfo, [version]).record(1) }

    /// Removes what stands for a source that is configured no more.
    package func forget(source: String) {
        for metric in Metric.allCases where metric.shape == .gauge && metric.labels.contains(.source) {
            replace(metric, of: source, with: [:])
        }
    }

    private func add(_ amount: Int, to metric: Metric, _ values: String...) {
        Counter(label: metric.name, dimensions: dimensions(of: metric, values), factory: factory).increment(by: amount)
    }

    private func observe(_ duration: Duration, in metric: Metric, _ values: String...) {
        Timer(label: metric.name, dimensions: dimensions(of: metric, values), factory: factory)
            .recordNanoseconds(duration.whole(perSecond: 1_000_000_000))
    }

    private func gauge(_ metric: Metric, _ values: [String]) -> Gauge {
        Gauge(label: metric.name, dimensions: dimensions(of: metric, values), factory: factory)
    }

    private func replace(_ metric: Metric, of source: String, with series: [[String]: Double]) {
        standing.withLock { standing in
            let old = standing[metric]?[source] ?? [:]
            for (values, gauge) in old where series[values] == nil { gauge.destroy() }
            var new: [[String]: Gauge] = [:]
            for (values, number) in series {
                let gauge = old[values] ?? gauge(metric, values)
                gauge.record(number)
                new[values] = gauge
            }
            standing[metric, default: [:]][source] = new.isEmpty ? nil : new
        }
    }

    private func dimensions(of metric: Metric, _ values: [String]) -> Dimensions {
        precondition(values.count == metric.labels.count, "\(metric.name) has another number of labels")
        return zip(metric.labels, values).map { ($0.rawValue, $1) }
    }
}
