package import CurlTransport
import Synchronization
package import Telemetry

/// The platform over HTTP: typed calls, each retried, paced and checked.
///
/// A client stands for one scope of the platform, that is a base URL with a token; all its copies share that scope's
/// pace, retry budget and token. Holds I12 (attempts, concurrency, answers and pages are bounded), I11 (a token goes
/// into one header and nowhere else) and I4's part on the wire: a write is sent again with the same key and bytes, and
/// never without a key.
package struct AkuaClient: Sendable {
    /// What a client is made for.
    package struct Configuration: Sendable {
        package var baseURL: BaseURL
        /// Reads the token; called once, and again when the platform refuses the token.
        package var token: @Sendable () throws -> Secret
        /// The `ws_` id for `Akua-Context`, which only broad tokens need.
        package var workspace: String?
        /// The version of this program, for `User-Agent`.
        package var version: String
        /// Requests in flight at most; what is really allowed adapts below this.
        package var maxConcurrency: Int
        /// Long polls on operations in flight at most, beside the requests.
        package var longPollsMax: Int

        package init(
            baseURL: BaseURL, token: @escaping @Sendable () throws -> Secret, workspace: String? = nil,
            version: String, maxConcurrency: Int = 16, longPollsMax: Int = 64
        ) {
            self.baseURL = baseURL
            self.token = token
            self.workspace = workspace
            self.version = version
            self.maxConcurrency = maxConcurrency
            self.longPollsMax = longPollsMax
        }
    }

    /// What may differ between the users of one scope.
    package struct Options: Sendable {
        package var retry = RetryPolicy()
        package var timeouts = Timeouts()
        /// Goes out as `X-Request-Id`, so that the platform's logs can be matched with ours.
        package var requestID: String?
        /// Asked before each attempt of a write, when its turn has come: false ends the call as cancelled.
        package var admitsWrites: @Sendable () -> Bool = { true }

        package init() {}
    }

    /// How long one attempt may take.
    package struct Timeouts: Hashable, Sendable {
        package var connect = Duration.seconds(5)
        /// Until an answer begins; for all calls but those that may rightly keep us waiting.
        package var firstByte = Duration.seconds(20)
        package var request = Duration.seconds(30)
        /// For calls in which the platform pulls an artifact before it answers.
        package var artifact = Duration.seconds(5 * 60)
        /// What a long poll may take beyond the time that the platform was asked to wait.
        package var longPollGrace = Duration.seconds(15)

        package init() {}
    }

    let scope: Scope
    package var options: Options

    /// A client whose requests go through `transport`; `fraction` draws numbers from 0 up to 1 for the delays.
    package init(
        _ configuration: Configuration, transport: HTTPTransport, options: Options = Options(),
        time: TimeSource = .system, fraction: @escaping @Sendable () -> Double = { .random(in: 0..<1) },
        traces: Traces = .none, observer: @escaping APIObserver = { _ in }
    ) {
        scope = Scope(configuration, transport, time, fraction, traces, observer)
        self.options = options
    }

    /// A client of the same scope, sharing its pace and token, that does some things otherwise.
    package func with(_ options: Options) -> AkuaClient {
        var copy = self
        copy.options = options
        return copy
    }
}

/// What all copies of a client share.
final class Scope: Sendable {
    let configuration: AkuaClient.Configuration
    let transport: HTTPTransport
    let time: TimeSource
    let fraction: @Sendable () -> Double
    let traces: Traces
    let observer: APIObserver
    let gate: Gate
    let tokens: TokenSource
    let budget = Mutex(RetryBudget())

    init(
        _ configuration: AkuaClient.Configuration, _ transport: HTTPTransport, _ time: TimeSource,
        _ fraction: @escaping @Sendable () -> Double, _ traces: Traces, _ observer: @escaping APIObserver
    ) {
        self.configuration = configuration
        self.transport = transport
        self.time = time
        self.fraction = fraction
        self.traces = traces
        self.observer = observer
        gate = Gate(workMax: configuration.maxConcurrency, longPollMax: configuration.longPollsMax, time: time)
        tokens = TokenSource(configuration.token)
    }
}
