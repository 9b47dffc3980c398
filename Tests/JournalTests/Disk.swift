import Foundation
import GRDBSQLite
import Synchronization

/// Stands between SQLite and the disk for the files of one directory: records what is done to them, and breaks it.
final class Disk: Sendable {
    enum Event: Equatable, Sendable {
        case write(file: String, offset: Int, bytes: [UInt8])
        case truncate(file: String, size: Int)
        case sync(file: String)
        case delete(file: String)
        /// A commit was acknowledged to its caller.
        case acknowledged(Int)
    }
    enum Call: Sendable { case write, truncate, sync }
    enum Fault: Sendable {
        /// The call does nothing and answers this code of SQLite's.
        case code(Int32)
        /// What SQLite answers when the kernel says `ENOSPC` to a write, or `EIO` to a write or a flush.
        static let full = code(SQLITE_FULL)
        static let badWrite = code(SQLITE_IOERR | 3 << 8)
        static let badFlush = code(SQLITE_IOERR | 4 << 8)
        /// `SIGKILL` to this process, before the call.
        case kill
    }

    private struct State {
        var events: [Event] = []
        var isRecording = false
        var counts: [Call: Int] = [:]
        var fault: (@Sendable (Call, _ file: String, _ count: Int) -> Fault?)?
    }

    let directory: String
    private let state = Mutex(State())

    /// Files that are opened from now on are watched until ``stop()``.
    init(watching directory: String) {
        self.directory = directory + "/"
        precondition(WatchedFiles.isInstalled, "SQLite's way to the disk can't be replaced")
        Self.watching.withLock { $0.append(self) }
    }

    func stop() {
        Self.watching.withLock { $0.removeAll { $0 === self } }
    }

    var events: [Event] { state.withLock { $0.events } }
    /// How often something was flushed since the last ``fail(_:)``.
    var syncs: Int { state.withLock { $0.counts[.sync, default: 0] } }

    func record() { state.withLock { $0.isRecording = true } }

    func note(_ event: Event) {
        state.withLock { state in
            if state.isRecording { state.events.append(event) }
        }
    }

    /// Asks `fault` before each call, with the number of such calls so far, from 1.
    func fail(_ fault: (@Sendable (Call, _ file: String, _ count: Int) -> Fault?)?) {
        state.withLock { state in
            state.fault = fault
            state.counts = [:]
        }
    }

    private static let watching = Mutex<[Disk]>([])

    /// The disk that watches the file and its name there; nil for all others.
    fileprivate static func watched(_ path: String) -> (disk: Disk, file: String)? {
        let disk = watching.withLock { $0.first { path.hasPrefix($0.directory) } }
        return disk.map { ($0, String(path.dropFirst($0.directory.count))) }
    }

    /// The code that the call is to answer, or nil when it is to be made.
    fileprivate func refuses(_ call: Call, _ file: String) -> Int32? {
        let fault = state.withLock { state in
            state.counts[call, default: 0] += 1
            return state.fault?(call, file, state.counts[call, default: 0])
        }
        switch fault {
        case nil: return nil
        case .code(let code): return code
        case .kill:
            kill(getpid(), SIGKILL)
            return SQLITE_IOERR
        }
    }
}

/// SQLite's own way to the disk with four of its functions exchanged for ours.
private enum WatchedFiles {
    private typealias File = UnsafeMutablePointer<sqlite3_file>

    /// An open file as SQLite made it.
    private struct Original: @unchecked Sendable {
        // SAFETY: SQLite's tables of functions are constant and live as long as the process.
        var methods: UnsafePointer<sqlite3_io_methods>
        var path: String
    }

    private static let originals = Mutex<[UInt: Original]>([:])
    // SAFETY: written once, by `isInstalled`, before anything reads it.
    nonisolated(unsafe) private static var base: UnsafeMutablePointer<sqlite3_vfs>?

    /// Makes every database that is opened from now on be opened through us.
    static let isInstalled: Bool = {
        guard let base = sqlite3_vfs_find(nil) else { return false }
        WatchedFiles.base = base
        let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        vfs.initialize(to: base.pointee)
        vfs.pointee.zName = UnsafePointer(strdup("watched"))
        vfs.pointee.xOpen = { _, name, file, flags, outFlags in
            let code = WatchedFiles.base?.pointee.xOpen(WatchedFiles.base, name, file, flags, outFlags)
            if code == SQLITE_OK, let name, let file {
                WatchedFiles.exchangeMethods(of: file, at: String(cString: name))
            }
            return code ?? SQLITE_CANTOPEN
        }
        vfs.pointee.xDelete = { _, name, isSynchronized in
            if let name, let (disk, file) = Disk.watched(String(cString: name)) { disk.note(.delete(file: file)) }
            return WatchedFiles.base?.pointee.xDelete(WatchedFiles.base, name, isSynchronized) ?? SQLITE_IOERR
        }
        return sqlite3_vfs_register(vfs, 1) == SQLITE_OK
    }()

    private static func key(_ file: File) -> UInt { UInt(bitPattern: file) }

    private static func exchangeMethods(of file: File, at path: String) {
        guard Disk.watched(path) != nil, let made = file.pointee.pMethods else { return }
        let original = Original(methods: made, path: path)
        originals.withLock { $0[key(file)] = original }
        let exchanged = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        exchanged.initialize(to: made.pointee)
        exchanged.pointee.xClose = { file in WatchedFiles.close(file) }
        exchanged.pointee.xWrite = { file, bytes, count, offset in
            WatchedFiles.perform(
                .write, on: file,
                {
                    .write(
                        file: $0, offset: Int(offset),
                        bytes: Array(UnsafeRawBufferPointer(start: bytes, count: Int(count))))
                },
                { $0.xWrite(file, bytes, count, offset) })
        }
        exchanged.pointee.xTruncate = { file, size in
            WatchedFiles.perform(
                .truncate, on: file, { .truncate(file: $0, size: Int(size)) }, { $0.xTruncate(file, size) })
        }
        exchanged.pointee.xSync = { file, flags in
            WatchedFiles.perform(.sync, on: file, { .sync(file: $0) }, { $0.xSync(file, flags) })
        }
        file.pointee.pMethods = UnsafePointer(exchanged)
    }

    private static func perform(
        _ call: Disk.Call, on file: File?, _ event: (String) -> Disk.Event, _ body: (sqlite3_io_methods) -> Int32
    ) -> Int32 {
        guard let file, let original = originals.withLock({ $0[key(file)] }) else { return SQLITE_IOERR }
        guard let (disk, name) = Disk.watched(original.path) else { return body(original.methods.pointee) }
        if let code = disk.refuses(call, name) { return code }
        let code = body(original.methods.pointee)
        if code == SQLITE_OK { disk.note(event(name)) }
        return code
    }

    private static func close(_ file: File?) -> Int32 {
        guard let file, let original = originals.withLock({ $0.removeValue(forKey: key(file)) }) else {
            return SQLITE_IOERR
        }
        file.pointee.pMethods.deallocate()
        file.pointee.pMethods = original.methods
        return original.methods.pointee.xClose(file)
    }
}
