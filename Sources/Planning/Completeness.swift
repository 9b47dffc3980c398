import AkuaModel
import Manifests

// What recovery can't find out (I13), and what is not done because of it (I1).
//
// The platform need not list its operations for ever. An install that is older than all that it lists and that no
// render marks can't be told to be ours or not.
extension PlanBuilder {
    /// Finds the live installs that may be this source's without any sign of it.
    mutating func findUnaccountedInstalls() {
        guard input.circumstances.isRecovering else { return }
        if observed.operations == nil { need(.operations) }
        if index.installs == nil { need(.installs) }
        guard let feed = observed.operations, let installs = index.installs else { return }
        let untold = installs.objects.filter { install in
            install.customerWorkspaceID == input.source.workspace && !feed.reaches(back: install)
                && !input.circumstances.neighbours.contains(install.id.text)
        }
        for install in untold.sorted(by: { $0.id < $1.id }) where !isAccountedFor(install.id) {
            switch markers(of: install.id) {
            case .pending: break
            case .failed: plan.unaccounted.append(install.id)
            case .markers(let markers):
                guard let newest = markers.first else {
                    plan.unaccounted.append(install.id)
                    continue
                }
                guard isOurs(newest), declarations.headers[newest.object] == nil else { continue }
                // Without the operation that made it there is no proof of that, and so no delete (I13).
                hold(
                    newest.object, .shared,
                    "\(install.id) bears this source's mark and is declared by no manifest; nothing proves any more "
                        + "that this source made it, so it stays: delete it by hand if it is not wanted",
                    resourceID: install.id.text)
            }
        }
    }

    /// The create of an install that may live already waits for a person, with all that comes after it.
    mutating func blockPossibleDuplicates() {
        guard !plan.unaccounted.isEmpty else { return }
        let alike = Dictionary(grouping: plan.unaccounted.compactMap { index.installs?[$0] }, by: source)
        var doubtful: Set<ObjectReference> = []
        for position in plan.actions.indices {
            guard case .createInstall(_, let create) = plan.actions[position].step else { continue }
            let source: String?
            switch create.source {
            case .product(let id): source = id.text
            case .package(.live(let id), _): source = id.text
            case .package(.planned, _): source = nil
            }
            let possible = alike[source, default: []].filter { Self.couldRun($0, on: create.cluster) }
            guard source != nil, !possible.isEmpty else { continue }
            plan.actions[position].reason = .unproven(Self.list(possible.map(\.id.text)))
            doubtful.insert(plan.actions[position].target)
        }
        for position in plan.actions.indices where doubtful.contains(plan.actions[position].target) {
            plan.actions[position].block = .possibleDuplicate
        }
    }

    /// What a live install was made from: its product's id, or its package's.
    private func source(of install: Install) -> String? {
        install.productID?.text ?? index.versions[install.packageVersionID]?.packageID.text
    }

    private static func couldRun(_ install: Install, on cluster: Target<ClusterID>?) -> Bool {
        switch cluster {
        case .live(let id)?: install.clusterID.map { $0 == id } ?? true
        case .planned?: false
        case nil: true
        }
    }
}

extension Plan {
    /// What recovery could not tell, in a sentence with its remedy.
    package var incompleteness: String {
        "\(PlanBuilder.list(unaccounted.map(\.text))): older than what the platform still lists of its operations, and "
            + "without a mark of any source, so whether this source made them can't be told; installID in a manifest "
            + "adopts one"
    }
}
