import JSON

/// What somebody else does to the workspace, past the API: each moves the etag of what it changes.
package enum Drift: Sendable, Equatable {
    /// The install runs another version of its package from now on.
    case installVersion(install: String, version: String)
    /// `degraded`, `failed`, `healthy` and so on.
    case installState(install: String, state: String, isReconciling: Bool)
    case automaticUpdates(install: String, isOn: Bool)
    case installDeleted(String)
    case clusterRenamed(String, name: String)
    /// `suspended`, `active` and so on.
    case clusterState(String, state: String)
    case clusterDeleted(String)
    /// With all its versions, whatever refers to them.
    case packageDeleted(String)
    /// Nothing but the etag changes, of an install, a cluster, a package or a product.
    case touched(String)
    /// `active`, `restricted`, `suspended` and so on.
    case workspaceAccess(String, state: String)
}

extension Drift {
    /// Reads one change of the control API.
    init(_ json: JSONValue) throws(Refusal) {
        var fields = Fields(json)
        let words = [
            "install_version", "install_state", "automatic_updates", "install_deleted", "cluster_renamed",
            "cluster_state", "cluster_deleted", "package_deleted", "touched", "workspace_access",
        ]
        let change = fields.word("change", of: words, isRequired: true)
        let id = fields.text("id", 1...64)
        switch change {
        case "install_version": self = .installVersion(install: id, version: fields.text("package_version_id", 1...64))
        case "install_state":
            let isBusy = fields.optionalFlag("reconciling") ?? false
            self = .installState(install: id, state: fields.text("state", 1...64), isReconciling: isBusy)
        case "automatic_updates": self = .automaticUpdates(install: id, isOn: fields.flag("enabled"))
        case "install_deleted": self = .installDeleted(id)
        case "cluster_renamed": self = .clusterRenamed(id, name: fields.text("name", 1...100))
        case "cluster_state": self = .clusterState(id, state: fields.text("state", 1...64))
        case "cluster_deleted": self = .clusterDeleted(id)
        case "package_deleted": self = .packageDeleted(id)
        case "workspace_access": self = .workspaceAccess(id, state: fields.text("state", 1...64))
        default: self = .touched(id)
        }
        try fields.close()
    }
}

extension World {
    /// Lets a change happen.
    mutating func apply(_ drift: Drift) throws(Refusal) {
        switch drift {
        case .installVersion(let id, let version):
            try require(installs, id)
            try require(versions, version)
            change(\.installs, id) { $0.version = version }
        case .installState(let id, let word, let isBusy):
            try require(installs, id)
            let state = try Self.state(word, of: InstallRecord.State.self)
            change(\.installs, id) {
                $0.state = state
                $0.isReconciling = isBusy
                $0.settlesAt = nil
            }
        case .automaticUpdates(let id, let isOn):
            try require(installs, id)
            change(\.installs, id) { $0.hasAutomaticUpdates = isOn }
        case .installDeleted(let id):
            try require(installs, id)
            removeInstall(id)
        case .clusterRenamed(let id, let name):
            try require(clusters, id)
            change(\.clusters, id) { $0.name = name }
        case .clusterState(let id, let word):
            try require(clusters, id)
            let state = try Self.state(word, of: ClusterRecord.State.self)
            change(\.clusters, id) { $0.state = state }
        case .clusterDeleted(let id):
            try require(clusters, id)
            clusters.remove(id)
        case .packageDeleted(let id):
            guard let package = packages[id] else { throw .notFound(.package, id) }
            removePackage(package)
        case .touched(let id): try touch(id)
        case .workspaceAccess(let id, let word):
            try require(workspaces, id)
            let access = try Self.state(word, of: WorkspaceRecord.Access.self)
            change(\.workspaces, id) {
                $0.access = access
                $0.accessVersion += 1
            }
        }
    }

    private mutating func touch(_ id: String) throws(Refusal) {
        if installs[id] != nil {
            change(\.installs, id) { _ in }
        } else if clusters[id] != nil {
            change(\.clusters, id) { _ in }
        } else if products[id] != nil {
            change(\.products, id) { _ in }
        } else {
            try require(packages, id)
            change(\.packages, id) { _ in }
        }
    }

    private func require<R: Record>(_ table: Table<R>, _ id: String) throws(Refusal) {
        guard table[id] != nil else { throw .notFound(R.kind, id) }
    }

    private static func state<Word: RawRepresentable>(
        _ word: String, of _: Word.Type
    ) throws(Refusal) -> Word where Word.RawValue == String {
        guard let state = Word(rawValue: word) else { throw .badRequest("'\(word)' is no such state.") }
        return state
    }
}
