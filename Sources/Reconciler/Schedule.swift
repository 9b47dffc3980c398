import Planning

/// Which actions of a plan can begin, as others end: a value, so that the order can be tested without doing anything.
struct Schedule {
    private var waiting: [ActionID: (action: Action, missing: Set<ActionID>)] = [:]
    private var dependants: [ActionID: [ActionID]] = [:]
    private var order: [ActionID: Int] = [:]

    /// - Parameter actions: only those that are to be carried out; what they come after and is not among them is done.
    init(_ actions: [Action]) {
        let known = Set(actions.map(\.id))
        for (position, action) in actions.enumerated() {
            let missing = action.after.intersection(known)
            waiting[action.id] = (action, missing)
            order[action.id] = position
            for predecessor in missing { dependants[predecessor, default: []].append(action.id) }
        }
    }

    /// The actions that can begin now, in the plan's order.
    ///
    /// Each is given out once.
    mutating func takeReady() -> [Action] {
        let ready = waiting.values.filter(\.missing.isEmpty).map(\.action)
        for action in ready { waiting[action.id] = nil }
        return ready.sorted { order[$0.id, default: 0] < order[$1.id, default: 0] }
    }

    /// Those that `id` was the last predecessor of can begin.
    mutating func succeeded(_ id: ActionID) -> [Action] {
        var ready: [Action] = []
        for dependant in dependants[id] ?? [] {
            waiting[dependant]?.missing.remove(id)
            guard let entry = waiting[dependant], entry.missing.isEmpty else { continue }
            waiting[dependant] = nil
            ready.append(entry.action)
        }
        return ready.sorted { order[$0.id, default: 0] < order[$1.id, default: 0] }
    }

    /// Everything that, directly or not, comes after `id`: none of it begins.
    mutating func failed(_ id: ActionID) -> [Action] {
        var dropped: [Action] = []
        var next = dependants[id] ?? []
        while let dependant = next.popLast() {
            guard let entry = waiting.removeValue(forKey: dependant) else { continue }
            dropped.append(entry.action)
            next += dependants[dependant] ?? []
        }
        return dropped.sorted { order[$0.id, default: 0] < order[$1.id, default: 0] }
    }

    /// What never began.
    var remaining: [Action] {
        waiting.values.map(\.action).sorted { order[$0.id, default: 0] < order[$1.id, default: 0] }
    }
}
