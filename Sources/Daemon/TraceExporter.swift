import CurlTransport
import JSON
import Synchronization
import Telemetry

/// Sends spans to a collector, in batches over OTLP/HTTP with JSON.
///
/// Beside the passes, and never in their way: they put spans into a bounded queue and go on. What the collector does not
/// take is tried again more and more seldom; what the queue can't hold meanwhile is dropped and counted (I12).
struct TraceExporter: Sendable {
    /// What a request takes along at most.
    private static let batchMax = 512
    /// How long spans are gathered before they are sent.
    private static let gathering = Duration.seconds(1)
    private static let retryMin = Duration.seconds(1)
    private static let retryMax = Duration.seconds(30)
    /// What a stop waits for the last of them.
    private static let farewell = Duration.milliseconds(500)
    private static let answerBytesMax = 64 << 10

    /// For those who make spans.
    let traces: Traces
    private let endpoint: String
    private let queue: SpanQueue
    private let transport: HTTPTransport
    private let logger: Logger
    private let version: String

    init(endpoint: String, version: String, logger: Logger, meters: Meters) {
        self.endpoint = endpoint
        self.version = version
        self.logger = logger
        queue = SpanQueue { meters.dropped(spans: $0) }
        traces = .recording(into: queue)
        // A transport of its own: the platform's trusts what the platform needs, and its requests wait for nobody else's.
        transport = HTTPTransport(TransportConfiguration(allowsPlainHTTP: endpoint.hasPrefix("http://")))
    }

    /// Sends what comes, until cancelled.
    func run() async {
        var pause = Self.retryMin
        for await _ in queue.arrivals {
            guard await nap(Self.gathering) else { return }
            while queue.count > 0 {
                if await sendBatch(within: .seconds(10)) {
                    pause = Self.retryMin
                } else {
                    guard await nap(pause) else { return }
                    pause = min(pause * 2, Self.retryMax)
                }
            }
        }
    }

    /// Sends what is left, for a moment, and ends the connections.
    func close() async {
        let deadline = ContinuousClock.now + Self.farewell
        while queue.count > 0 {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero, await sendBatch(within: left) else { break }
        }
        queue.drop(queue.take(atMost: .max).count)
        await transport.shutdown()
    }

    /// False when the collector could not be reached or asks to be left alone: the batch waits for another time.
    private func sendBatch(within limit: Duration) async -> Bool {
        let batch = queue.take(atMost: Self.batchMax)
        guard !batch.isEmpty else { return true }
        var headers = HTTPHeaders()
        headers.append("Content-Type", "application/json")
        headers.append("User-Agent", "akua-gitops/\(version)")
        let request = HTTPRequest(
            .post, endpoint + OTLPTraces.path, headers: headers,
            body: JSONWriter().bytes(of: OTLPTraces.document(of: batch, version: version)),
            deadlines: .init(connect: min(.seconds(5), limit), firstByte: limit, total: limit),
            answerBytesMax: Self.answerBytesMax)
        do {
            let answer = try await transport.exchange(request)
            switch answer.status {
            case 200..<300:
                let (rejected, message) = OTLPTraces.rejected(by: answer.body)
                guard rejected > 0 else { return true }
                queue.drop(rejected)
                complain(rejected, "the collector refused spans: \(message ?? "it does not say why")")
                return true
            case 429, 502, 503, 504:
                queue.putBack(batch)
                complain(batch.count, "the collector answered with status \(answer.status)")
                return false
            default:
                // The same again would be refused again.
                queue.drop(batch.count)
                complain(batch.count, "the collector refused them with status \(answer.status)")
                return true
            }
        } catch {
            queue.putBack(batch)
            if !Task.isCancelled { complain(batch.count, "\(error)") }
            return false
        }
    }

    private func complain(_ count: Int, _ error: String) {
        logger.emit(
            .telemetryFailed, "traces can't be delivered", [.address: endpoint, .count: count, .error: error])
    }

    /// False when the task was cancelled.
    private func nap(_ duration: Duration) async -> Bool {
        do {
            try await Task.sleep(for: duration)
            return true
        } catch {
            return false
        }
    }
}
