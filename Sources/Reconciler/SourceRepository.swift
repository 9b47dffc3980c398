package import Manifests
package import Planning

/// The git side of a source: `GitRepository` reads a real one, `WorkTreeRepository` a checkout, the simulator a value.
package protocol SourceRepository: Sendable {
    /// The newest commit of the watched ref, after asking the remote.
    func fetch() async throws(SourceError) -> FetchedRevision
    /// A commit that was fetched before, as it was then.
    func revision(at commit: String) async throws(SourceError) -> FetchedRevision
    /// What a commit declares, read from the object database (I7).
    func load(_ commit: String) async throws(SourceError) -> LoadedSource
    /// How the commit that begins with `prefix` relates to `commit`.
    func relation(of prefix: String, to commit: String) async throws(SourceError) -> CommitRelation
    /// The full name of the one commit that begins with `prefix`; nil when there is none here.
    func commit(startingWith prefix: String) async throws(SourceError) -> String?
}

/// A commit that is, or was, at the tip of the watched ref.
package struct FetchedRevision: Equatable, Sendable {
    /// `main@sha1:<40 hex>`.
    package var revision: String
    package var commit: String
    package var author: String
    package var subject: String
    /// Unix seconds.
    package var committedAt: Int

    package init(revision: String, commit: String, author: String, subject: String, committedAt: Int) {
        self.revision = revision
        self.commit = commit
        self.author = author
        self.subject = subject
        self.committedAt = committedAt
    }
}

/// The manifests of one commit.
package enum LoadedSource: Equatable, Sendable {
    case valid(Declarations, warnings: [ManifestError])
    /// Nothing of it is planned (I8).
    case invalid([ManifestError])
    /// The path is not there, or holds no manifest.
    case empty(String)
}

/// Why a source can't be read.
package struct SourceError: Error, Equatable, Sendable, CustomStringConvertible {
    /// One sentence that names the remote or path and the remedy.
    package var description: String

    package init(_ description: String) { self.description = description }
}
