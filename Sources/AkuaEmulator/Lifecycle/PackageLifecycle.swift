import JSON

/// What a new version is to be.
struct VersionOrder: Codable {
    var semver: String
    var ref: String
    var inputSchema: JSONValue
    var compatibility: JSONValue?
}

/// What a new package is to be.
struct PackageOrder {
    /// Nil for a new one.
    var id: String?
    var name: String
    var description: String?
    var imageURL: String?
    var source: PackageRecord.Source
    var composedFrom: JSONValue?
    var first: VersionOrder
}

extension World {
    /// Makes a package with its first version.
    mutating func createPackage(_ order: PackageOrder, in workspace: String) -> PackageRecord {
        let package = PackageRecord(
            id: order.id ?? newID(.package), serial: tick(), workspace: workspace, name: order.name,
            description: order.description, imageURL: order.imageURL, source: order.source,
            composedFrom: order.composedFrom, latestVersion: newID(.version), revision: tick(), createdAt: now,
            updatedAt: now)
        packages.insert(package)
        insertVersion(order.first, id: package.latestVersion, of: package)
        return package
    }

    /// Adds a version to a package; `latest` may move, and with it installs that follow it.
    mutating func createVersion(_ order: VersionOrder, of package: PackageRecord) -> String {
        let id = newID(.version)
        insertVersion(order, id: id, of: package)
        let latest = latestVersion(of: package.id)?.id ?? id
        change(\.packages, package.id) { $0.latestVersion = latest }
        for product in products.all(in: ListKey(.product, of: package.workspace)) where product.package == package.id {
            let version = pinnedVersion(product.pinnedSemver, of: package.id)?.id
            products.update(product.id) { $0.defaultVersion = version }
        }
        for install in installs.all(in: ListKey(.install, of: package.id)) {
            guard install.isLive, !install.isDeleting, install.hasAutomaticUpdates, install.version != latest
            else { continue }
            installs.update(install.id) { $0.desiredVersion = latest }
            _ = startRender(of: install, RenderOrder(version: latest))
        }
        return id
    }

    private mutating func insertVersion(_ order: VersionOrder, id: String, of package: PackageRecord) {
        versions.insert(
            VersionRecord(
                id: id, serial: tick(), workspace: package.workspace, package: package.id, semver: order.semver,
                ref: order.ref, inputSchema: order.inputSchema, compatibility: order.compatibility, createdAt: now))
    }

    /// The version that `latest` means.
    func latestVersion(of package: String) -> VersionRecord? {
        let all = versions.all(in: ListKey(.version, of: package))
        switch switches.latest {
        case .newest: return all.last
        case .highest:
            let released = all.filter { SemanticVersion($0.semver)?.isRelease ?? false }
            return (released.isEmpty ? all : released).max { left, right in
                guard let a = SemanticVersion(left.semver), let b = SemanticVersion(right.semver) else { return false }
                return a < b
            }
        }
    }

    /// The version that a pin names: by its own text, or the latest.
    func pinnedVersion(_ semver: String?, of package: String) -> VersionRecord? {
        guard let semver else { return latestVersion(of: package) }
        return versions.all(in: ListKey(.version, of: package)).first { $0.semver == semver }
    }

    /// A package made of a chart is ready.
    mutating func didPackage(_ operation: OperationRecord) {
        let order = operation.request?.object ?? JSONObject()
        let source = order["sources"]?.array?.first ?? [:]
        let repository = newID(.repository)
        let revision = source["target_revision"]?.string ?? "0.1.0"
        let package = createPackage(
            PackageOrder(
                id: operation.ownerID, name: order["name"]?.string ?? "", imageURL: order["display_image_url"]?.string,
                source: .hosted(repository: repository), composedFrom: [source],
                first: VersionOrder(
                    semver: SemanticVersion(revision) == nil ? "0.1.0" : revision,
                    ref: "sha256:" + Fingerprint.hex(JSONWriter(order: .sorted).bytes(of: source)),
                    inputSchema: ["type": "object"])), in: operation.workspace)
        repositories.insert(
            RepositoryRecord(
                id: repository, serial: tick(), workspace: operation.workspace, name: package.name,
                purpose: .package(package.id), revision: tick(), createdAt: now, updatedAt: now))
        finish(
            operation.id,
            .init(
                state: .succeeded,
                response: [
                    "package_id": .string(package.id), "package_version_id": .string(package.latestVersion),
                    "repository_id": .string(repository),
                ]))
    }

    /// Removes a package, its versions and its repository.
    mutating func removePackage(_ package: PackageRecord) {
        for version in versions.all(in: ListKey(.version, of: package.id)) { versions.remove(version.id) }
        if case .hosted(let repository) = package.source { repositories.remove(repository) }
        packages.remove(package.id)
    }
}

extension World {
    /// The new cluster is up.
    mutating func didProvision(_ operation: OperationRecord) {
        change(\.clusters, operation.ownerID) {
            $0.state = .active
            $0.isReconciling = false
        }
        finish(operation.id, .init(state: .succeeded, response: ["cluster_id": .string(operation.ownerID)]))
    }

    mutating func didRemoveCluster(_ operation: OperationRecord) {
        clusters.remove(operation.ownerID)
        finish(operation.id, .init(state: .succeeded, response: ["cluster_id": .string(operation.ownerID)]))
    }
}
