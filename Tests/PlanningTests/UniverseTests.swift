import AkuaModel
import JSON
import Manifests
import Planning
import Testing

/// Every small world there is: one object of each kind, declared or not, on record or not, there or not, changed or not.
@Suite struct UniverseTests {
    enum Declared: CaseIterable { case no, yes, suspended, retained }
    enum Recorded: CaseIterable { case no, created, shared, released, gone, deleting }

    struct Universe: Sendable, CustomTestStringConvertible {
        var kind: Kind
        var declared: Declared
        var recorded: Recorded
        /// What the last applied manifest protected it with.
        var protection: Protection?
        var isThere: Bool
        /// The live object differs from the manifest.
        var isChanged: Bool

        var testDescription: String {
            "\(kind.rawValue) declared \(declared), recorded \(recorded) \(protection?.rawValue ?? "unprotected"), "
                + (isThere ? isChanged ? "changed" : "there" : "not there")
        }

        static let all: [Universe] = {
            var all: [Universe] = []
            for kind in Kind.allCases {
                for declared in Declared.allCases {
                    for recorded in Recorded.allCases {
                        for protection in [nil, Protection.retain, .suspend] {
                            for (isThere, isChanged) in [(false, false), (true, false), (true, true)] {
                                all.append(
                                    Universe(
                                        kind: kind, declared: declared, recorded: recorded, protection: protection,
                                        isThere: isThere, isChanged: isChanged))
                            }
                        }
                    }
                }
            }
            return all
        }()

        var target: ObjectReference { ObjectReference(kind, kind == .packageVersion ? "base-1.0.0" : "x") }
    }

    /// The world of one object beside a package `base`, which everything may refer to.
    private func world(_ universe: Universe) -> World {
        var world = World()
        world.foreignPackage("base", versions: ["1.1.0"])
        declare(universe, in: &world)
        let id = make(universe, in: &world)
        guard universe.recorded != .no else { return world }
        let isShared = universe.recorded == .shared
        let life: InventoryEntry.Life =
            switch universe.recorded {
            case .no, .created, .shared: .live
            case .released: .released
            case .gone: .gone
            case .deleting: .deleting
            }
        var entry = InventoryEntry(resourceID: id, ownership: isShared ? .shared : .created, life: life)
        entry.protection = universe.protection
        world.inventory[universe.target] = entry
        if universe.kind == .package, universe.isThere {
            // Whoever made a package published its version, without which it would not be ours to delete (I2).
            world.inventory[ObjectReference(.packageVersion, "x-1.0.0")] = InventoryEntry(
                resourceID: world.versions.last?.id.text, ownership: .created, life: .live)
        }
        return world
    }

    private func declare(_ universe: Universe, in world: inout World) {
        guard universe.declared != .no else { return }
        world.desired.packages.append(.oci("base"))
        switch universe.kind {
        case .package:
            world.desired.packages.append(.oci("x"))
            world.desired.packageVersions.append(PackageVersionManifest("x", "1.0.0"))
        case .packageVersion: world.desired.packageVersions.append(PackageVersionManifest("base", "1.0.0"))
        case .cluster: world.desired.clusters.append(ClusterManifest("x"))
        case .install: world.desired.installs.append(InstallManifest("x", of: "base", "1.1.0"))
        }
        world.desired.header(universe.target.description) {
            $0.isSuspended = universe.declared == .suspended
            $0.deletionPolicy = universe.declared == .retained ? .retain : .delete
        }
    }

    /// Makes the object and takes it away again where it is not to be there.
    private func make(_ universe: Universe, in world: inout World) -> String {
        let id: String
        switch universe.kind {
        case .package:
            world.foreignPackage("x", versions: ["1.0.0"])
            id = world.packages[1].id.text
            if universe.isChanged {
                world.desired.package("x") { $0.description = "another" }
            }
        case .packageVersion:
            id = world.addVersion(PackageVersionManifest("base", "1.0.0"), of: world.packages[0].id).text
            if universe.isChanged { world.desired.version("base-1.0.0") { $0.ref = "sha256:other" } }
        case .cluster:
            world.foreignCluster("x")
            id = world.clusters[0].id.text
            // An unknown cluster of another name would be another cluster.
            if universe.isChanged, universe.recorded != .no, universe.recorded != .gone {
                world.clusters[0].name = "theirs"
            }
        case .install:
            world.foreignInstall(of: "base", "1.1.0")
            id = world.installs[0].id.text
            if universe.isChanged {
                world.addVersion(PackageVersionManifest("base", "1.2.0"), of: world.packages[0].id)
                world.desired.install("x") { $0.version = "1.2.0" }
            }
        }
        if !universe.isThere { world.vanish(id) }
        return id
    }

    /// What should be planned for the object: words of actions, codes of holds, and changes of the record.
    private func expected(_ universe: Universe) -> Set<String> {
        universe.declared == .no ? expectedOfUndeclared(universe) : expectedOfDeclared(universe)
    }

    private func expectedOfUndeclared(_ universe: Universe) -> Set<String> {
        let isVersion = universe.kind == .packageVersion
        switch universe.recorded {
        case .no, .released, .gone: return []
        case .deleting:
            if isVersion { return [] }
            return universe.isThere ? ["! waiting-for-delete"] : ["gone"]
        case .shared: return isVersion ? ["! undeletable", "release"] : ["! shared", "release"]
        case .created:
            if isVersion { return ["! undeletable", "release"] }
            switch universe.protection {
            case .retain: return ["! retained", "release"]
            case .suspend: return ["! suspended"]
            case nil: return universe.isThere ? ["delete"] : ["gone"]
            }
        }
    }

    private func expectedOfDeclared(_ universe: Universe) -> Set<String> {
        let isSuspended = universe.declared == .suspended
        let make: Set<String> = isSuspended ? ["! suspended"] : ["make"]
        guard universe.isThere else { return make }
        let (isInstall, isVersion) = (universe.kind == .install, universe.kind == .packageVersion)
        var result: Set<String> = []
        var isOwned = universe.recorded == .created || universe.recorded == .released || universe.recorded == .deleting
        switch universe.recorded {
        case .no, .gone:
            // Nothing of an install shows whose it is.
            if isInstall { return make }
            result = ["share"]
            isOwned = false
        case .deleting where !isVersion: return [isSuspended ? "! suspended" : "! waiting-for-delete"]
        case .released, .deleting: result = isVersion ? ["share"] : [isSuspended ? "! suspended" : "adopt"]
        // No read shows that it was rendered and set: both are owed, and that they are not done is said (I14).
        case .created, .shared: if isInstall, isSuspended { result = ["! suspended"] }
        }
        guard universe.isChanged else { return result }
        switch universe.kind {
        case .package, .packageVersion:
            let code = isVersion || isOwned ? "immutable" : "shared"
            result.insert(isSuspended && code == "immutable" ? "! suspended" : "! \(code)")
        case .cluster:
            if universe.recorded == .no || universe.recorded == .gone { break }
            result.insert(isOwned ? isSuspended ? "! suspended" : "update" : "! shared")
        case .install: result.insert(isSuspended ? "! suspended" : "update")
        }
        return result
    }

    @Test func `in every universe exactly the right thing is planned`() throws {
        #expect(Universe.all.count == 864)
        for universe in Universe.all {
            var world = world(universe)
            let plan = try world.plan()
            let words = plan.lines.compactMap { Self.word($0, universe.target) }
            #expect(Set(words) == expected(universe), "\(universe.testDescription): \(plan.lines)")
        }
    }

    /// What a line of a plan says of the object; nil when it is of another, or only about what follows from it.
    private static func word(_ line: String, _ target: ObjectReference) -> String? {
        let parts = line.split(separator: " ").map(String.init)
        if parts[0] == "!" { return parts[1] == target.description ? "! \(parts[2])" : nil }
        if parts[0] == "=" {
            let isOfInterest = ["share", "release", "gone"].contains(parts[1])
            return parts[2] == target.description && isOfInterest ? parts[1] : nil
        }
        guard parts[1] == target.description else { return nil }
        switch parts[0] {
        case "create", "import", "publish": return "make"
        case "render", "set_automatic_updates": return nil
        default: return parts[0]
        }
    }
}
