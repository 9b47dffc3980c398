import AkuaModel
import JSON
import Manifests
import Planning

// Manifests in few words. What a row of a table does not say is the same everywhere.

extension ManifestHeader {
    init(_ name: String) {
        self.init(name: name, location: SourceLocation(file: "\(name).yaml", line: 1, column: 1))
    }
}

extension PackageManifest {
    static func oci(_ name: String) -> Self {
        Self(header: ManifestHeader(name), source: .oci(reference: "oci://r.example/\(name)"), apiName: name)
    }

    static func helm(_ name: String, revision: String = "1.0.0") -> Self {
        let chart = HelmSource(
            repoURL: "oci://charts.example", chart: name, targetRevision: revision, path: nil, values: nil)
        return Self(header: ManifestHeader(name), source: .helm(chart), apiName: name)
    }
}

extension PackageVersionManifest {
    /// `checkout-1.0.0`, version 1.0.0 of `checkout`.
    init(_ package: String, _ semver: String) {
        var schema = JSONObject()
        schema["type"] = "object"
        self.init(
            header: ManifestHeader("\(package)-\(semver)"), package: .name(package), semver: semver,
            ref: "sha256:\(package)-\(semver)", inputSchema: schema)
    }
}

extension ClusterManifest {
    init(_ name: String) { self.init(header: ManifestHeader(name), apiName: name, region: .name("eu")) }
}

extension InstallManifest {
    init(_ name: String, of package: String, _ version: String, dependsOn: [String] = []) {
        self.init(
            header: ManifestHeader(name), target: .package(.name(package), version: VersionSelector(version)),
            region: .name("eu"), values: .of(["replicas": 1]), dependsOn: dependsOn.map { ObjectReference($0) })
    }

    init(_ name: String, product: String) {
        self.init(header: ManifestHeader(name), target: .product(.name(product)), region: .name("eu"))
    }

    /// The version that it asks for.
    var version: String {
        get { if case .package(_, let version) = target { version.text } else { "" } }
        set { if case .package(let package, _) = target { target = .package(package, version: .init(newValue)) } }
    }
}

extension VersionSelector {
    init(_ text: String) {
        if text == "latest" {
            self = .latest
        } else if SemanticVersion(text) != nil {
            self = .exact(text)
        } else if let range = VersionRange(text) {
            self = .range(range)
        } else {
            preconditionFailure("'\(text)' is no version")
        }
    }
}

extension JSONObject {
    /// The members of a literal.
    static func of(_ literal: JSONValue) -> JSONObject { literal.object ?? JSONObject() }
}

extension ObjectReference {
    /// From `Install/eu`; a bare name is an install's.
    init(_ text: String) {
        guard let slash = text.firstIndex(of: "/") else {
            self.init(.install, text)
            return
        }
        guard let kind = Kind(rawValue: String(text[..<slash])) else { preconditionFailure("'\(text)' has no kind") }
        self.init(kind, String(text[text.index(after: slash)...]))
    }
}

extension Identifier {
    /// An id that is known to be one.
    static func of(_ text: String) -> Self {
        guard let id = Self(text) else { preconditionFailure("'\(text)' is no id") }
        return id
    }
}

extension DesiredState {
    /// Takes away whatever is declared under that identity.
    mutating func remove(_ text: String) {
        let reference = ObjectReference(text)
        packages.removeAll { reference == ObjectReference(.package, $0.header.name) }
        packageVersions.removeAll { reference == ObjectReference(.packageVersion, $0.header.name) }
        clusters.removeAll { reference == ObjectReference(.cluster, $0.header.name) }
        installs.removeAll { reference == $0.reference }
    }

    /// Changes the header of what is declared under that identity.
    mutating func header(_ text: String, _ change: (inout ManifestHeader) -> Void) {
        let reference = ObjectReference(text)
        for index in packages.indices where reference == ObjectReference(.package, packages[index].header.name) {
            change(&packages[index].header)
        }
        for index in packageVersions.indices
        where reference == ObjectReference(.packageVersion, packageVersions[index].header.name) {
            change(&packageVersions[index].header)
        }
        for index in clusters.indices where reference == ObjectReference(.cluster, clusters[index].header.name) {
            change(&clusters[index].header)
        }
        for index in installs.indices where reference == installs[index].reference {
            change(&installs[index].header)
        }
    }

    mutating func package(_ name: String, _ change: (inout PackageManifest) -> Void) {
        for index in packages.indices where packages[index].header.name == name { change(&packages[index]) }
    }

    mutating func version(_ name: String, _ change: (inout PackageVersionManifest) -> Void) {
        for index in packageVersions.indices where packageVersions[index].header.name == name {
            change(&packageVersions[index])
        }
    }

    mutating func cluster(_ name: String, _ change: (inout ClusterManifest) -> Void) {
        for index in clusters.indices where clusters[index].header.name == name { change(&clusters[index]) }
    }

    mutating func install(_ name: String, _ change: (inout InstallManifest) -> Void) {
        for index in installs.indices where installs[index].header.name == name { change(&installs[index]) }
    }
}
