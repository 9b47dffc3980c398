import AkuaAPI
import AkuaModel
import CurlTransport
import Foundation
import JSON
import Synchronization
import TestSupport
import Testing

/// The calls of the platform's documented pages, made by this client and answered by the emulator: both to the letter,
/// since all that crosses the wire is held against the platform's OpenAPI document where that is present.
@Suite struct DocumentedPagesTests {
    /// A client of an emulator of its own.
    private struct World {
        var client: AkuaClient
        var running: RunningEmulator
        var attempts: @Sendable () -> [APIAttempt]

        /// The platform's regions can be made by nobody but a person.
        func region() async throws -> RegionID {
            let port = try #require(URLComponents(string: running.baseURL)?.port)
            let answer = try await RawHTTP(port: port).send(
                "POST", "/v1/regions",
                headers: [("authorization", "Bearer \(running.token)"), ("content-type", "application/json")],
                body: Array(#"{"name":"eu-central"}"#.utf8))
            return try id(try #require(answer.json["id"]?.string))
        }

        func imported(_ name: String = "checkout") async throws -> Package {
            let body = RequestBody.importPackage(
                name: name, description: nil, ociReference: "oci://registry.example.com/acme/\(name)",
                version: DocumentedPagesTests.version("1.4.0"))
            let write = Write(call: .importPackage, body: body, idempotencyKey: "import-\(name)", ifMatch: nil)
            guard case .package(let package) = try await client.send(write) else {
                throw Unexpected(what: "the answer to packages:import")
            }
            return package
        }

        /// The operation that a write answers, once it is done.
        func done(_ write: Write) async throws -> AkuaModel.Operation {
            guard case .operation(let operation) = try await client.send(write) else {
                throw Unexpected(what: "the answer to \(write.call.stored.name)")
            }
            return try await done(operation.id)
        }

        func done(_ id: OperationID) async throws -> AkuaModel.Operation {
            while true {
                let operation = try #require(try await client.wait(for: id, seconds: 60))
                if operation.isDone { return operation }
            }
        }
    }

    private struct Unexpected: Error { var what: String }

    private final class Reports: Sendable {
        let all = Mutex<[APIAttempt]>([])
    }

    private func withWorld(_ body: (World) async throws -> Void) async throws {
        try await RunningEmulator.with { running in
            let reports = Reports()
            let transport = HTTPTransport(TransportConfiguration(allowsPlainHTTP: true))
            let token = running.token
            let client = AkuaClient(
                AkuaClient.Configuration(
                    baseURL: try BaseURL(running.baseURL), token: { Secret(token) }, version: "1.2.3"),
                transport: transport, observer: { attempt in reports.all.withLock { $0.append(attempt) } })
            try await body(World(client: client, running: running, attempts: { reports.all.withLock { $0 } }))
            await transport.shutdown()
            #expect(running.contractViolations.map(\.description) == [])
        }
    }

    private static func version(_ semver: String, schema: String = #"{"type":"object"}"#) -> RequestBody.Version {
        RequestBody.Version(semver: semver, ref: "sha256:\(semver)", inputSchema: object(schema), compatibility: nil)
    }

    private static func object(_ text: String) -> JSONObject { json(text).object ?? JSONObject() }

    @Test func `lists: an envelope with data, has_more and next_cursor, followed to its end`() async throws {
        try await withWorld { world in
            #expect(try await world.client.packages() == [])
            var names: Set<String> = []
            for number in 0..<105 { names.insert(try await world.imported("package-\(number)").name) }
            let before = world.attempts().count
            let packages = try await world.client.packages()
            #expect(packages.count == 105)
            #expect(Set(packages.map(\.name)) == names)
            #expect(world.attempts()[before...].map(\.call) == ["packages.list", "packages.list"])
        }
    }

    @Test func `errors: an envelope with codes, messages and places, and a read of nothing is nil`() async throws {
        try await withWorld { world in
            #expect(try await world.client.cluster(id("clu_nowhere")) == nil)
            let body = RequestBody.createCluster(name: "", regionID: try await world.region(), networkProfile: nil)
            let write = Write(call: .createCluster, body: body, idempotencyKey: "c", ifMatch: nil)
            let error = await #expect(throws: APIError.self) { try await world.client.send(write) }
            #expect(error?.disposition == .rejected)
            #expect(error?.codes.isEmpty == false)
            #expect(error?.messages.isEmpty == false)
            #expect(error?.fields.contains("body.name") == true, "\(error.map(String.init(describing:)) ?? "")")
            #expect(error?.mayHaveTakenEffect == false)
        }
    }

    @Test func `packages-import: the package comes back with its first version, and the key again gives the same`()
        async throws
    {
        try await withWorld { world in
            let package = try await world.imported()
            #expect(package.name == "checkout")
            #expect(package.source == .oci(reference: "oci://registry.example.com/acme/checkout"))
            #expect(try await world.client.package(package.id) == package)
            let versions = try await world.client.packageVersions(of: package.id)
            #expect(versions.map(\.semver) == ["1.4.0"])
            #expect(versions.first?.id == package.latestVersionID)
            #expect(try await world.imported().id == package.id)
            #expect(try await world.client.packages().count == 1)
        }
    }

    @Test func `version create: takes no key, comes back whole, and is created once`() async throws {
        try await withWorld { world in
            let package = try await world.imported()
            let schema = #"{"type":"object","properties":{"n":{"default":1.10}}}"#
            let write = Write(
                call: .createPackageVersion(package.id),
                body: RequestBody.createPackageVersion(Self.version("1.10.0-rc.1+b.7", schema: schema)),
                idempotencyKey: nil, ifMatch: nil)
            guard case .packageVersion(let version) = try await world.client.send(write) else {
                throw Unexpected(what: "the answer to versions")
            }
            #expect(version.semver == "1.10.0-rc.1+b.7")
            #expect(version.ref == "sha256:1.10.0-rc.1+b.7")
            #expect(version.inputSchema == json(schema))
            let versions = try await world.client.packageVersions(of: package.id)
            #expect(versions.map(\.semver) == ["1.10.0-rc.1+b.7", "1.4.0"])
            let again = await #expect(throws: APIError.self) { try await world.client.send(write) }
            #expect(again?.disposition == .replan)
            #expect(try await world.client.packageVersions(of: package.id).count == 2)
        }
    }

    @Test func `render create: runs as an operation, keeps its message, and has a commit once deployed`() async throws {
        try await withWorld { world in
            let package = try await world.imported()
            let body = RequestBody.createInstall(
                .package(package.id, semver: "1.4.0"), regionID: try await world.region(), clusterID: nil,
                initialValues: Self.object(#"{"replicas":3}"#))
            let created = try await world.done(
                Write(call: .createInstall, body: body, idempotencyKey: "agl1-i", ifMatch: nil))
            #expect(created.hasSucceeded)
            #expect(created.idempotencyKey == "agl1-i")
            let install: InstallID = try #require(created.responseID("install_id"))
            let message = "Roll out (platform@abc1234) [agl:Install/checkout]"
            let write = Write(
                call: .createRender(install),
                body: RequestBody.createRender(message: message, annotations: ["gitops.akua.dev/commit": "abc1234"]),
                idempotencyKey: "r", ifMatch: nil)
            guard case .render(let render) = try await world.client.send(write) else {
                throw Unexpected(what: "the answer to renders")
            }
            #expect(render.installID == install)
            let operation = try await world.done(try #require(render.operationID))
            #expect(operation.kind.is(.installRender))
            let deployed = try #require(try await world.client.render(render.id, of: install))
            #expect(deployed.state.is(.deployed))
            #expect(deployed.message == message)
            #expect(deployed.commitSHA?.isEmpty == false)
            #expect(try await world.client.renders(of: install).first?.id == render.id)
        }
    }

    @Test func `cluster delete: If-Match guards it, and its Operation ends with the cluster gone`() async throws {
        try await withWorld { world in
            let body = RequestBody.createCluster(
                name: "prod-eu", regionID: try await world.region(), networkProfile: "linux_cilium")
            let created = try await world.done(
                Write(call: .createCluster, body: body, idempotencyKey: "c", ifMatch: nil))
            let cluster: ClusterID = try #require(created.responseID("cluster_id"))
            func delete(_ etag: ETag?, key: String) -> Write {
                Write(call: .deleteCluster(cluster), body: nil, idempotencyKey: key, ifMatch: etag)
            }
            let stale = await #expect(throws: APIError.self) {
                try await world.client.send(delete(ETag("stale"), key: "d1"))
            }
            #expect(stale?.status == 409)
            #expect(stale?.disposition == .replan)
            #expect(try await world.client.cluster(cluster) != nil)
            var deleted: AkuaModel.Operation?
            var attempt = 1
            while deleted == nil {
                // What still goes on behind a new cluster moves its etag: read again, as after any 409.
                let etag = try #require(try await world.client.cluster(cluster)).etag
                do { deleted = try await world.done(delete(etag, key: "d2-\(attempt)")) } catch let error as APIError {
                    guard error.disposition == .replan, attempt < 50 else { throw error }
                    attempt += 1
                }
            }
            #expect(deleted?.kind.is(.clusterDelete) == true)
            #expect(deleted?.hasSucceeded == true)
            #expect(deleted?.ownerID == cluster.text)
            #expect(try await world.client.cluster(cluster) == nil)
            #expect(try await world.client.clusters().isEmpty)
        }
    }
}
