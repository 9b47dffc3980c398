import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

// Scenarios: what a pass or a plan reports, and what the emulator has seen of it.

extension Installation {
    /// What `reconcile --output json` says of one source.
    struct Pass: CustomStringConvertible {
        var ending: Ending
        var source: JSONValue

        var status: Int32 { ending.status }
        var outcome: String? { source["outcome"]?.string }
        var blockedDigest: String? { source["blocked_digest"]?.string }
        /// What was done, such as `create Install/shop`.
        var done: [String] { actions.filter { $0["outcome"] == "succeeded" }.map(\.title) }
        /// What was not, with the reason.
        var undone: [String: String] {
            let undone = actions.filter { $0["outcome"] != "succeeded" }
            return Dictionary(undone.map { ($0.title, $0["error"]?.string ?? "") }) { first, _ in first }
        }
        var error: String? { source["error"]?["code"]?.string }
        var description: String { "\(ending.status) \(ending.output) \(ending.errors)" }

        private var actions: [JSONValue] { source["actions"]?.array ?? [] }
    }

    /// What `plan --output json` says of one source.
    struct Plan: CustomStringConvertible {
        var ending: Ending
        var source: JSONValue

        var status: Int32 { ending.status }
        var blockedDigest: String? { source["blocked_digest"]?.string }
        var stop: String? { source["stopped"]?["code"]?.string }
        /// The reason of each action, such as `update Install/shop`.
        var reasons: [String: String] { table("actions") { $0["reason"]?.string } }
        /// Why an action waits for a person.
        var blocked: [String: String] { table("actions") { $0["blocked"]?.string } }
        /// Why nothing is done about an object, such as `Install/shop`.
        var held: [String: String] { table("reported") { $0["reason"]?.string } }
        /// The sentences that go with it.
        var sentences: [String: String] { table("reported") { $0["message"]?.string } }
        var description: String { "\(ending.status) \(ending.output) \(ending.errors)" }

        private func table(_ list: String, _ value: (JSONValue) -> String?) -> [String: String] {
            let pairs = (source[list]?.array ?? []).compactMap { item in value(item).map { (item.title, $0) } }
            return Dictionary(pairs) { first, _ in first }
        }
    }

    /// One pass of the real program.
    func reconcile(_ arguments: String..., onStart: (Int32) -> Void = { _ in }) async throws -> Pass {
        let ending = try await run(["reconcile", "--output", "json"] + arguments, onStart: onStart)
        return Pass(ending: ending, source: Self.source(of: ending))
    }

    func plan(_ arguments: String...) async throws -> Plan {
        let ending = try await run(["plan", "--output", "json"] + arguments)
        return Plan(ending: ending, source: Self.source(of: ending))
    }

    private static func source(of ending: Ending) -> JSONValue {
        // A program that was killed has said nothing.
        (try? JSONReader.read(ending.output))?["sources"]?.array?.first ?? .null
    }

    /// Commits, makes a pass and expects it to end so.
    @discardableResult
    func apply(
        _ files: [String: String?], message: String = "Change", status: Int32 = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Pass {
        try await repository.commit(files, message: message)
        let pass = try await reconcile()
        #expect(pass.status == status, "\(pass)", sourceLocation: sourceLocation)
        return pass
    }

    /// I5: a further pass sends no write, a plan finds nothing to do, and nothing was ever made or deleted twice.
    func expectRest(
        status: Int32 = 0, planStatus: Int32? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let before = writes
        // Side by side, since neither changes anything for the other.
        async let (planned, passed) = (plan(), reconcile())
        let (plan, pass) = (try await planned, try await passed)
        #expect(pass.status == status, "\(pass)", sourceLocation: sourceLocation)
        #expect(writes == before, "a further pass wrote: \(pass)", sourceLocation: sourceLocation)
        #expect(plan.status == planStatus ?? status, "\(plan)", sourceLocation: sourceLocation)
        #expect(repeated == [], sourceLocation: sourceLocation)
        #expect(emulator.contractViolations.isEmpty, "\(emulator.contractViolations)", sourceLocation: sourceLocation)
    }

    /// The objects that the journal has, by `Kind/name`, with their ids.
    func ids() async throws -> [String: String] {
        let ending = try await run("status", "--output", "json")
        let objects = try JSONReader.read(ending.output)["sources"]?.array?.first?["objects"]?.array ?? []
        return Dictionary(objects.compactMap { object in object["resource_id"]?.string.map { (object.title, $0) } }) {
            first, _ in first
        }
    }

    func id(of object: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
        try #require(try await ids()[object], sourceLocation: sourceLocation)
    }

    /// Why nothing is done about objects, as `status` says it.
    func conditions() async throws -> [String: String] {
        let ending = try await run("status", "--output", "json")
        let conditions = try JSONReader.read(ending.output)["sources"]?.array?.first?["conditions"]?.array ?? []
        return Dictionary(conditions.map { ($0.title, $0["reason"]?.string ?? "") }) { first, _ in first }
    }
}

// What the emulator has seen.
extension Installation {
    /// The requests that took effect, once each.
    private var effective: [RecordedRequest] {
        emulator.emulator.requests().filter { !$0.effects.isEmpty && !$0.isReplay }
    }

    /// Sieve's second oracle: how often each call took effect on one object, renders included.
    func writes(on id: String) -> [String: Int] {
        effective.reduce(into: [:]) { counts, request in
            let isMeant = request.path.contains("/\(id)") || request.effects.contains { $0.id == id }
            if isMeant { counts[request.call ?? "?", default: 0] += 1 }
        }
    }

    /// The calls that took effect, in their order.
    var writesInOrder: [String] { effective.map { $0.call ?? "?" } }

    /// Objects that were created or deleted more than once, or made by two creates under one key.
    private var repeated: [String] {
        var counts: [String: Int] = [:]
        for request in effective {
            for effect in request.effects where effect.kind != "operation" && effect.change != "changed" {
                counts["\(effect.change) \(effect.id)", default: 0] += 1
            }
            if let key = request.idempotencyKey { counts["\(request.call ?? "?") under \(key)", default: 0] += 1 }
        }
        return counts.filter { $0.value > 1 }.keys.sorted()
    }

    /// The live object of that id, as the emulator has it.
    func object(_ kind: String, _ id: String) -> JSONValue? { live(kind).first { $0["id"]?.string == id } }

    /// The version that an install runs, by its text.
    func version(of install: String) -> String? {
        guard let id = object("installs", install)?["package_version_id"] else { return nil }
        return live("versions").first { $0["id"] == id }?["semver"]?.string
    }

    /// A call of somebody else's; what it is answered.
    @discardableResult
    func somebody(_ method: String, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        var headers = [(name: "authorization", value: "Bearer sk_akua_test")]
        if body != nil { headers.append(("content-type", "application/json")) }
        let answer = try await RawHTTP(port: emulator.address.port).send(
            method, "/v1\(path)", headers: headers, body: body.map { JSONWriter().bytes(of: $0) })
        #expect((200..<300).contains(answer.status ?? 0), "\(method) \(path): \(answer.json)")
        emulator.emulator.runToRest()
        return answer.json
    }

    /// A package of somebody else's; its id.
    func foreignPackage(_ name: String, _ versions: [String], artifact: String? = nil) async throws -> String {
        let reference = JSONValue.string("oci://registry.example.com/acme/\(artifact ?? name)")
        func order(_ semver: String) -> JSONValue {
            [
                "semver": .string(semver), "ref": .string("sha256:\(semver)"),
                "input_schema": ["type": "object"],
            ]
        }
        let made = try await somebody(
            "POST", "/packages:import",
            ["name": .string(name), "oci_ref": reference, "version": order(versions[0])])
        let id = try #require(made["id"]?.string)
        for semver in versions.dropFirst() {
            try await somebody("POST", "/packages/\(id)/versions", order(semver))
        }
        return id
    }

    /// An install of somebody else's; its id.
    func foreignInstall(of package: String, _ semver: String) async throws -> String {
        let region = try #require(live("regions").first?["id"])
        let operation = try await somebody(
            "POST", "/installs",
            [
                "package_id": .string(package), "region_id": region, "initial_values": [:],
                "package_version_pin": ["kind": "pinned", "version": .string(semver)],
            ])
        return try #require(operation["owner_id"]?.string)
    }

    /// A cluster of somebody else's; its id.
    func foreignCluster(_ name: String) async throws -> String {
        let region = try #require(live("regions").first?["id"])
        let operation = try await somebody("POST", "/clusters", ["name": .string(name), "region_id": region])
        return try #require(operation["owner_id"]?.string)
    }
}

extension JSONValue {
    /// `create Install/shop` of an action, `Install/shop` of an object.
    fileprivate var title: String {
        let object = "\(self["kind"]?.string ?? "?")/\(self["name"]?.string ?? "?")"
        return self["action"]?.string.map { "\($0) \(object)" } ?? object
    }
}
