package import AkuaModel
package import Manifests

/// What the journal knows of the objects of one source.
package typealias Inventory = [ObjectReference: InventoryEntry]

/// One identity and its current life.
package struct InventoryEntry: Equatable, Sendable, Codable {
    package enum Ownership: String, Sendable, Codable { case created, adopted, recovered, shared }
    package enum Life: String, Sendable, Codable { case live, deleting, gone, released }

    /// The longest that an object is left alone after a failure, in seconds.
    package static let backOffMax = 900

    package var resourceID: String?
    package var ownership: Ownership
    package var life: Life
    /// Which life of the name, from 1.
    package var incarnation = 1
    package var predecessor = ""
    package var refusals = 0
    /// What the last applied manifest protected it with (I2).
    package var protection: Protection?
    package var appliedDigest: String?
    package var renderedDigest: String?
    package var renderedCommit: String?
    package var healthyDigest: String?
    package var requested = Requested()
    package var failures = 0
    /// Unix seconds before which the object is left alone.
    package var nextAttempt: Int?
    package var lastError: String?

    package init(resourceID: String?, ownership: Ownership, life: Life) {
        self.resourceID = resourceID
        self.ownership = ownership
        self.life = life
    }

    /// Whether this source made the object or was given it: only then may it be pruned, renamed or moved.
    package var isOwned: Bool { ownership != .shared }
}

/// Why an object outlives its manifest.
package enum Protection: String, Hashable, Sendable, Codable { case retain, suspend }

/// What was asked of an object and no read shows.
package struct Requested: Equatable, Sendable, Codable {
    package var packageID: PackageID?
    package var productID: ProductID?
    package var regionID: RegionID?
    package var clusterID: ClusterID?
    package var networkProfile: String?
    /// The version last asked for, and whether a read has shown it since.
    package var versionID: PackageVersionID?
    package var isVersionConfirmed = false
    package var valuesDigest: String?
    package var automaticUpdates: Bool?
    package var dependsOn: [ObjectReference] = []
    /// A person has allowed the delete of this life; it stays allowed when the set that was allowed shrinks.
    package var isDeleteAllowed = false

    package init() {}
}
