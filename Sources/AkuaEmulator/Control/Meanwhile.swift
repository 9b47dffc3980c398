/// What somebody else does to the object of a write, between our read of it and the write.
package enum Meanwhile: String, Sendable, CaseIterable {
    /// Nothing shows but another etag.
    case touched
    /// It is gone.
    case deleted
    /// An install runs another version of its package; anything else is touched.
    case moved
}

extension World {
    /// Lets somebody be faster than a request with this path; nothing happens where it names no object.
    mutating func preempt(_ path: String, _ meanwhile: Meanwhile) throws(Refusal) {
        let parts = path.split { $0 == "/" || $0 == ":" || $0 == "%" }
        for part in parts {
            guard let drift = drift(meanwhile, String(part)) else { continue }
            return try apply(drift)
        }
    }

    /// That change of the object with this id; nil when there is no such object.
    private func drift(_ meanwhile: Meanwhile, _ id: String) -> Drift? {
        switch meanwhile {
        case .deleted:
            if installs[id] != nil { return .installDeleted(id) }
            if clusters[id] != nil { return .clusterDeleted(id) }
            return packages[id] == nil ? nil : .packageDeleted(id)
        case .moved:
            guard let install = installs[id] else { return drift(.touched, id) }
            let others = versions.records.values.filter {
                $0.package == install.package && $0.id != install.version
            }
            let other = others.min { $0.serial < $1.serial }
            return other.map { .installVersion(install: id, version: $0.id) } ?? .touched(id)
        case .touched:
            let isKnown = installs[id] != nil || clusters[id] != nil || packages[id] != nil || products[id] != nil
            return isKnown ? .touched(id) : nil
        }
    }
}
