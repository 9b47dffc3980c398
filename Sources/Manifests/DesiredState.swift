package import JSON

/// What one commit declares: the manifests of a source, checked and with their references still by name.
package struct DesiredState: Equatable, Sendable {
    package var packages: [PackageManifest] = []
    package var packageVersions: [PackageVersionManifest] = []
    package var clusters: [ClusterManifest] = []
    package var installs: [InstallManifest] = []
    /// Defaults when the source has no Settings document.
    package var settings = Settings()
    /// Whether the source has a Settings document.
    package var hasSettings = false
    /// Documents that look like ours but were left out (ignored files), by identity: a delete of one is blocked (I9).
    package var skipped: Set<ObjectReference> = []

    package init() {}
}

/// The kinds of object that a source can declare.
package enum Kind: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    case package = "Package"
    case packageVersion = "PackageVersion"
    case cluster = "Cluster"
    case install = "Install"

    /// In the order in which they are created.
    package static func < (left: Kind, right: Kind) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .package: 0
        case .packageVersion: 1
        case .cluster: 2
        case .install: 3
        }
    }
}

/// Identity within a source: `Install/checkout-eu`.
package struct ObjectReference: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    package var kind: Kind
    package var name: String

    package init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    package var description: String { "\(kind.rawValue)/\(name)" }

    package static func < (left: Self, right: Self) -> Bool {
        left.kind != right.kind
            ? left.kind < right.kind : left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
    }
}

/// Where in the source's tree something is written: line and column from 1, the column in characters.
package struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    /// The path from the root of the repository.
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package var description: String { "\(file):\(line):\(column)" }
}

/// What every manifest has, whatever its kind.
package struct ManifestHeader: Equatable, Sendable {
    /// `metadata.name`.
    package var name: String
    package var labels: [String: String] = [:]
    package var annotations: [String: String] = [:]
    package var deletionPolicy = DeletionPolicy.delete
    /// `spec.suspend`: nothing is written to the object.
    package var isSuspended = false
    /// Where the document begins.
    package var location: SourceLocation

    package init(name: String, location: SourceLocation) {
        self.name = name
        self.location = location
    }
}

/// What happens to the live object when its manifest is gone.
package enum DeletionPolicy: String, Hashable, Sendable, CaseIterable { case delete, retain }

/// What another object is called by: a name, looked up in the source first and in the workspace then (and taken as an
/// id last), or an id.
package enum Reference: Hashable, Sendable {
    case name(String)
    case id(String)

    /// The name or id as written.
    package var text: String {
        switch self {
        case .name(let text), .id(let text): text
        }
    }
}

/// `kind: Package`: an artifact that can be installed.
package struct PackageManifest: Equatable, Sendable {
    package enum Source: Equatable, Sendable {
        case oci(reference: String)
        case helm(HelmSource)
    }
    package struct HelmSource: Equatable, Sendable {
        package var repoURL: String
        package var chart: String?
        package var targetRevision: String
        package var path: String?
        package var values: JSONObject?

        package init(repoURL: String, chart: String?, targetRevision: String, path: String?, values: JSONObject?) {
            self.repoURL = repoURL
            self.chart = chart
            self.targetRevision = targetRevision
            self.path = path
            self.values = values
        }
    }

    package var header: ManifestHeader
    package var source: Source
    package var description: String?
    /// The name in the API: `spec.name`, else `metadata.name`.
    package var apiName: String
    /// `spec.packageID`: adopt this live package.
    package var adoptedID: String?

    package init(
        header: ManifestHeader, source: Source, description: String? = nil, apiName: String, adoptedID: String? = nil
    ) {
        self.header = header
        self.source = source
        self.description = description
        self.apiName = apiName
        self.adoptedID = adoptedID
    }
}

/// `kind: PackageVersion`: one release of an OCI package.
package struct PackageVersionManifest: Equatable, Sendable {
    package var header: ManifestHeader
    package var package: Reference
    /// Strict SemVer 2, compared as text.
    package var semver: String
    package var ref: String
    package var inputSchema: JSONObject
    package var compatibility: JSONObject?

    package init(
        header: ManifestHeader, package: Reference, semver: String, ref: String, inputSchema: JSONObject,
        compatibility: JSONObject? = nil
    ) {
        self.header = header
        self.package = package
        self.semver = semver
        self.ref = ref
        self.inputSchema = inputSchema
        self.compatibility = compatibility
    }
}

/// `kind: Cluster`: a place to install into.
package struct ClusterManifest: Equatable, Sendable {
    package var header: ManifestHeader
    package var apiName: String
    package var region: Reference
    /// The platform's word; nil leaves the choice to it.
    package var networkProfile: String?
    /// `spec.clusterID`: adopt this live cluster.
    package var adoptedID: String?

    package init(
        header: ManifestHeader, apiName: String, region: Reference, networkProfile: String? = nil,
        adoptedID: String? = nil
    ) {
        self.header = header
        self.apiName = apiName
        self.region = region
        self.networkProfile = networkProfile
        self.adoptedID = adoptedID
    }
}

/// `kind: Install`: a package or a product, running.
///
/// Copies share their fields until one of them is changed: the parse cache, the desired state and each plan hold the same
/// thousands.
package struct InstallManifest: Equatable, Sendable {
    package enum Target: Equatable, Sendable {
        case package(Reference, version: VersionSelector)
        case product(Reference)
    }
    package enum ImmutableChangePolicy: String, Hashable, Sendable, CaseIterable { case fail }

    private struct Fields: Equatable {
        var header: ManifestHeader
        var target: Target
        var region: Reference
        var cluster: Reference?
        var values: JSONObject
        var automaticUpdates: Bool
        var dependsOn: [ObjectReference]
        var waitTimeout: Duration
        var onImmutableChange: ImmutableChangePolicy
        var adoptedID: String?
    }
    private var shared: Shared<Fields>

    package static let waitTimeoutDefault = Duration.seconds(15 * 60)

    package init(
        header: ManifestHeader, target: Target, region: Reference, cluster: Reference? = nil,
        values: JSONObject = JSONObject(), automaticUpdates: Bool = false, dependsOn: [ObjectReference] = [],
        waitTimeout: Duration = InstallManifest.waitTimeoutDefault, onImmutableChange: ImmutableChangePolicy = .fail,
        adoptedID: String? = nil
    ) {
        shared = Shared(
            Fields(
                header: header, target: target, region: region, cluster: cluster, values: values,
                automaticUpdates: automaticUpdates, dependsOn: dependsOn, waitTimeout: waitTimeout,
                onImmutableChange: onImmutableChange, adoptedID: adoptedID))
    }

    package static func == (left: InstallManifest, right: InstallManifest) -> Bool {
        left.shared === right.shared || left.shared.value == right.shared.value
    }
}

extension InstallManifest {
    package var header: ManifestHeader {
        get { shared.value.header }
        set { change { $0.header = newValue } }
    }
    package var target: Target {
        get { shared.value.target }
        set { change { $0.target = newValue } }
    }
    package var region: Reference {
        get { shared.value.region }
        set { change { $0.region = newValue } }
    }
    package var cluster: Reference? {
        get { shared.value.cluster }
        set { change { $0.cluster = newValue } }
    }
    /// The files of `valuesFrom` with `spec.values` over them.
    package var values: JSONObject {
        get { shared.value.values }
        set { change { $0.values = newValue } }
    }
    package var automaticUpdates: Bool {
        get { shared.value.automaticUpdates }
        set { change { $0.automaticUpdates = newValue } }
    }
    package var dependsOn: [ObjectReference] {
        get { shared.value.dependsOn }
        set { change { $0.dependsOn = newValue } }
    }
    /// How long a dependant waits for this install to be healthy.
    package var waitTimeout: Duration {
        get { shared.value.waitTimeout }
        set { change { $0.waitTimeout = newValue } }
    }
    package var onImmutableChange: ImmutableChangePolicy {
        get { shared.value.onImmutableChange }
        set { change { $0.onImmutableChange = newValue } }
    }
    /// `spec.installID`: adopt this live install.
    package var adoptedID: String? {
        get { shared.value.adoptedID }
        set { change { $0.adoptedID = newValue } }
    }

    private mutating func change(_ change: (inout Fields) -> Void) {
        var fields = shared.value
        change(&fields)
        shared = Shared(fields)
    }
}

/// A value that is read where it lies: taking a large struct out of an enum copies all of it, a reference costs nothing.
final class Shared<Value: Sendable>: Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}

/// Which version an install is to have.
package enum VersionSelector: Hashable, Sendable {
    case exact(String)
    case range(VersionRange)
    case latest
}
