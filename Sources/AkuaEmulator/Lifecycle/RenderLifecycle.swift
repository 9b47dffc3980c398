import JSON

extension World {
    /// Makes a render with its operation; it begins at once, or when those before it are done.
    mutating func startRender(of install: InstallRecord, _ order: RenderOrder) -> (render: String, operation: String) {
        let operation = newOperation(
            OperationOrder(
                job: .installRender, workspace: install.workspace, ownerType: .install, ownerID: install.id,
                parent: order.parent, metadata: ["install_id": .string(install.id)],
                steps: [
                    .init(name: "Render manifests", duration: timing.rendering),
                    .init(name: "Commit and deploy", duration: timing.deploying),
                ]))
        let render = newID(.render)
        renders.insert(
            RenderRecord(
                id: render, serial: tick(), workspace: install.workspace, install: install.id, operation: operation,
                version: order.version, state: .running, message: order.message, annotations: order.annotations,
                mayBeSkipped: order.mayBeSkipped, createdAt: now, updatedAt: now))
        if install.renderOperation == nil {
            beginRender(operation, of: install.id)
        } else {
            installs.update(install.id) { $0.waitingRenders.append(operation) }
        }
        return (render, operation)
    }

    private mutating func beginRender(_ operation: String, of install: String) {
        installs.update(install) {
            $0.renderOperation = operation
            $0.settlesAt = nil
        }
        setState(of: install, .rendering, isBusy: true)
        begin(operation)
    }

    /// The render that a create does by itself: without message and annotations.
    mutating func startFirstRender(of operation: OperationRecord) {
        guard let install = installs[operation.ownerID] else { return }
        _ = startRender(of: install, RenderOrder(version: install.version, parent: operation.id))
    }

    /// The manifests are made: they are committed, unless they equal the last ones.
    mutating func didRender(_ operation: OperationRecord) {
        guard let render = render(of: operation), let install = installs[operation.ownerID] else { return }
        let hash = renderHash(render, of: install)
        renders.update(render.id) { $0.hash = hash }
        if isSkipped(render, hash: hash, of: install) {
            let (now, keepsMessage) = (now, switches.skippedRenderKeepsMessage)
            renders.update(render.id) {
                $0.state = .skipped
                $0.updatedAt = now
                if !keepsMessage { $0.message = nil }
            }
            finish(operation.id, .init(state: .succeeded, response: response(of: render.id, in: install)))
            return
        }
        let commit = newHex(40)
        renders.update(render.id) { $0.commit = commit }
        setState(of: install.id, .syncing, isBusy: true)
    }

    /// The commit is on its way into the cluster, and the version that runs is another one from now on.
    mutating func didDeploy(_ operation: OperationRecord) {
        guard let render = render(of: operation), let install = installs[operation.ownerID] else { return }
        let now = now
        renders.update(render.id) {
            $0.state = .deployed
            $0.updatedAt = now
        }
        change(\.installs, install.id) {
            $0.version = render.version
            if $0.desiredVersion == render.version { $0.desiredVersion = nil }
            $0.deployedCommit = render.commit
            $0.deployedHash = render.hash
        }
        change(\.repositories, install.repository) {
            $0.lastDeployCommit = render.commit
            $0.lastRenderHash = render.hash
        }
        finish(operation.id, .init(state: .succeeded, response: response(of: render.id, in: install)))
    }

    /// A render has ended in whatever way: the install settles or has failed, and the next render begins.
    mutating func didEndRender(_ operation: OperationRecord, _ outcome: OperationRecord.Outcome) {
        let now = now
        if let render = render(of: operation), render.state == .running {
            renders.update(render.id) {
                $0.state = .failed
                $0.updatedAt = now
            }
        }
        guard let install = installs[operation.ownerID], install.isLive, install.renderOperation == operation.id
        else { return }
        installs.update(install.id) { $0.renderOperation = nil }
        if let next = install.waitingRenders.first {
            installs.update(install.id) { $0.waitingRenders.removeFirst() }
            beginRender(next, of: install.id)
        } else if outcome.state == .succeeded {
            let due = now + (install.runningCommit == install.deployedCommit ? 0 : timing.settling)
            installs.update(install.id) { $0.settlesAt = due }
            agenda.insert(.init(due: due, subject: .settling(install: install.id)))
        } else {
            setState(of: install.id, .failed, isBusy: false)
        }
    }

    /// The newest render that the operation made.
    private func render(of operation: OperationRecord) -> RenderRecord? {
        renders.all(in: ListKey(.render, of: operation.ownerID)).last { $0.operation == operation.id }
    }

    private func isSkipped(_ render: RenderRecord, hash: String, of install: InstallRecord) -> Bool {
        guard render.mayBeSkipped else { return false }
        switch switches.skipping {
        case .equal: return hash == install.deployedHash
        case .never: return false
        case .always: return install.deployedHash != nil
        }
    }

    /// Depends on all that the manifests are made of.
    private func renderHash(_ render: RenderRecord, of install: InstallRecord) -> String {
        let annotations: JSONValue =
            switches.annotationsInHash
            ? .object { for (name, value) in render.annotations { $0[name] = .string(value) } } : [:]
        let contents: JSONValue = [
            "package": .string(install.package), "ref": .string(versions[render.version]?.ref ?? ""),
            "values": install.initialValues, "annotations": annotations,
        ]
        return Fingerprint.hex(JSONWriter(order: .sorted).bytes(of: contents))
    }

    private func response(of render: String, in install: InstallRecord) -> JSONValue {
        let render = renders[render]
        return .object {
            $0["install_render_id"] = .string(render?.id ?? "")
            $0["repository_id"] = .string(install.repository)
            $0.set("commit_sha", ifPresent: render?.commit.map(JSONValue.string))
            $0["render_hash"] = .string(render?.hash ?? "")
            $0["skipped"] = .bool(render?.state == .skipped)
        }
    }
}
