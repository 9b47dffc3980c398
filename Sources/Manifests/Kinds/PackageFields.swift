internal import JSON

/// `spec` of a Package.
enum PackageFields {
    static let ociRef = Field(
        "ociRef", "The OCI repository of the published package.", .text(1...2_048, form: .ociRepository))
    static let helm = Field("helm", "The chart that the platform builds the package from.", HelmFields.rule)
    static let description = Field(
        "description", "Shown on the platform; only for a package with an ociRef.", .text(0...1_000, allowsLines: true))
    static let name = Field("name", "The name on the platform, if it is to differ from metadata.name.", .text(1...120))
    static let packageID = Field(
        "packageID", "Adopts this live package instead of creating one.", .identifier("pkg_", max: 54))

    static let table = FieldTable(
        "spec of Package",
        [ociRef.optional, helm.optional, description.optional, name.optional, packageID.optional] + CommonFields.rows,
        choices: [.exactlyOne("ociRef", "helm")],
        conditions: [
            .init(
                fields: ["helm"], demand: .excludes, other: "description",
                problem: "description can't be given with helm",
                hint: "the platform takes none for a package that it builds")
        ])

    /// The manifest, or nil after reporting what is wrong with its spec.
    static func manifest(
        _ header: ManifestHeader, _ spec: ObjectReader, _ problems: inout Problems
    ) -> PackageManifest? {
        let reference = spec.read(ociRef, &problems)
        let chart = spec.read(helm, &problems)
        let text = spec.read(description, &problems)
        let apiName = spec.read(name, &problems)
        let adoptedID = spec.read(packageID, &problems)
        guard let source = reference.map(PackageManifest.Source.oci) ?? chart.map(PackageManifest.Source.helm) else {
            return nil
        }
        return PackageManifest(
            header: header, source: source, description: text, apiName: apiName ?? header.name, adoptedID: adoptedID)
    }
}

/// `spec.helm` of a Package.
enum HelmFields {
    static let repoURL = Field("repoURL", "The OCI registry that holds the chart.", .text(1...2_048, form: .ociURL))
    static let chart = Field("chart", "The chart's name in it.", .text(1...255))
    static let targetRevision = Field("targetRevision", "The chart's version.", .text(1...256))
    static let path = Field("path", "The folder within the artifact.", .text(1...2_048))
    static let values = Field("values", "Values that the chart is built with.", .json)

    static let table = FieldTable(
        "helm", [repoURL.required, chart.optional, targetRevision.required, path.optional, values.optional])

    static let rule = FieldRule<PackageManifest.HelmSource>.object(table) { reader, problems in
        let repoURL = reader.read(repoURL, &problems)
        let chart = reader.read(chart, &problems)
        let targetRevision = reader.read(targetRevision, &problems)
        let path = reader.read(path, &problems)
        let values = reader.read(values, &problems)
        guard let repoURL, let targetRevision else { return nil }
        return PackageManifest.HelmSource(
            repoURL: repoURL, chart: chart, targetRevision: targetRevision, path: path, values: values)
    }
}
