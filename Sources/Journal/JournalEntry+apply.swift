import AkuaModel
import GRDB

extension JournalEntry {
    /// Makes the change; to be called in a transaction.
    func apply(to db: Database) throws {
        switch self {
        case .source(let record): try record.upsert(in: db)
        case .object(let record): try record.upsert(in: db)
        case .intent(let record): try record.upsert(in: db)
        case .render(let record): try record.upsert(in: db)
        case .reconcile(let record): try record.upsert(in: db)
        case .action(let record): try record.upsert(in: db)
        case .allowance(let record): try record.upsert(in: db)
        case .life(let record): try record.upsert(in: db)
        case .planning(let record): try record.keep(in: db)
        case .suspension(let record): try record.upsert(in: db)
        case .resumption(let source):
            try db.cachedStatement(sql: "DELETE FROM suspensions WHERE source = ?").execute(arguments: [source])
        case .sourceRenamed(let old, let new): try SourceRename(from: old, to: new).apply(to: db)
        case .conditions(let source, let records): try Self.replaceConditions(of: source, by: records, in: db)
        }
    }

    /// Writes the rows that differ and no others, so that a pass in which nothing changed writes nothing.
    private static func replaceConditions(of source: String, by records: [ConditionRecord], in db: Database) throws {
        struct Key: Hashable { var identity: Identity, code: String }

        let stored = try ConditionRecord.fetch("WHERE source = ?", [source], in: db)
        var ended = Dictionary(stored.map { (Key(identity: $0.identity, code: $0.code), $0) }) { first, _ in first }
        for var record in records {
            guard record.identity.source == source else {
                throw JournalError(
                    cause: .refused("a condition of \(record.identity.source) among those of \(source)"), path: "")
            }
            let before = ended.removeValue(forKey: Key(identity: record.identity, code: record.code))
            record.since = before?.since ?? record.since
            if record != before { try record.upsert(in: db) }
        }
        let delete = try db.cachedStatement(
            sql: "DELETE FROM conditions WHERE source = ? AND kind = ? AND name = ? AND workspace = ? AND code = ?")
        for key in ended.keys {
            let identity = key.identity
            try delete.execute(
                arguments: [identity.source, identity.kind, identity.name, identity.workspace.text, key.code])
        }
    }
}
