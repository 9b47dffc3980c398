package import AkuaModel
import JSON
import Planning

// Operations, and what time does.
extension SimulatedPlatform.State {
    mutating func operation(
        _ kind: String, _ owner: Operation.OwnerType, _ ownerID: String, key: String? = nil, named name: String? = nil,
        response: JSONValue
    ) -> Operation {
        var metadata = JSONObject()
        metadata["type"] = .string(kind)
        metadata["name"] = name.map(JSONValue.string)
        metadata["idempotency_key"] = key.map(JSONValue.string)
        let operation = Operation(
            id: identifier(next("op")), workspaceID: workspaces[0].id, ownerType: .known(owner), ownerID: ownerID,
            state: .known(.running), isDone: false, kind: Open(kind), metadata: metadata, response: nil,
            errorMessage: nil, lastErrorMessage: nil, waitsForPerson: nil, startedAt: Timestamp(seconds: now / 1_000))
        operations.append(operation)
        var end = End(due: 0, response: response.object)
        switch pace {
        case .looks(let count): end.due = count
        case .time(let range, let failing):
            end.due = now + Int.random(in: range, using: &seed)
            end.isFailure = seed.isWithin(percent: failing)
        }
        ends[operation.id] = end
        return operation
    }

    /// Where operations end by being looked at: one look.
    package mutating func look(at id: OperationID) {
        guard case .looks = pace, var end = ends[id] else { return }
        end.due -= 1
        ends[id] = end
        if end.due <= 0 { self.end(id) }
    }

    /// Every running operation ends.
    package mutating func settleAll() {
        for operation in operations where ends[operation.id] != nil { end(operation.id) }
    }

    /// Brings about what was due by a time, in its order.
    package mutating func goOn(to time: Int) {
        while true {
            let operation = ends.min { ($0.value.due, $0.key.text) < ($1.value.due, $1.key.text) }
            let write = late.indices.min { late[$0].due < late[$1].due }
            let isWriteFirst = (write.map { late[$0].due } ?? .max) < (operation?.value.due ?? .max)
            if isWriteFirst, let write, late[write].due <= time {
                let late = late.remove(at: write)
                now = max(now, late.due)
                // Whatever it comes to: nobody hears of it.
                let (before, forgotten) = (renders.count, forgottenRenders)
                _ = try? perform(late.write)
                if late.isForgotten { forgottenRenders = forgotten.union(renders[before...].map(\.id)) }
            } else if !isWriteFirst, let operation, operation.value.due <= time {
                now = max(now, operation.value.due)
                end(operation.key)
            } else {
                break
            }
        }
        now = max(now, time)
    }

    private mutating func end(_ id: OperationID) {
        guard let position = operations.firstIndex(where: { $0.id == id }), let end = ends.removeValue(forKey: id)
        else { return }
        remember()
        operations[position].isDone = true
        operations[position].state = .known(end.isFailure ? .failed : .succeeded)
        if end.isFailure {
            operations[position].errorMessage = "it was not to be"
        } else {
            operations[position].response = end.response
        }
        settle(operations[position])
    }

    private mutating func settle(_ operation: Operation) {
        let isFailure = !operation.state.is(.succeeded)
        if let position = renders.firstIndex(where: { $0.operationID == operation.id }) {
            renders[position].state = .known(isFailure ? .failed : .deployed)
            if !isFailure { renders[position].commitSHA = "c0ffee\(counter)" }
        }
        guard let position = installs.firstIndex(where: { $0.install.id.text == operation.ownerID }) else { return }
        switch operation.kind {
        case .known(.installDelete):
            installs[position].isDeleting = false
            installs[position].isDeleted = !isFailure
        case .known(.installCreate) where isFailure && counter.isMultiple(of: 2):
            // Nothing is left of some creates that fail; of others an object that can be repaired.
            installs[position].isDeleted = true
        default:
            if let version = installs[position].pendingVersion, !isFailure || !operation.kind.is(.installRender) {
                installs[position].install.packageVersionID = version
            }
            if operation.kind.is(.installRender) { installs[position].pendingVersion = nil }
        }
        let isBusy = operations.contains { !$0.isDone && $0.ownerID == operation.ownerID }
        installs[position].install.isReconciling = isBusy
        if !isBusy { installs[position].install.state = .known(.healthy) }
        move(position)
    }

    /// Keeps the lists as they are now: a stale list shows them.
    mutating func remember() {
        guard case .time = pace else { return }
        olderLists.append(lists)
        if olderLists.count > 5 { olderLists.removeFirst() }
    }

    /// The lists so many changes ago.
    func lists(_ staleness: Int) -> SimulatedPlatform.Lists {
        guard staleness > 0, !olderLists.isEmpty else { return lists }
        return olderLists[max(0, olderLists.count - staleness)]
    }
}

// What must never happen, seen at the moment that it does.
extension SimulatedPlatform.State {
    /// I1: one live object for each identity.
    mutating func checkCreate(_ write: Write) {
        guard let key = write.idempotencyKey, let part = IdempotencyKey.identityPart(ofKey: key) else { return }
        let living = installs.filter {
            !$0.isDeleted && $0.key.flatMap(IdempotencyKey.identityPart(ofKey:)) == part
        }
        if let first = living.first {
            violations.append("I1: \(key) makes a second install beside \(first.install.id)")
        }
    }

    /// I6: one render for each commit that changes an install, unless another roll-out came between or it failed.
    mutating func checkRender(_ position: Int, _ message: String) {
        let id = installs[position].install.id
        let hasFailed = renders.last { $0.installID == id && $0.message == message }?.state.is(.failed) ?? false
        if marksSinceUpdate[id] == message, !hasFailed {
            violations.append("I6: \(id) is rendered twice for '\(message)'")
        }
        marksSinceUpdate[id] = message
    }
}
