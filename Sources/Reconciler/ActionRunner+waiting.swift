import AkuaAPI
import AkuaModel
import Journal
import Manifests
import Planning
import Telemetry

/// What an action waits for: the health of its dependencies, and an object that is idle.
extension ActionRunner {
    /// A dependant begins when what it depends on is healthy, or not in this pass.
    func waitUntilHealthy(_ gate: HealthGate) async throws(ActionFailure) {
        let deadline = environment.uptime() + gate.timeout.wholeMilliseconds
        var looks = 0
        while true {
            guard let id = ledger.record(of: gate.object)?.resourceID ?? gate.resourceID else {
                throw ActionFailure(.deferred(.dependency, "waits for \(gate.object), which has not been made"))
            }
            let (isHealthy, state) = try await health(of: gate.object, id)
            if isHealthy { return await noteHealthy(gate.object) }
            guard environment.uptime() < deadline else {
                throw ActionFailure(
                    .deferred(
                        .dependency, "\(gate.object) is \(state) and did not become healthy within \(gate.timeout)"))
            }
            try await pause(after: &looks)
        }
    }

    /// Spares later passes the wait: a dependant is held back only until the dependency has once been healthy.
    private func noteHealthy(_ object: ObjectReference) async {
        guard let digest = pass.digests[object], ledger.record(of: object)?.healthyDigest != digest else { return }
        // Not recorded, the next pass notes it again; nothing else depends on it.
        try? await ledger.update(object) { $0.healthyDigest = digest }
    }

    private func health(of object: ObjectReference, _ id: String) async throws(ActionFailure) -> (Bool, String) {
        do {
            if object.kind == .cluster {
                let cluster = try await ClusterID(id).asyncFlatMap { id throws(APIError) in
                    try await platform.cluster(id)
                }
                return (cluster?.state.is(.active) ?? false, cluster?.state.word ?? "gone")
            }
            let install = try await InstallID(id).asyncFlatMap { id throws(APIError) in try await platform.install(id) }
            return (install?.isHealthy ?? false, install?.state.word ?? "gone")
        } catch {
            // Not reading its health is not a reason to go on: it is looked at again until the deadline.
            if error.disposition == .cancelled || error.disposition == .unauthorized { throw ActionFailure(error) }
            return (false, "not readable (\(error.description))")
        }
    }

    /// Waits before the next look: shortly at first, since most things are over soon.
    private func pause(after looks: inout Int) async throws(ActionFailure) {
        intents.place?.leave()
        let environment = environment
        let delay = min(Self.lookDelay * (1 << min(looks, 16)), Self.lookDelayMax)
        looks += 1
        let slept: Void?
        do {
            slept = try await intents.control.unlessEnded { () async throws -> Void in
                try await environment.sleep(delay)
            }
        } catch {
            throw ActionFailure(.interrupted)
        }
        guard slept != nil else { throw ActionFailure(.interrupted) }
    }

    /// The install as it is now, once it is idle: nothing is written to one that is rendering or syncing.
    func idleInstall(_ id: InstallID, for action: Action) async throws(ActionFailure) -> Install {
        // What comes after nothing but its adoption, which sends nothing, finds it as it was read.
        let isUntouched = action.after.isSubset(of: [ActionID(.adopt, action.target)])
        if isUntouched, action.gates.isEmpty, let install = pass.observed.installReads[id]?.value ?? nil,
            !install.isReconciling
        {
            return install
        }
        let deadline = environment.uptime() + intents.timeouts.operation.wholeMilliseconds
        var looks = 0
        while true {
            let install: Install?
            do { install = try await platform.install(id) } catch { throw ActionFailure(error) }
            guard let install else { throw ActionFailure(.conflict("install \(id) is gone")) }
            if !install.isReconciling { return install }
            guard environment.uptime() < deadline else {
                throw ActionFailure(.deferred(.busy, "install \(id) is \(install.state.word) and is not interrupted"))
            }
            try await pause(after: &looks)
        }
    }
}

extension Optional where Wrapped: Sendable {
    /// `flatMap` with an effect.
    fileprivate func asyncFlatMap<Value, Failure: Error>(
        _ transform: (Wrapped) async throws(Failure) -> Value?
    ) async throws(Failure) -> Value? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
