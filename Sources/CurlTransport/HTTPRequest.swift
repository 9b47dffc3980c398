/// One request as a value: all that an exchange needs to know, its limits included.
package struct HTTPRequest: Sendable {
    package enum Method: String, Hashable, Sendable {
        case get = "GET"
        case post = "POST"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// How long each part of an exchange may take; all count from the moment it is asked for but ``connect``.
    package struct Deadlines: Hashable, Sendable {
        /// Name, connection and TLS handshake together, once the exchange has its turn.
        package var connect: Duration
        /// Until the first byte of the answer.
        package var firstByte: Duration
        /// Until the last byte of the answer: the exchange never takes longer.
        package var total: Duration

        package init(connect: Duration = .seconds(5), firstByte: Duration, total: Duration) {
            self.connect = connect
            self.firstByte = firstByte
            self.total = total
        }
    }

    package var method: Method
    /// Absolute; sent as it is, without any normalisation of the path.
    package var url: String
    package var headers: HTTPHeaders
    /// Sent with `Content-Length`; nil for a request without a body.
    package var body: [UInt8]?
    package var deadlines: Deadlines
    /// An answer with a longer body ends the exchange while it arrives.
    package var answerBytesMax: Int
    /// Whether it does no harm when the server sees the request twice.
    ///
    /// A request that may be repeated travels on shared connections, and once more on one of its own if the shared one
    /// ended before it brought a byte of the answer. Any other has a connection of its own and is sent once.
    package var isRepeatable: Bool

    package init(
        _ method: Method, _ url: String, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8]? = nil,
        deadlines: Deadlines = Deadlines(firstByte: .seconds(30), total: .seconds(30)),
        answerBytesMax: Int = 16 << 20, isRepeatable: Bool = true
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.deadlines = deadlines
        self.answerBytesMax = answerBytesMax
        self.isRepeatable = isRepeatable
    }
}

/// What a server answered, whatever its status: a redirect is an answer like any other.
package struct HTTPResponse: Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// 1 for HTTP/1.0 and 1.1, 2 for HTTP/2.
    package var majorVersion: Int
    /// Connections made for this exchange; none when a kept one was used.
    package var connectionsOpened: Int

    package init(
        status: Int, headers: HTTPHeaders, body: [UInt8], majorVersion: Int = 1, connectionsOpened: Int = 0
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.majorVersion = majorVersion
        self.connectionsOpened = connectionsOpened
    }
}
