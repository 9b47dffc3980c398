import AkuaModel
import JSON
import Journal
import Manifests
import Planning
import Synchronization

/// The objects of one source during a pass: the journal's records in memory, and every change of them written through.
///
/// A change is made to the record and journalled in one step; a crash in between loses what the next pass finds out again.
final class Ledger: Sendable {
    let source: SourceIdentity
    private let journal: Journal
    private let records: Mutex<[ObjectReference: ObjectRecord]>

    init(journal: Journal, source: SourceIdentity, records: [ObjectRecord]) {
        self.journal = journal
        self.source = source
        var byReference: [ObjectReference: ObjectRecord] = [:]
        for record in records where record.identity.workspace == source.workspace {
            if let reference = ObjectReference(record.identity) { byReference[reference] = record }
        }
        self.records = Mutex(byReference)
    }

    /// The records as the planner sees them.
    var inventory: Inventory { records.withLock { $0.mapValues(InventoryEntry.init) } }

    func record(of reference: ObjectReference) -> ObjectRecord? { records.withLock { $0[reference] } }

    /// Changes one record, making it first if there is none, and journals it together with `entries`.
    func update(
        _ reference: ObjectReference, with entries: [JournalEntry] = [], _ change: (inout ObjectRecord) -> Void
    ) async throws(JournalError) {
        try await update([reference], with: entries) { _, record in change(&record) }
    }

    /// Changes several records in one transaction.
    func update(
        _ references: [ObjectReference], with entries: [JournalEntry] = [],
        _ change: (ObjectReference, inout ObjectRecord) -> Void
    ) async throws(JournalError) {
        let changed = references.map { reference in
            var record =
                records.withLock { $0[reference] }
                ?? ObjectRecord(
                    identity: Identity(reference, in: source), incarnation: 1, resourceID: nil, ownership: .created,
                    life: .gone)
            change(reference, &record)
            return (reference, record)
        }
        try await journal.commit(entries + changed.map { .object($0.1) })
        records.withLock { records in
            for (reference, record) in changed { records[reference] = record }
        }
    }

    func commit(_ entries: [JournalEntry]) async throws(JournalError) { try await journal.commit(entries) }
}

extension ObjectRecord {
    var requestedValues: Requested {
        get { Requested(requested) }
        set { requested = newValue.json }
    }

    /// Begins a life: the object that was made or found is `resourceID`.
    mutating func begin(_ resourceID: String, _ ownership: Ownership, _ requested: Requested) {
        if let old = self.resourceID, old != resourceID {
            incarnation += 1
            appliedDigest = nil
            renderedDigest = nil
            renderedCommit = nil
            healthyDigest = nil
        }
        self.resourceID = resourceID
        self.ownership = ownership
        life = .live
        refusals = 0
        requestedValues = requested
    }

    /// Ends a life: proven gone, and the predecessor of the next.
    mutating func end() {
        life = .gone
        if let resourceID { predecessor = resourceID }
        appliedDigest = nil
        renderedDigest = nil
        renderedCommit = nil
        healthyDigest = nil
        requested = JSONObject()
        refusals = 0
        failures = 0
        nextAttempt = nil
        lastError = nil
    }

    /// Counts a failure and puts off the next attempt: 15 s, doubling to a quarter of an hour.
    mutating func fail(_ sentence: String, at seconds: Int) {
        failures += 1
        lastError = String(sentence.prefix(1_000))
        nextAttempt = seconds + min(15 << min(failures - 1, 6), 900)
    }
}
