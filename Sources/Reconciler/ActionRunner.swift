import AkuaAPI
import AkuaModel
import JSON
import Journal
import Manifests
import Planning
import Telemetry

/// Does one action of a plan: waits for what it depends on, looks up what earlier actions made, reads the etag, and
/// hands an intent to the ``IntentRunner``.
struct ActionRunner: Sendable {
    let intents: IntentRunner
    let pass: PassFacts

    /// What is the same for all actions of a pass.
    struct PassFacts: Sendable {
        var source: SourceIdentity
        var reconcile: String
        var commit: String
        var subject: String
        var sourceName: String
        /// What the planner saw: its reads by id serve the first write to an object.
        var observed: ObservedState
        /// What each declared object amounts to.
        var digests: [ObjectReference: String]
    }

    private var platform: any Platform { intents.platform }
    private var ledger: Ledger { intents.ledger }
    private var environment: Environment { intents.environment }

    /// How long an object that is busy with something else is waited for between looks.
    private static let lookInterval = Duration.seconds(2)

    func run(_ action: Action, position: Int) async -> ActionOutcome {
        do throws(ActionFailure) {
            for gate in action.gates { try await waitUntilHealthy(gate) }
            guard intents.control.ending == nil else { return .interrupted }
            return try await perform(action, intentID: "\(pass.reconcile)-\(position)")
        } catch {
            return error.outcome
        }
    }

    /// Ends an action early with the outcome that it names.
    private struct ActionFailure: Error {
        var outcome: ActionOutcome

        init(_ outcome: ActionOutcome) { self.outcome = outcome }
        init(_ error: APIError) {
            outcome = error.disposition == .cancelled ? .interrupted : .failed(error.description)
        }
    }

    private func perform(_ action: Action, intentID: String) async throws(ActionFailure) -> ActionOutcome {
        switch action.step {
        case .adopt(let adoption): return await adopt(action, adoption)
        case .importPackage(let manifest, let first):
            return await intents.carryOut(importing(manifest, first, action, intentID))
        case .createPackage(let manifest):
            return await intents.carryOut(creating(manifest, action, intentID))
        case .publish(let manifest, let package):
            let id = try resolve(package, as: AkuaModel.Package.self)
            return await intents.carryOut(publishing(manifest, id, action, intentID))
        case .createCluster(let manifest, let region):
            return await intents.carryOut(creating(manifest, region, action, intentID))
        case .updateCluster(let id, let name, let region):
            return try await update(cluster: id, name: name, region: region, action, intentID)
        case .createInstall(let manifest, let create):
            return await intents.carryOut(try creating(manifest, create, action, intentID))
        case .updateInstall(let id, let version):
            return try await update(install: id, to: version, action, intentID)
        case .setAutomaticUpdates(let install, let isEnabled):
            return try await setAutomaticUpdates(of: install, isEnabled, action, intentID)
        case .render(let install, let manifest, let digest):
            return try await render(install, manifest, digest, action, intentID)
        case .deletePackage, .deleteCluster, .deleteInstall: return try await delete(action, intentID)
        }
    }

    private func adopt(_ action: Action, _ adoption: Adoption) async -> ActionOutcome {
        do {
            try await ledger.update(action.target) { record in
                record.begin(adoption.resourceID, .init(adoption.ownership), adoption.requested)
                record.renderedDigest = adoption.renderedDigest
                record.renderedCommit = adoption.renderedCommit
                record.commit = pass.commit
            }
            return .succeeded(resourceID: adoption.resourceID)
        } catch {
            return .failed("the journal can't be written: \(error)")
        }
    }

    /// The id that an earlier action of this plan made, or that was known from the start.
    private func resolve<Tag>(_ target: Target<Identifier<Tag>>, as _: Tag.Type) throws(ActionFailure) -> Identifier<
        Tag
    > {
        switch target {
        case .live(let id): return id
        case .planned(let reference):
            guard let record = ledger.record(of: reference), record.life == .live,
                let id = record.resourceID.flatMap(Identifier<Tag>.init)
            else { throw ActionFailure(.deferred(.dependency, "\(reference) has not been made")) }
            return id
        }
    }
}

// Waiting.
extension ActionRunner {
    /// A dependant begins when what it depends on is healthy, or not in this pass (DESIGN §4).
    private func waitUntilHealthy(_ gate: HealthGate) async throws(ActionFailure) {
        let deadline = environment.now() + gate.timeout.milliseconds
        while true {
            guard let id = ledger.record(of: gate.object)?.resourceID ?? gate.resourceID else {
                throw ActionFailure(.deferred(.dependency, "waits for \(gate.object), which has not been made"))
            }
            let (isHealthy, state) = try await health(of: gate.object, id)
            if isHealthy { return await noteHealthy(gate.object) }
            guard environment.now() < deadline else {
                throw ActionFailure(
                    .deferred(
                        .dependency, "\(gate.object) is \(state) and did not become healthy within \(gate.timeout)"))
            }
            try await pause()
        }
    }

    /// Spares later passes the wait: a dependant is held back only until the dependency has once been healthy.
    private func noteHealthy(_ object: ObjectReference) async {
        guard let digest = pass.digests[object], ledger.record(of: object)?.healthyDigest != digest else { return }
        // Not recorded, the next pass notes it again; nothing else depends on it.
        try? await ledger.update(object) { $0.healthyDigest = digest }
    }

    private func health(of object: ObjectReference, _ id: String) async throws(ActionFailure) -> (Bool, String) {
        do {
            if object.kind == .cluster {
                let cluster = try await ClusterID(id).asyncFlatMap { id throws(APIError) in
                    try await platform.cluster(id)
                }
                return (cluster?.state.is(.active) ?? false, cluster?.state.word ?? "gone")
            }
            let install = try await InstallID(id).asyncFlatMap { id throws(APIError) in try await platform.install(id) }
            return (install?.isHealthy ?? false, install?.state.word ?? "gone")
        } catch {
            // Not reading its health is not a reason to go on: it is looked at again until the deadline.
            if error.disposition == .cancelled || error.disposition == .unauthorized { throw ActionFailure(error) }
            return (false, "not readable (\(error.description))")
        }
    }

    private func pause() async throws(ActionFailure) {
        let environment = environment
        let slept: Void?
        do {
            slept = try await intents.control.unlessEnded { () async throws -> Void in
                try await environment.sleep(Self.lookInterval)
            }
        } catch {
            throw ActionFailure(.interrupted)
        }
        guard slept != nil else { throw ActionFailure(.interrupted) }
    }

    /// The install as it is now, once it is idle: nothing is written to one that is rendering or syncing.
    private func idleInstall(_ id: InstallID, for action: Action) async throws(ActionFailure) -> Install {
        if action.after.isEmpty, action.gates.isEmpty, let install = pass.observed.installReads[id]?.value ?? nil,
            !install.isReconciling
        {
            return install
        }
        let deadline = environment.now() + intents.timeouts.operation.milliseconds
        while true {
            let install: Install?
            do { install = try await platform.install(id) } catch { throw ActionFailure(error) }
            guard let install else { throw ActionFailure(.conflict("install \(id) is gone")) }
            if !install.isReconciling { return install }
            guard environment.now() < deadline else {
                throw ActionFailure(.deferred(.busy, "install \(id) is \(install.state.word) and is not interrupted"))
            }
            try await pause()
        }
    }
}

// Packages and clusters.
extension ActionRunner {
    private func importing(
        _ manifest: PackageManifest, _ first: PackageVersionManifest, _ action: Action, _ intentID: String
    ) -> IntentRecord {
        var context = IntentContext()
        context.firstVersion = first.header.name
        context.name = manifest.apiName
        var reference = ""
        if case .oci(let text) = manifest.source { reference = text }
        context.ociReference = reference
        let body = RequestBody.importPackage(
            name: manifest.apiName, description: manifest.description, ociReference: reference,
            version: RequestBody.Version(first))
        return intent(intentID, action, .importPackage, body, key: createKey(action.target), context: context)
    }

    private func creating(_ manifest: PackageManifest, _ action: Action, _ intentID: String) -> IntentRecord {
        var context = IntentContext()
        context.name = manifest.apiName
        var body: [UInt8] = []
        if case .helm(let helm) = manifest.source {
            body = RequestBody.createPackage(
                name: manifest.apiName,
                source: RequestBody.HelmSource(
                    repoURL: helm.repoURL, chart: helm.chart, targetRevision: helm.targetRevision, path: helm.path,
                    values: helm.values))
        }
        return intent(intentID, action, .createPackage, body, key: createKey(action.target), context: context)
    }

    private func publishing(
        _ manifest: PackageVersionManifest, _ package: PackageID, _ action: Action, _ intentID: String
    ) -> IntentRecord {
        var context = IntentContext()
        context.semver = manifest.semver
        context.ref = manifest.ref
        context.schemaDigest = Digest.hex(of: .object(manifest.inputSchema))
        context.requested.packageID = package
        let body = RequestBody.createPackageVersion(RequestBody.Version(manifest))
        return intent(intentID, action, .createPackageVersion(package), body, key: nil, context: context)
    }

    private func creating(
        _ manifest: ClusterManifest, _ region: RegionID, _ action: Action, _ intentID: String
    ) -> IntentRecord {
        var context = IntentContext()
        context.name = manifest.apiName
        context.requested.regionID = region
        context.requested.networkProfile = manifest.networkProfile
        let body = RequestBody.createCluster(
            name: manifest.apiName, regionID: region, networkProfile: manifest.networkProfile)
        return intent(intentID, action, .createCluster, body, key: createKey(action.target), context: context)
    }

    private func update(
        cluster id: ClusterID, name: String?, region: RegionID?, _ action: Action, _ intentID: String
    ) async throws(ActionFailure) -> ActionOutcome {
        let cluster: Cluster?
        do { cluster = try await platform.cluster(id) } catch { throw ActionFailure(error) }
        guard let cluster else { return .conflict("cluster \(id) is gone") }
        var context = IntentContext()
        context.name = name ?? cluster.name
        context.requested.regionID = region
        let body = RequestBody.updateCluster(name: name, regionID: region)
        return await intents.carryOut(
            guarded(intentID, action, .updateCluster(id), body, resourceID: id.text, etag: cluster.etag, context))
    }
}

// Installs.
extension ActionRunner {
    private func creating(
        _ manifest: InstallManifest, _ create: CreateInstall, _ action: Action, _ intentID: String
    ) throws(ActionFailure) -> IntentRecord {
        var context = IntentContext()
        context.desiredDigest = create.desiredDigest
        context.requested.regionID = create.region
        context.requested.valuesDigest = Digest.hex(of: .object(manifest.values))
        context.requested.dependsOn = manifest.dependsOn
        var cluster: ClusterID?
        if let target = create.cluster { cluster = try resolve(target, as: Cluster.self) }
        context.requested.clusterID = cluster
        let installTarget: RequestBody.InstallTarget
        switch create.source {
        case .product(let product):
            context.requested.productID = product
            installTarget = .product(product)
        case .package(let target, let semver):
            let package = try resolve(target, as: AkuaModel.Package.self)
            context.requested.packageID = package
            installTarget = .package(package, semver: semver)
        }
        let body = RequestBody.createInstall(
            installTarget, regionID: create.region, clusterID: cluster, initialValues: manifest.values)
        let key = IdempotencyKey.create(
            action.target, in: pass.source, predecessor: create.predecessor,
            refusals: ledger.record(of: action.target)?.refusals ?? 0)
        return intent(intentID, action, .createInstall, body, key: key, context: context)
    }

    private func update(
        install id: InstallID, to version: Target<PackageVersionID>, _ action: Action, _ intentID: String
    ) async throws(ActionFailure) -> ActionOutcome {
        let wanted = try resolve(version, as: PackageVersion.self)
        let install = try await idleInstall(id, for: action)
        // It may have arrived there while this action waited: then there is nothing to ask for.
        if install.packageVersionID == wanted { return .succeeded(resourceID: id.text) }
        var context = IntentContext()
        context.requested.versionID = wanted
        return await intents.carryOut(
            guarded(
                intentID, action, .updateInstall(id), RequestBody.updateInstall(to: wanted),
                resourceID: id.text, etag: install.etag, context))
    }

    private func setAutomaticUpdates(
        of target: Target<InstallID>, _ isEnabled: Bool, _ action: Action, _ intentID: String
    ) async throws(ActionFailure) -> ActionOutcome {
        let id = try resolve(target, as: Install.self)
        let install = try await idleInstall(id, for: action)
        var context = IntentContext()
        context.requested.automaticUpdates = isEnabled
        return await intents.carryOut(
            guarded(
                intentID, action, .setAutomaticUpdates(id), RequestBody.setAutomaticUpdates(isEnabled),
                resourceID: id.text, etag: install.etag, context))
    }

    private func render(
        _ target: Target<InstallID>, _ manifest: InstallManifest, _ digest: String, _ action: Action,
        _ intentID: String
    ) async throws(ActionFailure) -> ActionOutcome {
        let id = try resolve(target, as: Install.self)
        _ = try await idleInstall(id, for: action)
        let marker = RenderMarker(source: pass.sourceName, commit: pass.commit, object: action.target)
        var context = IntentContext()
        context.desiredDigest = digest
        context.message = marker.message(subject: pass.subject)
        var annotations = manifest.header.annotations
        annotations["gitops.akua.dev/commit"] = pass.commit
        annotations["gitops.akua.dev/source"] = pass.sourceName
        annotations["gitops.akua.dev/path"] = manifest.header.location.file
        annotations["gitops.akua.dev/name"] = action.target.name
        let attempt = ledger.record(of: action.target)?.requestedValues.renders ?? 0
        let key = IdempotencyKey.render(
            of: action.target, in: pass.source, install: id, commit: pass.commit, desiredDigest: digest,
            attempt: attempt)
        let body = RequestBody.createRender(
            message: context.message, annotations: annotations)
        return await intents.carryOut(
            intent(intentID, action, .createRender(id), body, key: key, context: context))
    }

    private func delete(_ action: Action, _ intentID: String) async throws(ActionFailure) -> ActionOutcome {
        let etag: ETag?
        let call: Write.Call
        do throws(APIError) {
            switch action.step {
            case .deletePackage(let id):
                call = .deletePackage(id)
                guard let package = try await platform.package(id) else { return await alreadyGone(action) }
                etag = package.etag
            case .deleteCluster(let id):
                call = .deleteCluster(id)
                guard let cluster = try await platform.cluster(id) else { return await alreadyGone(action) }
                etag = cluster.etag
            case .deleteInstall(let id):
                call = .deleteInstall(id)
                guard let install = try await platform.install(id) else { return await alreadyGone(action) }
                etag = install.etag
            default: return .failed("not a delete")
            }
        } catch {
            // I2: no delete in a pass in which the object can't be read.
            throw ActionFailure(error)
        }
        guard let etag, let id = action.resourceID else {
            return .deferred(.noEtag, "the platform shows no etag for it, and deletes nothing without")
        }
        return await intents.carryOut(
            guarded(intentID, action, call, nil, resourceID: id, etag: etag, IntentContext()))
    }

    private func alreadyGone(_ action: Action) async -> ActionOutcome {
        do {
            try await ledger.update(action.target) { $0.end() }
            return .succeeded(resourceID: action.resourceID)
        } catch {
            return .failed("the journal can't be written: \(error)")
        }
    }
}

// Intents.
extension ActionRunner {
    private func createKey(_ reference: ObjectReference) -> String {
        let record = ledger.record(of: reference)
        let predecessor = record?.life == .released ? "" : record?.resourceID ?? record?.predecessor ?? ""
        return IdempotencyKey.create(
            reference, in: pass.source, predecessor: predecessor, refusals: record?.refusals ?? 0)
    }

    private func guarded(
        _ id: String, _ action: Action, _ call: Write.Call, _ body: [UInt8]?, resourceID: String, etag: ETag,
        _ context: IntentContext
    ) -> IntentRecord {
        let key = IdempotencyKey.guarded(
            action.word, of: action.target, in: pass.source, resourceID: resourceID,
            bodyDigest: Digest.hex(body ?? []), etag: etag)
        return intent(id, action, call, body, key: key, etag: etag, context: context)
    }

    private func intent(
        _ id: String, _ action: Action, _ call: Write.Call, _ body: [UInt8]?, key: String?, etag: ETag? = nil,
        context: IntentContext
    ) -> IntentRecord {
        let write = Write(call: call, body: body, idempotencyKey: key, ifMatch: etag)
        let (name, resourceID) = call.stored
        let digest = Digest.hex(
            Array("\(name) \(resourceID ?? "") \(key ?? "") \(etag?.text ?? "")".utf8) + (body ?? []))
        return IntentRecord(
            id: id, identity: Identity(action.target, in: pass.source),
            incarnation: ledger.record(of: action.target)?.incarnation ?? 1, reconcile: pass.reconcile,
            commit: pass.commit, action: action.word.rawValue, write: write, digest: digest, context: context.json,
            createdAt: environment.now())
    }
}

extension Optional where Wrapped: Sendable {
    /// `flatMap` with an effect.
    fileprivate func asyncFlatMap<Value, Failure: Error>(
        _ transform: (Wrapped) async throws(Failure) -> Value?
    ) async throws(Failure) -> Value? {
        guard let self else { return nil }
        return try await transform(self)
    }
}

extension RequestBody.Version {
    fileprivate init(_ manifest: PackageVersionManifest) {
        self.init(
            semver: manifest.semver, ref: manifest.ref, inputSchema: manifest.inputSchema,
            compatibility: manifest.compatibility)
    }
}
