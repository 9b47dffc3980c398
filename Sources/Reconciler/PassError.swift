package import AkuaAPI
import Journal

/// Why a pass could not go on.
///
/// What ends only one object's action is an ``ActionOutcome`` instead.
package enum PassError: Error, Equatable, Sendable, CustomStringConvertible {
    case api(APIError)
    case git(SourceError)
    case journal(String)
    /// The token's workspace is not the one that the journal knows (I17).
    case workspaceChanged(known: String, seen: String)
    /// The token sees more than one workspace and none was chosen, or none.
    case workspaceUnknown(String)
    /// Writes can't succeed at present.
    case workspaceInaccessible(String)
    /// Planning asked for more each time it was answered; a fault of ours.
    case endlessNeeds
    case interrupted

    package var description: String {
        switch self {
        case .api(let error): error.description
        case .git(let error): error.description
        case .journal(let sentence): sentence
        case .workspaceChanged(let known, let seen):
            "the token now shows workspace \(seen), but this source was applied to \(known): "
                + "nothing is written; give the source its old token, or a new name to start over there"
        case .workspaceUnknown(let sentence), .workspaceInaccessible(let sentence): sentence
        case .endlessNeeds: "the plan did not settle after many reads; please report this with the log"
        case .interrupted: "the pass was interrupted"
        }
    }

    /// Whether `status` should show it: a pass that was told to end has no fault, and a journal that failed takes no
    /// record of it.
    var isWorthRecording: Bool {
        switch self {
        case .interrupted, .journal: false
        case .api(let error): error.disposition != .cancelled
        case .git, .workspaceChanged, .workspaceUnknown, .workspaceInaccessible, .endlessNeeds: true
        }
    }

    /// A word for logs, status and metrics.
    package var code: String {
        switch self {
        case .api(let error): error.disposition == .unauthorized ? "unauthorized" : "api-unreachable"
        case .git: "git-unreachable"
        case .journal: "journal"
        case .workspaceChanged: "workspace-changed"
        case .workspaceUnknown: "workspace-unknown"
        case .workspaceInaccessible: "workspace-inaccessible"
        case .endlessNeeds: "internal"
        case .interrupted: "interrupted"
        }
    }
}
