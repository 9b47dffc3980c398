import AkuaModel
import Manifests

/// References resolve by name inside the source, then by name in the workspace, then by id; two matches are an error
/// that shows both.
extension PlanBuilder {
    mutating func resolve(region reference: Reference) -> Resolution<RegionID> {
        // Regions can't be read by id: the platform refuses one that is not there.
        if case .id(let text) = reference {
            return RegionID(text).map(Resolution.live) ?? notAnID(text, "regionID")
        }
        guard let regions = index.regionsByName else {
            need(.regions)
            return .pending
        }
        return match(regions[reference.text] ?? [], named: reference.text, "region", "regionID") {
            index.regions?.contains($0) ?? false
        }
    }

    mutating func resolve(product reference: Reference) -> Resolution<ProductID> {
        guard let products = index.productsByName else {
            need(.products)
            return .pending
        }
        func isThere(_ id: ProductID) -> Bool { index.products?.contains(id) ?? false }
        if case .id(let text) = reference {
            guard let id = ProductID(text) else { return notAnID(text, "productID") }
            return isThere(id)
                ? .live(id) : .unavailable(.missingReference, "productID names \(id), which is not in the workspace")
        }
        return match(products[reference.text] ?? [], named: reference.text, "product", "productID", isThere)
    }

    mutating func resolve(cluster reference: Reference, for referrer: ObjectReference) -> Resolution<ClusterID> {
        if let resolution: Resolution<ClusterID> = resolve(declared: .cluster, reference) { return resolution }
        guard let clusters = index.clustersByName else {
            need(.clusters)
            return .pending
        }
        let matches = (clusters[reference.text] ?? []).filter { !$0.isGoing }.map(\.id)
        return note(resolve(reference, Cluster.self, matches), .cluster, referrer)
    }

    mutating func resolve(package reference: Reference, for referrer: ObjectReference) -> Resolution<PackageID> {
        if let resolution: Resolution<PackageID> = resolve(declared: .package, reference) { return resolution }
        guard let packages = index.packagesByName else {
            need(.packages)
            return .pending
        }
        return note(resolve(reference, AkuaModel.Package.self, packages[reference.text] ?? []), .package, referrer)
    }

    /// By name inside the source; nil when nothing of that name is declared here.
    private func resolve<Tag>(declared kind: Kind, _ reference: Reference) -> Resolution<Identifier<Tag>>? {
        guard case .name(let name) = reference else { return nil }
        let declared = ObjectReference(kind, name)
        return switch resolved[declared] {
        case nil: nil
        case .live(let text): Identifier(text).map(Resolution.live) ?? notAnID(text, "the journal")
        case .planned(let reference): .planned(reference)
        case .pending: .pending
        case .unavailable(_, let sentence): .unavailable(.dependency, "waits for \(declared): \(sentence)")
        }
    }

    /// By id, or among those of that name in the workspace.
    private mutating func resolve<Object: LiveObject>(
        _ reference: Reference, _: Object.Type, _ matches: [Identifier<Object>]
    ) -> Resolution<Identifier<Object>> {
        let noun = Object.kind.rawValue.lowercased()
        guard case .id(let text) = reference else {
            let list = Object.list(in: index)
            return match(matches, named: reference.text, noun, Object.idField) { list?[$0] != nil }
        }
        guard let id = Identifier<Object>(text) else { return notAnID(text, Object.idField) }
        return switch presence(of: id) {
        case .present: .live(id)
        case .gone:
            .unavailable(.missingReference, "\(Object.idField) names \(id), which is not in the workspace")
        case .unknown: .pending
        case .failed(let sentence): .unavailable(.readFailed, sentence)
        }
    }

    private func match<Tag>(
        _ matches: [Identifier<Tag>], named name: String, _ noun: String, _ idField: String,
        _ isThere: (Identifier<Tag>) -> Bool
    ) -> Resolution<Identifier<Tag>> {
        if matches.count > 1 {
            return .unavailable(
                .ambiguous,
                "the workspace has \(matches.count) \(noun)s called '\(name)': \(Self.list(matches.map(\.text))); say "
                    + "which with \(idField)")
        }
        if let match = matches.first { return .live(match) }
        if let id = Identifier<Tag>(name), isThere(id) { return .live(id) }
        return .unavailable(
            .missingReference, "\(noun) '\(name)' is neither declared in this source nor in the workspace")
    }

    private func notAnID<ID>(_ text: String, _ field: String) -> Resolution<ID> {
        .unavailable(.missingReference, "\(field) says '\(text)', which can't be an id")
    }

    /// Remembers that a live object is needed here, so that it is not deleted (I2).
    private mutating func note<Tag>(
        _ resolution: Resolution<Identifier<Tag>>, _ kind: Kind, _ referrer: ObjectReference
    ) -> Resolution<Identifier<Tag>> {
        if case .live(let id) = resolution {
            let object = LiveReference(kind, id.text)
            if referred[object] == nil { referred[object] = referrer }
        }
        return resolution
    }

    /// At most three of the items, and how many more there are.
    static func list(_ items: [String]) -> String {
        let sorted = items.sorted()
        return sorted.prefix(3).joined(separator: ", ") + (sorted.count > 3 ? " and \(sorted.count - 3) more" : "")
    }
}
