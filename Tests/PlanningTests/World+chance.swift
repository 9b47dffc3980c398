import AkuaModel
import JSON
import Manifests
import Planning
import Simulation

// What chance does to a small world: commits, other people's hands on the platform, and crashes.
extension World {
    private static let names = ["a", "b", "c", "d", "e"]
    private static let semvers = ["1.0.0", "1.1.0", "2.0.0"]

    /// A world with two packages, a cluster and some installs, all declared and not yet made.
    init(_ seed: inout Seed) {
        self.init()
        commit { desired in
            for name in ["a", "b"] {
                desired.packages.append(.oci(name))
                desired.packageVersions += Self.semvers.map { PackageVersionManifest(name, $0) }
            }
            desired.clusters = [ClusterManifest("a")]
            desired.settings.prune.maxDeletePercent = seed.isOne(in: 3) ? 25 : 100
            if seed.isOne(in: 6) { desired.settings.provenance = .journal }
            if seed.isOne(in: 8) { desired.settings.drift = .report }
        }
        for name in Self.names where seed.isOne(in: 2) { declareInstall(name, &seed) }
    }

    /// Changes a few things at once.
    mutating func happen(_ seed: inout Seed) {
        for _ in 0...Int.random(in: 0..<3, using: &seed) {
            switch Int.random(in: 0..<10, using: &seed) {
            case 0..<6: commitSomething(&seed)
            case 6..<9: disturb(&seed)
            default: if seed.isOne(in: 3) { loseJournal() }
            }
        }
    }

    private mutating func commitSomething(_ seed: inout Seed) {
        history.append(desired)
        let name = seed.pick(Self.names) ?? ""
        switch Int.random(in: 0..<12, using: &seed) {
        case 0, 1: declareInstall(name, &seed)
        case 2: remove(name)
        case 3:
            let version = seed.pick(Self.semvers + ["^1", "latest", "~1.0"]) ?? ""
            desired.install(name) { $0.version = version }
        case 4:
            let policy = seed.pick(DeletionPolicy.allCases) ?? .delete
            let kind = seed.pick(["Install", "Cluster", "Package"]) ?? ""
            desired.header("\(kind)/\(name)") { $0.deletionPolicy = policy }
        case 5:
            let isSuspended = seed.isOne(in: 2)
            desired.header(name) { $0.isSuspended = isSuspended }
        case 6: declarePackage(name, &seed)
        case 7:
            desired.remove("Package/\(name)")
            for semver in Self.semvers { desired.remove("PackageVersion/\(name)-\(semver)") }
        case 8:
            if desired.clusters.contains(where: { $0.header.name == name }) {
                desired.remove("Cluster/\(name)")
            } else {
                desired.clusters.append(ClusterManifest(name))
            }
        case 9:
            let replicas = Int.random(in: 1...2, using: &seed)
            desired.header(name) { $0.annotations["at"] = "\(seed.seed)" }
            if seed.isOne(in: 4) {
                desired.install(name) { $0.values = .of(["replicas": .number(JSONNumber(replicas))]) }
            }
        case 10: rename(name, &seed)
        default:
            let isAutomatic = seed.isOne(in: 2)
            desired.install(name) { $0.automaticUpdates = isAutomatic }
        }
    }

    private mutating func remove(_ name: String) {
        desired.remove(name)
        let reference = ObjectReference(name)
        for index in desired.installs.indices { desired.installs[index].dependsOn.removeAll { $0 == reference } }
    }

    private mutating func declareInstall(_ name: String, _ seed: inout Seed) {
        guard !desired.installs.contains(where: { $0.header.name == name }) else { return }
        let package = seed.pick(["a", "a", "a", "b", "b", "c"]) ?? ""
        // Only earlier names, so that no circle comes about.
        let earlier = desired.installs.map(\.header.name).filter { $0 < name }
        var install = InstallManifest(
            name, of: package, seed.pick(Self.semvers + ["^1", "latest"]) ?? "",
            dependsOn: seed.isOne(in: 3) ? earlier : [])
        if seed.isOne(in: 3) { install.cluster = desired.clusters.first.map { .name($0.header.name) } }
        desired.installs.append(install)
    }

    private mutating func declarePackage(_ name: String, _ seed: inout Seed) {
        guard !desired.packages.contains(where: { $0.header.name == name }) else { return }
        desired.packages.append(.oci(name))
        for semver in Self.semvers
        where seed.isOne(in: 2)
            && !desired.headers.keys.contains(
                ObjectReference(.packageVersion, "\(name)-\(semver)"))
        {
            desired.packageVersions.append(PackageVersionManifest(name, semver))
        }
    }

    /// The same install under another name, by its id.
    private mutating func rename(_ name: String, _ seed: inout Seed) {
        guard let id = inventory[ObjectReference(name)]?.resourceID,
            let index = desired.installs.firstIndex(where: { $0.header.name == name }),
            let other = seed.pick(Self.names), !desired.installs.contains(where: { $0.header.name == other })
        else { return }
        desired.installs[index].header.name = other
        desired.installs[index].adoptedID = id
        desired.installs[index].dependsOn = []
        for index in desired.installs.indices {
            desired.installs[index].dependsOn.removeAll { $0.name == name || $0.name >= other }
        }
    }

    private mutating func disturb(_ seed: inout Seed) {
        let install = seed.pick(installs)?.id.text ?? ""
        switch Int.random(in: 0..<8, using: &seed) {
        case 0: vanish(install)
        case 1:
            let versions = versions.filter { version in
                self.versions.first { $0.id == installs.first { $0.id.text == install }?.packageVersionID }?.packageID
                    == version.packageID
            }
            if let version = seed.pick(versions) { self.install(install) { $0.packageVersionID = version.id } }
        case 2: self.install(install) { $0.state = .known(.degraded) }
        case 3:
            if let version = seed.pick(versions) { installs.append(newInstall(version.id, product: nil, cluster: nil)) }
        case 4: foreignCluster(seed.pick(Self.names) ?? "")
        case 5: unlisted = [install]
        case 6: unreadable = seed.isOne(in: 2) ? [install] : []
        default: foreignPackage(seed.pick(Self.names) ?? "", versions: Self.semvers)
        }
    }

    /// Faults stop: everything can be read, is well, and nothing waits for a commit.
    mutating func heal() {
        (unlisted, unreadable, unsettled) = ([], [], [:])
        for index in installs.indices { installs[index].state = .known(.healthy) }
        commit { desired in
            for index in desired.installs.indices { desired.installs[index].header.isSuspended = false }
            desired.settings.drift = .correct
        }
    }
}
