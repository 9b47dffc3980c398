import AkuaAPI
import AkuaModel
import JSON
import Synchronization
import TestSupport
import Testing

@Suite struct WritingTests {
    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var write: Write
        var method: String
        var target: String
        var answer: JSONValue?
        var status: Int
        var kind: String

        init(
            _ call: Write.Call, _ method: String, _ target: String, _ status: Int, _ answer: JSONValue?, _ kind: String,
            key: String? = "agl1-key", ifMatch: String? = nil, body: String? = nil
        ) {
            testDescription = call.stored.name
            write = Write(
                call: call, body: body.map { Array($0.utf8) }, idempotencyKey: key, ifMatch: ifMatch.flatMap(ETag.init))
            self.method = method
            self.target = target
            self.status = status
            self.answer = answer
            self.kind = kind
        }
    }

    static let cases: [Case] = {
        guard let package = PackageID("pkg_1"), let cluster = ClusterID("clu_1"), let install = InstallID("inst_1")
        else {
            return []
        }
        return [
            Case(.importPackage, "POST", "/v1/packages:import", 201, Sample.package, "package", body: #"{"n":1.10}"#),
            Case(.createPackage, "POST", "/v1/packages", 202, Sample.operation, "operation", body: "{}"),
            Case(
                .createPackageVersion(package), "POST", "/v1/packages/pkg_1/versions", 201, Sample.version,
                "packageVersion", key: nil, body: "{}"),
            Case(.deletePackage(package), "DELETE", "/v1/packages/pkg_1", 204, nil, "done", ifMatch: "5"),
            Case(.createCluster, "POST", "/v1/clusters", 202, Sample.operation, "operation", body: "{}"),
            Case(
                .updateCluster(cluster), "PATCH", "/v1/clusters/clu_1", 200, Sample.cluster, "cluster",
                ifMatch: "\"c7\"",
                body: "{}"),
            Case(
                .deleteCluster(cluster), "DELETE", "/v1/clusters/clu_1", 202, Sample.operation, "operation",
                ifMatch: "c7"),
            Case(.createInstall, "POST", "/v1/installs", 202, Sample.operation, "operation", body: "{}"),
            Case(
                .updateInstall(install), "POST", "/v1/installs/inst_1:update", 202, Sample.mutation, "mutation",
                ifMatch: "42", body: "{}"),
            Case(
                .setAutomaticUpdates(install), "PATCH", "/v1/installs/inst_1/automatic_updates", 200,
                Sample.mutation.with("render", Sample.render), "mutation", ifMatch: "W/\"4 2\"", body: "{}"),
            Case(
                .createRender(install), "POST", "/v1/installs/inst_1/renders", 201, Sample.render, "render", body: "{}"),
            Case(
                .deleteInstall(install), "DELETE", "/v1/installs/inst_1", 202, Sample.operation, "operation",
                ifMatch: "42"),
            Case(.deleteInstall(install), "DELETE", "/v1/installs/inst_1", 202, nil, "done", ifMatch: "42"),
            Case(.deleteCluster(cluster), "DELETE", "/v1/clusters/clu_1", 204, nil, "done", ifMatch: "42"),
        ]
    }()

    private static func kind(_ answer: WriteAnswer) -> String {
        switch answer {
        case .package: "package"
        case .packageVersion: "packageVersion"
        case .cluster: "cluster"
        case .operation: "operation"
        case .mutation: "mutation"
        case .render: "render"
        case .done: "done"
        }
    }

    @Test(arguments: cases)
    func `each write goes where it should, with its key, its etag and its exact bytes`(_ row: Case) async throws {
        let steps: [ScriptedServer.Step] =
            row.answer.map { .json($0.text, status: row.status) } ?? .answer([], status: row.status)
        try await Fixture.run({ _ in steps }) { fixture in
            let answer = try await fixture.client.send(row.write)
            #expect(Self.kind(answer) == row.kind)
            let request = try #require(fixture.server.requests.first)
            #expect(request.method == row.method)
            #expect(request.target == row.target)
            #expect(request.body == row.write.body ?? [])
            #expect(request.headers["idempotency-key"] == row.write.idempotencyKey)
            #expect(request.headers["if-match"] == row.write.ifMatch?.text)
            #expect(request.headers["content-type"] == (row.write.body == nil ? nil : "application/json"))
            let attempt = try #require(fixture.attempts.first)
            #expect(attempt.method == row.method)
            #expect(attempt.status == row.status)
            #expect(attempt.idempotencyKey == row.write.idempotencyKey)
            #expect(attempt.ifMatch == row.write.ifMatch?.text)
            #expect(!attempt.route.contains("_1"))
        }
    }

    @Test(arguments: cases.filter { $0.answer != nil && !["deletePackage"].contains($0.kind) })
    func `a success without the body it should have is an error that may have taken effect`(_ row: Case) async throws {
        try await Fixture.run({ _ in .answer(Array("{}".utf8), status: row.status) }) { fixture in
            let error = await #expect(throws: APIError.self) { try await fixture.client.send(row.write) }
            #expect(error?.mayHaveTakenEffect == true)
            #expect(error?.disposition == .retry)
        }
    }

    @Test(arguments: cases)
    func `a redirect is refused, and the write may have taken effect`(_ row: Case) async throws {
        try await Fixture.run({ _ in .answer([], status: 307, headers: ["Location": "http://127.0.0.1:1/"]) }) {
            fixture in
            let error = await #expect(throws: APIError.self) { try await fixture.client.send(row.write) }
            #expect(error?.status == 307)
            #expect(fixture.server.requests.count == 1)
        }
    }

    /// It ends as cancelled; whether an attempt before it took effect stays in doubt.
    @Test func `I15: a write that is not admitted any more is not sent, not even again`() async throws {
        let isAdmitted = Mutex(true)
        var options = AkuaClient.Options()
        options.admitsWrites = { isAdmitted.withLock { $0 } }
        let fixture = try Fixture(options: options) { request in
            guard request.method != "GET" else { return .json(Sample.page([]).text) }
            isAdmitted.withLock { $0 = false }
            return .answer([], status: 503)
        }
        try await fixture.use { fixture in
            let write = try #require(Self.cases.first { $0.write.idempotencyKey != nil }).write
            let retried = await #expect(throws: APIError.self) { try await fixture.client.send(write) }
            #expect(retried?.disposition == .cancelled && retried?.mayHaveTakenEffect == true)
            let unsent = await #expect(throws: APIError.self) { try await fixture.client.send(write) }
            #expect(unsent?.disposition == .cancelled && unsent?.mayHaveTakenEffect == false)
            #expect(fixture.server.requests.count == 1)
            // What reads does no harm.
            #expect(try await fixture.client.regions().isEmpty)
        }
    }

    struct Incomplete: CustomTestStringConvertible {
        var testDescription: String
        var write: Write
    }

    static let incomplete: [Incomplete] = cases.flatMap { row in
        var rows: [Incomplete] = []
        var write = row.write
        if write.ifMatch != nil {
            write.ifMatch = nil
            rows.append(Incomplete(testDescription: "\(row.testDescription) without an etag", write: write))
        }
        write = row.write
        switch write.call {
        case .updateInstall, .setAutomaticUpdates:
            write.idempotencyKey = nil
            rows.append(Incomplete(testDescription: "\(row.testDescription) without a key", write: write))
        default: break
        }
        write = row.write
        for key in ["", String(repeating: "k", count: 65), "a b", "a\nb", "é"] {
            write.idempotencyKey = key
            rows.append(Incomplete(testDescription: "\(row.testDescription) under the key '\(key)'", write: write))
        }
        return rows
    }

    @Test(arguments: incomplete)
    func `I3: a write that lacks what its call needs is not sent`(_ row: Incomplete) async throws {
        try await Fixture.run({ _ in .json("{}") }) { fixture in
            let error = await #expect(throws: APIError.self) { try await fixture.client.send(row.write) }
            #expect(error?.disposition == .rejected)
            #expect(error?.mayHaveTakenEffect == false)
            #expect(error?.messages.first?.hasPrefix("not sent: ") == true)
            #expect(fixture.server.requests.isEmpty)
        }
    }
}
