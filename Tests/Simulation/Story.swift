import AkuaModel
import JSON
import Manifests

/// What people commit, and what others do to the workspace, by chance.
struct Story {
    private static let names = ["a", "b", "c", "d"]
    private static let semvers = ["1.0.0", "1.1.0", "2.0.0"]

    /// What the newest commit declares.
    private(set) var desired: DesiredState

    init(_ seed: inout Seed) {
        desired =
            Declaration().package("p", versions: Self.semvers).package("q", versions: Self.semvers).cluster("k").state
        desired.settings.prune.maxDeletePercent = seed.isOne(in: 3) ? 25 : 100
        for name in Self.names where seed.isOne(in: 2) { declare(name, &seed) }
    }

    /// Changes one to three things.
    mutating func change(_ seed: inout Seed) {
        for _ in 0...Int.random(in: 0..<3, using: &seed) { changeOne(&seed) }
    }

    /// Removes an install that is declared.
    mutating func drop(_ seed: inout Seed) {
        if let name = seed.pick(desired.installs)?.header.name { remove(name) }
    }

    private mutating func changeOne(_ seed: inout Seed) {
        guard let name = seed.pick(Self.names) else { return }
        guard let position = desired.installs.firstIndex(where: { $0.header.name == name }) else {
            return declare(name, &seed)
        }
        switch Int.random(in: 0..<6, using: &seed) {
        case 0, 1: remove(name)
        case 2, 3:
            if case .package(let package, _) = desired.installs[position].target, let semver = seed.pick(Self.semvers) {
                desired.installs[position].target = .package(package, version: .exact(semver))
            }
        case 4: desired.installs[position].automaticUpdates.toggle()
        default: desired.installs[position].header.annotations["note"] = "\(Int.random(in: 0..<4, using: &seed))"
        }
    }

    private mutating func declare(_ name: String, _ seed: inout Seed) {
        // Only earlier names, so that no circle comes about.
        let earlier = desired.installs.map(\.header.name).filter { $0 < name }
        let declared = Declaration().install(
            // What can't be changed stays the same in every life of a name.
            name, of: name == "d" ? "q" : "p", seed.pick(Self.semvers) ?? "1.0.0",
            cluster: name == "b" || name == "d" ? "k" : nil, dependsOn: seed.isOne(in: 3) ? earlier : [])
        desired.installs += declared.state.installs
        desired.installs.sort { $0.header.name < $1.header.name }
    }

    private mutating func remove(_ name: String) {
        desired.installs.removeAll { $0.header.name == name }
        for index in desired.installs.indices { desired.installs[index].dependsOn.removeAll { $0.name == name } }
    }
}

extension SimulatedPlatform.State {
    /// Somebody else's hand.
    mutating func disturb(_ seed: inout Seed) {
        let living = installs.indices.filter { !installs[$0].isDeleted && !installs[$0].isDeleting }
        guard let position = seed.pick(living) else { return }
        remember()
        switch Int.random(in: 0..<5, using: &seed) {
        case 0: _ = deleteInstall(position)
        case 1:
            let package = versions.first { $0.id == installs[position].install.packageVersionID }?.packageID
            if let version = seed.pick(versions.filter { $0.packageID == package }) {
                installs[position].pendingVersion = version.id
                marksSinceUpdate[installs[position].install.id] = nil
                _ = render(position, message: nil, version: version.id)
            }
        case 2: _ = render(position, message: "by hand", version: installs[position].install.packageVersionID)
        case 3: move(position)
        default:
            let install = newInstall(installs[position].install.packageVersionID, nil)
            installs.append(.init(install: install, region: regions[0].id, values: .null))
            _ = operation(
                "install.create", .install, install.id.text, response: ["install_id": .string(install.id.text)])
        }
    }
}
