package import Manifests
package import Planning
package import Reconciler
import Synchronization

/// A linear history of declarations.
package final class SimulatedRepository: SourceRepository {
    package init() {}

    private let commits = Mutex<[(id: String, loaded: LoadedSource)]>([])

    /// Adds a commit on top.
    @discardableResult
    package func commit(_ desired: DesiredState) -> String { commit(.valid(Declarations(desired), warnings: [])) }

    @discardableResult
    package func commit(_ loaded: LoadedSource) -> String {
        commits.withLock { commits in
            let number = String(commits.count + 1, radix: 16)
            let id = String(repeating: "a", count: 40 - number.count - 1) + "b" + number
            // The first digits tell commits apart, since short names are made of them.
            let named = String(String(id.reversed()).prefix(40))
            commits.append((named, loaded))
            return named
        }
    }

    /// What a commit declares; nil when it is not there or not valid.
    package func desired(at commit: String) -> DesiredState? {
        let loaded = commits.withLock { $0.first { $0.id == commit }?.loaded }
        guard case .valid(let declarations, _)? = loaded else { return nil }
        return declarations.desired
    }

    /// What the commit with a short name declares; nil when it is not there or not valid.
    package func desired(startingWith prefix: String) -> DesiredState? {
        commits.withLock { $0.first { $0.id.hasPrefix(prefix) }?.id }.flatMap { desired(at: $0) }
    }

    /// Throws away the newest commits, as a force push does.
    package func rewind(to count: Int) { commits.withLock { $0.removeLast($0.count - count) } }

    package func fetch() throws(SourceError) -> FetchedRevision {
        guard let tip = commits.withLock({ $0.last }) else { throw SourceError("there is no commit") }
        return try revision(at: tip.id)
    }

    package func revision(at commit: String) throws(SourceError) -> FetchedRevision {
        FetchedRevision(
            revision: "main@sha1:\(commit)", commit: commit, author: "Ada", subject: "Change \(commit.prefix(4))",
            committedAt: 1_700_000_000)
    }

    package func load(_ commit: String) throws(SourceError) -> LoadedSource {
        guard let found = commits.withLock({ $0.first { $0.id == commit } }) else { throw SourceError("no \(commit)") }
        return found.loaded
    }

    package func relation(of prefix: String, to commit: String) -> CommitRelation {
        commits.withLock { commits in
            guard let one = commits.firstIndex(where: { $0.id.hasPrefix(prefix) }),
                let other = commits.firstIndex(where: { $0.id == commit })
            else { return .unknown }
            return one == other ? .same : one < other ? .ancestor : .descendant
        }
    }

    package func commit(startingWith prefix: String) -> String? {
        commits.withLock { commits in commits.first { $0.id.hasPrefix(prefix) }?.id }
    }
}
