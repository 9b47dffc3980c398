import AkuaModel
import JSON
import Manifests

/// Packages. Nothing of one can be changed after creation, so a difference is reported, never written.
extension PlanBuilder {
    mutating func planPackages() {
        for manifest in declarations.packages { plan(package: manifest) }
    }

    private mutating func plan(package manifest: PackageManifest) {
        let reference = manifest.reference
        switch recognize(reference, manifest.header, adopting: manifest.adoptedID, as: AkuaModel.Package.self) {
        case .pending: resolved[reference] = .pending
        case .held(let code, let sentence): withhold(reference, code, sentence)
        case .known(let package, let entry):
            resolved[reference] = .live(package.id.text)
            guard agrees(package, with: manifest, entry) else { break }
            noteInSync(reference, digest: DesiredDigest.package(manifest), entry)
        case .found(let package, let adoption, let reason): take(package, manifest, adoption, reason)
        case .unrecorded(let reason):
            switch match(manifest) {
            case .pending: resolved[reference] = .pending
            case .held(let code, let sentence): withhold(reference, code, sentence)
            case .one(let package):
                take(package, manifest, Adoption(resourceID: package.id.text, ownership: .shared), .recovered)
            case .none: create(manifest, reason)
            }
        }
    }

    /// What a package is found by when neither the journal nor an id leads to it.
    private enum Match {
        case one(AkuaModel.Package)
        case none
        case held(Hold.Code, String)
        case pending
    }

    private mutating func match(_ manifest: PackageManifest) -> Match {
        if case .helm = manifest.source {
            let byKey = matchByKey(manifest.reference)
            guard case .none = byKey else { return byKey }
        }
        guard let packages = index.packages else {
            need(.packages)
            return .pending
        }
        var matches: [AkuaModel.Package] = []
        switch manifest.source {
        case .helm:
            // A chart's package says nothing of the chart, so that its name is all there is to go by.
            matches = (index.packagesByName?[manifest.apiName] ?? []).compactMap { packages[$0] }
                .filter { Self.hasSource($0, of: manifest) }
        case .oci(let artifact):
            matches = index.packagesByArtifact[String(OCIReference.bare(artifact))] ?? []
            let exact = matches.filter { $0.name == manifest.apiName }
            if !exact.isEmpty { matches = exact }
        }
        matches.removeAll { isElsewhere(LiveReference(.package, $0.id.text), than: manifest.reference) }
        if matches.count > 1 {
            return .held(
                .ambiguous,
                "more than one live package matches: \(Self.list(matches.map(\.id.text))); say which with packageID")
        }
        return matches.first.map(Match.one) ?? .none
    }

    /// A chart's package is built by an operation that shows the key of its create.
    private mutating func matchByKey(_ reference: ObjectReference) -> Match {
        guard let feed = observed.operations else {
            need(.operations)
            return .pending
        }
        var result = Match.none
        for operation in creates(of: reference, in: feed) {
            guard let id: PackageID = operation.responseID("package_id") else {
                if operation.isDone { continue }
                return .held(.waitingForOperation, "operation \(operation.id) is making it")
            }
            switch presence(of: id, confirmed: true) {
            case .present(let package): return .one(package)
            case .gone: continue
            case .failed(let sentence): return .held(.readFailed, sentence)
            case .unknown: result = .pending
            }
        }
        return result
    }

    private static func hasSource(_ package: AkuaModel.Package, of manifest: PackageManifest) -> Bool {
        switch (package.source, manifest.source) {
        case (.oci(let live), .oci(let declared)): OCIReference.bare(live) == OCIReference.bare(declared)
        case (.hosted, .helm): true
        case (_, _): false
        }
    }

    /// Puts a live package on record: as ours when a manifest names it by id, else as one that is used (I13).
    private mutating func take(
        _ package: AkuaModel.Package, _ manifest: PackageManifest, _ adoption: Adoption, _ reason: Reason
    ) {
        let reference = manifest.reference
        resolved[reference] = .live(package.id.text)
        plan.desiredDigests[reference] = DesiredDigest.package(manifest)
        _ = propose(reference, record(reference, adoption, reason))
        var entry = recorded(reference, as: adoption.resourceID)
        entry.ownership = adoption.ownership
        _ = agrees(package, with: manifest, entry)
    }

    /// Whether nothing differs; what does is said.
    private mutating func agrees(
        _ package: AkuaModel.Package, with manifest: PackageManifest, _ entry: InventoryEntry
    ) -> Bool {
        let reference = manifest.reference
        var fields: [FieldChange] = []
        if package.name != manifest.apiName {
            fields.append(FieldChange("name", before: .string(package.name), after: .string(manifest.apiName)))
        }
        if let description = manifest.description, description != package.description ?? "" {
            let live = package.description.map(JSONValue.string)
            fields.append(FieldChange("description", before: live, after: .string(description)))
        }
        // What a chart was built from shows in no read: there the journal remembers what was asked for.
        let isBuiltFromOther = entry.appliedDigest.map { $0 != DesiredDigest.package(manifest) } ?? false
        if !Self.hasSource(package, of: manifest) || isBuiltFromOther {
            fields.append(FieldChange("source", after: .string(Self.sourceText(manifest.source))))
        }
        guard !fields.isEmpty else { return true }
        let names = fields.map(\.path).joined(separator: ", ")
        let remedy =
            entry.isOwned
            ? ": restore the manifest, or declare it under a new name" : ", and the package is used, not owned"
        hold(
            reference, entry.isOwned ? .immutable : .shared,
            "\(names) can't be changed on a live package" + remedy, resourceID: package.id.text, fields: fields)
        return false
    }

    private mutating func create(_ manifest: PackageManifest, _ reason: Reason) {
        let reference = manifest.reference
        plan.desiredDigests[reference] = DesiredDigest.package(manifest)
        // The feed of operations is read before the first create of a pass.
        if observed.operations == nil { need(.operations) }
        var fields = [
            FieldChange("name", after: .string(manifest.apiName)),
            FieldChange("source", after: .string(Self.sourceText(manifest.source))),
        ]
        if let description = manifest.description {
            fields.append(FieldChange("description", after: .string(description)))
        }
        let action: Action
        switch manifest.source {
        case .helm:
            action = Action(.create, reference, step: .createPackage(manifest), reason: reason, fields: fields)
        case .oci:
            guard let first = firstVersion(of: manifest) else {
                return withhold(
                    reference, .noVersion,
                    "no PackageVersion is declared for it, and the platform has no package without a version")
            }
            fields.append(FieldChange("version", after: .string(first.semver)))
            importedVersions[reference] = first.reference
            action = Action(
                .import, reference, step: .importPackage(manifest, firstVersion: first), reason: reason, fields: fields)
        }
        settle(reference, isPlanned: propose(reference, [action]))
    }

    /// The version that is published together with its package.
    func firstVersion(of manifest: PackageManifest) -> PackageVersionManifest? {
        declarations.versions[.name(manifest.header.name)]?.first {
            !$0.header.isSuspended && input.unsettled[$0.reference] == nil
        }
    }

    private static func sourceText(_ source: PackageManifest.Source) -> String {
        switch source {
        case .oci(let reference): reference
        case .helm(let helm): [helm.repoURL, helm.chart, helm.targetRevision].compactMap(\.self).joined(separator: " ")
        }
    }
}

// What planners of all kinds do with an object as a whole.
extension PlanBuilder {
    /// Holds an object that has no live one to refer to.
    mutating func withhold(_ reference: ObjectReference, _ code: Hold.Code, _ sentence: String) {
        hold(reference, code, sentence, resourceID: input.inventory[reference]?.resourceID)
        resolved[reference] = .unavailable(code, sentence)
    }

    /// What an object that is to be created is referred to by.
    mutating func settle(_ reference: ObjectReference, isPlanned: Bool) {
        resolved[reference] =
            isPlanned ? .planned(reference) : .unavailable(.dependency, "it is held back and not made in this pass")
    }

    /// What it takes to put a live object on record: nothing when there is no proof that we made it, since then it is
    /// only used.
    mutating func record(_ reference: ObjectReference, _ adoption: Adoption, _ reason: Reason) -> [Action] {
        claimed.insert(LiveReference(reference.kind, adoption.resourceID))
        if adoption.ownership == .shared {
            plan.bookkeeping.append(.share(reference, resourceID: adoption.resourceID))
            return []
        }
        return [
            Action(.adopt, reference, step: .adopt(adoption), resourceID: adoption.resourceID, reason: reason)
        ]
    }

    /// What the journal knows of a live object, or nothing but its id.
    func recorded(_ reference: ObjectReference, as id: String) -> InventoryEntry {
        if let entry = input.inventory[reference], entry.resourceID == id { return entry }
        return InventoryEntry(resourceID: id, ownership: .shared, life: .live)
    }

    /// The creates of one identity, newest first.
    func creates(of reference: ObjectReference, in feed: OperationFeed) -> [Operation] {
        // Most feeds hold no create at all, and a hash costs more than a look.
        feed.creates.isEmpty ? [] : identityParts(of: reference).flatMap { feed.creates[$0] ?? [] }
    }

    /// What the keys of an identity begin with, under all names that this source ever had.
    func identityParts(of reference: ObjectReference) -> [String] {
        ([input.source.name] + input.formerNames).map { name in
            IdempotencyKey.identityPart(
                of: reference, in: SourceIdentity(workspace: input.source.workspace, name: name))
        }
    }
}

/// References to OCI artifacts: the platform answers without tag and digest, so they are compared without.
package enum OCIReference {
    /// The reference without tag and digest.
    package static func bare(_ reference: String) -> Substring {
        let withoutDigest = reference.prefix { $0 != "@" }
        guard let slash = withoutDigest.lastIndex(of: "/") else { return withoutDigest }
        guard let colon = withoutDigest[slash...].firstIndex(of: ":") else { return withoutDigest }
        return withoutDigest[..<colon]
    }
}
