import JSON
package import Journal
import Manifests

/// The settings of the commit being applied, made stricter for one commit when their document has just been removed.
///
/// Removing a safety setting must not release, in the same commit, what it held back.
struct EffectiveSettings {
    let settings: Settings
    /// What the journal keeps for the next pass.
    let record: JSONValue

    /// - Parameter previous: what the last pass left in the journal.
    init(declared: Settings, isDeclared: Bool, commit: String, previous: JSONValue?) {
        guard !isDeclared, let previous = previous?.object, let mode = previous["mode"]?.string else {
            settings = declared
            record = isDeclared ? Self.encode(declared, removedIn: nil) : .null
            return
        }
        let removedIn = previous["removed_in"]?.string ?? commit
        guard removedIn == commit else {
            settings = declared
            record = .null
            return
        }
        var strict = declared
        if mode == Settings.Mode.plan.rawValue { strict.mode = .plan }
        if previous["drift"]?.string == Settings.Drift.report.rawValue { strict.drift = .report }
        if let reason = previous["suspended"]?.string {
            strict.suspension = Settings.Suspension(reason: reason, until: previous["suspended_until"]?.number?.int)
        }
        if previous["prune"]?.bool == false { strict.prune.isEnabled = false }
        strict.prune.maxDeletes = min(strict.prune.maxDeletes, previous["max_deletes"]?.number?.int ?? .max)
        strict.prune.maxDeletePercent = min(
            strict.prune.maxDeletePercent, previous["max_delete_percent"]?.number?.int ?? .max)
        settings = strict
        record = Self.encode(strict, removedIn: commit)
    }

    private static func encode(_ settings: Settings, removedIn commit: String?) -> JSONValue {
        var object = JSONObject()
        object["mode"] = .string(settings.mode.rawValue)
        object["drift"] = .string(settings.drift.rawValue)
        object["suspended"] = settings.suspension.map { .string($0.reason) }
        object["suspended_until"] = settings.suspension?.until.map { .number(JSONNumber($0)) }
        object["prune"] = .bool(settings.prune.isEnabled)
        object["max_deletes"] = .number(JSONNumber(settings.prune.maxDeletes))
        object["max_delete_percent"] = .number(JSONNumber(settings.prune.maxDeletePercent))
        object["removed_in"] = commit.map(JSONValue.string)
        return .object(object)
    }
}

extension SourceRecord {
    /// What the settings of the newest pass suspend at a time, in Unix seconds; what a person does is another matter.
    package func suspension(at seconds: Int) -> PassReport.Suspension? {
        guard let reason = settings?["suspended"]?.string else { return nil }
        let suspension = PassReport.Suspension(
            author: .settings, reason: reason, until: settings?["suspended_until"]?.number?.int)
        return suspension.holds(at: seconds) ? suspension : nil
    }
}
