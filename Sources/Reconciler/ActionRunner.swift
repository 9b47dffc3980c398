import AkuaAPI
import AkuaModel
import JSON
import Journal
import Manifests
import Planning
import Telemetry

/// Does one action of a plan: waits for what it depends on, looks up what earlier actions made, reads the etag, and
/// hands an intent to the ``IntentRunner``.
struct ActionRunner: Sendable {
    var intents: IntentRunner
    let pass: PassFacts

    /// What is the same for all actions of a pass.
    struct PassFacts: Sendable {
        var source: SourceIdentity
        var reconcile: String
        var commit: String
        var subject: String
        var sourceName: String
        /// What the source was called before: renders bear those names too.
        var formerNames: [String]
        /// What the planner saw: its reads by id serve the first write to an object.
        var observed: ObservedState
        /// What each declared object amounts to.
        var digests: [ObjectReference: String]
    }

    var platform: any Platform { intents.platform }
    var ledger: Ledger { intents.ledger }
    var environment: Environment { intents.environment }

    /// Between two looks at an object that is busy with something else: the first wait, which doubles, and the longest.
    static let lookDelay = Duration.milliseconds(50)
    static let lookDelayMax = Duration.seconds(4)

    /// Waits for as long as the pass goes on: a wait is given up at once, also in the middle of a read.
    private func unlessEnded(
        _ wait: @escaping @Sendable () async throws(ActionFailure) -> Void
    ) async throws(ActionFailure) {
        let result: Result<Void, ActionFailure>? = await intents.control.unlessEnded {
            do throws(ActionFailure) { return .success(try await wait()) } catch { return .failure(error) }
        }
        guard let result else { throw ActionFailure(.interrupted) }
        try result.get()
    }

    func run(_ action: Action, position: Int) async -> ActionOutcome {
        do throws(ActionFailure) {
            for gate in action.gates {
                try await unlessEnded { () async throws(ActionFailure) in try await waitUntilHealthy(gate) }
            }
            guard intents.control.ending == nil else { return .interrupted }
            return try await perform(action, intentID: "\(pass.reconcile)-\(position)")
        } catch {
            return error.outcome
        }
    }

    /// Ends an action early with the outcome that it names.
    struct ActionFailure: Error {
        var outcome: ActionOutcome

        init(_ outcome: ActionOutcome) { self.outcome = outcome }
        init(_ error: APIError) {
            outcome = error.disposition == .cancelled ? .interrupted : .failed(error.description)
        }
    }

    private func perform(_ action: Action, intentID: String) async throws(ActionFailure) -> ActionOutcome {
        switch action.step {
        case .adopt(let adoption): return await adopt(action, adoption)
        case .importPackage(let manifest, let first):
            return await intents.carryOut(importing(manifest, first, action, intentID))
        case .createPackage(let manifest):
            return await intents.carryOut(creating(manifest, action, intentID))
        case .publish(let manifest, let package):
            let id = try resolve(package, as: AkuaModel.Package.self)
            return await intents.carryOut(publishing(manifest, id, action, intentID))
        case .createCluster(let manifest, let region):
            return await intents.carryOut(creating(manifest, region, action, intentID))
        case .updateCluster(let id, let name, let region):
            return try await update(cluster: id, name: name, region: region, action, intentID)
        case .createInstall(let manifest, let create):
            return await intents.carryOut(try creating(manifest, create, action, intentID))
        case .updateInstall(let id, let version):
            return try await update(install: id, to: version, action, intentID)
        case .setAutomaticUpdates(let install, let isEnabled):
            return try await setAutomaticUpdates(of: install, isEnabled, action, intentID)
        case .render(let install, let manifest, let digest):
            return try await render(install, manifest, digest, action, intentID)
        case .deletePackage, .deleteCluster, .deleteInstall: return try await delete(action, intentID)
        }
    }

    private func adopt(_ action: Action, _ adoption: Adoption) async -> ActionOutcome {
        do {
            try await ledger.update(action.target) { record in
                record.begin(adoption.resourceID, .init(adoption.ownership), adoption.requested)
                record.renderedDigest = adoption.renderedDigest
                record.renderedCommit = adoption.renderedCommit
                record.commit = pass.commit
            }
            return .succeeded(resourceID: adoption.resourceID)
        } catch {
            return .failed("the journal can't be written: \(error)")
        }
    }

    /// The id that an earlier action of this plan made, or that was known from the start.
    func resolve<Tag>(_ target: Target<Identifier<Tag>>, as _: Tag.Type) throws(ActionFailure) -> Identifier<
        Tag
    > {
        switch target {
        case .live(let id): return id
        case .planned(let reference):
            guard let record = ledger.record(of: reference), record.life == .live,
                let id = record.resourceID.flatMap(Identifier<Tag>.init)
            else { throw ActionFailure(.deferred(.dependency, "\(reference) has not been made")) }
            return id
        }
    }
}
