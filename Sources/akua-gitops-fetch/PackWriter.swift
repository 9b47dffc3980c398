import CGit2
import GitPlumbing

/// Owns a pack in the making.
struct PackBuilder: ~Copyable {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { self.pointer = pointer }

    deinit { git_packbuilder_free(pointer) }
}

/// Writes a pack and its index into a mirror; under its final name only once it is whole.
///
/// `git_packbuilder_write` does the same but counts no bytes.
final class PackWriter {
    private let meter: Meter
    private let indexer: OpaquePointer
    private var progress = git_indexer_progress()
    private var failure: LibGit2Error?

    init(to folder: String, _ meter: Meter) throws(LibGit2Error) {
        self.meter = meter
        indexer = try LibGit2Error.made(by: "git_indexer_new") { git_indexer_new(&$0, folder, 0o400, nil, nil) }
    }

    deinit { git_indexer_free(indexer) }

    func write(_ pack: borrowing PackBuilder) throws(LibGit2Error) {
        let payload = Unmanaged.passUnretained(self).toOpaque()
        let status = withExtendedLifetime(self) {
            git_packbuilder_foreach(
                pack.pointer,
                { bytes, count, payload in
                    guard let bytes, let payload else { return GIT_EUSER.rawValue }
                    // SAFETY: it is this writer, which is kept alive until the call that calls back has returned.
                    return Unmanaged<PackWriter>.fromOpaque(payload).takeUnretainedValue().append(bytes, count)
                }, payload)
        }
        if let failure { throw failure }
        try LibGit2Error.check(status, "git_packbuilder_foreach")
        try LibGit2Error.check(git_indexer_commit(indexer, &progress), "git_indexer_commit")
        _ = meter.count(progress)
    }

    private func append(_ bytes: UnsafeMutableRawPointer, _ count: Int) -> Int32 {
        do { try LibGit2Error.check(git_indexer_append(indexer, bytes, count, &progress), "git_indexer_append") } catch
        {
            failure = error
            return GIT_EUSER.rawValue
        }
        progress.received_bytes += count
        return meter.count(progress) ? 0 : GIT_EUSER.rawValue
    }
}
