import Manifests

/// What holds an object back whatever its kind, and what holds back the source as a whole.
extension PlanBuilder {
    struct Refusal {
        var code: Hold.Code
        var sentence: String
        /// Unix seconds.
        var nextAttempt: Int?
    }

    /// Why an action must not be carried out, judged by its object alone.
    func refusal(of action: Action) -> Refusal? {
        if declarations.headers[action.target]?.isSuspended ?? false {
            return Refusal(code: .suspended, sentence: "spec.suspend is set")
        }
        if let sentence = input.unsettled[action.target] {
            return Refusal(code: .waitingForOperation, sentence: sentence)
        }
        if settings.drift == .report, action.reason.isDrift {
            return Refusal(
                code: .driftReported, sentence: "\(action.reason.sentence); the settings say drift: report")
        }
        // R14: further off than any back-off reaches, it was written before somebody set the date back.
        guard !input.circumstances.ignoresBackOff, let entry = input.inventory[action.target],
            let next = entry.nextAttempt, next > input.now, next - input.now <= InventoryEntry.backOffMax
        else { return nil }
        let error = entry.lastError.map { ": \($0)" } ?? ""
        return Refusal(
            code: .backOff, sentence: "failed \(entry.failures) times in a row\(error)", nextAttempt: next)
    }

    /// A source that a person or its settings suspend, or whose mode is to plan, only reports what it would do.
    mutating func holdWhatTheSourceHolds() {
        let refusal: Refusal
        if let suspension = input.circumstances.suspension {
            refusal = Refusal(
                code: .suspended, sentence: "a person has suspended the source: \(suspension.reason)",
                nextAttempt: suspension.until)
        } else if let suspension = settings.suspension(at: input.now) {
            refusal = Refusal(
                code: .suspended, sentence: "the source is suspended: \(suspension.reason)",
                nextAttempt: suspension.until)
        } else if settings.mode == .plan {
            refusal = Refusal(code: .planMode, sentence: "the settings say mode: plan")
        } else {
            return
        }
        holdActions { _ in refusal }
    }

    /// I2: nothing is deleted in a pass in which something could not be read.
    mutating func holdDeletesAfterFailedReads() {
        guard observed.hasFailures else { return }
        let refusal = Refusal(
            code: .incompleteRead, sentence: "something could not be read in this pass, so nothing is deleted")
        holdActions { $0.word == .delete ? refusal : nil }
    }

    /// Turns actions into holds, one for each object with all its fields.
    private mutating func holdActions(_ refusal: (Action) -> Refusal?) {
        var held: [ObjectReference: (refusal: Refusal, actions: [Action])] = [:]
        plan.actions.removeAll { action in
            guard let refusal = refusal(action) else { return false }
            held[action.target, default: (refusal, [])].actions.append(action)
            return true
        }
        for (target, (refusal, actions)) in held {
            hold(
                target, refusal.code, refusal.sentence, resourceID: actions.first?.resourceID,
                nextAttempt: refusal.nextAttempt, fields: actions.flatMap(\.fields))
        }
    }

    /// An action that comes after one that is not carried out is not carried out either.
    mutating func dropDependants() {
        var carriedOut: Set<ActionID> = []
        var kept: [Action] = []
        for action in plan.actions {
            // Not `subtracting`, which looks at every element of what it subtracts.
            let missing = action.after.filter { !carriedOut.contains($0) }
            if action.block != nil || missing.isEmpty {
                kept.append(action)
                if action.block == nil { carriedOut.insert(action.id) }
            } else {
                hold(
                    action.target, .dependency, "waits for: \(Self.list(missing.map(\.description)))",
                    resourceID: action.resourceID, fields: action.fields)
            }
        }
        plan.actions = kept
    }
}
