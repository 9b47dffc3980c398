import AkuaModel
import GRDB
import JSON

extension SourceRecord: StoredRecord {
    static let table = Table(
        "sources", key: ["source"],
        columns: [
            "source", "workspace", "url", "ref", "path", "last_good_commit", "applied_commit", "prune_base",
            "operations_seen", "is_inventory_complete", "settings",
        ])

    init(from row: inout RowReader) throws {
        self.init(
            source: try row.text(), workspace: try row.id(), url: try row.text(), ref: try row.text(),
            path: try row.text())
        lastGoodCommit = try row.optionalText()
        appliedCommit = try row.optionalText()
        pruneBase = try row.optionalText()
        operationsSeen = try row.optionalID()
        isInventoryComplete = try row.flag()
        settings = try row.optionalJSON()
    }

    func write(to row: inout RowWriter) {
        row.append(source)
        row.append(workspace)
        row.append(url)
        row.append(ref)
        row.append(path)
        row.append(lastGoodCommit)
        row.append(appliedCommit)
        row.append(pruneBase)
        row.append(operationsSeen)
        row.append(isInventoryComplete)
        row.append(settings)
    }
}

extension ObjectRecord: StoredRecord {
    static let table = Table(
        "objects", key: Table.identity,
        columns: Table.identity + [
            "incarnation", "resource_id", "ownership", "life", "predecessor", "refusals", "protection",
            "applied_digest", "rendered_digest", "rendered_commit", "healthy_digest", "requested", "failures",
            "next_attempt", "last_error", "commit", "path",
        ])

    init(from row: inout RowReader) throws {
        self.init(
            identity: try row.identity(), incarnation: try row.integer(), resourceID: try row.optionalText(),
            ownership: try row.word(), life: try row.word())
        predecessor = try row.text()
        refusals = try row.integer()
        protection = try row.optionalText()
        appliedDigest = try row.optionalText()
        renderedDigest = try row.optionalText()
        renderedCommit = try row.optionalText()
        healthyDigest = try row.optionalText()
        requested = try row.jsonObject()
        failures = try row.integer()
        nextAttempt = try row.optionalInteger()
        lastError = try row.optionalText()
        commit = try row.optionalText()
        path = try row.optionalText()
    }

    func write(to row: inout RowWriter) {
        row.append(identity)
        row.append(incarnation)
        row.append(resourceID)
        row.append(ownership)
        row.append(life)
        row.append(predecessor)
        row.append(refusals)
        row.append(protection)
        row.append(appliedDigest)
        row.append(renderedDigest)
        row.append(renderedCommit)
        row.append(healthyDigest)
        row.append(.object(requested))
        row.append(failures)
        row.append(nextAttempt)
        row.append(lastError)
        row.append(commit)
        row.append(path)
    }
}

extension IntentRecord: StoredRecord {
    static let table = Table(
        "intents", key: ["id"],
        columns: ["id"] + Table.identity + [
            "incarnation", "reconcile", "commit", "action", "call", "call_resource_id", "body", "idempotency_key",
            "if_match", "digest", "state", "outcome", "operation", "resource_id", "http_status", "error", "context",
            "created_at", "closed_at",
        ])

    init(from row: inout RowReader) throws {
        let (id, identity, incarnation) = (try row.text(), try row.identity(), try row.integer())
        let (reconcile, commit, action) = (try row.text(), try row.text(), try row.text())
        let (call, resource) = (try row.text(), try row.optionalText())
        let write = Write(
            call: try row.required(Write.Call(name: call, resourceID: resource)), body: try row.optionalBytes(),
            idempotencyKey: try row.optionalText(), ifMatch: try row.optionalETag())
        let digest = try row.text()
        // The columns are read in their order, so those that the initializer does not set wait here for it.
        let (state, outcome): (State, Outcome?) = (try row.word(), try row.optionalWord())
        let (operation, resourceID): (OperationID?, String?) = (try row.optionalID(), try row.optionalText())
        let (httpStatus, error) = (try row.optionalInteger(), try row.optionalText())
        self.init(
            id: id, identity: identity, incarnation: incarnation, reconcile: reconcile, commit: commit, action: action,
            write: write, digest: digest, context: try row.jsonObject(), createdAt: try row.integer())
        self.state = state
        self.outcome = outcome
        self.operation = operation
        self.resourceID = resourceID
        self.httpStatus = httpStatus
        self.error = error
        closedAt = try row.optionalInteger()
    }

    func write(to row: inout RowWriter) {
        row.append(id)
        row.append(identity)
        row.append(incarnation)
        row.append(reconcile)
        row.append(commit)
        row.append(action)
        row.append(write.call.stored.name)
        row.append(write.call.stored.resourceID)
        // The values in a body are kept for as long as a retry may need them (I11).
        row.append(state == .closed ? nil : write.body)
        row.append(write.idempotencyKey)
        row.append(write.ifMatch?.text)
        row.append(digest)
        row.append(state)
        row.append(outcome)
        row.append(operation)
        row.append(resourceID)
        row.append(httpStatus)
        row.append(error)
        row.append(.object(context))
        row.append(createdAt)
        row.append(closedAt)
    }
}

extension RowReader {
    fileprivate mutating func optionalETag() throws -> ETag? {
        guard let text = try optionalText() else { return nil }
        return try required(ETag(text))
    }
}

extension RenderRecord: StoredRecord {
    static let table = Table(
        "renders", key: ["render"],
        columns: Table.identity + [
            "intent", "install", "render", "operation", "commit", "commit_sha", "state", "recorded_at",
        ])

    init(from row: inout RowReader) throws {
        self.init(
            identity: try row.identity(), intent: try row.text(), install: try row.id(), render: try row.id(),
            operation: try row.optionalID(), commit: try row.text(), commitSHA: try row.optionalText(),
            state: try row.text(), recordedAt: try row.integer())
    }

    func write(to row: inout RowWriter) {
        row.append(identity)
        row.append(intent)
        row.append(install)
        row.append(render)
        row.append(operation)
        row.append(commit)
        row.append(commitSHA)
        row.append(state)
        row.append(recordedAt)
    }
}

extension ReconcileRecord: StoredRecord {
    static let table = Table(
        "reconciles", key: ["id"],
        columns: [
            "id", "source", "revision", "commit", "commit_author", "commit_subject", "started_at", "finished_at",
            "outcome", "plan_digest", "counts", "error",
        ])

    init(from row: inout RowReader) throws {
        self.init(
            id: try row.text(), source: try row.text(), revision: try row.text(), commit: try row.text(),
            commitAuthor: try row.text(), commitSubject: try row.text(), startedAt: try row.integer())
        finishedAt = try row.optionalInteger()
        outcome = try row.optionalText()
        planDigest = try row.optionalText()
        counts = try row.jsonObject()
        error = try row.optionalText()
    }

    func write(to row: inout RowWriter) {
        row.append(id)
        row.append(source)
        row.append(revision)
        row.append(commit)
        row.append(commitAuthor)
        row.append(commitSubject)
        row.append(startedAt)
        row.append(finishedAt)
        row.append(outcome)
        row.append(planDigest)
        row.append(.object(counts))
        row.append(error)
    }
}

extension ActionRecord: StoredRecord {
    static let table = Table(
        "actions", key: ["reconcile", "position"],
        columns: ["reconcile", "position"] + Table.identity + [
            "action", "reason", "outcome", "resource_id", "intent", "error", "finished_at",
        ])

    init(from row: inout RowReader) throws {
        self.init(
            reconcile: try row.text(), position: try row.integer(), identity: try row.identity(),
            action: try row.text(), reason: try row.text(), outcome: try row.text(),
            resourceID: try row.optionalText(), intent: try row.optionalText(), error: try row.optionalText(),
            finishedAt: try row.integer())
    }

    func write(to row: inout RowWriter) {
        row.append(reconcile)
        row.append(position)
        row.append(identity)
        row.append(action)
        row.append(reason)
        row.append(outcome)
        row.append(resourceID)
        row.append(intent)
        row.append(error)
        row.append(finishedAt)
    }
}

extension ConditionRecord: StoredRecord {
    static let table = Table(
        "conditions", key: Table.identity + ["code"],
        columns: Table.identity + ["code", "sentence", "since", "next_attempt"])

    init(from row: inout RowReader) throws {
        self.init(
            identity: try row.identity(), code: try row.text(), sentence: try row.text(), since: try row.integer(),
            nextAttempt: try row.optionalInteger())
    }

    func write(to row: inout RowWriter) {
        row.append(identity)
        row.append(code)
        row.append(sentence)
        row.append(since)
        row.append(nextAttempt)
    }
}

extension LifeRecord: StoredRecord {
    static let table = Table(
        "lives", key: ["source", "identity_part"], columns: ["source", "identity_part", "resource_id"])

    init(from row: inout RowReader) throws {
        self.init(source: try row.text(), identityPart: try row.text(), resourceID: try row.text())
    }

    func write(to row: inout RowWriter) {
        row.append(source)
        row.append(identityPart)
        row.append(resourceID)
    }
}

extension AllowanceRecord: StoredRecord {
    static let table = Table(
        "allowances", key: ["source", "digest"], columns: ["source", "digest", "allowed_at", "used_at"])

    init(from row: inout RowReader) throws {
        self.init(source: try row.text(), digest: try row.text(), allowedAt: try row.integer())
        usedAt = try row.optionalInteger()
    }

    func write(to row: inout RowWriter) {
        row.append(source)
        row.append(digest)
        row.append(allowedAt)
        row.append(usedAt)
    }
}

extension SuspensionRecord: StoredRecord {
    static let table = Table("suspensions", key: ["source"], columns: ["source", "reason", "since", "until"])

    init(from row: inout RowReader) throws {
        self.init(
            source: try row.text(), reason: try row.text(), since: try row.integer(), until: try row.optionalInteger())
    }

    func write(to row: inout RowWriter) {
        row.append(source)
        row.append(reason)
        row.append(since)
        row.append(until)
    }
}
