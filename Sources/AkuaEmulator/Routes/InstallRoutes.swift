import JSON

extension World {
    mutating func listInstalls(_ call: Call) throws(Refusal) -> Answer {
        let showsDeleted = switches.deletedInstalls == .listed
        let product = call.query["product_id"].map { whole(.product, $0) }
        let workspace = call.workspace
        let listing = Listing<InstallRecord>(
            key: ListKey(.install, of: product ?? workspace), newestFirst: product != nil
        ) { (product == nil || $0.workspace == workspace) && ($0.isLive || showsDeleted) }
        return try page(\.installs, listing, of: call)
    }

    mutating func getInstall(_ call: Call) throws(Refusal) -> Answer { show(\.installs, try install(call).id) }

    mutating func getInstallStatus(_ call: Call) throws(Refusal) -> Answer {
        Answer(status: 200, body: JSONWriter().bytes(of: try install(call).status(style)))
    }

    /// The install of the path; a deleted one only where the switch shows tombstones.
    private func install(_ call: Call) throws(Refusal) -> InstallRecord {
        let install = try find(installs, call.id(), for: call)
        guard install.isLive || switches.deletedInstalls != .notFound else { throw .notFound(.install, call.id()) }
        return install
    }

    /// The install of the path, to be changed: it lives, is not going, and has the etag that was read.
    private func changeable(_ call: Call) throws(Refusal) -> InstallRecord {
        let install = try find(installs, call.id(), for: call)
        guard install.isLive else { throw .notFound(.install, call.id()) }
        try checkETag(of: install, for: call)
        guard !install.isDeleting else { throw .conflict("The install is being deleted.") }
        return install
    }

    mutating func createInstall(_ call: Call) throws(Refusal) -> Answer {
        let body = try read(call, InstallBody.init)
        let region = try referred(regions, body.region, by: "region_id", for: call)
        let (package, version, product) = try installable(body, call)
        var cluster: ClusterRecord?
        if let id = body.cluster {
            let found = try referred(clusters, id, by: "cluster_id", for: call)
            guard found.state != .deleting, found.state != .suspended else {
                throw .conflict("The cluster is \(found.state.rawValue).")
            }
            cluster = found
        }
        let made = createInstall(
            InstallOrder(
                region: region.id, cluster: cluster?.id, product: product, package: package, version: version,
                initialValues: body.values, idempotencyKey: call.idempotencyKey ?? newHex(32)), in: call.workspace)
        return showOperation(
            made.operation, effects: [.init(kind: .install, id: made.install, change: "created")])
    }

    /// What is to be installed, of either form of the body.
    private func installable(
        _ body: InstallBody, _ call: Call
    ) throws(Refusal) -> (package: String, version: String, product: String?) {
        let (package, semver): (String, String?)
        var product: ProductRecord?
        switch body.subject {
        case .product(let id):
            let found = try referred(products, id, by: "product_id", for: call)
            guard !found.isArchived else { throw .conflict("The product is archived.") }
            product = found
            (package, semver) = (found.package, found.pinnedSemver)
        case .package(let id, let pin):
            package = try referred(packages, id, by: "package_id", for: call).id
            semver = pin.semver
        }
        guard let version = pinnedVersion(semver, of: package) else {
            throw .unprocessable(
                "The package has no version \(semver ?? "yet").", at: ["body", "package_version_pin", "version"])
        }
        return (package, version.id, product?.id)
    }

    mutating func deleteInstall(_ call: Call) throws(Refusal) -> Answer {
        let install = try changeable(call)
        let operation = deleteInstall(install)
        return showOperation(operation, effects: [.init(kind: .install, id: install.id, change: "deleted")])
    }

    /// The version moves once the render that this starts has deployed.
    mutating func updateInstallVersion(_ call: Call) throws(Refusal) -> Answer {
        let id = try read(call) { $0.text("package_version_id", 1...55) }
        let install = try changeable(call)
        try checkIdle(install)
        let version = try referred(versions, id, by: "package_version_id", for: call)
        guard version.package == install.package else {
            throw .unprocessable(
                "The version belongs to another package than the install.", at: ["body", "package_version_id"])
        }
        guard install.version != version.id || install.desiredVersion != nil else {
            return mutation(of: install.id, status: 202, effects: [])
        }
        change(\.installs, install.id) { $0.desiredVersion = version.id == install.version ? nil : version.id }
        let render = startRender(of: install, RenderOrder(version: version.id))
        return mutation(of: install.id, render: render, status: 202, effects: [changed(install)])
    }

    /// What it is set to is in no read.
    mutating func setAutomaticUpdates(_ call: Call) throws(Refusal) -> Answer {
        let isOn = try read(call) { $0.flag("automatic_updates_enabled") }
        let install = try changeable(call)
        change(\.installs, install.id) { $0.hasAutomaticUpdates = isOn }
        guard isOn, let latest = latestVersion(of: install.package)?.id, latest != install.version else {
            return mutation(of: install.id, status: 200, effects: [changed(install)])
        }
        change(\.installs, install.id) { $0.desiredVersion = latest }
        let render = startRender(of: install, RenderOrder(version: latest))
        return mutation(of: install.id, render: render, status: 200, effects: [changed(install)])
    }

    /// Throws when the install is busy and such installs refuse writes.
    private func checkIdle(_ install: InstallRecord) throws(Refusal) {
        if switches.busyInstall == .conflict, install.renderOperation != nil {
            throw .conflict("The install is busy with another render.")
        }
    }

    /// The answer to a change of version or of automatic updates.
    private mutating func mutation(
        of id: String, render: (render: String, operation: String)? = nil, status: Int, effects: [Answer.Effect]
    ) -> Answer {
        guard let install = installs[id] else { return Answer(status: status) }
        let state: JSONValue = [
            "id": style.id(id),
            "current_version": install.deployedCommit == nil ? nil : versions[install.version]?.summary(style) ?? .null,
            "desired_version": install.desiredVersion.flatMap { versions[$0]?.summary(style) } ?? .null,
            "automatic_updates_enabled": .bool(install.hasAutomaticUpdates),
            "updated_at": style.time(install.updatedAt), "etag": style.etag(install.revision),
        ]
        let shown = render.flatMap { renders[$0.render] }?.wire(style) ?? .null
        return Answer(
            status: status, body: JSONWriter().bytes(of: ["install": state, "render": shown]),
            effects: effects + (render.map(started) ?? []))
    }

    private func changed(_ install: InstallRecord) -> Answer.Effect {
        .init(kind: .install, id: install.id, change: "changed")
    }

    private func started(_ render: (render: String, operation: String)) -> [Answer.Effect] {
        [
            .init(kind: .render, id: render.render, change: "created"),
            .init(kind: .operation, id: render.operation, change: "started"),
        ]
    }
}

extension World {
    mutating func listRenders(_ call: Call) throws(Refusal) -> Answer {
        let install = try install(call)
        return try page(\.renders, Listing(key: ListKey(.render, of: install.id), newestFirst: true), of: call)
    }

    mutating func getRender(_ call: Call) throws(Refusal) -> Answer {
        let install = try install(call)
        let render = try find(renders, call.id("render_id"), for: call)
        guard render.install == install.id else { throw .notFound(.render, call.id("render_id")) }
        return show(\.renders, render.id)
    }

    /// Takes no etag: a render changes nothing that was asked for.
    mutating func createRender(_ call: Call) throws(Refusal) -> Answer {
        let body = try read(call) {
            (
                message: $0.optionalText("message", 0...255),
                skips: $0.optionalFlag("skip_unchanged", isNullable: true),
                annotations: $0.optionalTexts("extra_annotations")
            )
        }
        let install = try find(installs, call.id(), for: call)
        guard install.isLive else { throw .notFound(.install, call.id()) }
        guard !install.isDeleting else { throw .conflict("The install is being deleted.") }
        try checkIdle(install)
        let made = startRender(
            of: install,
            RenderOrder(
                version: install.desiredVersion ?? install.version, message: body.message,
                annotations: body.annotations, mayBeSkipped: body.skips ?? true))
        return show(
            \.renders, made.render, status: 201, effects: started(made), replay: .render(made.render))
    }
}

/// The body of an install create, of either form.
private struct InstallBody {
    enum Subject {
        case product(String)
        case package(String, Pin)
    }

    var subject: Subject
    var region: String
    var cluster: String?
    var values: JSONValue

    init(_ body: inout Fields) {
        if body.has("product_id") {
            subject = .product(body.text("product_id", 1...55))
        } else {
            subject = .package(
                body.text("package_id", 1...54), body.nested("package_version_pin", Pin.init) ?? .latest)
        }
        region = body.text("region_id", 1...54)
        cluster = body.optionalText("cluster_id", 1...54)
        values = body.optionalObject("initial_values") ?? [:]
    }
}
