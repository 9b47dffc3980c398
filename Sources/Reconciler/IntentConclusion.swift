import AkuaAPI
import AkuaModel
import JSON
import Journal
import Manifests
import Planning
import Telemetry

/// What an ended write means for the object: read, then recorded in the same transaction that closes the intent.
extension IntentRunner {
    func conclude(
        _ intent: IntentRecord, _ answer: WriteAnswer?, _ end: OperationEnd?
    ) async throws(JournalError) -> ActionOutcome {
        do {
            switch intent.write.call {
            case .importPackage: return try await concludeImport(intent, answer)
            case .createPackage: return try await concludeCreatedPackage(intent, answer, end)
            case .createPackageVersion: return try await concludeVersion(intent, answer)
            case .createCluster: return try await concludeCreatedCluster(intent, answer, end)
            case .updateCluster: return try await concludeUpdatedCluster(intent)
            case .createInstall: return try await concludeCreatedInstall(intent, answer, end)
            case .updateInstall(let id): return try await concludeUpdatedInstall(intent, id, end)
            case .setAutomaticUpdates: return try await concludeAutomaticUpdates(intent)
            case .createRender(let id): return try await concludeRender(intent, id, answer, end)
            case .deletePackage(let id):
                return try await concludeDelete(intent, end, isGone: try await platform.package(id) == nil)
            case .deleteCluster(let id):
                return try await concludeDelete(intent, end, isGone: try await platform.cluster(id) == nil)
            case .deleteInstall(let id):
                return try await concludeDelete(intent, end, isGone: try await platform.install(id) == nil)
            }
        } catch let error as APIError {
            // The write has ended; what it made can't be read now. The intent stays as it is and is settled later.
            return error.disposition == .cancelled
                ? .interrupted : .deferred(.readFailed, "its outcome can't be read: \(error.description)")
        } catch let error as JournalError {
            throw error
        } catch {
            return .failed("\(error)")
        }
    }

    private func concludeImport(_ intent: IntentRecord, _ answer: WriteAnswer?) async throws -> ActionOutcome {
        guard case .package(let package)? = answer, let reference = ObjectReference(intent.identity) else {
            return .failed("the platform's answer names no package")
        }
        if let repeated = try await repeated(intent, package.id.text) { return repeated }
        let context = IntentContext(intent.context)
        var references = [reference]
        if let version = context.firstVersion { references.append(ObjectReference(.packageVersion, version)) }
        try await ledger.update(references, with: [.intent(closed(intent, package.id.text))]) { changed, record in
            if changed == reference {
                record.begin(package.id.text, .created, context.requested)
            } else {
                var requested = Requested()
                requested.packageID = package.id
                record.begin(package.latestVersionID.text, .created, requested)
            }
            record.succeed(intent)
        }
        return .succeeded(resourceID: package.id.text)
    }

    /// The operation of a create, as it ended; one that the platform has let go of meanwhile, as its answer showed it.
    private func operation(_ end: OperationEnd?, _ answer: WriteAnswer?) -> (last: Operation, hasFailed: Bool)? {
        switch (end, answer) {
        case (.ended(let operation), _): (operation, !operation.hasSucceeded)
        case (.vanished, .operation(let operation)): (operation, operation.isDone && !operation.hasSucceeded)
        case (_, _): nil
        }
    }

    private func concludeCreatedPackage(
        _ intent: IntentRecord, _ answer: WriteAnswer?, _ end: OperationEnd?
    ) async throws -> ActionOutcome {
        guard let (operation, hasFailed) = operation(end, answer), !hasFailed else {
            return try await createFailed(intent, end)
        }
        let named: PackageID? =
            operation.responseID("package_id")
            ?? (operation.ownerType.is(.package) ? PackageID(operation.ownerID) : nil)
        guard let id = named else { return try await createFailed(intent, end) }
        if let repeated = try await repeated(intent, id.text) { return repeated }
        guard try await platform.package(id) != nil else {
            guard operation.hasSucceeded else { return try await createFailed(intent, end) }
            return try await createRepeated(intent, id.text, "is gone")
        }
        return try await begin(intent, id.text)
    }

    private func concludeCreatedCluster(
        _ intent: IntentRecord, _ answer: WriteAnswer?, _ end: OperationEnd?
    ) async throws -> ActionOutcome {
        guard let (operation, hasFailed) = operation(end, answer) else { return try await createFailed(intent, end) }
        let named: ClusterID? =
            operation.responseID("cluster_id")
            ?? (operation.ownerType.is(.cluster) ? ClusterID(operation.ownerID) : nil)
        guard let id = named else { return try await createFailed(intent, end) }
        if let repeated = try await repeated(intent, id.text) { return repeated }
        guard try await platform.cluster(id) != nil else {
            guard operation.hasSucceeded else { return try await createFailed(intent, end) }
            return try await createRepeated(intent, id.text, "is gone")
        }
        return try await begin(intent, id.text, failure: hasFailed ? end?.sentence : nil)
    }

    /// I1: what a failed create names is read by id; readable, it is ours and is repaired, never created again.
    private func concludeCreatedInstall(
        _ intent: IntentRecord, _ answer: WriteAnswer?, _ end: OperationEnd?
    ) async throws -> ActionOutcome {
        guard let (operation, hasFailed) = operation(end, answer) else { return try await createFailed(intent, end) }
        let id: InstallID? =
            operation.responseID("install_id")
            ?? (operation.ownerType.is(.install) ? InstallID(operation.ownerID) : nil)
        guard let id else { return try await createFailed(intent, end) }
        let install = try await platform.install(id)
        if let repeated = try await repeated(intent, id.text) { return repeated }
        guard let install else {
            guard operation.hasSucceeded else { return try await createFailed(intent, end) }
            return try await createRepeated(intent, id.text, "is gone")
        }
        var context = IntentContext(intent.context)
        context.requested.versionID = install.packageVersionID
        context.requested.isVersionConfirmed = true
        context.requested.clusterID = install.clusterID
        var intent = intent
        intent.context = context.json
        return try await begin(intent, id.text, failure: hasFailed ? end?.sentence : nil)
    }

    private func begin(
        _ intent: IntentRecord, _ id: String, failure: String? = nil
    ) async throws(JournalError) -> ActionOutcome {
        let requested = IntentContext(intent.context).requested
        var closing = intent
        closing.resourceID = id
        closing.error = failure
        try await close(closing, failure == nil ? .succeeded : .failed) { record in
            record.begin(id, .created, requested)
            record.succeed(intent)
            if let failure { record.fail(failure, at: environment.seconds) }
        }
        return failure.map { .failed("\($0); \(id) exists and is repaired from here on") } ?? .succeeded(resourceID: id)
    }

    /// Ends a create whose key has answered with what goes on under another name by now; nil when it has not.
    private func repeated(_ intent: IntentRecord, _ id: String) async throws(JournalError) -> ActionOutcome? {
        guard let owner = ledger.owner(of: id), owner != ObjectReference(intent.identity) else { return nil }
        return try await createRepeated(intent, id, "goes on as \(owner)")
    }

    /// A key that was used before answers with what it made then.
    ///
    /// Where that is dead, or another name's by now, it is the predecessor of the life that is wanted, which the next
    /// round makes. It happens to a name that was declared before the journal was lost.
    private func createRepeated(
        _ intent: IntentRecord, _ dead: String, _ what: String
    ) async throws(JournalError) -> ActionOutcome {
        let sentence = "the create's key had made \(dead), which \(what): the next life is made under another key"
        var closing = intent
        closing.error = sentence
        try await close(closing, .conflict) { record in
            record.life = .gone
            record.resourceID = dead
            record.predecessor = dead
            record.refusals = 0
        }
        return .conflict(sentence)
    }

    /// Nothing came of a create: the object that it names, or else the operation, is the predecessor of the next.
    private func createFailed(_ intent: IntentRecord, _ end: OperationEnd?) async throws(JournalError) -> ActionOutcome
    {
        let sentence = end?.sentence ?? "the create led to no object"
        var dead: String?
        if case .ended(let operation)? = end {
            dead =
                operation.responseID("install_id", as: Install.self)?.text
                ?? (operation.ownerType.is(.install) ? InstallID(operation.ownerID)?.text : nil) ?? operation.id.text
        }
        var closing = intent
        closing.error = sentence
        try await close(closing, .failed) { record in
            record.life = .gone
            if let dead {
                record.resourceID = dead
                record.predecessor = dead
                record.refusals = 0
            }
            record.fail(sentence, at: environment.seconds)
        }
        return .failed(sentence)
    }

    private func concludeVersion(_ intent: IntentRecord, _ answer: WriteAnswer?) async throws -> ActionOutcome {
        guard case .packageVersion(let version)? = answer else {
            return try await concludeVersionByReading(intent, orElse: .failed("the answer names no version"))
        }
        return try await begin(intent, version.id.text)
    }

    /// The create of a version takes no key: after a doubtful answer its effect is found by its natural key.
    func concludeVersionByReading(
        _ intent: IntentRecord, orElse outcome: ActionOutcome
    ) async throws(JournalError) -> ActionOutcome {
        let context = IntentContext(intent.context)
        guard case .createPackageVersion(let package) = intent.write.call else { return outcome }
        let versions: [PackageVersion]
        do {
            versions = try await platform.packageVersions(of: package)
        } catch {
            return .deferred(.readFailed, "its outcome can't be read: \(error.description)")
        }
        guard let version = versions.first(where: { $0.semver == context.semver }) else {
            try await close(intent, .conflict) { _ in }
            return outcome
        }
        guard version.ref == context.ref, Digest.hex(of: version.inputSchema) == context.schemaDigest else {
            let sentence = "version \(version.semver) exists with another ref or input schema, and can't be changed"
            var closing = intent
            closing.error = sentence
            try await close(closing, .failed) { $0.fail(sentence, at: environment.seconds) }
            return .failed(sentence)
        }
        return try await begin(intent, version.id.text)
    }

    private func concludeUpdatedCluster(_ intent: IntentRecord) async throws(JournalError) -> ActionOutcome {
        let context = IntentContext(intent.context)
        try await close(intent, .succeeded) { record in
            if let region = context.requested.regionID { record.requestedValues.regionID = region }
            record.succeed(intent)
        }
        return .succeeded(resourceID: intent.write.call.stored.resourceID)
    }

    private func concludeUpdatedInstall(
        _ intent: IntentRecord, _ id: InstallID, _ end: OperationEnd?
    ) async throws -> ActionOutcome {
        let wanted = IntentContext(intent.context).requested.versionID
        guard let install = try await platform.install(id) else {
            try await close(intent, .lapsed) { $0.end() }
            return .conflict("install \(id) is gone")
        }
        if install.packageVersionID == wanted || end?.succeeded != nil {
            try await close(intent, .succeeded) { record in
                record.requestedValues.versionID = wanted
                record.requestedValues.isVersionConfirmed = install.packageVersionID == wanted
                // What runs now was rendered by the update: the commit's own render is owed until it is made (I6).
                record.renderedDigest = nil
                record.appliedDigest = nil
                record.succeed(intent)
            }
            return .succeeded(resourceID: id.text)
        }
        let sentence = end?.sentence ?? "the update led to no render"
        var closing = intent
        closing.error = sentence
        try await close(closing, .failed) { $0.fail(sentence, at: environment.seconds) }
        return .failed(sentence)
    }

    private func concludeAutomaticUpdates(_ intent: IntentRecord) async throws(JournalError) -> ActionOutcome {
        let context = IntentContext(intent.context)
        try await close(intent, .succeeded) { record in
            record.requestedValues.automaticUpdates = context.requested.automaticUpdates
            record.succeed(intent)
        }
        return .succeeded(resourceID: intent.write.call.stored.resourceID)
    }

    /// I6: commit → action → operation → render → the render's own commit.
    private func concludeRender(
        _ intent: IntentRecord, _ install: InstallID, _ answer: WriteAnswer?, _ end: OperationEnd?
    ) async throws -> ActionOutcome {
        var named = intent.resourceID.flatMap(RenderID.init)
        if case .render(let render)? = answer { named = render.id }
        if named == nil, let operation = end?.succeeded { named = operation.responseID("install_render_id") }
        guard let id = named, let render = try await platform.render(id, of: install) else {
            try await close(intent, .failed) { $0.fail("the render is not to be found", at: environment.seconds) }
            return .failed(end?.sentence ?? "the render is not to be found")
        }
        guard render.state.is(.deployed) || render.state.is(.skipped) else {
            let sentence = end?.sentence ?? "render \(id) ended as \(render.state.word)"
            var closing = intent
            closing.error = sentence
            try await close(closing, .failed) { $0.fail(sentence, at: environment.seconds) }
            return .failed(sentence)
        }
        var commitSHA = render.commitSHA
        if commitSHA == nil {
            // Skipped as unchanged: what runs is the newest commit that was deployed.
            commitSHA = try await platform.renders(of: install).first { $0.state.is(.deployed) && $0.commitSHA != nil }?
                .commitSHA
        }
        let record = RenderRecord(
            identity: intent.identity, intent: intent.id, install: install, render: id, operation: intent.operation,
            commit: intent.commit, commitSHA: commitSHA, state: render.state.word, recordedAt: environment.now())
        guard let reference = ObjectReference(intent.identity) else { return .failed("unknown kind") }
        let digest = IntentContext(intent.context).desiredDigest
        try await ledger.update(reference, with: [.intent(closed(intent, id.text)), .render(record)]) { object in
            object.renderedDigest = digest
            object.renderedCommit = intent.commit
            // What was applied before is no longer what runs: should git go back to it, a render is owed again (I6).
            if object.appliedDigest != digest { object.appliedDigest = nil }
            object.succeed(intent)
        }
        logger(for: intent).emit(
            .renderRecorded, "a render carries the commit",
            [
                .resourceID: install.text, .renderID: id.text, .renderCommitSHA: commitSHA,
                .operationID: intent.operation?.text, .commit: intent.commit, .state: render.state.word,
            ])
        return .succeeded(resourceID: install.text)
    }

    /// I10: a delete has succeeded when a read by id says so.
    private func concludeDelete(
        _ intent: IntentRecord, _ end: OperationEnd?, isGone: Bool
    ) async throws(JournalError) -> ActionOutcome {
        let id = intent.write.call.stored.resourceID
        if isGone {
            try await close(intent, .succeeded) { $0.end() }
            return .succeeded(resourceID: id)
        }
        if end?.succeeded != nil || end == nil {
            try await close(intent, .succeeded) { $0.life = .deleting }
            return .deferred(.waitingForDelete, "\(id ?? "the object") was deleted and still shows")
        }
        let sentence = end?.sentence ?? ""
        var closing = intent
        closing.error = sentence
        try await close(closing, .failed) { record in
            record.life = .live
            record.fail(sentence, at: environment.seconds)
        }
        return .failed(sentence)
    }

    private func closed(_ intent: IntentRecord, _ id: String) -> IntentRecord {
        var closed = intent
        closed.state = .closed
        closed.outcome = .succeeded
        closed.resourceID = id
        closed.closedAt = environment.now()
        return closed
    }
}

extension ObjectRecord {
    /// Ends a run of failures.
    mutating func succeed(_ intent: IntentRecord) {
        failures = 0
        nextAttempt = nil
        lastError = nil
        commit = intent.commit
    }
}
