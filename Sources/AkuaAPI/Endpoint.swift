import AkuaModel
import CurlTransport

/// One call of the platform: its name in the platform's documents, its method, and its path.
struct Endpoint: Hashable, Sendable {
    /// Such as `installs.updateVersion`: the `operationId` of the platform's OpenAPI document.
    let call: String
    let method: HTTPRequest.Method
    /// The path with placeholders, such as `/installs/{id}:update`: a name for metrics, the same for all objects.
    let route: String
    /// The path with ids.
    let path: String
    /// Names and values, not yet encoded.
    var query: [QueryItem] = []

    struct QueryItem: Hashable, Sendable {
        var name: String
        var value: String
    }

    /// Puts the ids into the route, in order.
    ///
    /// An ``Identifier`` can stand in a path as it is.
    private init(_ call: String, _ method: HTTPRequest.Method, _ route: String, _ ids: String...) {
        self.call = call
        self.method = method
        self.route = route
        var ids = ids[...]
        path = route.split(separator: "{", omittingEmptySubsequences: false).enumerated().map { position, part in
            position == 0 ? String(part) : (ids.popFirst() ?? "") + part.drop { $0 != "}" }.dropFirst()
        }.joined()
    }

    /// The path with the encoded query.
    var target: String {
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { "\($0.name)=\(Self.encode($0.value))" }.joined(separator: "&")
    }

    /// This call with one more item in its query.
    func with(_ name: String, _ value: String) -> Endpoint {
        var copy = self
        copy.query.append(QueryItem(name: name, value: value))
        return copy
    }

    /// RFC 3986: everything but the unreserved characters becomes `%XX`.
    private static func encode(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default: (byte < 0x10 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}

extension Endpoint {
    static let listWorkspaces = Endpoint("workspaces.list", .get, "/workspaces")
    static let listRegions = Endpoint("regions.list", .get, "/regions")
    static let listClusters = Endpoint("clusters.list", .get, "/clusters")
    static let listPackages = Endpoint("packages.list", .get, "/packages")
    static let listProducts = Endpoint("products.list", .get, "/products")
    static let listInstalls = Endpoint("installs.list", .get, "/installs")
    static let listOperations = Endpoint("operations.list", .get, "/operations")
    static let listRepositories = Endpoint("repositories.list", .get, "/repositories")

    static func getAccessState(_ id: WorkspaceID) -> Endpoint {
        Endpoint("workspaces.getAccessState", .get, "/workspaces/{id}/access_state", id.text)
    }
    static func getCluster(_ id: ClusterID) -> Endpoint { Endpoint("clusters.get", .get, "/clusters/{id}", id.text) }
    static func getPackage(_ id: PackageID) -> Endpoint { Endpoint("packages.get", .get, "/packages/{id}", id.text) }
    static func listVersions(_ id: PackageID) -> Endpoint {
        Endpoint("packages.listVersions", .get, "/packages/{id}/versions", id.text)
    }
    static func getVersion(_ id: PackageVersionID, of package: PackageID) -> Endpoint {
        Endpoint("packages.getVersion", .get, "/packages/{id}/versions/{version_id}", package.text, id.text)
    }
    static func getProduct(_ id: ProductID) -> Endpoint { Endpoint("products.get", .get, "/products/{id}", id.text) }
    static func getInstall(_ id: InstallID) -> Endpoint { Endpoint("installs.get", .get, "/installs/{id}", id.text) }
    static func getInstallStatus(_ id: InstallID) -> Endpoint {
        Endpoint("installs.getStatus", .get, "/installs/{id}/status", id.text)
    }
    static func listRenders(_ id: InstallID) -> Endpoint {
        Endpoint("installs.listRenders", .get, "/installs/{id}/renders", id.text)
    }
    static func getRender(_ id: RenderID, of install: InstallID) -> Endpoint {
        Endpoint("installs.getRender", .get, "/installs/{id}/renders/{render_id}", install.text, id.text)
    }
    static func getOperation(_ id: OperationID) -> Endpoint {
        Endpoint("operations.get", .get, "/operations/{id}", id.text)
    }
    static func waitForOperation(_ id: OperationID) -> Endpoint {
        Endpoint("operations.wait", .post, "/operations/{id}:wait", id.text)
    }

    init(_ call: Write.Call) {
        self =
            switch call {
            case .importPackage: Endpoint("packages.importPublished", .post, "/packages:import")
            case .createPackage: Endpoint("packages.create", .post, "/packages")
            case .createPackageVersion(let id):
                Endpoint("packages.createVersion", .post, "/packages/{id}/versions", id.text)
            case .deletePackage(let id): Endpoint("packages.delete", .delete, "/packages/{id}", id.text)
            case .createCluster: Endpoint("clusters.create", .post, "/clusters")
            case .updateCluster(let id): Endpoint("clusters.update", .patch, "/clusters/{id}", id.text)
            case .deleteCluster(let id): Endpoint("clusters.delete", .delete, "/clusters/{id}", id.text)
            case .createInstall: Endpoint("installs.create", .post, "/installs")
            case .updateInstall(let id): Endpoint("installs.updateVersion", .post, "/installs/{id}:update", id.text)
            case .setAutomaticUpdates(let id):
                Endpoint("installs.setAutomaticUpdates", .patch, "/installs/{id}/automatic_updates", id.text)
            case .createRender(let id): Endpoint("installs.createRender", .post, "/installs/{id}/renders", id.text)
            case .deleteInstall(let id): Endpoint("installs.delete", .delete, "/installs/{id}", id.text)
            }
    }
}
