import AkuaModel
import Daemon
import JSON
import Journal
import Manifests
import Planning
import Reconciler
import Telemetry

/// One object, as a person reads all that is known of it.
struct ExplanationText {
    var terminal: Terminal
    var clock: Clock
    var showsValues: Bool

    func text(of explanation: Explanation) -> String {
        let past = explanation.past
        var lines = [
            terminal.styled(explanation.object.description, .bold) + "  of source \(explanation.source)"
        ]
        lines += explanation.suspensions.map { "  " + terminal.styled("! \($0.sentence)", .yellow) }
        if let blindness = explanation.blindness {
            let note = "! git and the workspace were not looked at: \(TerminalText.safe(blindness))"
            lines.append("  " + terminal.styled(note, .yellow))
        }
        if let present = explanation.present {
            if let stop = present.stop {
                lines.append(
                    "  " + terminal.styled("! stopped, \(stop.code): \(TerminalText.safe(stop.sentence))", .red))
            }
            lines += section("Desired", desired(present)) + section("Observed", observed(present, past.record))
        }
        lines += section("Owner", owner(past.record))
        lines += section("Held back", held(explanation))
        if let present = explanation.present { lines += section("The next pass", next(present.actions)) }
        lines += section("Last actions", past.actions.flatMap(line))
        lines += section("Renders", past.renders.map(line))
        return lines.map { $0 + "\n" }.joined()
    }

    private func section(_ title: String, _ lines: [String]) -> [String] {
        lines.isEmpty ? [] : ["", "  " + terminal.styled(title, .bold)] + lines.map { "    " + $0 }
    }

    private func desired(_ present: Explanation.Present) -> [String] {
        guard let facts = present.desired, let location = present.location else {
            return ["not declared at \(TerminalText.safe(present.revision))"]
        }
        let place = "\(present.revision), \(location)"
        return [terminal.styled(TerminalText.safe(place), .faint)] + facts.map(line)
    }

    private func observed(_ present: Explanation.Present, _ record: ObjectRecord?) -> [String] {
        let id = record?.resourceID.map { TerminalText.safe($0) }
        switch present.observed {
        case .unread: return [(id.map { "\($0): " } ?? "") + "not looked at, the plan had no need to"]
        case .absent: return [id.map { "\($0) is gone from the workspace" } ?? "not in the workspace"]
        case .live(let facts): return (id.map { [terminal.styled($0, .faint)] } ?? []) + facts.map(line)
        }
    }

    private func line(_ fact: Sight.Fact) -> String {
        guard !fact.isValue || showsValues else {
            let count = fact.value.object?.count ?? 0
            return "\(fact.name): " + (count == 0 ? "none" : "\(String.count(count, "key")), shown by --show-values")
        }
        return "\(fact.name): \(TerminalText.safe(fact.value.string ?? JSONWriter().text(of: fact.value)))"
    }

    private func owner(_ record: ObjectRecord?) -> [String] {
        guard let record else { return ["nobody: this journal has no record of it"] }
        var lines = [Self.sentence(record)]
        if let commit = record.commit {
            lines.append(
                "as \(record.path.map { TerminalText.safe($0) } ?? "its manifest") of \(commit.shortCommit) says")
        }
        if record.incarnation > 1 { lines.append("the life number \(record.incarnation) of its name") }
        if let protection = record.protection {
            lines.append("protected by \(protection): it stays when its manifest goes")
        }
        if record.failures > 0 {
            let error = record.lastError.map { ": " + TerminalText.safe($0) } ?? ""
            lines.append("failed \(record.failures) times in a row\(error)")
        }
        return lines
    }

    /// Who has it, and what may be done to it.
    static func sentence(_ record: ObjectRecord) -> String {
        switch (record.life, record.ownership) {
        case (.gone, _): "nobody: it is gone"
        case (.released, _): "nobody here: it was released and lives on"
        case (.deleting, _): "this source, which has asked for its delete"
        case (.live, .created): "this source, which made it"
        case (.live, .adopted): "this source, to which a manifest gave it by id"
        case (.live, .recovered): "this source, which found it again by its own key or mark"
        case (.live, .shared):
            "shared: used and kept in step, never deleted, since nothing proves that this source made it"
        }
    }

    /// What the journal has since when, and what only the look has shown.
    private func held(_ explanation: Explanation) -> [String] {
        var lines = explanation.past.conditions.flatMap { condition -> [String] in
            let next = condition.nextAttempt.map { ", next attempt \(clock.at(seconds: $0))" } ?? ""
            return [
                terminal.styled(condition.code, .yellow) + ": " + TerminalText.safe(condition.sentence),
                "  " + clock.since(milliseconds: condition.since) + next,
            ]
        }
        let known = Set(explanation.past.conditions.map(\.code))
        for hold in explanation.present?.holds ?? [] where !known.contains(hold.code.rawValue) {
            let next = hold.nextAttempt.map { ", next attempt \(clock.at(seconds: $0))" } ?? ""
            lines.append(terminal.styled(hold.code.rawValue, .yellow) + ": " + TerminalText.safe(hold.sentence) + next)
        }
        lines += explanation.past.unsettled.map { intent in
            let operation = intent.operation.map { " waits for operation \($0)" } ?? " has no known outcome yet"
            return "\(intent.action)\(operation), \(clock.since(milliseconds: intent.createdAt))"
        }
        return lines
    }

    private func next(_ actions: [Action]) -> [String] {
        actions.flatMap { action in
            let block = action.block.map { " (blocked: \($0.rawValue), \($0.sentence))" } ?? ""
            return ["\(action.word.rawValue): \(TerminalText.safe(action.reason.sentence))\(block)"]
                + action.fields.map { "  " + PlanView.text(of: $0, showsValues: showsValues) }
        }
    }

    private func line(_ action: ActionRecord, _ pass: ReconcileRecord?) -> [String] {
        let outcome = ReconcileText.outcome(action.outcome, terminal)
        var line = "\(UnixTime.text(milliseconds: action.finishedAt))  \(outcome)  \(action.action)"
        if let error = action.error { line += ": " + TerminalText.safe(error) }
        guard let pass else { return [line] }
        let commit = "  \(pass.commit.shortCommit) \(TerminalText.safe(pass.commitSubject)) "
        return [line, terminal.styled(commit + "(\(TerminalText.safe(pass.commitAuthor)), \(pass.id))", .faint)]
    }

    private func line(_ render: RenderRecord) -> String {
        let made = render.commitSHA.map { ", commit \(TerminalText.safe($0).shortCommit) of its own repository" } ?? ""
        return
            "\(UnixTime.text(milliseconds: render.recordedAt))  \(render.render)  \(TerminalText.safe(render.state))  "
            + "of \(render.commit.shortCommit)\(made)"
    }
}
