import Manifests

/// The order in which a plan is shown, and in which it can be carried out one by one.
enum Ordering {
    /// Object by object, the actions on each together and in the order in which they were planned.
    ///
    /// Packages, versions, clusters, installs; of each kind first what is new, then what is taken over, updated and only
    /// rendered, by name; then the deletes, kinds in reverse. Before all that: none stands before what it comes after.
    ///
    /// Linear but for one sort. A circle can only come from dependencies of deleted objects that the journal remembers
    /// from different commits: the arrow that closes it is dropped, so that all of them can be carried out.
    static func sorted(_ actions: [Action]) -> [Action] {
        var groups = Dictionary(grouping: actions, by: \.target).map { Group(target: $0, actions: $1) }
            .sorted { $0.rank < $1.rank }
        let positions = Dictionary(groups.enumerated().map { ($1.target, $0) }) { first, _ in first }
        var marks = Array(repeating: Mark.unseen, count: groups.count)
        var result: [Action] = []
        result.reserveCapacity(actions.count)
        for root in groups.indices {
            // Depth first with a stack of its own: a chain of ten thousand must not exhaust the thread's.
            var stack = [(position: root, isExpanded: false)]
            while let (position, isExpanded) = stack.popLast() {
                if isExpanded {
                    marks[position] = .done
                    result += groups[position].actions
                    continue
                }
                guard marks[position] == .unseen else { continue }
                marks[position] = .open
                stack.append((position, true))
                let predecessors = groups[position].predecessors.compactMap { positions[$0] }
                for next in predecessors.sorted(by: >) where next != position {
                    switch marks[next] {
                    case .done: break
                    case .open: groups[position].forget(groups[next].target)
                    case .unseen: stack.append((next, false))
                    }
                }
            }
        }
        return result
    }

    private enum Mark { case unseen, open, done }

    /// The actions on one object, in their order.
    private struct Group {
        let target: ObjectReference
        let rank: Rank
        private(set) var actions: [Action]

        init(target: ObjectReference, actions: [Action]) {
            self.target = target
            self.actions = actions
            rank = Rank(target, actions[0].word)
        }

        var predecessors: Set<ObjectReference> { Set(actions.lazy.flatMap(\.after).map(\.target)) }

        mutating func forget(_ predecessor: ObjectReference) {
            for index in actions.indices {
                actions[index].after = actions[index].after.filter { $0.target != predecessor }
            }
        }
    }

    /// Where an object stands when nothing else decides.
    private struct Rank: Comparable {
        private static let kinds = Kind.allCases.sorted()

        private let kind: Int
        private let word: Int
        private let name: String

        /// - Parameter word: that of its first action.
        init(_ target: ObjectReference, _ word: ActionWord) {
            let position = Self.kinds.firstIndex(of: target.kind) ?? 0
            kind = word == .delete ? 2 * Self.kinds.count - position : position
            name = target.name
            self.word =
                switch word {
                case .create, .import, .publish: 0
                case .adopt: 1
                case .update: 2
                case .setAutomaticUpdates: 3
                case .render: 4
                case .delete: 5
                }
        }

        static func < (left: Rank, right: Rank) -> Bool {
            if left.kind != right.kind { return left.kind < right.kind }
            if left.word != right.word { return left.word < right.word }
            return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        }
    }
}
