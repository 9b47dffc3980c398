package import AkuaModel
package import JSON

/// The bodies of all writes: exact JSON bytes, the same for the same arguments.
///
/// The platform refuses members it does not know and most nulls, so what is absent is left out.
package enum RequestBody {
    /// A version of an OCI package, as import and version creation take it.
    package struct Version: Hashable, Sendable {
        package var semver: String
        package var ref: String
        package var inputSchema: JSONObject
        package var compatibility: JSONObject?

        package init(semver: String, ref: String, inputSchema: JSONObject, compatibility: JSONObject?) {
            self.semver = semver
            self.ref = ref
            self.inputSchema = inputSchema
            self.compatibility = compatibility
        }
    }

    /// The chart that a hosted package is built from.
    package struct HelmSource: Hashable, Sendable {
        /// Begins with `oci://`.
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

    /// What an install is made of.
    package enum InstallTarget: Hashable, Sendable {
        /// A package at exactly this version, as SemVer text.
        case package(PackageID, semver: String)
        /// A product, which chooses the version by itself.
        case product(ProductID)
    }

    /// For ``Write/Call/importPackage``: a package with its first version.
    package static func importPackage(
        name: String, description: String?, ociReference: String, version: Version
    ) -> [UInt8] {
        bytes([
            ("name", .string(name)), ("oci_ref", .string(ociReference)),
            ("description", description.map(JSONValue.string)), ("version", value(version)),
        ])
    }

    /// For ``Write/Call/createPackage``.
    package static func createPackage(name: String, source: HelmSource) -> [UInt8] {
        let helm = object([
            ("kind", "helm"), ("repo_url", .string(source.repoURL)), ("chart", source.chart.map(JSONValue.string)),
            ("target_revision", .string(source.targetRevision)), ("path", source.path.map(JSONValue.string)),
            ("values", source.values.map(JSONValue.object)),
        ])
        return bytes([("name", .string(name)), ("sources", [helm])])
    }

    /// For ``Write/Call/createPackageVersion(_:)``.
    package static func createPackageVersion(_ version: Version) -> [UInt8] {
        JSONWriter().bytes(of: value(version))
    }

    /// For ``Write/Call/createCluster``; without a network profile the platform chooses one.
    package static func createCluster(name: String, regionID: RegionID, networkProfile: String?) -> [UInt8] {
        bytes([
            ("name", .string(name)), ("region_id", .string(regionID.text)),
            ("network_profile", networkProfile.map(JSONValue.string)),
        ])
    }

    /// For ``Write/Call/updateCluster(_:)``: only what is to change.
    package static func updateCluster(name: String?, regionID: RegionID?) -> [UInt8] {
        bytes([("name", name.map(JSONValue.string)), ("region_id", regionID.map { .string($0.text) })])
    }

    /// For ``Write/Call/createInstall``.
    package static func createInstall(
        _ target: InstallTarget, regionID: RegionID, clusterID: ClusterID?, initialValues: JSONObject?
    ) -> [UInt8] {
        let what: [(String, JSONValue?)] =
            switch target {
            case .product(let id): [("product_id", .string(id.text))]
            case .package(let id, let semver):
                [
                    ("package_id", .string(id.text)),
                    ("package_version_pin", ["kind": "pinned", "version": .string(semver)]),
                ]
            }
        return bytes(
            what + [
                ("region_id", .string(regionID.text)), ("cluster_id", clusterID.map { .string($0.text) }),
                ("initial_values", initialValues.map(JSONValue.object)),
            ])
    }

    /// For ``Write/Call/updateInstall(_:)``; a version's id, not its SemVer text.
    package static func updateInstall(to id: PackageVersionID) -> [UInt8] {
        bytes([("package_version_id", .string(id.text))])
    }

    /// For ``Write/Call/setAutomaticUpdates(_:)``.
    package static func setAutomaticUpdates(_ isEnabled: Bool) -> [UInt8] {
        bytes([("automatic_updates_enabled", .bool(isEnabled))])
    }

    /// For ``Write/Call/createRender(_:)``; the message has at most 255 characters.
    package static func createRender(
        message: String?, skipUnchanged: Bool = true, annotations: [String: String]
    ) -> [UInt8] {
        let extra = annotations.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return bytes([
            ("message", message.map(JSONValue.string)), ("skip_unchanged", .bool(skipUnchanged)),
            ("extra_annotations", extra.isEmpty ? JSONValue?.none : object(extra.map { ($0.key, .string($0.value)) })),
        ])
    }

    private static func value(_ version: Version) -> JSONValue {
        object([
            ("semver", .string(version.semver)), ("ref", .string(version.ref)),
            ("input_schema", .object(version.inputSchema)),
            ("compatibility", version.compatibility.map(JSONValue.object)),
        ])
    }

    private static func bytes(_ members: [(String, JSONValue?)]) -> [UInt8] { JSONWriter().bytes(of: object(members)) }

    private static func object(_ members: [(String, JSONValue?)]) -> JSONValue {
        var object = JSONObject()
        for (name, value) in members { object[name] = value }
        return .object(object)
    }
}
