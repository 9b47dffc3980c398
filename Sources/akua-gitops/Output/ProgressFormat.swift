import Synchronization
import Telemetry

/// How far a pass is, made from its log: what a command shows on standard error while it works.
///
/// On a terminal one line that is drawn over, elsewhere a line for each action that ended. What the command's output
/// will tell anyhow is left out; what it won't is written as in a text log.
final class ProgressFormat: LogFormat {
    private struct State {
        var source = ""
        var total = 0
        var ended = 0
        /// What is under way, in the order begun.
        var running: [String] = []
        var isLineDrawn = false
    }

    /// Whether a line can be drawn over.
    private let isLive: Bool
    private let state = Mutex(State())
    /// How many objects one line names.
    private static let namesMax = 2
    /// How much of a terminal's line is used: one that wraps can't be drawn over.
    private static let columnsMax = 76
    private static let eraseLine = "\r\u{1B}[2K"

    init(isLive: Bool) { self.isLive = isLive }

    func bytes(of entry: LogEntry) -> [UInt8] {
        state.withLock { state in
            guard let event = Event(rawValue: entry.event) else { return [] }
            switch event {
            case .reconcileStarted:
                state = State(source: entry.text(.source), isLineDrawn: state.isLineDrawn)
                return drawn("\(state.source): looking at the workspace", &state)
            case .planComputed:
                state.total = state.ended + (Int(entry.text(.count)) ?? 0)
                return []
            case .actionStarted:
                state.running.append(entry.action)
                return drawn(Self.line(state), &state)
            case .actionSucceeded, .actionFailed, .actionDeferred:
                guard !entry.text(.action).isEmpty else { return [] }
                state.ended += 1
                state.running.removeAll { $0 == entry.action }
                guard isLive else {
                    return Self.bytes("\(state.source): \(entry.action): \(entry.text(.outcome))\n")
                }
                return drawn(Self.line(state), &state)
            case .reconcileFinished, .reconcileSuperseded: return erased(&state)
            case .reconcileFailed where entry.text(.outcome) == "failed": return erased(&state)
            case .reconcileFailed, .apiThrottled, .libraryLogged:
                return erased(&state) + TextLogFormat().bytes(of: entry)
            default: return []
            }
        }
    }

    /// `platform: 3 of 19 done, create Install/checkout-eu, Install/postgres-eu and 2 more`.
    private static func line(_ state: State) -> String {
        var line = "\(state.source): \(state.ended) of \(state.total) done"
        if !state.running.isEmpty { line += ", " + state.running.prefix(namesMax).joined(separator: ", ") }
        let more = state.running.count - namesMax
        return more > 0 ? line + " and \(more) more" : line
    }

    private func drawn(_ line: String, _ state: inout State) -> [UInt8] {
        guard isLive else { return [] }
        state.isLineDrawn = true
        let line = TerminalText.safe(line)
        return Self.bytes(Self.eraseLine + (line.count > Self.columnsMax ? line.prefix(Self.columnsMax) + "…" : line))
    }

    private func erased(_ state: inout State) -> [UInt8] {
        guard state.isLineDrawn else { return [] }
        state.isLineDrawn = false
        return Self.bytes(Self.eraseLine)
    }

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
}

extension LogEntry {
    fileprivate func text(_ field: Field) -> String {
        fields.first { $0.name == field.rawValue }?.value.description ?? ""
    }

    fileprivate var action: String { "\(text(.action)) \(text(.kind))/\(text(.name))" }
}
