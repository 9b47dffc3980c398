package import JSON
import Synchronization

/// What the log keeps of one request of the API; the log is written by the emulator alone.
package struct RecordedRequest: Sendable {
    /// One object that the request made or changed.
    package struct Effect: Sendable, Equatable {
        package var kind: String
        package var id: String
        /// `created`, `changed`, `deleted` or `started`.
        package var change: String
    }

    /// From 1, in the order in which requests came in.
    package var number: Int
    /// Milliseconds since 1970 in the emulator's time.
    package var time: Int
    package var method: String
    package var path: String
    package var query: String?
    /// The call's name in the OpenAPI document; nil when the path names none.
    package var call: String?
    /// Without `authorization`.
    package var headers: [(name: String, value: String)]
    /// Which of the tokens seen so far it carried, from 1; equal numbers are equal tokens.
    ///
    /// Nil when it carried none.
    package var token: Int?
    package var idempotencyKey: String?
    package var ifMatch: String?
    package var body: [UInt8]
    /// Nil while it is being worked on, and for good when no answer was sent.
    package var status: Int?
    package var effects: [Effect] = []
    /// Whether it was answered from an earlier request with the same key.
    package var isReplay = false
    /// The fault that it met.
    package var fault: Int?

    /// The body as data; nil when there is none or it is no JSON.
    package var json: JSONValue? { try? JSONReader.read(body) }  // What is no JSON is nil by contract.
}

/// The requests that came in, up to a limit, and how many there were of each call.
final class RequestLog: Sendable {
    private struct State {
        var requests: [RecordedRequest] = []
        /// The number of the first request kept.
        var first = 1
        var next = 1
        var bytes = 0
        var counts: [String: Int] = [:]
        var inFlight = 0
        var inFlightMax = 0
        var tokens: [String: Int] = [:]
        var watchers: [Watcher] = []
    }

    /// Somebody who waits for requests to come in.
    private struct Watcher {
        var call: String
        var count: Int
        var bell: Doorbell
    }

    /// Request bodies are kept up to this many bytes in all.
    private static let bytesMax = 256 << 20
    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = max(1, limit) }

    /// Notes a request that has come in, and answers its number.
    func begin(_ request: RecordedRequest, authorization: String?) -> Int {
        state.withLock { state in
            var request = request
            request.number = state.next
            if let authorization {
                let known = state.tokens.count + 1
                request.token = state.tokens[authorization, default: known]
                state.tokens[authorization] = request.token
            }
            state.next += 1
            state.bytes += request.body.count
            state.requests.append(request)
            let call = request.call ?? "none"
            let count = state.counts[call, default: 0] + 1
            state.counts[call] = count
            for watcher in state.watchers where watcher.call == call && watcher.count <= count { watcher.bell.ring() }
            state.inFlight += 1
            state.inFlightMax = max(state.inFlightMax, state.inFlight)
            // Dropped a quarter at a time: an array drops from its front at the price of the rest.
            if state.requests.count > limit || state.bytes > Self.bytesMax {
                let dropped = max(1, state.requests.count / 4)
                state.bytes -= state.requests.prefix(dropped).reduce(0) { $0 + $1.body.count }
                state.requests.removeFirst(dropped)
                state.first += dropped
            }
            return request.number
        }
    }

    /// Changes what is known of a request; nothing happens when it is no longer kept.
    func update(_ number: Int, _ change: (inout RecordedRequest) -> Void) {
        state.withLock { state in
            let position = number - state.first
            guard state.requests.indices.contains(position) else { return }
            change(&state.requests[position])
        }
    }

    /// Notes that a request is over, with or without an answer.
    func end() { state.withLock { $0.inFlight -= 1 } }

    /// The requests with a number above `number`, oldest first.
    func requests(after number: Int) -> [RecordedRequest] {
        state.withLock { Array($0.requests.dropFirst(max(0, number + 1 - $0.first))) }
    }

    /// How many requests there were of each call since the start or ``clear()``, and how many at once.
    var counts: (byCall: [String: Int], inFlightMax: Int) { state.withLock { ($0.counts, $0.inFlightMax) } }

    /// Returns once so many requests of a call have come in, or the task is cancelled.
    func waitForRequests(of call: String, count: Int) async {
        let bell = Doorbell()
        let isOver = state.withLock { state in
            state.watchers.append(Watcher(call: call, count: count, bell: bell))
            return state.counts[call, default: 0] >= count
        }
        if !isOver { await bell.wait() }
        state.withLock { $0.watchers.removeAll { $0.bell === bell } }
    }

    /// Forgets all requests; numbers go on.
    func clear() {
        state.withLock {
            $0.first = $0.next
            $0.requests = []
            $0.bytes = 0
            $0.counts = [:]
            $0.inFlightMax = $0.inFlight
        }
    }
}
