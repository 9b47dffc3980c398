/// Why a call of the platform did not succeed, with all that is needed to explain it and to decide what follows.
package struct APIError: Error, Equatable, Sendable {
    package enum Cause: Equatable, Sendable {
        /// The platform answered with a status that is no success.
        case refused(status: Int)
        /// No answer came, for the reason given, after all attempts.
        case unreachable(String)
        /// A success whose content can't be what the call asked for.
        case malformedAnswer(String)
        /// Not sent at all: the call was cancelled first, or the task while waiting for the answer.
        case cancelled
    }

    package var cause: Cause
    /// The call by its name in the platform's documents, such as `installs.create`.
    package var call: String
    /// The platform's own codes and sentences, in its order; cleaned of control characters and bounded.
    package var codes: [String] = []
    package var messages: [String] = []
    /// The fields that the platform names, as `body.name`.
    package var fields: [String] = []
    /// How long the platform asked to wait.
    package var retryAfter: Duration?
    /// Whether a write may have taken effect although it failed.
    ///
    /// A refusal with 4xx never did; a lost answer may have.
    package var mayHaveTakenEffect: Bool

    package init(cause: Cause, call: String, mayHaveTakenEffect: Bool) {
        self.cause = cause
        self.call = call
        self.mayHaveTakenEffect = mayHaveTakenEffect
    }

    /// A write that was given up before it left.
    package static func notSent(_ call: String) -> APIError {
        APIError(cause: .cancelled, call: call, mayHaveTakenEffect: false)
    }

    /// Whether a refusal speaks the platform's language.
    ///
    /// One that does not comes from something in between: it proves nothing about an object (I10), nor about an earlier
    /// attempt at the same write (I4).
    package var speaksForPlatform: Bool { !codes.isEmpty || !messages.isEmpty }

    package var status: Int? { if case .refused(let status) = cause { status } else { nil } }

    /// What to do about it; the exit code, the log level and the next attempt follow from this.
    package enum Disposition: Equatable, Sendable {
        /// Passing: the same again later.
        case retry
        /// The object is not as it was thought to be: read it again, decide again.
        case replan
        /// Will stay refused until the manifest or the workspace changes.
        case rejected
        /// The token is missing, expired, revoked or lacks the right.
        case unauthorized
        case cancelled
    }

    package var disposition: Disposition {
        switch cause {
        case .cancelled: .cancelled
        case .unreachable, .malformedAnswer: .retry
        case .refused(let status):
            switch status {
            case 401, 403: .unauthorized
            case 409, 412: .replan
            // A redirect is an answer of something in between, and says nothing of what is asked for.
            case 300...399, 408, 425, 429, 500...599: .retry
            default: .rejected
            }
        }
    }
}

extension APIError: CustomStringConvertible {
    package var description: String { sentence + (mayHaveTakenEffect ? "; it may have taken effect all the same" : "") }

    private var sentence: String {
        switch cause {
        case .refused(let status):
            let code = codes.isEmpty ? "" : " (\(codes.joined(separator: ", ")))"
            // The platform's sentences go on in ours.
            let sentences = messages.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
            let said = sentences.isEmpty ? "" : ": \(sentences.joined(separator: "; "))"
            let place = fields.isEmpty ? "" : " [\(fields.joined(separator: ", "))]"
            let hint =
                switch status {
                case 401: "; the token is wrong, expired or revoked"
                case 404 where !speaksForPlatform, 410 where !speaksForPlatform:
                    "; the answer is not in the platform's words, and proves nothing"
                default: ""
                }
            return "\(call) was refused with status \(status)\(code)\(said)\(place)\(hint)"
        case .unreachable(let why): return "\(call) got no answer: \(why)"
        case .malformedAnswer(let what): return "\(call) got an answer that can't be right: \(what)"
        case .cancelled: return "\(call) was cancelled"
        }
    }
}
