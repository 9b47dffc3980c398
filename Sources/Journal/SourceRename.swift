import GRDB

/// A record that belongs to one source.
protocol SourceOwned: StoredRecord {
    var source: String { get set }
}

/// Makes everything on record of one source another's: what `formerNames` in the configuration asks for.
///
/// Keys and marks keep the name that they were made with: they are what the platform remembers.
struct SourceRename {
    let from: String
    let to: String

    init(from: String, to: String) {
        self.from = from
        self.to = to
    }

    /// To be called in a transaction.
    func apply(to db: Database) throws {
        guard from != to else { return }
        try move(SourceRecord.self, in: db)
        try move(ObjectRecord.self, in: db)
        try move(IntentRecord.self, in: db)
        try move(RenderRecord.self, in: db)
        try move(ReconcileRecord.self, in: db)
        try move(ActionRecord.self, in: db)
        try move(ConditionRecord.self, in: db)
        try move(AllowanceRecord.self, in: db)
        try move(LifeRecord.self, in: db)
        try move(SuspensionRecord.self, in: db)
        try move(StoredPlanning.self, in: db)
    }

    /// Every row has a checksum over all that it says, so that it is written anew.
    private func move<Record: SourceOwned>(_: Record.Type, in db: Database) throws {
        for var record in try Record.fetch("WHERE source = ?", [from], in: db) {
            record.source = to
            try record.upsert(in: db)
        }
        // Where the source is part of the key, the old row is still there.
        try db.execute(sql: "DELETE FROM \(Record.table.name) WHERE source = ?", arguments: [from])
    }
}

extension SourceRecord: SourceOwned {}
extension ReconcileRecord: SourceOwned {}
extension AllowanceRecord: SourceOwned {}
extension LifeRecord: SourceOwned {}
extension SuspensionRecord: SourceOwned {}

/// A record about one object.
protocol ObjectOwned: SourceOwned {
    var identity: Identity { get set }
}

extension ObjectOwned {
    var source: String {
        get { identity.source }
        set { identity.source = newValue }
    }
}

extension ObjectRecord: ObjectOwned {}
extension IntentRecord: ObjectOwned {}
extension RenderRecord: ObjectOwned {}
extension ActionRecord: ObjectOwned {}
extension ConditionRecord: ObjectOwned {}
