import JSON

// Times are milliseconds since 1970 in the emulator's own time.

struct WorkspaceRecord: Versioned {
    static let kind = Kind.workspace
    /// Whether its owner has paid, in the API's words.
    enum Access: String, Codable, Sendable {
        case active, restricted, suspended, ended, reactivating
        case paymentGrace = "payment_grace"

        var isAccessible: Bool { self == .active || self == .paymentGrace }
    }

    var id: String
    var serial: Int
    var name: String
    var slug: String
    var access = Access.active
    var accessVersion = 1
    var revision: Int
    var createdAt: Int
    var updatedAt: Int

    var lists: [ListKey] { [.allWorkspaces] }
}

struct RegionRecord: Owned {
    static let kind = Kind.region

    var id: String
    var serial: Int
    var workspace: String
    var name: String
    var icon: String?
    var createdAt: Int

    var lists: [ListKey] { [ListKey(.region, of: workspace)] }
}

struct ClusterRecord: Owned, Versioned {
    static let kind = Kind.cluster
    enum State: String, Codable, Sendable { case pending, provisioning, active, suspended, deleting }

    var id: String
    var serial: Int
    var workspace: String
    var name: String
    var region: String
    var networkProfile: String
    var provider = "managed_kaas"
    var state: State
    var isReconciling: Bool
    var revision: Int
    var createdAt: Int
    var updatedAt: Int

    var lists: [ListKey] { [ListKey(.cluster, of: workspace)] }
}

struct PackageRecord: Owned, Versioned {
    static let kind = Kind.package
    enum Source: Codable, Sendable, Equatable {
        case hosted(repository: String)
        case oci(reference: String)
    }

    var id: String
    var serial: Int
    var workspace: String
    var name: String
    var description: String?
    var imageURL: String?
    var source: Source
    /// What a hosted package was made of; shown by `view=full` alone.
    var composedFrom: JSONValue?
    var latestVersion: String
    var revision: Int
    var createdAt: Int
    var updatedAt: Int

    var lists: [ListKey] { [ListKey(.package, of: workspace)] }
}

struct VersionRecord: Owned {
    static let kind = Kind.version

    var id: String
    var serial: Int
    var workspace: String
    var package: String
    var semver: String
    var ref: String
    var inputSchema: JSONValue
    /// Taken, checked and never shown.
    var compatibility: JSONValue?
    var createdAt: Int

    var lists: [ListKey] { [ListKey(.version, of: package)] }
}

struct ProductRecord: Owned, Versioned {
    static let kind = Kind.product

    var id: String
    var serial: Int
    var workspace: String
    var name: String
    var package: String
    /// The version that its installs get; nil for the latest.
    var pinnedSemver: String?
    /// The version that the pin names at present.
    var defaultVersion: String?
    var customImage: String?
    var customDescription: String?
    var isPublished: Bool?
    var isArchived = false
    var revision: Int
    var createdAt: Int
    var updatedAt: Int

    var lists: [ListKey] { [ListKey(.product, of: workspace)] }
}

struct InstallRecord: Owned, Versioned {
    static let kind = Kind.install
    enum State: String, Codable, Sendable { case pending, rendering, syncing, healthy, degraded, failed, deleted }

    var id: String
    var serial: Int
    var workspace: String
    /// Whose install it is; another workspace's when this one only sells the product.
    var customerWorkspace: String
    var customerName: String
    var region: String
    var cluster: String?
    var product: String?
    var package: String
    /// The version that runs, or is to run first.
    var version: String
    /// The version asked for, while it differs from ``version``.
    var desiredVersion: String?
    var hasAutomaticUpdates: Bool
    var initialValues: JSONValue
    var repository: String
    var state: State
    var isReconciling: Bool
    /// Its delete operation runs.
    var isDeleting = false
    /// The operation of the render in progress, and those that wait for it.
    var renderOperation: String?
    var waitingRenders: [String] = []
    /// What was last rendered and deployed.
    var deployedCommit: String?
    var deployedHash: String?
    /// The commit that the cluster runs.
    var runningCommit: String?
    /// When the workloads of the last deployment will have come up.
    var settlesAt: Int?
    var revision: Int
    var createdAt: Int
    var updatedAt: Int

    var lists: [ListKey] {
        [ListKey(.install, of: workspace), ListKey(.install, of: package)]
            + (product.map { [ListKey(.install, of: $0)] } ?? [])
            + (cluster.map { [ListKey(.install, of: $0)] } ?? [])
    }
    /// Still there as far as a person is concerned.
    var isLive: Bool { state != .deleted }
}

struct RenderRecord: Owned {
    static let kind = Kind.render
    enum State: String, Codable, Sendable { case running, deployed, skipped, failed }

    var id: String
    var serial: Int
    var workspace: String
    var install: String
    var operation: String?
    var version: String
    var hash: String?
    var commit: String?
    var state: State
    var message: String?
    /// Taken and never shown by the API.
    var annotations: [String: String]
    var mayBeSkipped: Bool
    var createdAt: Int
    var updatedAt: Int

    var lists: [ListKey] { [ListKey(.render, of: install)] }
}

struct RepositoryRecord: Owned, Versioned {
    static let kind = Kind.repository
    enum Purpose: Codable, Sendable, Equatable {
        case deploy(cluster: String)
        case package(String)

        var word: String {
            switch self {
            case .deploy: "deploy"
            case .package: "package"
            }
        }
    }

    var id: String
    var serial: Int
    var workspace: String
    var name: String
    var purpose: Purpose
    var lastDeployCommit: String?
    var lastRenderHash: String?
    var revision: Int
    var createdAt: Int
    var updatedAt: Int

    var lists: [ListKey] { [ListKey(.repository, of: workspace)] }
}

/// An artifact that the registry holds: what an import is compared with.
struct ArtifactRecord: Record {
    static let kind = Kind.artifact

    /// ``name(ociRef:ref:)``.
    var id: String
    var serial: Int
    var inputSchema: JSONValue

    /// One name for a reference, whatever tag or digest it carries, at one ref.
    static func name(ociRef: String, ref: String) -> String { "\(PackageRecord.untagged(ociRef)) \(ref)" }
}

extension PackageRecord {
    /// The reference without tag and digest: what the API answers.
    static func untagged(_ reference: String) -> String {
        let undigested = reference.prefix { $0 != "@" }
        guard let colon = undigested.lastIndex(of: ":"), let slash = undigested.lastIndex(of: "/"), colon > slash
        else { return String(undigested) }
        return String(undigested[..<colon])
    }
}

extension ListKey {
    static let allWorkspaces = ListKey(.workspace, of: "*")
    /// Operations of every workspace, for a token that sees several.
    static let allOperations = ListKey(.operation, of: "*")
}
