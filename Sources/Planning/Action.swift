package import AkuaModel
package import JSON
package import Manifests

/// The words for what an action does, in plans, logs and metrics alike.
package enum ActionWord: String, Hashable, Sendable, CaseIterable {
    case create, `import`, publish, update, render, delete, adopt
    case setAutomaticUpdates = "set_automatic_updates"
}

/// Names an action within a plan; an object has each word at most once.
package struct ActionID: Hashable, Sendable, CustomStringConvertible {
    package var word: ActionWord
    package var target: ObjectReference

    package init(_ word: ActionWord, _ target: ObjectReference) {
        self.word = word
        self.target = target
    }

    package var description: String { "\(word.rawValue) \(target)" }
}

/// One step of a plan.
package struct Action: Equatable, Sendable {
    package var word: ActionWord
    package var target: ObjectReference
    package var step: Step
    /// The live object that it acts on; nil for a create.
    package var resourceID: String?
    package var reason: Reason
    /// The actions that must have succeeded first.
    package var after: Set<ActionID> = []
    /// The objects that must be healthy first.
    package var gates: [HealthGate] = []
    package var fields: [FieldChange] = []
    /// Why it waits for a person; nil when it is carried out.
    package var block: Block?

    package init(
        _ word: ActionWord, _ target: ObjectReference, step: Step, resourceID: String? = nil, reason: Reason,
        after: Set<ActionID> = [], fields: [FieldChange] = []
    ) {
        self.word = word
        self.target = target
        self.step = step
        self.resourceID = resourceID
        self.reason = reason
        self.after = after
        self.fields = fields
    }

    package var id: ActionID { ActionID(word, target) }
}

/// An id that is known, or that an earlier action of the same plan will make known.
package enum Target<ID: Hashable & Sendable>: Hashable, Sendable {
    case live(ID)
    case planned(ObjectReference)
}

/// What an action asks of the platform: everything that does not depend on answers yet to come.
package enum Step: Equatable, Sendable {
    case importPackage(PackageManifest, firstVersion: PackageVersionManifest)
    case createPackage(PackageManifest)
    case publish(PackageVersionManifest, package: Target<PackageID>)
    case createCluster(ClusterManifest, region: RegionID)
    case updateCluster(ClusterID, name: String?, region: RegionID?)
    case createInstall(InstallManifest, CreateInstall)
    case updateInstall(InstallID, version: Target<PackageVersionID>)
    case setAutomaticUpdates(Target<InstallID>, Bool)
    case render(Target<InstallID>, InstallManifest, desiredDigest: String)
    case deletePackage(PackageID)
    case deleteCluster(ClusterID)
    case deleteInstall(InstallID)
    /// No request: the object is ours from here on.
    case adopt(Adoption)
}

/// The resolved parts of an install that is to be created.
package struct CreateInstall: Equatable, Sendable {
    package enum Source: Equatable, Sendable {
        case package(Target<PackageID>, semver: String)
        /// Its version is the product's affair.
        case product(ProductID)
    }
    package var source: Source
    package var region: RegionID
    package var cluster: Target<ClusterID>?
    package var desiredDigest: String
    /// The id of the newest dead life, empty for the first: part of the key.
    package var predecessor: String

    package init(
        source: Source, region: RegionID, cluster: Target<ClusterID>?, desiredDigest: String, predecessor: String
    ) {
        self.source = source
        self.region = region
        self.cluster = cluster
        self.desiredDigest = desiredDigest
        self.predecessor = predecessor
    }
}

/// How a live object becomes ours.
package struct Adoption: Equatable, Sendable {
    package var resourceID: String
    package var ownership: InventoryEntry.Ownership
    /// What is taken as asked for and rendered already.
    package var requested: Requested
    package var renderedDigest: String?
    package var renderedCommit: String?

    package init(
        resourceID: String, ownership: InventoryEntry.Ownership, requested: Requested = Requested(),
        renderedDigest: String? = nil, renderedCommit: String? = nil
    ) {
        self.resourceID = resourceID
        self.ownership = ownership
        self.requested = requested
        self.renderedDigest = renderedDigest
        self.renderedCommit = renderedCommit
    }
}

/// An object that has to be healthy before an action begins.
package struct HealthGate: Equatable, Sendable {
    package var object: ObjectReference
    /// nil when the object is made by this plan.
    package var resourceID: String?
    package var timeout: Duration

    package init(object: ObjectReference, resourceID: String?, timeout: Duration) {
        self.object = object
        self.resourceID = resourceID
        self.timeout = timeout
    }
}

/// One field that an action sets.
package struct FieldChange: Equatable, Sendable {
    /// As in the manifest: `version`, `values.replicas`.
    package var path: String
    package var before: JSONValue?
    package var after: JSONValue?
    /// Part of `values`: shown only when asked for (I11).
    package var isValue = false

    package init(_ path: String, before: JSONValue? = nil, after: JSONValue?, isValue: Bool = false) {
        self.path = path
        self.before = before
        self.after = after
        self.isValue = isValue
    }

    /// What a plan's digest covers of it.
    var digestible: JSONValue { [.string(path), before ?? .null, after ?? .null] }
}

extension Target {
    /// The id, when it is known already.
    var liveID: ID? { if case .live(let id) = self { id } else { nil } }
}
