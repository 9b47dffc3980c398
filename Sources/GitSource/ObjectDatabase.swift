import CGit2
import GitPlumbing
import Glibc

/// Owns an open object database, without the references and the configuration that lie beside it.
///
/// Opened for each piece of work and closed after it: no handle outlives a method of the actor, packs that a fetch
/// brought are seen, and an idle source holds no file open.
struct ObjectDatabase: ~Copyable {
    private let objects: OwnedPointer
    private let repository: OwnedPointer

    /// Opens the one of a bare repository.
    init(ofMirror path: String) throws(GitError) {
        let objects = OwnedPointer(
            try GitError.made(by: "git_odb_open") { git_odb_open(&$0, path + "/objects") }, free: git_odb_free)
        let database = objects.pointer
        repository = OwnedPointer(
            try GitError.made(by: "git_repository_wrap_odb") { git_repository_wrap_odb(&$0, database) },
            free: git_repository_free)
        self.objects = objects
    }

    func contains(_ id: CommitID) -> Bool {
        var raw = id.raw
        return git_odb_exists(objects.pointer, &raw) == 1
    }

    /// The one commit whose id begins with these digits; nil when none or more than one does.
    func commit(startingWith prefix: String) throws(GitError) -> CommitID? {
        var raw = git_oid()
        guard git_oid_fromstrn(&raw, prefix, prefix.utf8.count) == 0 else { return nil }
        var commit: OpaquePointer?
        let status = git_commit_lookup_prefix(&commit, repository.pointer, &raw, prefix.utf8.count)
        guard status != GIT_ENOTFOUND.rawValue, status != GIT_EAMBIGUOUS.rawValue else { return nil }
        try GitError.check(status, "git_commit_lookup_prefix")
        defer { git_commit_free(commit) }
        return git_commit_id(commit).map { CommitID($0.pointee) }
    }

    /// The length of an object, without reading it; throws if it is of another type.
    func size<Kind>(of id: ObjectID<Kind>, type expected: git_object_t) throws(GitError) -> Int {
        var (raw, size, type) = (id.raw, 0, GIT_OBJECT_INVALID)
        try GitError.check(git_odb_read_header(&size, &type, objects.pointer, &raw), "git_odb_read_header")
        // A stranger's tree can say so as well as a broken mirror; a clone anew tells the two apart.
        guard type == expected else { throw .mirror(.damaged("object \(id) is not of the type that its tree says")) }
        return size
    }

    /// The bytes of a blob, checked against its id.
    func contents(of id: BlobID) throws(GitError) -> [UInt8] {
        var raw = id.raw
        let object = OwnedPointer(
            try GitError.made(by: "git_odb_read") { git_odb_read(&$0, objects.pointer, &raw) },
            free: git_odb_object_free)
        return [UInt8](
            UnsafeRawBufferPointer(
                start: git_odb_object_data(object.pointer), count: git_odb_object_size(object.pointer)))
    }

    func info(of id: CommitID) throws(GitError) -> CommitInfo {
        let commit = try commit(id)
        let author = git_commit_author(commit.pointer)?.pointee
        func text(_ pointer: UnsafePointer<CChar>?) -> String {
            pointer.map { String(cString: $0).cleaned(bytesMax: Self.textBytesMax) } ?? ""
        }
        return CommitInfo(
            id: id, authorName: text(author?.name), authorEmail: text(author?.email),
            committedAt: git_commit_time(commit.pointer), subject: text(git_commit_summary(commit.pointer)))
    }

    /// The bound of each text of a commit.
    private static let textBytesMax = 500

    func tree(of id: CommitID) throws(GitError) -> TreeID {
        let commit = try commit(id)
        guard let tree = git_commit_tree_id(commit.pointer) else {
            throw .mirror(.damaged("commit \(id) has no tree"))
        }
        return TreeID(tree.pointee)
    }

    private func commit(_ id: CommitID) throws(GitError) -> OwnedPointer {
        guard contains(id) else { throw .mirror(.unknownCommit(id)) }
        var raw = id.raw
        return OwnedPointer(
            try GitError.made(by: "git_commit_lookup") { git_commit_lookup(&$0, repository.pointer, &raw) },
            free: git_commit_free)
    }

    /// What a tree lists, names unchecked.
    func entries(of id: TreeID) throws(GitError) -> [RawTreeEntry] {
        var raw = id.raw
        let tree = OwnedPointer(
            try GitError.made(by: "git_tree_lookup") { git_tree_lookup(&$0, repository.pointer, &raw) },
            free: git_tree_free)
        return (0..<git_tree_entrycount(tree.pointer)).compactMap { index in
            guard let entry = git_tree_entry_byindex(tree.pointer, index), let name = git_tree_entry_name(entry),
                let id = git_tree_entry_id(entry)
            else { return nil }
            return RawTreeEntry(
                name: Array(UnsafeRawBufferPointer(start: name, count: strlen(name))), id: id.pointee,
                mode: git_tree_entry_filemode(entry))
        }
    }

    /// Whether `ancestor` is in the history of `commit`, itself left out.
    func isDescendant(_ commit: CommitID, of ancestor: CommitID) throws(GitError) -> Bool {
        var (commit, ancestor) = (commit.raw, ancestor.raw)
        let answer = git_graph_descendant_of(repository.pointer, &commit, &ancestor)
        try GitError.check(answer, "git_graph_descendant_of")
        return answer == 1
    }

    /// The commits from `tip` back to `base`, which is left out, newest first and no parent before its child.
    func history(of tip: CommitID, after base: CommitID?, max: Int) throws(GitError) -> [CommitID] {
        let walk = OwnedPointer(
            try GitError.made(by: "git_revwalk_new") { git_revwalk_new(&$0, repository.pointer) },
            free: git_revwalk_free)
        try GitError.check(
            git_revwalk_sorting(walk.pointer, GIT_SORT_TOPOLOGICAL.rawValue | GIT_SORT_TIME.rawValue),
            "git_revwalk_sorting")
        var raw = tip.raw
        try GitError.check(git_revwalk_push(walk.pointer, &raw), "git_revwalk_push")
        if var raw = base?.raw { try GitError.check(git_revwalk_hide(walk.pointer, &raw), "git_revwalk_hide") }
        var ids: [CommitID] = []
        while ids.count < max {
            let status = git_revwalk_next(&raw, walk.pointer)
            guard status != GIT_ITEROVER.rawValue else { break }
            try GitError.check(status, "git_revwalk_next")
            ids.append(CommitID(raw))
        }
        return ids
    }
}

/// An entry of a tree as its writer wrote it.
struct RawTreeEntry {
    var name: [UInt8]
    var id: git_oid
    var mode: git_filemode_t
}

/// Owns one object of the library: freed once, never copied, never seen outside this module.
struct OwnedPointer: ~Copyable {
    let pointer: OpaquePointer
    private let free: @convention(c) (OpaquePointer?) -> Void

    init(_ pointer: OpaquePointer, free: @escaping @convention(c) (OpaquePointer?) -> Void) {
        self.pointer = pointer
        self.free = free
    }

    deinit { free(pointer) }
}
