package import Manifests

/// How this daemon runs: everything that can't live in the repositories it watches.
///
/// Made by ``load(file:environment:flags:)`` and by nothing else, so whoever holds one holds a checked one. It never
/// changes; a reload makes another. Secrets are not in it, only where they are read from.
package struct Configuration: Equatable, Sendable {
    package var api: API
    /// In the order written; their names are unique.
    ///
    /// May be empty: commands that need none run without.
    package var sources: [Source]
    /// The names of sources that the file has too, and this run leaves alone: what they own is theirs.
    package var otherSources: [String] = []
    /// Absolute; made with mode 0700 by whoever opens the journal.
    package var stateDirectory: String
    package var server: Server
    package var log: Log
    package var telemetry: Telemetry

    package struct API: Equatable, Sendable {
        /// Without a slash at the end; `https`, or `http` on a loopback host.
        package var baseURL: String
        package var token: SecretSource
        /// The `ws_` id to send along; needed by tokens that see more than one workspace.
        package var workspace: String?
        /// The only certificates to trust, as PEM; the system's if nil.
        package var caFile: String?
        /// Requests in flight at most.
        package var maxConcurrency: Int
    }

    /// One repository to follow: one reconcile loop, one inventory.
    package struct Source: Equatable, Sendable {
        /// Part of the identity of all its objects, for ever.
        package var name: String
        /// Names that it had before; what they own is this source's.
        package var formerNames: [String]
        /// `https://`, `http://` on a loopback host, `file://`, or an absolute path; without credentials.
        package var url: String
        package var branch: String
        /// The folder with the manifests: relative to the root, without `.`, `..` and slashes at its ends; empty for the
        /// root itself.
        package var path: String
        package var pollInterval: Duration
        package var credentials: Credentials?
        /// This source's own workspace and token, else those of ``Configuration/api``.
        package var workspace: String?
        package var token: SecretSource
        /// Where it is written.
        package var location: SourceLocation
    }

    /// What a git server is shown when it asks.
    package struct Credentials: Equatable, Sendable {
        /// Nil where the password is a token that needs none.
        package var username: SecretSource?
        package var password: SecretSource
    }

    package struct Server: Equatable, Sendable {
        package var listen: ListenAddress
    }

    package struct Telemetry: Equatable, Sendable {
        /// Where a collector takes traces, without the path of the signal and a slash at the end; nil: nobody does.
        package var otlpEndpoint: String?
    }

    package struct Log: Equatable, Sendable {
        package enum Format: String, CaseIterable, Sendable {
            /// `journald` where the output goes to the journal, else `json`.
            case auto
            case json, text, journald
        }
        package enum Level: String, CaseIterable, Sendable { case trace, debug, info, notice, warning, error, critical }

        package var format: Format
        package var level: Level
    }
}
