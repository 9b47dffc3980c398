package import GitSource
import Manifests
package import Planning
import Synchronization

/// A source in a real repository: ``GitSource`` fetches and reads commits, `Manifests` says what they declare.
package struct GitRepository: SourceRepository {
    private let git: GitSource
    private let path: String
    private let reader: ManifestReader
    /// What the last commit that was valid declares: most passes are about one that an earlier pass has read.
    private let last = LastLoaded()

    /// - Parameter path: the folder of the manifests from the root of the repository; empty for the root.
    package init(_ git: GitSource, path: String) {
        self.git = git
        self.path = path
        // Parsed files are kept by their blob's id, so a commit that touches one file parses one file.
        reader = ManifestReader(cache: ParsedFileCache())
    }

    package func fetch() async throws(SourceError) -> FetchedRevision {
        do throws(GitError) {
            return try await described(git.fetch().revision)
        } catch {
            throw SourceError(error.description)
        }
    }

    package func revision(at commit: String) async throws(SourceError) -> FetchedRevision {
        let id = try known(commit)
        do throws(GitError) {
            return try await described(Revision(branch: git.configuration.ref.name, commit: id))
        } catch {
            throw SourceError(error.description)
        }
    }

    private func described(_ revision: Revision) async throws(GitError) -> FetchedRevision {
        let info = try await git.info(of: revision.commit)
        return FetchedRevision(
            revision: revision.description, commit: info.id.description,
            author: info.authorEmail.isEmpty ? info.authorName : "\(info.authorName) <\(info.authorEmail)>",
            subject: info.subject, committedAt: Int(info.committedAt))
    }

    package func load(_ commit: String) async throws(SourceError) -> LoadedSource {
        let id = try known(commit)
        if let loaded = last.load(commit) { return loaded }
        do {
            let listing = try await git.snapshot(at: id, under: path)
            let loaded = LoadedSource(
                try await reader.read(CommitTree(git: git, listing: listing, path: path)), path: path)
            if case .valid = loaded { last.keep(loaded, of: commit) }
            return loaded
        } catch let error as GitError {
            if case .tree(.missingPath, _) = error { return .empty(error.description) }
            throw SourceError(error.description)
        } catch {
            throw SourceError("\(error)")
        }
    }

    package func relation(of prefix: String, to commit: String) async throws(SourceError) -> CommitRelation {
        guard let full = try await self.commit(startingWith: prefix), let one = CommitID(full),
            let other = CommitID(commit)
        else { return .unknown }
        do {
            switch try await git.ancestry(of: one, relativeTo: other) {
            case .same: return .same
            case .ancestor: return .ancestor
            case .descendant: return .descendant
            case .unrelated: return .unrelated
            case .unknown: return .unknown
            }
        } catch {
            throw SourceError(error.description)
        }
    }

    package func commit(startingWith prefix: String) async throws(SourceError) -> String? {
        do {
            return try await git.commit(startingWith: prefix)?.description
        } catch {
            throw SourceError(error.description)
        }
    }

    private func known(_ commit: String) throws(SourceError) -> CommitID {
        guard let id = CommitID(commit) else { throw SourceError("'\(commit)' is no commit id") }
        return id
    }
}

/// A commit declares the same for ever: the last one that was read needs no second reading.
private final class LastLoaded: Sendable {
    private let last = Mutex<(commit: String, source: LoadedSource)?>(nil)

    func load(_ commit: String) -> LoadedSource? {
        last.withLock { last in last.flatMap { $0.commit == commit ? $0.source : nil } }
    }

    func keep(_ source: LoadedSource, of commit: String) { last.withLock { $0 = (commit, source) } }
}

extension LoadedSource {
    init(_ reading: ManifestReading, path: String) {
        self =
            switch reading {
            case .valid(let desired, let warnings): .valid(Declarations(desired), warnings: warnings)
            case .invalid(let errors): .invalid(errors)
            case .empty: .empty("there is no manifest under '\(path.isEmpty ? "." : path)'")
            }
    }
}

/// The files of one commit, from the object database and never from a work tree (I7).
private struct CommitTree: ManifestTree {
    let git: GitSource
    let listing: TreeSnapshot
    let path: String
    private let folders = ListedFolders()

    init(git: GitSource, listing: TreeSnapshot, path: String) {
        self.git = git
        self.listing = listing
        self.path = path
    }

    var manifestRoot: String { path }

    func files() -> [TreeFile] { listing.files.map(TreeFile.init) }

    func file(at path: String) async throws -> TreeFile? {
        guard let commit = listing.commit else { return nil }
        return try await folders.file(at: path) { folder in try await git.snapshot(at: commit, under: folder).files }
    }

    func contents(of files: [TreeFile]) async throws -> [[UInt8]] {
        try await git.contents(of: files.map(SourceFile.init))
    }
}

/// A checkout that is not committed, in the place of a commit.
///
/// For `plan --source-path`: its revision is the one that the repository is at, and it declares what lies in the folder.
package struct WorkTreeRepository: SourceRepository {
    private let base: any SourceRepository
    private let tree: WorkTree
    private let path: String

    /// - Parameter base: the repository that the checkout is of: it answers how commits relate.
    package init(_ tree: WorkTree, path: String, base: any SourceRepository) {
        self.base = base
        self.tree = tree
        self.path = path
    }

    package func fetch() async throws(SourceError) -> FetchedRevision {
        var revision = try await base.fetch()
        revision.revision += " + \(tree.folder)"
        revision.subject = "(not committed) on top of: \(revision.subject)"
        return revision
    }

    package func revision(at commit: String) async throws(SourceError) -> FetchedRevision {
        try await base.revision(at: commit)
    }

    package func load(_ commit: String) async throws(SourceError) -> LoadedSource {
        try await Self.read(tree, path: path, checksValues: false)
    }

    /// What a folder declares, without a repository: for `validate`, which holds values against input schemas too.
    package static func read(
        _ tree: WorkTree, path: String, checksValues: Bool = true
    ) async throws(SourceError) -> LoadedSource {
        do {
            let folder = FolderTree(tree: tree, path: path)
            return LoadedSource(try await ManifestReader().read(folder, checksValues: checksValues), path: path)
        } catch let error as GitError {
            if case .tree(.missingPath, _) = error { return .empty(error.description) }
            throw SourceError(error.description)
        } catch {
            throw SourceError("\(error)")
        }
    }

    package func relation(of prefix: String, to commit: String) async throws(SourceError) -> CommitRelation {
        try await base.relation(of: prefix, to: commit)
    }

    package func commit(startingWith prefix: String) async throws(SourceError) -> String? {
        try await base.commit(startingWith: prefix)
    }
}

private struct FolderTree: ManifestTree {
    let tree: WorkTree
    let path: String
    private let folders = ListedFolders()

    init(tree: WorkTree, path: String) {
        self.tree = tree
        self.path = path
    }

    var manifestRoot: String { path }

    func files() throws -> [TreeFile] { try tree.snapshot(under: path).files.map(TreeFile.init) }

    func file(at path: String) async throws -> TreeFile? {
        try await folders.file(at: path) { folder in try tree.snapshot(under: folder).files }
    }

    func contents(of files: [TreeFile]) throws -> [[UInt8]] { try tree.contents(of: files.map(SourceFile.init)) }
}

/// The folders outside a source's path that one load has looked into, for values that several sources share.
///
/// Each is listed once, however many of its files are asked for.
private final class ListedFolders: Sendable {
    private let folders = Mutex<[String: [String: TreeFile]]>([:])

    /// The file at a path; nil when there is none, or no such folder.
    func file(
        at path: String, list: (_ folder: String) async throws -> [SourceFile]
    ) async throws -> TreeFile? {
        let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? ""
        if let known = folders.withLock({ $0[folder] }) { return known[path] }
        var files: [String: TreeFile] = [:]
        do {
            for file in try await list(folder) { files[file.path] = TreeFile(file) }
        } catch let error as GitError {
            guard case .tree(.missingPath, _) = error else { throw error }
        }
        let found = files
        folders.withLock { $0[folder] = found }
        return found[path]
    }
}

extension TreeFile {
    fileprivate init(_ file: SourceFile) {
        let kind: Kind =
            switch file.kind {
            case .file, .executable: .regular
            case .symbolicLink: .symbolicLink
            case .submodule: .other
            }
        self.init(path: file.path, kind: kind, size: file.size, contentID: file.id?.description)
    }
}

extension SourceFile {
    fileprivate init(_ file: TreeFile) {
        self.init(path: file.path, kind: .file, id: file.contentID.flatMap(BlobID.init), size: file.size)
    }
}
