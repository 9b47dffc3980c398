import CGit2
import GitPlumbing
import Glibc
import Subprocess

/// One repository that is followed: a bare mirror of one branch, brought up to date by a program of its own, and the
/// commits in it as values.
///
/// Nothing of a remote is waited for or parsed in this process; what is in the mirror is read here, from the object
/// database and never from a work tree (I7). An actor, since the mirror is used by one at a time, on a thread of its
/// own, since libgit2 blocks. It logs nothing: what happened is in the values that it returns.
package actor GitSource {
    /// The version of libgit2, which this process and the fetch program load from the same file.
    package static var libraryVersion: String { LibGit2.version }

    package nonisolated let configuration: Configuration
    private let remote: RemoteURL
    private let layout: MirrorLayout
    private let executor: GitExecutor
    private var reader: TreeReader
    /// The last read found objects missing or broken, so the next fetch clones anew.
    private var isDamaged = false
    /// What the last fetch led to, and the last one that replaced a damaged mirror.
    private var tip: CommitID?
    private var replacedTip: CommitID?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Checks the configuration; asks neither disk nor network.
    package init(_ configuration: Configuration) throws(GitError) {
        do { try LibGit2.start() } catch { throw GitError(reading: error) }
        remote = try RemoteURL(configuration.url)
        for path in [configuration.directory, configuration.fetchProgram, configuration.caFile ?? "/"] {
            guard path.hasPrefix("/"), !path.utf8.contains(0) else {
                throw .configuration(.badPath(path, problem: "it is not absolute"))
            }
        }
        guard try configuration.ref.isValid else { throw .configuration(.badBranch(configuration.ref.name)) }
        self.configuration = configuration
        layout = MirrorLayout(directory: configuration.directory)
        executor = GitExecutor(name: configuration.name)
        reader = TreeReader(limits: configuration.treeLimits)
    }

    /// Asks the remote for the branch's tip and brings what the mirror lacks of it.
    ///
    /// One connection does both, so a tip that has not moved costs one exchange and writes nothing. After any failure,
    /// a kill of either process included, the mirror is as it was or as it should be.
    /// - Parameter deadline: ends the fetch in any case; the configuration's own if nil.
    package func fetch(deadline: Duration? = nil) async throws(GitError) -> FetchOutcome {
        let deadline = deadline ?? configuration.deadline
        let request = request(deadline: deadline)
        let report = try await report(on: request, deadline: deadline)
        switch report.outcome {
        case .unchanged(let commit): return try outcome(report, commit, .unchanged)
        case .changed(let commit, let previous):
            return try outcome(report, commit, .moved(from: previous.flatMap { CommitID($0) }))
        case .failed(let failure):
            throw GitError(failure, url: remote.text, branch: configuration.ref.name, limits: request.limits)
        case nil: throw .fetch(.ended(.exit(0)), url: remote.text)
        }
    }

    private func outcome(
        _ report: FetchReport, _ commit: String, _ change: FetchOutcome.Change
    ) throws(GitError) -> FetchOutcome {
        guard let commit = CommitID(commit) else {
            throw .mirror(.library(call: "the fetch", code: -1, message: "its report names no commit"))
        }
        isDamaged = false
        tip = commit
        if report.events.contains(where: { if case .replaced = $0 { true } else { false } }) { replacedTip = commit }
        return FetchOutcome(
            revision: Revision(branch: configuration.ref.name, commit: commit), change: change,
            events: report.events.map { event in
                switch event {
                case .cloned: .cloned
                case .replaced(let reason): .replaced(reason: reason)
                case .compacted(let packs): .compacted(packs: packs)
                }
            }, receivedObjects: report.progress.receivedObjects, receivedBytes: report.progress.receivedBytes)
    }
}

extension GitSource {
    /// The request but for the credentials.
    private func request(deadline: Duration) -> FetchRequest {
        let limits = configuration.fetchLimits
        var request = FetchRequest(
            remote: remote.remote, directory: configuration.directory, reference: configuration.ref.full,
            limits: FetchRequest.Limits(
                objects: limits.objects, receivedBytes: limits.receivedBytes, memoryBytes: limits.memoryBytes,
                // A net under the deadline, for the case that this process is held up itself.
                cpuSeconds: Int(deadline.components.seconds) + 1),
            parent: getpid())
        request.caFile = configuration.caFile
        request.replacesMirror = isDamaged
        return request
    }

    /// Runs the fetch program; its report, whatever it says.
    private func report(on request: FetchRequest, deadline: Duration) async throws(GitError) -> FetchReport {
        let message = try await sealed(request)
        let ending: FetchProcess.Ending
        do {
            ending = try await FetchProcess(program: configuration.fetchProgram).run(message, deadline: deadline)
        } catch is CancellationError {
            throw .cancelled
        } catch {
            let reason = "\(error)".cleaned(bytesMax: 500)
            if let error = error as? SubprocessError, error.code == .executableNotFound {
                throw .configuration(.missingFetchProgram(path: configuration.fetchProgram, reason: reason))
            }
            throw .fetch(.notRun(reason: reason), url: remote.text)
        }
        guard !Task.isCancelled else { throw .cancelled }
        switch ending {
        case .finished(let status, let output):
            let report = try decode(output)
            guard report.outcome == nil else { return report }
            switch status {
            case .exited(let code): throw .fetch(.ended(.exit(code)), url: remote.text)
            case .signaled(let number): throw .fetch(.ended(.signal(number)), url: remote.text)
            }
        case .late(let output):
            let report = try decode(output)
            // It may have come to its end while it was being killed.
            guard report.outcome == nil else { return report }
            throw .fetch(
                .late(
                    after: deadline, receivedObjects: report.progress.receivedObjects,
                    receivedBytes: report.progress.receivedBytes), url: remote.text)
        }
    }

    private func decode(_ output: [UInt8]) throws(GitError) -> FetchReport {
        do { return try FetchReport(decoding: output) } catch {
            throw .mirror(.library(call: "the fetch", code: -1, message: error.problem))
        }
    }

    /// The request as it goes over the pipe, with the credentials of this moment.
    ///
    /// What they passed through on the way is overwritten.
    private func sealed(_ request: FetchRequest) async throws(GitError) -> Secret {
        var request = request
        if let provider = configuration.credentials {
            let credentials: GitCredentials?
            do { credentials = try await provider() } catch {
                throw .configuration(.credentialsUnavailable(reason: "\(error)".cleaned(bytesMax: 500)))
            }
            request.username = credentials?.username
            request.password = credentials?.password.withBytes { Array($0) }
            guard request.username?.utf8.contains(0) != true, request.password?.contains(0) != true else {
                throw .configuration(.credentialsUnavailable(reason: "they hold a zero byte"))
            }
        }
        var encoded = request.encoded
        defer {
            encoded.wipe()
            request.password?.wipe()
        }
        return Secret(encoded)
    }
}

extension GitSource {
    /// What people wrote about a commit.
    package func info(of commit: CommitID) throws(GitError) -> CommitInfo {
        try read { (database) throws(GitError) in try database.info(of: commit) }
    }

    /// The one commit of the mirror whose id begins with these digits, at least 4 and lower case.
    ///
    /// Nil when no id does, another object's, or more than one.
    package func commit(startingWith prefix: String) throws(GitError) -> CommitID? {
        guard (4...40).contains(prefix.utf8.count),
            prefix.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) })
        else { return nil }
        return try read { (database) throws(GitError) in try database.commit(startingWith: prefix) }
    }

    /// Every file under a path at one commit, sizes included, contents not.
    ///
    /// - Parameter path: `clusters/prod`; empty means the whole repository.
    package func snapshot(at commit: CommitID, under path: String = "") throws(GitError) -> TreeSnapshot {
        let path = try SourcePath(path)
        let files = try read { (database) throws(GitError) in
            try reader.files(of: commit, under: path, in: database)
        }
        return TreeSnapshot(commit: commit, files: files)
    }

    /// The bytes of files of a snapshot of this source, in their order; all or none, within the limits of a tree.
    package func contents(of files: [SourceFile]) throws(GitError) -> [[UInt8]] {
        try configuration.treeLimits.check(files)
        return try read { (database) throws(GitError) in
            var contents: [[UInt8]] = []
            contents.reserveCapacity(files.count)
            for file in files {
                guard let id = file.id else { preconditionFailure("\(file.path) is not of a snapshot of a source") }
                contents.append(try database.contents(of: id))
            }
            return contents
        }
    }

    /// How `commit` stands to `other` in the history that the mirror holds.
    package func ancestry(of commit: CommitID, relativeTo other: CommitID) throws(GitError) -> Ancestry {
        try read { (database) throws(GitError) in
            guard database.contains(commit), database.contains(other) else { return .unknown }
            if commit == other { return .same }
            if try database.isDescendant(other, of: commit) { return .ancestor }
            return try database.isDescendant(commit, of: other) ? .descendant : .unrelated
        }
    }

    /// The commits that lead to `tip` and not to `base`, newest first, at most `max` of them.
    ///
    /// A base that the mirror does not hold leaves out nothing.
    package func history(of tip: CommitID, after base: CommitID?, max: Int) throws(GitError) -> [CommitInfo] {
        try read { (database) throws(GitError) in
            let known = base.flatMap { database.contains($0) ? $0 : nil }
            var history: [CommitInfo] = []
            for id in try database.history(of: tip, after: known, max: max) {
                history.append(try database.info(of: id))
            }
            return history
        }
    }

    /// Lends the open mirror.
    ///
    /// What looks like damage is read once more, from a mirror opened anew: a fetch at the same time may have joined
    /// packs.
    private func read<Result>(
        _ body: (borrowing ObjectDatabase) throws(GitError) -> Result
    ) throws(GitError) -> Result {
        guard access(layout.repository, F_OK) == 0 else { throw .mirror(.notFetched) }
        do {
            return try body(ObjectDatabase(ofMirror: layout.repository))
        } catch {
            guard case .mirror(.damaged) = error else { throw error }
        }
        do {
            return try body(ObjectDatabase(ofMirror: layout.repository))
        } catch {
            guard case .mirror(.damaged(let detail)) = error else { throw error }
            // A clone anew has not helped, so the objects are broken where they come from.
            if let tip, tip == replacedTip { throw .remote(.malformedPack(detail: detail), url: remote.text) }
            isDamaged = true
            throw error
        }
    }
}
