import AkuaModel
import Journal
import Manifests
import Planning
import Testing

@testable import Reconciler

@Suite struct LedgerTests {
    private let journal: Journal
    private let ledger: Ledger
    private let shop = ObjectReference(.install, "shop")

    init() throws {
        let workspace = try #require(WorkspaceID("ws_1"))
        journal = try Journal.inMemory()
        ledger = Ledger(
            journal: journal, source: SourceIdentity(workspace: workspace, name: "platform"), objects: RecordedObjects()
        )
    }

    @Test func `of changes to one object at the same time none is lost`() async throws {
        let other = ObjectReference(.install, "other")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask { [ledger, shop] in
                    let both = number.isMultiple(of: 3)
                    try await ledger.update(both ? [shop, other] : [shop]) { _, record in record.failures += 1 }
                }
            }
            try await group.waitForAll()
        }
        let stored = try await journal.objects(of: "platform")
        #expect(ledger.record(of: shop)?.failures == 200)
        #expect(ledger.record(of: other)?.failures == 67)
        #expect(Set(stored.map(\.failures)) == [200, 67])
    }

    @Test func `what can't be journalled is not remembered either, and does not hold up the next`() async throws {
        try await ledger.update(shop) { $0.failures = 1 }
        journal.close()
        for _ in 0..<2 {
            await #expect(throws: JournalError.self) { try await ledger.update(shop) { $0.failures = 2 } }
        }
        #expect(ledger.record(of: shop)?.failures == 1)
    }

    @Test func `what goes with a change is journalled with it, all of it`() async throws {
        let other = ObjectReference(.install, "other")
        let allowance = AllowanceRecord(source: "platform", digest: "d1", allowedAt: 1)
        try await ledger.update([shop, other], with: [.allowance(allowance)]) { _, record in record.failures = 1 }
        #expect(try await journal.allowances(of: "platform") == [allowance])
        #expect(try await journal.objects(of: "platform").map(\.failures) == [1, 1])
    }

    @Test func `a live object belongs to whoever had it last, and a dead one to nobody`() async throws {
        let other = ObjectReference(.install, "other")
        #expect(ledger.owner(of: "inst_1") == nil)
        try await ledger.update(shop) { $0.begin("inst_1", .created, Requested()) }
        #expect(ledger.owner(of: "inst_1") == shop)
        try await ledger.update(other) { $0.begin("inst_1", .adopted, Requested()) }
        #expect(ledger.owner(of: "inst_1") == other)
        try await ledger.update(other) { $0.begin("inst_2", .created, Requested()) }
        #expect(ledger.owner(of: "inst_1") == nil)
        #expect(ledger.owner(of: "inst_2") == other)
        try await ledger.update(other) { $0.end() }
        #expect(ledger.owner(of: "inst_2") == nil)
    }

    @Test func `what the source had in another workspace is not its own in this one`() async throws {
        let elsewhere = try #require(WorkspaceID("ws_2"))
        let records = [elsewhere, ledger.source.workspace].map { workspace in
            ObjectRecord(
                identity: Identity(shop, in: SourceIdentity(workspace: workspace, name: "platform")), incarnation: 1,
                resourceID: "inst_\(workspace)", ownership: .created, life: .live)
        }
        try await journal.commit(records.map(JournalEntry.object))
        let objects = try await journal.recordedObjects(of: "platform")
        for (record, count) in zip(records, [0, 1]) {
            let workspace = ledger.source.workspace
            let ledger = Ledger(
                journal: journal, source: ledger.source, objects: objects[workspace] ?? RecordedObjects())
            #expect(ledger.inventory.count == 1)
            #expect(ledger.owner(of: record.resourceID ?? "") == (count == 1 ? shop : nil))
        }
    }

    @Test func `what the last pass had on record is read again once anything was written, or failed to be`()
        async throws
    {
        let workspace = ledger.source.workspace
        let kept = LastRecorded()
        let first = try await kept.take(of: "platform", in: journal)
        #expect(first.objects.isEmpty)
        // What is in no journal shows where an answer comes from.
        var record = ObjectRecord(
            identity: Identity(shop, in: ledger.source), incarnation: 1, resourceID: "inst_1", ownership: .created,
            life: .live)
        var objects = RecordedObjects()
        objects.put(record, of: shop)
        kept.keep([workspace: objects], of: journal, at: first.revision)
        #expect(try await kept.take(of: "platform", in: journal).objects[workspace]?.inventory.count == 1)
        #expect(try await kept.take(of: "platform", in: journal).objects.isEmpty, "it is handed out once")

        kept.keep([workspace: objects], of: journal, at: first.revision)
        #expect(try await kept.take(of: "platform", in: try Journal.inMemory()).objects.isEmpty)

        kept.keep([workspace: objects], of: journal, at: first.revision)
        record.failures = -1
        await #expect(throws: JournalError.self) { try await journal.commit([.object(record)]) }
        #expect(try await kept.take(of: "platform", in: journal).objects.isEmpty)

        kept.keep([workspace: objects], of: journal, at: journal.revision)
        try await journal.commit([
            .allowance(AllowanceRecord(source: "platform", digest: "d", allowedAt: 1_700_000_000_000))
        ])
        #expect(try await kept.take(of: "platform", in: journal).objects.isEmpty)
        kept.keep([workspace: objects], of: journal, at: first.revision)
        #expect(try await kept.take(of: "platform", in: journal).objects.isEmpty, "an old revision is not kept")
    }

    @Test func `what a record holds beside what is planned with survives a change of it`() async throws {
        var record = ObjectRecord(
            identity: Identity(shop, in: ledger.source), incarnation: 3, resourceID: "inst_1", ownership: .adopted,
            life: .deleting)
        (record.commit, record.path, record.predecessor, record.refusals) = ("c0ffee", "apps/shop.yaml", "inst_0", 2)
        (record.appliedDigest, record.renderedDigest, record.renderedCommit) = ("a", "b", "c")
        (record.healthyDigest, record.protection, record.failures) = ("d", "retain", 4)
        (record.nextAttempt, record.lastError) = (17, "refused")
        var requested = Requested()
        requested.valuesDigest = "e"
        requested.dependsOn = [ObjectReference(.cluster, "k")]
        record.requestedValues = requested
        try await journal.commit([.object(record)])
        let objects = try await journal.recordedObjects(of: "platform")
        let ledger = Ledger(
            journal: journal, source: ledger.source,
            objects: try #require(objects[ledger.source.workspace]))
        #expect(ledger.record(of: shop) == record)
        try await ledger.update(shop) { $0.incarnation = 5 }
        record.incarnation = 5
        #expect(try await journal.object(record.identity) == record)
    }

    @Test func `the next life of a name knows its predecessor and nothing else of it`() throws {
        var record = ObjectRecord(
            identity: Identity(shop, in: ledger.source), incarnation: 1, resourceID: nil, ownership: .created,
            life: .gone)
        var requested = Requested()
        requested.valuesDigest = "v"
        record.begin("inst_1", .created, requested)
        (record.appliedDigest, record.renderedDigest, record.renderedCommit, record.healthyDigest) = (
            "a", "r", "c", "h"
        )
        record.fail("no capacity", at: 100)
        record.refusals = 2
        record.end()
        #expect(record.life == .gone && record.predecessor == "inst_1")
        #expect(record.requestedValues == Requested())
        #expect(record.failures == 0 && record.refusals == 0 && record.nextAttempt == nil && record.lastError == nil)
        // Found alive in another guise, without having been seen to end.
        (record.appliedDigest, record.renderedDigest, record.renderedCommit, record.healthyDigest) = (
            "a", "r", "c", "h"
        )
        record.begin("inst_2", .created, requested)
        #expect(record.life == .live && record.incarnation == 2 && record.resourceID == "inst_2")
        #expect(record.requestedValues == requested)
        let digests = [record.appliedDigest, record.renderedDigest, record.renderedCommit, record.healthyDigest]
        #expect(digests == [nil, nil, nil, nil])
    }

    @Test func `each failure puts the next attempt off for longer, up to a quarter of an hour`() {
        var record = ObjectRecord(
            identity: Identity(shop, in: ledger.source), incarnation: 1, resourceID: nil, ownership: .created,
            life: .gone)
        let delays = (0..<9).map { _ in
            record.fail("no capacity", at: 1_000)
            return (record.nextAttempt ?? 0) - 1_000
        }
        #expect(delays == [15, 30, 60, 120, 240, 480, 900, 900, 900])
    }
}
