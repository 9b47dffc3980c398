package import AkuaAPI
package import AkuaModel
import JSON

/// What the simulated platform does with a write; the rules of the real one that a reconcile depends on.
extension SimulatedPlatform.State {
    package mutating func next(_ prefix: String) -> String {
        counter += 1
        if case .looks = pace { now += 1_000 }
        return "\(prefix)_\(counter)"
    }

    private func refusal(_ status: Int, _ call: String, _ message: String) -> APIError {
        var error = APIError(cause: .refused(status: status), call: call, mayHaveTakenEffect: false)
        error.messages = [message]
        return error
    }

    package mutating func count(_ what: String) { effects[what, default: 0] += 1 }

    /// Does what a write asks for, once for each key.
    package mutating func perform(_ write: Write) throws(APIError) -> WriteAnswer {
        let name = write.call.stored.name
        if let key = write.idempotencyKey, let known = answers["\(name) \(key)"], known.at + keyMemory > now {
            let answer = refreshed(known.answer)
            // Who sends it again knows of it from now on.
            if case .render(let render) = answer { forgottenRenders.remove(render.id) }
            return answer
        }
        remember()
        let body = (try? JSONReader.read(write.body ?? Array("{}".utf8))) ?? .null
        if let etag = write.ifMatch, keepsCalls { etagsSent.append((write.call.stored.resourceID ?? "", etag)) }
        let answer = try effect(of: write, body)
        if let key = write.idempotencyKey { answers["\(name) \(key)"] = (answer, now) }
        return answer
    }

    /// A replay answers with the original object as it is now.
    private func refreshed(_ answer: WriteAnswer) -> WriteAnswer {
        switch answer {
        case .operation(let operation): .operation(operations.first { $0.id == operation.id } ?? operation)
        case .render(let render): .render(renders.first { $0.id == render.id } ?? render)
        default: answer
        }
    }

    private mutating func effect(of write: Write, _ body: JSONValue) throws(APIError) -> WriteAnswer {
        let name = write.call.stored.name
        switch write.call {
        case .importPackage: return .package(importPackage(body))
        case .createPackage: throw refusal(422, name, "not simulated")
        case .createPackageVersion(let id):
            let semver = body["semver"]?.string ?? ""
            guard !versions.contains(where: { $0.packageID == id && $0.semver == semver }) else {
                throw refusal(409, name, "exists")
            }
            return .packageVersion(publish(body, id))
        case .deletePackage(let id):
            guard let package = packages.first(where: { $0.id == id }) else { throw refusal(404, name, "gone") }
            guard package.etag == write.ifMatch else { throw refusal(409, name, "ABORTED") }
            let own = Set(versions.filter { $0.packageID == id }.map(\.id))
            guard !installs.contains(where: { own.contains($0.install.packageVersionID) && !$0.isDeleted }) else {
                throw refusal(409, name, "in use")
            }
            packages.removeAll { $0.id == id }
            versions.removeAll { $0.packageID == id }
            count("delete \(package.name)")
            return .done
        case .createCluster: return .operation(createCluster(body))
        case .updateCluster(let id):
            guard let position = clusters.firstIndex(where: { $0.id == id }) else { throw refusal(404, name, "gone") }
            guard clusters[position].etag == write.ifMatch else { throw refusal(409, name, "ABORTED") }
            if let new = body["name"]?.string { clusters[position].name = new }
            clusters[position].etag = etag(Int(next("etag").dropFirst(5)) ?? 0)
            count("update \(id)")
            return .cluster(clusters[position])
        case .deleteCluster(let id):
            guard let cluster = clusters.first(where: { $0.id == id }) else { throw refusal(404, name, "gone") }
            guard cluster.etag == write.ifMatch else { throw refusal(409, name, "ABORTED") }
            guard !installs.contains(where: { $0.install.clusterID == id && !$0.isDeleted }) else {
                throw refusal(409, name, "in use")
            }
            clusters.removeAll { $0.id == id }
            count("delete \(cluster.name)")
            return .operation(
                operation("cluster.delete", .cluster, id.text, response: ["cluster_id": .string(id.text)]))
        case .createInstall: return .operation(createInstall(body, write))
        case .updateInstall(let id):
            let position = try install(id, write)
            let version: PackageVersionID = identifier(body["package_version_id"]?.string ?? "")
            installs[position].pendingVersion = version
            marksSinceUpdate[id] = nil
            count("update \(id)")
            return .mutation(mutation(position, render: render(position, message: nil, version: version)))
        case .setAutomaticUpdates(let id):
            let position = try install(id, write)
            installs[position].automaticUpdates = body["automatic_updates_enabled"]?.bool ?? true
            move(position)
            return .mutation(mutation(position, render: nil))
        case .createRender(let id):
            guard let position = installs.firstIndex(where: { $0.install.id == id && !$0.isDeleted && !$0.isDeleting })
            else {
                throw refusal(404, name, "gone")
            }
            checkRender(position, body["message"]?.string ?? "")
            let render = render(
                position, message: body["message"]?.string, version: installs[position].install.packageVersionID)
            var annotations: [String: String] = [:]
            for member in body["extra_annotations"]?.object ?? JSONObject() {
                annotations[member.name] = member.value.string
            }
            self.annotations[render.id] = annotations
            count("render \(id)")
            return .render(render)
        case .deleteInstall(let id):
            let position = try install(id, write)
            count("delete \(id)")
            return .operation(deleteInstall(position))
        }
    }

    private func install(_ id: InstallID, _ write: Write) throws(APIError) -> Int {
        guard let position = installs.firstIndex(where: { $0.install.id == id && !$0.isDeleted }) else {
            throw refusal(404, write.call.stored.name, "gone")
        }
        guard installs[position].install.etag == write.ifMatch, !installs[position].isDeleting else {
            throw refusal(409, write.call.stored.name, "ABORTED")
        }
        return position
    }

    package mutating func move(_ position: Int) {
        installs[position].install.etag = etag(Int(next("etag").dropFirst(5)) ?? 0)
    }

    private mutating func importPackage(_ body: JSONValue) -> AkuaModel.Package {
        let id: PackageID = identifier(next("pkg"))
        let version = publish(body["version"] ?? .null, id)
        let package = AkuaModel.Package(
            id: id, workspaceID: workspaces[0].id, name: body["name"]?.string ?? "", latestVersionID: version.id,
            description: body["description"]?.string, source: .oci(reference: body["oci_ref"]?.string ?? ""),
            etag: etag(counter), createdAt: Timestamp(seconds: now / 1_000))
        packages.append(package)
        count("create \(package.name)")
        return package
    }

    private mutating func publish(_ body: JSONValue, _ package: PackageID) -> PackageVersion {
        let version = PackageVersion(
            id: identifier(next("pver")), packageID: package, semver: body["semver"]?.string ?? "",
            ref: body["ref"]?.string ?? "", inputSchema: body["input_schema"] ?? .null)
        versions.append(version)
        count("publish \(package) \(version.semver)")
        return version
    }

    private mutating func createCluster(_ body: JSONValue) -> Operation {
        let cluster = Cluster(
            id: identifier(next("clu")), name: body["name"]?.string ?? "", workspaceID: workspaces[0].id,
            state: .known(.active), isReconciling: false, etag: etag(counter))
        clusters.append(cluster)
        count("create \(cluster.name)")
        return operation(
            "cluster.create", .cluster, cluster.id.text, named: cluster.name,
            response: ["cluster_id": .string(cluster.id.text)])
    }

    private mutating func createInstall(_ body: JSONValue, _ write: Write) -> Operation {
        let package: PackageID = identifier(body["package_id"]?.string ?? "")
        let semver = body["package_version_pin"]?["version"]?.string
        let version = versions.first { $0.packageID == package && $0.semver == semver }
        checkCreate(write)
        let cluster: ClusterID? = body["cluster_id"]?.string.map { identifier($0) }
        let install = newInstall(version?.id ?? identifier("pver_unknown"), cluster)
        installs.append(
            SimulatedPlatform.InstallState(
                install: install, region: identifier(body["region_id"]?.string ?? ""),
                values: body["initial_values"] ?? .null, key: write.idempotencyKey))
        count("create install \(write.idempotencyKey?.prefix(31) ?? "")")
        return operation(
            "install.create", .install, install.id.text, key: write.idempotencyKey,
            response: ["install_id": .string(install.id.text), "sandbox_skipped": true])
    }

    mutating func newInstall(_ version: PackageVersionID, _ cluster: ClusterID?) -> Install {
        Install(
            id: identifier(next("inst")), workspaceID: workspaces[0].id, customerWorkspaceID: workspaces[0].id,
            clusterID: cluster, productID: nil, packageVersionID: version, state: .known(.rendering),
            isReconciling: true, etag: etag(counter), createdAt: Timestamp(seconds: now / 1_000))
    }

    /// Begins to delete an install, whoever asked for it.
    mutating func deleteInstall(_ position: Int) -> Operation {
        installs[position].isDeleting = true
        move(position)
        return operation(
            "install.delete", .install, installs[position].install.id.text,
            response: ["argo_app_deleted": true, "repo_purged": true])
    }

    mutating func render(_ position: Int, message: String?, version: PackageVersionID) -> Render {
        let id: RenderID = identifier(next("rnd"))
        let operation = operation(
            "install.render", .install, installs[position].install.id.text,
            response: [
                "install_render_id": .string(id.text), "repository_id": "repo_1", "render_hash": "x", "skipped": false,
            ])
        let render = Render(
            id: id, installID: installs[position].install.id, operationID: operation.id, packageVersionID: version,
            state: .known(.running), message: message, commitSHA: nil, createdAt: Timestamp(seconds: now / 1_000))
        renders.append(render)
        installs[position].install.isReconciling = true
        installs[position].install.state = .known(.rendering)
        move(position)
        return render
    }

    private func mutation(_ position: Int, render: Render?) -> InstallMutation {
        let install = installs[position]
        return InstallMutation(
            lifecycle: InstallLifecycle(
                id: install.install.id, currentVersionID: install.install.packageVersionID,
                desiredVersionID: install.pendingVersion, automaticUpdatesEnabled: install.automaticUpdates,
                etag: install.install.etag), render: render)
    }
}
