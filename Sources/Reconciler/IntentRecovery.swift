import AkuaAPI
import AkuaModel
import JSON
import Journal
import Manifests
import Planning
import Telemetry

/// Settles what an earlier pass left without an outcome, before anything else is written to the same identity (I4).
extension IntentRunner {
    /// How long the platform is trusted to remember an idempotency key; beyond, the effect is looked for first.
    private static let keyMemory = Duration.seconds(20 * 3_600)
    /// By how many seconds the platform's clock may be behind ours.
    private static let clockSkew = 300

    func settle(_ intent: IntentRecord) async -> ActionOutcome {
        logger(for: intent).emit(
            .journalRecovered, "settling a write that an earlier pass left without an outcome",
            [.state: intent.state.rawValue, .operationID: intent.operation?.text])
        do {
            if intent.state == .running, let operation = intent.operation {
                return try await wait(intent, for: operation, nil)
            }
            switch try await effect(of: intent) {
            case .none where deletesDeclared(intent):
                return try await lapse(intent, "it was not deleted, and is declared again")
            case .none where !sends:
                return .deferred(.suspended, "it is sent again once the source is written to again")
            case .none: return await send(intent, isRepeated: true)
            case .operation(let id): return try await wait(intent, for: id, nil)
            case .answer(let answer): return try await follow(intent, answer)
            case .done: return try await conclude(intent, nil, nil)
            case .lapsed(let sentence): return try await lapse(intent, sentence)
            }
        } catch let error as APIError {
            return error.disposition == .cancelled
                ? .interrupted : .deferred(.readFailed, "its effect can't be looked for: \(error.description)")
        } catch {
            return .failed("the journal can't be written: \(error)")
        }
    }

    /// Whether an intent would delete what has come back to git since.
    private func deletesDeclared(_ intent: IntentRecord) -> Bool {
        switch intent.write.call {
        case .deleteInstall, .deleteCluster, .deletePackage:
            ObjectReference(intent.identity).map(isDeclared) ?? false
        default: false
        }
    }

    private func lapse(_ intent: IntentRecord, _ sentence: String) async throws(JournalError) -> ActionOutcome {
        var closing = intent
        closing.error = sentence
        try await close(closing, .lapsed) { _ in }
        return .conflict(sentence)
    }

    /// What a write that was refused has led to all the same, by an attempt whose answer was lost; nil when nothing
    /// shows of it.
    func outcomeByEffect(of intent: IntentRecord) async throws(JournalError) -> ActionOutcome? {
        let effect: Effect
        do { effect = try await self.effect(of: intent) } catch {
            return error.disposition == .cancelled
                ? .interrupted : .deferred(.readFailed, "its effect can't be looked for: \(error.description)")
        }
        switch effect {
        case .none, .lapsed: return nil
        case .operation(let id): return try await wait(intent, for: id, nil)
        case .answer(let answer): return try await follow(intent, answer)
        case .done: return try await conclude(intent, nil, nil)
        }
    }

    /// What shows of a write that was perhaps sent.
    private enum Effect {
        /// Nothing: it is sent again, with the same bytes.
        case none
        case operation(OperationID)
        case answer(WriteAnswer)
        /// It has taken effect and needs no waiting.
        case done
        /// Its etag has moved without its effect showing: it can never take effect any more.
        case lapsed(String)
    }

    /// Looks for it where something can show.
    ///
    /// Versions, updates and deletes show in what is read here, so that one which took effect is not sent again at all.
    /// Creates under a key, automatic updates and renders of the newest commit do not, or not surely: they are sent again, and what stands
    /// between them and being forgotten is that ``send(_:isRepeated:)`` keeps them open.
    private func effect(of intent: IntentRecord) async throws(APIError) -> Effect {
        switch intent.write.call {
        case .createInstall, .createPackage: return try await effectByKey(intent)
        case .importPackage: return try await effectOfImport(intent)
        case .createCluster: return try await effectOfClusterCreate(intent)
        case .createPackageVersion(let package):
            let semver = IntentContext(intent.context).semver
            let published = try await platform.packageVersions(of: package).contains { $0.semver == semver }
            return published ? .done : .none
        case .updateInstall(let id): return try await effectOfUpdate(intent, id)
        case .setAutomaticUpdates(let id):
            guard let install = try await platform.install(id) else { return .lapsed("install \(id) is gone") }
            // No read shows the flag. While the platform remembers the key, the same request answers what became of it;
            // later it is written again under the new etag, if it is still wanted.
            let isUnmoved = install.etag == intent.write.ifMatch
            return isUnmoved || !isPastMemory(intent) ? .none : .lapsed("install \(id) has moved")
        case .createRender(let id): return try await effectOfRender(intent, id)
        case .updateCluster(let id):
            guard let cluster = try await platform.cluster(id) else { return .lapsed("cluster \(id) is gone") }
            if cluster.etag == intent.write.ifMatch { return .none }
            let context = IntentContext(intent.context)
            return context.name == cluster.name && context.requested.regionID == nil
                ? .done : .lapsed("cluster \(id) has moved")
        case .deletePackage(let id):
            guard let package = try await platform.package(id) else { return .done }
            return package.etag == intent.write.ifMatch ? .none : .lapsed("package \(id) has moved")
        case .deleteCluster(let id):
            guard let cluster = try await platform.cluster(id) else { return .done }
            return try await effectOfDelete(intent, .cluster, id.text, cluster.etag, .clusterDelete)
        case .deleteInstall(let id):
            guard let install = try await platform.install(id) else { return .done }
            return try await effectOfDelete(intent, .install, id.text, install.etag, .installDelete)
        }
    }

    /// Creates that show their key in their operation are found by it.
    private func effectByKey(_ intent: IntentRecord) async throws(APIError) -> Effect {
        guard isPastMemory(intent) else { return .none }
        let operation = try await platform.operations(backTo: nil).first {
            $0.idempotencyKey == intent.write.idempotencyKey
        }
        return operation.map { .operation($0.id) } ?? .none
    }

    /// Within the key's memory a repeated key is one request; beyond it, looking comes first.
    ///
    /// An intent of tomorrow was written by another date than today's: nobody knows its age.
    private func isPastMemory(_ intent: IntentRecord) -> Bool {
        !(0...Self.keyMemory.wholeMilliseconds).contains(environment.now() - intent.createdAt)
    }

    private func effectOfImport(_ intent: IntentRecord) async throws(APIError) -> Effect {
        guard isPastMemory(intent) else { return .none }
        let context = IntentContext(intent.context)
        let matches = try await platform.packages().filter { package in
            guard package.name == context.name, case .oci(let reference) = package.source else { return false }
            return OCIReference.bare(reference) == OCIReference.bare(context.ociReference ?? "")
        }
        return matches.first.map { .answer(.package($0)) } ?? .none
    }

    private func effectOfClusterCreate(_ intent: IntentRecord) async throws(APIError) -> Effect {
        guard isPastMemory(intent) else { return .none }
        let name = IntentContext(intent.context).name
        let operation = try await platform.operations(backTo: nil).first {
            $0.kind.is(.clusterCreate) && $0.metadata["name"]?.string == name
        }
        return operation.map { .operation($0.id) } ?? .none
    }

    private func effectOfUpdate(_ intent: IntentRecord, _ id: InstallID) async throws(APIError) -> Effect {
        guard let install = try await platform.install(id) else { return .lapsed("install \(id) is gone") }
        let wanted = IntentContext(intent.context).requested.versionID
        if install.etag == intent.write.ifMatch, install.packageVersionID != wanted { return .none }
        // An older one was for an earlier wish for the same version; clocks differ, if not by much.
        let earliest = intent.createdAt / 1_000 - Self.clockSkew
        let render = try await platform.renders(of: id).first {
            $0.packageVersionID == wanted && $0.createdAt.seconds >= earliest
        }
        if let operation = render?.operationID { return .operation(operation) }
        return install.packageVersionID == wanted ? .done : .lapsed("install \(id) has moved")
    }

    private func effectOfRender(_ intent: IntentRecord, _ id: InstallID) async throws(APIError) -> Effect {
        guard try await platform.install(id) != nil else { return .lapsed("install \(id) is gone") }
        let message = IntentContext(intent.context).message
        let renders = try await platform.renders(of: id)
        if isPastMemory(intent), let render = renders.first(where: { $0.message == message }) {
            return .answer(.render(render))
        }
        if let newer = await newerMark(than: message, of: intent.commit, among: renders) {
            return .lapsed("install \(id) was rendered from commit \(newer) meanwhile")
        }
        return .none
    }

    /// The commit of the newest render that this source has marked, unless it is known and comes before `commit`.
    ///
    /// Then another daemon of the source has gone on, and an older commit is never rendered over a newer one (I18). The
    /// planner's rule, for what happened since it looked; `message` is that of the render of `commit`.
    func newerMark(than message: String?, of commit: String, among renders: [Render]) async -> String? {
        guard let own = message.flatMap(RenderMarker.init) else { return nil }
        let newest = renders.lazy.compactMap { $0.message.flatMap(RenderMarker.init) }
            .first { $0.object == own.object && $0.source == own.source }
        guard let newest, newest.shortCommit != own.shortCommit else { return nil }
        // What this journal has rendered or applied itself is no news: history was rewritten, which concerns deletes only.
        let ours = [ledger.record(of: own.object)?.renderedCommit, appliedCommit]
        if ours.contains(where: { $0?.hasPrefix(newest.shortCommit) ?? false }) { return nil }
        // Not told: as good as unknown.
        switch try? await repository?.relation(of: newest.shortCommit, to: commit) {
        case .same, .ancestor, .unrelated: return nil
        case .descendant, .unknown, nil: return newest.shortCommit
        }
    }

    private func effectOfDelete(
        _ intent: IntentRecord, _ owner: Operation.OwnerType, _ id: String, _ etag: ETag, _ kind: Operation.Kind
    ) async throws(APIError) -> Effect {
        if etag == intent.write.ifMatch { return .none }
        let operation = try await platform.operations(of: owner, id: id).first { $0.kind.is(kind) && !$0.isFailed }
        return operation.map { .operation($0.id) } ?? .lapsed("\(id) has moved")
    }
}

extension Operation {
    fileprivate var isFailed: Bool { isDone && !state.is(.succeeded) }
}
