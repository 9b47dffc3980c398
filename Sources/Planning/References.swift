import AkuaModel
import Manifests

/// References resolve by name inside the source, then by name in the workspace, then by id; two matches are an error
/// that shows both (DESIGN §2.1).
extension PlanBuilder {
    mutating func resolve(region reference: Reference) -> Resolution<RegionID> {
        if case .id(let text) = reference {
            return RegionID(text).map(Resolution.live) ?? notAnID(text, of: "region")
        }
        guard let regions = observed.regions else {
            need(.regions)
            return .pending
        }
        return match(
            regions.filter { $0.name == reference.text }.map(\.id), id: RegionID(reference.text),
            isLive: { id in regions.contains { $0.id == id } }, what: "region", named: reference.text,
            idField: "regionID")
    }

    mutating func resolve(cluster reference: Reference) -> Resolution<ClusterID> {
        let declared = ObjectReference(.cluster, reference.text)
        if case .name = reference, let resolution = resolved[declared] {
            return typed(resolution)
        }
        guard let clusters = observed.clusters else {
            need(.clusters)
            return .pending
        }
        if case .id(let text) = reference {
            guard let id = ClusterID(text) else { return notAnID(text, of: "cluster") }
            return presenceResolution(presence(of: id), id: id, what: "cluster")
        }
        return match(
            clusters.filter { $0.name == reference.text }.map(\.id), id: ClusterID(reference.text),
            isLive: { index.clusters[$0] != nil }, what: "cluster", named: reference.text, idField: "clusterID")
    }

    mutating func resolve(package reference: Reference) -> Resolution<PackageID> {
        let declared = ObjectReference(.package, reference.text)
        if case .name = reference, let resolution = resolved[declared] {
            return typed(resolution)
        }
        guard let packages = observed.packages else {
            need(.packages)
            return .pending
        }
        if case .id(let text) = reference {
            guard let id = PackageID(text) else { return notAnID(text, of: "package") }
            return presenceResolution(presence(of: id), id: id, what: "package")
        }
        return match(
            packages.filter { $0.name == reference.text }.map(\.id), id: PackageID(reference.text),
            isLive: { index.packages[$0] != nil }, what: "package", named: reference.text, idField: "packageID")
    }

    mutating func resolve(product reference: Reference) -> Resolution<ProductID> {
        guard let products = observed.products else {
            need(.products)
            return .pending
        }
        if case .id(let text) = reference {
            guard let id = ProductID(text) else { return notAnID(text, of: "product") }
            if products.contains(where: { $0.id == id }) { return .live(id) }
            return .unavailable(.missingReference, "product \(text) is not in the workspace")
        }
        return match(
            products.filter { $0.name == reference.text }.map(\.id), id: ProductID(reference.text),
            isLive: { id in products.contains { $0.id == id } }, what: "product", named: reference.text,
            idField: "productID")
    }

    private func match<Tag>(
        _ matches: [Identifier<Tag>], id: Identifier<Tag>?, isLive: (Identifier<Tag>) -> Bool, what: String,
        named name: String, idField: String
    ) -> Resolution<Identifier<Tag>> {
        if matches.count > 1 {
            let list = matches.map(\.text).sorted().joined(separator: " and ")
            return .unavailable(
                .ambiguous,
                "the workspace has \(matches.count) of the name: \(what) '\(name)' is \(list); "
                    + "say which with \(idField)")
        }
        if let match = matches.first { return .live(match) }
        if let id, isLive(id) { return .live(id) }
        return .unavailable(
            .missingReference, "\(what) '\(name)' is neither declared in this source nor in the workspace")
    }

    private func notAnID<ID>(_ text: String, of what: String) -> Resolution<ID> {
        .unavailable(.missingReference, "'\(text)' can't be the id of a \(what)")
    }

    private func presenceResolution<ID, Value>(_ presence: Presence<Value>, id: ID, what: String) -> Resolution<ID> {
        switch presence {
        case .present: .live(id)
        case .gone: .unavailable(.missingReference, "\(what) \(id) is not in the workspace")
        case .unknown: .pending
        case .failed(let sentence): .unavailable(.readFailed, sentence)
        }
    }

    private func typed<Tag>(_ resolution: Resolution<String>) -> Resolution<Identifier<Tag>> {
        switch resolution {
        case .live(let text): Identifier(text).map(Resolution.live) ?? .unavailable(.missingReference, text)
        case .planned(let reference): .planned(reference)
        case .pending: .pending
        case .unavailable(let code, let sentence): .unavailable(code, sentence)
        }
    }
}

extension Resolution {
    /// What an action can refer to; nil while pending or unavailable.
    var target: Target<ID>? {
        switch self {
        case .live(let id): .live(id)
        case .planned(let reference): .planned(reference)
        case .pending, .unavailable: nil
        }
    }
}
