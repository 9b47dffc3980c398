import AkuaAPI
import AkuaModel
import JSON
import Synchronization

/// An Akua in memory: the rules that the daemon relies on, without HTTP, with a fault at any call.
///
/// A `Connection` is what one run of the daemon sees of it. Cut, as when the daemon is killed, it answers nothing any more.
final class SimulatedPlatform: Sendable {
    /// What is done to one call.
    enum Fault: Sendable {
        /// The platform never sees it, and the run ends here.
        case cutBefore
        /// It takes effect, its answer is lost, and the run ends here.
        case cutAfter
        /// The platform never sees it; the run goes on.
        case loseRequest
        /// It never leaves, and the daemon knows that; the run goes on.
        case noConnection
        /// It takes effect; its answer is lost; the run goes on.
        case loseAnswer
        case refuse(status: Int)
    }

    struct InstallState: Equatable, Sendable {
        var install: Install
        var region: RegionID
        var values: JSONValue
        var automaticUpdates = true
        var pendingVersion: PackageVersionID?
        var renderInputs: String
        var isDeleted = false
    }
    struct State: Sendable {
        var counter = 0
        var seconds = 1_700_000_000
        var workspaces = [Workspace(id: WorkspaceID("ws_1").unsafelyPresent, name: "One", slug: "one")]
        var regions = [Region(id: RegionID("reg_eu").unsafelyPresent, name: "eu-central")]
        var clusters: [Cluster] = []
        var packages: [AkuaModel.Package] = []
        var versions: [PackageVersion] = []
        var products: [Product] = []
        var installs: [InstallState] = []
        var renders: [Render] = []
        var annotations: [RenderID: [String: String]] = [:]
        var operations: [Operation] = []
        var answers: [String: WriteAnswer] = [:]
        /// What operations will answer once they are done.
        var responses: [OperationID: JSONObject] = [:]
        /// Operations take this many looks before they are done.
        var looks = 1
        var remainingLooks: [OperationID: Int] = [:]
        /// Creates, updates, renders and deletes that took effect, by what they did it to.
        var effects: [String: Int] = [:]
        /// All calls so far, in order.
        var calls: [String] = []
        var etagsSent: [(String, ETag)] = []
    }

    let state = Mutex(State())

    /// A run's view; `fault` is asked before every call, with its number from 0 in this run.
    func connect(
        fault: @escaping @Sendable (Int, String) -> Fault? = { _, _ in nil }, onCut: @escaping @Sendable () -> Void = {}
    ) -> Connection {
        Connection(platform: self, fault: fault, onCut: onCut)
    }

    final class Connection: Platform {
        let platform: SimulatedPlatform
        private let fault: @Sendable (Int, String) -> Fault?
        private let onCut: @Sendable () -> Void
        private let line = Mutex((count: 0, isCut: false))

        init(
            platform: SimulatedPlatform, fault: @escaping @Sendable (Int, String) -> Fault?,
            onCut: @escaping @Sendable () -> Void
        ) {
            self.platform = platform
            self.fault = fault
            self.onCut = onCut
        }

        var callCount: Int { line.withLock { $0.count } }

        /// Runs one call against the state, with whatever fault comes to it.
        private func call<Value: Sendable>(
            _ name: String, isWrite: Bool = false, _ body: (inout State) throws(APIError) -> Value
        ) throws(APIError) -> Value {
            let (number, isCut) = line.withLock { line in
                defer { line.count += 1 }
                return (line.count, line.isCut)
            }
            guard !isCut else { throw lost(name, isWrite) }
            let fault = fault(number, name)
            switch fault {
            case .cutBefore:
                cut()
                throw lost(name, isWrite)
            case .loseRequest: throw lost(name, isWrite)
            case .noConnection:
                throw APIError(cause: .unreachable("no connection"), call: name, mayHaveTakenEffect: false)
            case .refuse(let status):
                throw APIError(cause: .refused(status: status), call: name, mayHaveTakenEffect: status >= 500)
            case .cutAfter, .loseAnswer, nil: break
            }
            let result = platform.state.withLock { state -> Result<Value, APIError> in
                state.calls.append(name)
                do throws(APIError) { return .success(try body(&state)) } catch { return .failure(error) }
            }
            switch fault {
            case .cutAfter:
                cut()
                throw lost(name, isWrite)
            case .loseAnswer: throw lost(name, isWrite)
            default: return try result.get()
            }
        }

        private func cut() {
            let isFirst = line.withLock { line in
                defer { line.isCut = true }
                return !line.isCut
            }
            if isFirst { onCut() }
        }

        private func lost(_ name: String, _ isWrite: Bool) -> APIError {
            APIError(cause: .unreachable("the connection was lost"), call: name, mayHaveTakenEffect: isWrite)
        }

        func workspaces() throws(APIError) -> [Workspace] { try call("workspaces.list") { $0.workspaces } }
        func accessState(of _: WorkspaceID) throws(APIError) -> WorkspaceAccessState {
            try call("workspaces.getAccessState") { _ in
                WorkspaceAccessState(isAccessible: true, status: "active", reason: nil)
            }
        }
        func regions() throws(APIError) -> [Region] { try call("regions.list") { $0.regions } }
        func clusters() throws(APIError) -> [Cluster] { try call("clusters.list") { $0.clusters } }
        func cluster(_ id: ClusterID) throws(APIError) -> Cluster? {
            try call("clusters.get") { state in state.clusters.first { $0.id == id } }
        }
        func packages() throws(APIError) -> [AkuaModel.Package] { try call("packages.list") { $0.packages } }
        func package(_ id: PackageID) throws(APIError) -> AkuaModel.Package? {
            try call("packages.get") { state in state.packages.first { $0.id == id } }
        }
        func packageVersions(of id: PackageID) throws(APIError) -> [PackageVersion] {
            try call("packages.listVersions") { state in state.versions.filter { $0.packageID == id }.reversed() }
        }
        func packageVersion(
            _ id: PackageVersionID, of package: PackageID
        ) throws(APIError) -> PackageVersion? {
            try call("packages.getVersion") { state in
                state.versions.first { $0.id == id && $0.packageID == package }
            }
        }
        func products() throws(APIError) -> [Product] { try call("products.list") { $0.products } }
        func product(_ id: ProductID) throws(APIError) -> Product? {
            try call("products.get") { state in state.products.first { $0.id == id } }
        }
        func installs() throws(APIError) -> [Install] {
            try call("installs.list") { state in state.installs.filter { !$0.isDeleted }.map(\.install) }
        }
        func install(_ id: InstallID) throws(APIError) -> Install? {
            try call("installs.get") { state in state.installs.first { $0.install.id == id && !$0.isDeleted }?.install }
        }
        func status(of _: InstallID) throws(APIError) -> InstallStatus? { nil }
        func renders(of id: InstallID) throws(APIError) -> [Render] {
            try call("installs.listRenders") { state in state.renders.filter { $0.installID == id }.reversed() }
        }
        func render(_ id: RenderID, of _: InstallID) throws(APIError) -> Render? {
            try call("installs.getRender") { state in state.renders.first { $0.id == id } }
        }
        func operations(backTo last: OperationID?) throws(APIError) -> [Operation] {
            try call("operations.list") { state in
                let newestFirst = Array(state.operations.reversed())
                guard let end = newestFirst.firstIndex(where: { $0.id == last }) else { return newestFirst }
                return Array(newestFirst[...end])
            }
        }
        func operations(of owner: Operation.OwnerType, id: String) throws(APIError) -> [Operation] {
            try call("operations.list") { state in
                state.operations.reversed().filter { $0.ownerType.is(owner) && $0.ownerID == id }
            }
        }
        func operation(_ id: OperationID) throws(APIError) -> Operation? {
            try call("operations.get") { state in state.operations.first { $0.id == id } }
        }
        func wait(for id: OperationID, seconds _: Int) throws(APIError) -> Operation? {
            try call("operations.wait") { state in
                state.look(at: id)
                return state.operations.first { $0.id == id }
            }
        }
        func repositories() throws(APIError) -> [Repository] { [] }
        func send(_ write: Write) throws(APIError) -> WriteAnswer {
            try call(write.call.stored.name, isWrite: true) { state throws(APIError) in try state.perform(write) }
        }
    }
}

extension Optional {
    /// For literals of the simulation whose form is known.
    fileprivate var unsafelyPresent: Wrapped {
        guard let self else { preconditionFailure("a literal of the simulation is malformed") }
        return self
    }
}

func identifier<Tag>(_ text: String, as _: Tag.Type = Tag.self) -> Identifier<Tag> {
    Identifier<Tag>(text).unsafelyPresent
}

func etag(_ number: Int) -> ETag { ETag(String(number)).unsafelyPresent }
