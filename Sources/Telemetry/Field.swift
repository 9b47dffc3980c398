/// The data of a log line, by the names it is written under.
///
/// The order of the cases is the order in a line. Values are never secret, and never a value of an install.
package enum Field: String, CaseIterable, Hashable, Sendable {
    // What it is about.
    case source
    case revision
    case commit
    case reconcileID = "reconcile_id"
    case kind
    case name
    case action
    case outcome
    case reason

    // What the platform calls it.
    case resourceID = "resource_id"
    case operationID = "operation_id"
    case renderID = "render_id"
    case renderCommitSHA = "render_commit_sha"
    case idempotencyKey = "idempotency_key"
    case etag
    case state

    // One exchange with the platform.
    case method
    case route
    case httpStatus = "http_status"
    case attempt
    case delayMs = "delay_ms"
    case durationMs = "duration_ms"
    case errorCode = "error_code"
    case error

    // Where in the source.
    case file
    case line
    case column
    case author
    case subject

    // A plan, and what became of it.
    case digest
    case until
    case nextAttempt = "next_attempt"
    case created
    case updated
    case rendered
    case deleted
    case adopted
    case unchanged
    case failed
    case blocked
    case count

    // The process.
    case version
    case libraries
    case pid
    case path
    case address
    /// Which library a line of `library.logged` comes from.
    case logger
    /// How many lines like this one were left out, since it went on the same.
    case repeats
    /// How many lines before this one were lost because nobody read the output.
    case lostLines = "lost_lines"
}

/// A value of a field with its type, so that a number stays a number in JSON.
package enum FieldValue: Equatable, Sendable, CustomStringConvertible {
    case string(String)
    case int(Int)
    case double(Double)
    case bool(Bool)

    package var description: String {
        switch self {
        case .string(let text): text
        case .int(let number): String(number)
        case .double(let number): String(number)
        case .bool(let flag): String(flag)
        }
    }
}

/// What can stand in a log line.
///
/// ``Redacted`` is none of these, so a secret in a field does not compile.
package protocol LogValue: Sendable {
    /// The value as it is written.
    var logValue: FieldValue { get }
}

extension FieldValue: LogValue {
    package var logValue: FieldValue { self }
}

extension String: LogValue {
    package var logValue: FieldValue { .string(self) }
}

extension Int: LogValue {
    package var logValue: FieldValue { .int(self) }
}

extension Double: LogValue {
    package var logValue: FieldValue { .double(self) }
}

extension Bool: LogValue {
    package var logValue: FieldValue { .bool(self) }
}

extension Duration: LogValue {
    /// Whole milliseconds, as all fields of time are named.
    package var logValue: FieldValue { .int(wholeMilliseconds) }
}

extension LogValue where Self: RawRepresentable, RawValue == String {
    /// The word of the case.
    package var logValue: FieldValue { .string(rawValue) }
}
