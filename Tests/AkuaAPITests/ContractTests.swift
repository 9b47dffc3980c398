import AkuaModel
import CurlTransport
import JSON
import Testing

@testable import AkuaAPI

/// The platform's OpenAPI document is the arbiter of names, routes and shapes.
@Suite(.enabled(if: OpenAPI.document != nil, "the platform's OpenAPI document is not at hand"))
struct ContractTests {
    private static let reads: [Endpoint] = {
        guard let workspace = WorkspaceID("ws_1"), let cluster = ClusterID("clu_1"), let package = PackageID("pkg_1"),
            let product = ProductID("prod_1"), let install = InstallID("inst_1"), let render = RenderID("rnd_1"),
            let operation = OperationID("op_1")
        else { return [] }
        return [
            .listWorkspaces, .listRegions, .listClusters, .listPackages, .listProducts, .listInstalls, .listOperations,
            .listRepositories, .getAccessState(workspace), .getCluster(cluster), .getPackage(package),
            .listVersions(package), .getProduct(product), .getInstall(install), .getInstallStatus(install),
            .listRenders(install), .getRender(render, of: install), .getOperation(operation),
            .waitForOperation(operation),
        ]
    }()

    static let endpoints = reads + WritingTests.cases.map { Endpoint($0.write.call) }

    @Test(arguments: endpoints)
    func `every call has the name, the method and the route of the document`(_ endpoint: Endpoint) throws {
        let openAPI = try #require(OpenAPI.document)
        #expect(openAPI.operationID(method: endpoint.method.rawValue, path: endpoint.route) == endpoint.call)
        #expect(!endpoint.path.contains("{"))
    }

    @Test(arguments: [
        ("get", "/workspaces/{id}/access_state", "200", Sample.accessState),
        ("get", "/clusters/{id}", "200", Sample.cluster),
        ("get", "/packages/{id}", "200", Sample.package), ("get", "/products/{id}", "200", Sample.product),
        ("get", "/installs/{id}", "200", Sample.install), ("get", "/installs/{id}/status", "200", Sample.status),
        ("get", "/installs/{id}/renders/{render_id}", "200", Sample.render),
        ("get", "/operations/{id}", "200", Sample.operation), ("post", "/installs/{id}:update", "202", Sample.mutation),
        ("get", "/workspaces", "200", Sample.page([Sample.workspace])),
        ("get", "/regions", "200", Sample.page([Sample.region])),
        ("get", "/packages/{id}/versions", "200", Sample.page([Sample.version], next: "x")),
        ("get", "/repositories", "200", Sample.page([Sample.repository])),
    ])
    func `the samples of these tests are what the document shows`(
        _ method: String, _ path: String, _ status: String, _ sample: JSONValue
    ) throws {
        let openAPI = try #require(OpenAPI.document)
        #expect(openAPI.problems(ofResponse: sample, status: status, method: method, path: path) == [])
    }
}
