/// Why an exchange has no answer.
package struct TransportError: Error, Equatable, Sendable, CustomStringConvertible {
    /// How far the exchange had come.
    package enum Phase: String, Hashable, Sendable {
        case prepare = "preparing the request"
        case resolve = "looking up the host"
        case connect = "connecting"
        case handshake = "agreeing on TLS"
        case send = "sending the request"
        case wait = "waiting for the answer"
        case receive = "receiving the answer"
    }

    package enum Reason: Hashable, Sendable {
        /// The request can't be sent as it is: its URL, a header, or a scheme that is not allowed.
        case invalidRequest
        case cancelled
        /// The transport has been shut down.
        case shutDown
        /// A deadline passed, or bytes came too slowly.
        case deadline
        case tooLarge(bytesMax: Int)
        /// The peer can't be trusted: its certificate, its name, or the TLS version it offers.
        case untrusted
        /// Anything that can go wrong between two machines: refused, reset, closed early, no HTTP.
        case broken
    }

    package var phase: Phase
    package var reason: Reason
    /// What happened, as a clause; of libcurl where it was there, never with a header or a body in it.
    package var detail: String
    /// libcurl's number for it; 0 when the transport itself ended the exchange.
    package var code: Int
    /// Whether any byte of the request may have reached the server; if not, the request had no effect.
    package var mayHaveReachedServer: Bool
    /// Whether it was the end of a connection that others use too, before any byte of the answer.
    ///
    /// A server may retire such a connection at any time, so it says nothing about this request.
    var isEndOfSharedConnection = false

    package init(phase: Phase, reason: Reason, detail: String, code: Int = 0, mayHaveReachedServer: Bool) {
        self.phase = phase
        self.reason = reason
        self.detail = detail
        self.code = code
        self.mayHaveReachedServer = mayHaveReachedServer
    }

    /// Whether the same exchange may well succeed a moment later.
    package var isPassing: Bool {
        switch reason {
        case .deadline, .broken: true
        case .invalidRequest, .cancelled, .shutDown, .tooLarge, .untrusted: false
        }
    }

    package var description: String { "\(phase.rawValue) failed: \(detail)" }
}
