import Manifests

/// What holds for actions of every kind, applied when all of them are known.
extension PlanBuilder {
    /// Turns actions that must not be carried out into holds that say why.
    mutating func applyPolicies() {
        let hasFailures = observed.hasFailures
        var kept: [Action] = []
        var dropped: [ObjectReference: (Hold.Code, String, [FieldChange])] = [:]
        for action in plan.actions {
            if let (code, sentence) = refusal(of: action, hasFailures: hasFailures) {
                let fields = (dropped[action.target]?.2 ?? []) + action.fields
                dropped[action.target] = (code, sentence, fields)
            } else {
                kept.append(action)
            }
        }
        // An object is held as a whole: its render must not go without its update.
        plan.actions = kept.filter { dropped[$0.target] == nil }
        for (target, (code, sentence, fields)) in dropped {
            plan.holds.append(
                Hold(
                    target, code, sentence, resourceID: input.inventory[target]?.resourceID,
                    nextAttempt: code == .backOff ? input.inventory[target]?.nextAttempt : nil, fields: fields))
        }
    }

    private func refusal(of action: Action, hasFailures: Bool) -> (Hold.Code, String)? {
        if let suspension = settings.suspension, suspension.until.map({ $0 > input.now }) ?? true {
            return (.suspended, "the source is suspended: \(suspension.reason)")
        }
        if settings.mode == .plan { return (.planMode, "the settings say mode: plan") }
        if headers[action.target]?.isSuspended == true { return (.suspended, "spec.suspend is set") }
        if input.unsettled[action.target] != nil {
            return (.waitingForOperation, input.unsettled[action.target] ?? "")
        }
        if settings.drift == .report, action.reason.isDrift {
            return (.driftReported, "\(action.reason.sentence); the settings say drift: report")
        }
        if action.word == .delete, hasFailures {
            return (.incompleteRead, "something could not be read in this pass, so nothing is deleted")
        }
        guard let entry = input.inventory[action.target] else { return nil }
        if !input.circumstances.ignoresBackOff, let next = entry.nextAttempt, next > input.now {
            let error = entry.lastError.map { ": \($0)" } ?? ""
            return (.backOff, "failed \(entry.failures) times in a row\(error)")
        }
        return nil
    }

    /// I17: more than 10 objects and more than 20 % of the inventory gone at once are not created again unasked.
    mutating func guardAgainstMassAbsence() {
        let gone = plan.actions.filter { if case .gone = $0.reason { true } else { false } }
        let owned = input.inventory.values.count { $0.life == .live && $0.isOwned }
        guard gone.count > 10, gone.count * 5 > owned else { return }
        block(Set(gone.map(\.target)), with: .massAbsence)
    }

    /// I9: deletes beyond the limits, from nothing, or from a rewritten history wait for a person, all of them.
    mutating func guardDeletes() {
        let deletes = plan.actions.filter { $0.word == .delete && $0.block == nil }
        guard let block = blockOfDeletes(deletes) else { return releaseAllowed() }
        let waiting = deletes.filter { input.inventory[$0.target]?.requested.isDeleteAllowed != true }
        self.block(Set(waiting.map(\.target)), with: block)
        releaseAllowed()
    }

    private func blockOfDeletes(_ deletes: [Action]) -> Block? {
        guard !deletes.isEmpty else { return nil }
        if input.circumstances.isPathEmpty { return .emptyPath }
        if input.circumstances.isHistoryRewritten { return .rewrittenHistory }
        let inventory = input.inventory.values.count { $0.life == .live && $0.isOwned }
        if deletes.count > settings.prune.maxDeletes { return .pruneLimit }
        if deletes.count >= 3, deletes.count * 100 > inventory * settings.prune.maxDeletePercent { return .pruneLimit }
        return nil
    }

    private mutating func block(_ targets: Set<ObjectReference>, with block: Block) {
        for position in plan.actions.indices where targets.contains(plan.actions[position].target) {
            plan.actions[position].block = block
        }
    }

    /// A person releases a set by the digest over all that is blocked.
    private mutating func releaseAllowed() {
        guard let digest = plan.blockedDigest, input.circumstances.allowedDigests.contains(digest) else { return }
        plan.releasedDigest = digest
        for position in plan.actions.indices { plan.actions[position].block = nil }
    }

    /// An action whose predecessor is not carried out is not carried out either.
    mutating func dropDependants() {
        while true {
            let known = Set(plan.runnable.map(\.id))
            let orphaned = plan.actions.filter { $0.block == nil && !$0.after.isSubset(of: known) }
            guard !orphaned.isEmpty else { return }
            for action in orphaned where !plan.holds.contains(where: { $0.target == action.target }) {
                let missing = action.after.subtracting(known).map(\.description).sorted().joined(separator: ", ")
                hold(action.target, .dependency, "waits for: \(missing)", resourceID: action.resourceID)
            }
            let targets = Set(orphaned.map(\.target))
            plan.actions.removeAll { $0.block == nil && targets.contains($0.target) }
        }
    }
}
