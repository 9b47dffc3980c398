import AkuaModel
import JSON
import Manifests

/// Installs: created, brought to another version, set to update by themselves or not, and rendered with the commit.
extension PlanBuilder {
    mutating func planInstalls() {
        for install in declarations.installs { plan(install) }
    }

    private mutating func plan(_ declared: DeclaredInstall) {
        let reference = declared.reference
        switch life(of: declared) {
        case .pending: refer(to: reference, .pending)
        case .held(let code, let sentence):
            if code == .ambiguous || code == .waitingForOperation { plan.unadopted.insert(reference) }
            withhold(reference, code, sentence)
        case .live(let install, let entry):
            refer(to: reference, .live(install.id.text))
            guard let wanted = wanted(declared, live: install) else { break }
            bring(InstallPair(declared: declared, wanted: wanted, install: install, entry: entry), after: nil)
        case .found(let install, let adoption, let reason):
            claimed.insert(LiveReference(.install, install.id.text))
            plan.unadopted.insert(reference)
            refer(to: reference, .live(install.id.text))
            guard let wanted = wanted(declared, live: install) else { break }
            takeOver(install, declared, wanted, adoption, reason)
        case .absent(let predecessor, let reason):
            guard let wanted = wanted(declared, live: nil) else { break }
            create(declared, wanted, predecessor: predecessor, reason)
        }
    }

    /// Only what something depends on is looked up again.
    private mutating func refer(to reference: ObjectReference, _ resolution: Resolution<String>) {
        if declarations.dependencies.contains(reference) { resolved[reference] = resolution }
    }

    /// The manifest with its references looked up; nil when something is pending or can't be had, which is then said.
    private mutating func wanted(_ declared: DeclaredInstall, live install: Install?) -> WantedInstall? {
        let reference = declared.reference
        guard let region = had(resolve(region: declared.manifest.region), by: reference, live: install)?.liveID else {
            return nil
        }
        var cluster: Target<ClusterID>?
        if let name = declared.manifest.cluster {
            cluster = had(resolve(cluster: name, for: reference), by: reference, live: install)
            if cluster == nil { return nil }
        }
        switch declared.manifest.target {
        case .product(let name):
            guard let id = had(resolve(product: name), by: reference, live: install)?.liveID else { return nil }
            return WantedInstall(
                source: .product(id), region: region, cluster: cluster, digest: declared.contentDigest)
        case .package(let name, let selector):
            guard let package = had(resolve(package: name, for: reference), by: reference, live: install) else {
                return nil
            }
            let resolution: Resolution<PackageVersionID>
            switch choose(selector, of: package, named: name.text) {
            case .choice(.version(let semver, let version)):
                return WantedInstall(
                    source: .package(package, semver: semver), version: version, region: region, cluster: cluster,
                    digest: DesiredDigest.joined(declared.contentDigest, semver))
            case .choice(.none(let sentence)): resolution = .unavailable(.missingReference, sentence)
            case .unbuilt(let package):
                resolution = .unavailable(.dependency, "waits for \(package): its versions are known once it is built")
            case .failed(let sentence): resolution = .unavailable(.readFailed, sentence)
            case .pending: resolution = .pending
            }
            _ = had(resolution, by: reference, live: install)
            return nil
        }
    }

    /// What a reference comes to, or nil, which is then said.
    private mutating func had<ID>(
        _ resolution: Resolution<ID>, by reference: ObjectReference, live install: Install?
    ) -> Target<ID>? {
        switch resolution {
        case .live, .planned: return resolution.target
        case .pending: if install == nil { refer(to: reference, .pending) }
        case .unavailable(let code, let sentence):
            hold(reference, code, sentence, resourceID: install?.id.text)
            // An install that lives can be depended on even if it can't be brought up to date.
            if install == nil { refer(to: reference, .unavailable(code, sentence)) }
        }
        return nil
    }

    private mutating func create(
        _ declared: DeclaredInstall, _ wanted: WantedInstall, predecessor: String, _ reason: Reason
    ) {
        let (manifest, reference) = (declared.manifest, declared.reference)
        plan.desiredDigests[reference] = wanted.digest
        guard let gates = gates(of: manifest, live: nil) else {
            return refer(to: reference, .unavailable(.dependency, "it waits for a dependency of its own"))
        }
        let body = CreateInstall(
            source: wanted.source, region: wanted.region, cluster: wanted.cluster, desiredDigest: wanted.digest,
            predecessor: predecessor)
        var action = Action(
            .create, reference, step: .createInstall(manifest, body), reason: reason,
            after: gates.after.union(makers(of: wanted)), fields: Self.fields(of: manifest, wanted))
        action.gates = gates.health
        let isPlanned = propose(
            reference, [action] + followers(manifest, wanted, .planned(reference), entry: nil, isChanged: true))
        refer(
            to: reference,
            isPlanned ? .planned(reference) : .unavailable(.dependency, "it is held back and not made in this pass"))
    }

    private static func fields(of manifest: InstallManifest, _ wanted: WantedInstall) -> [FieldChange] {
        var fields: [FieldChange] = []
        switch wanted.source {
        case .product: fields.append(FieldChange("product", after: .string(manifest.target.name)))
        case .package(_, let semver):
            fields.append(FieldChange("package", after: .string(manifest.target.name)))
            fields.append(FieldChange("version", after: .string(semver)))
        }
        fields.append(FieldChange("region", after: .string(manifest.region.text)))
        if let cluster = manifest.cluster { fields.append(FieldChange("cluster", after: .string(cluster.text))) }
        for member in manifest.values {
            fields.append(FieldChange("values.\(member.name)", after: member.value, isValue: true))
        }
        return fields
    }

    /// The actions that make what an install refers to.
    private func makers(of wanted: WantedInstall) -> Set<ActionID> {
        var makers: Set<ActionID> = []
        if case .package(.planned(let package), _) = wanted.source { makers.formUnion(actions(on: package)) }
        if case .planned(let version)? = wanted.version { makers.formUnion(actions(on: version)) }
        if case .planned(let cluster)? = wanted.cluster { makers.formUnion(actions(on: cluster)) }
        return makers
    }

    /// Automatic updates and the render with the commit: what comes after a create or an update (I6).
    private func followers(
        _ manifest: InstallManifest, _ wanted: WantedInstall, _ install: Target<InstallID>, entry: InventoryEntry?,
        isChanged: Bool
    ) -> [Action] {
        var actions: [Action] = []
        let isAutomatic = manifest.automaticUpdates
        if entry?.requested.automaticUpdates != isAutomatic {
            let isFirst = entry?.requested.automaticUpdates == nil
            actions.append(
                Action(
                    .setAutomaticUpdates, manifest.reference, step: .setAutomaticUpdates(install, isAutomatic),
                    resourceID: install.liveID?.text,
                    reason: isFirst ? .writtenOnce : .changed("automaticUpdates is now \(isAutomatic)"),
                    fields: [FieldChange("automaticUpdates", after: .bool(isAutomatic))]))
        }
        // What was carried out in full, under whatever setting, owes no render.
        let isOwed = entry?.renderedDigest != wanted.digest && entry?.appliedDigest != wanted.digest
        if settings.provenance == .render, isChanged || isOwed {
            actions.append(
                Action(
                    .render, manifest.reference,
                    step: .render(install, manifest, desiredDigest: wanted.digest), resourceID: install.liveID?.text,
                    reason: .provenance))
        }
        return actions
    }
}

// Installs that live.
extension PlanBuilder {
    private mutating func takeOver(
        _ install: Install, _ declared: DeclaredInstall, _ wanted: WantedInstall, _ adoption: Adoption, _ reason: Reason
    ) {
        var adoption = adoption
        var entry = recorded(declared.reference, as: install.id.text)
        adoption.requested.regionID = adoption.requested.regionID ?? wanted.region
        if case .package(.live(let id), _) = wanted.source, index.versions[install.packageVersionID]?.packageID == id {
            adoption.requested.packageID = id
        }
        if reason == .namedByID, input.inventory[declared.reference]?.resourceID != install.id.text {
            // Named by its id as it is: nothing is known to differ, so no render is owed.
            adoption.renderedDigest = wanted.digest
        }
        entry.ownership = adoption.ownership
        entry.life = .live
        entry.requested = adoption.requested
        entry.renderedDigest = adoption.renderedDigest
        let action = Action(
            .adopt, declared.reference, step: .adopt(adoption), resourceID: install.id.text, reason: reason)
        bring(InstallPair(declared: declared, wanted: wanted, install: install, entry: entry), after: action)
    }

    /// Plans what takes a live install to what is declared, after its adoption if that comes first.
    private mutating func bring(_ pair: InstallPair, after adopt: Action?) {
        let (reference, install) = (pair.declared.reference, pair.install)
        var actions = adopt.map { [$0] } ?? []
        let immutable = pair.immutableDifferences(index.versions)
        if !immutable.isEmpty {
            hold(
                reference, .immutable,
                "\(immutable.map(\.path).joined(separator: ", ")) can't be changed on a live install: restore the "
                    + "manifest, or declare the install under a new name", resourceID: install.id.text,
                fields: immutable)
            // An id that leads to something else was probably mistyped: that object does not become ours.
            if adopt?.reason != .namedByID { _ = propose(reference, actions) }
            return
        }
        if let asked = pair.entry.requested.valuesDigest, asked != pair.declared.valuesDigest {
            hold(
                reference, .valuesUnsupported,
                "values differ from those it was created with, and this version can't change the values of a live "
                    + "install: restore them, or delete and declare it again", resourceID: install.id.text,
                fields: [FieldChange("values", after: nil, isValue: true)])
            _ = propose(reference, actions)
            return
        }
        var isUpdated = false
        switch update(of: pair) {
        case .none: break
        case .action(let action):
            actions.append(action)
            isUpdated = true
        case .held:
            _ = propose(reference, actions)
            return
        }
        actions += followers(
            pair.declared.manifest, pair.wanted, .live(install.id), entry: pair.entry, isChanged: isUpdated)
        if !actions.isEmpty || declarations.dependencies.contains(reference) {
            plan.desiredDigests[reference] = pair.wanted.digest
        }
        guard actions.isEmpty else {
            guard admits(reference, actions) else { return }
            if actions.contains(where: { $0.word != .adopt }), let sentence = confirm(pair) {
                return hold(reference, .readFailed, sentence, resourceID: install.id.text)
            }
            add(reference, actions)
            return
        }
        noteInSync(
            reference, digest: pair.wanted.digest, pair.entry, dependsOn: pair.declared.manifest.dependsOn)
        if install.isHealthy, pair.entry.healthyDigest != pair.wanted.digest,
            declarations.dependencies.contains(reference)
        {
            plan.bookkeeping.append(.healthy(reference, digest: pair.wanted.digest))
        }
    }

    private enum Update {
        case none
        case action(Action)
        case held
    }

    private mutating func update(of pair: InstallPair) -> Update {
        let (reference, install, asked) = (pair.declared.reference, pair.install, pair.entry.requested)
        guard let version = pair.wanted.version, case .package(_, let semver) = pair.wanted.source else { return .none }
        if version.liveID == install.packageVersionID {
            if asked.versionID == install.packageVersionID, !asked.isVersionConfirmed {
                plan.bookkeeping.append(.confirmVersion(reference))
            }
            return .none
        }
        // An update shows in no read before its render has deployed: what was asked for and is under way is not drift.
        let isAsked = asked.versionID != nil && asked.versionID == version.liveID && !asked.isVersionConfirmed
        if isAsked, install.isReconciling {
            hold(
                reference, .updatePending, "version \(semver) was asked for and is being rendered",
                resourceID: install.id.text)
            return .held
        }
        guard let gates = gates(of: pair.declared.manifest, live: install) else { return .held }
        let live = index.versions[install.packageVersionID]?.semver
        var action = Action(
            .update, reference, step: .updateInstall(install.id, version: version), resourceID: install.id.text,
            reason: isAsked
                ? .changed("version \(semver) was asked for and has not come")
                : pair.updateReason(from: live ?? install.packageVersionID.text, to: semver),
            after: gates.after,
            fields: [
                FieldChange("version", before: .string(live ?? install.packageVersionID.text), after: .string(semver))
            ])
        if case .planned(let reference) = version { action.after.formUnion(actions(on: reference)) }
        action.gates = gates.health
        return .action(action)
    }

    /// Before a live install is written to it is read by id, and its newest mark must not come from a commit that this
    /// daemon does not have (I10, I18).
    ///
    /// - Returns: why that can't be told.
    private mutating func confirm(_ pair: InstallPair) -> String? {
        if case .failed(let sentence) = presence(of: pair.install.id, confirmed: true) { return sentence }
        return checkIsNotBehind(pair.declared.reference, pair.install.id, pair.entry)
    }

    /// Stops the source when an install was rendered from a commit that is unknown here or comes after this one (I18).
    ///
    /// Where this journal applied that commit itself, history was rewritten: that is a matter of deletes only (I9).
    ///
    /// - Returns: why that can't be told.
    mutating func checkIsNotBehind(
        _ reference: ObjectReference, _ id: InstallID, _ entry: InventoryEntry
    ) -> String? {
        let newest: RenderMarker
        switch markers(of: id) {
        case .pending: return nil
        case .failed(let sentence): return sentence
        case .markers(let markers):
            guard let marker = markers.first(where: { isOurs($0) }) else { return nil }
            newest = marker
        }
        let ours = [entry.renderedCommit, input.circumstances.appliedCommit]
        if ours.contains(where: { $0?.hasPrefix(newest.shortCommit) ?? false }) { return nil }
        switch observed.commits[newest.shortCommit] {
        case nil: need(.commit(newest.shortCommit))
        case .same, .ancestor, .unrelated: break
        case .descendant, .unknown: stop(.behind(reference, commit: newest.shortCommit))
        }
        return nil
    }

    /// The first reason to stop is the one that is told.
    mutating func stop(_ stop: Stop) { plan.stop = plan.stop ?? stop }
}
