import AkuaModel
import GRDB

// Every read answers from the newest committed state, in an order that is part of the contract.

extension Journal {
    /// The source of that name; nil when it never was reconciled.
    package func source(_ name: String) async throws(JournalError) -> SourceRecord? {
        try await first("WHERE source = ?", [name])
    }

    /// By name.
    package func sources() async throws(JournalError) -> [SourceRecord] {
        try await records("ORDER BY source", [])
    }

    /// The newest life of an object; nil when none is known.
    package func object(_ identity: Identity) async throws(JournalError) -> ObjectRecord? {
        try await first("WHERE \(Self.isOfIdentity)", Self.arguments(identity))
    }

    /// The inventory of a source and the names whose last life is gone, by kind and name.
    package func objects(of source: String) async throws(JournalError) -> [ObjectRecord] {
        try await records(Self.isOfSource, [source])
    }

    /// What `add` makes of the records of ``objects(of:)``: of thousands only one at a time is in memory as such.
    package func objects<Result: Sendable>(
        of source: String, into initial: Result, _ add: @escaping @Sendable (inout Result, ObjectRecord) -> Void
    ) async throws(JournalError) -> Result {
        try await store.read { db in
            var result = initial
            try ObjectRecord.forEach(Self.isOfSource, [source], in: db) { add(&result, $0) }
            return result
        }
    }

    private static let isOfSource = "WHERE source = ? ORDER BY kind, name, workspace"

    /// What was perhaps sent and has no known end, the oldest first: to be settled before anything else (I4).
    package func unsettledIntents(of source: String) async throws(JournalError) -> [IntentRecord] {
        try await records("WHERE source = ? AND state <> 'closed' ORDER BY created_at, id", [source])
    }

    /// The newest first.
    package func intents(of identity: Identity, limit: Int) async throws(JournalError) -> [IntentRecord] {
        try await records(
            "WHERE \(Self.isOfIdentity) ORDER BY created_at DESC, id DESC LIMIT ?",
            Self.arguments(identity) + [max(0, limit)])
    }

    /// The newest first.
    package func renders(of identity: Identity, limit: Int) async throws(JournalError) -> [RenderRecord] {
        try await records(
            "WHERE \(Self.isOfIdentity) ORDER BY recorded_at DESC, render DESC LIMIT ?",
            Self.arguments(identity) + [max(0, limit)])
    }

    /// The newest first; of every source when none is named.
    package func reconciles(of source: String?, limit: Int) async throws(JournalError) -> [ReconcileRecord] {
        let newest = "ORDER BY started_at DESC, id DESC LIMIT ?"
        guard let source else { return try await records(newest, [max(0, limit)]) }
        return try await records("WHERE source = ? \(newest)", [source, max(0, limit)])
    }

    /// The pass of that id; nil when none is on record.
    package func reconcile(_ id: String) async throws(JournalError) -> ReconcileRecord? {
        try await first("WHERE id = ?", [id])
    }

    /// What a pass wrote down before it sent it, in that order.
    package func intents(ofReconcile id: String) async throws(JournalError) -> [IntentRecord] {
        try await records("WHERE reconcile = ? ORDER BY created_at, id", [id])
    }

    /// The renders that a pass led to, in the order of their being recorded.
    package func renders(ofReconcile id: String) async throws(JournalError) -> [RenderRecord] {
        try await records(
            "WHERE intent IN (SELECT id FROM intents WHERE reconcile = ?) ORDER BY recorded_at, render", [id])
    }

    /// The newest; nil before the first.
    package func lastReconcile(of source: String) async throws(JournalError) -> ReconcileRecord? {
        try await reconciles(of: source, limit: 1).first
    }

    /// In the order of the plan.
    package func actions(of reconcile: String) async throws(JournalError) -> [ActionRecord] {
        try await records("WHERE reconcile = ? ORDER BY position", [reconcile])
    }

    /// The newest first.
    package func actions(of identity: Identity, limit: Int) async throws(JournalError) -> [ActionRecord] {
        try await records(
            "WHERE \(Self.isOfIdentity) ORDER BY finished_at DESC, rowid DESC LIMIT ?",
            Self.arguments(identity) + [max(0, limit)])
    }

    /// By kind, name and code.
    package func conditions(of source: String) async throws(JournalError) -> [ConditionRecord] {
        try await records("WHERE source = ? ORDER BY kind, name, workspace, code", [source])
    }

    /// Those not used yet, the oldest first.
    package func allowances(of source: String) async throws(JournalError) -> [AllowanceRecord] {
        try await records("WHERE source = ? AND used_at IS NULL ORDER BY allowed_at, digest", [source])
    }

    /// What a person has said, whether it still holds or has run out; nil when nobody has, or has resumed it.
    package func suspension(of source: String) async throws(JournalError) -> SuspensionRecord? {
        try await first("WHERE source = ?", [source])
    }

    /// By identity part.
    package func lives(of source: String) async throws(JournalError) -> [LifeRecord] {
        try await records("WHERE source = ? ORDER BY identity_part", [source])
    }

    private static let isOfIdentity = "source = ? AND kind = ? AND name = ? AND workspace = ?"

    private static func arguments(_ identity: Identity) -> StatementArguments {
        [identity.source, identity.kind, identity.name, identity.workspace.text]
    }

    private func records<Record: StoredRecord>(
        _ clause: String, _ arguments: StatementArguments
    ) async throws(JournalError) -> [Record] {
        try await store.read { db in try Record.fetch(clause, arguments, in: db) }
    }

    private func first<Record: StoredRecord>(
        _ clause: String, _ arguments: StatementArguments
    ) async throws(JournalError) -> Record? {
        let found: [Record] = try await records("\(clause) LIMIT 1", arguments)
        return found.first
    }
}
