/// How one call of the API is addressed, and what it demands.
struct Route: Sendable {
    enum Method: String, Sendable { case get = "GET", post = "POST", patch = "PATCH", delete = "DELETE" }
    /// Whether a header may, must or need not be there.
    enum Demand: Sendable { case none, optional, required }

    var endpoint: Endpoint
    var method: Method
    /// Relative to the base, such as `/installs/{id}:update`.
    var template: String
    /// Whether it is about one workspace, which a broad token has to name.
    var isScoped = true
    var key = Demand.none
    var ifMatch = Demand.none

    init(
        _ endpoint: Endpoint, _ method: Method, _ template: String, isScoped: Bool = true, key: Demand = .none,
        ifMatch: Demand = .none
    ) {
        self.endpoint = endpoint
        self.method = method
        self.template = template
        self.isScoped = isScoped
        self.key = key
        self.ifMatch = ifMatch
    }

    var isWrite: Bool { method != .get && endpoint != .operationsWait }
}

extension Route {
    /// Every call that the emulator knows; the demands are those of the platform's documents.
    static let all: [Route] = [
        Route(.workspacesList, .get, "/workspaces", isScoped: false),
        Route(.workspacesGet, .get, "/workspaces/{id}", isScoped: false),
        Route(.workspacesGetAccessState, .get, "/workspaces/{id}/access_state", isScoped: false),

        Route(.regionsList, .get, "/regions"),
        Route(.regionsCreate, .post, "/regions"),

        Route(.clustersList, .get, "/clusters"),
        Route(.clustersCreate, .post, "/clusters", key: .optional),
        Route(.clustersGet, .get, "/clusters/{id}"),
        Route(.clustersUpdate, .patch, "/clusters/{id}", key: .optional, ifMatch: .required),
        Route(.clustersDelete, .delete, "/clusters/{id}", key: .optional, ifMatch: .required),

        Route(.packagesList, .get, "/packages"),
        Route(.packagesCreate, .post, "/packages", key: .optional),
        Route(.packagesImportPublished, .post, "/packages:import", key: .optional),
        Route(.packagesGet, .get, "/packages/{id}"),
        Route(.packagesDelete, .delete, "/packages/{id}", key: .optional, ifMatch: .required),
        Route(.packagesListVersions, .get, "/packages/{id}/versions"),
        Route(.packagesCreateVersion, .post, "/packages/{id}/versions"),
        Route(.packagesGetVersion, .get, "/packages/{id}/versions/{version_id}"),
        Route(.packagesGetVersionInputs, .get, "/packages/{id}/versions/{version_id}/inputs"),

        Route(.productsList, .get, "/products"),
        Route(.productsCreate, .post, "/products", key: .optional),
        Route(.productsGet, .get, "/products/{id}"),

        Route(.installsList, .get, "/installs"),
        Route(.installsCreate, .post, "/installs", key: .optional),
        Route(.installsGet, .get, "/installs/{id}"),
        Route(.installsDelete, .delete, "/installs/{id}", key: .optional, ifMatch: .required),
        Route(.installsUpdateVersion, .post, "/installs/{id}:update", key: .required, ifMatch: .required),
        Route(
            .installsSetAutomaticUpdates, .patch, "/installs/{id}/automatic_updates", key: .required, ifMatch: .required
        ),
        Route(.installsGetStatus, .get, "/installs/{id}/status"),
        Route(.installsListRenders, .get, "/installs/{id}/renders"),
        Route(.installsCreateRender, .post, "/installs/{id}/renders", key: .optional),
        Route(.installsGetRender, .get, "/installs/{id}/renders/{render_id}"),

        Route(.operationsList, .get, "/operations", isScoped: false),
        Route(.operationsGet, .get, "/operations/{id}"),
        Route(.operationsWait, .post, "/operations/{id}:wait", isScoped: false),
        Route(.operationsCancel, .post, "/operations/{id}:cancel", key: .optional, ifMatch: .optional),

        Route(.repositoriesList, .get, "/repositories"),
        Route(.repositoriesGet, .get, "/repositories/{id}"),
    ]
}
