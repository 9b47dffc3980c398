/// What holds for all exchanges of one transport.
///
/// What is not here can't be changed: no redirect is followed, no proxy, cookie, `.netrc` or environment variable is
/// looked at, certificates are always verified, and neither TLS before 1.2 nor weak signatures and keys are taken.
package struct TransportConfiguration: Hashable, Sendable {
    /// Whether `http:` URLs are taken; `https:` always is.
    package var allowsPlainHTTP: Bool
    /// A PEM file with the only authorities to trust; nil: those of the system.
    package var caFile: String?
    /// Whether HTTP/2 is offered where TLS can negotiate it.
    package var allowsHTTP2: Bool
    /// Open connections at most, those with one exchange alone apart; exchanges beyond wait for their turn within their
    /// deadlines.
    package var connectionsMax: Int
    /// Connections kept open, those with an exchange included: with fewer than exchanges are usual at once, each would open
    /// one of its own.
    package var idleConnectionsMax: Int
    /// Open connections at most that are made for one exchange alone.
    package var aloneConnectionsMax: Int

    package init(
        allowsPlainHTTP: Bool = false, caFile: String? = nil, allowsHTTP2: Bool = true, connectionsMax: Int = 128,
        idleConnectionsMax: Int = 96, aloneConnectionsMax: Int = 32
    ) {
        self.allowsPlainHTTP = allowsPlainHTTP
        self.caFile = caFile
        self.allowsHTTP2 = allowsHTTP2
        self.connectionsMax = connectionsMax
        self.idleConnectionsMax = idleConnectionsMax
        self.aloneConnectionsMax = aloneConnectionsMax
    }
}
