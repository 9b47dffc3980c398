package import AkuaModel
package import JSON

/// Who an object is, for ever: never a file path, so that moving a manifest changes nothing.
package struct Identity: Hashable, Sendable {
    package var workspace: WorkspaceID
    package var source: String
    /// The kind as manifests write it, such as `Install`.
    package var kind: String
    /// `metadata.name`.
    package var name: String

    package init(workspace: WorkspaceID, source: String, kind: String, name: String) {
        self.workspace = workspace
        self.source = source
        self.kind = kind
        self.name = name
    }
}

/// What is known of one source across passes.
package struct SourceRecord: Equatable, Sendable {
    package var source: String
    package var workspace: WorkspaceID
    /// Where the source was read from when `pruneBase` was set; a change of any counts as a rewritten history (I9).
    package var url: String
    package var ref: String
    package var path: String
    /// The newest commit whose manifests were all valid (I8).
    package var lastGoodCommit: String?
    /// The newest commit of which every action was carried out.
    package var appliedCommit: String?
    /// The last commit whose deletes were all done or allowed (I9).
    package var pruneBase: String?
    /// The newest operation of the workspace that this source has read.
    package var operationsSeen: OperationID?
    /// Whether everything that lives has been looked for since the journal began; until then nothing is pruned (I13).
    package var isInventoryComplete: Bool
    /// The settings in force, as the reconciler encodes them: the stricter of these and the defaults hold for one commit
    /// after their document is removed.
    package var settings: JSONValue?

    package init(source: String, workspace: WorkspaceID, url: String, ref: String, path: String) {
        self.source = source
        self.workspace = workspace
        self.url = url
        self.ref = ref
        self.path = path
        self.isInventoryComplete = false
    }
}

/// One identity and the life of it that is current.
package struct ObjectRecord: Equatable, Sendable {
    package enum Ownership: String, Sendable {
        /// Made by an intent of this journal.
        case created
        /// Named by id in a manifest.
        case adopted
        /// Found again by a key that only this source derives.
        case recovered
        /// Lives without proof that we made it: used, kept in step, never pruned, renamed or moved.
        case shared
    }
    package enum Life: String, Sendable {
        case live
        /// A delete has been asked for and has not ended.
        case deleting
        /// Proven gone; the record keeps the predecessor of the next life.
        case gone
        /// Ours no longer, though it lives: released, retained, or undeletable.
        case released
    }

    package var identity: Identity
    /// Which life of the name, from 1.
    package var incarnation: Int
    package var resourceID: String?
    package var ownership: Ownership
    package var life: Life
    /// The id of the newest dead life, empty before the first death: part of the key of the next create.
    package var predecessor: String
    /// 4xx answers to the create of this life: part of its key.
    package var refusals: Int
    /// `retain`, `suspend` or nil: what the last applied manifest said; lifting takes a commit of its own (I2).
    package var protection: String?
    /// The digest of the desired state that was last carried out in full.
    package var appliedDigest: String?
    /// The desired digest and the commit of the last explicit render.
    package var renderedDigest: String?
    package var renderedCommit: String?
    /// The desired digest at which the object was last seen healthy.
    package var healthyDigest: String?
    /// What was asked for and no read shows (version, values digest, automatic updates, region, ...), as the reconciler
    /// encodes it.
    package var requested: JSONObject
    /// Failures in a row, and when the next attempt may come (Unix seconds).
    package var failures: Int
    package var nextAttempt: Int?
    package var lastError: String?
    /// The commit and the path of the manifest that were last applied.
    package var commit: String?
    package var path: String?

    package init(identity: Identity, incarnation: Int, resourceID: String?, ownership: Ownership, life: Life) {
        self.identity = identity
        self.incarnation = incarnation
        self.resourceID = resourceID
        self.ownership = ownership
        self.life = life
        self.predecessor = ""
        self.refusals = 0
        self.requested = JSONObject()
        self.failures = 0
    }
}

/// A write that was decided on: durable before the request leaves (I4).
package struct IntentRecord: Equatable, Sendable {
    package enum State: String, Sendable {
        /// Perhaps sent; no answer is known.
        case open
        /// Accepted by the platform; its operation is being waited for.
        case running
        /// Settled: see `outcome`.
        case closed
    }
    package enum Outcome: String, Sendable {
        case succeeded, failed
        /// Refused with 409 or 412: the object had moved.
        case conflict
        /// Its etag has moved without its effect showing: it can never take effect any more.
        case lapsed
    }

    /// Unique and rising; given by the reconciler, so that a test can foresee it.
    package var id: String
    package var identity: Identity
    package var incarnation: Int
    package var reconcile: String
    package var commit: String
    /// The action word, such as `create`.
    package var action: String
    package var write: Write
    /// SHA-256 of the request in hex.
    package var digest: String
    package var state: State
    package var outcome: Outcome?
    package var operation: OperationID?
    /// The object that the answer named.
    package var resourceID: String?
    package var httpStatus: Int?
    package var error: String?
    /// What else is needed to carry on after a restart, as the reconciler encodes it.
    package var context: JSONObject
    /// Unix milliseconds.
    package var createdAt: Int
    package var closedAt: Int?

    package init(
        id: String, identity: Identity, incarnation: Int, reconcile: String, commit: String, action: String,
        write: Write, digest: String, context: JSONObject, createdAt: Int
    ) {
        self.id = id
        self.identity = identity
        self.incarnation = incarnation
        self.reconcile = reconcile
        self.commit = commit
        self.action = action
        self.write = write
        self.digest = digest
        self.state = .open
        self.context = context
        self.createdAt = createdAt
    }
}

/// An explicit render: commit → intent → operation → render → the render's own commit (I6).
package struct RenderRecord: Equatable, Sendable {
    package var identity: Identity
    package var intent: String
    package var install: InstallID
    package var render: RenderID
    package var operation: OperationID?
    /// The commit of the watched repository that caused it.
    package var commit: String
    /// The commit that the platform made in the install's repository; nil when it was skipped as unchanged.
    package var commitSHA: String?
    package var state: String
    /// Unix milliseconds.
    package var recordedAt: Int

    package init(
        identity: Identity, intent: String, install: InstallID, render: RenderID, operation: OperationID?,
        commit: String, commitSHA: String?, state: String, recordedAt: Int
    ) {
        self.identity = identity
        self.intent = intent
        self.install = install
        self.render = render
        self.operation = operation
        self.commit = commit
        self.commitSHA = commitSHA
        self.state = state
        self.recordedAt = recordedAt
    }
}

/// One pass: what `history` shows.
package struct ReconcileRecord: Equatable, Sendable {
    package var id: String
    package var source: String
    package var revision: String
    package var commit: String
    package var commitAuthor: String
    package var commitSubject: String
    /// Unix milliseconds.
    package var startedAt: Int
    package var finishedAt: Int?
    /// `changed`, `in_sync`, `blocked`, `partial`, `failed` or `superseded`; nil while running or after a crash.
    package var outcome: String?
    package var planDigest: String?
    /// The counts of `reconcile.finished`.
    package var counts: JSONObject
    package var error: String?

    package init(
        id: String, source: String, revision: String, commit: String, commitAuthor: String, commitSubject: String,
        startedAt: Int
    ) {
        self.id = id
        self.source = source
        self.revision = revision
        self.commit = commit
        self.commitAuthor = commitAuthor
        self.commitSubject = commitSubject
        self.startedAt = startedAt
        self.counts = JSONObject()
    }
}

/// One action of a pass and how it ended.
package struct ActionRecord: Equatable, Sendable {
    package var reconcile: String
    /// The position in the plan, from 0.
    package var position: Int
    package var identity: Identity
    package var action: String
    package var reason: String
    /// `succeeded`, `failed`, `deferred`, `blocked`.
    package var outcome: String
    package var resourceID: String?
    package var intent: String?
    package var error: String?
    /// Unix milliseconds.
    package var finishedAt: Int

    package init(
        reconcile: String, position: Int, identity: Identity, action: String, reason: String, outcome: String,
        resourceID: String?, intent: String?, error: String?, finishedAt: Int
    ) {
        self.reconcile = reconcile
        self.position = position
        self.identity = identity
        self.action = action
        self.reason = reason
        self.outcome = outcome
        self.resourceID = resourceID
        self.intent = intent
        self.error = error
        self.finishedAt = finishedAt
    }
}

/// Why nothing is done about an object at present (I14).
package struct ConditionRecord: Equatable, Sendable {
    package var identity: Identity
    /// The reason code, such as `dependency`.
    package var code: String
    package var sentence: String
    /// Unix milliseconds of the pass in which it began.
    package var since: Int
    /// Unix seconds, when known.
    package var nextAttempt: Int?

    package init(identity: Identity, code: String, sentence: String, since: Int, nextAttempt: Int?) {
        self.identity = identity
        self.code = code
        self.sentence = sentence
        self.since = since
        self.nextAttempt = nextAttempt
    }
}

/// A person's permission for one set of blocked actions, to be used once.
package struct AllowanceRecord: Equatable, Sendable {
    package var source: String
    package var digest: String
    /// Unix milliseconds.
    package var allowedAt: Int
    package var usedAt: Int?

    package init(source: String, digest: String, allowedAt: Int) {
        self.source = source
        self.digest = digest
        self.allowedAt = allowedAt
    }
}

/// The newest create that the operations of the platform have shown of an identity, where this journal did not make it.
///
/// Another daemon of the source did, or another source: a key shows only a hash of the name. When the name is declared
/// here later, this is the predecessor of its life, though the operation was read long ago (I1).
package struct LifeRecord: Equatable, Sendable {
    package var source: String
    /// The part of an idempotency key that names the identity.
    package var identityPart: String
    /// What the create made; the operation's own id where it made nothing.
    package var resourceID: String

    package init(source: String, identityPart: String, resourceID: String) {
        self.source = source
        self.identityPart = identityPart
        self.resourceID = resourceID
    }
}

/// A person's word that nothing is to be written for a source; what its Settings say is another matter.
package struct SuspensionRecord: Equatable, Sendable {
    package var source: String
    package var reason: String
    /// Unix milliseconds.
    package var since: Int
    /// Unix seconds; nil: until a person resumes it.
    package var until: Int?

    package init(source: String, reason: String, since: Int, until: Int?) {
        self.source = source
        self.reason = reason
        self.since = since
        self.until = until
    }

    /// Whether it holds at a time, in Unix seconds.
    package func holds(at seconds: Int) -> Bool { until.map { $0 > seconds } ?? true }
}

/// One change of the journal; several are committed together or not at all.
package enum JournalEntry: Equatable, Sendable {
    /// Inserts or replaces by source name.
    case source(SourceRecord)
    /// Inserts or replaces by identity.
    case object(ObjectRecord)
    /// Inserts or replaces by intent id; the body of a closed one is not kept (I11).
    case intent(IntentRecord)
    /// Inserts or replaces by render id.
    case render(RenderRecord)
    /// Inserts or replaces by reconcile id.
    case reconcile(ReconcileRecord)
    /// Inserts or replaces by reconcile and position; the reconcile must be there already.
    case action(ActionRecord)
    /// The conditions of a source as they are now: those not listed end, and one whose code is as before keeps its
    /// `since`.
    case conditions(source: String, [ConditionRecord])
    /// Inserts or replaces by source and digest.
    case allowance(AllowanceRecord)
    /// Inserts or replaces by source and identity part.
    case life(LifeRecord)
    /// Inserts or replaces by reconcile id, and lets go of the source's oldest.
    case planning(StoredPlanning)
    /// Inserts or replaces by source.
    case suspension(SuspensionRecord)
    /// Nothing is suspended by a person any more.
    case resumption(source: String)
    /// Everything on record of one source is another's from here on; where both have a row, the first one's stays.
    case sourceRenamed(from: String, to: String)
}
