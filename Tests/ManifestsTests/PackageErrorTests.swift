import Manifests
import Testing

/// What can be wrong in the spec of packages, versions and clusters.
@Suite struct PackageErrorTests {
    @Test(arguments: packagesRows)
    func `packages`(_ row: ErrorCase) async throws { try await row.check() }

    @Test(arguments: versionsRows)
    func `versions`(_ row: ErrorCase) async throws { try await row.check() }

    @Test(arguments: clustersRows)
    func `clusters`(_ row: ErrorCase) async throws { try await row.check() }
}

private let packagesRows: [ErrorCase] = [
    ErrorCase("neither source", manifest("Package", "x", "name: y"), "4:1: spec of Package needs ociRef or helm"),
    ErrorCase(
        "both sources",
        manifest("Package", "x", "ociRef: oci://h/r", "helm: {repoURL: oci://h, targetRevision: 1}"),
        "6:3: ociRef and helm in spec of Package exclude each other; give one of ociRef and helm"),
    ErrorCase("another scheme", manifest("Package", "x", "ociRef: https://h/r"), "5:11: ociRef \(oci)"),
    ErrorCase("a tag", manifest("Package", "x", "ociRef: oci://h:5000/r:1.0"), "5:11: ociRef \(oci)"),
    ErrorCase("a digest", manifest("Package", "x", "ociRef: oci://h/r@sha256:00"), "5:11: ociRef \(oci)"),
    ErrorCase(
        "credentials, which are not shown", manifest("Package", "x", "ociRef: oci://u:p@h/r"), "5:11: ociRef \(oci)"
    ),
    ErrorCase("no repository", manifest("Package", "x", "ociRef: oci://h"), "5:11: ociRef \(oci)"),
    ErrorCase("an empty part", manifest("Package", "x", "ociRef: oci://h//r"), "5:11: ociRef \(oci)"),
    ErrorCase(
        "a long reference", manifest("Package", "x", "ociRef: oci://h/\(String(repeating: "r", count: 2_048))"),
        "5:11: ociRef has 2056 characters; 1 to 2048 are allowed"),
    ErrorCase(
        "a long name", manifest("Package", "x", "ociRef: oci://h/r", "name: \(String(repeating: "n", count: 121))"),
        "6:9: name has 121 characters; 1 to 120 are allowed"),
    ErrorCase(
        "a long description",
        manifest("Package", "x", "ociRef: oci://h/r", "description: \(String(repeating: "é", count: 1_001))"),
        "6:16: description has 1001 characters; 0 to 1000 are allowed"),
    ErrorCase(
        "a description of a chart",
        manifest("Package", "x", "helm: {repoURL: oci://h, targetRevision: 1}", "description: a"),
        "6:3: description can't be given with helm; the platform takes none for a package that it builds"),
    ErrorCase(
        "a chart without its fields", manifest("Package", "x", "helm: {}"), "5:9: helm needs repoURL",
        "5:9: helm needs targetRevision"),
    ErrorCase(
        "a chart by https", manifest("Package", "x", "helm: {repoURL: https://h, targetRevision: 1}"),
        "5:19: repoURL must be a URL that begins with oci://, without credentials"),
    ErrorCase(
        "a misspelt field of a chart", manifest("Package", "x", "helm: {repoUrl: oci://h, targetRevision: 1}"),
        "5:9: helm needs repoURL", "5:10: unknown field 'repoUrl' in helm; did you mean 'repoURL'?"),
    ErrorCase(
        "another object's id", manifest("Package", "x", "ociRef: oci://h/r", "packageID: clu_1"),
        "6:14: packageID is the id of a cluster: 'clu_1'; an id for this field begins with pkg_"),
    ErrorCase(
        "no id", manifest("Package", "x", "ociRef: oci://h/r", "packageID: a/b"),
        "6:14: packageID must be an id as the platform gives it: letters, digits, '-', '_', '.' and '~', not 'a/b'"),
    ErrorCase(
        "a long id",
        manifest("Package", "x", "ociRef: oci://h/r", "packageID: pkg_\(String(repeating: "a", count: 51))"),
        "6:14: packageID has 55 characters; 1 to 54 are allowed"),
    ErrorCase(
        "an unknown policy", manifest("Package", "x", "ociRef: oci://h/r", "deletionPolicy: retian"),
        "6:19: deletionPolicy must be delete or retain, not 'retian'; did you mean 'retain'?"),
    ErrorCase(
        "a suspension that is text", manifest("Package", "x", "ociRef: oci://h/r", "suspend: yes"),
        "6:12: suspend must be true or false, not text"),
    ErrorCase(
        "infinity in a chart's values",
        manifest("Package", "x", "helm: {repoURL: oci://h, targetRevision: 1, values: {a: .inf}}"),
        "5:59: values holds infinity, which JSON can't hold; quote it to mean text"),
]

private let versionsRows: [ErrorCase] = [
    ErrorCase(
        "nothing", manifest("PackageVersion", "x", "suspend: false"),
        "4:1: spec of PackageVersion needs inputSchema or inputSchemaFile",
        "4:1: spec of PackageVersion needs package or packageID",
        "4:1: spec of PackageVersion needs ref", "4:1: spec of PackageVersion needs semver"),
    ErrorCase(
        "a version that is none",
        manifest("PackageVersion", "x", "package: p", "semver: 1.0", "ref: r", "inputSchema: {}"),
        "6:11: semver must be a semantic version such as 1.4.0, not '1.0'"),
    ErrorCase(
        "a version with a v",
        manifest("PackageVersion", "x", "package: p", "semver: v1.0.0", "ref: r", "inputSchema: {}"),
        "6:11: semver must be a semantic version such as 1.4.0, not 'v1.0.0'"),
    ErrorCase(
        "a long version",
        manifest(
            "PackageVersion", "x", "package: p", "semver: 1.0.0-\(String(repeating: "a", count: 123))", "ref: r",
            "inputSchema: {}"),
        "6:11: semver has 129 characters; 1 to 128 are allowed"),
    ErrorCase(
        "a long ref",
        manifest(
            "PackageVersion", "x", "package: p", "semver: 1.0.0", "ref: \(String(repeating: "r", count: 513))",
            "inputSchema: {}"),
        "7:8: ref has 513 characters; 1 to 512 are allowed"),
    ErrorCase(
        "two schemas", versionManifest("inputSchemaFile: a.json"),
        "9:3: inputSchema and inputSchemaFile in spec of PackageVersion exclude each other; give one of inputSchema and inputSchemaFile",
        "9:20: 'a.json' is not in the repository"
    ),
    ErrorCase(
        "two packages", versionManifest("packageID: pkg_1"),
        "9:3: package and packageID in spec of PackageVersion exclude each other; give one of package and packageID"
    ),
    ErrorCase(
        "a schema that is a list",
        manifest("PackageVersion", "x", "package: p", "semver: 1.0.0", "ref: r", "inputSchema: []"),
        "8:16: inputSchema must be a mapping, not a list"),
    ErrorCase(
        "half a compatibility", versionManifest("compatibility: {clusterTypes: []}"),
        "9:18: compatibility needs kubernetes", "9:18: compatibility needs placement"),
    ErrorCase(
        "an unknown field of compatibility",
        versionManifest("compatibility: {clusterType: [], kubernetes: {}, placement: {providers: any, regions: any}}"),
        "9:18: compatibility needs clusterTypes",
        "9:19: unknown field 'clusterType' in compatibility; did you mean 'clusterTypes'?"),
    ErrorCase(
        "a placement that is a word",
        versionManifest("compatibility: {clusterTypes: [], kubernetes: {}, placement: {providers: all, regions: any}}"),
        "9:76: providers must be the word any or a list, not text"),
    ErrorCase(
        "an unknown network",
        versionManifest(
            "compatibility: {clusterTypes: [], kubernetes: {}, placement: {providers: any, regions: any}, kaas: {networkProfile: linux_cillium}}"
        ),
        "9:119: networkProfile must be linux_cilium or mixed_os_calico, not 'linux_cillium'; did you mean 'linux_cilium'?"
    ),
]

private let clustersRows: [ErrorCase] = [
    ErrorCase("no region", manifest("Cluster", "x", "name: y"), "4:1: spec of Cluster needs region or regionID"),
    ErrorCase(
        "two regions", manifest("Cluster", "x", "region: a", "regionID: b"),
        "6:3: region and regionID in spec of Cluster exclude each other; give one of region and regionID"),
    ErrorCase(
        "a region without value counts as none",
        manifest("Cluster", "x", "region:", "regionID: b", "networkProfile: calico"),
        "7:19: networkProfile must be linux_cilium or mixed_os_calico, not 'calico'"),
    ErrorCase(
        "a long name", manifest("Cluster", "x", "region: a", "name: \(String(repeating: "n", count: 101))"),
        "6:9: name has 101 characters; 1 to 100 are allowed"),
    ErrorCase(
        "a prefixed id where none is", manifest("Cluster", "x", "regionID: clu_1"),
        "5:13: regionID is the id of a cluster: 'clu_1'"),
]

private let oci = "must be oci://, a host and a repository, without a tag, a digest or credentials"

private func versionManifest(_ lines: String...) -> String {
    let spec = ["package: p", "semver: 1.0.0", "ref: r", "inputSchema: {}"]
    return manifest("PackageVersion", "x", (spec + lines).joined(separator: "\n"))
}
