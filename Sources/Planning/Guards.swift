import Manifests

/// What waits for a person: deletes beyond the limits (I9), and creates after many objects vanished at once (I17).
extension PlanBuilder {
    /// More of the inventory gone than this, both in number and in part, is not created again unasked.
    private static let absenceMax = 10
    private static let absencePercentMax = 20
    /// Fewer deletes than this are never too large a part of the inventory.
    private static let deletesWithoutPercent = 2

    /// The objects of this source that can come and go: a version does neither by itself.
    private var inventoryCount: Int {
        input.inventory.count { $0.key.kind != .packageVersion && $0.value.life == .live && $0.value.isOwned }
    }

    mutating func blockRecreationAfterMassAbsence() {
        guard gone.count > Self.absenceMax, gone.count * 100 > inventoryCount * Self.absencePercentMax else { return }
        let created = plan.actions.indices.filter { gone.contains(plan.actions[$0].target) }
        guard !created.isEmpty else { return }
        for position in created { plan.actions[position].block = .massAbsence }
        // Forgotten, those that nobody declares would not count in the next pass.
        plan.bookkeeping.removeAll { if case .gone(let target) = $0 { gone.contains(target) } else { false } }
    }

    /// Beyond the limits, from nothing, or from a rewritten history, all deletes are blocked but those that a person has
    /// allowed; the rest of the plan goes through.
    mutating func blockDeletesBeyondLimits() {
        let deletes = plan.actions.indices.filter {
            plan.actions[$0].word == .delete && plan.actions[$0].block != .recoveredOrphan
        }
        guard let block = blockOfDeletes(deletes.count) else { return }
        for position in deletes where plan.actions[position].block == nil {
            let entry = input.inventory[plan.actions[position].target]
            if entry?.requested.isDeleteAllowed != true { plan.actions[position].block = block }
        }
    }

    private func blockOfDeletes(_ count: Int) -> Block? {
        guard count > 0 else { return nil }
        if input.circumstances.isPathEmpty { return .emptyPath }
        if input.circumstances.isHistoryRewritten { return .rewrittenHistory }
        if count > settings.prune.maxDeletes { return .pruneLimit }
        guard count > Self.deletesWithoutPercent else { return nil }
        return count * 100 > inventoryCount * settings.prune.maxDeletePercent ? .pruneLimit : nil
    }

    /// A person releases a set by the digest over all that is blocked.
    mutating func release() {
        guard let digest = plan.blockedDigest, input.circumstances.allowedDigests.contains(digest) else { return }
        plan.releasedDigest = digest
        if plan.actions.contains(where: { $0.block == .massAbsence }) {
            // From here on plain creates: the permission outlives a pass that does not get to the end of them.
            plan.bookkeeping += gone.sorted().map(Bookkeeping.gone)
        }
        for position in plan.actions.indices { plan.actions[position].block = nil }
    }
}
