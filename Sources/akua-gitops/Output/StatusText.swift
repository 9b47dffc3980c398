import Foundation
import Journal
import Telemetry

/// What each source and object is at, as a person reads it.
struct StatusText {
    var terminal: Terminal

    func text(of source: SourceStatus) -> String {
        var lines = [heading(of: source)]
        if let error = source.last?.error { lines.append("  " + terminal.styled(TerminalText.safe(error), .red)) }
        let names = min(source.objects.map(\.name.count).max() ?? 0, 48)
        let states = source.objects.map(\.state.word.count).max() ?? 0
        for object in source.objects {
            let word = object.record == nil ? object.state.word : object.state.word.padded(to: states)
            var line = "  \(object.name.padded(to: names))  " + terminal.styled(word, style(of: object.state))
            if let record = object.record {
                line += "  \((record.commit?.shortCommit ?? "").padded(to: 8))  \(record.resourceID ?? "")"
            }
            lines.append(line)
            lines += object.conditions.map(self.line)
            if object.conditions.isEmpty, let error = object.record?.lastError {
                lines.append("      " + TerminalText.safe(error))
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// `platform  in sync at 4b30e7e1 since 2026-11-21T15:37:55Z  Describe the platform`.
    private func heading(of source: SourceStatus) -> String {
        let name = terminal.styled(source.name, .bold)
        guard let last = source.last else { return "\(name)  no pass has changed anything yet" }
        let since =
            "at \(last.commit.shortCommit) since \(UnixTime.text(milliseconds: last.finishedAt ?? last.startedAt))"
        var words = terminal.styled(
            last.outcome.map(Self.words(for:)) ?? "not ended", source.isInSync ? .green : .yellow)
        words += " \(since)"
        if !source.isInSync, let applied = source.record?.appliedCommit, applied != last.commit {
            words += ", in sync last at \(applied.shortCommit)"
        }
        return "\(name)  \(words)  " + terminal.styled(TerminalText.safe(last.commitSubject), .faint)
    }

    private func line(_ condition: ConditionRecord) -> String {
        let next = condition.nextAttempt.map { ", tried again \(UnixTime.text(milliseconds: $0 * 1_000))" } ?? ""
        return
            "      since \(UnixTime.text(milliseconds: condition.since))\(next): \(TerminalText.safe(condition.sentence))"
    }

    private func style(of state: SourceStatus.State) -> Terminal.Style {
        switch state {
        case .ready: .green
        case .shared: .faint
        case .failed: .red
        case .deleting, .waiting: .yellow
        }
    }

    /// The outcome of a recorded pass, in words.
    static func words(for outcome: String) -> String {
        switch outcome {
        case "changed", "in_sync": "in sync"
        case "partial": "partly failed"
        default: outcome
        }
    }
}

/// Times of the journal, as people and other programs read them.
enum UnixTime {
    /// RFC 3339 in UTC, to the second.
    static func text(milliseconds: Int) -> String {
        Date(timeIntervalSince1970: Double(milliseconds / 1_000)).formatted(.iso8601)
    }
}
