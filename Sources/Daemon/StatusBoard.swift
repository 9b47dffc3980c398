package import JSON
import Manifests
import Planning
package import Reconciler
import Synchronization

/// What each source is at, for health checks, metrics, `status` and systemd: written by the loops, read by the servers.
package final class StatusBoard: Sendable {
    /// One source, as of its last pass.
    package struct Entry: Equatable, Sendable {
        package var revision: String?
        package var outcome: PassReport.Outcome?
        /// Why it is not ready; nil when it is.
        package var trouble: (code: String, message: String)?
        package var objects = 0
        /// Unix milliseconds.
        package var lastPass: Int?
        package var lastSuccess: Int?
        package var nextPass: Int?

        package static func == (left: Entry, right: Entry) -> Bool {
            left.revision == right.revision && left.outcome == right.outcome
                && left.trouble?.code == right.trouble?.code && left.trouble?.message == right.trouble?.message
                && left.objects == right.objects && left.lastPass == right.lastPass
                && left.lastSuccess == right.lastSuccess && left.nextPass == right.nextPass
        }
    }

    private let entries = Mutex<[String: Entry]>([:])

    package init() {}

    /// The sources that are configured now; others are forgotten.
    package func expect(_ sources: [String]) {
        entries.withLock { entries in
            entries = entries.filter { sources.contains($0.key) }
            for source in sources where entries[source] == nil { entries[source] = Entry() }
        }
    }

    /// Changes what is known of a source; nothing when it is configured no more.
    package func update(_ source: String, _ change: (inout Entry) -> Void) {
        entries.withLock { entries in
            guard entries[source] != nil else { return }
            change(&entries[source, default: Entry()])
        }
    }

    /// Takes up what a pass came to.
    package func record(_ report: PassReport, nextPass: Int) {
        update(report.source) { entry in
            entry.revision = report.revision?.revision ?? entry.revision
            entry.outcome = report.outcome
            entry.lastPass = report.finishedAt
            entry.nextPass = nextPass
            entry.objects = report.plan?.desiredDigests.count ?? entry.objects
            entry.trouble = report.trouble
            if report.trouble == nil { entry.lastSuccess = report.finishedAt }
        }
    }

    package var all: [String: Entry] { entries.withLock { $0 } }

    /// `/readyz`: every source reconciled once, and none stalled.
    package var unreadiness: [Unreadiness] {
        all.sorted { $0.key < $1.key }.compactMap { source, entry in
            if let trouble = entry.trouble {
                return Unreadiness(source: source, reason: trouble.code, message: trouble.message)
            }
            guard entry.lastPass == nil else { return nil }
            return Unreadiness(source: source, reason: "starting", message: "the first pass has not ended")
        }
    }

    /// `GET /v1/status`.
    package var json: JSONValue {
        let sources = all.sorted { $0.key < $1.key }.map { source, entry -> JSONValue in
            var object = JSONObject()
            object["source"] = .string(source)
            object["revision"] = entry.revision.map(JSONValue.string) ?? .null
            object["outcome"] = entry.outcome.map { .string($0.rawValue) } ?? .null
            object["ready"] = .bool(entry.trouble == nil && entry.lastPass != nil)
            object["error"] = entry.trouble.map { ["code": .string($0.code), "message": .string($0.message)] } ?? .null
            object["objects"] = .number(JSONNumber(entry.objects))
            object["last_pass_ms"] = entry.lastPass.map { .number(JSONNumber($0)) } ?? .null
            object["last_success_ms"] = entry.lastSuccess.map { .number(JSONNumber($0)) } ?? .null
            object["next_pass_ms"] = entry.nextPass.map { .number(JSONNumber($0)) } ?? .null
            return .object(object)
        }
        return ["v": 1, "sources": .array(sources)]
    }

    /// One line for `systemctl status`: `ok main@ab12cd34, 212 objects`.
    package var line: String {
        let entries = all.sorted { $0.key < $1.key }
        if entries.isEmpty { return "no source is configured" }
        return entries.map { source, entry in
            let revision = entry.revision.map(Self.short) ?? "nothing yet"
            let state = entry.trouble.map { "\($0.code)" } ?? (entry.lastPass == nil ? "starting" : "ok")
            return (entries.count > 1 ? "\(source): " : "") + "\(state) \(revision), \(entry.objects) objects"
        }.joined(separator: "; ")
    }

    private static func short(_ revision: String) -> String {
        revision.replacing("@sha1:", with: "@").prefix { $0 != "@" } + "@"
            + (revision.split(separator: ":").last.map { String($0.prefix(8)) } ?? "")
    }
}

extension PassReport {
    /// Why the source is stalled; nil while it is in step or only waits for things that pass.
    fileprivate var trouble: (code: String, message: String)? {
        if let error { return (error.code, error.description) }
        if let stop = plan?.stop { return (stop.code, stop.sentence) }
        if outcome == .rejected || !manifestErrors.isEmpty {
            return ("rejected", manifestErrors.first?.description ?? emptyPath ?? "the commit is invalid")
        }
        return nil
    }
}
