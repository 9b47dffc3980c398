package import AkuaAPI
package import AkuaModel
import Synchronization

extension SimulatedPlatform {
    /// What one run of the daemon sees of the platform.
    package final class Connection: Platform {
        private typealias State = SimulatedPlatform.State

        private let platform: SimulatedPlatform
        private let line: Line
        private let traffic = Mutex((count: 0, isCut: false))

        init(platform: SimulatedPlatform, line: Line) {
            self.platform = platform
            self.line = line
        }

        package var callCount: Int { traffic.withLock { $0.count } }

        /// From here on nothing gets through.
        package func cut() {
            let isFirst = traffic.withLock { traffic in
                defer { traffic.isCut = true }
                return !traffic.isCut
            }
            if isFirst { line.onCut() }
        }

        private var isCut: Bool { traffic.withLock { $0.isCut } }

        /// Runs one call against the state, with whatever fault comes to it.
        private func call<Value: Sendable>(
            _ name: String, writing write: Write? = nil, _ body: (inout State) throws(APIError) -> Value
        ) async throws(APIError) -> Value {
            let (number, isCut) = traffic.withLock { traffic in
                defer { traffic.count += 1 }
                return (traffic.count, traffic.isCut)
            }
            guard !isCut else { throw lost(name, write) }
            do { try await line.travel() } catch {
                throw APIError(cause: .cancelled, call: name, mayHaveTakenEffect: false)
            }
            if let write, let objection = await line.objection(write) {
                platform.state.withLock { $0.violations.append(objection) }
            }
            guard !self.isCut else { throw lost(name, write) }
            let fault = line.fault(number, name)
            switch fault {
            case .cutBefore:
                cut()
                throw lost(name, write)
            case .loseRequest: throw lost(name, write)
            case .noConnection:
                throw APIError(cause: .unreachable("no connection"), call: name, mayHaveTakenEffect: false)
            case .refuse(let status):
                throw APIError(cause: .refused(status: status), call: name, mayHaveTakenEffect: status >= 500)
            case .delay(let milliseconds):
                if let write {
                    platform.state.withLock { $0.late.append(.init(due: $0.now + milliseconds, write: write)) }
                }
                throw lost(name, write)
            case .cutAfter, .loseAnswer, .duplicate, nil: break
            }
            let result = platform.state.withLock { state -> Result<Value, APIError> in
                if let now = line.now?() { state.goOn(to: now) }
                if state.keepsCalls { state.calls.append(name) }
                func answer() -> Result<Value, APIError> {
                    do throws(APIError) { return .success(try body(&state)) } catch { return .failure(error) }
                }
                if case .duplicate = fault, write?.idempotencyKey != nil { _ = answer() }
                return answer()
            }
            switch fault {
            case .cutAfter:
                cut()
                throw lost(name, write)
            case .loseAnswer: throw lost(name, write)
            default: break
            }
            do { try await line.travel() } catch {
                throw APIError(cause: .cancelled, call: name, mayHaveTakenEffect: write != nil)
            }
            guard !self.isCut else { throw lost(name, write) }
            return try result.get()
        }

        private func lost(_ name: String, _ write: Write?) -> APIError {
            APIError(cause: .unreachable("the connection was lost"), call: name, mayHaveTakenEffect: write != nil)
        }

        private func listed<Value>(_ values: [Value]) -> [Value] {
            line.isEmptied() ? [] : values.filter { _ in !line.omits() }
        }

        private func seen(_ install: Install?) -> Install? {
            if let install { line.sees(install.id.text, install.etag) }
            return install
        }

        package func workspaces() async throws(APIError) -> [Workspace] {
            try await call("workspaces.list") { $0.workspaces }
        }
        package func accessState(of _: WorkspaceID) async throws(APIError) -> WorkspaceAccessState {
            try await call("workspaces.getAccessState") { _ in
                WorkspaceAccessState(isAccessible: true, status: "active", reason: nil)
            }
        }
        package func regions() async throws(APIError) -> [Region] { try await call("regions.list") { $0.regions } }
        package func clusters() async throws(APIError) -> [Cluster] {
            let list = try await call("clusters.list") { [line] state in state.lists(line.staleness()).clusters }
            return listed(list)
        }
        package func cluster(_ id: ClusterID) async throws(APIError) -> Cluster? {
            let cluster = try await call("clusters.get") { state in state.clusters.first { $0.id == id } }
            if let cluster { line.sees(id.text, cluster.etag) }
            return cluster
        }
        package func packages() async throws(APIError) -> [AkuaModel.Package] {
            let list = try await call("packages.list") { [line] state in state.lists(line.staleness()).packages }
            return listed(list)
        }
        package func package(_ id: PackageID) async throws(APIError) -> AkuaModel.Package? {
            let package = try await call("packages.get") { state in state.packages.first { $0.id == id } }
            if let etag = package?.etag { line.sees(id.text, etag) }
            return package
        }
        package func packageVersions(of id: PackageID) async throws(APIError) -> [PackageVersion] {
            let list = try await call("packages.listVersions") { state in
                state.versions.filter { $0.packageID == id }.reversed()
            }
            return listed(Array(list))
        }
        package func packageVersion(
            _ id: PackageVersionID, of package: PackageID
        ) async throws(APIError) -> PackageVersion? {
            try await call("packages.getVersion") { state in
                state.versions.first { $0.id == id && $0.packageID == package }
            }
        }
        package func products() async throws(APIError) -> [Product] { try await call("products.list") { $0.products } }
        package func product(_ id: ProductID) async throws(APIError) -> Product? {
            try await call("products.get") { state in state.products.first { $0.id == id } }
        }
        package func installs() async throws(APIError) -> [Install] {
            let list = try await call("installs.list") { [line] state in
                state.lists(line.staleness()).installs.filter { !$0.isDeleted }.map(\.install)
            }
            return listed(list)
        }
        package func install(_ id: InstallID) async throws(APIError) -> Install? {
            seen(
                try await call("installs.get") { state in
                    state.installs.first { $0.install.id == id && !$0.isDeleted }?.install
                })
        }
        package func status(of _: InstallID) async throws(APIError) -> InstallStatus? { nil }
        package func renders(of id: InstallID) async throws(APIError) -> [Render] {
            try await call("installs.listRenders") { state in
                let shown = state.renders.filter { $0.installID == id }
                state.forgottenRenders.subtract(shown.map(\.id))
                return shown.reversed()
            }
        }
        package func render(_ id: RenderID, of _: InstallID) async throws(APIError) -> Render? {
            try await call("installs.getRender") { state in state.renders.first { $0.id == id } }
        }
        package func operations(backTo last: OperationID?) async throws(APIError) -> [Operation] {
            try await call("operations.list") { state in
                let newestFirst = Array(state.operations.reversed())
                guard let end = newestFirst.firstIndex(where: { $0.id == last }) else { return newestFirst }
                return Array(newestFirst[...end])
            }
        }
        package func operations(of owner: Operation.OwnerType, id: String) async throws(APIError) -> [Operation] {
            try await call("operations.list") { state in
                state.operations.reversed().filter { $0.ownerType.is(owner) && $0.ownerID == id }
            }
        }
        package func operation(_ id: OperationID) async throws(APIError) -> Operation? {
            try await call("operations.get") { state in state.operations.first { $0.id == id } }
        }
        package func wait(for id: OperationID, seconds: Int) async throws(APIError) -> Operation? {
            guard let now = line.now else {
                return try await call("operations.wait") { state in
                    state.look(at: id)
                    return state.operations.first { $0.id == id }
                }
            }
            let end = now() + seconds * 1_000
            while true {
                let (operation, due) = try await call("operations.wait") { state in
                    (state.operations.first { $0.id == id }, state.ends[id]?.due)
                }
                guard let operation, !operation.isDone, now() < end else { return operation }
                do { try await line.sleep(max(1, min(end, due ?? end) - now())) } catch {
                    throw APIError(cause: .cancelled, call: "operations.wait", mayHaveTakenEffect: false)
                }
            }
        }
        package func repositories() async throws(APIError) -> [Repository] { [] }
        package func send(_ write: Write) async throws(APIError) -> WriteAnswer {
            let answer = try await call(write.call.stored.name, writing: write) { state throws(APIError) in
                try state.perform(write)
            }
            switch answer {
            case .package(let package): if let etag = package.etag { line.sees(package.id.text, etag) }
            case .cluster(let cluster): line.sees(cluster.id.text, cluster.etag)
            case .mutation(let mutation): line.sees(mutation.lifecycle.id.text, mutation.lifecycle.etag)
            case .packageVersion, .operation, .render, .done: break
            }
            return answer
        }
    }
}
