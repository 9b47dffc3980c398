internal import JSON

/// `spec` of an Install.
enum InstallFields {
    static let package = Field("package", "metadata.name of a Package, or a package of the workspace.", .name(max: 120))
    static let packageID = Field("packageID", "The package by its id.", .id("pkg_", max: 54))
    static let product = Field("product", "A product of the workspace by its name.", .name(max: 64))
    static let productID = Field("productID", "The product by its id.", .id("prod_", max: 55))
    static let version = Field(
        "version", "An exact version, a range, or latest; needed with a package, refused with a product.", .version)
    static let region = Field("region", "The region by its name.", .name(max: 100))
    static let regionID = Field("regionID", "The region by its id.", .id(nil, max: 54))
    static let cluster = Field("cluster", "metadata.name of a Cluster, or a cluster of the workspace.", .name(max: 100))
    static let clusterID = Field("clusterID", "The cluster by its id.", .id("clu_", max: 54))
    static let values = Field("values", "The package's input values, merged over those of valuesFrom.", .json)
    static let valuesFrom = Field(
        "valuesFrom", "Files with values, the later over the earlier.", .list(of: valuesFile, max: 32))
    static let automaticUpdates = Field(
        "automaticUpdates", "Whether the platform changes the version on its own.", .flag, fallback: false)
    static let dependsOn = Field(
        "dependsOn", "Manifests of this source that must be healthy first, as Kind/name.",
        .list(of: FieldRule<ObjectReference>.object.located, max: 100))
    static let wait = Field("wait", "How this install is waited for.", waitRule)
    static let timeout = Field(
        "timeout", "How long a dependant waits for this install to be healthy.",
        .duration(.seconds(1)...(.seconds(86_400))), fallback: "15m")
    static let onImmutableChange = Field(
        "onImmutableChange", "What happens when a field changes that the platform can't change.",
        .word(InstallManifest.ImmutableChangePolicy.self, unsupported: ["replace"]), fallback: "fail")
    static let installID = Field(
        "installID", "Adopts this live install instead of creating one.", .identifier("inst_", max: 55))
    static let file = Field("file", "A YAML or JSON file, relative to this file.", FieldRule.text(1...1_024).located)

    static let table = FieldTable(
        "spec of Install",
        [
            package.optional, packageID.optional, product.optional, productID.optional, version.optional,
            region.optional, regionID.optional, cluster.optional, clusterID.optional, values.optional,
            valuesFrom.optional, automaticUpdates.optional, dependsOn.optional, wait.optional,
            onImmutableChange.optional, installID.optional,
        ] + CommonFields.rows,
        choices: [
            .exactlyOne("package", "packageID", "product", "productID"), .exactlyOne("region", "regionID"),
            .atMostOne("cluster", "clusterID"),
        ],
        conditions: [
            .init(
                fields: ["package", "packageID"], demand: .needs, other: "version",
                problem: "a package needs a version beside it",
                hint: "add version: an exact one, a range such as ~1.4, or latest"),
            .init(
                fields: ["product", "productID"], demand: .excludes, other: "version",
                problem: "version can't be chosen with a product",
                hint: "the product decides which version its installs get"),
        ])

    private static let waitRule = FieldRule<Duration>.object(FieldTable("wait", [timeout.optional])) {
        $0.read(timeout, &$1) ?? InstallManifest.waitTimeoutDefault
    }
    private static let valuesFile = FieldRule<Located<String>>.object(
        FieldTable("an item of valuesFrom", [file.required])
    ) { $0.read(file, &$1) }

    /// What an install's file says of it, before other files are looked at.
    struct Reading {
        /// Nil after reporting what is wrong.
        var manifest: InstallManifest?
        var valuesFrom: [Located<String>]
        var dependsOn: [Located<ObjectReference>]
    }

    /// The manifest with what other files and documents have to do with it.
    static func read(_ header: ManifestHeader, _ spec: ObjectReader, _ problems: inout Problems) -> Reading {
        let target = target(spec, &problems)
        let place = spec.read(region, &problems) ?? spec.read(regionID, &problems)
        let cluster = spec.read(cluster, &problems) ?? spec.read(clusterID, &problems)
        let values = spec.read(values, &problems)
        let files = spec.read(valuesFrom, &problems) ?? []
        let updates = spec.read(automaticUpdates, &problems) ?? false
        let dependencies = spec.read(dependsOn, &problems) ?? []
        let timeout = spec.read(wait, &problems)
        let policy = spec.read(onImmutableChange, &problems)
        let adoptedID = spec.read(installID, &problems)
        if updates, case .package(_, version: .exact(let exact)) = target {
            problems.report(
                spec.mark(of: automaticUpdates), "automaticUpdates contradicts the exact version \(exact)",
                hint: "give a range, or leave updates to commits")
        }
        report(repeated: dependencies, &problems)
        var reading = Reading(valuesFrom: files, dependsOn: dependencies)
        guard let target, let place else { return reading }
        reading.manifest = InstallManifest(
            header: header, target: target, region: place, cluster: cluster, values: values ?? JSONObject(),
            automaticUpdates: updates, dependsOn: dependencies.map(\.value),
            waitTimeout: timeout ?? InstallManifest.waitTimeoutDefault, onImmutableChange: policy ?? .fail,
            adoptedID: adoptedID)
        return reading
    }

    private static func target(_ spec: ObjectReader, _ problems: inout Problems) -> InstallManifest.Target? {
        let selector = spec.read(version, &problems)
        if let reference = spec.read(package, &problems) ?? spec.read(packageID, &problems) {
            return selector.map { .package(reference, version: $0) }
        }
        let reference = spec.read(product, &problems) ?? spec.read(productID, &problems)
        return reference.map(InstallManifest.Target.product)
    }

    private static func report(repeated dependencies: [Located<ObjectReference>], _ problems: inout Problems) {
        var seen: Set<ObjectReference> = []
        for dependency in dependencies where !seen.insert(dependency.value).inserted {
            problems.report(dependency.mark, "dependsOn names \(dependency.value) twice")
        }
    }
}
