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

/// Circles in a graph: at least one if there is any, and few that share nodes.
struct DependencyCycles {
    /// Circles that are told: there are mistakes that make thousands.
    static let cyclesMax = 20

    private(set) var cycles: [[Int]] = []

    private enum Mark: Equatable {
        case new, done
        /// With its place there.
        case onPath(Int)
    }

    /// Walks the graph depth first, without recursion: a chain may be as long as a source has installs.
    init(_ edges: [[Int]]) {
        var marks = Array(repeating: Mark.new, count: edges.count)
        var told: Set<Int> = []
        for start in edges.indices where marks[start] == .new && cycles.count < Self.cyclesMax {
            var path: [(node: Int, next: Int)] = [(start, 0)]
            marks[start] = .onPath(0)
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
                    marks[target] = .onPath(path.count)
                    path.append((target, 0))
                case .onPath(let entry):
                    // Ends that are in a circle already close no other: only so is the work bounded.
                    guard cycles.count < Self.cyclesMax, !told.contains(target), !told.contains(node) else { continue }
                    let cycle = path[entry...].map(\.node)
                    told.formUnion(cycle)
                    cycles.append(Self.rotated(cycle))
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
