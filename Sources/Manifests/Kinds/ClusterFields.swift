/// `spec` of a Cluster.
enum ClusterFields {
    static let region = Field("region", "The region by its name.", .name(max: 100))
    static let regionID = Field("regionID", "The region by its id.", .id(nil, max: 54))
    static let networkProfile = Field(
        "networkProfile", "The network; it can't be changed later. The platform chooses when it is left out.",
        .word(CompatibilityFields.NetworkProfile.self))
    static let name = Field("name", "The name on the platform, if it is to differ from metadata.name.", .text(1...100))
    static let clusterID = Field(
        "clusterID", "Adopts this live cluster instead of creating one.", .identifier("clu_", max: 54))

    static let table = FieldTable(
        "spec of Cluster",
        [region.optional, regionID.optional, networkProfile.optional, name.optional, clusterID.optional]
            + CommonFields.rows,
        choices: [.exactlyOne("region", "regionID")])

    /// The manifest, or nil after reporting what is wrong with its spec.
    static func manifest(
        _ header: ManifestHeader, _ spec: ObjectReader, _ problems: inout Problems
    ) -> ClusterManifest? {
        let place = spec.read(region, &problems) ?? spec.read(regionID, &problems)
        let profile = spec.read(networkProfile, &problems)
        let apiName = spec.read(name, &problems)
        let adoptedID = spec.read(clusterID, &problems)
        return place.map {
            ClusterManifest(
                header: header, apiName: apiName ?? header.name, region: $0, networkProfile: profile?.rawValue,
                adoptedID: adoptedID)
        }
    }
}
