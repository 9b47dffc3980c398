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

    /// How many reads may be asked for at once; the API client has its own, adaptive limit on what is in flight.
    var readsMax = 256

    /// Adds the answers to what is known.
    ///
    /// A list that can't be read ends the pass; a single read that can't is known as failed.
    func meet(_ needs: Set<Need>, in observed: ObservedState) async throws(PassError) -> ObservedState {
        var observed = observed
        // Reading by id without the list would be what lists are for: the lists come first.
        let ordered = needs.sorted { $0.rank < $1.rank }
        var next = ordered.makeIterator()
        let result: Result<Void, PassError> = await withTaskGroup(of: Result<Answer, PassError>.self) { group in
            func start() {
                guard let need = next.next() else { return }
                group.addTask { await answer(need) }
            }
            for _ in 0..<max(1, readsMax) { start() }
            var failure: PassError?
            while let result = await group.next() {
                switch result {
                case .success(let answer): answer.add(to: &observed)
                case .failure(let error):
                    failure = failure ?? error
                    group.cancelAll()
                }
                if failure == nil { start() }
            }
            return failure.map(Result.failure) ?? .success(())
        }
        try result.get()
        return observed
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
            case .regions: return .success(.regions(try await platform.regions()))
            case .clusters: return .success(.clusters(try await platform.clusters()))
            case .packages: return .success(.packages(try await platform.packages()))
            case .products: return .success(.products(try await platform.products()))
            case .installs: return .success(.installs(try await platform.installs()))
            case .operations:
                let operations = try await platform.operations(backTo: operationsSeen)
                return .success(.operations(OperationFeed(operations), newest: operations.first?.id))
            case .versions(let id):
                return .success(
                    .versions(id, try await known { () throws(APIError) in try await platform.packageVersions(of: id) })
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
            case .valid(let desired, _) = try await repository.load(commit),
            let manifest = desired.installs.first(where: { $0.reference == reference })
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
