import AkuaModel
import JSON
import Manifests

/// Which live install a declaration means.
///
/// Installs have no name in the API; they are recognised by, in order: journal, `installID`, the key of their
/// `install.create` operation, the mark in their renders' messages.
enum InstallLife {
    /// Known to the journal under this identity.
    case live(Install, InventoryEntry)
    /// Found otherwise: it is taken over first.
    case found(Install, Adoption, Reason)
    /// To be created, as the life after `predecessor`.
    case absent(predecessor: String, Reason)
    case held(Hold.Code, String)
    case pending
}

extension PlanBuilder {
    mutating func life(of declared: DeclaredInstall) -> InstallLife {
        let reference = declared.reference
        switch recognize(reference, declared.manifest.header, adopting: declared.manifest.adoptedID, as: Install.self) {
        case .pending: return .pending
        case .held(let code, let sentence): return .held(code, sentence)
        case .known(let install, let entry): return foreign(install) ?? .live(install, entry)
        case .found(let install, var adoption, let reason):
            if input.inventory[reference]?.resourceID != install.id.text {
                adoption.requested = asked(of: declared, install)
            }
            return foreign(install) ?? .found(install, adoption, reason)
        case .unrecorded(let reason): return life(byKeyOf: declared, orElse: reason)
        }
    }

    /// An install of a customer's workspace is never touched.
    private func foreign(_ install: Install) -> InstallLife? {
        guard install.customerWorkspaceID != input.source.workspace else { return nil }
        return .held(
            .foreignWorkspace,
            "install \(install.id) belongs to workspace \(install.customerWorkspaceID) and is never touched")
    }

    /// What an install is taken to have been asked for when nothing says otherwise: nothing is known to differ.
    private func asked(of declared: DeclaredInstall, _ install: Install) -> Requested {
        var requested = Requested()
        requested.versionID = install.packageVersionID
        requested.isVersionConfirmed = true
        requested.valuesDigest = declared.valuesDigest
        requested.clusterID = install.clusterID
        requested.productID = install.productID
        return requested
    }

    /// Looks at every life that the platform remembers of this identity; the newest that lives wins, and the newest that
    /// died is the predecessor of the next.
    private mutating func life(byKeyOf declared: DeclaredInstall, orElse reason: Reason) -> InstallLife {
        let reference = declared.reference
        guard let feed = observed.operations else {
            need(.operations)
            return .pending
        }
        var predecessor: String?
        var live: [Install] = []
        var isPending = false
        for operation in creates(of: reference, in: feed) {
            guard let id = operation.createdInstall else {
                guard operation.isDone else { return Self.inCreation(operation) }
                // It failed before it named an object: the operation itself stands for the life that never was.
                if live.isEmpty { predecessor = predecessor ?? operation.id.text }
                continue
            }
            switch presence(of: id, confirmed: true) {
            case .present(let install):
                switch isMoved(install.id, from: reference) {
                case .yes: predecessor = predecessor ?? id.text
                case .no: if !live.contains(where: { $0.id == id }) { live.append(install) }
                case .pending: isPending = true
                case .failed(let sentence): return .held(.readFailed, sentence)
                }
            case .gone:
                guard operation.isDone else { return Self.inCreation(operation) }
                if live.isEmpty { predecessor = predecessor ?? id.text }
            case .failed(let sentence): return .held(.readFailed, sentence)
            case .unknown: isPending = true
            }
        }
        if live.isEmpty, predecessor == nil, !isPending {
            switch earlierLife(of: reference) {
            case .none: break
            case .gone(let text): predecessor = text
            case .present(let install): live.append(install)
            case .pending: isPending = true
            case .failed(let sentence): return .held(.readFailed, sentence)
            }
        }
        if isPending { return .pending }
        if live.count > 1 {
            return .held(
                .ambiguous,
                "this source's key made more than one live install: \(Self.list(live.map(\.id.text))); delete all but "
                    + "one, or say which with installID")
        }
        if let install = live.first { return foreign(install) ?? adoption(of: install, declared, .recovered) }
        if input.circumstances.isRecovering, let found = life(byMarkOf: declared) { return found }
        let recorded = input.inventory[reference]
        return .absent(predecessor: predecessor ?? recorded?.resourceID ?? "", reason)
    }

    private enum EarlierLife { case none, gone(String), present(Install), pending, failed(String) }

    /// The newest life that operations have shown which are not read any more: another daemon of this source made it.
    private mutating func earlierLife(of reference: ObjectReference) -> EarlierLife {
        guard !input.earlierLives.isEmpty,
            let text = identityParts(of: reference).compactMap({ input.earlierLives[$0] }).first
        else { return .none }
        guard let id = InstallID(text) else { return .gone(text) }
        switch presence(of: id, confirmed: true) {
        case .gone: return .gone(text)
        case .failed(let sentence): return .failed(sentence)
        case .unknown: return .pending
        case .present(let install):
            return switch isMoved(id, from: reference) {
            case .yes: .gone(text)
            case .no: .present(install)
            case .pending: .pending
            case .failed(let sentence): .failed(sentence)
            }
        }
    }

    private static func inCreation(_ operation: Operation) -> InstallLife {
        .held(.waitingForOperation, "operation \(operation.id) is making it")
    }

    private enum Moved { case yes, no, pending, failed(String) }

    /// Whether an install that this identity made goes on under another: by the journal, by a manifest that names it,
    /// or by its newest mark.
    private mutating func isMoved(_ id: InstallID, from reference: ObjectReference) -> Moved {
        if isElsewhere(LiveReference(.install, id.text), than: reference) { return .yes }
        switch markers(of: id) {
        case .pending: return .pending
        case .failed(let sentence): return .failed(sentence)
        case .markers(let markers):
            guard let newest = markers.first(where: { isOurs($0) }), newest.object != reference else { return .no }
            return declarations.headers[newest.object] == nil ? .no : .yes
        }
    }

    /// Takes over an install that this source made; it counts as rendered at the commit that its newest mark names (I13).
    mutating func adoption(
        of install: Install, _ declared: DeclaredInstall, _ ownership: InventoryEntry.Ownership
    ) -> InstallLife {
        var adoption = Adoption(
            resourceID: install.id.text, ownership: ownership, requested: asked(of: declared, install))
        guard case .markers = markers(of: install.id) else { return .pending }
        guard let (marker, isRolledOut) = newestMark(of: declared.reference, on: install.id) else {
            return .found(install, adoption, .recovered)
        }
        switch observed.commits[marker.shortCommit] {
        case nil:
            need(.commit(marker.shortCommit))
            return .pending
        case .unknown, .descendant:
            stop(.behind(declared.reference, commit: marker.shortCommit))
            return .held(.dependency, "it was last rendered from commit \(marker.shortCommit), which is not known here")
        case .same, .ancestor, .unrelated: break
        }
        let declaration = Need.declaration(declared.reference, commit: marker.shortCommit)
        switch observed.declarations[declaration] {
        case nil:
            need(declaration)
            return .pending
        case .failed(let sentence): return .held(.readFailed, sentence)
        case .value(let old):
            adoption.renderedCommit = marker.shortCommit
            if let old {
                // A render that failed rolled nothing out, and one that runs may fail: what it was for is still owed (I6).
                // It is not made twice: who renders next waits for it, and finds it.
                if isRolledOut { adoption.renderedDigest = completed(old.desiredDigest, declared, install) }
                adoption.requested.valuesDigest = old.valuesDigest
            }
            return .found(install, adoption, .recovered)
        }
    }

    /// What a range had come to at an old commit can't be told any more: it is taken to be what runs.
    private func completed(_ digest: String, _ declared: DeclaredInstall, _ install: Install) -> String {
        guard case .package = declared.manifest.target, !DesiredDigest.namesVersion(digest) else { return digest }
        return DesiredDigest.joined(digest, index.versions[install.packageVersionID]?.semver)
    }
}
