import Manifests
package import Planning

/// How an action, or an intent of an earlier pass, ended in this one.
package enum ActionOutcome: Equatable, Sendable {
    case succeeded(resourceID: String?)
    /// The platform refused it or its operation failed.
    case failed(String)
    /// The object had moved: it is read again and planned again (I3).
    case conflict(String)
    /// Not ended, or not begun; it goes on in a later pass.
    case deferred(Hold.Code, String)
    /// The pass was told to end.
    case interrupted

    package var isSuccess: Bool { if case .succeeded = self { true } else { false } }

    /// The word of logs, journal and metrics.
    package var word: String {
        switch self {
        case .succeeded: "succeeded"
        case .failed, .conflict: "failed"
        case .deferred, .interrupted: "deferred"
        }
    }

    /// What to say about it; nil for a success.
    package var sentence: String? {
        switch self {
        case .succeeded: nil
        case .failed(let sentence), .conflict(let sentence), .deferred(_, let sentence): sentence
        case .interrupted: "the pass was told to end first"
        }
    }
}

/// An action with its outcome, as reports and history show it.
package struct ActionResult: Equatable, Sendable {
    package var action: Action
    package var outcome: ActionOutcome
    /// The commit that the platform made for a render.
    package var renderCommitSHA: String?
}
