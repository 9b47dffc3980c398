import GRDB

/// What the plan of a pass was made of, beside its commit, as the reconciler encodes it: to make the same plan again.
///
/// Of each source the newest are kept, and no more than a bounded number of bytes is ever handed in (I12).
package struct StoredPlanning: Equatable, Sendable {
    /// How many are kept of one source.
    package static let keptMax = 8

    package var reconcile: String
    package var source: String
    /// Unix milliseconds.
    package var recordedAt: Int
    /// The digest of the plan that it came to.
    package var digest: String
    package var input: [UInt8]

    package init(reconcile: String, source: String, recordedAt: Int, digest: String, input: [UInt8]) {
        self.reconcile = reconcile
        self.source = source
        self.recordedAt = recordedAt
        self.digest = digest
        self.input = input
    }

    /// Writes it and lets go of the oldest; to be called in a transaction.
    func keep(in db: Database) throws {
        try upsert(in: db)
        let delete = try db.cachedStatement(
            sql: """
                DELETE FROM plannings WHERE source = ? AND reconcile NOT IN (
                    SELECT reconcile FROM plannings WHERE source = ? ORDER BY recorded_at DESC, rowid DESC LIMIT ?)
                """)
        try delete.execute(arguments: [source, source, Self.keptMax])
    }
}

extension StoredPlanning: StoredRecord {
    static let table = Table(
        "plannings", key: ["reconcile"], columns: ["reconcile", "source", "recorded_at", "digest", "input"])

    init(from row: inout RowReader) throws {
        self.init(
            reconcile: try row.text(), source: try row.text(), recordedAt: try row.integer(), digest: try row.text(),
            input: try row.optionalBytes() ?? [])
    }

    func write(to row: inout RowWriter) {
        row.append(reconcile)
        row.append(source)
        row.append(recordedAt)
        row.append(digest)
        row.append(input)
    }
}

extension StoredPlanning: SourceOwned {}

extension Journal {
    /// What the plan of a pass was made of; nil when it was not kept.
    package func planning(of reconcile: String) async throws(JournalError) -> StoredPlanning? {
        try await store.read { db in try StoredPlanning.fetch("WHERE reconcile = ?", [reconcile], in: db).first }
    }
}
