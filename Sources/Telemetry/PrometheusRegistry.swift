package import CoreMetrics
import Synchronization

/// Keeps what is measured in memory and writes it as Prometheus reads it (text format 0.0.4).
///
/// A backend of swift-metrics: counters, gauges, and recorders and timers as histograms (timers in seconds). Costs
/// nothing while nobody measures or scrapes. Holds I12: a metric has at most `seriesMax` combinations of labels;
/// further ones are dropped and counted.
package final class PrometheusRegistry: MetricsFactory {
    /// The `Content-Type` of ``text()``.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Counts what was dropped; there once something was.
    package static let droppedSeriesName = "akua_gitops_metric_series_dropped_total"

    private struct Family {
        var shape: Metric.Shape
        var series: [PrometheusLabels: any PrometheusSeries] = [:]
    }
    private struct State {
        var families: [String: Family] = [:]
        var droppedSeries = 0
    }

    private let seriesMax: Int
    private let state = Mutex(State())
    private let known: [String: Metric]

    package init(seriesMax: Int = 4_096) {
        self.seriesMax = seriesMax
        known = Dictionary(uniqueKeysWithValues: Metric.allCases.map { ($0.name, $0) })
    }

    /// Everything measured so far, sorted by name and labels.
    package func text() -> String {
        let (families, dropped) = state.withLock { ($0.families, $0.droppedSeries) }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) where !family.series.isEmpty {
            if let help = known[name]?.help { text += "# HELP \(name) \(PrometheusText.help(help))\n" }
            text += "# TYPE \(name) \(family.shape.word)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.write(name, labels, to: &text)
            }
        }
        if dropped > 0 {
            text += "# HELP \(Self.droppedSeriesName) Combinations of labels beyond the limit.\n"
            text += "# TYPE \(Self.droppedSeriesName) counter\n"
            text += "\(Self.droppedSeriesName) \(dropped)\n"
        }
        return text
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter) { CounterSeries() } ?? NOOPMetricsHandler.instance
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge) { GaugeSeries() } ?? NOOPMetricsHandler.instance
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else {
            return series(label, dimensions, .gauge) { GaugeSeries() } ?? NOOPMetricsHandler.instance
        }
        return histogram(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    private static let boundsDefault = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> HistogramSeries? {
        var bounds = Self.boundsDefault
        if case .histogram(let own)? = known[label]?.shape { bounds = own }
        return series(label, dimensions, .histogram(bounds: bounds)) { HistogramSeries(bounds: bounds) }
    }

    /// The one series of that name and those labels; nil over the limit, or when the name has another shape.
    private func series<Series: PrometheusSeries>(
        _ label: String, _ dimensions: [(String, String)], _ shape: Metric.Shape, make: () -> Series
    ) -> Series? {
        let name = PrometheusText.name(label)
        let labels = PrometheusLabels(dimensions)
        return state.withLock { state in
            let family = state.families[name]
            if let existing = family?.series[labels] { return existing as? Series }
            guard family.map({ $0.shape == shape }) ?? true, (family?.series.count ?? 0) < seriesMax else {
                state.droppedSeries += 1
                return nil
            }
            let series = make()
            state.families[name, default: Family(shape: shape)].series[labels] = series
            return series
        }
    }

    private func remove(_ handler: AnyObject) {
        state.withLock { state in
            for name in state.families.keys {
                guard let labels = state.families[name]?.series.first(where: { $0.value === handler })?.key else {
                    continue
                }
                state.families[name]?.series[labels] = nil
                return
            }
        }
    }
}

extension Metric.Shape {
    fileprivate var word: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}
