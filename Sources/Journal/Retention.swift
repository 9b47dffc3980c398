import GRDB
import Synchronization

/// How much of the past is kept.
///
/// What is unsettled, and the newest of everything that lives, is kept whatever this says.
package struct Retention: Equatable, Sendable {
    /// The most closed intents, actions and renders, each.
    package var recordsMax: Int
    package var reconcilesMax: Int
    /// Milliseconds.
    package var ageMax: Int

    package init(recordsMax: Int, reconcilesMax: Int, ageMax: Int) {
        self.recordsMax = recordsMax
        self.reconcilesMax = reconcilesMax
        self.ageMax = ageMax
    }

    /// Ninety days, and with 10,000 objects well below the 64 MiB that a journal may take (R20).
    package static let standard = Retention(recordsMax: 10_000, reconcilesMax: 2_000, ageMax: 90 * 86_400_000)
}

/// When what was last tidied.
struct Housekeeping: Sendable {
    /// Unix milliseconds of the last look for what is too old.
    var prunedAt: Int?
    /// The store's number of transactions when the log was last emptied.
    var transactionsMoved = 0
}

extension Journal {
    /// The time between two looks for what is too old, in milliseconds.
    private static let pruneInterval = 3_600_000
    /// Rows deleted in one transaction: few enough that a commit never waits long.
    private static let stepMax = 500
    /// Free pages are given back to the file system from this many on.
    private static let freePagesMax = 1_024

    /// Drops what is older than the retention asks for and empties the write-ahead log; to be called after each pass.
    ///
    /// Nothing is written when nothing was committed since the last call, and the look for what is old is taken once an
    /// hour of `now` (Unix milliseconds). Bodies of closed intents are off the disk when this returns (I11).
    package func prune(now: Int) async throws(JournalError) {
        // A clock that was set back makes the look due, not late.
        let prunedAt = housekeeping.withLock { $0.prunedAt }
        if !(prunedAt.map { ($0..<$0 + Self.pruneInterval).contains(now) } ?? false) {
            for history in History.all { try await prune(history, now: now) }
            try await giveBackPages()
            housekeeping.withLock { $0.prunedAt = now }
        }
        let transactions = store.transactionCount
        guard housekeeping.withLock({ $0.transactionsMoved }) != transactions else { return }
        try await store.checkpoint()
        housekeeping.withLock { $0.transactionsMoved = transactions }
    }

    private func prune(_ history: History, now: Int) async throws(JournalError) {
        let query = history.query
        let arguments: StatementArguments = [
            "count": history.isOfReconciles ? retention.reconcilesMax : retention.recordsMax,
            "before": now - retention.ageMax,
        ]
        var rest = try await store.read { db in try Int64.fetchAll(db, sql: query, arguments: arguments) }[...]
        while !rest.isEmpty {
            let step = rest.prefix(Self.stepMax)
            rest = rest.dropFirst(step.count)
            try await store.write { db in
                let delete = try db.cachedStatement(sql: "DELETE FROM \(history.table) WHERE rowid = ?")
                for row in step { try delete.execute(arguments: [row]) }
            }
        }
    }

    private func giveBackPages() async throws(JournalError) {
        let free = try await store.read { db in try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0 }
        guard free > Self.freePagesMax else { return }
        try await store.write { db in try db.execute(sql: "PRAGMA incremental_vacuum(\(free))") }
    }
}

extension Store {
    /// Brings the log into the database file and empties it, unless a reader holds it; then the next call does.
    func checkpoint() async throws(JournalError) {
        let result: Result<Void, JournalError> = await withCheckedContinuation { continuation in
            schedule {
                let result = Result { () throws(JournalError) in
                    try self.writeNowWithoutTransaction { db in
                        _ = try db.checkpoint(.truncate)
                    }
                }
                continuation.resume(returning: result)
            }
        }
        try result.get()
    }
}

/// A table that grows with time, and which of its rows may go.
private struct History: Sendable {
    var table: String
    var time: String
    /// Whose newest row is kept.
    var owner: String
    /// What must hold for a row to go, however old it is.
    var condition: String
    var isOfReconciles = false

    private static let identity = Table.identity.joined(separator: ", ")
    /// The newest of an identity goes only when the object is gone or not ours.
    private static let lives = """
        EXISTS (
            SELECT 1 FROM objects WHERE objects.source = past.source AND objects.kind = past.kind
            AND objects.name = past.name AND objects.workspace = past.workspace AND life IN ('live', 'deleting'))
        """

    /// In an order in which no row goes before those that refer to it.
    static let all = [
        History(table: "actions", time: "finished_at", owner: identity, condition: "rank > 1 OR NOT \(lives)"),
        History(table: "renders", time: "recorded_at", owner: identity, condition: "rank > 1 OR NOT \(lives)"),
        History(
            table: "intents", time: "created_at", owner: identity,
            condition: "state = 'closed' AND (rank > 1 OR NOT \(lives))"),
        History(
            table: "reconciles", time: "started_at", owner: "source",
            condition: "rank > 1 AND NOT EXISTS (SELECT 1 FROM actions WHERE reconcile = past.id)",
            isOfReconciles: true),
    ]

    /// The rows to delete: beyond the newest `:count` or from before `:before`.
    var query: String {
        """
        WITH past AS (
            SELECT rowid AS place, *, \(time) AS time,
                row_number() OVER (ORDER BY \(time) DESC, rowid DESC) AS age,
                row_number() OVER (PARTITION BY \(owner) ORDER BY \(time) DESC, rowid DESC) AS rank
            FROM \(table))
        SELECT place FROM past WHERE (age > :count OR time < :before) AND (\(condition)) ORDER BY place
        """
    }
}
