import Glibc
import Reconciler

/// One line for `systemctl status`: `ok main@ab12cd34, 212 objects, next 14:03:10`.
struct StatusLine {
    /// Unix seconds.
    let now: @Sendable () -> Int
    /// The time of day of an instant in Unix milliseconds, as a person at this machine reads it.
    let timeOfDay: @Sendable (Int) -> String

    /// How many sources are told of one by one; of more only those that are in trouble are.
    private static let sourcesMax = 4

    /// - Parameter isReloadRefused: whether the daemon was last asked for a configuration that can't be used.
    func text(of entries: [String: StatusBoard.Entry], isReloadRefused: Bool) -> String {
        let refusal = isReloadRefused ? ["reload refused (the log says why)"] : []
        let sorted = entries.sorted { $0.key < $1.key }.map { (source: $0.key, entry: $0.value) }
        return (refusal + parts(sorted)).joined(separator: "; ")
    }

    private func parts(_ entries: [(source: String, entry: StatusBoard.Entry)]) -> [String] {
        switch entries.count {
        case 0: return ["no source is configured"]
        case 1: return entries.map { text(of: $0.entry) }
        case ...Self.sourcesMax: return entries.map { "\($0.source): \(text(of: $0.entry))" }
        default:
            let others = entries.filter { word(of: $0.entry) != "ok" }
            return ["\(entries.count - others.count) of \(entries.count) sources ok"]
                + others.map { "\($0.source): \(text(of: $0.entry))" }
        }
    }

    private func text(of entry: StatusBoard.Entry) -> String {
        let word = word(of: entry)
        var parts = [word]
        if let revision = entry.revision {
            parts = ["\(word) \(Self.short(revision))", "\(entry.objects) objects"]
        }
        if entry.isReconciling {
            parts.append("reconciling")
        } else if let next = entry.nextPass {
            parts.append("next \(timeOfDay(next))")
        }
        return parts.joined(separator: ", ")
    }

    private static func short(_ revision: String) -> String {
        let parts = revision.split(separator: "@sha1:", maxSplits: 1)
        return parts.count == 2 ? "\(parts[0])@\(parts[1].prefix(8))" : revision
    }

    /// The machine's own time of day: what `systemctl status` shows beside it is local too.
    static func localTime(_ milliseconds: Int) -> String {
        var seconds = time_t(milliseconds / 1_000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return [parts.tm_hour, parts.tm_min, parts.tm_sec].map { $0 < 10 ? "0\($0)" : "\($0)" }
            .joined(separator: ":")
    }

    /// Its trouble, or else what its last pass came to, in a word.
    private func word(of entry: StatusBoard.Entry) -> String {
        if let trouble = entry.trouble ?? entry.remoteTrouble { return trouble.code }
        if let outcome = entry.outcome, entry.suspension?.holds(at: now()) ?? false, outcome != .partial {
            return "suspended"
        }
        switch entry.outcome {
        case nil: return "starting"
        case .blocked?: return "blocked"
        case .partial?: return "partial"
        case .inSync?, .changed?, .superseded?, .failed?, .rejected?, .stopped?: return "ok"
        }
    }
}
