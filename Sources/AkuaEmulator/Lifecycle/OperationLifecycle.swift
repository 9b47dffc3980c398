import JSON

/// What a new operation is to be.
struct OperationOrder {
    var job: OperationRecord.Job
    var workspace: String
    var ownerType: Kind
    var ownerID: String
    /// Whether the owner comes into being by this operation.
    var isCreation = false
    var parent: String?
    var metadata: JSONValue
    var request: JSONValue?
    var steps: [OperationRecord.Step]
}

extension World {
    /// Records a new operation; it runs from ``begin(_:)`` on.
    mutating func newOperation(_ order: OperationOrder) -> String {
        let id = newID(.operation)
        let hidesOwner = order.isCreation && switches.ownerID == .late
        operations.insert(
            OperationRecord(
                id: id, serial: tick(), workspace: order.workspace, ownerType: order.ownerType,
                ownerID: order.ownerID, placeholderOwnerID: hidesOwner ? newID(order.ownerType) : nil,
                parent: order.parent, job: order.job, metadata: order.metadata, request: order.request,
                steps: order.steps, startedAt: now))
        return id
    }

    /// Starts the first step.
    mutating func begin(_ id: String) { startStep(of: id) }

    /// Starts the step that is next, and sets when it ends.
    private mutating func startStep(of id: String) {
        let now = now
        operations.update(id) { operation in
            let position = operation.currentStep
            guard operation.steps.indices.contains(position) else { return }
            operation.steps[position].status = .running
            operation.steps[position].startedAt = now
            operation.due = operation.steps[position].duration.map { now + $0 }
            if let script = operation.script, script.step == position {
                switch script.turn {
                case .fail, .retry: operation.due = operation.due ?? now
                case .stall: operation.due = nil
                case .approval:
                    operation.due = nil
                    operation.steps[position].execution = .approval
                }
            }
            if operation.isCancelling { operation.due = now }
        }
        schedule(id)
    }

    private mutating func schedule(_ id: String) {
        guard let due = operations[id]?.due else { return }
        agenda.insert(.init(due: due, subject: .step(operation: id)))
    }

    /// The running step has come to its end.
    mutating func endStep(of id: String, due: Int) {
        guard let operation = operations[id], operation.due == due, operation.outcome == nil else { return }
        operations.update(id) { $0.due = nil }
        if operation.isCancelling { return finish(id, .init(state: .cancelled, error: "cancelled on request")) }
        if let script = operation.script, script.step == operation.currentStep {
            switch script.turn {
            case .fail: return failStep(of: id, script.message)
            case .retry: return retryStep(of: id, script.message)
            case .stall, .approval: return
            }
        }
        completeStep(of: id)
    }

    /// The running step succeeds: its effect happens, and the next begins.
    ///
    /// Also how a step without a duration of its own ends.
    mutating func completeStep(of id: String) {
        guard let operation = operations[id], operation.outcome == nil else { return }
        let now = now
        let position = operation.currentStep
        operations.update(id) {
            $0.steps[position].status = .completed
            $0.steps[position].completedAt = now
            $0.currentStep += 1
            $0.lastError = nil
        }
        didComplete(step: position, of: operation)
        // The effect may have ended the operation, as a skipped render does.
        guard operations[id]?.outcome == nil, position + 1 < operation.steps.count else { return }
        startStep(of: id)
    }

    private mutating func failStep(of id: String, _ message: String) {
        let now = now
        operations.update(id) {
            let position = $0.currentStep
            $0.steps[position].status = .failed
            $0.steps[position].completedAt = now
            $0.steps[position].error = message
            $0.lastError = .init(message: message, step: $0.steps[position].name)
        }
        finish(id, .init(state: .failed, error: message))
    }

    private mutating func retryStep(of id: String, _ message: String) {
        operations.update(id) {
            $0.script = nil
            $0.lastError = .init(message: message, step: $0.steps[$0.currentStep].name)
        }
        startStep(of: id)
    }

    /// Sets what an operation came to; it is seen at once, or after the lag.
    mutating func finish(_ id: String, _ outcome: OperationRecord.Outcome) {
        guard let operation = operations[id], operation.outcome == nil else { return }
        let (now, lag) = (now, switches.operationLagMilliseconds)
        operations.update(id) {
            $0.outcome = outcome
            $0.completedAt = now
            $0.due = lag == 0 ? nil : now + lag
            if outcome.state != .failed { $0.lastError = nil }
            for position in $0.steps.indices where $0.steps[position].completedAt == nil {
                $0.steps[position].status = .skipped
            }
        }
        if lag == 0 {
            publish(id, due: nil)
        } else {
            agenda.insert(.init(due: now + lag, subject: .publication(operation: id)))
        }
        didFinish(operation, outcome)
    }

    /// Shows what the operation came to.
    mutating func publish(_ id: String, due: Int?) {
        guard let operation = operations[id], operation.due == due, let outcome = operation.outcome else { return }
        operations.update(id) {
            $0.state = outcome.state
            $0.due = nil
        }
        noteFinished(id)
    }

    /// Lets a fault decide what becomes of an operation.
    mutating func follow(_ script: OperationScript, _ id: String) {
        guard let operation = operations[id], operation.outcome == nil else { return }
        operations.update(id) { $0.script = script }
        if operation.currentStep == script.step { startStep(of: id) }
    }

    /// Asks a running operation to stop; it does at the end of the step in hand.
    mutating func cancel(_ id: String) {
        guard let operation = operations[id], operation.outcome == nil, !operation.isCancelling else { return }
        let now = now
        operations.update(id) {
            $0.isCancelling = true
            $0.due = $0.due ?? now
        }
        if operation.due == nil { schedule(id) }
        for child in children(of: operation) { cancel(child) }
    }

    private func children(of operation: OperationRecord) -> [String] {
        operations.all(in: ListKey(.operation, of: operation.ownerID)).filter { $0.parent == operation.id }.map(\.id)
    }

    /// Lets go of operations that have been done for longer than they are kept.
    mutating func forgetOldOperations() {
        guard switches.operationRetentionSeconds > 0 else { return }
        let limit = now - 1_000 * switches.operationRetentionSeconds
        for operation in operations.records.values {
            if operation.isDone, let end = operation.completedAt, end < limit { operations.remove(operation.id) }
        }
    }
}

extension World {
    /// What the end of a step does to the rest of the world.
    private mutating func didComplete(step: Int, of operation: OperationRecord) {
        switch (operation.job, step) {
        case (.installCreate, 0): startFirstRender(of: operation)
        case (.installCreate, _):
            finish(operation.id, .init(state: .succeeded, response: installResponse(operation)))
        case (.installRender, 0): didRender(operation)
        case (.installRender, _): didDeploy(operation)
        case (.installDelete, 0): break
        case (.installDelete, _): didRemoveInstall(operation)
        case (.packageCreate, 0), (.packageCreate, 1): break
        case (.packageCreate, _): didPackage(operation)
        case (.clusterCreate, 0): change(\.clusters, operation.ownerID) { $0.state = .provisioning }
        case (.clusterCreate, _): didProvision(operation)
        case (.clusterDelete, 0): break
        case (.clusterDelete, _): didRemoveCluster(operation)
        }
    }

    /// What the end of an operation, good or bad, does to the rest of the world.
    private mutating func didFinish(_ operation: OperationRecord, _ outcome: OperationRecord.Outcome) {
        if outcome.state != .succeeded {
            for child in children(of: operation) { finish(child, .init(state: .cancelled, error: outcome.error)) }
        }
        switch operation.job {
        case .installRender: didEndRender(operation, outcome)
        case .installCreate where outcome.state != .succeeded: setState(of: operation.ownerID, .failed, isBusy: false)
        case .installDelete where outcome.state != .succeeded:
            installs.update(operation.ownerID) { $0.isDeleting = false }
            setState(of: operation.ownerID, .failed, isBusy: false)
        case .clusterDelete where outcome.state != .succeeded, .clusterCreate where outcome.state != .succeeded:
            change(\.clusters, operation.ownerID) {
                $0.isReconciling = false
                if operation.job == .clusterDelete { $0.state = .active }
            }
        default: break
        }
        guard let parent = operation.parent.flatMap({ operations[$0] }), parent.outcome == nil else { return }
        switch outcome.state {
        case .succeeded: completeStep(of: parent.id)
        case .failed, .cancelled, .running: finish(parent.id, .init(state: outcome.state, error: outcome.error))
        }
    }
}
