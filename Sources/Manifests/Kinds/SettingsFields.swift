internal import FoundationEssentials
internal import JSON

/// `spec` of Settings.
enum SettingsFields {
    /// The one name that a Settings document can have.
    static let name = "settings"

    static let interval = Field(
        "interval", "How often everything is compared even when nothing was committed.",
        .duration(.seconds(10)...(.seconds(86_400))), fallback: "5m")
    static let suspend = Field("suspend", "While given, nothing is written.", suspendRule)
    static let mode = Field(
        "mode", "Whether differences are corrected or only reported.", .word(Settings.Mode.self), fallback: "apply")
    static let prune = Field("prune", "Limits beyond which deletes wait for a person.", pruneRule)
    static let drift = Field(
        "drift", "What is done about differences that no commit made.", .word(Settings.Drift.self), fallback: "correct")
    static let provenance = Field(
        "provenance", "Where the commit behind a change is kept; journal avoids a second roll-out.",
        .word(Settings.Provenance.self), fallback: "render")
    static let concurrency = Field(
        "concurrency", "Requests in flight at most, within what the daemon's configuration allows.", .whole(1...256))
    static let retry = Field("retry", "How a request that failed in passing is repeated.", retryRule)
    static let timeouts = Field("timeouts", "How long things may take.", timeoutsRule)

    static let table = FieldTable(
        "spec of Settings",
        [
            interval.optional, suspend.optional, mode.optional, prune.optional, drift.optional, provenance.optional,
            concurrency.optional, retry.optional, timeouts.optional,
        ],
        unsupported: [
            "values", "syncWindows", "overlays", "variables", "rollout", "approval", "allow", "notifications",
        ])

    /// The settings; what is wrong with them is reported.
    static func settings(_ spec: ObjectReader, _ problems: inout Problems) -> Settings {
        var settings = Settings()
        if let value = spec.read(interval, &problems) { settings.interval = value }
        settings.suspension = spec.read(suspend, &problems)
        if let value = spec.read(mode, &problems) { settings.mode = value }
        if let value = spec.read(prune, &problems) { settings.prune = value }
        if let value = spec.read(drift, &problems) { settings.drift = value }
        if let value = spec.read(provenance, &problems) { settings.provenance = value }
        settings.concurrency = spec.read(concurrency, &problems)
        if let value = spec.read(retry, &problems) { settings.retry = value }
        if let value = spec.read(timeouts, &problems) { settings.timeouts = value }
        return settings
    }
}

extension SettingsFields {
    static let reason = Field("reason", "Why, for whoever asks.", .text(1...500))
    static let until = Field("until", "When it ends: RFC 3339 in UTC, such as 2026-12-01T08:00:00Z.", .moment)

    private static let suspendRule = FieldRule<Settings.Suspension>.object(
        FieldTable("suspend", [reason.required, until.optional])
    ) { reader, problems in
        let until = reader.read(until, &problems)
        return reader.read(reason, &problems).map { Settings.Suspension(reason: $0, until: until) }
    }

    static let enabled = Field(
        "enabled", "Whether what git no longer declares is deleted at all.", .flag, fallback: true)
    static let maxDeletes = Field("maxDeletes", "Deletes of one pass at most.", .whole(0...100_000), fallback: 10)
    static let maxDeletePercent = Field(
        "maxDeletePercent", "Of the source's objects at most, from three deletes on.", .whole(0...100), fallback: 25)

    private static let pruneRule = FieldRule<Settings.Prune>.object(
        FieldTable("prune", [enabled.optional, maxDeletes.optional, maxDeletePercent.optional])
    ) { reader, problems in
        var prune = Settings.Prune()
        if let value = reader.read(enabled, &problems) { prune.isEnabled = value }
        if let value = reader.read(maxDeletes, &problems) { prune.maxDeletes = value }
        if let value = reader.read(maxDeletePercent, &problems) { prune.maxDeletePercent = value }
        return prune
    }

    static let attempts = Field(
        "attempts", "Attempts at one request, the first included.", .whole(1...10), fallback: 3)
    static let backoff = Field(
        "backoff", "The wait before the second attempt; it doubles with each.",
        .duration(.milliseconds(10)...(.seconds(60))), fallback: "200ms")
    static let maxBackoff = Field(
        "maxBackoff", "The longest wait.", .duration(.milliseconds(10)...(.seconds(600))), fallback: "30s")

    private static let retryRule = FieldRule<Settings.Retry>.object(
        FieldTable("retry", [attempts.optional, backoff.optional, maxBackoff.optional])
    ) { reader, problems in
        var retry = Settings.Retry()
        if let value = reader.read(attempts, &problems) { retry.attempts = value }
        if let value = reader.read(backoff, &problems) { retry.backoff = value }
        if let value = reader.read(maxBackoff, &problems) { retry.maxBackoff = value }
        if retry.backoff > retry.maxBackoff {
            problems.report(
                reader.mark(of: reader.has(maxBackoff) ? maxBackoff : backoff),
                "maxBackoff (\(DurationText.text(of: retry.maxBackoff))) is shorter than"
                    + " backoff (\(DurationText.text(of: retry.backoff)))")
        }
        return retry
    }

    static let request = Field(
        "request", "One request.", .duration(.seconds(1)...(.seconds(600))), fallback: "30s")
    static let artifact = Field(
        "artifact", "A request for which the platform has to pull an artifact.",
        .duration(.seconds(1)...(.seconds(3_600))), fallback: "5m")
    static let operation = Field(
        "operation", "An operation of the platform, from its start to its end.",
        .duration(.seconds(10)...(.seconds(86_400))), fallback: "30m")

    private static let timeoutsRule = FieldRule<Settings.Timeouts>.object(
        FieldTable("timeouts", [request.optional, artifact.optional, operation.optional])
    ) { reader, problems in
        var timeouts = Settings.Timeouts()
        if let value = reader.read(request, &problems) { timeouts.request = value }
        if let value = reader.read(artifact, &problems) { timeouts.artifact = value }
        if let value = reader.read(operation, &problems) { timeouts.operation = value }
        return timeouts
    }
}

extension FieldRule where Value == Int {
    /// A moment as RFC 3339 writes it, in Unix seconds.
    fileprivate static var moment: Self {
        let form = TextForm(
            pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
            sentence: "a moment in UTC such as 2026-12-01T08:00:00Z"
        ) { MomentText.parse($0) != nil }
        return FieldRule<String>.text(1...40, form: form).map { text, _, _, _ in MomentText.parse(text) }
            .told(as: "moment", "RFC 3339 in UTC, to the second")
    }
}

/// Moments as RFC 3339 writes them in UTC, to the second.
package enum MomentText {
    /// Unix seconds; nil for anything else than what ``text(of:)`` writes.
    package static func parse(_ text: String) -> Int? {
        // The style reads more than RFC 3339 writes, such as 30 February; what it writes itself is exact. A text that
        // it can't read at all is no moment, whatever its reason.
        guard let date = try? Date(text, strategy: .iso8601), date.formatted(.iso8601) == text else { return nil }
        return Int(date.timeIntervalSince1970)
    }

    /// Such as `2026-12-01T08:00:00Z`.
    package static func text(of seconds: Int) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    }
}
