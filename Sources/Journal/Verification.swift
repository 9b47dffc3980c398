import GRDB

/// The proof that a journal's content is what this or an older version wrote; asked for at each opening.
///
/// Every page and index is checked by SQLite, the schema against the one that the migrations make, and every row
/// against its checksum.
enum Verification {
    /// What was found where it should not be, in words.
    struct Damage: Error { var problem: String }
    /// The schema is a later one than this version knows.
    struct Newer: Error { var found: Int }

    /// The schema version of what is stored: 0 for a database without tables.
    static func check(_ db: Database) throws -> Int {
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let isSuperseded = try Schema.migrator.hasBeenSuperseded(db)
        guard isSuperseded == (version > Schema.version), version >= 0 else {
            throw Damage(problem: "the schema version \(version) is none")
        }
        let problem = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)") ?? "no answer"
        guard problem == "ok" else { throw Damage(problem: problem) }
        // A later schema is well formed at least; more can't be known of it.
        guard version <= Schema.version else { throw Newer(found: version) }
        guard try Schema.text(of: db) == Schema.text(ofVersion: version) else {
            throw Damage(problem: "the tables are not those of schema \(version)")
        }
        for table in try String.fetchAll(
            db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'grdb_migrations'")
        {
            try checkRows(of: table, in: db)
        }
        return version
    }

    /// The checksum is the last column of every table and covers those before it.
    private static func checkRows(of table: String, in db: Database) throws {
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM \(table)")
        while let row = try rows.next() {
            let covered = (0..<row.count - 1).lazy.map { row[$0]?.databaseValue ?? .null }
            guard row[row.count - 1]?.databaseValue == Checksum.of(covered).databaseValue else {
                throw Damage(problem: "a row of \(table) is not as it was written")
            }
        }
    }
}
