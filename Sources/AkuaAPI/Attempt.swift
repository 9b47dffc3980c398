/// One attempt at a call, reported when it is over: for logs and metrics, without token, body or value.
package struct APIAttempt: Equatable, Sendable {
    /// What follows a failed attempt.
    package struct Retry: Equatable, Sendable {
        /// Why the attempt is repeated, such as `status 503`.
        package var reason: String
        /// The wait before the next attempt, on top of which a pause of the platform's may come.
        package var delay: Duration

        package init(reason: String, delay: Duration) {
            self.reason = reason
            self.delay = delay
        }
    }

    /// The platform asked for less.
    package struct Throttle: Equatable, Sendable {
        /// No request of this scope leaves before this has passed.
        package var pause: Duration
        /// Requests of this kind (work, or long polls) in flight at most from now on.
        package var concurrency: Int

        package init(pause: Duration, concurrency: Int) {
            self.pause = pause
            self.concurrency = concurrency
        }
    }

    /// Such as `installs.create`.
    package var call: String
    /// `GET`, `POST`, `PATCH` or `DELETE`.
    package var method: String
    /// The path with placeholders: a label of bounded variety.
    package var route: String
    /// Nil when no answer came.
    package var status: Int?
    /// From 1.
    package var attempt: Int
    /// From the first byte sent to the last received, without the wait for a turn.
    package var duration: Duration
    /// Why no answer came.
    package var failure: String?
    package var idempotencyKey: String?
    package var ifMatch: String?
    package var requestID: String?
    package var retry: Retry?
    package var throttle: Throttle?
}

/// Who is told of every attempt, on whatever task the call runs; must return at once.
package typealias APIObserver = @Sendable (APIAttempt) -> Void
