import AkuaModel
import Manifests

/// What has to be there and healthy before an install's own creates and updates: nothing else of it waits.
extension PlanBuilder {
    struct Gates {
        var after: Set<ActionID> = []
        var health: [HealthGate] = []
    }

    /// Nil when a dependency can't be had in this pass, which is then said.
    mutating func gates(of manifest: InstallManifest, live install: Install?) -> Gates? {
        var gates = Gates()
        for dependency in manifest.dependsOn.sorted() {
            switch resolved[dependency] {
            case .pending: return nil
            case nil: return wait(manifest, install, for: dependency, "it is not declared")
            case .unavailable(_, let sentence): return wait(manifest, install, for: dependency, sentence)
            case .planned: addGate(dependency, id: nil, to: &gates)
            case .live(let id):
                if !actions(on: dependency).isEmpty {
                    addGate(dependency, id: id, to: &gates)
                } else if dependency.kind == .install, !wasHealthy(dependency), isHeld(dependency) {
                    return wait(manifest, install, for: dependency, "it is not as declared yet")
                } else if !isHealthy(dependency, id) {
                    addGate(dependency, id: id, to: &gates)
                }
            }
        }
        return gates
    }

    private mutating func wait(
        _ manifest: InstallManifest, _ install: Install?, for dependency: ObjectReference, _ sentence: String
    ) -> Gates? {
        hold(
            manifest.reference, .dependency, "waits for \(dependency): \(sentence)", resourceID: install?.id.text)
        return nil
    }

    private func addGate(_ dependency: ObjectReference, id: String?, to gates: inout Gates) {
        gates.after.formUnion(actions(on: dependency))
        guard dependency.kind == .install || dependency.kind == .cluster else { return }
        let timeout = declarations.waitTimeouts[dependency] ?? InstallManifest.waitTimeoutDefault
        gates.health.append(HealthGate(object: dependency, resourceID: id, timeout: timeout))
    }

    /// Seen healthy at what is declared now: that it is not at present holds nothing back.
    private func wasHealthy(_ dependency: ObjectReference) -> Bool {
        guard let digest = plan.desiredDigests[dependency] else { return false }
        return input.inventory[dependency]?.healthyDigest == digest
    }

    private func isHealthy(_ dependency: ObjectReference, _ id: String) -> Bool {
        switch dependency.kind {
        case .package, .packageVersion: true
        case .cluster:
            ClusterID(id).flatMap { observed.clusterReads[$0]?.value ?? index.clusters?[$0] }?.state.is(.active)
                ?? false
        case .install:
            wasHealthy(dependency)
                || InstallID(id).flatMap { observed.installReads[$0]?.value ?? index.installs?[$0] }?.isHealthy ?? false
        }
    }
}
