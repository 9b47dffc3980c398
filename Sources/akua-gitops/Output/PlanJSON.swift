import Daemon
import JSON
import Manifests
import Planning
import Reconciler

/// Plans as `plan --output json` prints them (docs/commands.md); other programs rely on the form.
enum PlanJSON {
    static func document(of reports: [PassReport], showsValues: Bool) -> JSONValue {
        ["v": 1, "sources": .array(reports.map { source($0, showsValues) })]
    }

    private static func source(_ report: PassReport, _ showsValues: Bool) -> JSONValue {
        var object = JSONObject()
        object["source"] = .string(report.source)
        object["revision"] = report.revision.map { .string($0.revision) } ?? .null
        object["digest"] = report.plan.map { .string($0.digest) } ?? .null
        object["complete"] = .bool(report.error == nil && report.plan?.isComplete == true)
        object["actions"] = .array((report.plan?.actions ?? []).map { action($0, showsValues) })
        object["reported"] = .array((report.plan?.holds ?? []).map { hold($0, showsValues) })
        object["counts"] = counts(of: report.plan)
        addTrouble(of: report, to: &object)
        return .object(object)
    }

    /// What is there only when it is: the digest to release, why a source stopped, why there is no plan.
    static func addTrouble(of report: PassReport, to object: inout JSONObject) {
        if let digest = report.plan?.blockedDigest { object["blocked_digest"] = .string(digest) }
        if let stop = report.plan?.stop {
            object["stopped"] = ["code": .string(stop.code), "message": .string(stop.sentence)]
        }
        if let suspension = report.suspension { object["suspended"] = suspension.json }
        if let error = report.error {
            object["error"] = ["code": .string(error.code), "message": .string(error.description)]
        } else if report.plan == nil, let sentence = report.emptyPath {
            object["error"] = ["code": "empty-path", "message": .string(sentence)]
        }
        if !report.manifestErrors.isEmpty {
            object["errors"] = .array(report.manifestErrors.map(ManifestFindings.value))
        }
        if !report.warnings.isEmpty { object["warnings"] = .array(report.warnings.map(ManifestFindings.value)) }
    }

    static func action(_ action: Action, _ showsValues: Bool) -> JSONValue {
        [
            "action": .string(action.word.rawValue), "kind": .string(action.target.kind.rawValue),
            "name": .string(action.target.name), "resource_id": action.resourceID.map(JSONValue.string) ?? .null,
            "reason": .string(action.reason.code), "message": .string(action.reason.sentence),
            "after": .array(action.after.map(\.description).sorted().map(JSONValue.string)),
            "fields": .array(action.fields.map { field($0, showsValues) }),
            "blocked": action.block.map { .string($0.rawValue) } ?? .null,
        ]
    }

    static func hold(_ hold: Hold, _ showsValues: Bool) -> JSONValue {
        [
            "kind": .string(hold.target.kind.rawValue), "name": .string(hold.target.name),
            "reason": .string(hold.code.rawValue), "message": .string(hold.sentence),
            "resource_id": hold.resourceID.map(JSONValue.string) ?? .null,
            "fields": .array(hold.fields.map { field($0, showsValues) }), "counts": .bool(hold.code.counts),
        ]
    }

    private static func field(_ field: FieldChange, _ showsValues: Bool) -> JSONValue {
        guard field.isValue, !showsValues else {
            return ["path": .string(field.path), "before": field.before ?? .null, "after": field.after ?? .null]
        }
        return ["path": .string(field.path), "changed": true]
    }

    private static func counts(of plan: Plan?) -> JSONValue {
        var object = JSONObject()
        for word in ActionWord.allCases {
            let count = plan?.runnable.count { $0.word == word } ?? 0
            if count > 0 { object[word.rawValue] = .number(JSONNumber(count)) }
        }
        object["blocked"] = .number(JSONNumber(plan?.blocked.count ?? 0))
        object["reported"] = .number(JSONNumber(plan?.holds.count ?? 0))
        return .object(object)
    }
}
