/// Everything that is measured, by the names that dashboards rely on.
package enum Metric: String, CaseIterable, Sendable {
    case reconciles = "reconcile_total"
    case reconcileDuration = "reconcile_duration_seconds"
    case actions = "actions_total"
    case resources
    case drift = "drift_total"
    case apiRequests = "api_requests_total"
    case apiRequestDuration = "api_request_duration_seconds"
    case apiRetries = "api_retries_total"
    case gitFetchDuration = "git_fetch_duration_seconds"
    case sourceInfo = "source_info"
    case suspended
    case commitToConverged = "commit_to_converged_seconds"
    case oldestUnappliedCommitAge = "oldest_unapplied_commit_age_seconds"
    case fights = "fights_total"
    case lastSuccess = "last_success_timestamp_seconds"
    case operationsInFlight = "operations_in_flight"
    case spansDropped = "trace_spans_dropped_total"
    case buildInfo = "build_info"

    /// A dimension of a metric.
    ///
    /// Its values come from small sets: never a name, an id or a value of an install.
    package enum Label: String, CaseIterable, Sendable {
        case source, outcome, kind, action, state, method, route, status, revision, version

        /// What it holds, in a few words.
        package var meaning: String {
            switch self {
            case .source: "the source's name in the configuration"
            case .outcome: "how the pass or the action ended, as in the log"
            case .kind: "the kind of the object"
            case .action: "what was done to it, in the words of a plan"
            case .state: "what the object is at, as `status` says it"
            case .method: "the method of the request"
            case .route: "its path with placeholders: `/installs/{id}`"
            case .status: "the status of the answer, or `none`"
            case .revision: "ref and commit, as `main@sha1:…`"
            case .version: "the version of the daemon"
            }
        }
    }

    /// What kind of number it is; a histogram with the upper bounds of its buckets, in seconds.
    package enum Shape: Equatable, Sendable {
        case counter
        case gauge
        case histogram(bounds: [Double])
    }

    /// The name as it is scraped.
    package var name: String { "akua_gitops_\(rawValue)" }

    package var shape: Shape {
        switch self {
        case .reconciles, .actions, .drift, .apiRequests, .apiRetries, .fights, .spansDropped: .counter
        case .resources, .sourceInfo, .suspended, .oldestUnappliedCommitAge, .lastSuccess, .operationsInFlight,
            .buildInfo:
            .gauge
        case .apiRequestDuration: .histogram(bounds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60])
        case .gitFetchDuration: .histogram(bounds: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120])
        case .reconcileDuration: .histogram(bounds: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 1_800])
        case .commitToConverged: .histogram(bounds: [1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400])
        }
    }

    /// What it counts or measures in.
    package var unit: String {
        switch self {
        case .reconciles: "passes"
        case .actions: "actions"
        case .resources: "objects"
        case .drift, .fights: "differences"
        case .apiRequests, .apiRetries: "requests"
        case .operationsInFlight: "operations"
        case .spansDropped: "spans"
        case .reconcileDuration, .apiRequestDuration, .gitFetchDuration, .commitToConverged, .oldestUnappliedCommitAge,
            .lastSuccess:
            "seconds"
        case .sourceInfo, .suspended, .buildInfo: "0 or 1"
        }
    }

    /// In the order in which they are written.
    package var labels: [Label] {
        switch self {
        case .reconciles: [.source, .outcome]
        case .actions: [.kind, .action, .outcome]
        case .resources: [.source, .kind, .state]
        case .drift: [.kind]
        case .apiRequests: [.method, .route, .status]
        case .sourceInfo: [.source, .revision]
        case .commitToConverged, .oldestUnappliedCommitAge, .lastSuccess, .suspended: [.source]
        case .buildInfo: [.version]
        case .reconcileDuration, .apiRequestDuration, .apiRetries, .gitFetchDuration, .fights, .operationsInFlight,
            .spansDropped:
            []
        }
    }

    /// One sentence, for whoever reads the metrics page.
    package var help: String {
        switch self {
        case .reconciles: "Finished passes, by source and outcome."
        case .reconcileDuration: "How long a pass took, waits for operations included."
        case .actions: "Actions that were tried, by kind of object, action and outcome."
        case .resources: "Declared objects, by source, kind and state."
        case .drift: "Differences found without a new commit, by kind of object."
        case .apiRequests: "Requests to the platform, by method, route and status; status is none without an answer."
        case .apiRequestDuration: "How long an answer of the platform took, one attempt each."
        case .apiRetries: "Requests to the platform that were sent again."
        case .gitFetchDuration: "How long a fetch from a git remote took."
        case .sourceInfo: "1 for the revision that a source is at."
        case .suspended: "1 while a person or its settings suspend a source, else 0."
        case .commitToConverged: "From the time of a commit to the end of the pass that brought it in sync."
        case .oldestUnappliedCommitAge: "Age of the oldest commit that is not applied yet; 0 when all are."
        case .fights: "Differences that came back three times and are corrected no more."
        case .lastSuccess: "When a source was last in sync, in seconds since 1970."
        case .operationsInFlight: "Operations of the platform that are being waited for."
        case .spansDropped: "Spans that the collector did not get: it was away or too slow, or refused them."
        case .buildInfo: "1, with the version of this daemon."
        }
    }
}
