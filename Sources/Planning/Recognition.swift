import AkuaModel
import Manifests

/// A kind of live object that a declaration can mean.
protocol LiveObject: Equatable, Sendable {
    var id: Identifier<Self> { get }
    static var kind: Kind { get }
    /// The field of a manifest that names one, such as `installID`.
    static var idField: String { get }
    static var listNeed: Need { get }
    static func readNeed(_ id: Identifier<Self>) -> Need
    /// Nil when the list was not read.
    static func list(in index: ObservedIndex) -> ListIndex<Self>?
    /// Nil when it was not read by id.
    static func read(_ id: Identifier<Self>, in observed: ObservedState) -> Known<Self?>?
    /// Its state says that it is being deleted.
    var isGoing: Bool { get }
}

/// Which live object a declaration means, as far as the journal and the manifest's own id say.
enum Recognition<Object: LiveObject> {
    /// On record under this identity, and live.
    case known(Object, InventoryEntry)
    /// Live, and to be put on record first.
    case found(Object, Adoption, Reason)
    /// Neither leads to a live object: each kind has its own further ways to find one.
    case unrecorded(Reason)
    case held(Hold.Code, String)
    /// A need was registered.
    case pending
}

/// Whether an object is there.
enum Presence<Object: LiveObject> {
    case present(Object)
    /// Proven by a read by id (I10).
    case gone
    /// A need was registered.
    case unknown
    case failed(String)
}

extension PlanBuilder {
    /// A read by id decides; a list proves presence at most, and not even that before something is written.
    mutating func presence<Object: LiveObject>(
        of id: Identifier<Object>, confirmed: Bool = false
    ) -> Presence<Object> {
        switch Object.read(id, in: observed) {
        case .value(let object?): return .present(object)
        case .value(nil): return .gone
        case .failed(let sentence): return .failed(sentence)
        case nil: break
        }
        if !confirmed {
            guard let list = Object.list(in: index) else {
                need(Object.listNeed)
                return .unknown
            }
            if let listed = list[id] { return .present(listed) }
        }
        need(Object.readNeed(id))
        return .unknown
    }

    /// The journal's word first, then the id in the manifest.
    mutating func recognize<Object: LiveObject>(
        _ reference: ObjectReference, _ header: ManifestHeader, adopting adopted: String?,
        as _: Object.Type = Object.self
    ) -> Recognition<Object> {
        let entry = input.inventory[reference]
        noteProtection(of: reference, header, entry)
        if let sentence = input.unsettled[reference] { return .held(.waitingForOperation, sentence) }
        if let sentence = contested[reference] { return .held(.identityConflict, sentence) }
        var reason = Reason.declared
        if let entry, entry.life != .gone, let id = entry.resourceID.flatMap(Identifier<Object>.init) {
            switch presence(of: id) {
            case .present(let object):
                if let known = recognize(object, id, entry, as: reference, adopting: adopted) { return known }
            case .gone:
                guard entry.life == .live else { break }
                reason = .gone(id.text)
                if entry.isOwned { gone.insert(reference) }
            case .unknown: return .pending
            case .failed(let sentence): return .held(.readFailed, sentence)
            }
        }
        return adopted.map { recognize(named: $0) } ?? .unrecorded(reason)
    }

    /// Nil when the live object of a record is this identity's no longer.
    private mutating func recognize<Object: LiveObject>(
        _ object: Object, _ id: Identifier<Object>, _ entry: InventoryEntry, as reference: ObjectReference,
        adopting adopted: String?
    ) -> Recognition<Object>? {
        let isNamed = adopted == id.text
        if entry.life == .released {
            // What was let go is taken back when it is declared again, unless it lives under another name by now.
            guard adopted == nil || isNamed, !isElsewhere(LiveReference(Object.kind, id.text), than: reference) else {
                return nil
            }
        } else if let adopted, !isNamed {
            return .held(
                .identityConflict,
                "\(Object.idField) names \(adopted), but the journal knows \(reference) as \(id): release it first, "
                    + "or correct \(Object.idField)")
        }
        if isGoing(object, id) || entry.life == .deleting {
            return .held(.waitingForDelete, "\(id) is being deleted; it is created again once it is gone")
        }
        if isNamed, entry.life == .released || !entry.isOwned {
            return .found(object, Adoption(entry, as: id.text, .adopted), .namedByID)
        }
        return entry.life == .released
            ? .found(object, Adoption(entry, as: id.text, entry.ownership), .declaredAgain) : .known(object, entry)
    }

    private mutating func recognize<Object: LiveObject>(named adopted: String) -> Recognition<Object> {
        guard let id = Identifier<Object>(adopted) else {
            return .held(.missingReference, "\(Object.idField) says '\(adopted)', which can't be an id")
        }
        switch presence(of: id, confirmed: true) {
        case .present(let object):
            guard !isGoing(object, id) else {
                return .held(.waitingForDelete, "\(id), named by \(Object.idField), is being deleted")
            }
            return .found(object, Adoption(resourceID: id.text, ownership: .adopted), .namedByID)
        case .failed(let sentence): return .held(.readFailed, sentence)
        case .unknown: return .pending
        case .gone:
            return .held(
                .missingReference,
                "\(id), named by \(Object.idField), is not in the workspace: correct \(Object.idField), or remove it "
                    + "to have the object created")
        }
    }

    /// Whether a delete of it is running, whoever asked for it.
    func isGoing<Object: LiveObject>(_ object: Object, _ id: Identifier<Object>) -> Bool {
        object.isGoing || observed.operations?.deletes.contains(id.text) ?? false
    }

    /// Records what the manifest protects an object with, in the pass that first sees it (I2).
    mutating func noteProtection(of reference: ObjectReference, _ header: ManifestHeader, _ entry: InventoryEntry?) {
        if entry?.protection != header.protection {
            plan.bookkeeping.append(.protect(reference, header.protection))
        }
    }

    /// Records that an object agrees with its manifest, when the journal does not say so yet.
    mutating func noteInSync(
        _ reference: ObjectReference, digest: String, _ entry: InventoryEntry, dependsOn: [ObjectReference] = []
    ) {
        let isNoted =
            entry.appliedDigest == digest && entry.failures == 0 && entry.requested.dependsOn == dependsOn
            && !entry.requested.isDeleteAllowed
        if !isNoted { plan.bookkeeping.append(.inSync(reference, digest: digest)) }
    }
}

// Live objects that more than one identity could claim.
extension PlanBuilder {
    /// Whether another identity that git declares has this live object, or names it by id.
    mutating func isElsewhere(_ object: LiveReference, than reference: ObjectReference) -> Bool {
        declarations.adoptions[object]?.contains { $0 != reference } ?? false
            || owners[object]?.contains { $0 != reference && declarations.headers[$0] != nil } ?? false
    }

    /// Who has which live object by the journal.
    static func owners(in inventory: Inventory) -> [LiveReference: [ObjectReference]] {
        var owners: [LiveReference: [ObjectReference]] = [:]
        for (reference, entry) in inventory where entry.life == .live || entry.life == .deleting {
            guard let id = entry.resourceID else { continue }
            owners[LiveReference(reference.kind, id), default: []].append(reference)
        }
        return owners
    }

    /// Identities that claim one live object between them: nothing is written to any of them.
    mutating func findContests() {
        for (object, namers) in declarations.adoptions {
            let others = (owners[object] ?? []).filter { declarations.headers[$0] != nil && !namers.contains($0) }
            let all = (namers + others).sorted()
            guard all.count > 1 else { continue }
            let names = all.map(\.description).joined(separator: " and ")
            for reference in all {
                contested[reference] = "\(object.id) is claimed by \(names): a live object has one manifest"
            }
        }
    }
}

extension ManifestHeader {
    /// What the manifest protects its object with.
    var protection: Protection? {
        if isSuspended { return .suspend }
        return deletionPolicy == .retain ? .retain : nil
    }
}

extension Adoption {
    /// Taken back, or taken for good, with everything that the journal knows of it.
    init(_ entry: InventoryEntry, as id: String, _ ownership: InventoryEntry.Ownership) {
        self.init(
            resourceID: id, ownership: ownership, requested: entry.requested, renderedDigest: entry.renderedDigest,
            renderedCommit: entry.renderedCommit)
    }
}

extension AkuaModel.Package: LiveObject {
    static var kind: Kind { .package }
    static var idField: String { "packageID" }
    static var listNeed: Need { .packages }
    static func readNeed(_ id: PackageID) -> Need { .package(id) }
    static func list(in index: ObservedIndex) -> ListIndex<Self>? { index.packages }
    static func read(_ id: PackageID, in observed: ObservedState) -> Known<Self?>? { observed.packageReads[id] }
    var isGoing: Bool { false }
}

extension Cluster: LiveObject {
    static var kind: Kind { .cluster }
    static var idField: String { "clusterID" }
    static var listNeed: Need { .clusters }
    static func readNeed(_ id: ClusterID) -> Need { .cluster(id) }
    static func list(in index: ObservedIndex) -> ListIndex<Self>? { index.clusters }
    static func read(_ id: ClusterID, in observed: ObservedState) -> Known<Self?>? { observed.clusterReads[id] }
    var isGoing: Bool { state.is(.deleting) }
}

extension Install: LiveObject {
    static var kind: Kind { .install }
    static var idField: String { "installID" }
    static var listNeed: Need { .installs }
    static func readNeed(_ id: InstallID) -> Need { .install(id) }
    static func list(in index: ObservedIndex) -> ListIndex<Self>? { index.installs }
    static func read(_ id: InstallID, in observed: ObservedState) -> Known<Self?>? { observed.installReads[id] }
    var isGoing: Bool { false }
}
