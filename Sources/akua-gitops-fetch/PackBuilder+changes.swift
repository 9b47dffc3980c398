import CGit2
import GitPlumbing

extension PackBuilder {
    /// Adds a commit and the objects that its first parent's tree does not have in the same place.
    ///
    /// The library's own walk reads the whole tree of what the mirror already has, to leave it out; this reads the
    /// folders on the way to what changed. An object that came back from an older commit is sent once more.
    func insert(changesOf id: git_oid, in repository: borrowing Repository) throws(LibGit2Error) {
        let commit = try Commit.lookUp(id, in: repository)
        try insert(id)
        try insert(tree: commit.tree, besides: commit.firstParentTree(), in: repository)
    }

    private func insert(
        tree id: git_oid, besides old: git_oid?, in repository: borrowing Repository
    ) throws(LibGit2Error) {
        guard !id.isSame(as: old) else { return }
        try insert(id)
        let tree = try Tree.lookUp(id, in: repository)
        let oldTree = try old.map { (old) throws(LibGit2Error) in try Tree.lookUp(old, in: repository) }
        for index in 0..<tree.count {
            guard let entry = tree.entry(at: index) else { continue }
            let counterpart = oldTree?.entry(named: git_tree_entry_name(entry.pointer))
            guard !entry.id.isSame(as: counterpart?.id) else { continue }
            switch entry.type {
            case GIT_OBJECT_TREE:
                let oldFolder = counterpart?.type == GIT_OBJECT_TREE ? counterpart?.id : nil
                try insert(tree: entry.id, besides: oldFolder, in: repository)
            // A submodule's commit is in another repository.
            case GIT_OBJECT_COMMIT: break
            default: try insert(entry.id)
            }
        }
    }

    private func insert(_ id: git_oid) throws(LibGit2Error) {
        var id = id
        try LibGit2Error.check(git_packbuilder_insert(pointer, &id, nil), "git_packbuilder_insert")
    }
}

/// Owns a commit.
private struct Commit: ~Copyable {
    private let pointer: OpaquePointer

    static func lookUp(_ id: git_oid, in repository: borrowing Repository) throws(LibGit2Error) -> Commit {
        var id = id
        let owner = repository.pointer
        return Commit(
            pointer: try LibGit2Error.made(by: "git_commit_lookup") { git_commit_lookup(&$0, owner, &id) })
    }

    private init(pointer: OpaquePointer) { self.pointer = pointer }

    deinit { git_commit_free(pointer) }

    var tree: git_oid { git_commit_tree_id(pointer)?.pointee ?? git_oid() }

    /// Nil for a first commit.
    func firstParentTree() throws(LibGit2Error) -> git_oid? {
        guard git_commit_parentcount(pointer) > 0 else { return nil }
        let parent = Commit(
            pointer: try LibGit2Error.made(by: "git_commit_parent") { git_commit_parent(&$0, pointer, 0) })
        return parent.tree
    }
}

/// Owns a tree.
private struct Tree: ~Copyable {
    private let pointer: OpaquePointer

    /// Valid for as long as its tree.
    struct Entry {
        let pointer: OpaquePointer

        var id: git_oid { git_tree_entry_id(pointer)?.pointee ?? git_oid() }
        var type: git_object_t { git_tree_entry_type(pointer) }
    }

    static func lookUp(_ id: git_oid, in repository: borrowing Repository) throws(LibGit2Error) -> Tree {
        var id = id
        let owner = repository.pointer
        return Tree(pointer: try LibGit2Error.made(by: "git_tree_lookup") { git_tree_lookup(&$0, owner, &id) })
    }

    private init(pointer: OpaquePointer) { self.pointer = pointer }

    deinit { git_tree_free(pointer) }

    var count: Int { git_tree_entrycount(pointer) }

    func entry(at index: Int) -> Entry? { git_tree_entry_byindex(pointer, index).map(Entry.init) }

    func entry(named name: UnsafePointer<CChar>?) -> Entry? {
        git_tree_entry_byname(pointer, name).map(Entry.init)
    }
}
