import CGit2
import GitPlumbing
import Glibc

/// A bare repository that holds what was fetched, with one reference: the tip.
struct Mirror: ~Copyable {
    let repository: Repository
    let path: String
    /// The commit that was fetched last; nil before the first.
    let tip: git_oid?

    /// Makes an empty one in place of whatever is there.
    static func create(at path: String) throws(FetchFailure) -> Mirror {
        try Files.remove(path)
        do {
            let repository = Repository(
                owning: try LibGit2Error.made(by: "git_repository_init") { git_repository_init(&$0, path, 1) })
            try LibGit2Error.check(
                git_repository_set_head(repository.pointer, MirrorLayout.tip), "git_repository_set_head")
            return Mirror(repository: repository, path: path, tip: nil)
        } catch {
            throw FetchFailure(.storage, error.description)
        }
    }

    /// Opens one that is in use; throws too if its tip can't be read.
    static func open(at path: String) throws(LibGit2Error) -> Mirror {
        let repository = Repository(
            owning: try LibGit2Error.made(by: "git_repository_open_bare") { git_repository_open_bare(&$0, path) })
        var tip = git_oid()
        try LibGit2Error.check(
            git_reference_name_to_id(&tip, repository.pointer, MirrorLayout.tip), "git_reference_name_to_id")
        let mirror = Mirror(repository: repository, path: path, tip: tip)
        try mirror.repository.check(commit: tip)
        return mirror
    }

    /// Moves the tip, by a rename: a kill leaves the old one or the new one.
    func move(tipTo id: git_oid) throws(FetchFailure) {
        var id = id
        do {
            let reference = try LibGit2Error.made(by: "git_reference_create") {
                git_reference_create(&$0, repository.pointer, MirrorLayout.tip, &id, 1, nil)
            }
            git_reference_free(reference)
        } catch {
            throw FetchFailure(.storage, error.description)
        }
    }

    /// Removes what a killed fetch has left: half-written packs, packs without their index, locks.
    static func removeLeftovers(at path: String) throws(FetchFailure) {
        try Files.remove("\(path)/\(MirrorLayout.tip).lock")
        let folder = "\(path)/objects/pack"
        let names = Set(Files.names(in: folder))
        for name in names {
            let isWhole =
                name.hasPrefix("pack-")
                && (name.hasSuffix(".idx") || name.hasSuffix(".pack") && names.contains(name.dropLast(5) + ".idx"))
            if !isWhole { try Files.remove("\(folder)/\(name)") }
        }
    }
}

/// Owns one open repository.
struct Repository: ~Copyable {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    /// Throws unless the commit and its root tree can be read.
    func check(commit id: git_oid) throws(LibGit2Error) {
        var id = id
        let commit = try LibGit2Error.made(by: "git_commit_lookup") {
            git_commit_lookup(&$0, pointer, &id)
        }
        defer { git_commit_free(commit) }
        let tree = try LibGit2Error.made(by: "git_commit_tree") { git_commit_tree(&$0, commit) }
        git_tree_free(tree)
    }

    deinit { git_repository_free(pointer) }
}
