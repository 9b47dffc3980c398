import CCurl

/// HTTP over libcurl: many exchanges at a time on threads of its own, behind an async call.
///
/// Connections are kept and shared, HTTP/2 is multiplexed. Every exchange ends within its deadline, answers once, and
/// leaves nothing behind when it is cancelled. A request that must not be repeated leaves at most once, any other at most
/// twice. Holds I12 (answers are bounded while they arrive) and the wire's part of I11 (no redirect, no proxy, verified
/// TLS, nothing from the environment).
package final class HTTPTransport: Sendable {
    /// The version of libcurl and of what it is made of, the TLS library first: `libcurl/7.88.1 OpenSSL/3.0.17 ...`.
    package static var libraryVersions: String { String(cString: curl_version()) }

    private let shared: Line
    private let alone: Line

    /// Starts the transport's threads.
    package init(_ configuration: TransportConfiguration = TransportConfiguration()) {
        shared = Line(configuration, .shared)
        alone = Line(configuration, .alone)
    }

    /// The server's answer to `request`, whatever its status, or why there is none.
    ///
    /// A cancelled task's exchange ends at once with ``TransportError/Reason/cancelled``.
    package func exchange(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        if let field = request.headers.firstInvalid {
            throw TransportError(
                phase: .prepare, reason: .invalidRequest, detail: "the header \(field.name) can't be sent",
                mayHaveReachedServer: false)
        }
        let askedAt = ContinuousClock.now
        guard request.isRepeatable else { return try await alone.exchange(request, askedAt: askedAt) }
        do throws(TransportError) {
            return try await shared.exchange(request, askedAt: askedAt)
        } catch {
            guard error.isEndOfSharedConnection else { throw error }
            return try await repeated(request, askedAt: askedAt)
        }
    }

    /// Ends every exchange with ``TransportError/Reason/shutDown``, closes all connections, and ends the threads.
    package func shutdown() async {
        await shared.shutdown()
        await alone.shutdown()
    }

    /// Sends the request a second time, where no connection can be retired under it.
    ///
    /// Servers retire connections in the course of things, so this is no retry of a failure.
    private func repeated(
        _ request: HTTPRequest, askedAt: ContinuousClock.Instant
    ) async throws(TransportError) -> HTTPResponse {
        do throws(TransportError) {
            return try await alone.exchange(request, askedAt: askedAt)
        } catch {
            var error = error
            // The first sending may have reached the server, whatever became of the second.
            error.mayHaveReachedServer = true
            throw error
        }
    }
}
