import Manifests

/// The order in which a plan is shown and can be carried out.
enum Ordering {
    /// Creates and changes by kind, then deletes by kind in reverse, each by name; and none before what it comes after.
    ///
    /// Linear but for one sort. A circle can only come from dependencies of deleted objects that the journal remembers
    /// from different commits: the arrow that closes it is dropped, so that all of them can be carried out.
    static func sorted(_ actions: [Action]) -> [Action] {
        var ranked = actions.map { (rank: Rank($0), action: $0) }.sorted { $0.rank < $1.rank }.map(\.action)
        let positions = Dictionary(ranked.enumerated().map { ($1.id, $0) }) { first, _ in first }
        var marks = Array(repeating: Mark.unseen, count: ranked.count)
        var result: [Action] = []
        result.reserveCapacity(ranked.count)
        for root in ranked.indices {
            // Depth first with a stack of its own: a chain of ten thousand must not exhaust the thread's.
            var stack = [(position: root, isExpanded: false)]
            while let (position, isExpanded) = stack.popLast() {
                if isExpanded {
                    marks[position] = .done
                    result.append(ranked[position])
                    continue
                }
                guard marks[position] == .unseen else { continue }
                marks[position] = .open
                stack.append((position, true))
                for next in ranked[position].after.compactMap({ positions[$0] }).sorted(by: >) {
                    switch marks[next] {
                    case .done: break
                    case .open: ranked[position].after.remove(ranked[next].id)
                    case .unseen: stack.append((next, false))
                    }
                }
            }
        }
        return result
    }

    private enum Mark { case unseen, open, done }

    /// Where an action stands when nothing else decides.
    private struct Rank: Comparable {
        private static let kinds = Kind.allCases.sorted()

        let kind: Int
        let name: String
        let word: Int

        init(_ action: Action) {
            let position = Self.kinds.firstIndex(of: action.target.kind) ?? 0
            kind = action.word == .delete ? 2 * Self.kinds.count - position : position
            name = action.target.name
            word = ActionWord.allCases.firstIndex(of: action.word) ?? 0
        }

        static func < (left: Rank, right: Rank) -> Bool {
            if left.kind != right.kind { return left.kind < right.kind }
            return left.name == right.name
                ? left.word < right.word : left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        }
    }
}
