import Foundation
import GRDB
import Synchronization

/// The open database: who may read and write it, on which thread, and what follows when that fails.
///
/// A file is opened as a pool: one connection writes, one reads beside it, each on a thread of its own, so that no call
/// holds a thread of Swift's while the disk works. What is written is durable when the transaction returns
/// (`synchronous=FULL`).
final class Store: Sendable {
    enum Place: Equatable, Sendable {
        case file(String)
        case readOnlyFile(String)
        /// With `isSynchronous`, work runs on the caller's thread and no call suspends: for a simulation that owns time.
        case memory(isSynchronous: Bool)
    }

    private struct State {
        /// Nil when closed.
        var database: (any DatabaseWriter)?
        /// A write failed in a way that leaves open what is on the disk.
        var isSuspect = false
        /// Set once and thrown from then on.
        var end: JournalError.Cause?
    }

    let place: Place
    private let state: Mutex<State>
    private let transactions = Atomic(0)
    private let writes = Atomic(0)
    private let lock: DirectoryLock?

    /// Opens what is there after proving it, and brings the schema up to date unless for reading only.
    ///
    /// `lock` is released when the files are closed.
    init(opening place: Place, lock: DirectoryLock? = nil) throws(JournalError) {
        do {
            state = Mutex(State(database: try Self.connect(place)))
        } catch {
            throw JournalError(error, path: place.path)
        }
        self.place = place
        self.lock = lock
    }

    /// How many transactions changed something since opening; each cost one `fdatasync`.
    var transactionCount: Int { transactions.load(ordering: .relaxed) }

    /// Moves with each transaction that may have changed something, those included that failed: what they did is known
    /// only to the disk.
    var writeCount: Int { writes.load(ordering: .acquiring) }

    /// Waits for the work in hand, brings the log into the database file and closes it; safe to repeat.
    func close() {
        let database = state.withLock { state in
            state.end = state.end ?? .closed
            return state.database.take()
        }
        lock?.note(hasLog: false)
        if let pool = database as? DatabasePool {
            // The barrier waits for reads that are just ending; what is in the log goes into the database file now.
            // Where that fails, for want of room or because the journal is open for reading, the log stays and is read
            // by the next opening.
            _ = try? pool.barrierWriteWithoutTransaction { try $0.checkpoint(.truncate) }
            // Ends the connection that reads: only a writer that is the last to go takes the log away with it.
            pool.releaseMemory()
        }
        // A connection that can't be closed cleanly leaves its log behind, which the next opening reads.
        try? database?.close()
        lock?.release()
    }

    deinit {
        // The last reference may go on the writer's own thread, where `close` would wait for itself.
        lock?.note(hasLog: false)
        state.withLock { $0.database = nil }
        lock?.release()
    }
}

extension Store {
    /// Answers `query` from one consistent state; what was committed before is seen.
    func read<Value: Sendable>(_ query: @escaping @Sendable (Database) throws -> Value) async throws(JournalError)
        -> Value
    {
        if place == .memory(isSynchronous: true) { return try readNow(query) }
        let database = try readable()
        let result = await withCheckedContinuation { continuation in
            database.asyncRead { db in continuation.resume(returning: Result { try query(db.get()) }) }
        }
        do {
            return try result.get()
        } catch {
            throw failure(error)
        }
    }

    /// As ``read(_:)``, on the caller's thread.
    func readNow<Value>(_ query: (Database) throws -> Value) throws(JournalError) -> Value {
        let database = try readable()
        do {
            guard case .memory = place else { return try database.read(query) }
            // Of one connection alone, which this call has: `read` would forbid it writes for as long, and SQLite prepares
            // every statement anew after that.
            return try database.unsafeRead(query)
        } catch {
            throw failure(error)
        }
    }

    /// Runs `work` in a transaction on the writer's thread; durable when it returns.
    func write<Value: Sendable>(_ work: @escaping @Sendable (Database) throws -> Value) async throws(JournalError)
        -> Value
    {
        let result: Result<Value, JournalError> = await withCheckedContinuation { continuation in
            schedule {
                let result = Result { () throws(JournalError) in try self.writeNow(work) }
                continuation.resume(returning: result)
            }
        }
        return try result.get()
    }

    /// As ``write(_:)``, on the caller's thread or, within ``schedule(_:)``, at once.
    func writeNow<Value>(_ work: (Database) throws -> Value) throws(JournalError) -> Value {
        try writeNowWithoutTransaction { db in
            var value: Value?
            let changes = db.totalChangesCount
            // After the transaction: a reader that sees the old count must not be told by it that it has seen the new.
            var mayHaveChanged = true
            defer { if mayHaveChanged { writes.add(1, ordering: .releasing) } }
            try db.inTransaction(.immediate) {
                value = try work(db)
                return .commit
            }
            mayHaveChanged = db.totalChangesCount != changes
            if mayHaveChanged { transactions.add(1, ordering: .relaxed) }
            // Set by the closure, which ran to its end.
            guard let value else { preconditionFailure("a transaction ended without running") }
            return value
        }
    }

    /// Runs `work` on the writer's connection outside a transaction: for checkpoints and the like.
    func writeNowWithoutTransaction<Value>(_ work: (Database) throws -> Value) throws(JournalError) -> Value {
        let database = try writable()
        do {
            // SAFETY: `schedule` has the writer's thread already, unless the database was reopened meanwhile; nothing
            // within has a transaction open.
            return try database.unsafeReentrantWrite(work)
        } catch {
            throw failure(error)
        }
    }

    /// Fills another store, which has nothing yet, with all that is committed here.
    func copy(to other: Store) throws(JournalError) {
        let (source, target) = (try readable(), try other.writable())
        do {
            try source.backup(to: target)
        } catch {
            throw failure(error)
        }
    }

    /// Runs `work` on the writer's thread after what is scheduled there; it may call ``writeNow(_:)``.
    ///
    /// Never cancelled: what a caller asked to be durable is finished and reported.
    func schedule(_ work: @escaping @Sendable () -> Void) {
        if place == .memory(isSynchronous: true) { return work() }
        // Without a database `work` learns that from ``writeNow(_:)``.
        guard let database = state.withLock({ $0.database }) else { return work() }
        database.asyncWriteWithoutTransaction { _ in work() }
    }

    private func readable() throws(JournalError) -> any DatabaseReader {
        let (database, end) = state.withLock { ($0.database, $0.end) }
        guard let database, end == nil else { throw JournalError(cause: end ?? .closed, path: place.path) }
        return database
    }

    /// The database, reopened first after an I/O error.
    ///
    /// A failed `fsync` has told the kernel to forget what it could not write, so that a later one may succeed without
    /// it. What the log holds is therefore copied into the database file, which is synchronized, before it counts.
    /// Opening happens outside the lock: a disk that hangs must not hang those who read.
    private func writable() throws(JournalError) -> any DatabaseWriter {
        let (database, isSuspect, end) = state.withLock { ($0.database, $0.isSuspect, $0.end) }
        guard let database, end == nil else { throw JournalError(cause: end ?? .closed, path: place.path) }
        if case .readOnlyFile = place { throw JournalError(cause: .readOnly, path: place.path) }
        guard isSuspect else { return database }
        do {
            let reopened = try Self.connect(place)
            // SAFETY: this thread may be the writer of the old connection; of the new one nobody else knows yet.
            _ = try reopened.unsafeReentrantWrite { try $0.checkpoint(.truncate) }
            state.withLock { state in
                state.database = reopened
                state.isSuspect = false
            }
            return reopened
        } catch {
            throw JournalError(error, path: place.path)
        }
    }

    /// Says what `error` means, and remembers what must follow from it.
    private func failure(_ error: any Error) -> JournalError {
        let cause = JournalError(error, path: place.path).cause
        return state.withLock { state in
            if case .damaged = cause { state.end = state.end ?? cause }
            if case .file = place, (error as? DatabaseError)?.resultCode == .SQLITE_IOERR { state.isSuspect = true }
            return JournalError(cause: state.end ?? cause, path: place.path)
        }
    }
}

extension Store {
    /// How long a writer waits for a reader of another process that is in its way, and the other way round.
    private static let busySeconds = 5.0
    /// The log is brought into the database file when it has this many pages of 4 KiB.
    private static let logPagesMax = 1_000
    private static let logBytesMax = 4 << 20
    /// What a connection keeps of the database in memory.
    private static let cacheKibibytes = 512

    private static func connect(_ place: Place) throws -> any DatabaseWriter {
        var configuration = Configuration()
        configuration.label = "journal"
        configuration.busyMode = .timeout(busySeconds)
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = 1
        if case .readOnlyFile = place { configuration.readonly = true }
        configuration.prepareDatabase { db in
            // Values must not reach a temporary file.
            try db.execute(sql: "PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON")
            // Tables are read from one end to the other, now and then: pages that were read are not read again soon.
            try db.execute(sql: "PRAGMA cache_size = -\(cacheKibibytes)")
            // Has an effect before the first table only, so before the pool turns to write-ahead logging.
            if !db.configuration.readonly { try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL") }
        }
        switch place {
        case .memory:
            let queue = try DatabaseQueue(configuration: configuration)
            try Schema.migrator.migrate(queue)
            return queue
        case .readOnlyFile(let path):
            return try connectForReading(path, configuration)
        case .file(let path):
            return try connectForWriting(path, configuration)
        }
    }

    private static func connectForReading(_ path: String, _ configuration: Configuration) throws -> DatabaseQueue {
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let version = try queue.read(Verification.check)
            guard version == Schema.version else {
                throw JournalError(cause: .schemaOlder(found: version, known: Schema.version), path: path)
            }
            return queue
        } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
            // As below: no statement of ours is wrong, so the file's header is.
            throw Verification.Damage(problem: error.message ?? error.resultCode.description)
        }
    }

    private static func connectForWriting(_ path: String, _ configuration: Configuration) throws -> DatabasePool {
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            // Only now: GRDB has set NORMAL while it turned to write-ahead logging, whatever was set before.
            try pool.writeWithoutTransaction { db in
                try makeDurable(db)
                _ = try Verification.check(db)
            }
            // The log begins anew: what a kill left of an unfinished commit, half overwritten by the next, would look like
            // damage to the opening after the next kill. Where there is no room for that, the log stays.
            _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            try Schema.migrator.migrate(pool)
            return pool
        } catch let error as DatabaseError where saysDamage(error, path) {
            throw Verification.Damage(problem: error.message ?? error.resultCode.description)
        }
    }

    /// Whether an error at opening, where no statement is wrong, means a file header that can't be ours.
    private static func saysDamage(_ error: DatabaseError, _ path: String) -> Bool {
        switch error.resultCode {
        case .SQLITE_ERROR: true
        case .SQLITE_READONLY: FileManager.default.isWritableFile(atPath: path)
        default: false
        }
    }

    /// Asks for an `fdatasync` at each commit, for deleted values to be overwritten, and for a bounded log.
    private static func makeDurable(_ db: Database) throws {
        try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")
        try db.execute(sql: "PRAGMA wal_autocheckpoint = \(logPagesMax); PRAGMA journal_size_limit = \(logBytesMax)")
        let expected = [("synchronous", "2"), ("journal_mode", "wal"), ("foreign_keys", "1"), ("secure_delete", "1")]
        for (pragma, value) in expected {
            let found = try String.fetchOne(db, sql: "PRAGMA \(pragma)")
            guard found == value else {
                throw JournalError(cause: .inputOutput("SQLite keeps \(pragma) at \(found ?? "nothing")"), path: "")
            }
        }
    }
}

extension Store.Place {
    /// What names it in an error.
    var path: String {
        switch self {
        case .file(let path), .readOnlyFile(let path): path
        case .memory: "in memory"
        }
    }
}

extension JournalError {
    /// What an error of SQLite, of GRDB or of ours means for the journal at `path`.
    init(_ error: any Error, path: String) {
        let cause: Cause =
            switch error {
            case let error as JournalError: error.cause
            case let error as DatabaseError: Cause(error)
            case let error as Verification.Damage: .damaged(error.problem.onOneLine)
            case let error as Verification.Newer: .schemaNewer(found: error.found, known: Schema.version)
            case let error as RowReader.Unreadable: .unreadable(table: error.table, column: error.column)
            default: .inputOutput(error.problem)
            }
        self.init(cause: cause, path: path)
    }
}

extension JournalError.Cause {
    /// Takes SQLite's message, which names tables, columns and rules, and never the values, which GRDB would add.
    init(_ error: DatabaseError) {
        let problem = (error.message ?? error.resultCode.description).onOneLine
        self =
            switch error.resultCode {
            case .SQLITE_FULL: .diskFull
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .damaged(problem)
            case .SQLITE_CONSTRAINT, .SQLITE_ERROR, .SQLITE_MISUSE: .refused(problem)
            default: .inputOutput("\(problem), \(error.extendedResultCode)")
            }
    }
}

extension String {
    /// The text as a message can show it: SQLite quotes the file, of which any byte may be damaged, so what breaks a line
    /// or steers a terminal becomes a space (S12), and what is long is cut.
    var onOneLine: String {
        let scalars = unicodeScalars.prefix(300).map { scalar -> Unicode.Scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: " "
            default: scalar
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
