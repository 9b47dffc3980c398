import Foundation
import Synchronization

/// The right to write in a state directory: one process has it, and the system takes it back however that one ends.
///
/// A `flock` on a file with the owner's process id inside, and a `+` while the journal has its log. The file is emptied on
/// release, so that what the next owner finds says that the last one was killed, and whether it had a log.
final class DirectoryLock: Sendable {
    private let handle: FileHandle
    private let isReleased = Mutex(false)
    /// Whether the last owner ended without releasing it, while the journal had its log.
    let wasAbandoned: Bool

    init(_ directory: StateDirectory) throws(JournalError) {
        let url = URL(fileURLWithPath: directory.lock)
        // Fails when the file is there already, which is as good.
        try? Data().write(to: url, options: .withoutOverwriting)
        do {
            let handle = try FileHandle(forUpdating: url)
            // A child must not keep the lock of a parent that has died.
            _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
            let isOurs = flock(handle.fileDescriptor, LOCK_EX | LOCK_NB) == 0
            let isHeld = !isOurs && errno == EWOULDBLOCK
            let text = String(decoding: try handle.read(upToCount: 32) ?? Data(), as: UTF8.self)
            let pid = Int(text.prefix { $0.isWholeNumber })
            guard !isHeld else { throw JournalError(cause: .locked(pid: pid), path: directory.path) }
            guard isOurs else {
                throw JournalError(cause: .inputOutput("flock is not possible here"), path: directory.lock)
            }
            try handle.truncate(atOffset: 0)
            self.handle = handle
            wasAbandoned = !text.isEmpty && !text.contains("-")
            note(hasLog: false)
        } catch let error as JournalError {
            throw error
        } catch {
            throw JournalError(cause: .inputOutput(error.problem), path: directory.lock)
        }
    }

    deinit { release() }

    /// Puts down whether the journal's log must be there from now on: not while it is begun or taken away.
    func note(hasLog: Bool) {
        guard !isReleased.withLock({ $0 }) else { return }
        let line = "\(ProcessInfo.processInfo.processIdentifier) \(hasLog ? "+" : "-")\n"
        // Fails only with the disk, and costs the next owner a look at the workspace, or the alarm of a lost log.
        try? handle.seek(toOffset: 0)
        try? handle.write(contentsOf: Data(line.utf8))
    }

    /// Gives the lock back; to be called when the journal's files are closed.
    func release() {
        let isFirst = isReleased.withLock { isReleased in
            defer { isReleased = true }
            return !isReleased
        }
        guard isFirst else { return }
        // Either may fail only with the disk: the lock is gone with the descriptor all the same, and an id left inside
        // costs the next owner no more than a look at the workspace.
        try? handle.truncate(atOffset: 0)
        // Closing alone would leave the lock with a child that is between fork and exec.
        flock(handle.fileDescriptor, LOCK_UN)
        try? handle.close()
    }
}
