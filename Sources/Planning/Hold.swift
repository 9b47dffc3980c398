package import Manifests

/// Something that is not done, and why.
package struct Hold: Equatable, Sendable {
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case ambiguous, dependency, immutable, suspended, referenced, retained, shared, undeletable, busy
        case backOff = "back-off"
        case driftReported = "drift-reported"
        case foreignVersions = "foreign-versions"
        case foreignWorkspace = "foreign-workspace"
        case identityConflict = "identity-conflict"
        case incompleteRead = "incomplete-read"
        case inventoryIncomplete = "inventory-incomplete"
        case missingReference = "missing-reference"
        /// Its live object goes on under another name, which git declares.
        case moved
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
            case .suspended, .retained, .shared, .undeletable, .moved, .driftReported, .planMode, .pruneDisabled:
                false
            default: true
            }
        }

        /// Whether a person or a commit has to act; the others pass by themselves.
        package var isBlocking: Bool {
            switch self {
            case .immutable, .valuesUnsupported, .identityConflict, .ambiguous, .foreignVersions, .noEtag, .noVersion,
                .missingReference, .foreignWorkspace:
                true
            case .dependency, .suspended, .referenced, .retained, .shared, .undeletable, .moved, .busy, .backOff,
                .driftReported, .incompleteRead, .inventoryIncomplete, .planMode, .pruneDisabled, .readFailed,
                .updatePending, .waitingForDelete, .waitingForOperation:
                false
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
    /// Made by this source and declared by nobody: ours from here on, and deleted only when a person allows it (I13).
    case orphan(ObjectReference, resourceID: String)
    /// What the manifest protects the object with, recorded before anything else can fail: the next commit may drop the
    /// manifest, and then this is all that is left of it (I2).
    case protect(ObjectReference, Protection?)
    /// Proven gone.
    case gone(ObjectReference)
    /// Ours no longer; it lives on.
    case release(ObjectReference, Hold.Code)
    /// A read shows the version that was asked for.
    case confirmVersion(ObjectReference)
    /// Seen healthy at this desired digest.
    case healthy(ObjectReference, digest: String)
    /// In sync with its manifest: digest, path and dependencies are as the commit says, and no delete is allowed any more.
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
