import CurlTransport

/// When a call is sent again, and after how long: a value, without clock and without randomness of its own.
package struct RetryPolicy: Hashable, Sendable {
    /// Attempts at one call, the first included.
    package var attemptsMax: Int
    /// The delay before the second attempt is below this, before the third below twice this, and so on.
    package var backoff: Duration
    /// The bound of all delays, and the longest pause of the platform's that a call waits out by itself.
    package var backoffMax: Duration

    package init(
        attemptsMax: Int = 3, backoff: Duration = .milliseconds(200), backoffMax: Duration = .seconds(30)
    ) {
        self.attemptsMax = attemptsMax
        self.backoff = backoff
        self.backoffMax = backoffMax
    }

    /// The delay after failed attempt number `attempt` (from 1), drawn by `fraction` (0 up to 1): full jitter, so that
    /// clients which failed together do not come back together.
    package func delay(afterAttempt attempt: Int, fraction: Double) -> Duration {
        precondition((0..<1).contains(fraction), "a fraction is at least 0 and below 1")
        let doublings = min(max(attempt - 1, 0), 30)
        return min(backoffMax, backoff * (1 << doublings)) * fraction
    }

    /// Whether an answer of that status is one that may be better next time.
    package static func isPassing(status: Int) -> Bool {
        switch status {
        case 408, 425, 429, 500, 502, 503, 504: true
        default: false
        }
    }

    /// Whether that status says that the platform has too much to do.
    package static func isOverload(status: Int) -> Bool { status == 429 || status == 503 }
}

/// Keeps retries from multiplying the load of a platform that is already failing: a tenth of a retry is earned by each
/// good answer, up to a small reserve.
///
/// Once the reserve is spent, retries are at most 10 % of the requests of any stretch of time, and none while nothing is
/// answered well.
package struct RetryBudget: Hashable, Sendable {
    /// Retries that may be made before any has been earned.
    package static let reserve = 10
    /// Good answers that earn one retry.
    package static let answersPerRetry = 10

    private var earned = RetryBudget.reserve * RetryBudget.answersPerRetry

    package init() {}

    /// Counts a request that the platform has dealt with: any answer but a passing failure.
    package mutating func earn() { earned = min(earned + 1, Self.reserve * Self.answersPerRetry) }

    /// Takes one retry out of the budget, or answers false when there is none left.
    package mutating func spend() -> Bool {
        guard earned >= Self.answersPerRetry else { return false }
        earned -= Self.answersPerRetry
        return true
    }
}

/// What a `Retry-After` header asks for.
package enum RetryAfter {
    /// Longer ones are taken for a mistake, such as a date in a header that counts seconds, and not followed.
    package static let believedMax = Duration.seconds(3_600)

    /// The time to wait from `wallSeconds` (Unix time) on, or nil when the text can't be understood or believed.
    ///
    /// Seconds or an HTTP date (RFC 9110 §10.2.3); a moment that has passed is zero.
    package static func delay(_ text: String, wallSeconds: Int) -> Duration? {
        let seconds: Int
        if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            guard let count = Int(text) else { return nil }
            seconds = count
        } else {
            guard let date = HTTPDate.unixSeconds(text) else { return nil }
            seconds = max(0, date - wallSeconds)
        }
        let delay = Duration.seconds(seconds)
        return delay <= believedMax ? delay : nil
    }
}
