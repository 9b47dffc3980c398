package import Journal
package import Manifests
package import Planning

/// What became of one pass over one source: what commands print and the daemon logs.
package struct PassReport: Equatable, Sendable {
    package enum Outcome: String, Sendable {
        case inSync = "in_sync"
        /// A write was sent, and everything agrees now.
        case changed
        /// Something waits: for a person, a dependency, a window.
        case blocked
        /// Something failed.
        case partial
        /// The pass could not be made.
        case failed
        /// The commit is invalid, or has no manifests on a first pass.
        case rejected
        /// The source must not be written to: it is behind, or another source's.
        case stopped
        case superseded

        /// The word of logs, journal and metrics: of a stopped source everything is blocked.
        package var word: String { self == .stopped ? Self.blocked.rawValue : rawValue }
    }

    /// Why nothing is written for the source, although nothing is wrong with it.
    package struct Suspension: Equatable, Sendable {
        package enum Author: String, Sendable {
            /// By way of `suspend`.
            case person
            /// By commit.
            case settings
        }
        package var author: Author
        package var reason: String
        /// Unix milliseconds; nil where only the commit knows.
        package var since: Int?
        /// Unix seconds; nil when it has no end of its own.
        package var until: Int?

        package init(author: Author, reason: String, since: Int? = nil, until: Int? = nil) {
            self.author = author
            self.reason = reason
            self.since = since
            self.until = until
        }

        /// A person's.
        package init(_ record: SuspensionRecord) {
            self.init(author: .person, reason: record.reason, since: record.since, until: record.until)
        }

        /// Whether it holds at a time, in Unix seconds.
        package func holds(at seconds: Int) -> Bool { until.map { $0 > seconds } ?? true }
    }

    package var source: String
    package var reconcile: String
    /// The newest commit of the source.
    package var revision: FetchedRevision?
    /// What the pass brings into force: that commit, or the last good one (I8).
    package var appliedRevision: String?
    /// The commit that the source was last in sync with, this pass included.
    package var inSyncCommit: String?
    package var outcome: Outcome = .inSync
    /// A person's, or else that of the settings; nil when the source is written to.
    package var suspension: Suspension?
    /// The last plan of the pass.
    package var plan: Plan?
    package var results: [ActionResult] = []
    package var manifestErrors: [ManifestError] = []
    package var warnings: [ManifestError] = []
    package var error: PassError?
    /// Why nothing could be read, when the path is empty.
    package var emptyPath: String?
    /// When the next full resync is due, as the settings say.
    package var interval = Settings().interval
    /// The first moment at which something that is not done is to be tried again, in Unix seconds; nil when only a
    /// commit, a person or the next resync changes anything.
    package var nextAttempt: Int?
    /// What a pass that only looked has seen; nil when it writes, or did not get as far as a plan.
    package var sight: Sight?
    /// Objects that are declared and needed nothing.
    package var unchanged = 0
    /// Unix milliseconds.
    package var startedAt: Int
    package var finishedAt: Int
    /// Whether somebody set the date on or back during the pass: what was noted by the one date can't be compared with
    /// the other.
    package var isDateChanged = false

    package init(source: String, reconcile: String, startedAt: Int) {
        self.source = source
        self.reconcile = reconcile
        self.startedAt = startedAt
        self.finishedAt = startedAt
    }

    /// Notes the end, and whether the date went as the steady clock did.
    ///
    /// - Parameters:
    ///   - now: Unix milliseconds.
    ///   - elapsed: milliseconds since ``startedAt``, by the steady clock.
    mutating func finish(at now: Int, after elapsed: Int) {
        finishedAt = now
        isDateChanged = abs(now - startedAt - elapsed) > Self.dateToleranceMs
    }

    /// More than a clock that is slewed into step goes astray during a pass, less than any wait for a next attempt.
    private static let dateToleranceMs = 2_000

    /// The counts of `reconcile.finished`, by their names in logs.
    package var counts: [(name: String, count: Int)] {
        func count(_ words: Set<ActionWord>) -> Int {
            results.count { $0.outcome.isSuccess && words.contains($0.action.word) }
        }
        return [
            ("created", count([.create, .import, .publish])), ("updated", count([.update, .setAutomaticUpdates])),
            ("rendered", count([.render])), ("deleted", count([.delete])), ("adopted", count([.adopt])),
            ("unchanged", unchanged), ("failed", failures),
        ]
    }

    /// Why the newest commit is not applied; nil when it is, or when the pass did not get as far as reading it.
    var rejection: String? {
        guard let first = manifestErrors.first else { return outcome == .rejected ? emptyPath : nil }
        let more = manifestErrors.count - 1
        return "the newest commit is invalid and changes nothing: \(first)" + (more > 0 ? ", and \(more) more" : "")
    }

    var failures: Int {
        results.count {
            switch $0.outcome {
            case .failed, .conflict: true
            default: false
            }
        }
    }

    /// Takes note of the settings' suspension, unless a person's is there already.
    mutating func suspend(by settings: Settings, at seconds: Int) {
        guard suspension == nil, let found = settings.suspension(at: seconds) else { return }
        suspension = Suspension(author: .settings, reason: found.reason, until: found.until)
    }

    /// `partial` if anything failed, else `blocked` if anything is blocked or deferred, else `changed` if a
    /// write was sent, else `in_sync`.
    ///
    /// - Parameter isCutShort: told to end before it had looked again at what moved.
    mutating func conclude(ending: PassControl.Ending?, isCutShort: Bool) {
        let isDeferred = isCutShort || results.contains { $0.outcome.word == "deferred" }
        let isHeld = plan?.holds.contains { $0.code.counts } ?? false
        let isBlocked = plan?.blocked.contains { $0.block?.counts ?? false } ?? false
        outcome =
            if plan?.stop != nil {
                .stopped
            } else if failures > 0 {
                .partial
            } else if ending == .superseded, isDeferred || isHeld {
                .superseded
            } else if isDeferred || isHeld || isBlocked {
                .blocked
            } else if results.allSatisfy({ $0.action.word == .adopt }) {
                .inSync
            } else {
                .changed
            }
    }
}

/// The exit codes of the commands.
package enum ExitStatus: Int32, Sendable, Comparable, CaseIterable {
    case inSync = 0
    case other = 1
    case planHasActions = 2
    case usage = 64
    case invalidManifests = 65
    case unreachable = 69
    case temporary = 75
    case invalidConfiguration = 78

    /// Over several sources the gravest wins.
    private var gravity: Int {
        switch self {
        case .usage: 7
        case .invalidConfiguration: 6
        case .invalidManifests: 5
        case .unreachable: 4
        case .other: 3
        case .temporary: 2
        case .planHasActions: 1
        case .inSync: 0
        }
    }

    package static func < (left: ExitStatus, right: ExitStatus) -> Bool { left.gravity < right.gravity }

    /// What it means, in one clause for documents.
    package var meaning: String {
        switch self {
        case .inSync: "every source is in sync, or was brought there; nothing to plan"
        case .other:
            "anything else: another process has the state directory, there is no journal, a plan could not be completed, "
                + "or `replay` found another plan"
        case .planHasActions: "`plan` found actions, blocked ones too"
        case .usage: "wrong usage"
        case .invalidManifests: "the manifests are invalid, or the path is empty on a first pass"
        case .unreachable: "git or the API can't be reached, or the token is refused"
        case .temporary: "something failed, is blocked, or waits; or the source is stopped"
        case .invalidConfiguration: "the configuration is invalid"
        }
    }

    /// What a person may want to do about it; nil where nothing is to be done.
    package var advice: String? {
        switch self {
        case .inSync: nil
        case .other, .unreachable: "see the error"
        case .planHasActions: "look at them"
        case .usage: "`--help`"
        case .invalidManifests, .invalidConfiguration: "correct the places that are named"
        case .temporary: "`status` says what and why"
        }
    }
}

extension PassReport {
    /// The exit code of a one-shot `reconcile`.
    package var exitCode: ExitStatus {
        if let error { return error.exitCode }
        switch outcome {
        case .inSync, .changed: return .inSync
        case .blocked, .partial, .stopped, .superseded: return .temporary
        case .rejected: return .invalidManifests
        case .failed: return .other
        }
    }

    /// The exit code of `plan`.
    package var planExitCode: ExitStatus {
        if let error { return error.exitCode }
        if outcome == .rejected { return .invalidManifests }
        if plan?.isComplete == false { return .other }
        if plan?.stop != nil { return .temporary }
        if plan?.isEmpty == false { return .planHasActions }
        return plan?.holds.contains { $0.code.counts } == true ? .temporary : .inSync
    }
}

extension PassError {
    package var exitCode: ExitStatus {
        switch self {
        case .api, .git: .unreachable
        case .workspaceChanged, .workspaceInaccessible, .interrupted: .temporary
        case .workspaceUnknown: .invalidConfiguration
        case .journal, .endlessNeeds: .other
        }
    }
}
