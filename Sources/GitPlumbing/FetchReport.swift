/// What the fetch child says on its standard output: how far it has come, and once at the end how it went.
package struct FetchReport: Equatable, Sendable {
    package enum Outcome: Equatable, Sendable {
        /// The remote's tip is the mirror's: nothing was written.
        case unchanged(commit: String)
        /// The mirror's tip has moved; `previous` is nil after a clone.
        case changed(commit: String, previous: String?)
        case failed(FetchFailure)
    }

    /// What happened to the mirror besides.
    package enum Event: Equatable, Sendable {
        case cloned
        case replaced(reason: String)
        case compacted(packs: Int)
    }

    package struct Progress: Equatable, Sendable {
        package var receivedObjects = 0
        package var totalObjects = 0
        package var receivedBytes = 0

        package init() {}
    }

    /// Nil while the child is at work, and for ever if it did not come to its end.
    package var outcome: Outcome?
    package var events: [Event] = []
    package var progress = Progress()

    package init() {}
}

/// Why the child could not bring the mirror up to date.
package struct FetchFailure: Error, Equatable, Sendable {
    package enum Reason: String, Sendable, CaseIterable {
        case badRequest = "bad-request"
        case emptyRepository = "empty-repository"
        case missingReference = "missing-reference"
        case notACommit = "not-a-commit"
        case repositoryNotFound = "repository-not-found"
        case foreignOwner = "foreign-owner"
        case shallowRemote = "shallow-remote"
        case credentialsRefused = "credentials-refused"
        case certificateRefused = "certificate-refused"
        case redirected = "redirected"
        case httpStatus = "http-status"
        case notGit = "not-git"
        case unreachable = "unreachable"
        case objectsLimit = "objects-limit"
        case receivedBytesLimit = "received-bytes-limit"
        case memoryLimit = "memory-limit"
        case malformedPack = "malformed-pack"
        case storage = "storage"
        case other = "other"
    }

    package var reason: Reason
    /// The particulars that the reason has: a status, a host, the library's own words.
    ///
    /// Never a secret.
    package var detail: String
    /// For a missing reference: some that are there; at most 20.
    package var references: [String] = []

    package init(_ reason: Reason, _ detail: String = "", references: [String] = []) {
        self.reason = reason
        self.detail = detail
        self.references = Array(references.prefix(20))
    }
}

extension FetchReport {
    private enum Key {
        static let unchanged = "unchanged"
        static let changed = "changed"
        static let previous = "previous"
        static let failed = "failed"
        static let detail = "detail"
        static let reference = "reference"
        static let cloned = "cloned"
        static let replaced = "replaced"
        static let compacted = "compacted"
        static let progress = "progress"
    }

    /// The records of how far a transfer is; they may come many times, the last one counts.
    package static func encoded(_ progress: Progress) -> [UInt8] {
        var records = Records()
        records.append(
            Key.progress, "\(progress.receivedObjects) \(progress.totalObjects) \(progress.receivedBytes)")
        return records.bytes
    }

    package var encoded: [UInt8] {
        var records = Records()
        for event in events {
            switch event {
            case .cloned: records.append(Key.cloned, "")
            case .replaced(let reason): records.append(Key.replaced, reason)
            case .compacted(let packs): records.append(Key.compacted, packs)
            }
        }
        switch outcome {
        case nil: break
        case .unchanged(let commit): records.append(Key.unchanged, commit)
        case .changed(let commit, let previous):
            if let previous { records.append(Key.previous, previous) }
            records.append(Key.changed, commit)
        case .failed(let failure):
            records.append(Key.detail, failure.detail.utf8.filter { $0 != 0 })
            for reference in failure.references { records.append(Key.reference, reference) }
            records.append(Key.failed, failure.reason.rawValue)
        }
        return Self.encoded(progress) + records.bytes
    }

    /// Whatever of a report has arrived, whole or cut off.
    ///
    /// Records of unknown keys are left out.
    package init(decoding message: [UInt8]) throws(MalformedMessage) {
        var previous: String?
        var detail = ""
        var references: [String] = []
        for (key, value) in try Records.read(message) {
            let text = String(decoding: value, as: UTF8.self)
            switch key {
            case Key.progress: progress = try Progress(decoding: text)
            case Key.cloned: events.append(.cloned)
            case Key.replaced: events.append(.replaced(reason: text))
            case Key.compacted: events.append(.compacted(packs: Int(text) ?? 0))
            case Key.previous: previous = text
            case Key.detail: detail = text
            case Key.reference: references.append(text)
            case Key.unchanged: outcome = .unchanged(commit: text)
            case Key.changed: outcome = .changed(commit: text, previous: previous)
            case Key.failed:
                let reason = FetchFailure.Reason(rawValue: text) ?? .other
                outcome = .failed(FetchFailure(reason, detail, references: references))
            default: break
            }
        }
    }
}

extension FetchReport.Progress {
    fileprivate init(decoding text: String) throws(MalformedMessage) {
        let numbers = text.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 3 else { throw MalformedMessage(problem: "progress is not three numbers") }
        (receivedObjects, totalObjects, receivedBytes) = (numbers[0], numbers[1], numbers[2])
    }
}
