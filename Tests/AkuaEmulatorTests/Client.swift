import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

/// Speaks to a running emulator as a client of the platform would.
struct Client: Sendable {
    let running: RunningEmulator
    var token: String
    private let http: RawHTTP

    init(_ running: RunningEmulator) {
        self.running = running
        token = running.token
        http = RawHTTP(port: running.address.port)
    }

    /// The same emulator with another token.
    func with(token: String) -> Client {
        var client = self
        client.token = token
        return client
    }

    func send(
        _ method: String, _ path: String, _ body: JSONValue? = nil, key: String? = nil, ifMatch: String? = nil,
        headers: [(name: String, value: String)] = []
    ) async throws -> RawHTTP.Answer {
        var all = headers + [(name: "authorization", value: "Bearer \(token)")]
        if let key { all.append(("idempotency-key", key)) }
        if let ifMatch { all.append(("if-match", ifMatch)) }
        if body != nil { all.append(("content-type", "application/json")) }
        let bytes = body.map { JSONWriter().bytes(of: $0) }
        return try await http.send(method, "/v1" + path, headers: all, body: bytes)
    }

    func get(_ path: String) async throws -> RawHTTP.Answer { try await send("GET", path) }

    func post(_ path: String, _ body: JSONValue? = nil, key: String? = nil, ifMatch: String? = nil) async throws
        -> RawHTTP.Answer
    { try await send("POST", path, body, key: key, ifMatch: ifMatch) }

    /// A call of the control API.
    func control(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> RawHTTP.Answer {
        let headers = body == nil ? [] : [(name: "content-type", value: "application/json")]
        return try await http.send(
            method, "/_emulator" + path, headers: headers, body: body.map { JSONWriter().bytes(of: $0) })
    }

    /// Everything of a list, page by page.
    func all(_ path: String, limit: Int = 100) async throws -> (items: [JSONValue], pages: Int) {
        var items: [JSONValue] = []
        var (cursor, pages) = ("", 0)
        repeat {
            let sign = path.contains("?") ? "&" : "?"
            let page = try await get("\(path)\(sign)limit=\(limit)\(cursor.isEmpty ? "" : "&cursor=\(cursor)")").json
            items += page["data"]?.array ?? []
            pages += 1
            // Cursors hold characters that have to be escaped.
            let next = page["next_cursor"]?.string
            cursor =
                try next.map { try #require($0.addingPercentEncoding(withAllowedCharacters: .alphanumerics)) } ?? ""
            #expect((page["has_more"] == true) == (next != nil))
        } while !cursor.isEmpty
        return (items, pages)
    }

    /// The operation once it is done, as the platform's long poll answers it.
    @discardableResult
    func finished(_ operation: JSONValue) async throws -> JSONValue {
        let id = try #require(operation["id"]?.string ?? operation.string)
        var seen = try await post("/operations/\(id):wait?timeout=60").json
        while seen["done"] != true { seen = try await post("/operations/\(id):wait?timeout=60").json }
        return seen
    }

    // What most tests need to begin with.

    func region(_ name: String = "eu-central") async throws -> String {
        try #require(try await post("/regions", ["name": .string(name)]).json["id"]?.string)
    }

    func package(_ name: String = "checkout", semver: String = "1.4.0", key: String? = nil) async throws -> JSONValue {
        try await post("/packages:import", importBody(name, semver: semver), key: key).json
    }

    func importBody(_ name: String = "checkout", semver: String = "1.4.0") -> JSONValue {
        [
            "name": .string(name), "oci_ref": .string("oci://registry.example.com/acme/\(name)"),
            "version": versionBody(semver),
        ]
    }

    func versionBody(_ semver: String) -> JSONValue {
        ["semver": .string(semver), "ref": .string("sha256:\(semver)"), "input_schema": ["type": "object"]]
    }

    func installBody(package: String, region: String, version: String = "1.4.0") -> JSONValue {
        [
            "package_id": .string(package), "package_version_pin": ["kind": "pinned", "version": .string(version)],
            "region_id": .string(region), "initial_values": ["replicas": 3],
        ]
    }

    /// A package with a first version and a living install of it, whose create is done.
    func install(name: String = "checkout", key: String? = nil) async throws -> (package: String, install: String) {
        let region = try await region()
        let package = try #require(try await package(name)["id"]?.string)
        let operation = try await post("/installs", installBody(package: package, region: region), key: key).json
        let done = try await finished(operation)
        return (package, try #require(done["response"]?["install_id"]?.string))
    }

    func etag(_ path: String) async throws -> String {
        // What still goes on behind an object moves its etag: that is to be over first.
        if !running.emulator.options.isTimeManual { running.emulator.runToRest() }
        return try #require(try await get(path).json["etag"]?.string)
    }
}

/// Runs a test against an emulator of its own, and holds all exchanges against the platform's document.
func withEmulator(
    _ options: EmulatorOptions = .fast, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (Client) async throws -> Void
) async throws {
    try await RunningEmulator.with(options) { running in
        try await body(Client(running))
        #expect(running.contractViolations.map(\.description) == [], sourceLocation: sourceLocation)
    }
}

extension EmulatorOptions {
    /// Time stands still until a test moves it.
    static var manual: EmulatorOptions {
        var options = EmulatorOptions()
        options.isTimeManual = true
        return options
    }
}

extension JSONValue {
    var int: Int? { number?.int }
    /// The object that `members` fills.
    static func object(_ members: (inout JSONObject) -> Void) -> JSONValue {
        var object = JSONObject()
        members(&object)
        return .object(object)
    }

    /// The names of an object's members.
    var names: Set<String> { Set(object?.names ?? []) }
}
