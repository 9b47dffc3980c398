extension SourceCheck {
    /// What `dependsOn` names must be declared here, and must not lead back to where it started.
    mutating func checkDependencies() {
        var edges: [[(target: Int, mark: YAMLMark)]] = Array(repeating: [], count: drafts.count)
        for index in depending {
            let draft = drafts[index]
            for dependency in draft.dependsOn {
                let kind = DocumentKind(dependency.value.kind)
                if let target = names.index(of: dependency.value.name, kind) {
                    edges[index].append((target, dependency.mark))
                } else if isWhole {
                    reportMissing(dependency, kind, of: draft)
                }
            }
        }
        for cycle in DependencyCycles(edges.map { $0.map(\.target) }).cycles { report(cycle, edges) }
    }

    private mutating func reportMissing(
        _ dependency: Located<ObjectReference>, _ kind: DocumentKind, of draft: ManifestDraft
    ) {
        let name = dependency.value.name
        let elsewhere = Kind.allCases.first { names.index(of: name, DocumentKind($0)) != nil }
        let near =
            elsewhere.map { "\($0.rawValue)/\(name)" }
            ?? suggestion(for: name, kind: kind).map { "\(kind.rawValue)/\($0)" }
        report(
            draft, dependency.mark,
            "dependsOn names \(Quoted(dependency.value.description)), which is not declared here",
            hint: near.map { "did you mean \(Quoted($0))?" })
    }

    /// At the entry that closes the circle in the document that comes first.
    private mutating func report(_ cycle: [Int], _ edges: [[(target: Int, mark: YAMLMark)]]) {
        guard let first = cycle.first else { return }
        let next = cycle.dropFirst().first ?? first
        let mark = edges[first].first { $0.target == next }?.mark ?? drafts[first].name.mark
        let shown = cycle.prefix(20).map { drafts[$0].title } + (cycle.count > 20 ? ["…"] : []) + [drafts[first].title]
        report(
            drafts[first], mark, "dependsOn goes in a circle: \(shown.joined(separator: " → "))",
            hint: "remove one of these dependencies")
    }
}

/// The circles in a graph; each node is in at most one of those told.
struct DependencyCycles {
    private(set) var cycles: [[Int]] = []

    private enum Mark { case new, onPath, done }

    /// Walks the graph depth first, without recursion: a chain may be as long as a source has installs.
    init(_ edges: [[Int]]) {
        var marks = Array(repeating: Mark.new, count: edges.count)
        var told: Set<Int> = []
        for start in edges.indices where marks[start] == .new {
            var path: [(node: Int, next: Int)] = [(start, 0)]
            marks[start] = .onPath
            while let (node, next) = path.last {
                guard next < edges[node].count else {
                    marks[node] = .done
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let target = edges[node][next]
                switch marks[target] {
                case .done: continue
                case .new:
                    marks[target] = .onPath
                    path.append((target, 0))
                case .onPath:
                    let entry = path.lastIndex { $0.node == target } ?? 0
                    let cycle = path[entry...].map(\.node)
                    if told.isDisjoint(with: cycle) {
                        told.formUnion(cycle)
                        cycles.append(Self.rotated(cycle))
                    }
                }
            }
        }
    }

    /// The same circle beginning at the node that comes first.
    private static func rotated(_ cycle: [Int]) -> [Int] {
        guard let lowest = cycle.min(), let start = cycle.firstIndex(of: lowest) else { return cycle }
        return Array(cycle[start...] + cycle[..<start])
    }
}
