import AkuaModel
import JSON
package import Manifests

extension PlanBuilder {
    mutating func planInstalls() {
        for manifest in input.desired.installsInDependencyOrder { plan(install: manifest) }
    }

    private mutating func plan(install manifest: InstallManifest) {
        let reference = manifest.reference
        if let sentence = input.unsettled[reference] {
            hold(reference, .waitingForOperation, sentence, resourceID: input.inventory[reference]?.resourceID)
            resolved[reference] = .unavailable(.waitingForOperation, sentence)
            return
        }
        let life = life(of: manifest)
        if case .live(let install, _) = life { claimed.insert(install.id.text) }
        if case .found(let install, _, _) = life { claimed.insert(install.id.text) }
        guard let wanted = resolve(manifest, life) else { return }
        plan.desiredDigests[reference] = wanted.digest
        switch life {
        case .pending: resolved[reference] = .pending
        case .held(let code, let sentence):
            hold(reference, code, sentence, resourceID: input.inventory[reference]?.resourceID)
            resolved[reference] = .unavailable(code, sentence)
        case .live(let install, let entry):
            resolved[reference] = .live(install.id.text)
            compare(install, with: manifest, wanted, entry)
        case .found(let install, var adoption, let reason):
            if reason == .namedByID { adoption.renderedDigest = wanted.digest }
            resolved[reference] = .live(install.id.text)
            takeOver(install, manifest, wanted, adoption, reason)
        case .absent(let predecessor, let reason):
            create(manifest, wanted, predecessor: predecessor, reason)
        }
    }

    /// The manifest with its references looked up.
    private struct Wanted {
        var source: CreateInstall.Source
        /// nil for a product: its version is the product's affair.
        var version: Target<PackageVersionID>?
        var semver: String?
        var region: RegionID
        var cluster: Target<ClusterID>?
        var digest: String
        var valuesDigest: String
    }

    /// Nil when something is pending or can't be had; then that has been said.
    private mutating func resolve(_ manifest: InstallManifest, _ life: InstallLife) -> Wanted? {
        let reference = manifest.reference
        func liveID() -> String? {
            switch life {
            case .live(let install, _), .found(let install, _, _): install.id.text
            default: nil
            }
        }
        func failed<ID>(_ resolution: Resolution<ID>) -> Bool {
            switch resolution {
            case .pending: resolved[reference] = .pending
            case .unavailable(let code, let sentence):
                hold(reference, code, sentence, resourceID: liveID())
                // An install that lives can be depended on even if it can't be brought up to date.
                resolved[reference] = liveID().map(Resolution.live) ?? .unavailable(.dependency, sentence)
            case .live, .planned: return false
            }
            return true
        }
        let region = resolve(region: manifest.region)
        guard !failed(region), case .live(let regionID) = region else { return nil }
        var cluster: Target<ClusterID>?
        if let name = manifest.cluster {
            let resolution = resolve(cluster: name)
            guard !failed(resolution) else { return nil }
            cluster = resolution.target
        }
        let valuesDigest = Digest.hex(of: .object(manifest.values))
        switch manifest.target {
        case .product(let name):
            let product = resolve(product: name)
            guard !failed(product), case .live(let id) = product else { return nil }
            return Wanted(
                source: .product(id), version: nil, semver: nil, region: regionID, cluster: cluster,
                digest: DesiredDigest.install(manifest, semver: nil), valuesDigest: valuesDigest)
        case .package(let name, let selector):
            let package = resolve(package: name)
            guard !failed(package), let target = package.target else { return nil }
            switch resolve(version: selector, of: package, named: name) {
            case .failure(let resolution):
                _ = failed(resolution)
                return nil
            case .success(let (semver, version)):
                return Wanted(
                    source: .package(target, semver: semver), version: version, semver: semver, region: regionID,
                    cluster: cluster, digest: DesiredDigest.install(manifest, semver: semver),
                    valuesDigest: valuesDigest)
            }
        }
    }

    private enum VersionResolution {
        case success((String, Target<PackageVersionID>))
        case failure(Resolution<PackageVersionID>)
    }

    /// A range or `latest` always becomes an exact version here, never at the platform.
    private mutating func resolve(
        version selector: VersionSelector, of package: Resolution<PackageID>, named name: Reference
    ) -> VersionResolution {
        var candidates: [String: Target<PackageVersionID>] = [:]
        for manifest in input.desired.packageVersions where manifest.package == name {
            if case .planned(let reference)? = resolved[manifest.reference] {
                candidates[manifest.semver] = .planned(reference)
            }
        }
        if case .live(let id) = package {
            switch versions(of: id) {
            case nil: return .failure(.pending)
            case .failed(let sentence): return .failure(.unavailable(.readFailed, sentence))
            case .value(let list): for version in list { candidates[version.semver] = .live(version.id) }
            }
        }
        let versions = candidates.keys.compactMap(SemanticVersion.init)
        let chosen: String? =
            switch selector {
            case .exact(let semver): candidates[semver] == nil ? nil : semver
            case .range(let range): range.highest(among: versions)?.description
            case .latest: versions.filter { !$0.isPrerelease }.max()?.description ?? versions.max()?.description
            }
        guard let chosen, let target = candidates[chosen] else {
            return .failure(
                .unavailable(
                    .missingReference,
                    "package '\(name.text)' has no version \(selector.text), neither published nor "
                        + "declared here" + (candidates.isEmpty ? "" : "; it has " + Self.list(candidates.keys))))
        }
        return .success((chosen, target))
    }

    private static func list(_ semvers: some Collection<String>) -> String {
        let sorted = semvers.sorted { SemanticVersion.orders($1, before: $0) }
        return sorted.prefix(5).joined(separator: ", ") + (sorted.count > 5 ? " and \(sorted.count - 5) older" : "")
    }
}

extension PlanBuilder {
    private mutating func create(
        _ manifest: InstallManifest, _ wanted: Wanted, predecessor: String, _ reason: Reason
    ) {
        let reference = manifest.reference
        guard let gates = dependencies(of: manifest) else {
            resolved[reference] = .unavailable(.dependency, "\(reference) waits for a dependency")
            return
        }
        var fields: [FieldChange] = []
        switch wanted.source {
        case .package(_, let semver):
            if case .package(let name, _) = manifest.target {
                fields.append(FieldChange("package", after: .string(name.text)))
            }
            fields.append(FieldChange("version", after: .string(semver)))
        case .product(let id): fields.append(FieldChange("product", after: .string(id.text)))
        }
        fields.append(FieldChange("region", after: .string(manifest.region.text)))
        if let cluster = manifest.cluster { fields.append(FieldChange("cluster", after: .string(cluster.text))) }
        for member in manifest.values {
            fields.append(FieldChange("values.\(member.name)", after: member.value, isValue: true))
        }
        var action = Action(
            .create, reference,
            step: .createInstall(
                manifest,
                CreateInstall(
                    source: wanted.source, region: wanted.region, cluster: wanted.cluster,
                    desiredDigest: wanted.digest, predecessor: predecessor)),
            reason: reason, after: gates.after.union(makers(of: wanted)), fields: fields)
        action.gates = gates.health
        act(action)
        resolved[reference] = .planned(reference)
        follow(manifest, wanted, .planned(reference), entry: nil, after: [action.id])
    }

    /// The actions that make what an install refers to.
    private func makers(of wanted: Wanted) -> Set<ActionID> {
        var makers: Set<ActionID> = []
        if case .package(.planned(let package), _) = wanted.source { makers.formUnion(actions(on: package)) }
        if case .planned(let version)? = wanted.version { makers.formUnion(actions(on: version)) }
        if case .planned(let cluster)? = wanted.cluster { makers.formUnion(actions(on: cluster)) }
        return makers
    }

    /// Automatic updates and the render with the commit: what comes after a create or an update.
    private mutating func follow(
        _ manifest: InstallManifest, _ wanted: Wanted, _ install: Target<InstallID>, entry: InventoryEntry?,
        after: Set<ActionID>
    ) {
        var after = after
        var id: String?
        if case .live(let live) = install { id = live.text }
        if entry?.requested.automaticUpdates != manifest.automaticUpdates {
            let action = Action(
                .setAutomaticUpdates, manifest.reference,
                step: .setAutomaticUpdates(install, manifest.automaticUpdates), resourceID: id,
                reason: entry?.requested.automaticUpdates == nil
                    ? .writtenOnce : .changed("automaticUpdates is now \(manifest.automaticUpdates)"),
                after: after, fields: [FieldChange("automaticUpdates", after: .bool(manifest.automaticUpdates))])
            act(action)
            after.insert(action.id)
        }
        let isChanged = after.contains { $0.word == .create || $0.word == .update }
        guard settings.provenance == .render, isChanged || entry?.renderedDigest != wanted.digest else { return }
        act(
            Action(
                .render, manifest.reference, step: .render(install, manifest, desiredDigest: wanted.digest),
                resourceID: id, reason: .provenance, after: after,
                fields: [FieldChange("commit", after: .string(input.commit))]))
    }

    private mutating func takeOver(
        _ install: Install, _ manifest: InstallManifest, _ wanted: Wanted, _ adoption: Adoption, _ reason: Reason
    ) {
        guard install.customerWorkspaceID == input.source.workspace else {
            hold(
                manifest.reference, .foreignWorkspace,
                "install \(install.id) belongs to workspace \(install.customerWorkspaceID) and is never touched",
                resourceID: install.id.text)
            return
        }
        var adoption = adoption
        adoption.requested.regionID = adoption.requested.regionID ?? wanted.region
        if case .package(.live(let id), _) = wanted.source { adoption.requested.packageID = id }
        let action = Action(
            .adopt, manifest.reference, step: .adopt(adoption), resourceID: install.id.text, reason: reason)
        act(action)
        var entry = InventoryEntry(resourceID: install.id.text, ownership: adoption.ownership, life: .live)
        entry.requested = adoption.requested
        entry.renderedDigest = adoption.renderedDigest
        compare(install, with: manifest, wanted, entry)
    }

    private mutating func compare(
        _ install: Install, with manifest: InstallManifest, _ wanted: Wanted, _ entry: InventoryEntry
    ) {
        let reference = manifest.reference
        guard install.customerWorkspaceID == input.source.workspace else {
            hold(
                reference, .foreignWorkspace,
                "install \(install.id) belongs to workspace \(install.customerWorkspaceID) and is never touched",
                resourceID: install.id.text)
            return
        }
        if isDependedOn.contains(reference), install.isHealthy, entry.healthyDigest != wanted.digest,
            isAt(wanted, install)
        {
            plan.bookkeeping.append(.healthy(reference, digest: wanted.digest))
        }
        let immutable = immutableDifferences(install, manifest, wanted, entry)
        guard immutable.isEmpty else {
            let names = immutable.map(\.path).joined(separator: ", ")
            hold(
                reference, .immutable,
                "\(names) can't be changed on a live install: restore the manifest, or declare "
                    + "the install under a new name", resourceID: install.id.text, fields: immutable)
            return
        }
        if let asked = entry.requested.valuesDigest, asked != wanted.valuesDigest {
            hold(
                reference, .valuesUnsupported,
                "values differ from those it was created with, and this version can't "
                    + "change the values of a live install: restore them, or delete and declare it again",
                resourceID: install.id.text, fields: [FieldChange("values", after: nil, isValue: true)])
            return
        }
        let update = update(of: install, manifest, wanted, entry)
        guard case .decided(let action) = update else { return }
        let before = plan.actions.count
        if let action { act(action) }
        follow(manifest, wanted, .live(install.id), entry: entry, after: actions(on: reference))
        guard plan.actions.count > before else {
            if actions(on: reference).isEmpty { noteInSync(reference, digest: wanted.digest, entry) }
            return
        }
        confirm(install, manifest)
    }

    private func isAt(_ wanted: Wanted, _ install: Install) -> Bool {
        guard let version = wanted.version else { return true }
        return version == .live(install.packageVersionID)
    }

    private func immutableDifferences(
        _ install: Install, _ manifest: InstallManifest, _ wanted: Wanted, _ entry: InventoryEntry
    ) -> [FieldChange] {
        var fields: [FieldChange] = []
        let asked = entry.requested
        switch wanted.source {
        case .product(let id):
            if install.productID != id {
                fields.append(
                    FieldChange(
                        "product", before: install.productID.map { .string($0.text) }, after: .string(id.text)))
            }
        case .package(let package, _):
            let live = index.versions[install.packageVersionID]?.packageID ?? asked.packageID
            if let live, package != .live(live) {
                fields.append(
                    FieldChange("package", before: .string(live.text), after: .string(manifest.target.name)))
            }
        }
        if let region = asked.regionID, region != wanted.region {
            fields.append(FieldChange("region", before: .string(region.text), after: .string(wanted.region.text)))
        }
        if let cluster = wanted.cluster, let live = install.clusterID, cluster != .live(live) {
            fields.append(
                FieldChange("cluster", before: .string(live.text), after: .string(manifest.cluster?.text ?? "")))
        }
        return fields
    }

    private enum Update {
        case decided(Action?)
        case held
    }

    private mutating func update(
        of install: Install, _ manifest: InstallManifest, _ wanted: Wanted, _ entry: InventoryEntry
    ) -> Update {
        let reference = manifest.reference
        guard let version = wanted.version, let semver = wanted.semver else { return .decided(nil) }
        if version == .live(install.packageVersionID) {
            if entry.requested.versionID == install.packageVersionID, !entry.requested.isVersionConfirmed {
                plan.bookkeeping.append(.confirmVersion(reference))
            }
            return .decided(nil)
        }
        // An update shows in no read before its render has deployed: asked for and under way is not drift.
        let isAsked = version.liveID != nil && entry.requested.versionID == version.liveID
        if isAsked, !entry.requested.isVersionConfirmed, install.isReconciling {
            hold(
                reference, .updatePending, "version \(semver) was asked for and is being rendered",
                resourceID: install.id.text)
            return .held
        }
        guard let gates = dependencies(of: manifest) else { return .held }
        let live = index.versions[install.packageVersionID]?.semver ?? install.packageVersionID.text
        var action = Action(
            .update, reference, step: .updateInstall(install.id, version: version), resourceID: install.id.text,
            reason: updateReason(manifest, wanted, entry, from: live, to: semver),
            after: gates.after.union(actions(on: reference)),
            fields: [FieldChange("version", before: .string(live), after: .string(semver))])
        if case .planned(let reference) = version { action.after.formUnion(actions(on: reference)) }
        action.gates = gates.health
        return .decided(action)
    }

    private func updateReason(
        _ manifest: InstallManifest, _ wanted: Wanted, _ entry: InventoryEntry, from live: String, to semver: String
    ) -> Reason {
        let what = "version is \(live), wanted is \(semver)"
        if entry.appliedDigest == wanted.digest { return .drift(what) }
        if case .package(_, .exact) = manifest.target { return .changed("version \(live) → \(semver)") }
        return .newVersion(from: live, to: semver)
    }

    /// Before a live install is written to it is read by id, and its newest mark must not come from a commit that this
    /// daemon does not have (I10, I18).
    private mutating func confirm(_ install: Install, _ manifest: InstallManifest) {
        guard case .present = presence(of: install.id, confirmed: true) else { return }
        guard case .markers(let markers) = markers(of: install.id),
            let newest = markers.first(where: { $0.source == input.source.name })
        else { return }
        if let applied = input.circumstances.appliedCommit, applied.hasPrefix(newest.shortCommit) { return }
        switch observed.commits[newest.shortCommit] {
        case nil: need(.commit(newest.shortCommit))
        case .same, .ancestor: break
        case .descendant, .unknown, .unrelated:
            plan.stop = plan.stop ?? .behind(manifest.reference, commit: newest.shortCommit)
        }
    }
}

// Dependencies: only an object's own creates and updates wait for them (DESIGN §4).
extension PlanBuilder {
    private struct Gates {
        var after: Set<ActionID> = []
        var health: [HealthGate] = []
    }

    /// Nil when a dependency can't be had in this pass; then that has been said.
    private mutating func dependencies(of manifest: InstallManifest) -> Gates? {
        var gates = Gates()
        for dependency in manifest.dependsOn.sorted() {
            switch resolved[dependency] {
            case nil, .pending: return nil
            case .unavailable(_, let sentence):
                hold(manifest.reference, .dependency, "waits for \(dependency): \(sentence)")
                return nil
            case .planned: addGate(for: dependency, id: nil, to: &gates)
            case .live(let id):
                guard !isHealthy(dependency, id) || !actions(on: dependency).isEmpty else { continue }
                addGate(for: dependency, id: id, to: &gates)
            }
        }
        return gates
    }

    private func addGate(for dependency: ObjectReference, id: String?, to gates: inout Gates) {
        gates.after.formUnion(actions(on: dependency))
        guard dependency.kind == .install || dependency.kind == .cluster else { return }
        let timeout = installs[dependency]?.waitTimeout ?? InstallManifest.waitTimeoutDefault
        gates.health.append(HealthGate(object: dependency, resourceID: id, timeout: timeout))
    }

    /// Healthy now, or seen healthy at what is declared now.
    private func isHealthy(_ dependency: ObjectReference, _ id: String) -> Bool {
        switch dependency.kind {
        case .package, .packageVersion: return true
        case .cluster: return ClusterID(id).flatMap { index.clusters[$0] }?.state.is(.active) ?? false
        case .install:
            if let digest = plan.desiredDigests[dependency], input.inventory[dependency]?.healthyDigest == digest {
                return true
            }
            return InstallID(id).flatMap { observed.installReads[$0]?.value ?? index.installs[$0] }?.isHealthy ?? false
        }
    }
}

extension VersionSelector {
    /// As written in a manifest.
    package var text: String {
        switch self {
        case .exact(let semver): semver
        case .range(let range): range.text
        case .latest: "latest"
        }
    }
}

extension InstallManifest.Target {
    var name: String {
        switch self {
        case .package(let reference, _), .product(let reference): reference.text
        }
    }
}

extension Target {
    var liveID: ID? { if case .live(let id) = self { id } else { nil } }
}

/// What an install is to be, as one text: a difference is what makes it rendered again (DESIGN §4).
package enum DesiredDigest {
    /// Package, resolved version, values and annotations; not labels, path, comments, key order, policies, dependsOn.
    package static func install(_ manifest: InstallManifest, semver: String?) -> String {
        var annotations = JSONObject()
        for (name, value) in manifest.header.annotations { annotations[name] = .string(value) }
        return Digest.hex(
            of: [
                "install", .string(manifest.target.name), semver.map(JSONValue.string) ?? .null,
                .object(manifest.values), .object(annotations),
            ])
    }
}
