package import AkuaModel

/// The calls of the platform that a reconcile makes: `AkuaClient` makes them over HTTP, the simulator in memory.
///
/// Every read that returns an optional answers nil when the platform says that the object is not there (404, or an
/// install's tombstone). Lists are complete, without duplicates, and in the platform's order; an object that a list
/// lacks is not proven gone (I10).
package protocol Platform: Sendable {
    /// What the token sees; a workspace token sees one.
    func workspaces() async throws(APIError) -> [Workspace]
    func accessState(of id: WorkspaceID) async throws(APIError) -> WorkspaceAccessState

    func regions() async throws(APIError) -> [Region]
    func clusters() async throws(APIError) -> [Cluster]
    func cluster(_ id: ClusterID) async throws(APIError) -> Cluster?

    func packages() async throws(APIError) -> [Package]
    func package(_ id: PackageID) async throws(APIError) -> Package?
    func packageVersions(of id: PackageID) async throws(APIError) -> [PackageVersion]
    func packageVersion(_ id: PackageVersionID, of package: PackageID) async throws(APIError) -> PackageVersion?

    func products() async throws(APIError) -> [Product]
    func product(_ id: ProductID) async throws(APIError) -> Product?

    func installs() async throws(APIError) -> [Install]
    func install(_ id: InstallID) async throws(APIError) -> Install?
    func status(of id: InstallID) async throws(APIError) -> InstallStatus?

    /// Sorted newest first by creation, then by the platform's order.
    func renders(of id: InstallID) async throws(APIError) -> [Render]
    func render(_ id: RenderID, of install: InstallID) async throws(APIError) -> Render?

    /// Newest first, up to and including the one called `last`; all of them when `last` is nil or never comes.
    func operations(backTo last: OperationID?) async throws(APIError) -> [Operation]
    /// Newest first.
    func operations(of owner: Operation.OwnerType, id: String) async throws(APIError) -> [Operation]
    func operation(_ id: OperationID) async throws(APIError) -> Operation?
    /// The operation once it is done, or as it stands after `seconds` (1 to 60).
    func wait(for id: OperationID, seconds: Int) async throws(APIError) -> Operation?

    func repositories() async throws(APIError) -> [Repository]

    /// Sends a write, again with the same bytes when an attempt fails in passing and the write has a key.
    func send(_ write: Write) async throws(APIError) -> WriteAnswer
}
