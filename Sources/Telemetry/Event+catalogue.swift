// What the documents and the journal's message catalogue say of each event: docs/reference/events.md and systemd/akua-gitops.catalog
// are written from here.
extension Event {
    /// What has happened, in one sentence that goes on after `Says that`.
    package var meaning: String {
        switch self {
        case .daemonStarting:
            "the process has begun, with its version and those of the libraries that the machine provides"
        case .daemonReady: "the daemon watches its sources and answers on its address"
        case .daemonReloaded: "SIGHUP was obeyed: another configuration is in force, or was refused as a whole"
        case .daemonStopping: "the daemon was told to stop: what was sent is settled or left to the journal"
        case .daemonStopped: "the daemon has ended, and why if it was not told to"
        case .sourceFetched: "the watched ref was read"
        case .sourceUnchanged: "the watched ref has not moved; at `notice` that it can be read again"
        case .sourceRejected: "the commit is invalid and changes nothing: the last good one stays in force"
        case .sourceFailed: "the watched ref can't be read"
        case .sourceSuspended: "a person has suspended the source: nothing is written to its objects"
        case .sourceResumed: "a person has resumed the source"
        case .manifestInvalid: "a document of the commit is wrong, and where"
        case .reconcileStarted: "a pass begins"
        case .reconcileFinished: "a pass has ended, with its outcome and what it did"
        case .reconcileFailed: "a pass could not be made, or not be recorded"
        case .reconcileSkipped: "the daemon was told to stop before the pass had done anything"
        case .reconcileSuperseded: "a newer commit has ended the pass"
        case .planComputed: "a plan was made: how many actions, how many of them blocked"
        case .driftDetected: "the workspace has changed without a commit"
        case .actionStarted: "something begins to be done about one object, and why"
        case .actionSucceeded: "it was done"
        case .actionFailed: "it could not be done"
        case .actionDeferred: "nothing is done about an object for now, and what it waits for; once when that begins"
        case .actionBlocked: "nothing is done about an object until a person or a commit acts; once when that begins"
        case .operationWaiting: "the platform works on a write"
        case .operationFinished: "the platform has ended an operation, well or not"
        case .renderRecorded: "a render carries the commit: `render_commit_sha` is the install's own"
        case .pruneBlocked: "deletes wait for a person"
        case .apiRetried: "a request to the platform is sent again"
        case .apiConflict: "an object had moved before a write reached it: it is read and planned again"
        case .apiThrottled: "the platform asks for fewer requests, and how long is waited"
        case .journalRecovered:
            "a write that an earlier pass left open is settled, or recovery could not tell of some installs whether they are "
                + "ours; at `error` that the journal was damaged and moved aside, or has lost its newest entries"
        case .telemetryFailed: "traces can't be sent to the collector; passes are not disturbed"
        case .libraryOutdated:
            "a library that the machine provides is older than the version that corrects a known defect"
        case .libraryLogged: "a library has said something, in its own words"
        }
    }

    /// What a person may want to do about it; nil where nothing is to be done.
    package var advice: String? {
        switch self {
        case .sourceFailed: "See `error`; check the url, the credentials and the network. It is tried again by itself."
        case .sourceRejected:
            "Correct what the `manifest.invalid` lines name, and commit. `akua-gitops validate` checks before."
        case .manifestInvalid: "Correct the document at `file`, `line` and `column`."
        case .reconcileFailed: "See `error_code` and `error`. It is tried again by itself."
        case .actionFailed: "See `error`, and `akua-gitops status` for the next attempt."
        case .actionBlocked: "See `reason` in docs/safety.md: it says who has to do what."
        case .pruneBlocked: "Look at `akua-gitops plan`; if the deletes are meant, `akua-gitops allow` their `digest`."
        case .driftDetected: "Find out who writes beside git, if it comes back."
        case .apiThrottled: "Lower `api.maxConcurrency`, or ask the platform for more, if it stays."
        case .daemonReloaded: "At `error`, correct the configuration and reload again."
        case .daemonStopped: "With an `error`, correct what it names; systemd starts the daemon again."
        case .journalRecovered: "At `error`, keep the file named by `path` until the cause of the damage is known."
        case .telemetryFailed: "Check `telemetry.otlpEndpoint` and the collector behind it."
        case .libraryOutdated: "Update the package that `libraries` names, and restart the daemon."
        case .sourceSuspended: "`akua-gitops resume` ends it before `until`."
        case .daemonStarting, .daemonReady, .daemonStopping, .sourceFetched, .sourceUnchanged, .sourceResumed,
            .reconcileStarted,
            .reconcileFinished, .reconcileSkipped, .reconcileSuperseded, .planComputed, .actionStarted,
            .actionSucceeded,
            .actionDeferred, .operationWaiting, .operationFinished, .renderRecorded, .apiRetried, .apiConflict,
            .libraryLogged:
            nil
        }
    }

    /// The fields that a line of it may carry, besides those of ``Field/ofAnyLine``.
    package var fields: Set<Field> {
        switch self {
        case .daemonStarting: [.version, .libraries, .pid, .count]
        case .daemonReady: [.address, .count]
        case .daemonReloaded: [.outcome, .count, .error]
        case .daemonStopping: []
        case .daemonStopped: [.error]
        case .sourceFetched: Self.ofPass.union([.revision, .commit, .author, .subject, .durationMs])
        case .sourceUnchanged: [.source, .commit]
        case .sourceRejected: Self.ofPass.union([.revision, .commit, .count, .error])
        case .sourceFailed: Self.ofPass.union([.error])
        case .sourceSuspended: [.source, .reason, .until]
        case .sourceResumed: [.source]
        case .manifestInvalid: Self.ofPass.union([.commit, .file, .line, .column, .error])
        case .reconcileStarted: Self.ofCommit.union([.subject])
        case .reconcileFinished, .reconcileSuperseded:
            Self.ofCommit.union([
                .outcome, .reason, .created, .updated, .rendered, .deleted, .adopted, .unchanged, .failed, .durationMs,
                .digest,
            ])
        case .reconcileFailed: Self.ofCommit.union([.outcome, .errorCode, .error])
        case .reconcileSkipped: Self.ofPass.union([.reason])
        case .planComputed: Self.ofCommit.union([.digest, .count, .blocked, .reason, .error])
        case .driftDetected: Self.ofCommit.union([.kind, .name, .resourceID, .reason])
        case .actionStarted: Self.ofAction.union([.reason, .resourceID])
        case .actionSucceeded, .actionFailed:
            Self.ofAction.union([.outcome, .reason, .resourceID, .durationMs, .error])
        case .actionDeferred:
            Self.ofAction.union([.outcome, .reason, .resourceID, .durationMs, .error, .nextAttempt])
        case .actionBlocked: Self.ofAction.union([.reason, .resourceID, .error, .nextAttempt, .digest])
        case .operationWaiting: Self.ofIntent.union([.operationID])
        case .operationFinished: Self.ofIntent.union([.operationID, .state, .error, .durationMs])
        case .renderRecorded:
            Self.ofIntent.union([.resourceID, .renderID, .renderCommitSHA, .operationID, .state])
        case .pruneBlocked: Self.ofCommit.union([.digest, .count, .reason])
        case .apiRetried:
            [
                .reconcileID, .method, .route, .httpStatus, .attempt, .delayMs, .reason, .durationMs, .idempotencyKey,
            ]
        case .apiConflict: Self.ofIntent.union([.httpStatus, .etag, .error])
        case .apiThrottled: [.reconcileID, .method, .route, .httpStatus, .delayMs, .count]
        case .journalRecovered: Self.ofIntent.union([.state, .operationID, .count, .error, .path, .reason])
        case .telemetryFailed: [.address, .count, .error]
        case .libraryOutdated: [.libraries, .reason]
        case .libraryLogged: [.logger, .error]
        }
    }

    private static let ofPass: Set<Field> = [.source, .reconcileID]
    private static let ofCommit = ofPass.union([.revision, .commit])
    private static let ofAction = ofCommit.union([.kind, .name, .action])
    private static let ofIntent = ofAction.union([.idempotencyKey])
}

extension Field {
    /// What a line of every event may carry.
    package static let ofAnyLine: Set<Field> = [.repeats, .lostLines]

    /// What it holds, in a few words.
    package var meaning: String {
        switch self {
        case .source: "the source's name in the configuration"
        case .revision: "ref and commit, as `main@sha1:…`"
        case .commit: "the commit of the source"
        case .reconcileID: "the pass; sent with its requests as `X-Request-Id`"
        case .kind: "the kind of the object"
        case .name: "the name of the object in its manifest"
        case .action: "what is done to it, in the words of a plan"
        case .outcome: "how it ended"
        case .reason: "why, as a code of docs/safety.md or in words"
        case .resourceID: "the platform's id of the object"
        case .operationID: "the platform's id of the operation"
        case .renderID: "the platform's id of the render"
        case .renderCommitSHA: "the commit of the install's own repository"
        case .idempotencyKey: "the key that a write is sent under, every time"
        case .etag: "the state of the object that a write was decided on"
        case .state: "the platform's word for the state, or the journal's for that of an intent"
        case .method: "the method of a request"
        case .route: "its path with placeholders"
        case .httpStatus: "the status of the answer"
        case .attempt: "which attempt it was, from 1"
        case .delayMs: "how long is waited, in milliseconds"
        case .durationMs: "how long it took, in milliseconds"
        case .errorCode: "the failure as a word for programs"
        case .error: "the failure as a sentence for people"
        case .file: "the file in the source"
        case .line: "the line in it, from 1"
        case .column: "the column in it, from 1"
        case .author: "who wrote the commit"
        case .subject: "the first line of the commit's message"
        case .digest: "names a plan, or its blocked part"
        case .until: "when it ends by itself, in Unix seconds"
        case .nextAttempt: "when it is tried again, in seconds since 1970"
        case .created, .updated, .rendered, .deleted, .adopted, .unchanged, .failed: "how many objects were \(rawValue)"
        case .blocked: "how many actions are blocked"
        case .count: "how many: sources, errors, actions, deletes, installs, spans, requests at a time"
        case .version: "the version of the daemon"
        case .libraries: "the versions of the libraries in use"
        case .pid: "the process id"
        case .path: "a path on this machine"
        case .address: "where it listens, or whom it can't reach"
        case .logger: "which library speaks"
        case .repeats: "how many equal lines were left out since the last one"
        case .lostLines: "how many lines before this one nobody read"
        }
    }
}
