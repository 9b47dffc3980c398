/// One request that changes something, as a value: what is journalled before it leaves and sent again unchanged.
///
/// Holds I4: `body`, `idempotencyKey` and `ifMatch` are fixed when the intent is made, and every attempt carries the
/// same bytes.
package struct Write: Hashable, Sendable {
    /// Which call of the platform, with the object that it names.
    package enum Call: Hashable, Sendable {
        case importPackage
        case createPackage
        /// The one create without an idempotency key: after a doubtful answer its effect is looked up by semver.
        case createPackageVersion(PackageID)
        case deletePackage(PackageID)
        case createCluster
        case updateCluster(ClusterID)
        case deleteCluster(ClusterID)
        case createInstall
        case updateInstall(InstallID)
        case setAutomaticUpdates(InstallID)
        case createRender(InstallID)
        case deleteInstall(InstallID)
    }

    package var call: Call
    /// JSON in UTF-8; nil for calls without a body.
    package var body: [UInt8]?
    /// 1 to 64 characters; nil only where the platform takes none.
    package var idempotencyKey: String?
    /// The state of the object that the write was decided on; required by every call on an existing object but renders.
    package var ifMatch: ETag?

    package init(call: Call, body: [UInt8]?, idempotencyKey: String?, ifMatch: ETag?) {
        self.call = call
        self.body = body
        self.idempotencyKey = idempotencyKey
        self.ifMatch = ifMatch
    }
}

/// What the platform answered to a ``Write``.
package enum WriteAnswer: Hashable, Sendable {
    case package(Package)
    case packageVersion(PackageVersion)
    case cluster(Cluster)
    case operation(Operation)
    case mutation(InstallMutation)
    case render(Render)
    /// Success without a body, as for a deleted package.
    case done
}

extension Write.Call {
    /// The call's name in the journal, and the id of the object in its path.
    package var stored: (name: String, resourceID: String?) {
        switch self {
        case .importPackage: ("packages.import", nil)
        case .createPackage: ("packages.create", nil)
        case .createPackageVersion(let id): ("packages.createVersion", id.text)
        case .deletePackage(let id): ("packages.delete", id.text)
        case .createCluster: ("clusters.create", nil)
        case .updateCluster(let id): ("clusters.update", id.text)
        case .deleteCluster(let id): ("clusters.delete", id.text)
        case .createInstall: ("installs.create", nil)
        case .updateInstall(let id): ("installs.updateVersion", id.text)
        case .setAutomaticUpdates(let id): ("installs.setAutomaticUpdates", id.text)
        case .createRender(let id): ("installs.createRender", id.text)
        case .deleteInstall(let id): ("installs.delete", id.text)
        }
    }

    /// The call that ``stored`` described, or nil when it was written by a build that knows more calls.
    package init?(name: String, resourceID: String?) {
        func id<Tag>(_: Tag.Type = Tag.self) -> Identifier<Tag>? { resourceID.flatMap(Identifier.init) }
        let call: Self? =
            switch name {
            case "packages.import": .importPackage
            case "packages.create": .createPackage
            case "packages.createVersion": id().map(Self.createPackageVersion)
            case "packages.delete": id().map(Self.deletePackage)
            case "clusters.create": .createCluster
            case "clusters.update": id().map(Self.updateCluster)
            case "clusters.delete": id().map(Self.deleteCluster)
            case "installs.create": .createInstall
            case "installs.updateVersion": id().map(Self.updateInstall)
            case "installs.setAutomaticUpdates": id().map(Self.setAutomaticUpdates)
            case "installs.createRender": id().map(Self.createRender)
            case "installs.delete": id().map(Self.deleteInstall)
            default: nil
            }
        guard let call else { return nil }
        self = call
    }
}
