import JSON

extension World {
    mutating func listPackages(_ call: Call) throws(Refusal) -> Answer {
        let isFull = try call.query.word("view", of: ["basic", "full"]) == "full"
        return try page(
            \.packages,
            Listing(
                key: ListKey(.package, of: call.workspace), filter: String(isFull),
                wire: isFull ? { $0.fullWire($1) } : nil), of: call)
    }

    mutating func getPackage(_ call: Call) throws(Refusal) -> Answer {
        let package = try find(packages, call.id(), for: call)
        guard try call.query.word("view", of: ["basic", "full"]) == "full" else { return show(\.packages, package.id) }
        return Answer(status: 200, body: JSONWriter().bytes(of: package.fullWire(style)))
    }

    /// Registers a published artifact together with its first version; the same artifact may come in twice.
    mutating func importPackage(_ call: Call) throws(Refusal) -> Answer {
        let body = try read(call) {
            (
                name: $0.text("name", 1...120),
                description: $0.optionalText("description", 0...1_000, isNullable: true),
                imageURL: $0.optionalText("display_image_url", 0...2_048),
                ociRef: $0.text("oci_ref", 1...2_048) { $0.hasPrefix("oci://") },
                version: $0.nested("version", VersionOrder.init) ?? VersionOrder.none
            )
        }
        guard call.scope.token.importsPackages else {
            throw .forbidden("This token lacks the right to import published packages.")
        }
        try verify(body.version, of: body.ociRef, at: ["body", "version"])
        let package = createPackage(
            PackageOrder(
                name: body.name, description: body.description, imageURL: body.imageURL,
                source: .oci(reference: PackageRecord.untagged(body.ociRef)), first: body.version),
            in: call.workspace)
        return show(
            \.packages, package.id, status: 201,
            effects: [
                .init(kind: .package, id: package.id, change: "created"),
                .init(kind: .version, id: package.latestVersion, change: "created"),
            ], replay: .package(package.id))
    }

    /// Makes a package of a chart, which takes its time.
    mutating func createHelmPackage(_ call: Call) throws(Refusal) -> Answer {
        let name = try read(call) { body in
            let name = body.text("name", 1...120)
            _ = body.optionalText("display_image_url", 0...2_048)
            body.nestedOnly("sources") { source in
                _ = source.word("kind", of: ["helm"], isRequired: true)
                _ = source.text("repo_url", 1...2_048) { $0.hasPrefix("oci://") }
                _ = source.optionalText("chart", 0...255)
                _ = source.text("target_revision", 1...256)
                _ = source.optionalText("path", 0...2_048)
                _ = source.optionalObject("values")
            }
            return name
        }
        let package = newID(.package)
        let operation = newOperation(
            OperationOrder(
                job: .packageCreate, workspace: call.workspace, ownerType: .package, ownerID: package,
                isCreation: true,
                metadata: [
                    "idempotency_key": .string(call.idempotencyKey ?? newHex(32)),
                    "workspace_id": .string(call.workspace), "name": .string(name),
                ], request: call.body,
                steps: [
                    .init(name: "Pull the chart", duration: timing.packaging / 3),
                    .init(name: "Compose the package", duration: timing.packaging / 3),
                    .init(name: "Publish the version", duration: timing.packaging / 3),
                ]))
        begin(operation)
        return showOperation(operation, effects: [.init(kind: .package, id: package, change: "created")])
    }

    /// Goes together with all its versions, when nothing refers to any of them.
    mutating func deletePackage(_ call: Call) throws(Refusal) -> Answer {
        let package = try find(packages, call.id(), for: call)
        try checkETag(of: package, for: call)
        let products = products.all(in: ListKey(.product, of: call.workspace)).count { $0.package == package.id }
        let installs = installs.all(in: ListKey(.install, of: package.id)).count { $0.isLive }
        guard products == 0, installs == 0 else {
            throw .conflict("The package is referenced by \(products) products and \(installs) installs.")
        }
        removePackage(package)
        return Answer(status: 204, effects: [.init(kind: .package, id: package.id, change: "deleted")])
    }
}

extension World {
    mutating func listVersions(_ call: Call) throws(Refusal) -> Answer {
        let package = try find(packages, call.id(), for: call)
        return try page(\.versions, Listing(key: ListKey(.version, of: package.id), newestFirst: true), of: call)
    }

    mutating func getVersion(_ call: Call) throws(Refusal) -> Answer { show(\.versions, try version(call).id) }

    mutating func getVersionInputs(_ call: Call) throws(Refusal) -> Answer {
        Answer(status: 200, body: JSONWriter().bytes(of: try version(call).inputSchema))
    }

    private func version(_ call: Call) throws(Refusal) -> VersionRecord {
        let package = try find(packages, call.id(), for: call)
        let version = try find(versions, call.id("version_id"), for: call)
        guard version.package == package.id else { throw .notFound(.version, call.id("version_id")) }
        return version
    }

    /// The one create without a key: what keeps it from happening twice is that a semver exists once.
    mutating func createPackageVersion(_ call: Call) throws(Refusal) -> Answer {
        let order = try read(call) { VersionOrder(&$0) }
        let package = try find(packages, call.id(), for: call)
        guard call.scope.token.importsPackages else {
            throw .forbidden("This token lacks the right to import published packages.")
        }
        guard case .oci(let reference) = package.source else {
            throw .unprocessable("Versions of a hosted package come from its own workflow.")
        }
        guard pinnedVersion(order.semver, of: package.id) == nil else {
            throw .conflict("The package has a version \(order.semver) already.")
        }
        try verify(order, of: reference, at: ["body"])
        let id = createVersion(order, of: package)
        return show(
            \.versions, id, status: 201,
            effects: [
                .init(kind: .version, id: id, change: "created"),
                .init(kind: .package, id: package.id, change: "changed"),
            ])
    }

    /// Compares what is said of an artifact with what the registry holds.
    private mutating func verify(_ order: VersionOrder, of ociRef: String, at path: [String]) throws(Refusal) {
        let name = ArtifactRecord.name(ociRef: ociRef, ref: order.ref)
        if let artifact = artifacts[name] {
            guard artifact.inputSchema == order.inputSchema else {
                throw .unprocessable(
                    "The artifact's input schema is another one than supplied.", at: path + ["input_schema"])
            }
        } else if switches.registry == .strict {
            throw .unprocessable("The registry holds no such artifact.", at: path + ["ref"])
        } else {
            register(ociRef: ociRef, ref: order.ref, inputSchema: order.inputSchema)
        }
    }

    /// Notes what the registry holds.
    mutating func register(ociRef: String, ref: String, inputSchema: JSONValue) {
        let name = ArtifactRecord.name(ociRef: ociRef, ref: ref)
        artifacts.remove(name)
        artifacts.insert(ArtifactRecord(id: name, serial: tick(), inputSchema: inputSchema))
    }
}

extension VersionOrder {
    /// Stands for one that could not be read.
    static let none = VersionOrder(semver: "", ref: "", inputSchema: [:])

    /// Reads the body of a version create, which is also a part of an import.
    init(_ body: inout Fields) {
        semver = body.text("semver", 1...128) { SemanticVersion($0) != nil }
        ref = body.text("ref", 1...512)
        inputSchema = body.anyObject("input_schema")
        compatibility = body.optionalObject("compatibility")
        guard let value = compatibility else { return }
        let path = { (problem: String) in "has no valid \(problem)" }
        if value["clusterTypes"]?.array?.allSatisfy({ $0.string != nil }) != true {
            body.complain(path("clusterTypes"), "compatibility")
        }
        if value["kubernetes"]?.object == nil { body.complain(path("kubernetes"), "compatibility") }
        for member in ["providers", "regions"] {
            let placed = value["placement"]?[member]
            if placed != "any", placed?.array?.allSatisfy({ $0.string != nil }) != true {
                body.complain(path("placement.\(member)"), "compatibility")
            }
        }
        if let kaas = value["kaas"] {
            let profile = kaas["networkProfile"]?.string
            if !["linux_cilium", "mixed_os_calico"].contains(profile) { body.complain(path("kaas"), "compatibility") }
        }
    }
}
