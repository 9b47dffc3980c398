import AkuaModel
import JSON
import Journal
import Manifests
import Planning

// The journal stores strings and JSON; the planner thinks in its own types. This is the one place that translates.

extension InventoryEntry {
    init(_ record: ObjectRecord) {
        let ownership: Ownership =
            switch record.ownership {
            case .created: .created
            case .adopted: .adopted
            case .recovered: .recovered
            case .shared: .shared
            }
        let life: Life =
            switch record.life {
            case .live: .live
            case .deleting: .deleting
            case .gone: .gone
            case .released: .released
            }
        self.init(resourceID: record.resourceID, ownership: ownership, life: life)
        incarnation = record.incarnation
        predecessor = record.predecessor
        refusals = record.refusals
        protection = record.protection.flatMap(Protection.init)
        appliedDigest = record.appliedDigest
        renderedDigest = record.renderedDigest
        renderedCommit = record.renderedCommit
        healthyDigest = record.healthyDigest
        requested = Requested(record.requested)
        failures = record.failures
        nextAttempt = record.nextAttempt
        lastError = record.lastError
    }
}

extension ObjectRecord {
    /// All but the commit and the path, which the planner has no use for.
    init(_ entry: InventoryEntry, identity: Identity) {
        let life: Life =
            switch entry.life {
            case .live: .live
            case .deleting: .deleting
            case .gone: .gone
            case .released: .released
            }
        self.init(
            identity: identity, incarnation: entry.incarnation, resourceID: entry.resourceID,
            ownership: Ownership(entry.ownership), life: life)
        predecessor = entry.predecessor
        refusals = entry.refusals
        protection = entry.protection?.rawValue
        appliedDigest = entry.appliedDigest
        renderedDigest = entry.renderedDigest
        renderedCommit = entry.renderedCommit
        healthyDigest = entry.healthyDigest
        requested = entry.requested.json
        failures = entry.failures
        nextAttempt = entry.nextAttempt
        lastError = entry.lastError
    }
}

extension ObjectRecord.Ownership {
    init(_ ownership: InventoryEntry.Ownership) {
        self =
            switch ownership {
            case .created: .created
            case .adopted: .adopted
            case .recovered: .recovered
            case .shared: .shared
            }
    }
}

extension Requested {
    init(_ object: JSONObject) {
        self.init()
        packageID = object["package_id"]?.string.flatMap(PackageID.init)
        productID = object["product_id"]?.string.flatMap(ProductID.init)
        regionID = object["region_id"]?.string.flatMap(RegionID.init)
        clusterID = object["cluster_id"]?.string.flatMap(ClusterID.init)
        networkProfile = object["network_profile"]?.string
        versionID = object["version_id"]?.string.flatMap(PackageVersionID.init)
        isVersionConfirmed = object["version_confirmed"]?.bool ?? false
        valuesDigest = object["values_digest"]?.string
        automaticUpdates = object["automatic_updates"]?.bool
        isDeleteAllowed = object["delete_allowed"]?.bool ?? false
        dependsOn = (object["depends_on"]?.array ?? []).compactMap { $0.string.flatMap(ObjectReference.init(text:)) }
    }

    var json: JSONObject {
        var object = JSONObject()
        object["package_id"] = packageID.map { .string($0.text) }
        object["product_id"] = productID.map { .string($0.text) }
        object["region_id"] = regionID.map { .string($0.text) }
        object["cluster_id"] = clusterID.map { .string($0.text) }
        object["network_profile"] = networkProfile.map(JSONValue.string)
        object["version_id"] = versionID.map { .string($0.text) }
        if isVersionConfirmed { object["version_confirmed"] = true }
        object["values_digest"] = valuesDigest.map(JSONValue.string)
        object["automatic_updates"] = automaticUpdates.map(JSONValue.bool)
        if isDeleteAllowed { object["delete_allowed"] = true }
        if !dependsOn.isEmpty { object["depends_on"] = .array(dependsOn.map { .string($0.description) }) }
        return object
    }
}

extension ObjectReference {
    /// `Install/checkout-eu`.
    init?(text: String) {
        guard let slash = text.firstIndex(of: "/"), let kind = Kind(rawValue: String(text[..<slash])) else {
            return nil
        }
        self.init(kind, String(text[text.index(after: slash)...]))
    }

    init?(_ identity: Identity) {
        guard let kind = Kind(rawValue: identity.kind) else { return nil }
        self.init(kind, identity.name)
    }
}

extension Identity {
    init(_ reference: ObjectReference, in source: SourceIdentity) {
        self.init(
            workspace: source.workspace, source: source.name, kind: reference.kind.rawValue, name: reference.name)
    }
}

extension ConditionRecord {
    /// The digest that releases the set which a blocked action belongs to; nil for what a person can't release.
    ///
    /// It is the last word of the sentence, which says how to use it.
    package var blockedDigest: String? {
        guard Block(rawValue: code) != nil, let digest = sentence.split(separator: " ").last else { return nil }
        return String(digest)
    }
}
