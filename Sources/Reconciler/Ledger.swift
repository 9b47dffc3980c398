import AkuaModel
import JSON
import Journal
import Manifests
import Planning
import Synchronization

/// The objects of one source during a pass: the journal's records in memory, and every change of them written through.
///
/// Changes of one object take turns, from reading the record to having it journalled: of two at the same time neither is
/// lost. Those of different objects go side by side and share transactions.
final class Ledger: Sendable {
    private struct State {
        private(set) var objects: RecordedObjects
        /// Who had a live object last; the record says whether it still does.
        ///
        /// Made when it is first asked for.
        private var owners: [String: ObjectReference]?
        var changing: Set<ObjectReference> = []
        /// First come, first served, as far as their objects are free.
        var waiting: [(references: [ObjectReference], turn: CheckedContinuation<Void, Never>)] = []

        init(_ objects: RecordedObjects) { self.objects = objects }

        mutating func put(_ record: ObjectRecord, of reference: ObjectReference) {
            objects.put(record, of: reference)
            if record.life == .live, let id = record.resourceID { owners?[id] = reference }
        }

        mutating func owner(of id: String) -> ObjectReference? {
            let owners =
                owners
                ?? objects.inventory.reduce(into: [:]) { owners, item in
                    if item.value.life == .live, let id = item.value.resourceID { owners[id] = item.key }
                }
            self.owners = owners
            guard let owner = owners[id], let entry = objects.inventory[owner] else { return nil }
            return entry.life == .live && entry.resourceID == id ? owner : nil
        }

        /// Whether nobody is changing any of these, who from now on are being changed.
        mutating func take(_ references: [ObjectReference]) -> Bool {
            guard changing.isDisjoint(with: references) else { return false }
            changing.formUnion(references)
            return true
        }
    }

    let source: SourceIdentity
    private let journal: Journal
    private let state: Mutex<State>

    init(journal: Journal, source: SourceIdentity, objects: RecordedObjects) {
        self.journal = journal
        self.source = source
        state = Mutex(State(objects))
    }

    /// The records as the planner sees them.
    var inventory: Inventory { state.withLock { $0.objects.inventory } }

    /// All that is on record, for a later pass.
    var objects: RecordedObjects { state.withLock { $0.objects } }

    func record(of reference: ObjectReference) -> ObjectRecord? {
        state.withLock { $0.objects.record(of: reference, in: source) }
    }

    /// The identity that a live object is on record under.
    func owner(of id: String) -> ObjectReference? { state.withLock { $0.owner(of: id) } }

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
        await begin(references)
        defer { end(references) }
        let changed = references.map { reference in
            var record =
                record(of: reference)
                ?? ObjectRecord(
                    identity: Identity(reference, in: source), incarnation: 1, resourceID: nil, ownership: .created,
                    life: .gone)
            change(reference, &record)
            return (reference, record)
        }
        try await journal.commit(entries + changed.map { .object($0.1) })
        state.withLock { state in
            for (reference, record) in changed { state.put(record, of: reference) }
        }
    }

    /// Returns when it is the caller's turn to change these objects; a change never takes longer than a transaction.
    private func begin(_ references: [ObjectReference]) async {
        await withCheckedContinuation { turn in
            let isFree = state.withLock { state in
                let isFree = state.take(references)
                if !isFree { state.waiting.append((references, turn)) }
                return isFree
            }
            if isFree { turn.resume() }
        }
    }

    private func end(_ references: [ObjectReference]) {
        let next = state.withLock { state in
            state.changing.subtract(references)
            var turns: [CheckedContinuation<Void, Never>] = []
            state.waiting.removeAll { waiting in
                guard state.changing.isDisjoint(with: waiting.references) else { return false }
                state.changing.formUnion(waiting.references)
                turns.append(waiting.turn)
                return true
            }
            return turns
        }
        for turn in next { turn.resume() }
    }

    func commit(_ entries: [JournalEntry]) async throws(JournalError) { try await journal.commit(entries) }
}

/// The journal's records of a source's objects, in the planner's form: every pass plans, and few write.
struct RecordedObjects: Sendable {
    private(set) var inventory: Inventory = [:]
    /// The commit and the path of the manifest that was last applied, which the planner has no use for.
    private var manifests: [ObjectReference: (commit: String?, path: String?)] = [:]

    mutating func put(_ record: ObjectRecord, of reference: ObjectReference) {
        inventory[reference] = InventoryEntry(record)
        manifests[reference] = (record.commit, record.path)
    }

    func record(of reference: ObjectReference, in source: SourceIdentity) -> ObjectRecord? {
        guard let entry = inventory[reference] else { return nil }
        var record = ObjectRecord(entry, identity: Identity(reference, in: source))
        (record.commit, record.path) = manifests[reference] ?? (nil, nil)
        return record
    }
}

extension Journal {
    /// The objects on record of a source, by workspace: a record of another workspace is none of a pass's (I17).
    func recordedObjects(of source: String) async throws(JournalError) -> [WorkspaceID: RecordedObjects] {
        try await objects(of: source, into: [:]) { objects, record in
            guard let reference = ObjectReference(record.identity) else { return }
            objects[record.identity.workspace, default: RecordedObjects()].put(record, of: reference)
        }
    }
}

/// What the last pass had on record, for the next one, unless the journal has been written to since: most passes write
/// nothing.
package final class LastRecorded: Sendable {
    private struct Memory {
        var journal: ObjectIdentifier
        var revision: Int
        var objects: [WorkspaceID: RecordedObjects]
    }
    private let memory = Mutex<Memory?>(nil)

    package init() {}

    /// Hands out what is on record and keeps nothing of it: two holders of one would have the first write copy it all.
    ///
    /// - Returns: with the revision of the journal that it is of.
    func take(of source: String, in journal: Journal) async throws(JournalError) -> (
        objects: [WorkspaceID: RecordedObjects], revision: Int
    ) {
        // Before reading: what is written meanwhile makes what was read old.
        let revision = journal.revision
        let kept = memory.withLock { $0.take() }
        if let kept, kept.journal == ObjectIdentifier(journal), kept.revision == revision {
            return (kept.objects, revision)
        }
        return (try await journal.recordedObjects(of: source), revision)
    }

    /// Keeps what was on record at a revision of the journal, if that is still the present one.
    func keep(_ objects: [WorkspaceID: RecordedObjects], of journal: Journal, at revision: Int) {
        guard journal.revision == revision else { return }
        memory.withLock { $0 = Memory(journal: ObjectIdentifier(journal), revision: revision, objects: objects) }
    }
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

    /// How long an object is left alone after its first failure, in seconds.
    static let backOffMin = 15

    /// Counts a failure and puts off the next attempt: 15 s, doubling to a quarter of an hour.
    mutating func fail(_ sentence: String, at seconds: Int) {
        failures += 1
        lastError = String(sentence.prefix(1_000))
        nextAttempt = seconds + min(Self.backOffMin << min(failures - 1, 6), InventoryEntry.backOffMax)
    }
}
