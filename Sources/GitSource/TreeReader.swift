import CGit2
import GitPlumbing

/// Lists the files of a commit from the object database (I7).
///
/// A tree's id names its content for ever, so what was read of the last commit, or of the one before it, is not read
/// again: after a commit that touches one file, only the folders on the way to it are.
struct TreeReader {
    private let limits: TreeLimits
    /// The commit that was listed last, by whatever paths.
    private var commit: CommitID?
    /// Its folders, checked, and those of the commit before.
    private var known: [TreeID: [Entry]] = [:]
    private var knownBefore: [TreeID: [Entry]] = [:]

    /// A name in a folder that has passed all rules.
    private struct Entry {
        enum Target {
            case folder(TreeID)
            case file(SourceFile.Kind, BlobID?, size: Int)
        }
        var name: String
        var target: Target
    }

    init(limits: TreeLimits) { self.limits = limits }

    /// Every file under the path, in the order of the paths' bytes.
    mutating func files(
        of commit: CommitID, under path: SourcePath, in database: borrowing ObjectDatabase
    ) throws(GitError) -> [SourceFile] {
        if self.commit != commit { (self.commit, known, knownBefore) = (commit, [:], known) }
        var listing = Listing(known: known, knownBefore: knownBefore, commit: commit)
        var root = try database.tree(of: commit)
        var walked: [String] = []
        for part in path.parts {
            let entries = try entries(of: root, at: walked.joined(separator: "/"), &listing, database)
            walked.append(part)
            guard let entry = entries.first(where: { $0.name == part }) else {
                throw .tree(.missingPath(walked.joined(separator: "/")), commit: commit)
            }
            guard case .folder(let id) = entry.target else {
                throw .tree(.notAFolder(walked.joined(separator: "/")), commit: commit)
            }
            root = id
        }
        try list(root, at: walked.joined(separator: "/"), depth: walked.count, &listing, database)
        known.merge(listing.visited) { first, _ in first }
        return listing.files
    }

    /// What one walk collects.
    private struct Listing {
        let known: [TreeID: [Entry]]
        let knownBefore: [TreeID: [Entry]]
        let commit: CommitID
        var visited: [TreeID: [Entry]] = [:]
        var files: [SourceFile] = []
        var entryCount = 0

        init(known: [TreeID: [Entry]], knownBefore: [TreeID: [Entry]], commit: CommitID) {
            self.known = known
            self.knownBefore = knownBefore
            self.commit = commit
        }
    }

    private func list(
        _ tree: TreeID, at folder: String, depth: Int, _ listing: inout Listing,
        _ database: borrowing ObjectDatabase
    ) throws(GitError) {
        guard depth <= limits.depth else {
            throw .tree(.tooLarge(limit: "\(limits.depth) folders within folders"), commit: listing.commit)
        }
        let entries = try entries(of: tree, at: folder, &listing, database)
        // Counted each time a folder is met: a small tree that names one folder over and over is large all the same.
        listing.entryCount += entries.count
        guard listing.entryCount <= limits.entries else {
            throw .tree(.tooLarge(limit: "\(limits.entries) files and folders"), commit: listing.commit)
        }
        for entry in entries {
            let path = folder.isEmpty ? entry.name : "\(folder)/\(entry.name)"
            guard path.utf8.count <= limits.pathBytes else {
                throw .tree(.tooLarge(limit: "\(limits.pathBytes) bytes in a path"), commit: listing.commit)
            }
            switch entry.target {
            case .folder(let id): try list(id, at: path, depth: depth + 1, &listing, database)
            case .file(let kind, let id, let size):
                listing.files.append(SourceFile(path: path, kind: kind, id: id, size: size))
            }
        }
    }

    private func entries(
        of tree: TreeID, at folder: String, _ listing: inout Listing, _ database: borrowing ObjectDatabase
    ) throws(GitError) -> [Entry] {
        if let entries = listing.visited[tree] { return entries }
        let entries: [Entry]
        if let known = listing.known[tree] ?? listing.knownBefore[tree] {
            entries = known
        } else {
            entries = try read(tree, at: folder, commit: listing.commit, database)
        }
        listing.visited[tree] = entries
        return entries
    }

    private func read(
        _ tree: TreeID, at folder: String, commit: CommitID, _ database: borrowing ObjectDatabase
    ) throws(GitError) -> [Entry] {
        func refuse(_ name: String, _ problem: String) -> GitError {
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            return .tree(.unsafePath(path.cleaned(bytesMax: limits.pathBytes), problem: problem), commit: commit)
        }
        // Looked at before the list is read: an entry takes 28 bytes at most, and its name.
        guard try database.size(of: tree, type: GIT_OBJECT_TREE) <= limits.entries * 64 else {
            throw .tree(.tooLarge(limit: "\(limits.entries) files and folders"), commit: commit)
        }
        let raw = try database.entries(of: tree)
        var entries: [Entry] = []
        entries.reserveCapacity(raw.count)
        // Two spellings that Unicode holds equal are one key further on, so they are one name here.
        var names: Set<String> = []
        for entry in raw {
            let name = String(decoding: entry.name, as: UTF8.self)
            if let problem = EntryName.problem(with: entry.name) { throw refuse(name, problem) }
            guard names.insert(name).inserted else { throw refuse(name, "there twice") }
            let target: Entry.Target
            switch entry.mode {
            case GIT_FILEMODE_TREE: target = .folder(TreeID(entry.id))
            case GIT_FILEMODE_COMMIT: target = .file(.submodule, nil, size: 0)
            default:
                let id = BlobID(entry.id)
                let size = try database.size(of: id, type: GIT_OBJECT_BLOB)
                target = .file(Self.kind(of: entry.mode), id, size: size)
            }
            entries.append(Entry(name: name, target: target))
        }
        return entries
    }

    private static func kind(of mode: git_filemode_t) -> SourceFile.Kind {
        switch mode {
        case GIT_FILEMODE_BLOB_EXECUTABLE: .executable
        case GIT_FILEMODE_LINK: .symbolicLink
        default: .file
        }
    }
}
