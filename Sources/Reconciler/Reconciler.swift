package import AkuaAPI
package import AkuaModel
import JSON
package import Journal
package import Manifests
import Planning
package import Telemetry

/// Makes one source's workspace match its git: one pass is fetch, parse, observe, plan, execute, record.
///
/// A value: all state is in the journal, so that a pass can end anywhere and the next one goes on from there.
package struct Reconciler: Sendable {
    /// Where a source is read from, as far as identity and pruning care (I9).
    package struct Source: Equatable, Sendable {
        package var name: String
        package var url: String
        package var ref: String
        package var path: String
        /// Names that it had before: what is marked by one of them is this source's.
        package var formerNames: [String]
        /// The other sources of the same daemon: what the journal gives to one of them can't be this source's.
        package var neighbours: [String]

        package init(
            name: String, url: String, ref: String, path: String, formerNames: [String] = [], neighbours: [String] = []
        ) {
            self.formerNames = formerNames
            self.neighbours = neighbours
            self.name = name
            self.url = url
            self.ref = ref
            self.path = path
        }
    }

    /// Who asked for the pass.
    package enum Mode: Sendable {
        /// The daemon: an invalid commit leaves the last good one in force, back-off times are kept.
        case daemon
        /// A person, once: an invalid commit writes nothing, back-off times are not waited for.
        case once
    }

    package var source: Source
    package var repository: any SourceRepository
    package var platform: any Platform
    package var journal: Journal
    /// The workspace that the configuration names; nil: the only one that the token sees.
    package var workspace: WorkspaceID?
    package var environment: Environment
    package var logger: Logger
    package var meters: Meters
    package var traces: Traces
    /// The platform as the settings of a commit want it called (retries, deadlines), under the pass's name, and sending
    /// no write once the pass is to end.
    package var tuned: Tuning
    /// What the sources that see the same workspace read together; nil for one that is alone.
    package var sharedLists: SharedLists?
    /// Of those, what has begun to be read since the pass began.
    var reader: SharedLists.Reader?
    /// What passes have read of versions: spares later ones the reading, and is nothing that a pass depends on.
    package var versionLists = VersionLists()
    /// What the last pass had on record: the same kind of thing.
    package var lastRecorded = LastRecorded()

    package typealias Tuning = @Sendable (any Platform, Settings, _ reconcile: String, PassControl) -> any Platform

    package init(
        source: Source, repository: any SourceRepository, platform: any Platform, journal: Journal,
        workspace: WorkspaceID?, environment: Environment, logger: Logger, meters: Meters, traces: Traces = .none,
        tuned: @escaping Tuning = { platform, _, _, _ in platform }
    ) {
        self.source = source
        self.repository = repository
        self.platform = platform
        self.journal = journal
        self.workspace = workspace
        self.environment = environment
        self.logger = logger
        self.meters = meters
        self.traces = traces
        self.tuned = tuned
    }

    /// One pass that writes.
    ///
    /// It always ends with a report; what could not be done is in there.
    package func reconcile(_ mode: Mode, control: PassControl = PassControl()) async -> PassReport {
        await run(mode, control, isReadOnly: false)
    }

    /// One pass that only looks: what ``reconcile(_:control:)`` would do now.
    package func plan() async -> PassReport {
        await run(.once, PassControl(), isReadOnly: true)
    }

    private func run(_ mode: Mode, _ control: PassControl, isReadOnly: Bool) async -> PassReport {
        let id = environment.reconcileID()
        let started = environment.uptime()
        var report = PassReport(source: source.name, reconcile: id, startedAt: environment.now())
        var reconciler = self
        reconciler.reader = sharedLists?.reader()
        reconciler.logger = logger.binding([.source: source.name, .reconcileID: id])
        // The settings of the commit are not known yet; the pass's name is.
        reconciler.platform = tuned(platform, Settings(), id, control)
        do throws(PassError) {
            try await reconciler.make(&report, mode, control, isReadOnly: isReadOnly)
        } catch {
            reconciler.giveUp(&report, error, control)
            if !isReadOnly, let error = report.error, error.isWorthRecording {
                await reconciler.record(error.description, of: report)
            }
        }
        let elapsed = environment.uptime() - started
        report.finish(at: environment.now(), after: elapsed)
        if !isReadOnly {
            meters.reconciled(
                source: source.name, outcome: report.outcome.word, in: .milliseconds(elapsed))
        }
        return report
    }

    /// The pass itself: fetches, and does what the commit asks for as one trace.
    ///
    /// Until a commit is applied, all that is done about it has the commit's own trace.
    private func make(
        _ report: inout PassReport, _ mode: Mode, _ control: PassControl, isReadOnly: Bool
    ) async throws(PassError) {
        report.suspension = try await suspension()
        let began = traces.now
        let fetched: FetchedRevision
        do throws(PassError) {
            fetched = try await reading(control) { () async throws(PassError) in try await fetch() }
        } catch {
            traces.record(
                "fetch", since: began, failure: error.code, [.source: source.name, .reconcileID: report.reconcile])
            throw error
        }
        let hasFetched = traces.now
        report.revision = fetched
        control.fetched(fetched.commit)
        var known = try await recall(isReadOnly: isReadOnly)
        let isApplied = known.source?.appliedCommit == fetched.commit
        try await traces.span(
            "reconcile", since: began, revision: isApplied ? nil : fetched.commit,
            [.revision: fetched.commit, .source: source.name, .reconcileID: report.reconcile]
        ) { span throws(PassError) in
            traces.record("fetch", since: began, until: hasFetched)
            if let pass = try await open(fetched, &known, &report, mode, control, isReadOnly: isReadOnly) {
                try await drive(pass, control, &report)
                if let revision = known.revision {
                    lastRecorded.keep([pass.identity.workspace: pass.ledger.objects], of: journal, at: revision)
                }
            } else if !isReadOnly, let rejection = report.rejection {
                await record(rejection, of: report)
            }
            span.set([.outcome: report.outcome.word])
        }
    }

    /// Says why there is no more to the pass: told to end while it only read, it has left nothing behind.
    private func giveUp(_ report: inout PassReport, _ error: PassError, _ control: PassControl) {
        // What a cancelled task was at when the daemon had no more time is no trouble of its own.
        let isInterrupted = error == .interrupted || Task.isCancelled
        switch control.ending {
        case .superseded? where isInterrupted:
            report.outcome = .superseded
            logger.emit(
                .reconcileSuperseded, "a newer commit takes over before anything was done",
                [.outcome: report.outcome.rawValue])
        case .stopping? where isInterrupted:
            report.error = .interrupted
            report.outcome = .failed
            logger.emit(.reconcileSkipped, "the daemon stops before anything was done", [.reason: "stopping"])
        case nil, .superseded?, .stopping?:
            report.error = error
            report.outcome = .failed
            logger.emit(
                .reconcileFailed, "the pass could not be made",
                [.outcome: report.outcome.rawValue, .errorCode: error.code, .error: error.description])
        }
    }

    /// What `body` reads, unless the pass is told to end first: a read that is cut short has changed nothing.
    func reading<Value: Sendable>(
        _ control: PassControl, _ body: @escaping @Sendable () async throws(PassError) -> Value
    ) async throws(PassError) -> Value {
        let result: Result<Value, PassError>? = await control.unlessEnded {
            do throws(PassError) { return .success(try await body()) } catch { return .failure(error) }
        }
        guard let result else { throw .interrupted }
        return try result.get()
    }

    /// Parses; nil when there is nothing to plan, which the report then explains.
    private func open(
        _ fetched: FetchedRevision, _ memory: inout Memory, _ report: inout PassReport, _ mode: Mode,
        _ control: PassControl,
        isReadOnly: Bool
    ) async throws(PassError) -> Pass? {
        let known = memory.source
        report.inSyncCommit = known?.appliedCommit
        let workspaceID = try await reading(control) { () async throws(PassError) in try await checkWorkspace(known) }
        var applied = fetched
        var isPruneAllowed = true
        var loaded = try await load(applied.commit)
        if case .invalid(let errors) = loaded {
            report.manifestErrors = errors
            reject(fetched, errors)
            // I8: the daemon keeps the last good revision in force, without pruning.
            guard mode == .daemon, !isReadOnly, let good = known?.lastGoodCommit, good != fetched.commit else {
                report.outcome = .rejected
                return nil
            }
            isPruneAllowed = false
            loaded = try await load(good)
            do { applied = try await repository.revision(at: good) } catch { throw .git(error) }
        }
        var declarations = Declarations(DesiredState())
        switch loaded {
        case .invalid:
            report.outcome = .rejected
            return nil
        case .empty(let sentence):
            guard known?.lastGoodCommit != nil else {
                report.outcome = .rejected
                report.emptyPath = sentence
                logger.emit(.sourceRejected, "the source holds no manifest", [.error: sentence])
                return nil
            }
            report.emptyPath = sentence
        case .valid(let declared, let warnings):
            declarations = declared
            report.warnings = warnings
        }
        let identity = SourceIdentity(workspace: workspaceID, name: source.name)
        report.appliedRevision = applied.revision
        // The ledger changes them: a second holder would have it copy them first.
        let ledger = Ledger(
            journal: journal, source: identity, objects: memory.objects[workspaceID] ?? RecordedObjects())
        memory.objects = [:]
        return Pass(
            id: report.reconcile, startedAt: report.startedAt, mode: mode, isReadOnly: isReadOnly, identity: identity,
            fetched: fetched, applied: applied, declarations: declarations,
            isPathEmpty: report.emptyPath != nil,
            isPruneAllowed: isPruneAllowed,
            record: known
                ?? SourceRecord(
                    source: source.name, workspace: workspaceID, url: source.url, ref: source.ref, path: source.path),
            hasJournal: known != nil, suspension: report.suspension,
            ledger: ledger)
    }

    /// What the journal knows of the source, and of its objects.
    ///
    /// The revision of the journal that the objects are of, when they are worth keeping.
    private typealias Memory = (source: SourceRecord?, objects: [WorkspaceID: RecordedObjects], revision: Int?)

    /// Asks the journal for both.
    ///
    /// What it knows under a former name is carried over first, unless there is something under the present one; a pass
    /// that only looks reads it where it is.
    private func recall(isReadOnly: Bool) async throws(PassError) -> Memory {
        do throws(JournalError) {
            let (objects, revision) = try await lastRecorded.take(of: source.name, in: journal)
            guard objects.isEmpty else { return (try await journal.source(source.name), objects, revision) }
            for former in source.formerNames {
                guard let record = try await journal.source(former) else { continue }
                if isReadOnly { return (record, try await journal.recordedObjects(of: former), nil) }
                try await journal.commit([.sourceRenamed(from: former, to: source.name)])
                break
            }
            return (try await journal.source(source.name), try await journal.recordedObjects(of: source.name), nil)
        } catch {
            throw .journal("what it knows of the source can't be read: \(error)")
        }
    }

    /// What a person has suspended at present, under this name of the source or a former one.
    private func suspension() async throws(PassError) -> PassReport.Suspension? {
        for name in [source.name] + source.formerNames {
            let record = try await journaled { () async throws(JournalError) in
                try await journal.suspension(of: name)
            }
            if let record { return record.holds(at: environment.seconds) ? PassReport.Suspension(record) : nil }
        }
        return nil
    }

    private func fetch() async throws(PassError) -> FetchedRevision {
        let started = environment.uptime()
        do {
            let fetched = try await repository.fetch()
            let duration = environment.uptime() - started
            meters.fetched(in: .milliseconds(duration))
            logger.emit(
                .sourceFetched, "the watched ref was read",
                [
                    .revision: fetched.revision, .commit: fetched.commit, .author: fetched.author,
                    .subject: fetched.subject, .durationMs: duration,
                ])
            return fetched
        } catch {
            logger.emit(.sourceFailed, "the watched ref can't be read", [.error: error.description])
            throw .git(error)
        }
    }

    /// I17: before a pass the token's workspace is read and must be the one in the journal.
    private func checkWorkspace(_ known: SourceRecord?) async throws(PassError) -> WorkspaceID {
        let seen: [Workspace]
        do { seen = try await platform.workspaces() } catch { throw .api(error) }
        let chosen: WorkspaceID
        if let workspace {
            guard seen.contains(where: { $0.id == workspace }) else {
                throw .workspaceUnknown(
                    "the token does not see workspace \(workspace), which the configuration names: "
                        + "check api.workspace and the token")
            }
            chosen = workspace
        } else {
            guard seen.count == 1 else {
                throw .workspaceUnknown(
                    "the token sees \(seen.count) workspaces: name one with api.workspace")
            }
            chosen = seen[0].id
        }
        if let known, known.workspace != chosen {
            throw .workspaceChanged(known: known.workspace.text, seen: chosen.text)
        }
        return chosen
    }

    private func load(_ commit: String) async throws(PassError) -> LoadedSource {
        try await traces.span("parse", [.revision: commit]) { span throws(PassError) in
            do throws(SourceError) { return try await repository.load(commit) } catch { throw PassError.git(error) }
        }
    }

    private func reject(_ fetched: FetchedRevision, _ errors: [ManifestError]) {
        logger.emit(
            .sourceRejected, "the commit is invalid and changes nothing",
            [.revision: fetched.revision, .commit: fetched.commit, .count: errors.count])
        for error in errors.prefix(100) {
            logger.emit(
                .manifestInvalid, "a manifest is invalid",
                [
                    .commit: fetched.commit, .file: error.location.file, .line: error.location.line,
                    .column: error.location.column, .error: error.message,
                ])
        }
    }

    func journaled<Value>(
        _ body: () async throws(JournalError) -> Value
    ) async throws(PassError) -> Value {
        do { return try await body() } catch { throw .journal("the journal can't be read: \(error)") }
    }
}
