package import AkuaModel
import Manifests

/// The versions of one package that a plan looks for.
package struct VersionDemand: Equatable, Sendable {
    /// Named exactly.
    package var exact: Set<String> = []
    /// Whether anything follows a range or `latest`.
    package var isOpen = false

    package init() {}

    mutating func add(_ selector: VersionSelector) {
        switch selector {
        case .exact(let semver): exact.insert(semver)
        case .range, .latest: isOpen = true
        }
    }
}

// What a plan will ask for, told from declarations and inventory alone: so the lists are read side by side, and the plan
// is made once, when they are there. What is foreseen is little more than a plan would ask for, and never all of it: the
// plan itself still says what it needs.
extension Planner {
    /// What a plan with nothing observed asks for, and what it asks for next whatever the lists say.
    package static func firstNeeds(of input: PlanningInput) -> Set<Need> {
        var needs: Set<Need> = []
        let declarations = input.declarations
        func isRecorded(_ reference: ObjectReference) -> Bool {
            guard let entry = input.inventory[reference] else { return false }
            return entry.life != .gone && entry.resourceID != nil
        }
        func isFree(_ reference: ObjectReference) -> Bool { input.unsettled[reference] == nil }
        for manifest in declarations.packages where isFree(manifest.reference) {
            let isCompared = if case .oci = manifest.source { manifest.adoptedID == nil } else { false }
            if isRecorded(manifest.reference) || isCompared { needs.insert(.packages) }
        }
        for manifest in declarations.clusters where isFree(manifest.reference) && isRecorded(manifest.reference) {
            needs.insert(.clusters)
        }
        for install in declarations.installs where isFree(install.reference) {
            guard isRecorded(install.reference) else {
                if install.manifest.adoptedID == nil { needs.insert(.operations) }
                continue
            }
            needs.insert(.installs)
            if case .name = install.manifest.region { needs.insert(.regions) }
            if case .product = install.manifest.target { needs.insert(.products) }
            if case .name(let name)? = install.manifest.cluster, !declarations.declares(.cluster, name) {
                needs.insert(.clusters)
            }
            if case .package(.name(let name), _) = install.manifest.target, !declarations.declares(.package, name) {
                needs.insert(.packages)
            }
        }
        return needs
    }

    /// The packages whose versions a plan looks at once it has this list of packages, and which of them.
    package static func versionDemands(
        of input: PlanningInput, in packages: [AkuaModel.Package]
    ) -> [PackageID: VersionDemand] {
        let listed = Dictionary(grouping: packages, by: \.name)
        let ids = Set(packages.lazy.map(\.id))
        var resolved: [Reference: PackageID?] = [:]
        func resolve(_ reference: Reference) -> PackageID? {
            if let known = resolved[reference] { return known }
            var id: PackageID?
            switch reference {
            case .id(let text): id = PackageID(text)
            case .name(let name) where input.declarations.declares(.package, name):
                let entry = input.inventory[ObjectReference(.package, name)]
                if let entry, entry.life == .live { id = entry.resourceID.flatMap(PackageID.init) }
            case .name(let name):
                if let matches = listed[name], matches.count == 1 { id = matches[0].id }
            }
            // What the list does not show is for the plan to find out about.
            if let found = id, !ids.contains(found) { id = nil }
            resolved[reference] = .some(id)
            return id
        }
        var demands: [PackageID: VersionDemand] = [:]
        for (reference, manifests) in input.declarations.versions {
            guard let id = resolve(reference) else { continue }
            for manifest in manifests { demands[id, default: VersionDemand()].exact.insert(manifest.semver) }
        }
        for install in input.declarations.installs {
            guard case .package(let reference, let selector) = install.manifest.target, let id = resolve(reference)
            else { continue }
            demands[id, default: VersionDemand()].add(selector)
        }
        return demands
    }
}

extension Declarations {
    func declares(_ kind: Kind, _ name: String) -> Bool { headers[ObjectReference(kind, name)] != nil }
}
