import AkuaAPI
import AkuaModel
import JSON
import TestSupport
import Testing

/// R17: what is new is taken, everything else that is wrong is one error of the object asked for, with its place.
@Suite struct MalformedAnswerTests {
    enum Read: Sendable { case install, installs, package, operation, version, render, status, mutation, cluster }

    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var read: Read
        var body: [UInt8]
        var headers = ["Content-Type": "application/json"]
        /// What the error must name; nil: the answer is to be accepted.
        var complaint: String?

        init(_ name: String, _ read: Read, _ body: String, _ complaint: String?) {
            testDescription = name
            self.read = read
            self.body = Array(body.utf8)
            self.complaint = complaint
        }

        init(_ name: String, _ read: Read, _ body: [UInt8], _ complaint: String?) {
            testDescription = name
            self.read = read
            self.body = body
            self.complaint = complaint
        }

        init(_ name: String, _ read: Read, _ body: JSONValue, _ complaint: String?) {
            self.init(name, read, body.text, complaint)
        }

        init(_ name: String, type: String, _ complaint: String?) {
            self.init(name, .install, Sample.install, complaint)
            headers["Content-Type"] = type
        }
    }

    private static let whole = Sample.install.text
    private static func installs(_ items: JSONValue...) -> JSONValue { Sample.page(items) }

    static let cases: [Case] = [
        // Accepted.
        Case("an unknown field", .install, Sample.install.with("shiny_new", ["a": [1, nil]]), nil),
        Case("an unknown field of an odd type where we read none", .install, Sample.install.with("urls", "many"), nil),
        Case("an unknown state", .install, Sample.install.with("state", "hibernating"), nil),
        Case("an unknown kind of operation", .operation, Sample.operation.with("metadata.type", "moon.landing"), nil),
        Case("an unknown state of an operation", .operation, Sample.operation.with("state", "PAUSED"), nil),
        Case("an unknown source of a package", .package, Sample.package.with("source", ["kind": "git", "x": 1]), nil),
        Case("a package without an etag", .package, Sample.package.with("etag", nil), nil),
        Case(
            "null for an optional field", .install, Sample.install.with("product_id", nil).with("cluster_id", .null),
            nil),
        Case("times in milliseconds", .install, Sample.install.with("created_at", 1_734_567_890_123), nil),
        Case("a whole number in another spelling", .install, whole.replacing("1734567890", with: "1.73456789e9"), nil),
        Case("white space", .install, " \n" + whole + "\r\n ", nil),
        Case("a problem's media type", type: "application/problem+json; charset=utf-8", nil),
        // Not JSON.
        Case("nothing", .install, "", "ends in the middle"),
        Case("truncated JSON", .install, String(whole.dropLast(20)), "ends in the middle"),
        Case("two values", .install, whole + whole, "follows the end"),
        Case("an HTML page", .install, "<html><body>Bad gateway</body></html>", "unexpected character '<'"),
        Case("a duplicate key", .install, #"{"id":"inst_2",\#(whole.dropFirst())"#, "occurs twice"),
        Case("a lone surrogate", .install, whole.replacing("healthy", with: #"\ud800"#), "surrogate"),
        Case("deep nesting", .install, String(repeating: "[", count: 200_000), "levels deep"),
        Case(
            "deep nesting in an unknown field", .install, #"{"x":\#(String(repeating: "[", count: 500))"#, "levels deep"
        ),
        Case("a byte order mark", .install, "\u{FEFF}" + whole, "unexpected byte 0xef"),
        Case("NaN", .install, whole.replacing("1734567890", with: "NaN"), "unexpected character 'N'"),
        Case("a comment", .install, "/* hi */" + whole, "unexpected character '/'"),
        Case("compressed without being asked", .install, [0x1F, 0x8B, 8, 0, 0, 0, 0, 0], "unexpected byte 0x1f"),
        Case(
            "UTF-16", .install, Array("{}".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }), "unexpected byte 0x0"
        ),
        Case("bytes that are no UTF-8", .install, Array(whole.utf8.dropLast(2)) + [0xC3, 0x22, 0x7D], "UTF-8"),
        Case("HTML by its type", type: "text/html", "content type"),
        Case("plain text by its type", type: "text/plain; charset=utf-8", "content type"),
        // Another shape.
        Case("an array", .install, "[\(whole)]", "the answer should be an object, not an array"),
        Case("null", .install, "null", "the answer should be an object, not null"),
        Case("a string", .install, "\"ok\"", "the answer should be an object, not a string"),
        Case("wrapped", .install, #"{"data":\#(whole)}"#, "id is missing"),
        Case("a missing field", .install, Sample.install.with("etag", nil), "etag is missing"),
        Case(
            "null for a required field", .install, Sample.install.with("etag", .null),
            "etag should be a string, not null"),
        Case(
            "a number for a string", .install, Sample.install.with("etag", 42), "etag should be a string, not a number"),
        Case(
            "a string for a boolean", .install, Sample.install.with("reconciling", "false"),
            "reconciling should be a boolean"),
        Case(
            "a number for a boolean", .install, Sample.install.with("reconciling", 0), "reconciling should be a boolean"
        ),
        Case(
            "a string for a time", .install, Sample.install.with("created_at", "2026-01-01"),
            "created_at should be a whole number"),
        Case(
            "a fraction of a second", .install, whole.replacing("1734567890", with: "1734567890.5"),
            "created_at should be a whole number"),
        Case(
            "a time before all time", .install, Sample.install.with("created_at", -1),
            "created_at should be a whole number"),
        Case(
            "a time beyond all time", .install, whole.replacing("1734567890", with: "1e30"),
            "created_at should be a whole number"),
        Case("an empty id", .install, Sample.install.with("id", ""), "id can't be an id"),
        Case(
            "an id that leads elsewhere", .install, Sample.install.with("cluster_id", "../x"),
            "cluster_id can't be an id"),
        Case(
            "a wrong type in an optional field", .install, Sample.install.with("product_id", 7),
            "product_id should be a string"),
        Case("an etag that can't be sent", .install, Sample.install.with("etag", "a\r\nX: 1"), "etag can't be an etag"),
        Case("an etag that matches everything", .install, Sample.install.with("etag", "*"), "etag can't be an etag"),
        Case(
            "a nested field missing", .install, Sample.install.with("customer_workspace.id", nil),
            "customer_workspace.id is missing"),
        Case(
            "an array for an object", .install, Sample.install.with("customer_workspace", []),
            "customer_workspace should be an object"),
        Case("another object", .install, Sample.install.with("id", "inst_2"), "id is inst_2, but inst_1 was asked for"),
        Case("another kind of object", .install, Sample.cluster, "customer_workspace is missing"),
        Case("another cluster", .cluster, Sample.cluster.with("id", "clu_9"), "id is clu_9"),
        Case(
            "a version of another package", .version, Sample.page([Sample.version.with("package_id", "pkg_9")]),
            "data[0].package_id is pkg_9"),
        Case(
            "a schema that is no object", .version, Sample.page([Sample.version.with("input_schema", true)]),
            "data[0].input_schema should be an object"),
        Case(
            "a render of another install", .render, Sample.render.with("install_id", "inst_9"), "install_id is inst_9"),
        Case(
            "an operation done while it runs", .operation, Sample.operation.with("state", "RUNNING"),
            "done contradicts the state RUNNING"),
        Case(
            "an operation that is back from done", .operation, Sample.operation.with("done", false),
            "done contradicts the state SUCCEEDED"),
        Case(
            "a response of another type", .operation, Sample.operation.with("response", "inst_1"),
            "response should be an object"),
        Case("an error without a message", .operation, Sample.operation.with("error", [:]), "error.message is missing"),
        Case("metadata without a type", .operation, Sample.operation.with("metadata", [:]), "metadata.type is missing"),
        Case("steps that are none", .operation, Sample.operation.with("steps", ["x"]), "steps[0] should be an object"),
        Case(
            "an oci package without its reference", .package, Sample.package.with("source.oci_ref", nil),
            "source.oci_ref is missing"),
        Case("a status without a state", .status, Sample.status.with("state", nil), "state is missing"),
        // Lists.
        Case("a bare array for a list", .installs, "[\(whole)]", "the answer should be an object, not an array"),
        Case(
            "a list without has_more", .installs, installs(Sample.install).with("has_more", nil), "has_more is missing"),
        Case("a list without data", .installs, installs().with("data", nil), "data is missing"),
        Case("an object for the items", .installs, installs().with("data", [:]), "data should be an array"),
        Case(
            "a null among the items", .installs, installs(Sample.install, .null),
            "data[1] should be an object, not null"),
        Case(
            "a bad item among good ones", .installs,
            installs(Sample.install, Sample.install.with("customer_workspace.id", 1)),
            "data[1].customer_workspace.id should be a string"),
        Case(
            "more without a cursor", .installs, installs(Sample.install).with("has_more", true),
            "next_cursor is missing"),
        Case(
            "more with an empty cursor", .installs,
            installs(Sample.install).with("has_more", true).with("next_cursor", ""), "next_cursor is missing"),
        Case(
            "a cursor that is a number", .installs,
            installs(Sample.install).with("has_more", true).with("next_cursor", 5), "next_cursor should be a string"),
    ]

    @Test func `R17: there are at least forty kinds`() {
        #expect(Self.cases.filter { $0.complaint != nil }.count >= 40)
        #expect(Set(Self.cases.map(\.testDescription)).count == Self.cases.count)
    }

    @Test(arguments: cases)
    func `R17: what is new is taken, anything else is an error that names the place`(_ row: Case) async throws {
        try await Fixture.run({ _ in .answer(row.body, headers: row.headers) }) { fixture in
            let client = fixture.client
            do throws(APIError) {
                try await Self.make(row.read, client)
                #expect(row.complaint == nil, "was accepted")
            } catch {
                guard case .malformedAnswer(let what) = error.cause else {
                    Issue.record("\(error)")
                    return
                }
                #expect(what.contains(row.complaint ?? "nothing: it is right"), "\(what)")
                #expect(!error.mayHaveTakenEffect)
                #expect(error.disposition == .retry)
            }
            // It came whole: asking again at once would bring the same.
            #expect(fixture.server.requests.count == 1)
        }
    }

    private static func make(_ read: Read, _ client: AkuaClient) async throws(APIError) {
        guard let install = InstallID("inst_1"), let package = PackageID("pkg_1"), let operation = OperationID("op_1"),
            let cluster = ClusterID("clu_1"), let render = RenderID("rnd_1")
        else { return }
        switch read {
        case .install: _ = try await client.install(install)
        case .installs: _ = try await client.installs()
        case .package: _ = try await client.package(package)
        case .operation: _ = try await client.operation(operation)
        case .version: _ = try await client.packageVersions(of: package)
        case .render: _ = try await client.render(render, of: install)
        case .status: _ = try await client.status(of: install)
        case .cluster: _ = try await client.cluster(cluster)
        case .mutation: break
        }
    }

    @Test(arguments: [
        ("another install", Sample.mutation.with("install.id", "inst_9"), "install.id is inst_9"),
        (
            "a version that is no object", Sample.mutation.with("install.current_version", "pkgv_1"),
            "install.current_version should be an object"
        ),
        (
            "a version without id", Sample.mutation.with("install.desired_version", [:]),
            "install.desired_version.id is missing"
        ),
        ("a broken render", Sample.mutation.with("render", ["id": "rnd_1"]), "render.install_id is missing"),
        ("an operation", Sample.operation, "install is missing"),
    ])
    func `a write with an answer that can't be right may have taken effect`(
        _ name: String, _ answer: JSONValue, _ complaint: String
    ) async throws {
        let text = answer.text
        try await Fixture.run({ _ in .json(text, status: 202) }) { fixture in
            let write = Write(
                call: .updateInstall(try id("inst_1")), body: RequestBody.updateInstall(to: try id("pkgv_2")),
                idempotencyKey: "k", ifMatch: ETag("42"))
            let error = await #expect(throws: APIError.self) { try await fixture.client.send(write) }
            guard case .malformedAnswer(let what) = error?.cause else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(what.contains(complaint))
            #expect(error?.mayHaveTakenEffect == true)
            #expect(fixture.server.requests.count == 1)
        }
    }
}
