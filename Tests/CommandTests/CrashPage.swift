import Foundation
import TestSupport

/// A program's bad machine: what `Tests/Preload/crashpoint.c` is told, and what it has counted.
///
/// A page of memory in a file, which the program under test maps; what is written here holds there at once.
final class CrashPage: Sendable {
    /// The words of the page, in the library's order.
    enum Word: Int, CaseIterable {
        case calls, killAt, loss, seed, requests, killAtRequest, writeError, syncError, failFrom, failCount, writes
        case syncs, failed, clockOffset, lastKind
    }

    /// What the power takes with it of what was written and not flushed.
    enum Loss: Int, CaseIterable, Sendable {
        /// The process dies and the machine goes on.
        case none
        case all
        /// A random half of the writes.
        case half
        /// One sector of 512 bytes.
        case torn
    }

    /// What the call was that a process died at.
    enum Kind: Int {
        case write = 1
        case sync, truncate, rename, unlink, net, request
    }

    private let folder: TemporaryFolder
    private let handle: FileHandle

    /// A page that asks for nothing.
    init() throws {
        folder = try TemporaryFolder()
        try Data(count: 8 * Word.allCases.count).write(to: URL(filePath: folder.appending("page")))
        handle = try FileHandle(forUpdating: URL(filePath: folder.appending("page")))
    }

    subscript(_ word: Word) -> Int {
        var value: Int64 = 0
        let count = pread(handle.fileDescriptor, &value, 8, off_t(8 * word.rawValue))
        precondition(count == 8, "the page is as long as its words")
        return Int(value)
    }

    func set(_ word: Word, _ value: Int) {
        var value = Int64(value)
        let count = pwrite(handle.fileDescriptor, &value, 8, off_t(8 * word.rawValue))
        precondition(count == 8, "the page is as long as its words")
    }

    /// Has writes or flushes fail, from now on and all of them unless the page says otherwise.
    func set(_ failure: CrashPoint.Failure) {
        set(failure == .badFlush ? .syncError : .writeError, Int(failure.code))
    }

    /// The variables that load the library into a program, for what it does to one directory.
    func environment(watching directory: String) async throws -> [String: String] {
        [
            "LD_PRELOAD": try await Self.library.value, "CRASHPOINT_PAGE": folder.appending("page"),
            "CRASHPOINT_DIRECTORY": directory,
        ]
    }

    /// The library, compiled once for each run of the tests, beside them.
    private static let library = Task {
        let source = URL(filePath: #filePath).appending(path: "../../Preload/crashpoint.c").standardized.path
        let folder = Installation.program.deletingLastPathComponent().path
        let (library, own) = ("\(folder)/crashpoint.so", "\(folder)/crashpoint-\(UUID().uuidString).so")
        try await Tool.run(
            "cc", ["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", own, source], in: folder)
        guard rename(own, library) == 0 else { throw CocoaError(.fileWriteUnknown) }
        return library
    }
}
