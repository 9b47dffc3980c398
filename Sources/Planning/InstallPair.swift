import AkuaModel
import JSON
import Manifests

/// An install's manifest with its references looked up.
struct WantedInstall {
    var source: CreateInstall.Source
    /// nil for a product: its version is the product's affair.
    var version: Target<PackageVersionID>?
    var region: RegionID
    var cluster: Target<ClusterID>?
    var digest: String
}

/// A declared install beside the live one that it means.
struct InstallPair {
    let declared: DeclaredInstall
    let wanted: WantedInstall
    let install: Install
    /// What the journal knows of it, or will once it is adopted.
    let entry: InventoryEntry

    /// What differs and can't be changed on a live install, as far as reads and the journal show it.
    func immutableDifferences(_ versions: [PackageVersionID: PackageVersion]) -> [FieldChange] {
        let (manifest, asked) = (declared.manifest, entry.requested)
        var fields: [FieldChange] = []
        func note(_ path: String, _ before: String?, _ after: String) {
            fields.append(FieldChange(path, before: before.map(JSONValue.string), after: .string(after)))
        }
        switch wanted.source {
        case .product(let id):
            if install.productID != id { note("product", install.productID?.text, manifest.target.name) }
        case .package(let package, _):
            // The list of a package's versions may lag behind; what the journal asked for does not.
            let live = versions[install.packageVersionID]?.packageID ?? asked.packageID
            if let product = install.productID {
                note("package", product.text, manifest.target.name)
            } else if live == nil || live != package.liveID {
                note("package", live?.text, manifest.target.name)
            }
        }
        if let region = asked.regionID, region != wanted.region { note("region", region.text, wanted.region.text) }
        if let cluster = wanted.cluster, let live = install.clusterID ?? asked.clusterID, cluster.liveID != live {
            note("cluster", live.text, manifest.cluster?.text ?? "")
        }
        return fields
    }

    /// Why the version is to change: drift where this very state had been reached, else a newer version in the range
    /// where the live one is in it too, else the manifest.
    func updateReason(from live: String, to semver: String) -> Reason {
        if entry.appliedDigest == wanted.digest { return .drift("version is \(live), wanted is \(semver)") }
        let changed = Reason.changed("version \(live) → \(semver)")
        guard case .package(_, let selector) = declared.manifest.target, let old = SemanticVersion(live),
            let new = SemanticVersion(semver), old < new
        else { return changed }
        let isInRange =
            switch selector {
            case .exact: false
            case .range(let range): range.contains(old)
            case .latest: !old.isPrerelease
            }
        return isInRange ? .newVersion(from: live, to: semver) : changed
    }
}
