import AkuaModel
import Foundation
import JSON
import Journal

extension FuzzTarget {
    static let journal = [
        FuzzTarget("journal-file", "a damaged file is found and moved aside, or answers what was written") {
            (input: [UInt8]) async throws in
            let sample = try await SampleJournal.shared.sample()
            var bytes = sample.file
            // Five bytes a change: where, and what to add there; one byte more at the end cuts the file.
            for change in stride(from: 0, through: input.count - 5, by: 5) {
                let offset = input[change..<change + 4].reduce(0) { $0 << 8 | Int($1) } % bytes.count
                bytes[offset] &+= input[change + 4]
            }
            if input.count % 5 == 1, let last = input.last { bytes.removeLast(bytes.count * Int(last) / 256) }
            let folder = try JournalFolder(holding: bytes)
            defer { folder.remove() }
            try await check(folder, madeFrom: sample, isEmpty: bytes.isEmpty)
        }
    ]

    private static func check(
        _ folder: JournalFolder, madeFrom sample: SampleJournal.Content, isEmpty: Bool
    ) async throws {
        do throws(JournalError) {
            guard let journal = try Journal.openReadOnly(directory: folder.path) else { return }
            defer { journal.close() }
            let answers = try await SampleJournal.answers(of: journal)
            guard answers == sample.answers else { throw JournalError(cause: .closed, path: "damage is not seen") }
            return
        } catch {
            try require(error.cause != .closed, error.path)
            // A file of no bytes is a journal that was never begun; a bent version is one of another program.
            let isTold = [.restart, .configuration].contains(error.disposition)
            try require(isTold && error.description.isOneSafeLine, error.description.debugDescription)
        }
        do {
            let opened = try Journal.open(directory: folder.path, now: 1)
            defer { opened.journal.close() }
            let answers = try await SampleJournal.answers(of: opened.journal)
            let isKept = opened.replaced == nil && answers == sample.answers
            try require(isKept || answers.isEmpty, "half of the journal is used")
            try require(opened.replaced != nil || isKept || isEmpty, "a damaged journal is emptied in silence")
        } catch let error as JournalError {
            try require(error.disposition == .configuration, "opening fails: \(error)")
        }
    }
}

/// A state directory of one run; in memory where there is a file system for it, since the property is about bytes.
private struct JournalFolder {
    let path: String

    init(holding bytes: [UInt8]? = nil) throws {
        let root = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        var template = Array("\(root)/akua-gitops-fuzz-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if let bytes { try Data(bytes).write(to: URL(filePath: "\(path)/journal.sqlite")) }
    }

    /// What can't be removed is in memory and small.
    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// Makes, once, a journal with something in its tables.
private actor SampleJournal {
    struct Content: Sendable {
        /// The whole file, closed in good order.
        let file: [UInt8]
        let answers: [String]
    }

    static let shared = SampleJournal()
    private var content: Content?

    func sample() async throws -> Content {
        if let content { return content }
        let folder = try JournalFolder()
        defer { folder.remove() }
        let journal = try Journal.open(directory: folder.path, now: 1).journal
        try await Self.fill(journal)
        let answers = try await Self.answers(of: journal)
        journal.close()
        let made = Content(
            file: [UInt8](try Data(contentsOf: URL(filePath: "\(folder.path)/journal.sqlite"))), answers: answers)
        content = made
        return made
    }

    private static func fill(_ journal: Journal) async throws {
        let workspace = try require(WorkspaceID("ws_1"), "no id")
        let commit = String(repeating: "c0", count: 20)
        var source = SourceRecord(source: "platform", workspace: workspace, url: "/srv/git", ref: "main", path: "")
        source.isInventoryComplete = true
        try await journal.commit([.source(source)])
        for number in 0..<4 {
            let identity = Identity(
                workspace: workspace, source: "platform", kind: "Install", name: "install-\(number)")
            let object = ObjectRecord(
                identity: identity, incarnation: 1, resourceID: "inst_\(number)", ownership: .created, life: .live)
            let intent = IntentRecord(
                id: "int-\(number)", identity: identity, incarnation: 1, reconcile: "rec-1", commit: commit,
                action: "create",
                write: Write(
                    call: .createInstall, body: Array("{}".utf8), idempotencyKey: "agl1-\(number)", ifMatch: nil),
                digest: "d", context: JSONObject(), createdAt: number)
            try await journal.commit([.object(object), .intent(intent)])
        }
        try await journal.commit([.allowance(AllowanceRecord(source: "platform", digest: "d", allowedAt: 1))])
    }

    /// All that a planner asks for, as texts.
    static func answers(of journal: Journal) async throws(JournalError) -> [String] {
        var answers = try await journal.sources().map { "\($0)" }
        answers += try await journal.objects(of: "platform").map { "\($0)" }
        answers += try await journal.unsettledIntents(of: "platform").map { "\($0)" }
        answers += try await journal.allowances(of: "platform").map { "\($0)" }
        return answers
    }
}
