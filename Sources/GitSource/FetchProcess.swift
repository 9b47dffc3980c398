import GitPlumbing
import Glibc
import Subprocess
import SystemPackage

/// Runs the fetch program once: the request over its standard input, the report from its standard output, an end in any
/// case when the deadline comes.
struct FetchProcess {
    /// Absolute.
    let program: String

    /// How a run came to its end.
    enum Ending {
        case finished(TerminationStatus, output: [UInt8])
        case late(output: [UInt8])
    }

    /// The environment is empty, and the program has a process group of its own: a Ctrl-C in the daemon's terminal is
    /// for the daemon, which ends the fetch in its own time.
    func run(_ request: Secret, deadline: Duration) async throws -> Ending {
        try Self.checkDescriptors()
        var options = PlatformOptions()
        options.processGroupID = 0
        let configuration = Subprocess.Configuration(
            executable: .path(FilePath(program)), environment: .custom([:]), platformOptions: options)
        return try await withThrowingTaskGroup(of: Ending?.self) { group in
            group.addTask {
                try await request.lend { bytes in
                    // SAFETY: `lend` keeps the bytes until this closure has returned, and `run` ends before it does.
                    let input = Span<UInt8>(_unsafeBytes: bytes)
                    let result = try await Subprocess.run(
                        configuration, input: input, output: .bytes(limit: Records.bytesMax), error: .discarded)
                    return .finished(result.terminationStatus, output: result.standardOutput)
                }
            }
            group.addTask {
                try await Task.sleep(for: deadline)
                return nil
            }
            let first = try await group.next()
            group.cancelAll()
            if case .finished(let status, let output)?? = first { return .finished(status, output: output) }
            // The deadline was first: the program is killed, and what it has said so far comes out. Killed before it has
            // read its request, it leaves a broken pipe, which is no trouble of its own.
            let last = await group.nextResult()
            try Task.checkCancellation()
            if case .success(.finished(_, let output)?)? = last { return .late(output: output) }
            return .late(output: [])
        }
    }

    /// More than a start needs for its pipes, its watch over the program, and what Subprocess makes once.
    private static let descriptorsNeeded = 32

    /// R13: short of descriptors half-way through a start, Subprocess ends the whole program or never answers; so nothing
    /// is started when they are short.
    ///
    /// - Throws: `Errno.tooManyOpenFiles`, or the same for the whole machine.
    private static func checkDescriptors() throws(Errno) {
        var held: [Int32] = []
        defer { for descriptor in held { close(descriptor) } }
        while held.count < descriptorsNeeded {
            let descriptor = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
            let code = Errno(rawValue: errno)
            if descriptor >= 0 {
                held.append(descriptor)
            } else if code == .tooManyOpenFiles || code == .tooManyOpenFilesInSystem {
                throw code
            } else {
                // Without a standard error there is nothing to try it with.
                return
            }
        }
    }
}
