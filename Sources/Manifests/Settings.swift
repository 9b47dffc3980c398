/// How a source is reconciled, as configured by the commit that is being applied (`kind: Settings`).
package struct Settings: Equatable, Sendable, Codable {
    package enum Mode: String, Hashable, Sendable, Codable, CaseIterable {
        case apply
        /// Report everything, write nothing.
        case plan
    }
    package enum Drift: String, Hashable, Sendable, Codable, CaseIterable { case correct, report }
    package enum Provenance: String, Hashable, Sendable, Codable, CaseIterable {
        /// An explicit render, carrying the commit, after every change of an install.
        case render
        /// Only the journal knows the commit: for installs that can't bear a second roll-out.
        case journal
    }
    package struct Suspension: Equatable, Sendable, Codable {
        package var reason: String
        /// RFC 3339 in UTC, as Unix seconds; nil: until the setting is removed.
        package var until: Int?

        package init(reason: String, until: Int?) {
            self.reason = reason
            self.until = until
        }
    }
    /// The suspension that is in force at a time, in Unix seconds.
    package func suspension(at seconds: Int) -> Suspension? {
        suspension.flatMap { $0.until.map { $0 > seconds } ?? true ? $0 : nil }
    }

    /// Whether the source is written to at a time, in Unix seconds; else it is only looked at.
    package func admitsWrites(at seconds: Int) -> Bool { mode == .apply && suspension(at: seconds) == nil }

    /// The limits beyond which deletes wait for a person (I9).
    package struct Prune: Equatable, Sendable, Codable {
        package var isEnabled = true
        package var maxDeletes = 10
        /// Of the source's inventory; looked at from three deletes on.
        package var maxDeletePercent = 25

        package init() {}
    }
    package struct Retry: Equatable, Sendable, Codable {
        /// Attempts at one request, the first included.
        package var attempts = 3
        package var backoff = Duration.milliseconds(200)
        package var maxBackoff = Duration.seconds(30)

        package init() {}
    }
    package struct Timeouts: Equatable, Sendable, Codable {
        /// One request, from the first byte sent to the last received.
        package var request = Duration.seconds(30)
        /// A request for which the platform has to pull an artifact.
        package var artifact = Duration.seconds(5 * 60)
        /// An operation, from its start to its end.
        package var operation = Duration.seconds(30 * 60)

        package init() {}
    }

    /// A full resync happens this often even when nothing was committed.
    package var interval = Duration.seconds(5 * 60)
    package var suspension: Suspension?
    package var mode = Mode.apply
    package var prune = Prune()
    package var drift = Drift.correct
    package var provenance = Provenance.render
    /// Requests in flight at most, within what the daemon's configuration allows; nil: that limit.
    package var concurrency: Int?
    package var retry = Retry()
    package var timeouts = Timeouts()

    package init() {}
}
