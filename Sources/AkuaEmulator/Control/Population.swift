package import JSON

/// Many objects that are simply there, as if they had been made long ago.
package struct Population: Sendable {
    /// Nil for the first workspace.
    package var workspace: String?
    package var regions = 1
    package var clusters = 1
    package var packages = 0
    package var versionsPerPackage = 1
    /// Spread evenly over packages, versions and clusters; all healthy.
    package var installs = 0
    /// Whose installs they are; nil for the workspace's own.
    package var customerWorkspace: String?
    /// Whether each install has its create operation, with the key `seed-<number>`, and its first render.
    package var hasHistory = false
    /// Of every version.
    package var inputSchema: JSONValue = ["type": "object"]

    package init() {}

    /// The ids of what was made.
    package struct Made: Sendable, Equatable {
        package var regions: [String] = []
        package var clusters: [String] = []
        package var packages: [Package] = []
        package var installs: [String] = []

        /// A package with its versions, from the lowest up.
        package struct Package: Sendable, Equatable {
            package var id: String
            package var versions: [String]
        }
    }
}

extension Population {
    /// Reads the body of the control API's call.
    init(_ json: JSONValue) throws(Refusal) {
        self.init()
        var fields = Fields(json)
        workspace = fields.optionalText("workspace", 1...64)
        customerWorkspace = fields.optionalText("customer_workspace", 1...64)
        regions = fields.count("regions") ?? regions
        clusters = fields.count("clusters") ?? clusters
        packages = fields.count("packages") ?? packages
        versionsPerPackage = fields.count("versions_per_package") ?? versionsPerPackage
        installs = fields.count("installs") ?? installs
        hasHistory = fields.optionalFlag("history") ?? hasHistory
        inputSchema = fields.optionalObject("input_schema") ?? inputSchema
        if installs > 0, packages == 0 || versionsPerPackage == 0 || regions == 0 {
            fields.complain("need at least one region, package and version", "installs")
        }
        try fields.close()
    }
}

extension Population.Made {
    var json: JSONValue {
        func ids(_ ids: [String]) -> JSONValue { .array(ids.map(JSONValue.string)) }
        return [
            "regions": ids(regions), "clusters": ids(clusters),
            "packages": .array(packages.map { ["id": .string($0.id), "versions": ids($0.versions)] }),
            "installs": ids(installs),
        ]
    }
}

extension Fields {
    /// How many of something, up to a million.
    fileprivate mutating func count(_ name: String) -> Int? {
        guard let number = optionalNumber(name) else { return nil }
        guard let count = number.int, (0...1_000_000).contains(count) else {
            complain("must be a whole number from 0 to 1000000", name)
            return nil
        }
        return count
    }
}

extension World {
    /// Puts many objects into the world at once.
    mutating func populate(_ population: Population) throws(Refusal) -> Population.Made {
        let workspace = population.workspace ?? workspaces.all(in: .allWorkspaces).first?.id ?? ""
        guard workspaces[workspace] != nil else { throw .notFound(.workspace, workspace) }
        var made = Population.Made()
        for number in 0..<population.regions {
            made.regions.append(insertRegion(name: "region-\(number + 1)", in: workspace))
        }
        for number in 0..<(made.regions.isEmpty ? 0 : population.clusters) {
            let region = made.regions[number % made.regions.count]
            let id = insertCluster(
                name: "cluster-\(number + 1)", region: region, networkProfile: "linux_cilium", in: workspace)
            clusters.update(id) {
                $0.state = .active
                $0.isReconciling = false
            }
            made.clusters.append(id)
        }
        for number in 0..<population.packages {
            made.packages.append(makePackage(number + 1, population, in: workspace))
        }
        for number in 0..<population.installs {
            made.installs.append(makeInstall(number, population, made, in: workspace))
        }
        return made
    }

    private mutating func makePackage(
        _ number: Int, _ population: Population, in workspace: String
    ) -> Population.Made.Package {
        let name = "package-\(number)"
        func order(_ minor: Int) -> VersionOrder {
            VersionOrder(
                semver: "1.\(minor).0", ref: "sha256:" + Fingerprint.hex("\(name) \(minor)".utf8),
                inputSchema: population.inputSchema)
        }
        let package = createPackage(
            PackageOrder(
                name: name, source: .oci(reference: "oci://registry.example.com/seed/\(name)"), first: order(0)),
            in: workspace)
        var versions = [package.latestVersion]
        for minor in 1..<max(1, population.versionsPerPackage) {
            versions.append(createVersion(order(minor), of: package))
        }
        return .init(id: package.id, versions: versions)
    }

    private mutating func makeInstall(
        _ number: Int, _ population: Population, _ made: Population.Made, in workspace: String
    ) -> String {
        let package = made.packages[number % made.packages.count]
        let version = package.versions[number / made.packages.count % package.versions.count]
        let cluster = made.clusters.isEmpty ? nil : made.clusters[number % made.clusters.count]
        let order = InstallOrder(
            customerWorkspace: population.customerWorkspace,
            region: cluster.flatMap { clusters[$0]?.region } ?? made.regions[0], cluster: cluster,
            package: package.id, version: version, initialValues: ["replicas": .number(JSONNumber(number % 5 + 1))],
            idempotencyKey: "seed-\(number + 1)")
        let id = insertInstall(order, in: workspace)
        let commit = newHex(40)
        installs.update(id) {
            $0.state = .healthy
            $0.isReconciling = false
            $0.deployedCommit = commit
            $0.runningCommit = commit
        }
        if population.hasHistory { makeHistory(of: id, order, commit: commit) }
        return id
    }

    /// The operation and the render that an install was once made by.
    private mutating func makeHistory(of id: String, _ order: InstallOrder, commit: String) {
        guard let install = installs[id] else { return }
        let operation = newOperation(installCreation(of: id, order, in: install.workspace))
        let render = newID(.render)
        renders.insert(
            RenderRecord(
                id: render, serial: tick(), workspace: install.workspace, install: id, version: install.version,
                hash: Fingerprint.hex(commit.utf8), commit: commit, state: .deployed, annotations: [:],
                mayBeSkipped: false, createdAt: now, updatedAt: now))
        let (now, response) = (now, operations[operation].map(installResponse))
        operations.update(operation) {
            $0.outcome = .init(state: .succeeded, response: response)
            $0.state = .succeeded
            $0.completedAt = now
            $0.currentStep = $0.steps.count
            for position in $0.steps.indices {
                $0.steps[position].status = .completed
                $0.steps[position].startedAt = now
                $0.steps[position].completedAt = now
            }
        }
    }
}
