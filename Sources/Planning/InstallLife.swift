import AkuaModel
import JSON
package import Manifests

/// Which live install a declaration means.
///
/// Installs have no name in the API; they are recognised by, in order: journal,
/// `installID`, the key of their `install.create` operation, the marker in their renders' messages (DESIGN §4).
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
    mutating func life(of manifest: InstallManifest) -> InstallLife {
        let reference = manifest.reference
        let entry = input.inventory[reference]
        var reason = Reason.declared
        if let entry, let id = entry.resourceID.flatMap(InstallID.init), entry.life != .gone {
            if let adopted = manifest.adoptedID, adopted != id.text {
                return .held(
                    .identityConflict,
                    "installID names \(adopted), but the journal knows \(reference) as \(id): "
                        + "release it first, or correct installID")
            }
            switch presence(of: id) {
            case .present where entry.life == .deleting:
                return .held(.waitingForDelete, "install \(id) is being deleted; it is created again once it is gone")
            case .present(let install) where entry.life == .released:
                let adoption = Adoption(
                    resourceID: id.text, ownership: entry.ownership, requested: entry.requested,
                    renderedDigest: entry.renderedDigest, renderedCommit: entry.renderedCommit)
                return .found(install, adoption, .declaredAgain)
            case .present(let install): return .live(install, entry)
            case .failed(let sentence): return .held(.readFailed, sentence)
            case .unknown: return .pending
            case .gone: if entry.life == .live { reason = .gone(id.text) }
            }
        }
        if let adopted = manifest.adoptedID, entry?.life != .gone { return life(named: adopted, manifest) }
        return life(byKeyOf: manifest, entry, orElse: reason)
    }

    private mutating func life(named adopted: String, _ manifest: InstallManifest) -> InstallLife {
        guard let id = InstallID(adopted) else { return .held(.missingReference, "'\(adopted)' is no install id") }
        switch presence(of: id, confirmed: true) {
        case .present(let install):
            let adoption = Adoption(
                resourceID: id.text, ownership: .adopted, requested: asked(of: manifest, install),
                renderedDigest: nil, renderedCommit: nil)
            return .found(install, adoption, .namedByID)
        case .failed(let sentence): return .held(.readFailed, sentence)
        case .unknown: return .pending
        case .gone: return .held(.missingReference, "install \(adopted), named by installID, is not there")
        }
    }

    /// What an adopted install is taken to have been asked for: nothing is known to differ.
    private func asked(of manifest: InstallManifest, _ install: Install) -> Requested {
        var requested = Requested()
        requested.versionID = install.packageVersionID
        requested.isVersionConfirmed = true
        requested.valuesDigest = Digest.hex(of: .object(manifest.values))
        requested.clusterID = install.clusterID
        requested.productID = install.productID
        return requested
    }

    private mutating func life(
        byKeyOf manifest: InstallManifest, _ entry: InventoryEntry?, orElse reason: Reason
    ) -> InstallLife {
        guard let feed = observed.operations else {
            need(.operations)
            return .pending
        }
        let part = IdempotencyKey.identityPart(of: manifest.reference, in: input.source)
        var predecessor: String?
        var live: [Install] = []
        for operation in feed.creates[part] ?? [] {
            guard let id = Self.install(of: operation) else {
                // Failed before it named an object: the operation itself stands for the life that never was.
                if operation.isDone, live.isEmpty { predecessor = predecessor ?? operation.id.text }
                continue
            }
            switch presence(of: id, confirmed: true) {
            case .present(let install): if !live.contains(where: { $0.id == id }) { live.append(install) }
            case .gone: if operation.isDone, live.isEmpty { predecessor = predecessor ?? id.text }
            case .failed(let sentence): return .held(.readFailed, sentence)
            case .unknown: return .pending
            }
        }
        if live.count > 1 {
            let list = live.map(\.id.text).sorted().joined(separator: " and ")
            return .held(.ambiguous, "this source's key made more than one live install: \(list); delete all but one")
        }
        if let install = live.first { return adoption(of: install, manifest) }
        if !input.circumstances.hasJournal, let found = life(byMarkerOf: manifest) { return found }
        return .absent(predecessor: predecessor ?? entry?.predecessorOfNext ?? "", reason)
    }

    private static func install(of operation: Operation) -> InstallID? {
        if let id: InstallID = operation.responseID("install_id") { return id }
        return operation.ownerType.is(.install) ? InstallID(operation.ownerID) : nil
    }

    /// Takes over an install that our key made; it counts as rendered at the commit that its newest marker names (I13).
    private mutating func adoption(of install: Install, _ manifest: InstallManifest) -> InstallLife {
        var adoption = Adoption(
            resourceID: install.id.text, ownership: .recovered, requested: asked(of: manifest, install))
        switch markers(of: install.id) {
        case .pending: return .pending
        case .failed(let sentence): return .held(.readFailed, sentence)
        case .markers(let markers):
            guard let marker = markers.first(where: { $0.source == input.source.name }) else {
                return .found(install, adoption, .recovered)
            }
            switch declaration(of: manifest.reference, at: marker.shortCommit) {
            case .pending: return .pending
            case .held(let code, let sentence): return .held(code, sentence)
            case .declared(let old):
                adoption.renderedDigest = old?.desiredDigest
                adoption.renderedCommit = marker.shortCommit
                if let values = old?.valuesDigest { adoption.requested.valuesDigest = values }
                return .found(install, adoption, .recovered)
            }
        }
    }

    private enum Declared {
        case declared(OldDeclaration?)
        case held(Hold.Code, String)
        case pending
    }

    private mutating func declaration(of reference: ObjectReference, at commit: String) -> Declared {
        switch observed.commits[commit] {
        case nil:
            need(.commit(commit))
            return .pending
        case .unknown, .descendant, .unrelated:
            plan.stop = plan.stop ?? .behind(reference, commit: commit)
            return .held(.dependency, "last rendered from commit \(commit), which is not known here")
        case .same, .ancestor:
            let asked = Need.declaration(reference, commit: commit)
            switch observed.declarations[asked] {
            case nil:
                need(asked)
                return .pending
            case .failed(let sentence): return .held(.readFailed, sentence)
            case .value(let old): return .declared(old)
            }
        }
    }

    /// The last resort, without a journal: a render's marker identifies, it never entitles to delete (I13).
    ///
    /// An install that another source has marked for this name stops the source (I18).
    private mutating func life(byMarkerOf manifest: InstallManifest) -> InstallLife? {
        guard let installs = observed.installs else {
            need(.installs)
            return .pending
        }
        for install in installs where isCandidate(install, for: manifest) {
            switch markers(of: install.id) {
            case .pending: return .pending
            case .failed(let sentence): return .held(.readFailed, sentence)
            case .markers(let markers):
                guard let marker = markers.first(where: { $0.object == manifest.reference }) else { continue }
                guard marker.source == input.source.name else {
                    plan.stop = plan.stop ?? .otherSource(manifest.reference, source: marker.source)
                    return .held(.identityConflict, "install \(install.id) is marked by source '\(marker.source)'")
                }
                guard case .found(_, var adoption, let reason) = adoption(of: install, manifest) else {
                    return .pending
                }
                adoption.ownership = .shared
                return .found(install, adoption, reason)
            }
        }
        return nil
    }

    /// Narrows the installs whose renders are worth reading; never used to identify.
    private mutating func isCandidate(_ install: Install, for manifest: InstallManifest) -> Bool {
        guard install.customerWorkspaceID == input.source.workspace else { return false }
        switch manifest.target {
        case .product(let reference):
            guard case .live(let id) = resolve(product: reference) else { return false }
            return install.productID == id
        case .package(let reference, _):
            guard case .live(let id) = resolve(package: reference), case .value(let list)? = versions(of: id) else {
                return false
            }
            return list.contains { $0.id == install.packageVersionID }
        }
    }

    enum Markers {
        case markers([RenderMarker])
        case pending
        case failed(String)
    }

    /// The markers of an install's renders, newest first.
    mutating func markers(of id: InstallID) -> Markers {
        switch observed.renders[id] {
        case nil:
            need(.renders(id))
            return .pending
        case .failed(let sentence): return .failed(sentence)
        case .value(let renders): return .markers(renders.compactMap { $0.message.flatMap(RenderMarker.init) })
        }
    }
}

extension InstallManifest {
    package var reference: ObjectReference { ObjectReference(.install, header.name) }
}

extension InventoryEntry {
    /// What the next create names as its predecessor when the platform shows no newer death.
    var predecessorOfNext: String { life == .gone || life == .live ? resourceID ?? predecessor : predecessor }
}
