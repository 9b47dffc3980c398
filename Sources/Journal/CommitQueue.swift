/// Those who wait for their entries to be durable, and whether somebody is at it.
///
/// The first to come leads: it commits for all who wait, again and again until nobody does. Whoever comes while a
/// transaction is being flushed shares the next one, so that a thousand callers cost a few flushes.
struct CommitQueue: Sendable {
    struct Caller: Sendable {
        /// In the order in which they are to be applied.
        var entries: [JournalEntry]
        /// To be called exactly once.
        var answer: @Sendable (Result<Void, JournalError>) -> Void
    }

    /// The most callers that share one transaction.
    static let batchMax = 1_024

    private var waiting: [Caller] = []
    private var hasLeader = false

    /// Adds a caller; true when it must lead.
    mutating func enter(_ caller: Caller) -> Bool {
        waiting.append(caller)
        defer { hasLeader = true }
        return !hasLeader
    }

    /// What the leader is to commit next, in the order of arrival; when there is nothing, it leads no more.
    mutating func nextBatch() -> [Caller] {
        let batch = Array(waiting.prefix(Self.batchMax))
        waiting.removeFirst(batch.count)
        hasLeader = !batch.isEmpty
        return batch
    }
}
