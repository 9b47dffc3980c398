import AkuaModel
import JSON
import Manifests

/// The versions of packages. A published version never changes and is never deleted by itself.
extension PlanBuilder {
    mutating func planPackageVersions() {
        var byTarget: [Target<PackageID>: [PackageVersionManifest]] = [:]
        var targets: [Target<PackageID>] = []
        for package in declarations.versionedPackages {
            guard let manifests = declarations.versions[package], let first = manifests.first else { continue }
            for manifest in manifests {
                noteProtection(of: manifest.reference, manifest.header, input.inventory[manifest.reference])
            }
            let resolution = resolve(package: package, for: first.reference)
            if let target = resolution.target {
                // A package that is called by name here and by id there is one package.
                if let others = byTarget[target] {
                    byTarget[target] = Declarations.ascending(others + manifests)
                } else {
                    byTarget[target] = manifests
                    targets.append(target)
                }
            } else if case .unavailable(let code, let sentence) = resolution {
                for manifest in manifests { withhold(manifest.reference, code, sentence) }
            } else {
                for manifest in manifests { resolved[manifest.reference] = .pending }
            }
        }
        for target in targets { plan(versions: byTarget[target] ?? [], of: target) }
    }

    /// - Parameter manifests: the lowest version first.
    private mutating func plan(versions manifests: [PackageVersionManifest], of package: Target<PackageID>) {
        let single = withoutRepetitions(manifests)
        guard case .live(let id) = package else { return publish(single, of: package) }
        for manifest in single {
            guard let entry = input.inventory[manifest.reference], entry.life == .live,
                let version = entry.resourceID.flatMap(PackageVersionID.init)
            else { continue }
            recordedVersions[id, default: []].insert(version)
        }
        switch versions(of: id) {
        case nil: for manifest in single { resolved[manifest.reference] = .pending }
        case .failed(let sentence): for manifest in single { withhold(manifest.reference, .readFailed, sentence) }
        case .value(let list):
            let live = Dictionary(list.map { ($0.semver, $0) }) { first, _ in first }
            for manifest in single {
                if let version = live[manifest.semver] { compare(version, with: manifest) }
            }
            publish(single.filter { live[$0.semver] == nil }, of: package)
        }
    }

    /// Leaves out versions that are declared more than once, and says so of each.
    private mutating func withoutRepetitions(_ manifests: [PackageVersionManifest]) -> [PackageVersionManifest] {
        let bySemver = Dictionary(grouping: manifests, by: \.semver)
        if bySemver.count == manifests.count { return manifests }
        return manifests.filter { manifest in
            guard let all = bySemver[manifest.semver], all.count > 1 else { return true }
            let names = Self.list(all.map(\.reference.description))
            withhold(manifest.reference, .identityConflict, "version \(manifest.semver) is declared by \(names)")
            return false
        }
    }

    /// Publishes in ascending order, so that the platform's `latest` ends on the highest; what a lower one is held back
    /// by holds back the higher ones too.
    private mutating func publish(_ manifests: [PackageVersionManifest], of package: Target<PackageID>) {
        var (imported, previous): (ObjectReference?, Set<ActionID>) = (nil, [])
        if case .planned(let reference) = package {
            (imported, previous) = (importedVersions[reference], actions(on: reference))
        }
        var obstacle: ObjectReference?
        for manifest in manifests {
            let reference = manifest.reference
            if reference == imported {
                willPublish(manifest, of: package)
            } else if let obstacle {
                withhold(reference, .dependency, "waits for \(obstacle): lower versions are published first")
            } else if let reason = obstacleToPublishing(in: package) {
                withhold(reference, .missingReference, reason)
            } else if propose(reference, [publishing(manifest, package, after: previous)]) {
                willPublish(manifest, of: package)
                previous = actions(on: reference)
            } else {
                settle(reference, isPlanned: false)
                // A suspended version is left out on purpose; any other is still to come.
                obstacle = manifest.header.isSuspended ? nil : reference
            }
        }
    }

    private mutating func willPublish(_ manifest: PackageVersionManifest, of package: Target<PackageID>) {
        let reference = manifest.reference
        resolved[reference] = .planned(reference)
        plan.desiredDigests[reference] = DesiredDigest.packageVersion(manifest)
        plannedVersions[package, default: [:]][manifest.semver] = .planned(reference)
    }

    private func obstacleToPublishing(in package: Target<PackageID>) -> String? {
        let isChart =
            switch package {
            case .planned(let reference): importedVersions[reference] == nil
            case .live(let id): if case .hosted? = index.packages?[id]?.source { true } else { false }
            }
        return isChart ? "its package is built from a chart, and takes no versions from elsewhere" : nil
    }

    private func publishing(
        _ manifest: PackageVersionManifest, _ package: Target<PackageID>, after previous: Set<ActionID>
    ) -> Action {
        let entry = input.inventory[manifest.reference]
        let recorded = entry?.life == .live ? entry?.resourceID : nil
        let isElsewhere = recorded.flatMap(PackageVersionID.init).map { index.versions[$0] != nil } ?? false
        let reason: Reason =
            switch recorded {
            case nil: .declared
            case _? where isElsewhere: .changed("semver is now \(manifest.semver)")
            case let id?: .gone(id)
            }
        return Action(
            .publish, manifest.reference, step: .publish(manifest, package: package), reason: reason, after: previous,
            fields: [
                FieldChange("package", after: .string(manifest.package.text)),
                FieldChange("semver", after: .string(manifest.semver)),
                FieldChange("ref", after: .string(manifest.ref)),
            ])
    }

    private mutating func compare(_ version: PackageVersion, with manifest: PackageVersionManifest) {
        let reference = manifest.reference
        resolved[reference] = .live(version.id.text)
        let digest = DesiredDigest.packageVersion(manifest)
        let known = input.inventory[reference].flatMap { entry in
            entry.resourceID == version.id.text && entry.life == .live ? entry : nil
        }
        var fields: [FieldChange] = []
        if version.ref != manifest.ref {
            fields.append(FieldChange("ref", before: .string(version.ref), after: .string(manifest.ref)))
        }
        if version.inputSchema != .object(manifest.inputSchema) {
            fields.append(FieldChange("inputSchema", after: nil))
        }
        if let applied = known?.appliedDigest, applied != digest {
            // No read shows it: there the journal remembers what was asked for.
            fields.append(FieldChange("compatibility", after: manifest.compatibility.map(JSONValue.object)))
        }
        if known == nil { plan.bookkeeping.append(.share(reference, resourceID: version.id.text)) }
        guard fields.isEmpty else {
            return hold(
                reference, .immutable,
                "version \(manifest.semver) is published with another \(fields.map(\.path).joined(separator: ", ")): "
                    + "a version can't be changed; publish the difference under a new semver",
                resourceID: version.id.text, fields: fields)
        }
        if let known { noteInSync(reference, digest: digest, known) }
    }
}
