package import AkuaModel
package import JSON
package import Manifests

/// What would be done to bring a workspace in line with one commit, as a value: printed, compared, tested, executed.
package struct Plan: Equatable, Sendable {
    package var source: SourceIdentity
    package var commit: String
    /// In an order in which they can be done; `after` says which really depend on which.
    package var actions: [Action] = []
    /// What is not done, and why (I14).
    package var holds: [Hold] = []
    /// Changes of our own records that need no request.
    package var bookkeeping: [Bookkeeping] = []
    /// What has to be found out before this plan is certain; empty when it is.
    package var needs: Set<Need> = []
    /// Set when the source must not be written to at all.
    package var stop: Stop?
    /// The digest by which a person had released what this plan now carries out.
    package var releasedDigest: String?
    /// What each declared install amounts to, for the records that execution leaves.
    package var desiredDigests: [ObjectReference: String] = [:]

    package init(source: SourceIdentity, commit: String) {
        self.source = source
        self.commit = commit
    }

    /// The actions that are carried out.
    package var runnable: [Action] { actions.filter { $0.block == nil } }
    /// The actions that wait for a person.
    package var blocked: [Action] { actions.filter { $0.block != nil } }
    /// Whether the workspace agrees with the commit, as far as it can be made to.
    package var isEmpty: Bool { actions.allSatisfy { $0.block?.counts == false } }

    /// The digest of all actions: two plans with the same digest do the same.
    package var digest: String { Self.digest(of: actions, in: source) }
    /// The digest by which a person releases the blocked actions; nil when there are none.
    package var blockedDigest: String? { blocked.isEmpty ? nil : Self.digest(of: blocked, in: source) }

    /// 32 hex digits over, sorted, (source, kind, name, action, resource id, digest of the changed fields).
    private static func digest(of actions: [Action], in source: SourceIdentity) -> String {
        let rows = actions.map { action in
            [
                source.name, action.target.kind.rawValue, action.target.name, action.word.rawValue,
                action.resourceID ?? "", Digest.hex(of: .array(action.fields.map(\.digestible))),
            ]
        }
        let sorted = rows.sorted { $0.lexicographicallyPrecedes($1) }
        return String(Digest.hex(of: .array(sorted.map { .array($0.map(JSONValue.string)) })).prefix(32))
    }
}

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

    fileprivate var digestible: JSONValue { [.string(path), before ?? .null, after ?? .null] }
}

/// Why an action is planned: a code for machines and what it needs for its sentence.
package enum Reason: Equatable, Sendable {
    /// Declared and not there.
    case declared
    /// It was there and is gone, without a commit that says so.
    case gone(String)
    /// The manifest asks for something else than before.
    case changed(String)
    /// Another writer changed it.
    case drift(String)
    /// The range now resolves to a newer version, without a commit.
    case newVersion(from: String, to: String)
    /// No read shows the setting; it is written once.
    case writtenOnce
    /// The render that carries the commit.
    case provenance
    /// Git no longer declares it.
    case pruned
    /// A manifest names it by id.
    case namedByID
    /// Found again by the key that only this source derives.
    case recovered
    /// It was released or retained, and is declared once more.
    case declaredAgain
    /// Made by this source and declared by nobody.
    case orphan

    package var code: String {
        switch self {
        case .declared: "declared"
        case .gone: "gone"
        case .changed: "changed"
        case .drift: "drift"
        case .newVersion: "new-version"
        case .writtenOnce: "written-once"
        case .provenance: "provenance"
        case .pruned: "pruned"
        case .namedByID: "named-by-id"
        case .recovered: "recovered"
        case .declaredAgain: "declared-again"
        case .orphan: "recovered-orphan"
        }
    }

    package var sentence: String {
        switch self {
        case .declared: "declared in git, not in the workspace"
        case .gone(let id): "\(id) is gone from the workspace without a commit"
        case .changed(let what): what
        case .drift(let what): "\(what), without a commit"
        case .newVersion(let from, let to): "the range now resolves to \(to) instead of \(from)"
        case .writtenOnce: "no read shows this setting, so it is written once"
        case .provenance: "carries the commit that caused the change"
        case .pruned: "no longer declared in git"
        case .namedByID: "named by id in the manifest"
        case .recovered: "found again by its idempotency key"
        case .declaredAgain: "known to the journal and declared again"
        case .orphan: "made by this source, declared by no manifest"
        }
    }

    /// Whether the cause lies in the workspace and not in a commit.
    package var isDrift: Bool {
        switch self {
        case .drift, .gone: true
        default: false
        }
    }
}

/// Why an action waits for a person.
package enum Block: String, Hashable, Sendable {
    /// More deletes than the limits allow.
    case pruneLimit = "prune-limit"
    /// The path is empty or gone.
    case emptyPath = "empty-path"
    /// The last applied commit is no ancestor of this one, or the source was pointed elsewhere.
    case rewrittenHistory = "rewritten-history"
    /// The document is still there but is skipped now.
    case nowSkipped = "now-skipped"
    /// Many objects vanished at once.
    case massAbsence = "mass-absence"
    case recoveredOrphan = "recovered-orphan"

    /// Whether it makes a source out of sync.
    package var counts: Bool { self != .recoveredOrphan }
}

/// Something that is not done, and why.
package struct Hold: Equatable, Sendable {
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case ambiguous, dependency, immutable, suspended, referenced, retained, shared, undeletable, busy
        case backOff = "back-off"
        case budget
        case driftReported = "drift-reported"
        case foreignVersions = "foreign-versions"
        case foreignWorkspace = "foreign-workspace"
        case identityConflict = "identity-conflict"
        case incompleteRead = "incomplete-read"
        case inventoryIncomplete = "inventory-incomplete"
        case missingReference = "missing-reference"
        case noEtag = "no-etag"
        case noVersion = "no-version"
        case planMode = "plan-mode"
        case pruneDisabled = "prune-disabled"
        case readFailed = "read-failed"
        case updatePending = "update-pending"
        case valuesUnsupported = "values-unsupported"
        case waitingForDelete = "waiting-for-delete"
        case waitingForOperation = "waiting-for-operation"

        /// Whether it leaves the source out of sync (exit code 75); otherwise it is only reported.
        package var counts: Bool {
            switch self {
            case .suspended, .retained, .shared, .undeletable, .driftReported, .planMode, .pruneDisabled: false
            default: true
            }
        }

        /// Whether a person or a commit has to act; the others pass by themselves.
        package var isBlocking: Bool {
            switch self {
            case .immutable, .valuesUnsupported, .identityConflict, .ambiguous, .foreignVersions, .noEtag, .noVersion,
                .missingReference, .foreignWorkspace:
                true
            default: false
            }
        }
    }

    package var target: ObjectReference
    package var code: Code
    /// One sentence that names the remedy where there is one.
    package var sentence: String
    package var resourceID: String?
    /// Unix seconds.
    package var nextAttempt: Int?
    /// The fields that differ, for differences that are only reported.
    package var fields: [FieldChange] = []

    package init(
        _ target: ObjectReference, _ code: Code, _ sentence: String, resourceID: String? = nil,
        nextAttempt: Int? = nil, fields: [FieldChange] = []
    ) {
        self.target = target
        self.code = code
        self.sentence = sentence
        self.resourceID = resourceID
        self.nextAttempt = nextAttempt
        self.fields = fields
    }
}

/// A change of our records that no request goes with.
package enum Bookkeeping: Equatable, Sendable {
    /// A live object without proof that we made it is used.
    case share(ObjectReference, resourceID: String)
    /// Proven gone.
    case gone(ObjectReference)
    /// Ours no longer; it lives on.
    case release(ObjectReference, Hold.Code)
    /// A read shows the version that was asked for.
    case confirmVersion(ObjectReference)
    /// Seen healthy at this desired digest.
    case healthy(ObjectReference, digest: String)
    /// In sync with its manifest: protection, digest and path are as the commit says.
    case inSync(ObjectReference, digest: String)
}

/// Why a source is not written to at all.
package enum Stop: Equatable, Sendable {
    /// An install was rendered from a commit that this daemon does not have yet.
    case behind(ObjectReference, commit: String)
    /// A live object is marked by another source for the same name.
    case otherSource(ObjectReference, source: String)

    package var code: String {
        switch self {
        case .behind: "behind"
        case .otherSource: "other-source"
        }
    }

    package var sentence: String {
        switch self {
        case .behind(let object, let commit):
            "\(object) was last rendered from commit \(commit), which is not an ancestor of the one here: "
                + "nothing is written until that commit is fetched"
        case .otherSource(let object, let source):
            "\(object) is live and marked by source '\(source)': give this source that name in formerNames, "
                + "or release the object there"
        }
    }
}
