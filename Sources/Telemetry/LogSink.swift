import Glibc
import Synchronization

/// Takes whole entries, one at a time, in the order they are given.
package protocol LogSink: Sendable {
    /// Whether the entry went out. False: it is lost, and the caller counts it; no sink waits for ever.
    func write(_ entry: [UInt8]) -> Bool
}

/// Standard output or error: a file, a terminal, a pipe or a socket, blocking or not.
///
/// A reader that is slow is waited for, at most `stallMax` once; while it stays stuck, further entries are dropped at
/// once, and a closed pipe drops them without a signal. An entry cut off in the middle is closed with a newline
/// before the next one, so that no two are ever mixed.
package final class DescriptorSink: LogSink {
    /// What a pipe that polls as writable takes without blocking (PIPE_BUF).
    private static let chunkMax = 4_096

    private struct State {
        var isMidLine = false
        var isStuck = false
    }

    /// Where it writes to.
    package let descriptor: Int32
    private let stallMax: Duration
    private let state = Mutex(State())

    /// Writes to a descriptor that stays open, and the caller's, for as long as the sink lives.
    ///
    /// From here on the process ignores SIGPIPE: a reader that goes away is an error of that write, not our end.
    package init(_ descriptor: Int32, stallMax: Duration = .seconds(1)) {
        self.descriptor = descriptor
        self.stallMax = stallMax
        signal(SIGPIPE, SIG_IGN)
    }

    /// The process's own output, where `run` logs to.
    package static func standardOutput() -> DescriptorSink { DescriptorSink(STDOUT_FILENO) }
    /// Where commands log to, beside what they print.
    package static func standardError() -> DescriptorSink { DescriptorSink(STDERR_FILENO) }

    package func write(_ entry: [UInt8]) -> Bool {
        state.withLock { state in
            let bytes = state.isMidLine ? [UInt8(ascii: "\n")] + entry : entry
            let written = put(bytes, waiting: state.isStuck ? .zero : stallMax)
            if written > 0 { state.isMidLine = written < bytes.count }
            state.isStuck = written < bytes.count
            return written == bytes.count
        }
    }

    /// How many of the bytes went out before the end, an error, or the deadline.
    private func put(_ bytes: [UInt8], waiting patience: Duration) -> Int {
        let deadline = ContinuousClock.now + patience
        var written = 0
        while written < bytes.count {
            var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let left = max(.zero, deadline - .now)
            let ready = poll(&request, 1, Int32(clamping: left.wholeMilliseconds))
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return written }
            let count = bytes[written...].prefix(Self.chunkMax).withUnsafeBytes { chunk in
                Glibc.write(descriptor, chunk.baseAddress, chunk.count)
            }
            if count >= 0 {
                written += count
            } else if errno != EINTR, errno != EAGAIN {
                return written
            }
        }
        return written
    }
}

/// The system journal's socket.
package final class JournalSink: LogSink {
    /// Where the journal listens.
    package static let path = "/run/systemd/journal/socket"

    /// Whether what is written to a descriptor of this process goes to the journal.
    ///
    /// systemd says which file that is in `JOURNAL_STREAM`, as `device:inode`; a descriptor that was redirected since is
    /// another file.
    package static func receives(_ descriptor: Int32, journalStream: String?) -> Bool {
        let numbers = (journalStream ?? "").split(separator: ":", omittingEmptySubsequences: false).map { UInt64($0) }
        var status = stat()
        guard numbers.count == 2, fstat(descriptor, &status) == 0 else { return false }
        return numbers == [UInt64(status.st_dev), UInt64(status.st_ino)]
    }

    private let socket: DatagramSocket
    private let isStuck = Atomic<Bool>(false)

    /// Fails when there is no such socket on this machine.
    package init(path: String = JournalSink.path) throws(DatagramError) {
        socket = try DatagramSocket(to: path)
        guard access(path, W_OK) == 0 else { throw DatagramError(path: path, code: errno) }
    }

    package func write(_ entry: [UInt8]) -> Bool {
        // The journal may be restarting: a line is lost then, and counted; the next one finds it again by its path.
        do {
            try socket.send(entry, mayWait: !isStuck.load(ordering: .relaxed))
            isStuck.store(false, ordering: .relaxed)
            return true
        } catch {
            isStuck.store(true, ordering: .relaxed)
            return false
        }
    }
}
