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

    mutating func versions(of id: PackageID) -> Known<[PackageVersion]>? {
        if let known = observed.versions[id] { return known }
        need(.versions(id))
        return nil
    }
}
