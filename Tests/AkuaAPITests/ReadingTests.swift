import AkuaAPI
import AkuaModel
import JSON
import TestSupport
import Testing

@Suite struct ReadingTests {
    /// One read: what it sends, what the platform answers, and what comes out.
    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var target: String
        var method = "GET"
        var answer: JSONValue
        var read: @Sendable (AkuaClient) async throws -> String

        init(
            _ call: String, _ target: String, _ answer: JSONValue, method: String = "GET",
            _ read: @escaping @Sendable (AkuaClient) async throws -> String
        ) {
            testDescription = call
            self.target = target
            self.answer = answer
            self.method = method
            self.read = read
        }
    }

    @Test(arguments: [
        Case("workspaces", "/v1/workspaces?limit=100", Sample.page([Sample.workspace])) {
            let workspaces = try await $0.workspaces()
            return "\(workspaces.map { "\($0.id) \($0.name) \($0.slug)" })"
        },
        Case("accessState", "/v1/workspaces/ws_1/access_state", Sample.accessState) {
            let state = try await $0.accessState(of: id("ws_1"))
            return "\(state.isAccessible) \(state.status) \(state.reason ?? "-")"
        },
        Case("regions", "/v1/regions?limit=100", Sample.page([Sample.region])) {
            "\(try await $0.regions().map { "\($0.id) \($0.name)" })"
        },
        Case("clusters", "/v1/clusters?limit=100", Sample.page([Sample.cluster])) {
            "\(try await $0.clusters().map { "\($0.id) \($0.name) \($0.state.word) \($0.isReconciling) \($0.etag)" })"
        },
        Case("cluster", "/v1/clusters/clu_1", Sample.cluster) { "\(try await $0.cluster(id("clu_1"))?.name ?? "-")" },
        Case("packages", "/v1/packages?limit=100", Sample.page([Sample.package])) {
            "\(try await $0.packages().map { "\($0.id) \($0.name) \($0.latestVersionID) \($0.source) \($0.etag?.text ?? "-")" })"
        },
        Case("package", "/v1/packages/pkg_1", Sample.package) {
            "\(try await $0.package(id("pkg_1"))?.description ?? "no description")"
        },
        Case("packageVersions", "/v1/packages/pkg_1/versions?limit=100", Sample.page([Sample.version])) {
            "\(try await $0.packageVersions(of: id("pkg_1")).map { "\($0.semver) \($0.ref) \($0.inputSchema.text)" })"
        },
        Case("packageVersion", "/v1/packages/pkg_1/versions/pkgv_2", Sample.version) {
            "\(try await $0.packageVersion(id("pkgv_2"), of: id("pkg_1"))?.semver ?? "-")"
        },
        Case("products", "/v1/products?limit=100", Sample.page([Sample.product])) {
            "\(try await $0.products().map { "\($0.id) \($0.name) \($0.packageID) \($0.state.word)" })"
        },
        Case("product", "/v1/products/prod_1", Sample.product) { "\(try await $0.product(id("prod_1"))?.name ?? "-")" },
        Case("installs", "/v1/installs?limit=100", Sample.page([Sample.install])) {
            "\(try await $0.installs().map { "\($0.id) \($0.customerWorkspaceID) \($0.clusterID?.text ?? "-") \($0.productID?.text ?? "-") \($0.packageVersionID) \($0.state.word) \($0.etag) \($0.createdAt.seconds)" })"
        },
        Case("install", "/v1/installs/inst_1", Sample.install) {
            "\(try await $0.install(id("inst_1"))?.isHealthy == true)"
        },
        Case("status", "/v1/installs/inst_1/status", Sample.status) {
            let status = try await $0.status(of: id("inst_1"))
            return
                "\(status?.state.word ?? "-") \(status?.health ?? "-") \(status?.sync ?? "-") \(status?.revision ?? "-")"
        },
        Case("renders", "/v1/installs/inst_1/renders?limit=100", Sample.page([Sample.render])) {
            "\(try await $0.renders(of: id("inst_1")).map { "\($0.id) \($0.operationID?.text ?? "-") \($0.message ?? "-") \($0.commitSHA ?? "-") \($0.state.word)" })"
        },
        Case("render", "/v1/installs/inst_1/renders/rnd_1", Sample.render) {
            "\(try await $0.render(id("rnd_1"), of: id("inst_1"))?.message ?? "-")"
        },
        Case("operations", "/v1/operations?limit=100", Sample.page([Sample.operation])) {
            "\(try await $0.operations(backTo: nil).map { "\($0.id) \($0.kind.word) \($0.idempotencyKey ?? "-")" })"
        },
        Case(
            "operations of an owner",
            "/v1/operations?owner_type=repository_change_request&owner_id=a%2Fb%20%C3%A9&limit=100",
            Sample.page([Sample.operation])
        ) { "\(try await $0.operations(of: .repositoryChangeRequest, id: "a/b é").map(\.ownerID))" },
        Case("operation", "/v1/operations/op_1", Sample.operation) {
            let operation = try await $0.operation(id("op_1"))
            return
                "\(operation?.responseID("install_id", as: Install.self)?.text ?? "-") \(operation?.hasSucceeded == true)"
        },
        Case("wait", "/v1/operations/op_1:wait?timeout=20", Sample.operation, method: "POST") {
            "\(try await $0.wait(for: id("op_1"), seconds: 20)?.hasSucceeded == true)"
        },
        Case("repositories", "/v1/repositories?limit=100", Sample.page([Sample.repository])) {
            "\(try await $0.repositories().map { "\($0.id) \($0.name) \($0.purpose.word) \($0.clusterID?.text ?? "-") \($0.lastDeployCommit ?? "-")" })"
        },
    ])
    func `each read asks for the right thing and takes in what the platform documents`(_ row: Case) async throws {
        let expected = [
            "workspaces": #"["ws_1 Acme acme"]"#, "accessState": "false suspended suspended",
            "regions": #"["regn_1 eu-central"]"#, "clusters": #"["clu_1 prod-eu active false c7"]"#,
            "cluster": "prod-eu",
            "packages":
                #"["pkg_1 Checkout pkgv_2 oci(reference: \"oci://registry.example.com/acme/checkout\") 5"]"#,
            "package": "no description", "packageVersions": #"["1.4.0 sha256:ab {\"type\":\"object\"}"]"#,
            "packageVersion": "1.4.0", "products": #"["prod_1 Shop pkg_1 active"]"#, "product": "Shop",
            "installs": #"["inst_1 ws_1 clu_1 - pkgv_2 healthy 42 1734567890"]"#, "install": "true",
            "status": "healthy Healthy - c0ffee", "renders": #"["rnd_1 op_9 hello c0ffee deployed"]"#,
            "render": "hello",
            "operations": #"["op_1 install.create agl1-a-b"]"#, "operations of an owner": #"["inst_1"]"#,
            "operation": "inst_1 true", "wait": "true", "repositories": #"["repo_1 inst_1 deploy clu_1 c0ffee"]"#,
        ]
        let answer = row.answer.text
        let fixture = try Fixture(workspace: "ws_1") { _ in .json(answer) }
        try await fixture.use { fixture in
            #expect(try await row.read(fixture.client) == expected[row.testDescription])
            let request = try #require(fixture.server.requests.first)
            #expect(fixture.server.requests.count == 1)
            #expect(request.method == row.method)
            #expect(request.target == row.target)
            #expect(request.headers["authorization"] == "Bearer \(Fixture.token)")
            #expect(request.headers["akua-context"] == "ws_1")
            #expect(request.headers["user-agent"] == "akua-gitops/1.2.3")
            #expect(request.headers["accept"] == "application/json")
            #expect(request.headers["idempotency-key"] == nil && request.headers["if-match"] == nil)
            #expect(request.headers["x-request-id"] == nil)
            #expect(request.body.isEmpty)
        }
    }

    @Test func `without a workspace no context is sent, and a request id is when there is one`() async throws {
        var options = AkuaClient.Options()
        options.requestID = "rec-7"
        let answer = Sample.page([]).text
        let fixture = try Fixture(options: options) { _ in .json(answer) }
        try await fixture.use { fixture in
            _ = try await fixture.client.regions()
            _ = try await fixture.client.with(AkuaClient.Options()).regions()
            #expect(fixture.server.requests.map { $0.headers["x-request-id"] } == ["rec-7", nil])
            #expect(fixture.server.requests.map { $0.headers["akua-context"] } == [nil, nil])
            #expect(fixture.attempts.map(\.requestID) == ["rec-7", nil])
        }
    }

    struct Gone: CustomTestStringConvertible {
        var testDescription: String
        var steps: [ScriptedServer.Step]
        var isProof: Bool
    }

    @Test(arguments: [
        Gone(
            testDescription: "the newer envelope",
            steps: .json(#"{"success":false,"errors":[{"code":7002,"message":"not found"}],"result":{}}"#, status: 404),
            isProof: true),
        Gone(
            testDescription: "the older envelope",
            steps: .json(#"{"error":{"code":"not_found","message":"no such install"}}"#, status: 404), isProof: true),
        Gone(testDescription: "410", steps: .json(#"{"message":"gone"}"#, status: 410), isProof: true),
        Gone(testDescription: "a tombstone", steps: .json(Sample.install.with("state", "deleted").text), isProof: true),
        Gone(
            testDescription: "HTML of a proxy",
            steps: .answer(Array("<h1>404</h1>".utf8), status: 404, headers: ["Content-Type": "text/html"]),
            isProof: false),
        Gone(testDescription: "an empty 404", steps: .answer([], status: 404), isProof: false),
        Gone(testDescription: "403", steps: .json(#"{"message":"no"}"#, status: 403), isProof: false),
    ])
    func `I10: an object is gone only when the platform itself says so`(_ row: Gone) async throws {
        try await Fixture.run({ _ in row.steps }) { fixture in
            let isGone: Bool
            do { isGone = try await fixture.client.install(id("inst_1")) == nil } catch is APIError { isGone = false }
            #expect(isGone == row.isProof)
        }
    }

    @Test func `R17: an operation that vanishes is gone, and one that fails says why`() async throws {
        try await Fixture.run({ _ in .json(#"{"error":{"code":"not_found","message":"no"}}"#, status: 404) }) {
            fixture in
            let read = try await fixture.client.operation(id("op_1"))
            let awaited = try await fixture.client.wait(for: id("op_1"), seconds: 1)
            #expect(read == nil && awaited == nil)
        }
        let failed = Sample.operation.with("state", "FAILED").with("response", .null)
            .with("error", ["message": "no room"]).text
        try await Fixture.run({ _ in .json(failed) }) { fixture in
            let operation = try #require(try await fixture.client.wait(for: id("op_1"), seconds: 1))
            #expect(operation.isDone && !operation.hasSucceeded)
            #expect(operation.errorMessage == "no room")
            #expect(operation.response == nil)
        }
    }

    @Test func `the status of a deleted install is that of one that is gone`() async throws {
        let answer = Sample.status.with("state", "deleted").text
        try await Fixture.run({ _ in .json(answer) }) { fixture in
            let status = try await fixture.client.status(of: id("inst_1"))
            #expect(status == nil)
        }
    }

    @Test func `renders are sorted newest first, and within a second as the platform has them`() async throws {
        let renders = [("a", 5), ("b", 9), ("c", 5), ("d", 7), ("e", 9)].map { name, time in
            Sample.render.with("id", .string("rnd_\(name)")).with("created_at", .number(JSONNumber(time)))
        }
        let answer = Sample.page(renders).text
        try await Fixture.run({ _ in .json(answer) }) { fixture in
            let sorted = try await fixture.client.renders(of: id("inst_1")).map(\.id.text)
            #expect(sorted == ["rnd_b", "rnd_e", "rnd_d", "rnd_a", "rnd_c"])
        }
    }

    @Test func `a running step that needs a person is told by its name`() async throws {
        let steps: JSONValue = json(
            """
            [{"name":"prepare","status":"completed","execution_type":"user"},
            {"name":"approve","status":"running","execution_type":"approval"}]
            """)
        let answer = Sample.operation.with("steps", steps).with("state", "RUNNING").with("done", false)
            .with("response", nil).with("last_error", ["message": "will try again", "step_name": nil]).text
        try await Fixture.run({ _ in .json(answer) }) { fixture in
            let operation = try await fixture.client.operation(id("op_1"))
            #expect(operation?.waitsForPerson == "approve")
            #expect(operation?.lastErrorMessage == "will try again")
            #expect(operation?.errorMessage == nil)
        }
    }

    @Test func `an id without its prefix names the same object`() async throws {
        let answer = Sample.operation.text
        try await Fixture.run({ _ in .json(answer) }) { fixture in
            let operation = try await fixture.client.operation(id("1"))
            #expect(operation != nil)
        }
    }

    @Test(arguments: [(-5, 1), (0, 1), (1, 1), (60, 60), (3_600, 60)])
    func `a wait is asked for within the platform's bounds`(_ asked: Int, _ sent: Int) async throws {
        let answer = Sample.operation.text
        try await Fixture.run({ _ in .json(answer) }) { fixture in
            _ = try await fixture.client.wait(for: id("op_1"), seconds: asked)
            #expect(fixture.server.requests.first?.target == "/v1/operations/op_1:wait?timeout=\(sent)")
        }
    }
}
