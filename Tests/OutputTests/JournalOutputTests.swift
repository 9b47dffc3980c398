import AkuaModel
import Daemon
import JSON
import Journal
import Planning
import Reconciler
import TestSupport
import Testing

@testable import akua_gitops

/// What `status` and `history` print, held still.
@Suite struct JournalOutputTests {
    /// 2026-09-21T14:13:20Z, in milliseconds.
    private static let start = 1_790_000_000_000

    private static func identity(_ kind: String, _ name: String) -> Identity {
        Identity(workspace: .test, source: "platform", kind: kind, name: name)
    }

    private static func object(
        _ kind: String, _ name: String, _ id: String, _ change: (inout ObjectRecord) -> Void = { _ in }
    ) -> ObjectRecord {
        var record = ObjectRecord(
            identity: identity(kind, name), incarnation: 1, resourceID: id, ownership: .created, life: .live)
        record.commit = "4b30e7e1c0ffee0123456789abcdef0123456789"
        record.path = "installs/\(name).yaml"
        change(&record)
        return record
    }

    private static func pass(_ outcome: String?, _ change: (inout ReconcileRecord) -> Void = { _ in })
        -> ReconcileRecord
    {
        var record = ReconcileRecord(
            id: "rec-1", source: "platform", revision: "main@sha1:4b30e7e1c0ffee0123456789abcdef0123456789",
            commit: "4b30e7e1c0ffee0123456789abcdef0123456789", commitAuthor: "Ada Lovelace <ada@example.com>",
            commitSubject: "Describe the platform", startedAt: start)
        record.outcome = outcome
        record.finishedAt = outcome.map { _ in start + 7_400 }
        change(&record)
        return record
    }

    private static var sourceRecord: SourceRecord {
        var record = SourceRecord(source: "platform", workspace: .test, url: "/repository", ref: "main", path: "")
        record.appliedCommit = "a46e0000c0ffee0123456789abcdef0123456789"
        record.lastGoodCommit = "4b30e7e1c0ffee0123456789abcdef0123456789"
        return record
    }

    private static let statuses: [(name: String, status: SourceStatus)] = [
        ("none", SourceStatus(name: "platform", record: nil, last: nil, objects: [], conditions: [])),
        (
            "in-sync",
            SourceStatus(
                name: "platform", record: sourceRecord, last: pass("changed"),
                objects: [
                    object("Install", "checkout-eu", "inst_1"),
                    object("Cluster", "prod-eu", "clu_1") { $0.ownership = .shared },
                    object("Install", "gone", "inst_0") { $0.life = .gone },
                ], conditions: [])
        ),
        (
            "suspended",
            SourceStatus(
                name: "platform", record: sourceRecord,
                suspensions: [
                    .init(
                        author: .person, reason: "the \u{1B}[31mrelease freeze", since: start,
                        until: start / 1_000 + 7_200),
                    .init(author: .settings, reason: "until the audit is over"),
                ], last: pass("in_sync"), objects: [object("Install", "checkout-eu", "inst_1")],
                conditions: [
                    ConditionRecord(
                        identity: identity("Install", "checkout-us"), code: "suspended",
                        sentence: "a person has suspended the source: the \u{1B}[31mrelease freeze", since: start,
                        nextAttempt: start / 1_000 + 7_200)
                ])
        ),
        (
            "waiting",
            SourceStatus(
                name: "platform", record: sourceRecord, last: pass("blocked"),
                objects: [
                    object("Install", "checkout-eu", "inst_1"),
                    object("Install", "shop", "inst_2") { $0.life = .deleting },
                    object("Install", "postgres-eu", "inst_3") { $0.lastError = "no capacity\u{1B}[2J" },
                ],
                conditions: [
                    ConditionRecord(
                        identity: identity("Install", "checkout-eu"), code: "dependency",
                        sentence: "waits for Install/postgres-eu\u{2028}, which is not healthy", since: start,
                        nextAttempt: start / 1_000 + 60),
                    ConditionRecord(
                        identity: identity("Install", "checkout-us"), code: "missing-reference",
                        sentence: "package 'nowhere' is neither declared in this source nor in the workspace",
                        since: start, nextAttempt: nil),
                ])
        ),
    ]

    @Test(arguments: Self.statuses.indices)
    func `status as text, in colour and as JSON`(_ index: Int) throws {
        let (name, status) = Self.statuses[index]
        let clock = Clock(now: Self.start + 190_000)
        try Golden.expect(
            StatusText(terminal: Terminal(hasColor: false), clock: clock).text(of: status), is: "status/\(name).txt")
        try Golden.expect(
            StatusText(terminal: Terminal(hasColor: true), clock: clock).text(of: status),
            is: "status/\(name).color.txt")
        let document = StatusJSON.document(of: [status])
        let json = JSONWriter(isPretty: true).text(of: document) + "\n"
        try Golden.expect(json, is: "status/\(name).json")
        #expect(try JSONReader.read(json) == document)
    }

    private static let passes: [PastPass] = [
        PastPass(record: pass(nil) { ($0.id, $0.commitSubject) = ("rec-3", "Killed \u{1B}[31mhere") }, actions: []),
        PastPass(
            record: pass("partial") { record in
                (record.id, record.commitSubject) = ("rec-2", "Open the American shop")
                record.counts["failed"] = 1
            },
            actions: [
                action(0, "create", "checkout-us", "failed", "no capacity in us-east"),
                action(1, "set_automatic_updates", "checkout-us", "deferred", "waits for: create Install/checkout-us"),
            ]),
        PastPass(
            record: pass("changed"), actions: [action(0, "create", "checkout-eu", "succeeded", nil)]),
    ]

    private static func action(
        _ position: Int, _ word: String, _ name: String, _ outcome: String, _ error: String?
    ) -> ActionRecord {
        ActionRecord(
            reconcile: "rec", position: position, identity: identity("Install", name), action: word,
            reason: "declared", outcome: outcome, resourceID: "inst_1", intent: "rec-\(position)", error: error,
            finishedAt: start)
    }

    @Test func `history as text, in colour and as JSON`() throws {
        try Golden.expect(HistoryText(terminal: Terminal(hasColor: false)).text(of: Self.passes), is: "history.txt")
        try Golden.expect(
            HistoryText(terminal: Terminal(hasColor: true)).text(of: Self.passes), is: "history.color.txt")
        let document = HistoryJSON.document(of: Self.passes)
        let json = JSONWriter(isPretty: true).text(of: document) + "\n"
        try Golden.expect(json, is: "history.json")
        #expect(try JSONReader.read(json) == document)
        #expect(HistoryText(terminal: Terminal(hasColor: false)).text(of: []) == "No pass has changed anything yet.\n")
    }

    @Test(arguments: [true, false])
    func `a plan that was made again is shown below the verdict`(_ isSame: Bool) throws {
        let plan = Plan(source: SourceIdentity(workspace: .test, name: "platform"), commit: "4b30e7e1")
        let digest = isSame ? plan.digest : "00000000000000000000000000000000"
        let stored = StoredPlanning(
            reconcile: "rec-1", source: "platform", recordedAt: Self.start, digest: digest, input: [])
        let replay = Replay(record: Self.pass("changed"), stored: stored, plan: plan)
        #expect(replay.isSame == isSame)
        let name = "replay/" + (isSame ? "same" : "other")
        try Golden.expect(replay.text(Terminal(hasColor: false), showsValues: false), is: name + ".txt")
        let json = JSONWriter(isPretty: true).text(of: replay.document(showsValues: false)) + "\n"
        try Golden.expect(json, is: name + ".json")
    }
}
