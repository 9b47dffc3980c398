import CGit2
import GitPlumbing

/// A repository on this machine, read directly.
///
/// The library's own transport for paths copies every branch and, for each tag, whole trees, on each fetch; this copies
/// what one commit needs and the mirror lacks.
struct LocalRemote: ~Copyable {
    private let repository: Repository

    static func open(_ path: String) throws(FetchFailure) -> LocalRemote {
        let remote = try openAny(path)
        guard git_repository_is_shallow(remote.repository.pointer) == 0 else { throw FetchFailure(.shallowRemote) }
        return remote
    }

    private static func openAny(_ path: String) throws(FetchFailure) -> LocalRemote {
        do {
            return LocalRemote(
                repository: Repository(
                    owning: try LibGit2Error.made(by: "git_repository_open") { git_repository_open(&$0, path) }))
        } catch {
            guard error.code == GIT_ENOTFOUND.rawValue else { throw FetchFailure(error) }
            // The library looks for a word that would allow a foreign owner, and tells that it found none.
            throw error.message.contains("safe.directory")
                ? FetchFailure(.foreignOwner) : FetchFailure(.repositoryNotFound, error.message)
        }
    }

    func tip(of reference: String) throws(FetchFailure) -> git_oid {
        var id = git_oid()
        let status = git_reference_name_to_id(&id, repository.pointer, reference)
        guard status == GIT_ENOTFOUND.rawValue else {
            do { try LibGit2Error.check(status, "git_reference_name_to_id") } catch { throw FetchFailure(error) }
            do { try repository.check(commit: id) } catch { throw FetchFailure(ofCommit: error) }
            return id
        }
        let others = references()
        guard !others.isEmpty else { throw FetchFailure(.emptyRepository) }
        throw FetchFailure(.missingReference, references: others)
    }

    /// Writes one pack of what the commit needs, without what the mirror's tip already brought.
    func copy(
        _ tip: git_oid, into mirror: borrowing Mirror, _ meter: Meter
    ) throws(FetchFailure) {
        do {
            let walk = RevisionWalk(
                owning: try LibGit2Error.made(by: "git_revwalk_new") { git_revwalk_new(&$0, repository.pointer) })
            let pack = PackBuilder(
                owning: try LibGit2Error.made(by: "git_packbuilder_new") {
                    git_packbuilder_new(&$0, repository.pointer)
                })
            try walk.push(tip)
            if let previous = mirror.tip {
                try walk.hide(previous)
                while let commit = try walk.next() { try pack.insert(changesOf: commit, in: repository) }
            } else {
                try LibGit2Error.check(
                    git_packbuilder_insert_walk(pack.pointer, walk.pointer), "git_packbuilder_insert_walk")
            }
            guard git_packbuilder_object_count(pack.pointer) <= meter.limits.objects else {
                throw FetchFailure(.objectsLimit, "\(git_packbuilder_object_count(pack.pointer))")
            }
            guard git_packbuilder_object_count(pack.pointer) > 0 else { return }
            try PackWriter(to: "\(mirror.path)/objects/pack", meter).write(pack)
        } catch let error as LibGit2Error {
            throw meter.failure(behind: error)
        } catch let failure as FetchFailure {
            throw failure
        } catch {
            throw FetchFailure(.other, "\(error)")
        }
    }

    /// Some of the references that are there.
    private func references() -> [String] {
        var names = git_strarray()
        guard git_reference_list(&names, repository.pointer) == 0 else { return [] }
        defer { git_strarray_dispose(&names) }
        return UnsafeBufferPointer(start: names.strings, count: names.count)
            .compactMap { $0.map { String(cString: $0) } }
    }
}

/// Owns a walk over history.
struct RevisionWalk: ~Copyable {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    func push(_ id: git_oid) throws(LibGit2Error) {
        var id = id
        try LibGit2Error.check(git_revwalk_push(pointer, &id), "git_revwalk_push")
    }

    /// Leaves out the commit and all before it; one that is not there hides nothing.
    func hide(_ id: git_oid) throws(LibGit2Error) {
        var id = id
        let status = git_revwalk_hide(pointer, &id)
        guard status != GIT_ENOTFOUND.rawValue else { return }
        try LibGit2Error.check(status, "git_revwalk_hide")
    }

    func next() throws(LibGit2Error) -> git_oid? {
        var id = git_oid()
        let status = git_revwalk_next(&id, pointer)
        guard status != GIT_ITEROVER.rawValue else { return nil }
        try LibGit2Error.check(status, "git_revwalk_next")
        return id
    }

    deinit { git_revwalk_free(pointer) }
}
