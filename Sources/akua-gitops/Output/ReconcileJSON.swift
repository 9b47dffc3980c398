import JSON
import Manifests
import Planning
import Reconciler

/// What one-shot passes did, as `reconcile --output json` prints it.
enum ReconcileJSON {
    static func document(of reports: [PassReport], showsValues: Bool) -> JSONValue {
        ["v": 1, "sources": .array(reports.map { source($0, showsValues) })]
    }

    private static func source(_ report: PassReport, _ showsValues: Bool) -> JSONValue {
        var object = JSONObject()
        object["source"] = .string(report.source)
        object["reconcile_id"] = .string(report.reconcile)
        object["revision"] = report.revision.map { .string($0.revision) } ?? .null
        object["outcome"] = .string(report.outcome.rawValue)
        object["digest"] = report.plan.map { .string($0.digest) } ?? .null
        object["actions"] = .array(report.results.map(action))
        object["blocked"] = .array((report.plan?.blocked ?? []).map { PlanJSON.action($0, showsValues) })
        object["reported"] = .array((report.plan?.holds ?? []).map { PlanJSON.hold($0, showsValues) })
        var counts = JSONObject()
        for (name, count) in report.counts { counts[name] = .number(JSONNumber(count)) }
        object["counts"] = .object(counts)
        PlanJSON.addTrouble(of: report, to: &object)
        return .object(object)
    }

    private static func action(_ result: ActionResult) -> JSONValue {
        var id = result.action.resourceID
        if case .succeeded(let resourceID?) = result.outcome { id = resourceID }
        return [
            "action": .string(result.action.word.rawValue), "kind": .string(result.action.target.kind.rawValue),
            "name": .string(result.action.target.name), "resource_id": id.map(JSONValue.string) ?? .null,
            "reason": .string(result.action.reason.code), "outcome": .string(result.outcome.word),
            "error": result.outcome.sentence.map(JSONValue.string) ?? .null,
        ]
    }
}
