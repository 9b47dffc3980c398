import AkuaModel
import JSON
import Manifests

/// Packages and their versions. Neither can be changed after creation, so a difference is reported, never written.
extension PlanBuilder {
    mutating func planPackages() {
        for manifest in input.desired.packages.sorted(by: { $0.header.name < $1.header.name }) {
            plan(package: manifest)
        }
    }

    private mutating func plan(package manifest: PackageManifest) {
        let reference = ObjectReference(.package, manifest.header.name)
        let entry = input.inventory[reference]
        plan.desiredDigests[reference] = Self.digest(of: manifest)
        switch life(of: manifest, reference, entry) {
        case .pending: resolved[reference] = .pending
        case .held(let code, let sentence):
            hold(reference, code, sentence, resourceID: entry?.resourceID)
            resolved[reference] = .unavailable(code, sentence)
        case .live(let package, let isOurs):
            claimed.insert(package.id.text)
            resolved[reference] = .live(package.id.text)
            compare(package, with: manifest, reference, isOurs: isOurs, entry)
        case .absent(let reason):
            create(manifest, reference, reason)
        }
    }

    private enum PackageLife {
        case live(AkuaModel.Package, isOurs: Bool)
        case absent(Reason)
        case held(Hold.Code, String)
        case pending
    }

    private mutating func life(
        of manifest: PackageManifest, _ reference: ObjectReference, _ entry: InventoryEntry?
    ) -> PackageLife {
        var reason = Reason.declared
        if let entry, let id = entry.resourceID.flatMap(PackageID.init), entry.life != .gone {
            if let adopted = manifest.adoptedID, adopted != id.text {
                return .held(
                    .identityConflict,
                    "packageID names \(adopted), but the journal knows \(reference) as \(id): "
                        + "release it first, or correct packageID")
            }
            switch presence(of: id) {
            case .present(let package): return .live(package, isOurs: entry.isOwned || manifest.adoptedID != nil)
            case .failed(let sentence): return .held(.readFailed, sentence)
            case .unknown: return .pending
            case .gone: reason = .gone(id.text)
            }
        }
        if let adopted = manifest.adoptedID {
            guard let id = PackageID(adopted) else { return .held(.missingReference, "'\(adopted)' is no package id") }
            switch presence(of: id, confirmed: true) {
            case .present(let package): return .live(package, isOurs: true)
            case .failed(let sentence): return .held(.readFailed, sentence)
            case .unknown: return .pending
            case .gone: return .held(.missingReference, "package \(adopted), named by packageID, is not there")
            }
        }
        guard let packages = observed.packages else {
            need(.packages)
            return .pending
        }
        return match(manifest, among: packages, orElse: reason)
    }

    /// Exactly one live package with this source and name, else exactly one with this source.
    private func match(
        _ manifest: PackageManifest, among packages: [AkuaModel.Package], orElse reason: Reason
    ) -> PackageLife {
        let sameSource = packages.filter { Self.hasSource($0, of: manifest) }
        let exact = sameSource.filter { $0.name == manifest.apiName }
        if exact.count == 1 { return .live(exact[0], isOurs: false) }
        if exact.isEmpty, sameSource.isEmpty { return .absent(reason) }
        // A chart's package says nothing of the chart: its name is all there is to go by.
        if exact.isEmpty, case .helm = manifest.source { return .absent(reason) }
        if exact.isEmpty, sameSource.count == 1 { return .live(sameSource[0], isOurs: false) }
        let list = (exact.isEmpty ? sameSource : exact).map(\.id.text).sorted().joined(separator: " and ")
        return .held(.ambiguous, "more than one live package matches: \(list); say which with packageID")
    }

    private static func hasSource(_ package: AkuaModel.Package, of manifest: PackageManifest) -> Bool {
        switch (package.source, manifest.source) {
        case (.oci(let live), .oci(let declared)): OCIReference.bare(live) == OCIReference.bare(declared)
        case (.hosted, .helm): true
        default: false
        }
    }

    private mutating func compare(
        _ package: AkuaModel.Package, with manifest: PackageManifest, _ reference: ObjectReference, isOurs: Bool,
        _ entry: InventoryEntry?
    ) {
        var fields: [FieldChange] = []
        if package.name != manifest.apiName {
            fields.append(FieldChange("name", before: .string(package.name), after: .string(manifest.apiName)))
        }
        if let description = manifest.description, description != package.description ?? "" {
            fields.append(
                FieldChange(
                    "description", before: package.description.map(JSONValue.string), after: .string(description)))
        }
        if !Self.hasSource(package, of: manifest) {
            fields.append(FieldChange("source", before: nil, after: .string(Self.sourceText(manifest.source))))
        }
        if entry?.resourceID != package.id.text || entry?.life != .live {
            take(reference, package.id.text, isOurs: isOurs)
        } else if fields.isEmpty {
            noteInSync(reference, digest: Self.digest(of: manifest), entry)
        }
        guard !fields.isEmpty else { return }
        hold(
            reference, isOurs ? .immutable : .shared,
            "\(fields.map(\.path).joined(separator: ", ")) differs and can't be changed on a live package"
                + (isOurs ? ": restore the manifest, or declare it under a new name" : ", which is used, not owned"),
            resourceID: package.id.text, fields: fields)
    }

    private mutating func create(_ manifest: PackageManifest, _ reference: ObjectReference, _ reason: Reason) {
        var fields = [
            FieldChange("name", after: .string(manifest.apiName)),
            FieldChange("source", after: .string(Self.sourceText(manifest.source))),
        ]
        if let description = manifest.description {
            fields.append(FieldChange("description", after: .string(description)))
        }
        guard case .oci = manifest.source else {
            need(operationsUnlessRead: ())
            act(
                Action(
                    .create, reference, step: .createPackage(manifest), reason: reason, fields: fields))
            resolved[reference] = .planned(reference)
            return
        }
        guard let first = declaredVersions(of: manifest.header.name).first else {
            let sentence = "no PackageVersion is declared for it, and the platform has no package without a version"
            hold(reference, .noVersion, sentence)
            resolved[reference] = .unavailable(.noVersion, sentence)
            return
        }
        fields.append(FieldChange("version", after: .string(first.semver)))
        need(operationsUnlessRead: ())
        act(
            Action(
                .import, reference, step: .importPackage(manifest, firstVersion: first), reason: reason,
                fields: fields))
        resolved[reference] = .planned(reference)
    }

    /// The versions declared for a package of this source, lowest first.
    func declaredVersions(of package: String) -> [PackageVersionManifest] {
        input.desired.packageVersions
            .filter { $0.package == .name(package) && !$0.header.isSuspended }
            .sorted { SemanticVersion.orders($0.semver, before: $1.semver) }
    }

    /// DESIGN §4: the feed of operations is read before the first create of a pass.
    mutating func need(operationsUnlessRead _: Void) {
        if observed.operations == nil { need(.operations) }
    }

    private static func sourceText(_ source: PackageManifest.Source) -> String {
        switch source {
        case .oci(let reference): reference
        case .helm(let helm): [helm.repoURL, helm.chart, helm.targetRevision].compactMap(\.self).joined(separator: " ")
        }
    }

    private static func digest(of manifest: PackageManifest) -> String {
        Digest.hex(
            of: [
                "package", .string(manifest.apiName), .string(sourceText(manifest.source)),
                .string(manifest.description ?? ""),
            ])
    }
}

extension PlanBuilder {
    mutating func planPackageVersions() {
        let byPackage = Dictionary(grouping: input.desired.packageVersions, by: \.package)
        for package in byPackage.keys.sorted(by: { $0.text < $1.text }) {
            let manifests = (byPackage[package] ?? []).sorted { SemanticVersion.orders($0.semver, before: $1.semver) }
            plan(versions: manifests, of: package)
        }
    }

    /// Publishes what is missing in ascending order, so that the platform's `latest` ends on the highest.
    private mutating func plan(versions manifests: [PackageVersionManifest], of package: Reference) {
        let resolution = resolve(package: package)
        var live: [String: PackageVersion] = [:]
        var previous: Set<ActionID> = []
        switch resolution {
        case .pending:
            for manifest in manifests { resolved[manifest.reference] = .pending }
            return
        case .unavailable(let code, let sentence):
            for manifest in manifests {
                hold(manifest.reference, code, sentence)
                resolved[manifest.reference] = .unavailable(code, sentence)
            }
            return
        case .live(let id):
            switch versions(of: id) {
            case nil:
                for manifest in manifests { resolved[manifest.reference] = .pending }
                return
            case .failed(let sentence):
                for manifest in manifests {
                    hold(manifest.reference, .readFailed, sentence)
                    resolved[manifest.reference] = .unavailable(.readFailed, sentence)
                }
                return
            case .value(let list): live = Dictionary(list.map { ($0.semver, $0) }) { first, _ in first }
            }
        case .planned(let reference): previous = actions(on: reference)
        }
        let imported = firstVersion(importedWith: resolution)
        for manifest in manifests {
            plan.desiredDigests[manifest.reference] = Self.digest(of: manifest)
            if let version = live[manifest.semver] {
                compare(version, with: manifest)
            } else if imported == manifest.header.name {
                resolved[manifest.reference] = .planned(manifest.reference)
            } else if let target = resolution.target {
                previous = publish(manifest, target, after: previous)
            }
        }
    }

    private func firstVersion(importedWith resolution: Resolution<PackageID>) -> String? {
        guard case .planned(let reference) = resolution else { return nil }
        return declaredVersions(of: reference.name).first?.header.name
    }

    private mutating func publish(
        _ manifest: PackageVersionManifest, _ package: Target<PackageID>, after previous: Set<ActionID>
    ) -> Set<ActionID> {
        let action = Action(
            .publish, manifest.reference, step: .publish(manifest, package: package), reason: .declared,
            after: previous,
            fields: [
                FieldChange("package", after: .string(manifest.package.text)),
                FieldChange("semver", after: .string(manifest.semver)),
                FieldChange("ref", after: .string(manifest.ref)),
            ])
        act(action)
        resolved[manifest.reference] = .planned(manifest.reference)
        return [action.id]
    }

    /// Not of the schema: a published version is compared with it in full, and never changes.
    private static func digest(of manifest: PackageVersionManifest) -> String {
        Digest.hex(
            of: ["version", .string(manifest.package.text), .string(manifest.semver), .string(manifest.ref)])
    }

    private mutating func compare(_ version: PackageVersion, with manifest: PackageVersionManifest) {
        claimed.insert(version.id.text)
        resolved[manifest.reference] = .live(version.id.text)
        let entry = input.inventory[manifest.reference]
        var fields: [FieldChange] = []
        if version.ref != manifest.ref {
            fields.append(FieldChange("ref", before: .string(version.ref), after: .string(manifest.ref)))
        }
        if version.inputSchema != .object(manifest.inputSchema) {
            fields.append(FieldChange("inputSchema", before: nil, after: nil))
        }
        guard fields.isEmpty else {
            hold(
                manifest.reference, .immutable,
                "version \(manifest.semver) is published with another \(fields.map(\.path).joined(separator: ", ")): "
                    + "a version can't be changed; publish the difference under a new semver",
                resourceID: version.id.text, fields: fields)
            return
        }
        if entry?.resourceID != version.id.text || entry?.life != .live {
            take(manifest.reference, version.id.text, isOurs: false)
        } else {
            noteInSync(manifest.reference, digest: Self.digest(of: manifest), entry)
        }
    }
}

extension PlanBuilder {
    /// Records a live object that the journal does not have under this identity yet.
    mutating func take(_ reference: ObjectReference, _ id: String, isOurs: Bool) {
        guard isOurs else {
            plan.bookkeeping.append(.share(reference, resourceID: id))
            return
        }
        act(
            Action(
                .adopt, reference, step: .adopt(Adoption(resourceID: id, ownership: .adopted)), resourceID: id,
                reason: .namedByID))
    }

    /// Records that an object agrees with its manifest, when the journal does not say so yet.
    mutating func noteInSync(_ reference: ObjectReference, digest: String, _ entry: InventoryEntry?) {
        guard let entry else { return }
        if entry.appliedDigest != digest || entry.protection != protection(of: reference) || entry.failures > 0 {
            plan.bookkeeping.append(.inSync(reference, digest: digest))
        }
    }
}

extension PackageVersionManifest {
    var reference: ObjectReference { ObjectReference(.packageVersion, header.name) }
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
