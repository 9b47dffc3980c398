package import AkuaModel
import JSON
package import Manifests

/// One thing to find out about the workspace or the repository before the plan is certain.
///
/// The planner asks; the reconciler answers and plans again. So nothing is read that no decision needs.
package enum Need: Hashable, Sendable, Codable {
    case regions
    case clusters
    case packages
    case products
    case installs
    case versions(PackageID)
    /// Reads by id, because a list is no proof (I10).
    case cluster(ClusterID)
    case package(PackageID)
    case version(PackageVersionID, of: PackageID)
    case product(ProductID)
    case install(InstallID)
    case renders(InstallID)
    /// The feed of operations, read before the first create of a pass.
    case operations
    /// How a commit, given by its first digits, relates to the one being applied.
    case commit(String)
    /// What this source declared for one install at an older commit, as its desired digest.
    case declaration(ObjectReference, commit: String)
}

/// An answer: what was read, or why it could not be.
package enum Known<Value: Equatable & Sendable>: Equatable, Sendable {
    case value(Value)
    case failed(String)

    package var value: Value? { if case .value(let value) = self { value } else { nil } }
}

extension Known: Codable where Value: Codable {}

/// How a commit relates to the one being applied.
package enum CommitRelation: String, Sendable, Codable { case same, ancestor, descendant, unrelated, unknown }

/// What a commit declared for one install: the digests that the plan compares.
package struct OldDeclaration: Equatable, Sendable, Codable {
    package var desiredDigest: String
    package var valuesDigest: String

    package init(desiredDigest: String, valuesDigest: String) {
        self.desiredDigest = desiredDigest
        self.valuesDigest = valuesDigest
    }
}

/// What the API says, as far as it was asked in this pass.
///
/// A list that is nil was not read. A list that can't be read ends the pass; a single read that fails holds the objects
/// that depend on it, and every delete (I2).
package struct ObservedState: Equatable, Sendable, Codable {
    package var regions: [Region]?
    package var clusters: [Cluster]?
    package var packages: [Package]?
    package var products: [Product]?
    package var installs: [Install]?
    package var versions: [PackageID: Known<[PackageVersion]>] = [:]
    package var clusterReads: [ClusterID: Known<Cluster?>] = [:]
    package var packageReads: [PackageID: Known<Package?>] = [:]
    package var versionReads: [PackageVersionID: Known<PackageVersion?>] = [:]
    package var productReads: [ProductID: Known<Product?>] = [:]
    package var installReads: [InstallID: Known<Install?>] = [:]
    package var renders: [InstallID: Known<[Render]>] = [:]
    package var operations: OperationFeed?
    /// The newest operation of the workspace, when the feed was read.
    package var newestOperation: OperationID?
    package var commits: [String: CommitRelation] = [:]
    package var declarations: [Need: Known<OldDeclaration?>] = [:]

    package init() {}

    /// Whether any read failed: then nothing is deleted in this pass (I2).
    ///
    /// The versions of a package that is gone can't be read, which is no failure.
    package var hasFailures: Bool {
        versions.contains { $1.isFailed && packageReads[$0] != .value(nil) }
            || clusterReads.values.contains(where: \.isFailed)
            || packageReads.values.contains(where: \.isFailed) || versionReads.values.contains(where: \.isFailed)
            || productReads.values.contains(where: \.isFailed)
            || installReads.values.contains(where: \.isFailed) || renders.values.contains(where: \.isFailed)
    }
}

extension Known {
    fileprivate var isFailed: Bool { if case .failed = self { true } else { false } }
}

/// What the feed of operations says of this source's creates, and of deletes by anyone.
package struct OperationFeed: Equatable, Sendable, Codable {
    /// By the identity part of their keys, newest first for each identity.
    package private(set) var creates: [String: [Operation]] = [:]
    /// The ids of objects whose delete is running: they count as going, whoever asked for it.
    package private(set) var deletes: Set<String> = []
    /// The ids of objects whose delete has ended well: a read would say that they are gone.
    private(set) var deleted: Set<String> = []
    /// The installs that creates name, whoever asked for them.
    private var installs: Set<InstallID> = []
    /// When the oldest operation of the feed began; nil when it has none.
    private var start: Timestamp?

    /// - Parameter operations: newest first.
    package init(_ operations: [Operation]) {
        for operation in operations {
            start = min(start ?? operation.startedAt, operation.startedAt)
            if operation.kind.is(.installCreate), let id = operation.createdInstall { installs.insert(id) }
            if operation.kind.is(.installDelete) || operation.kind.is(.clusterDelete) {
                let named = operation.metadata["install_id"] ?? operation.metadata["cluster_id"]
                let id = named?.string ?? operation.ownerID
                if !operation.isDone { deletes.insert(id) } else if operation.hasSucceeded { deleted.insert(id) }
            }
            if let part = operation.idempotencyKey.flatMap(IdempotencyKey.identityPart(ofKey:)) {
                creates[part, default: []].append(operation)
            }
        }
    }

    /// The newest install of each identity, by the identity part of its keys: what its create has made, or else the
    /// operation.
    package var newestLives: [String: String] {
        creates.compactMapValues { operations in
            operations.first { $0.kind.is(.installCreate) }.map { $0.createdInstall?.text ?? $0.id.text }
        }
    }

    /// Whether the operation that made an install would be among these.
    ///
    /// The platform may let go of old operations: then an install is older than all that are left. Times have whole
    /// seconds, and within one of them the install counts as the older.
    func reaches(back install: Install) -> Bool {
        installs.contains(install.id) || start.map { install.createdAt > $0 } ?? false
    }
}

extension Operation {
    /// The install that a create made, or is about to.
    var createdInstall: InstallID? { responseID("install_id") ?? (ownerType.is(.install) ? InstallID(ownerID) : nil) }
}
