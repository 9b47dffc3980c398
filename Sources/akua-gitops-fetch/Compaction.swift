import CGit2
import GitPlumbing
import Glibc

/// Joins the small packs that one fetch after another leaves behind.
///
/// Each pack costs its reader a file descriptor and a map, so their number is bounded. A pack that is much larger than
/// all smaller ones together stays as it is: the work grows with what was fetched, not with what is there.
struct Compaction {
    /// More packs than this are joined.
    static let packsMax = 50

    private let mirror: String
    private var folder: String { mirror + "/objects/pack" }

    init(of mirror: String) { self.mirror = mirror }

    /// How many packs became one; nil if there was nothing to do.
    func run() throws(FetchFailure) -> Int? {
        let packs = Files.names(in: folder).filter { $0.hasSuffix(".pack") }.map { String($0.dropLast(5)) }
        guard packs.count > Self.packsMax else { return nil }
        let bySize = packs.map { (name: $0, size: Files.size(of: "\(folder)/\($0).pack")) }
            .sorted { $0.size == $1.size ? $0.name < $1.name : $0.size < $1.size }
        let small = joinable(bySize)
        let joined: String
        do { joined = try write(objectsOf: small) } catch {
            throw FetchFailure(.storage, error.description)
        }
        for name in small where name != joined {
            // The index first: a pack without one is a leftover, an index without its pack would be damage.
            try Files.remove("\(folder)/\(name).idx")
            try Files.remove("\(folder)/\(name).pack")
        }
        return small.count
    }

    /// The smaller packs, up to the last one that is at most twice as large as those before it together.
    private func joinable(_ bySize: [(name: String, size: Int)]) -> [String] {
        var (total, count) = (0, 0)
        for (index, pack) in bySize.enumerated() {
            if pack.size <= 2 * total { count = index + 1 }
            total += pack.size
        }
        return bySize.prefix(count).map(\.name)
    }

    /// Writes a pack with every object of the given ones; its name without the suffix.
    private func write(objectsOf packs: [String]) throws(LibGit2Error) -> String {
        let repository = Repository(
            owning: try LibGit2Error.made(by: "git_repository_open_bare") { git_repository_open_bare(&$0, mirror) })
        let builder = PackBuilder(
            owning: try LibGit2Error.made(by: "git_packbuilder_new") {
                git_packbuilder_new(&$0, repository.pointer)
            })
        for pack in packs { try insertObjects(of: pack, into: builder) }
        try LibGit2Error.check(
            git_packbuilder_write(builder.pointer, folder, 0o400, nil, nil), "git_packbuilder_write")
        return "pack-" + String(cString: git_packbuilder_name(builder.pointer))
    }

    private func insertObjects(of pack: String, into builder: borrowing PackBuilder) throws(LibGit2Error) {
        var backend: UnsafeMutablePointer<git_odb_backend>?
        let objects = ObjectDatabase(
            owning: try LibGit2Error.made(by: "git_odb_new") { git_odb_new(&$0) })
        try LibGit2Error.check(
            git_odb_backend_one_pack(&backend, "\(folder)/\(pack).idx"), "git_odb_backend_one_pack")
        try LibGit2Error.check(git_odb_add_backend(objects.pointer, backend, 1), "git_odb_add_backend")
        let insert: git_odb_foreach_cb = { id, builder in
            git_packbuilder_insert(builder.map(OpaquePointer.init), id, nil)
        }
        try LibGit2Error.check(
            git_odb_foreach(objects.pointer, insert, UnsafeMutableRawPointer(builder.pointer)), "git_odb_foreach")
    }
}

/// Owns an object database of its own.
private struct ObjectDatabase: ~Copyable {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    deinit { git_odb_free(pointer) }
}
