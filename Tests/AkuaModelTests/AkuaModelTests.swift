import AkuaModel
import JSON
import Testing

@Suite struct AkuaModelTests {
    @Test(arguments: [
        "inst_k97ax2", "j572", "a", "A-Z_0.9~", "..a", "a..", String(repeating: "x", count: 64),
    ])
    func `an id may be any text that can stand in a path as it is`(_ text: String) {
        #expect(InstallID(text)?.text == text)
        #expect(InstallID(text)?.description == text)
    }

    @Test(arguments: [
        "", ".", "..", "a/b", "a?b", "a#b", "inst_1:update", "a%2Fb", "a b", "a\n", "é", "a\u{0}", "a\\b", "a;b", "a@b",
        String(repeating: "x", count: 65),
    ])
    func `an id is never a text that could lead a path elsewhere`(_ text: String) {
        #expect(InstallID(text) == nil)
    }

    @Test func `ids are ordered by their bytes`() throws {
        let ids = try ["b", "B", "a", "_", "10", "9"].map { try #require(PackageID($0)) }
        #expect(ids.sorted().map(\.text) == ["10", "9", "B", "_", "a", "b"])
    }

    @Test(arguments: ["42", "\"42\"", "W/\"x\"", "a b", String(repeating: "e", count: 256)])
    func `an etag is taken as it came`(_ text: String) {
        #expect(ETag(text)?.text == text)
    }

    @Test(arguments: ["", "*", "a\r\nX: y", "a\tb", "é", "\u{7F}", String(repeating: "e", count: 257)])
    func `an etag is never a text that can't stand in a header, nor the wildcard`(_ text: String) {
        #expect(ETag(text) == nil)
    }

    @Test(arguments: [
        (0, 0), (1_734_567_890, 1_734_567_890), (1_734_567_890_123, 1_734_567_890), (99_999_999_999, 99_999_999_999),
        (100_000_000_000, 100_000_000),
    ])
    func `a timestamp comes in seconds or in milliseconds`(_ written: Int, _ seconds: Int) {
        #expect(Timestamp(secondsOrMilliseconds: written) == Timestamp(seconds: seconds))
    }

    @Test(arguments: [("healthy", true), ("hibernating", false), ("Healthy", false), ("", false)])
    func `a word of an open set is known or kept`(_ word: String, _ isKnown: Bool) {
        let state = Open<Install.State>(word)
        #expect(state.word == word)
        #expect(state.is(.healthy) == isKnown)
        if case .unknown = state { #expect(!isKnown) } else { #expect(isKnown) }
    }

    static let calls: [Write.Call] = {
        guard let package = PackageID("pkg_1"), let cluster = ClusterID("clu_1"), let install = InstallID("inst_1")
        else {
            return []
        }
        return [
            .importPackage, .createPackage, .createPackageVersion(package), .deletePackage(package), .createCluster,
            .updateCluster(cluster), .deleteCluster(cluster), .createInstall, .updateInstall(install),
            .setAutomaticUpdates(install), .createRender(install), .deleteInstall(install),
        ]
    }()

    @Test func `every call has a name of its own`() {
        #expect(Self.calls.count == 12)
        #expect(Set(Self.calls.map(\.stored.name)).count == 12)
    }

    @Test(arguments: calls)
    func `a stored call reads back as itself`(_ call: Write.Call) {
        #expect(Write.Call(name: call.stored.name, resourceID: call.stored.resourceID) == call)
    }

    @Test(arguments: calls.filter { $0.stored.resourceID != nil })
    func `a stored call without its object, or with an impossible one, is none`(_ call: Write.Call) {
        #expect(Write.Call(name: call.stored.name, resourceID: nil) == nil)
        #expect(Write.Call(name: call.stored.name, resourceID: "a/b") == nil)
    }

    @Test func `a call that a newer build stored is none`() {
        #expect(Write.Call(name: "installs.teleport", resourceID: "inst_1") == nil)
    }

    private func operation(
        _ state: String, isDone: Bool, metadata: JSONObject = JSONObject(), response: JSONObject? = nil
    ) throws -> Operation {
        Operation(
            id: try #require(OperationID("op_1")), workspaceID: nil, ownerType: Open("install"), ownerID: "inst_1",
            state: Open(state), isDone: isDone, kind: Open("install.create"), metadata: metadata, response: response,
            errorMessage: nil, lastErrorMessage: nil, waitsForPerson: nil, startedAt: Timestamp(seconds: 1))
    }

    @Test(arguments: [
        ("SUCCEEDED", true, true), ("SUCCEEDED", false, false), ("RUNNING", false, false), ("FAILED", true, false),
        ("CANCELLED", true, false), ("PAUSED", true, false),
    ])
    func `an operation has succeeded when it is done and says so`(_ state: String, _ isDone: Bool, _ expected: Bool)
        throws
    {
        #expect(try operation(state, isDone: isDone).hasSucceeded == expected)
    }

    @Test func `an operation tells its key and the ids it made`() throws {
        var metadata = JSONObject()
        metadata["idempotency_key"] = "agl1-x-y"
        var response = JSONObject()
        response["install_id"] = "inst_9"
        response["odd"] = "a/b"
        let operation = try operation("SUCCEEDED", isDone: true, metadata: metadata, response: response)
        #expect(operation.idempotencyKey == "agl1-x-y")
        #expect(operation.responseID("install_id", as: Install.self)?.text == "inst_9")
        #expect(operation.responseID("odd", as: Install.self) == nil)
        #expect(operation.responseID("package_id", as: Package.self) == nil)
    }

    @Test(arguments: [
        ("healthy", false, true), ("healthy", true, false), ("degraded", false, false), ("new", false, false),
    ])
    func `an install is healthy when it says so and is not busy`(_ state: String, _ isBusy: Bool, _ expected: Bool)
        throws
    {
        let workspace = try #require(WorkspaceID("ws_1"))
        let install = Install(
            id: try #require(InstallID("inst_1")), workspaceID: workspace, customerWorkspaceID: workspace,
            clusterID: nil,
            productID: nil, packageVersionID: try #require(PackageVersionID("v1")), state: Open(state),
            isReconciling: isBusy, etag: try #require(ETag("1")), createdAt: Timestamp(seconds: 1))
        #expect(install.isHealthy == expected)
        #expect(!install.isDeleted)
    }
}
