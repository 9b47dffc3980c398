import AkuaModel
package import JSON
package import Manifests
package import Planning

/// What a pass that only looked has seen: everything declared, and as much of the workspace as its plan needed.
package struct Sight: Equatable, Sendable {
    let declarations: Declarations
    let observed: ObservedState

    /// One fact about an object, by a name that people know.
    package struct Fact: Equatable, Sendable {
        package var name: String
        package var value: JSONValue
        /// Part of `values`: shown only when asked for (I11).
        package var isValue = false

        package init(_ name: String, _ value: JSONValue, isValue: Bool = false) {
            self.name = name
            self.value = value
            self.isValue = isValue
        }

        init(_ name: String, _ text: String) { self.init(name, .string(text)) }
    }

    /// What the workspace shows of an object.
    package enum Observed: Equatable, Sendable {
        /// The plan had no need to look.
        case unread
        case absent
        case live([Fact])
    }

    package init(declarations: Declarations, observed: ObservedState) {
        self.declarations = declarations
        self.observed = observed
    }

    /// Everything that is declared, in order.
    package var declared: [ObjectReference] { declarations.headers.keys.sorted() }

    /// Where an object is declared; nil when it is not.
    package func location(of object: ObjectReference) -> SourceLocation? { declarations.headers[object]?.location }

    /// What the manifest asks for; nil when there is none.
    package func desired(_ object: ObjectReference) -> [Fact]? {
        guard let header = declarations.headers[object] else { return nil }
        let desired = declarations.desired
        var facts: [Fact]
        switch object.kind {
        case .package: facts = desired.packages.first { $0.header.name == object.name }.map(Self.facts) ?? []
        case .packageVersion:
            facts = desired.packageVersions.first { $0.header.name == object.name }.map(Self.facts) ?? []
        case .cluster: facts = desired.clusters.first { $0.header.name == object.name }.map(Self.facts) ?? []
        case .install: facts = desired.installs.first { $0.header.name == object.name }.map(Self.facts) ?? []
        }
        if header.deletionPolicy != .delete { facts.append(Fact("deletionPolicy", header.deletionPolicy.rawValue)) }
        if header.isSuspended { facts.append(Fact("suspend", true)) }
        return facts
    }

    /// What the workspace shows of the live object with this id.
    package func observed(_ kind: Kind, id: String) -> Observed {
        switch kind {
        case .package:
            guard let id = PackageID(id) else { return .unread }
            return Self.look(for: id, in: observed.packages, \.id, orIn: observed.packageReads, facts)
        case .packageVersion:
            guard let id = PackageVersionID(id) else { return .unread }
            guard let version = version(id) else { return .unread }
            return .live([
                Fact("package", version.packageID.text), Fact("semver", version.semver), Fact("ref", version.ref),
            ])
        case .cluster:
            guard let id = ClusterID(id) else { return .unread }
            return Self.look(for: id, in: observed.clusters, \.id, orIn: observed.clusterReads, facts)
        case .install:
            guard let id = InstallID(id) else { return .unread }
            let found = Self.look(for: id, in: observed.installs, \.id, orIn: observed.installReads, facts)
            if observed.installs?.first(where: { $0.id == id })?.isDeleted ?? false { return .absent }
            return found
        }
    }

    /// A read by id says more than a list, which is no proof of absence (I10).
    private static func look<ID: Hashable, Value>(
        for id: ID, in list: [Value]?, _ key: (Value) -> ID, orIn reads: [ID: Known<Value?>], _ facts: (Value) -> [Fact]
    ) -> Observed {
        if case .value(let value) = reads[id] { return value.map { .live(facts($0)) } ?? .absent }
        return list?.first { key($0) == id }.map { .live(facts($0)) } ?? .unread
    }

    private func version(_ id: PackageVersionID) -> PackageVersion? {
        if case .value(let version?) = observed.versionReads[id] { return version }
        return observed.versions.values.lazy.compactMap { $0.value?.first { $0.id == id } }.first
    }
}

// The facts of each kind.
extension Sight {
    private func facts(_ install: Install) -> [Fact] {
        let version = version(install.packageVersionID).map { "\($0.semver) (\($0.id))" }
        var facts = [
            Fact("state", install.state.word), Fact("reconciling", .bool(install.isReconciling)),
            Fact("version", version ?? install.packageVersionID.text),
        ]
        if let cluster = install.clusterID {
            let name = observed.clusters?.first { $0.id == cluster }?.name
            facts.append(Fact("cluster", name.map { "\($0) (\(cluster))" } ?? cluster.text))
        }
        if let product = install.productID { facts.append(Fact("product", product.text)) }
        return facts
    }

    private func facts(_ package: AkuaModel.Package) -> [Fact] {
        var facts = [Fact("name", package.name)]
        switch package.source {
        case .oci(let reference): facts.append(Fact("ociRef", reference))
        case .hosted(let repository): facts.append(Fact("repository", repository.text))
        case .unknown(let word): facts.append(Fact("source", word))
        }
        let latest = version(package.latestVersionID).map { "\($0.semver) (\($0.id))" }
        facts.append(Fact("latest version", latest ?? package.latestVersionID.text))
        return facts
    }

    private func facts(_ cluster: Cluster) -> [Fact] {
        [
            Fact("name", cluster.name), Fact("state", cluster.state.word),
            Fact("reconciling", .bool(cluster.isReconciling)),
        ]
    }

    private static func facts(_ manifest: PackageManifest) -> [Fact] {
        var facts = [Fact("name", manifest.apiName)]
        switch manifest.source {
        case .oci(let reference): facts.append(Fact("ociRef", reference))
        case .helm(let helm):
            facts += [Fact("helm.repoURL", helm.repoURL), Fact("helm.targetRevision", helm.targetRevision)]
            if let chart = helm.chart { facts.append(Fact("helm.chart", chart)) }
            if let path = helm.path { facts.append(Fact("helm.path", path)) }
            if let values = helm.values { facts.append(Fact("helm.values", .object(values), isValue: true)) }
        }
        if let description = manifest.description { facts.append(Fact("description", description)) }
        if let id = manifest.adoptedID { facts.append(Fact("packageID", id)) }
        return facts
    }

    private static func facts(_ manifest: PackageVersionManifest) -> [Fact] {
        [Fact("package", manifest.package.text), Fact("semver", manifest.semver), Fact("ref", manifest.ref)]
    }

    private static func facts(_ manifest: ClusterManifest) -> [Fact] {
        var facts = [Fact("name", manifest.apiName), Fact("region", manifest.region.text)]
        if let profile = manifest.networkProfile { facts.append(Fact("networkProfile", profile)) }
        if let id = manifest.adoptedID { facts.append(Fact("clusterID", id)) }
        return facts
    }

    private static func facts(_ manifest: InstallManifest) -> [Fact] {
        var facts: [Fact]
        switch manifest.target {
        case .package(let package, let version):
            facts = [Fact("package", package.text), Fact("version", version.text)]
        case .product(let product): facts = [Fact("product", product.text)]
        }
        facts.append(Fact("region", manifest.region.text))
        if let cluster = manifest.cluster { facts.append(Fact("cluster", cluster.text)) }
        facts.append(Fact("values", .object(manifest.values), isValue: true))
        facts.append(Fact("automaticUpdates", .bool(manifest.automaticUpdates)))
        if !manifest.dependsOn.isEmpty {
            facts.append(Fact("dependsOn", .array(manifest.dependsOn.map { .string($0.description) })))
        }
        if let id = manifest.adoptedID { facts.append(Fact("installID", id)) }
        return facts
    }
}
