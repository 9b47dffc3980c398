import AkuaModel
import Manifests

extension PlanBuilder {
    /// What recovery finds by key but git does not declare: put on record, shown, and deleted only when a person allows
    /// it (I13).
    ///
    /// A key shows only a hash of the name; the name comes from the mark of a render and is proven by hashing it.
    mutating func planOrphans() {
        guard input.circumstances.isRecovering else { return }
        if observed.operations == nil { need(.operations) }
        if index.installs == nil { need(.installs) }
        guard let feed = observed.operations, let installs = index.installs else { return }
        for (part, operations) in feed.creates.sorted(by: { $0.key < $1.key }) {
            for operation in operations {
                guard let id = operation.createdInstall, !feed.deleted.contains(id.text),
                    let install = installs[id] ?? unlisted(id),
                    install.customerWorkspaceID == input.source.workspace,
                    !isAccountedFor(id), case .markers(let markers) = markers(of: id),
                    let object = markers.first(where: { isOurs($0) })?.object, object.kind == .install,
                    identityParts(of: object).contains(part), declarations.headers[object] == nil,
                    orphans.insert(object).inserted
                else { continue }
                plan.bookkeeping.append(.orphan(object, resourceID: id.text))
                var action = Action(.delete, object, step: .deleteInstall(id), resourceID: id.text, reason: .orphan)
                action.block = .recoveredOrphan
                if admits(object, [action]) { add(object, [action]) }
            }
        }
    }

    /// An install that the list lacks, which proves nothing (I10), once it was read by its id.
    private mutating func unlisted(_ id: InstallID) -> Install? {
        if case .present(let install) = presence(of: id, confirmed: true) { install } else { nil }
    }

    /// Whether a manifest or the journal says what a live install is.
    mutating func isAccountedFor(_ id: InstallID) -> Bool {
        let object = LiveReference(.install, id.text)
        return claimed.contains(object) || owners[object] != nil || declarations.adoptions[object] != nil
    }
}
