import AkuaModel
import Foundation
import JSON
import Journal
import TestSupport
import Testing

/// A state directory of one test's own, and what may become of its files.
final class Scratch: Sendable {
    private let folder: TemporaryFolder
    var path: String { folder.path }

    init() throws { folder = try TemporaryFolder() }

    var database: String { path + "/journal.sqlite" }

    /// Opens the journal in this directory, which must be found whole.
    func open(retention: Retention = .standard, sourceLocation: SourceLocation = #_sourceLocation) throws -> Journal {
        let opened = try Journal.open(directory: path, now: Sample.now, retention: retention)
        #expect(opened.replaced == nil, sourceLocation: sourceLocation)
        #expect(!opened.hasLostCommits, sourceLocation: sourceLocation)
        return opened.journal
    }

    /// The files as a crash would leave them now: a copy in a directory of its own, without the log's index.
    func crashed() throws -> Scratch {
        let copy = try Scratch()
        for name in try FileManager.default.contentsOfDirectory(atPath: path) where !name.hasSuffix("-shm") {
            try FileManager.default.copyItem(atPath: "\(path)/\(name)", toPath: "\(copy.path)/\(name)")
        }
        return copy
    }

    func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }
}

/// SplitMix64: the same numbers from the same seed, on every machine.
struct Seed: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: Int) { state = UInt64(bitPattern: Int64(seed)) }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Records as the reconciler writes them.
enum Sample {
    /// 2026-11-21T12:00:00Z in Unix milliseconds.
    static let now = 1_795_262_400_000
    static let commit = String(repeating: "c0", count: 20)
    static let digest = String(repeating: "d1", count: 32)

    static func id<Tag>(_ text: String) throws -> Identifier<Tag> { try #require(Identifier<Tag>(text)) }

    static func json(_ value: JSONValue) -> JSONObject { value.object ?? JSONObject() }

    static func identity(_ name: String = "checkout-eu", source: String = "platform") throws -> Identity {
        Identity(workspace: try id("ws_1"), source: source, kind: "Install", name: name)
    }

    static func source(_ name: String = "platform") throws -> SourceRecord {
        SourceRecord(
            source: name, workspace: try id("ws_1"), url: "https://git.example.com/acme/platform.git", ref: "main",
            path: "clusters/prod")
    }

    static func object(_ name: String = "checkout-eu", source: String = "platform") throws -> ObjectRecord {
        var record = ObjectRecord(
            identity: try identity(name, source: source), incarnation: 1, resourceID: "inst_\(name)",
            ownership: .created, life: .live)
        record.appliedDigest = digest
        record.renderedDigest = digest
        record.renderedCommit = commit
        record.requested = json(["version": "1.4.0", "values": .string(digest), "region": "reg_1"])
        record.commit = commit
        record.path = "clusters/prod/\(name).yaml"
        return record
    }

    static func intent(
        _ id: String, _ name: String = "checkout-eu", source: String = "platform", createdAt: Int = now
    ) throws -> IntentRecord {
        IntentRecord(
            id: id, identity: try identity(name, source: source), incarnation: 1, reconcile: "rec-1", commit: commit,
            action: "create",
            write: Write(
                call: .createInstall, body: Array(#"{"values":{"replicas":3}}"#.utf8),
                idempotencyKey: "agl1-" + String(repeating: "a", count: 26) + "-" + String(repeating: "b", count: 26),
                ifMatch: nil),
            digest: digest, context: json(["attempt": 1]), createdAt: createdAt)
    }

    static func closed(_ intent: IntentRecord, at time: Int = now + 1_000) -> IntentRecord {
        var intent = intent
        intent.state = .closed
        intent.outcome = .succeeded
        intent.resourceID = "inst_1"
        intent.httpStatus = 200
        intent.closedAt = time
        return intent
    }

    static func render(_ id: String, _ name: String = "checkout-eu", recordedAt: Int = now) throws -> RenderRecord {
        RenderRecord(
            identity: try identity(name), intent: "int-1", install: try self.id("inst_1"), render: try self.id(id),
            operation: try self.id("op_1"), commit: commit, commitSHA: String(repeating: "e", count: 40),
            state: "deployed", recordedAt: recordedAt)
    }

    static func reconcile(_ id: String, source: String = "platform", startedAt: Int = now) -> ReconcileRecord {
        var record = ReconcileRecord(
            id: id, source: source, revision: "main@sha1:\(commit)", commit: commit,
            commitAuthor: "Ada <ada@example.com>",
            commitSubject: "Bump checkout to 1.4.0", startedAt: startedAt)
        record.finishedAt = startedAt + 500
        record.outcome = "changed"
        record.planDigest = digest
        record.counts = json(["created": 1, "updated": 0])
        return record
    }

    static func action(
        _ reconcile: String, _ position: Int, _ name: String = "checkout-eu", finishedAt: Int = now
    ) throws -> ActionRecord {
        ActionRecord(
            reconcile: reconcile, position: position, identity: try identity(name), action: "create",
            reason: "declared and not there", outcome: "succeeded", resourceID: "inst_1", intent: "int-1", error: nil,
            finishedAt: finishedAt)
    }

    static func condition(_ name: String, _ code: String, since: Int = now) throws -> ConditionRecord {
        ConditionRecord(
            identity: try identity(name), code: code, sentence: "waits for Install/postgres-eu", since: since,
            nextAttempt: 1_795_262_460)
    }
}
