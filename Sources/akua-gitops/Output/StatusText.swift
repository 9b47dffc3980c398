import Daemon
import Journal
import Telemetry

/// What each source and object is at, as a person reads it.
struct StatusText {
    var terminal: Terminal
    var clock: Clock

    func text(of source: SourceStatus) -> String {
        var lines = [heading(of: source)]
        lines += source.suspensions.map { "  " + terminal.styled("! \($0.sentence)", .yellow) }
        if let error = source.last?.error { lines.append("  " + terminal.styled(TerminalText.safe(error), .red)) }
        lines += table(of: source.objects)
        return lines.map { $0 + "\n" }.joined()
    }

    /// `platform  in sync at 4b30e7e1 since 2026-11-21T15:37:55Z  Describe the platform`.
    private func heading(of source: SourceStatus) -> String {
        let name = terminal.styled(source.name, .bold)
        guard let last = source.last else { return "\(name)  no pass has changed anything yet" }
        let isGood = source.isInSync && source.suspensions.isEmpty
        var words = terminal.styled(Self.words(for: source), isGood ? .green : .yellow)
        words += " at \(last.commit.shortCommit) \(clock.since(milliseconds: last.finishedAt ?? last.startedAt))"
        if !source.isInSync, let applied = source.record?.appliedCommit, applied != last.commit {
            words += ", in sync last at \(applied.shortCommit)"
        }
        return "\(name)  \(words)  " + terminal.styled(TerminalText.safe(last.commitSubject), .faint)
    }

    private func table(of objects: [SourceStatus.Object]) -> [String] {
        guard !objects.isEmpty else { return [] }
        let names = min(max(objects.map(\.name.count).max() ?? 0, "OBJECT".count), 48)
        let states = max(objects.map(\.state.word.count).max() ?? 0, "STATE".count)
        let head = "  \("OBJECT".padded(to: names))  \("STATE".padded(to: states))  COMMIT    ID"
        return [terminal.styled(head, .faint)]
            + objects.flatMap { row(of: $0, names: names, states: states) + waits(of: $0) }
            + ["  " + summary(of: objects)]
    }

    private func row(of object: SourceStatus.Object, names: Int, states: Int) -> [String] {
        let word = object.record == nil ? object.state.word : object.state.word.padded(to: states)
        var line = "  \(object.name.padded(to: names))  " + terminal.styled(word, style(of: object.state))
        if let record = object.record {
            line += "  \((record.commit?.shortCommit ?? "").padded(to: 8))  \(record.resourceID ?? "")"
        }
        return [line]
    }

    /// What it waits for, since when, and when it is tried again.
    private func waits(of object: SourceStatus.Object) -> [String] {
        var lines = object.conditions.flatMap { condition in
            let next = condition.nextAttempt.map { ", next attempt \(clock.at(seconds: $0))" } ?? ""
            return [TerminalText.safe(condition.sentence), clock.since(milliseconds: condition.since) + next]
        }
        if object.conditions.isEmpty, let error = object.record?.lastError { lines = [TerminalText.safe(error)] }
        return lines.map { "      " + $0 }
    }

    /// `4 objects: 1 ready, 1 deleting, 2 waiting`.
    private func summary(of objects: [SourceStatus.Object]) -> String {
        let groups = ["ready", "shared", "deleting", "failed", "waiting"]
        let counts = Dictionary(grouping: objects, by: \.state.group).mapValues(\.count)
        let parts = groups.compactMap { group in counts[group].map { "\($0) \(group)" } }
        return "\(String.count(objects.count, "object")): \(parts.joined(separator: ", "))"
    }

    private func style(of state: SourceStatus.State) -> Terminal.Style {
        switch state {
        case .ready: .green
        case .shared: .faint
        case .failed: .red
        case .deleting, .waiting: .yellow
        }
    }

    /// What a source is at, in words: while it is suspended, nobody brings it in sync.
    private static func words(for source: SourceStatus) -> String {
        guard source.suspensions.isEmpty else { return "suspended" }
        switch source.last?.outcome {
        case "changed", "in_sync": return "in sync"
        case "partial": return "partly failed"
        case nil: return "not ended"
        case let outcome?: return outcome
        }
    }
}
