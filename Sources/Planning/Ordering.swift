import Manifests

/// The order in which a plan is shown and can be carried out.
enum Ordering {
    /// Creates and changes by kind, then deletes by kind in reverse, each by name; and never before what it comes after.
    static func sorted(_ actions: [Action]) -> [Action] {
        var waiting = actions.sorted { rank($0).lexicographicallyPrecedes(rank($1), by: precedes) }
        let known = Set(actions.map(\.id))
        var done: Set<ActionID> = []
        var result: [Action] = []
        while !waiting.isEmpty {
            let ready = waiting.filter { $0.after.intersection(known).isSubset(of: done) }
            // A cycle can't be: dependsOn is checked for cycles, and every other arrow goes from kind to later kind.
            guard !ready.isEmpty else { return result + waiting }
            result += ready
            done.formUnion(ready.map(\.id))
            waiting.removeAll { done.contains($0.id) }
        }
        return result
    }

    private static func rank(_ action: Action) -> [String] {
        let kinds = Kind.allCases.sorted()
        let position = kinds.firstIndex(of: action.target.kind) ?? 0
        let word = ActionWord.allCases.firstIndex(of: action.word) ?? 0
        return action.word == .delete
            ? ["1", String(kinds.count - position), action.target.name]
            : ["0", String(position), action.target.name, String(word)]
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
