import AkuaModel
import Manifests

/// The versions of one package that an install can ask for: those published, and those that this plan publishes.
struct VersionCatalog {
    enum Choice {
        case version(semver: String, Target<PackageVersionID>)
        case none(String)
    }

    /// By their whole text: two that differ in build metadata only are two.
    private let targets: [String: Target<PackageVersionID>]
    private lazy var versions = targets.keys.compactMap(SemanticVersion.init)
    /// What ranges came to; an exact version needs no search.
    private var choices: [VersionSelector: String?] = [:]

    init(_ targets: [String: Target<PackageVersionID>]) { self.targets = targets }

    /// Resolves a selector; a range or `latest` always becomes an exact version here, never at the platform.
    mutating func choose(_ selector: VersionSelector, of package: String) -> Choice {
        if let semver = semver(for: selector), let target = targets[semver] { return .version(semver: semver, target) }
        let known = targets.isEmpty ? "" : "; it has " + Self.newest(of: versions)
        let isPrereleaseOnly = selector == .latest && !versions.isEmpty
        return .none(
            "package '\(package)' has no version \(selector.text), neither published nor declared here\(known)"
                + (isPrereleaseOnly ? ", and latest takes no pre-release: name one" : ""))
    }

    private mutating func semver(for selector: VersionSelector) -> String? {
        if case .exact(let semver) = selector { return semver }
        if let known = choices[selector] { return known }
        let chosen =
            switch selector {
            case .exact(let semver): semver
            case .range(let range): range.highest(among: versions)?.description
            case .latest: versions.filter { !$0.isPrerelease }.max()?.description
            }
        choices[selector] = .some(chosen)
        return chosen
    }

    private static func newest(of versions: [SemanticVersion]) -> String {
        let shown = versions.sorted(by: >).prefix(5).map(\.description).joined(separator: ", ")
        return versions.count > 5 ? "\(shown) and \(versions.count - 5) older" : shown
    }
}

extension PlanBuilder {
    enum CatalogLookup {
        case choice(VersionCatalog.Choice)
        /// The platform builds the package from a chart, and its versions with it.
        case unbuilt(ObjectReference)
        case failed(String)
        case pending
    }

    /// What a selector comes to among the versions of a package.
    mutating func choose(
        _ selector: VersionSelector, of package: Target<PackageID>, named name: String
    ) -> CatalogLookup {
        if catalogs[package] == nil {
            if case .planned(let reference) = package, importedVersions[reference] == nil { return .unbuilt(reference) }
            var targets = plannedVersions[package] ?? [:]
            if case .live(let id) = package {
                switch versions(of: id) {
                case nil: return .pending
                case .failed(let sentence): return .failed(sentence)
                case .value(let list): for version in list { targets[version.semver] = .live(version.id) }
                }
            }
            catalogs[package] = VersionCatalog(targets)
        }
        guard let choice = catalogs[package]?.choose(selector, of: name) else { return .pending }
        return .choice(choice)
    }

    /// The versions of a package: those listed, and those that are known to be there all the same.
    ///
    /// A version is never deleted by itself, so one that the list lacks is looked for by its id (I10): taken for gone, it
    /// would be published again, and what follows `latest` would go back to an older one.
    mutating func versions(of id: PackageID) -> Known<[PackageVersion]>? {
        guard let known = observed.versions[id] else {
            need(.versions(id))
            return nil
        }
        guard case .value(var versions) = known else { return known }
        if let latest = (observed.packageReads[id]?.value ?? index.packages?[id])?.latestVersionID {
            recordedVersions[id, default: []].insert(latest)
        }
        guard let recorded = recordedVersions[id] else { return known }
        var isPending = false
        for version in recorded.subtracting(versions.lazy.map(\.id)).sorted() {
            switch observed.versionReads[version] {
            case .value(let version?): versions.append(version)
            case .value(nil): break
            case .failed(let sentence): return .failed(sentence)
            case nil:
                need(.version(version, of: id))
                isPending = true
            }
        }
        return isPending ? nil : .value(versions)
    }

    /// The versions on record, and those that installs on record were asked for, by their packages.
    static func recordedVersions(in inventory: Inventory) -> [PackageID: Set<PackageVersionID>] {
        var versions: [PackageID: Set<PackageVersionID>] = [:]
        for (reference, entry) in inventory where entry.life == .live {
            guard let package = entry.requested.packageID else { continue }
            switch reference.kind {
            case .packageVersion:
                if let id = entry.resourceID.flatMap(PackageVersionID.init) {
                    versions[package, default: []].insert(id)
                }
            case .install:
                if let id = entry.requested.versionID { versions[package, default: []].insert(id) }
            case .package, .cluster: break
            }
        }
        return versions
    }
}
