import AkuaAPI
import AkuaModel
import JSON
import Manifests
import Planning
import Synchronization

/// Meets the planner's needs: reads exactly what it asks for, independent things side by side.
struct Observer: Sendable {
    let platform: any Platform
    let repository: any SourceRepository
    let commit: String
    /// The newest operation that an earlier pass has read; nil reads all.
    let operationsSeen: OperationID?

    /// What other sources read at the same time; nil where there are none.
    let shared: SharedLists.Reader?
    /// What earlier passes have read of versions.
    let versionLists: VersionLists
    let environment: Environment

    /// How many reads may be asked for at once; the API client has its own, adaptive limit on what is in flight.
    var readsMax = 64

    /// Adds the answers to what is known.
    ///
    /// A list that can't be read ends the pass; a single read that can't is known as failed.
    func meet(_ needs: Set<Need>, in observed: ObservedState) async throws(PassError) -> ObservedState {
        try await meet(needs, in: observed) { _ in [:] }
    }

    /// Reads what a plan of `input` will ask for, as far as that can be told before it is made: the lists side by side,
    /// and the versions of each package as soon as the packages are there.
    func meetFirstNeeds(of input: PlanningInput) async throws(PassError) -> ObservedState {
        try await meet(Planner.firstNeeds(of: input), in: input.observed) { packages in
            Planner.versionDemands(of: input, in: packages)
        }
    }

    private func meet(
        _ needs: Set<Need>, in known: ObservedState,
        _ demands: ([AkuaModel.Package]) -> [PackageID: VersionDemand]
    ) async throws(PassError) -> ObservedState {
        var observed = known
        // Reading by id without the list would be what lists are for: the lists come first.
        var ready = needs.sorted { $0.rank < $1.rank }[...]
        let result: Result<Void, PassError> = await withTaskGroup(of: Result<Answer, PassError>.self) { group in
            var begun = 0
            var failure: PassError?
            while true {
                while begun < max(1, readsMax), failure == nil, let need = ready.popFirst() {
                    begun += 1
                    group.addTask { await answer(need) }
                }
                guard let result = await group.next() else { break }
                begun -= 1
                switch result {
                case .success(let answer):
                    answer.add(to: &observed)
                    if case .packages(let packages) = answer {
                        ready += unknown(demands(packages), of: packages, &observed)
                    }
                    if case .versions(let id, .value(let versions)) = answer { keep(versions, of: id, in: observed) }
                case .failure(let error):
                    failure = failure ?? error
                    group.cancelAll()
                }
            }
            return failure.map(Result.failure) ?? .success(())
        }
        try result.get()
        return observed
    }

    /// Answers what earlier passes have read, and says what is still to be read.
    private func unknown(
        _ demands: [PackageID: VersionDemand], of packages: [AkuaModel.Package], _ observed: inout ObservedState
    ) -> [Need] {
        guard !demands.isEmpty else { return [] }
        versionLists.forget(allBut: packages.lazy.map(\.id))
        var needs: [Need] = []
        for package in packages where observed.versions[package.id] == nil {
            guard let demand = demands[package.id] else { continue }
            if let versions = versionLists.versions(of: package, for: demand, at: environment.uptime()) {
                observed.versions[package.id] = .value(versions)
            } else {
                needs.append(.versions(package.id))
            }
        }
        return needs
    }

    private func keep(_ versions: [PackageVersion], of id: PackageID, in observed: ObservedState) {
        guard let package = observed.packages?.first(where: { $0.id == id }) else { return }
        versionLists.keep(versions, of: package, at: environment.uptime())
    }

    /// One need, answered.
    private enum Answer: Sendable {
        case regions([Region])
        case clusters([Cluster])
        case packages([AkuaModel.Package])
        case products([Product])
        case installs([Install])
        case versions(PackageID, Known<[PackageVersion]>)
        case cluster(ClusterID, Known<Cluster?>)
        case package(PackageID, Known<AkuaModel.Package?>)
        case version(PackageVersionID, Known<PackageVersion?>)
        case product(ProductID, Known<Product?>)
        case install(InstallID, Known<Install?>)
        case renders(InstallID, Known<[Render]>)
        case operations(OperationFeed, newest: OperationID?)
        case commit(String, CommitRelation)
        case declaration(Need, Known<OldDeclaration?>)

        func add(to observed: inout ObservedState) {
            switch self {
            case .regions(let list): observed.regions = list
            case .clusters(let list): observed.clusters = list
            case .packages(let list): observed.packages = list
            case .products(let list): observed.products = list
            case .installs(let list): observed.installs = list
            case .versions(let id, let known): observed.versions[id] = known
            case .cluster(let id, let known): observed.clusterReads[id] = known
            case .package(let id, let known): observed.packageReads[id] = known
            case .version(let id, let known): observed.versionReads[id] = known
            case .product(let id, let known): observed.productReads[id] = known
            case .install(let id, let known): observed.installReads[id] = known
            case .renders(let id, let known): observed.renders[id] = known
            case .operations(let feed, let newest):
                observed.operations = feed
                observed.newestOperation = newest
            case .commit(let prefix, let relation): observed.commits[prefix] = relation
            case .declaration(let need, let known): observed.declarations[need] = known
            }
        }
    }

    private func answer(_ need: Need) async -> Result<Answer, PassError> {
        do {
            switch need {
            case .regions:
                return .success(.regions(try await list(need) { () throws(APIError) in try await platform.regions() }))
            case .clusters:
                return .success(
                    .clusters(try await list(need) { () throws(APIError) in try await platform.clusters() }))
            case .packages:
                return .success(
                    .packages(try await list(need) { () throws(APIError) in try await platform.packages() }))
            case .products:
                return .success(
                    .products(try await list(need) { () throws(APIError) in try await platform.products() }))
            case .installs:
                return .success(
                    .installs(try await list(need) { () throws(APIError) in try await platform.installs() }))
            case .operations:
                let operations = try await platform.operations(backTo: operationsSeen)
                return .success(.operations(OperationFeed(operations), newest: operations.first?.id))
            case .versions(let id):
                return .success(
                    .versions(
                        id,
                        try await known { () throws(APIError) in
                            try await list(need) { () throws(APIError) in try await platform.packageVersions(of: id) }
                        })
                )
            case .cluster(let id):
                return .success(.cluster(id, try await known { () throws(APIError) in try await platform.cluster(id) }))
            case .package(let id):
                return .success(.package(id, try await known { () throws(APIError) in try await platform.package(id) }))
            case .version(let id, let package):
                return .success(
                    .version(
                        id,
                        try await known { () throws(APIError) in try await platform.packageVersion(id, of: package) }))
            case .product(let id):
                return .success(.product(id, try await known { () throws(APIError) in try await platform.product(id) }))
            case .install(let id):
                return .success(.install(id, try await known { () throws(APIError) in try await platform.install(id) }))
            case .renders(let id):
                return .success(
                    .renders(id, try await known { () throws(APIError) in try await platform.renders(of: id) }))
            case .commit(let prefix):
                do {
                    return .success(.commit(prefix, try await repository.relation(of: prefix, to: commit)))
                } catch {
                    return .failure(.git(error))
                }
            case .declaration(let reference, let prefix):
                do {
                    return .success(.declaration(need, .value(try await declaration(of: reference, at: prefix))))
                } catch {
                    return .failure(.git(error))
                }
            }
        } catch {
            return .failure(.api(error))
        }
    }

    /// A list that is the same for every source of the workspace.
    private func list<Value: Sendable>(
        _ need: Need, _ read: () async throws(APIError) -> Value
    ) async throws(APIError) -> Value {
        guard let shared else { return try await read() }
        return try await shared.read(need, read)
    }

    /// A read of one object may fail without the others, also because it is not for this token; a token that is refused
    /// ends the pass.
    private func known<Value: Equatable & Sendable>(
        _ read: () async throws(APIError) -> Value
    ) async throws(APIError) -> Known<Value> {
        do {
            return .value(try await read())
        } catch {
            switch error.disposition {
            case .unauthorized where error.status == 401, .cancelled: throw error
            case .retry, .replan, .rejected, .unauthorized: return .failed(error.description)
            }
        }
    }

    private func declaration(
        of reference: ObjectReference, at prefix: String
    ) async throws(SourceError) -> OldDeclaration? {
        guard let commit = try await repository.commit(startingWith: prefix),
            case .valid(let declarations, _) = try await repository.load(commit),
            let manifest = declarations.desired.installs.first(where: { $0.reference == reference })
        else { return nil }
        // An old range can't be resolved any more as it was then: such an install counts as changed.
        var semver: String?
        if case .package(_, .exact(let exact)) = manifest.target { semver = exact }
        return OldDeclaration(
            desiredDigest: DesiredDigest.install(manifest, semver: semver),
            valuesDigest: Digest.hex(of: .object(manifest.values)))
    }
}

extension Need {
    fileprivate var rank: Int {
        switch self {
        case .installs: 0
        case .packages, .clusters, .regions, .products, .operations: 1
        case .versions: 2
        case .cluster, .package, .version, .product, .install, .renders, .commit, .declaration: 3
        }
    }
}
