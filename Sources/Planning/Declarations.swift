import JSON
package import Manifests

/// What one commit declares, in the order of planning and indexed once: passes plan it again and again.
package struct Declarations: Sendable {
    package private(set) var desired: DesiredState
    /// The headers of everything declared, by identity.
    package let headers: [ObjectReference: ManifestHeader]
    /// By name.
    let packages: [PackageManifest]
    /// By what they call their package.
    let versions: [Reference: [PackageVersionManifest]]
    /// What versions call their packages, in one fixed order.
    let versionedPackages: [Reference]
    /// By name.
    let clusters: [ClusterManifest]
    /// Each after those that it depends on, otherwise by name.
    let installs: [DeclaredInstall]
    /// What installs depend on.
    let dependencies: Set<ObjectReference>
    /// How long dependants wait for each install that something depends on.
    let waitTimeouts: [ObjectReference: Duration]
    /// The live objects that manifests name by id as their own, each with all that do.
    let adoptions: [LiveReference: [ObjectReference]]

    /// Those of the commit, unless others are put in force.
    package var settings: Settings {
        get { desired.settings }
        set { desired.settings = newValue }
    }

    package init(_ desired: DesiredState) {
        self.desired = desired
        headers = desired.headers
        packages = desired.packages.sorted { $0.reference < $1.reference }
        clusters = desired.clusters.sorted { $0.reference < $1.reference }
        versions = Dictionary(grouping: desired.packageVersions, by: \.package).mapValues(Self.ascending)
        versionedPackages = versions.keys.sorted { ($0.text, $0.isID ? 1 : 0) < ($1.text, $1.isID ? 1 : 0) }
        installs = desired.installsInDependencyOrder.map(DeclaredInstall.init)
        dependencies = Set(desired.installs.flatMap(\.dependsOn))
        let awaited = dependencies
        waitTimeouts = Dictionary(
            installs.lazy.filter { awaited.contains($0.reference) }.map { ($0.reference, $0.manifest.waitTimeout) }
        ) { first, _ in first }
        let named =
            packages.map { ($0.adoptedID, $0.reference) } + clusters.map { ($0.adoptedID, $0.reference) }
            + installs.map { ($0.manifest.adoptedID, $0.reference) }
        adoptions = named.reduce(into: [:]) { adoptions, pair in
            guard let id = pair.0 else { return }
            adoptions[LiveReference(pair.1.kind, id), default: []].append(pair.1)
        }
    }

    /// The lowest version first.
    static func ascending(_ manifests: [PackageVersionManifest]) -> [PackageVersionManifest] {
        manifests.map { (version: SemanticVersion($0.semver), manifest: $0) }
            .sorted { left, right in
                switch (left.version, right.version) {
                case (let a?, let b?) where a != b: a < b
                case (nil, _?): true
                case (_?, nil): false
                case (_, _): left.manifest.reference < right.manifest.reference
                }
            }
            .map(\.manifest)
    }
}

extension Declarations: Equatable {
    /// All else follows from what is declared.
    package static func == (left: Declarations, right: Declarations) -> Bool { left.desired == right.desired }
}

/// An install as declared, with what follows from its manifest alone.
///
/// An object, since plans hand it on from step to step: a copy of the manifest each time would cost more than the steps.
final class DeclaredInstall: Sendable {
    let manifest: InstallManifest
    let reference: ObjectReference
    let valuesDigest: String
    /// The desired digest but for the version.
    let contentDigest: String

    init(_ manifest: InstallManifest) {
        self.manifest = manifest
        reference = manifest.reference
        valuesDigest = Digest.hex(of: .object(manifest.values))
        contentDigest = DesiredDigest.content(of: manifest, valuesDigest: valuesDigest)
    }
}

/// A live object by its kind and id.
struct LiveReference: Hashable, Sendable {
    var kind: Kind
    var id: String

    init(_ kind: Kind, _ id: String) {
        self.kind = kind
        self.id = id
    }
}

extension Reference {
    fileprivate var isID: Bool { if case .id = self { true } else { false } }
}

extension PackageManifest {
    var reference: ObjectReference { ObjectReference(.package, header.name) }
}

extension PackageVersionManifest {
    var reference: ObjectReference { ObjectReference(.packageVersion, header.name) }
}

extension ClusterManifest {
    var reference: ObjectReference { ObjectReference(.cluster, header.name) }
}

extension InstallManifest {
    package var reference: ObjectReference { ObjectReference(.install, header.name) }
}

extension InstallManifest.Target {
    var name: String {
        switch self {
        case .package(let reference, _), .product(let reference): reference.text
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

extension DesiredState {
    /// The headers of everything declared, by identity.
    package var headers: [ObjectReference: ManifestHeader] {
        var headers: [ObjectReference: ManifestHeader] = [:]
        headers.reserveCapacity(packages.count + packageVersions.count + clusters.count + installs.count)
        for manifest in packages { headers[manifest.reference] = manifest.header }
        for manifest in packageVersions { headers[manifest.reference] = manifest.header }
        for manifest in clusters { headers[manifest.reference] = manifest.header }
        for manifest in installs { headers[manifest.reference] = manifest.header }
        return headers
    }

    /// The installs, each after those it depends on, otherwise by name; a circle is entered somewhere and ends.
    fileprivate var installsInDependencyOrder: [InstallManifest] {
        let sorted = installs.sorted { $0.reference < $1.reference }
        guard sorted.contains(where: { !$0.dependsOn.isEmpty }) else { return sorted }
        let positions = Dictionary(sorted.enumerated().map { ($1.reference, $0) }) { first, _ in first }
        var isVisited = Array(repeating: false, count: sorted.count)
        var ordered: [InstallManifest] = []
        ordered.reserveCapacity(sorted.count)
        for root in sorted.indices {
            // Depth first with a stack of its own: a chain of ten thousand must not exhaust the thread's.
            var stack = [(position: root, isExpanded: false)]
            while let (position, isExpanded) = stack.popLast() {
                if isExpanded { ordered.append(sorted[position]) }
                if isVisited[position] { continue }
                isVisited[position] = true
                stack.append((position, true))
                for dependency in sorted[position].dependsOn.sorted().reversed() {
                    guard let next = positions[dependency], !isVisited[next] else { continue }
                    stack.append((next, false))
                }
            }
        }
        return ordered
    }
}
