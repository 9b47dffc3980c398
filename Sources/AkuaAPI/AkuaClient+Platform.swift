package import AkuaModel

extension AkuaClient: Platform {
    package func workspaces() async throws(APIError) -> [Workspace] { try await list(.listWorkspaces) { _ in } }

    package func accessState(of id: WorkspaceID) async throws(APIError) -> WorkspaceAccessState {
        let call = Call(.getAccessState(id), options.timeouts)
        return try read(try await answer(to: call), call) { _ in }
    }

    package func regions() async throws(APIError) -> [Region] { try await list(.listRegions) { _ in } }

    package func clusters() async throws(APIError) -> [Cluster] { try await list(.listClusters) { _ in } }

    package func cluster(_ id: ClusterID) async throws(APIError) -> Cluster? {
        try await find(.getCluster(id)) { cluster throws(AnswerError) in try Self.require(cluster.id, is: id) }
    }

    package func packages() async throws(APIError) -> [Package] { try await list(.listPackages) { _ in } }

    package func package(_ id: PackageID) async throws(APIError) -> Package? {
        try await find(.getPackage(id)) { package throws(AnswerError) in try Self.require(package.id, is: id) }
    }

    package func packageVersions(of id: PackageID) async throws(APIError) -> [PackageVersion] {
        try await list(.listVersions(id), limits: Call.schemaLimits) { version throws(AnswerError) in
            try Self.require(version.packageID, is: id, at: "package_id")
        }
    }

    package func packageVersion(
        _ id: PackageVersionID, of package: PackageID
    ) async throws(APIError) -> PackageVersion? {
        try await find(.getVersion(id, of: package)) { version throws(AnswerError) in
            try Self.require(version.id, is: id)
            try Self.require(version.packageID, is: package, at: "package_id")
        }
    }

    package func products() async throws(APIError) -> [Product] { try await list(.listProducts) { _ in } }

    package func product(_ id: ProductID) async throws(APIError) -> Product? {
        try await find(.getProduct(id)) { product throws(AnswerError) in try Self.require(product.id, is: id) }
    }

    package func installs() async throws(APIError) -> [Install] { try await list(.listInstalls) { _ in } }

    package func install(_ id: InstallID) async throws(APIError) -> Install? {
        let install: Install? = try await find(.getInstall(id)) { install throws(AnswerError) in
            try Self.require(install.id, is: id)
        }
        return install?.isDeleted == true ? nil : install
    }

    package func status(of id: InstallID) async throws(APIError) -> InstallStatus? {
        let status: InstallStatus? = try await find(.getInstallStatus(id)) { _ in }
        return status?.state.is(.deleted) == true ? nil : status
    }

    package func renders(of id: InstallID) async throws(APIError) -> [Render] {
        let renders: [Render] = try await list(.listRenders(id)) { render throws(AnswerError) in
            try Self.require(render.installID, is: id, at: "install_id")
        }
        // Many renders share a second; the platform's order then decides.
        return renders.enumerated().sorted { left, right in
            left.element.createdAt != right.element.createdAt
                ? left.element.createdAt > right.element.createdAt : left.offset < right.offset
        }.map(\.element)
    }

    package func render(_ id: RenderID, of install: InstallID) async throws(APIError) -> Render? {
        try await find(.getRender(id, of: install)) { render throws(AnswerError) in
            try Self.require(render.id, is: id)
            try Self.require(render.installID, is: install, at: "install_id")
        }
    }

    package func operations(backTo last: OperationID?) async throws(APIError) -> [Operation] {
        guard let last else { return try await list(.listOperations) { _ in } }
        return try await list(.listOperations, upTo: { Self.isSame(last, $0.id) }, check: { _ in })
    }

    package func operations(of owner: Operation.OwnerType, id: String) async throws(APIError) -> [Operation] {
        try await list(.listOperations.with("owner_type", owner.rawValue).with("owner_id", id)) { _ in }
    }

    package func operation(_ id: OperationID) async throws(APIError) -> Operation? {
        try await find(.getOperation(id)) { operation throws(AnswerError) in try Self.require(operation.id, is: id) }
    }

    package func wait(for id: OperationID, seconds: Int) async throws(APIError) -> Operation? {
        let call = Call(waitingFor: id, seconds: min(max(seconds, 1), 60), options.timeouts)
        return try await find(call) { operation throws(AnswerError) in try Self.require(operation.id, is: id) }
    }

    package func repositories() async throws(APIError) -> [Repository] { try await list(.listRepositories) { _ in } }
}
