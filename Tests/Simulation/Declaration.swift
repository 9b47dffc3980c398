import JSON
package import Manifests

/// Builds declarations in few words.
package struct Declaration {
    package var state = DesiredState()

    package init() {}

    private func header(_ name: String) -> ManifestHeader {
        ManifestHeader(name: name, location: SourceLocation(file: "\(name).yaml", line: 1, column: 1))
    }

    package func package(_ name: String, versions: [String]) -> Declaration {
        var copy = self
        copy.state.packages.append(
            PackageManifest(header: header(name), source: .oci(reference: "oci://r.example/\(name)"), apiName: name))
        for version in versions {
            var schema = JSONObject()
            schema["type"] = "object"
            copy.state.packageVersions.append(
                PackageVersionManifest(
                    header: header("\(name)-\(version)"), package: .name(name), semver: version,
                    ref: "sha256:\(version)", inputSchema: schema))
        }
        return copy
    }

    package func cluster(_ name: String) -> Declaration {
        var copy = self
        copy.state.clusters.append(
            ClusterManifest(header: header(name), apiName: name, region: .name("eu-central")))
        return copy
    }

    package func install(
        _ name: String, of package: String, _ version: String, cluster: String? = nil, dependsOn: [String] = [],
        replicas: Int = 1
    ) -> Declaration {
        var values = JSONObject()
        values["replicas"] = .number(JSONNumber(replicas))
        var copy = self
        copy.state.installs.append(
            InstallManifest(
                header: header(name), target: .package(.name(package), version: .exact(version)),
                region: .name("eu-central"), cluster: cluster.map(Reference.name), values: values,
                dependsOn: dependsOn.map { ObjectReference(.install, $0) }))
        return copy
    }
}
