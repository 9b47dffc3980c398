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
            journal: journal, source: SourceIdentity(workspace: workspace, name: "platform"), records: [])
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
}
