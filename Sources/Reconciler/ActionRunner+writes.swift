import AkuaAPI
import AkuaModel
import JSON
import Journal
import Manifests
import Planning

/// The writes to packages and clusters.
extension ActionRunner {
    func importing(
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

    func creating(_ manifest: PackageManifest, _ action: Action, _ intentID: String) -> IntentRecord {
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

    func publishing(
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

    func creating(
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

    func update(
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

/// The writes to installs, and all deletes.
extension ActionRunner {
    func creating(
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

    func update(
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

    func setAutomaticUpdates(
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

    func render(
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
        let earlier = try await earlierRenders(of: id, by: action)
        if isMade(marker, among: earlier) { return await alreadyRendered(id, digest, action) }
        if let newer = await intents.newerMark(than: context.message, of: pass.commit, among: earlier) {
            return .conflict("install \(id) was rendered from commit \(newer) meanwhile")
        }
        // As the platform shows them, so that daemons with journals of their own come to the same key.
        let attempt = earlier.count { $0.message == context.message }
        let key = IdempotencyKey.render(
            of: action.target, in: pass.source, install: id, commit: pass.commit, desiredDigest: digest,
            attempt: attempt)
        let body = RequestBody.createRender(
            message: context.message, annotations: annotations)
        return await intents.carryOut(
            intent(intentID, action, .createRender(id), body, key: key, context: context))
    }

    /// The renders of an install, newest first; of one that this plan creates there are none of ours.
    private func earlierRenders(
        of id: InstallID, by action: Action
    ) async throws(ActionFailure) -> [Render] {
        guard !action.after.contains(ActionID(.create, action.target)) else { return [] }
        do throws(APIError) { return try await platform.renders(of: id) } catch { throw ActionFailure(error) }
    }

    /// Whether a render of this commit is there already, and what runs since is what it rendered: another daemon of this
    /// source has made it.
    ///
    /// One of an older commit that came in late stands between: then it is made once more, so that the newest mark names
    /// what is in force (I6).
    private func isMade(_ own: RenderMarker, among renders: [Render]) -> Bool {
        let marks = renders.map { render -> RenderMarker? in
            guard !render.state.is(.failed), let mark = render.message.flatMap(RenderMarker.init) else { return nil }
            let isOurs = mark.source == own.source || pass.formerNames.contains(mark.source)
            return isOurs && mark.object == own.object ? mark : nil
        }
        guard let made = marks.firstIndex(where: { $0?.shortCommit == own.shortCommit }) else { return false }
        return marks[..<made].allSatisfy { $0 == nil }
            && renders[..<made].allSatisfy { $0.packageVersionID == renders[made].packageVersionID }
    }

    private func alreadyRendered(_ id: InstallID, _ digest: String, _ action: Action) async -> ActionOutcome {
        do {
            try await ledger.update(action.target) { record in
                record.renderedDigest = digest
                record.renderedCommit = pass.commit
            }
            return .succeeded(resourceID: id.text)
        } catch {
            return .failed("the journal can't be written: \(error)")
        }
    }

    func delete(_ action: Action, _ intentID: String) async throws(ActionFailure) -> ActionOutcome {
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
                guard let install = try await installToDelete(id, action) else { return await alreadyGone(action) }
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

    /// As the planner has just read it, or as it is now where other actions came before (R10: one read, one write).
    private func installToDelete(_ id: InstallID, _ action: Action) async throws(APIError) -> Install? {
        if action.after.isEmpty, let install = pass.observed.installReads[id]?.value ?? nil { return install }
        return try await platform.install(id)
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

/// The intents that carry them.
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

extension RequestBody.Version {
    fileprivate init(_ manifest: PackageVersionManifest) {
        self.init(
            semver: manifest.semver, ref: manifest.ref, inputSchema: manifest.inputSchema,
            compatibility: manifest.compatibility)
    }
}
