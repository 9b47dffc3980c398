/// Everything the daemon logs, by the names that dashboards and alerts rely on.
///
/// A line is found by its event, never by its words: messages may improve, events may only be added.
package enum Event: String, CaseIterable, Sendable {
    case daemonStarting = "daemon.starting"
    case daemonReady = "daemon.ready"
    case daemonReloaded = "daemon.reloaded"
    case daemonStopping = "daemon.stopping"
    case daemonStopped = "daemon.stopped"

    case sourceFetched = "source.fetched"
    case sourceUnchanged = "source.unchanged"
    case sourceRejected = "source.rejected"
    case sourceFailed = "source.failed"
    case sourceSuspended = "source.suspended"
    case sourceResumed = "source.resumed"
    case manifestInvalid = "manifest.invalid"

    case reconcileStarted = "reconcile.started"
    case reconcileFinished = "reconcile.finished"
    case reconcileFailed = "reconcile.failed"
    case reconcileSkipped = "reconcile.skipped"
    case reconcileSuperseded = "reconcile.superseded"

    case planComputed = "plan.computed"
    case driftDetected = "drift.detected"
    case actionStarted = "action.started"
    case actionSucceeded = "action.succeeded"
    case actionFailed = "action.failed"
    case actionDeferred = "action.deferred"
    case actionBlocked = "action.blocked"
    case operationWaiting = "operation.waiting"
    case operationFinished = "operation.finished"
    case renderRecorded = "render.recorded"
    case pruneBlocked = "prune.blocked"

    case apiRetried = "api.retried"
    case apiConflict = "api.conflict"
    case apiThrottled = "api.throttled"
    case journalRecovered = "journal.recovered"

    /// Traces can't be delivered.
    case telemetryFailed = "telemetry.failed"

    /// A library of the machine is known to be bad.
    case libraryOutdated = "library.outdated"

    /// A line of a library that knows nothing of events; its words are not ours.
    case libraryLogged = "library.logged"

    /// How much attention it asks for, unless the place that emits it knows better.
    ///
    /// `error` needs a person, `warning` will if it stays, `notice` is worth a look on a quiet day.
    package var level: LogLevel {
        switch self {
        case .sourceFailed, .sourceRejected, .manifestInvalid, .reconcileFailed, .actionFailed: .error
        case .actionBlocked, .pruneBlocked, .apiThrottled, .driftDetected, .telemetryFailed, .libraryOutdated:
            .warning
        case .actionDeferred, .apiRetried, .apiConflict, .journalRecovered, .daemonReloaded, .reconcileSuperseded,
            .sourceSuspended, .sourceResumed:
            .notice
        case .daemonStarting, .daemonReady, .daemonStopping, .daemonStopped, .sourceFetched, .reconcileStarted,
            .reconcileFinished, .reconcileSkipped, .planComputed, .actionStarted, .actionSucceeded, .operationFinished,
            .renderRecorded, .libraryLogged:
            .info
        case .sourceUnchanged, .operationWaiting: .debug
        }
    }
}
