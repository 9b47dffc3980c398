import GRDB
import Synchronization

/// What the daemon owns, intends and did: the one place where it remembers across restarts.
///
/// Holds I4: an intent is on the disk when ``commit(_:)`` returns. Holds the ground for I13: a journal that is damaged
/// is moved aside and said, one that has lost its newest commits is said, and neither is used in silence. One process
/// writes; any number may read beside it with ``openReadOnly(directory:)``.
package final class Journal: Sendable {
    /// The version of SQLite, such as `3.40.1`.
    package static var libraryVersion: String {
        let number = Int(Database.sqliteLibVersionNumber)
        return "\(number / 1_000_000).\(number / 1_000 % 1_000).\(number % 1_000)"
    }

    let store: Store
    let retention: Retention
    let housekeeping = Mutex(Housekeeping())
    private let queue = Mutex(CommitQueue())

    private init(store: Store, retention: Retention) {
        self.store = store
        self.retention = retention
    }

    /// Makes `entries` durable, all of them or none, and then returns.
    ///
    /// They are applied in their order. Callers at the same time share transactions, and one whose entries break a rule
    /// of the schema fails alone. Cancelling the task changes nothing: a commit is finished and reported.
    package func commit(_ entries: [JournalEntry]) async throws(JournalError) {
        guard !entries.isEmpty else { return }
        let result = await withCheckedContinuation { continuation in
            let caller = CommitQueue.Caller(entries: entries) { continuation.resume(returning: $0) }
            if queue.withLock({ $0.enter(caller) }) { store.schedule(drainQueue) }
        }
        try result.get()
    }

    /// Leads: commits for those who wait until nobody does.
    ///
    /// Runs on the writer's thread.
    private func drainQueue() {
        while true {
            let batch = queue.withLock { $0.nextBatch() }
            if batch.isEmpty { return }
            let results = commitNow(batch.map(\.entries))
            for (caller, result) in zip(batch, results) { caller.answer(result) }
        }
    }

    /// Commits in one transaction; what one caller's entries break is undone for that caller alone.
    private func commitNow(_ batch: [[JournalEntry]]) -> [Result<Void, JournalError>] {
        do {
            return try store.writeNow { db in
                // Alone, entries need no savepoint: the transaction is undone with them.
                guard batch.count > 1 else {
                    for entry in batch.joined() { try entry.apply(to: db) }
                    return batch.map { _ in .success(()) }
                }
                return try batch.map { entries in try applied(entries, in: db) }
            }
        } catch {
            return batch.map { _ in .failure(error) }
        }
    }

    private func applied(_ entries: [JournalEntry], in db: Database) throws -> Result<Void, JournalError> {
        do {
            try db.inSavepoint {
                for entry in entries { try entry.apply(to: db) }
                return .commit
            }
            return .success(())
        } catch {
            let failure = JournalError(error, path: store.place.path)
            guard case .refused = failure.cause else { throw error }
            return .failure(failure)
        }
    }

    /// How many transactions changed something since opening, shared ones counted once; for metrics.
    package var transactionCount: Int { store.transactionCount }

    /// The same as before as long as nothing that is stored can have changed.
    package var revision: Int { store.writeCount }

    /// Ends what is in hand and closes the files; every later call fails with ``JournalError/Cause/closed``.
    ///
    /// The same happens soon after the last reference goes. Safe to repeat.
    package func close() { store.close() }
}

extension Journal {
    /// A journal that was opened, and what had to be done for it.
    package struct Opened: Sendable {
        package var journal: Journal
        /// The damaged journal that this new one stands in for; its knowledge must be recovered (I13).
        package var replaced: MovedAside?
        /// The newest commits are lost, for instance with the write-ahead log.
        ///
        /// What is left was true once: every source's
        /// inventory counts as incomplete and its operations as unread, so that recovery looks for what is missing.
        package var hasLostCommits: Bool
    }

    /// A damaged journal, kept for a person to look at.
    package struct MovedAside: Equatable, Sendable {
        package var path: String
        package var reason: String
    }

    /// Opens the journal of a state directory for writing, or begins one; the directory is made if need be (mode 0700).
    ///
    /// An older schema is migrated, a newer one refused. What is there is proven first: a damaged journal is moved aside
    /// under a name with the time `now` (Unix milliseconds) and a new one begun.
    package static func open(
        directory path: String, now: Int, retention: Retention = .standard
    ) throws(JournalError) -> Opened {
        let directory = try StateDirectory(preparing: path)
        let lock = try DirectoryLock(directory)
        // Looked at before SQLite repairs it. A log that is not there was lost if its owner could not take it away.
        let log = try WriteAheadLog.inspect(path: directory.log)
        let isLogDamaged = directory.hasDatabase && (log == .cut || (log == nil && lock.wasAbandoned))
        switch log {
        case .whole(let end)?: try WriteAheadLog.trim(path: directory.log, to: end)
        case .empty?: try WriteAheadLog.trim(path: directory.log, to: 0)
        case .cut?, nil: break
        }
        let replaced: MovedAside?
        let store: Store
        do {
            store = try open(directory, lock)
            replaced = nil
        } catch {
            guard case .damaged(let reason) = error.cause else { throw error }
            replaced = MovedAside(path: try directory.moveDatabaseAside(now: now), reason: reason)
            store = try open(directory, lock)
        }
        let journal = Journal(store: store, retention: retention)
        let hasLostCommits = isLogDamaged && replaced == nil
        if hasLostCommits { try journal.distrustInventories() }
        return Opened(journal: journal, replaced: replaced, hasLostCommits: hasLostCommits)
    }

    /// Opens the database and its log once the names of both are durable (R13).
    ///
    /// SQLite makes a log where there is none, and would not say that its name is not. One beside an empty database it takes
    /// away, so that the tables come first.
    private static func open(_ directory: StateDirectory, _ lock: DirectoryLock) throws(JournalError) -> Store {
        if !directory.hasContent {
            try directory.begin(directory.database)
            try Store(opening: .file(directory.database)).close()
        }
        try directory.begin(directory.log)
        try directory.synchronize()
        let store = try Store(opening: .file(directory.database), lock: lock)
        lock.note(hasLog: true)
        return store
    }

    /// Opens a state directory's journal for reading, beside a daemon or without one; nil when there is none.
    package static func openReadOnly(directory path: String) throws(JournalError) -> Journal? {
        let directory = StateDirectory(existing: path)
        guard directory.hasDatabase else { return nil }
        return Journal(store: try Store(opening: .readOnlyFile(directory.database)), retention: .standard)
    }

    /// A journal that is gone with the process: for `plan` without a state directory, and for tests.
    ///
    /// With `synchronous`, every call runs on the caller's thread and never suspends, so that a simulation decides what
    /// happens when.
    package static func inMemory(synchronous isSynchronous: Bool = false) throws(JournalError) -> Journal {
        Journal(store: try Store(opening: .memory(isSynchronous: isSynchronous)), retention: .standard)
    }

    /// A journal in memory with all that this one has committed: what a process would leave behind if it died now.
    package func copied() throws(JournalError) -> Journal {
        let copy = try Store(opening: .memory(isSynchronous: store.place == .memory(isSynchronous: true)))
        try store.copy(to: copy)
        return Journal(store: copy, retention: retention)
    }

    /// Forgets all that a journal in memory holds, which then is as a new one, for less than that costs: what a lost state
    /// directory leaves behind.
    package func forgetAll() throws(JournalError) {
        guard case .memory = store.place else { preconditionFailure("a journal on a disk never forgets") }
        try store.writeNow(Schema.empty)
        housekeeping.withLock { $0 = Housekeeping() }
    }

    /// Has recovery look for what a lost commit may have said.
    private func distrustInventories() throws(JournalError) {
        try store.writeNow { db in
            for var source in try SourceRecord.fetch("", in: db) {
                source.isInventoryComplete = false
                source.operationsSeen = nil
                try source.upsert(in: db)
            }
        }
    }
}
