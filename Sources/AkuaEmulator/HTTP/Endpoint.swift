/// A call of the API, by its name in the OpenAPI document.
enum Endpoint: String, CaseIterable, Sendable {
    case workspacesList = "workspaces.list"
    case workspacesGet = "workspaces.get"
    case workspacesGetAccessState = "workspaces.getAccessState"
    case regionsList = "regions.list"
    case regionsCreate = "regions.create"
    case clustersList = "clusters.list"
    case clustersCreate = "clusters.create"
    case clustersGet = "clusters.get"
    case clustersUpdate = "clusters.update"
    case clustersDelete = "clusters.delete"
    case packagesList = "packages.list"
    case packagesCreate = "packages.create"
    case packagesImportPublished = "packages.importPublished"
    case packagesGet = "packages.get"
    case packagesDelete = "packages.delete"
    case packagesListVersions = "packages.listVersions"
    case packagesCreateVersion = "packages.createVersion"
    case packagesGetVersion = "packages.getVersion"
    case packagesGetVersionInputs = "packages.getVersionInputs"
    case productsList = "products.list"
    case productsCreate = "products.create"
    case productsGet = "products.get"
    case installsList = "installs.list"
    case installsCreate = "installs.create"
    case installsGet = "installs.get"
    case installsDelete = "installs.delete"
    case installsUpdateVersion = "installs.updateVersion"
    case installsSetAutomaticUpdates = "installs.setAutomaticUpdates"
    case installsGetStatus = "installs.getStatus"
    case installsListRenders = "installs.listRenders"
    case installsCreateRender = "installs.createRender"
    case installsGetRender = "installs.getRender"
    case operationsList = "operations.list"
    case operationsGet = "operations.get"
    case operationsWait = "operations.wait"
    case operationsCancel = "operations.cancel"
    case repositoriesList = "repositories.list"
    case repositoriesGet = "repositories.get"
}

extension World {
    /// Does what the call asks for, once it has been admitted.
    mutating func answer(_ endpoint: Endpoint, _ call: Call) throws(Refusal) -> Answer {
        switch endpoint {
        case .workspacesList: try listWorkspaces(call)
        case .workspacesGet: try getWorkspace(call)
        case .workspacesGetAccessState: try getAccessState(call)
        case .regionsList: try listRegions(call)
        case .regionsCreate: try createRegion(call)
        case .clustersList: try listClusters(call)
        case .clustersCreate: try createCluster(call)
        case .clustersGet: try getCluster(call)
        case .clustersUpdate: try updateCluster(call)
        case .clustersDelete: try deleteCluster(call)
        case .packagesList: try listPackages(call)
        case .packagesCreate: try createHelmPackage(call)
        case .packagesImportPublished: try importPackage(call)
        case .packagesGet: try getPackage(call)
        case .packagesDelete: try deletePackage(call)
        case .packagesListVersions: try listVersions(call)
        case .packagesCreateVersion: try createPackageVersion(call)
        case .packagesGetVersion: try getVersion(call)
        case .packagesGetVersionInputs: try getVersionInputs(call)
        case .productsList: try listProducts(call)
        case .productsCreate: try createProduct(call)
        case .productsGet: try getProduct(call)
        case .installsList: try listInstalls(call)
        case .installsCreate: try createInstall(call)
        case .installsGet: try getInstall(call)
        case .installsDelete: try deleteInstall(call)
        case .installsUpdateVersion: try updateInstallVersion(call)
        case .installsSetAutomaticUpdates: try setAutomaticUpdates(call)
        case .installsGetStatus: try getInstallStatus(call)
        case .installsListRenders: try listRenders(call)
        case .installsCreateRender: try createRender(call)
        case .installsGetRender: try getRender(call)
        case .operationsList: try listOperations(call)
        case .operationsGet: try getOperation(call)
        case .operationsWait: try getOperation(call)
        case .operationsCancel: try cancelOperation(call)
        case .repositoriesList: try listRepositories(call)
        case .repositoriesGet: try getRepository(call)
        }
    }
}
