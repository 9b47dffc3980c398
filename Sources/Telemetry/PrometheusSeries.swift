import CoreMetrics
import Synchronization

/// One line of a metric, or one histogram: a number that changes.
protocol PrometheusSeries: AnyObject, Sendable {
    /// Appends its samples, a line each.
    func write(_ name: String, _ labels: PrometheusLabels, to text: inout String)
}

final class CounterSeries: PrometheusSeries, CounterHandler {
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }

    func reset() { value.store(0, ordering: .relaxed) }

    func write(_ name: String, _ labels: PrometheusLabels, to text: inout String) {
        text += "\(name)\(labels.text()) \(value.load(ordering: .relaxed))\n"
    }
}

final class GaugeSeries: PrometheusSeries, RecorderHandler, MeterHandler {
    private let value = Mutex(0.0)

    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }

    func write(_ name: String, _ labels: PrometheusLabels, to text: inout String) {
        text += "\(name)\(labels.text()) \(PrometheusText.number(value.withLock { $0 }))\n"
    }
}

final class HistogramSeries: PrometheusSeries, RecorderHandler, TimerHandler {
    private struct State {
        /// One for each bound, and one for what is beyond the last.
        var counts: [Int]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    /// `bounds` are upper bounds, ascending.
    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        // What is no number would make the sum none for ever.
        guard value.isFinite else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    func write(_ name: String, _ labels: PrometheusLabels, to text: inout String) {
        let state = state.withLock { $0 }
        var total = 0
        for (bound, count) in zip(bounds + [.infinity], state.counts) {
            total += count
            text += "\(name)_bucket\(labels.text(and: ("le", PrometheusText.number(bound)))) \(total)\n"
        }
        text += "\(name)_sum\(labels.text()) \(PrometheusText.number(state.sum))\n"
        text += "\(name)_count\(labels.text()) \(total)\n"
    }
}
