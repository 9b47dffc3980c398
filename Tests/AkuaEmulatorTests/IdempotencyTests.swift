import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

@Suite struct IdempotencyTests {
    @Test func `a repeated key gets the original operation and makes nothing`() async throws {
        try await withEmulator { client in
            let region = try await client.region()
            let package = try await client.package()["id"]?.string ?? ""
            let body = client.installBody(package: package, region: region)
            let first = try await client.post("/installs", body, key: "agl1-key")
            let again = try await client.post("/installs", body, key: "agl1-key")
            #expect(again.status == first.status)
            #expect(again.json["id"] == first.json["id"])
            try await client.finished(first.json)
            let late = try await client.post("/installs", body, key: "agl1-key")
            #expect(late.json["id"] == first.json["id"])
            #expect(late.json["state"] == "SUCCEEDED")
            #expect(try await client.get("/installs").json["data"]?.array?.count == 1)
            let requests = client.running.emulator.requests().filter { $0.call == "installs.create" }
            #expect(requests.map(\.isReplay) == [false, true, true])
            #expect(requests.map { $0.effects.contains { $0.kind == "install" } } == [true, false, false])
        }
    }

    @Test func `a hundred requests with one key at once make one object`() async throws {
        try await withEmulator { client in
            let ids = try await withThrowingTaskGroup { group in
                for _ in 0..<100 { group.addTask { try await client.package(key: "one")["id"]?.string } }
                return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            #expect(try await client.get("/packages").json["data"]?.array?.count == 1)
        }
    }

    @Test func `without a key each request makes an object`() async throws {
        try await withEmulator { client in
            for _ in 0..<3 { _ = try await client.package() }
            #expect(try await client.get("/packages").json["data"]?.array?.count == 3)
        }
    }

    @Test func `keys are told apart by endpoint`() async throws {
        try await withEmulator { client in
            _ = try await client.package(key: "same")
            let region = try await client.region()
            let body: JSONValue = ["name": "c", "region_id": .string(region)]
            #expect(try await client.post("/clusters", body, key: "same").status == 202)
        }
    }

    @Test func `a refused request does not use its key up`() async throws {
        try await withEmulator { client async throws in
            #expect(try await client.post("/packages:import", ["name": "x"], key: "k").status == 422)
            #expect(try await client.post("/packages:import", client.importBody(), key: "k").status == 201)
        }
    }

    @Test func `another body with the same key gets the original, or a conflict`() async throws {
        try await withEmulator { client in
            let first = try await client.post("/packages:import", client.importBody("a"), key: "k").json
            let other = try await client.post("/packages:import", client.importBody("b"), key: "k")
            #expect(other.status == 201)
            #expect(other.json == first)
            client.running.emulator.setSwitches { $0.keyReuse = .conflict }
            #expect(try await client.post("/packages:import", client.importBody("b"), key: "k").status == 409)
            // The order of members is no difference.
            let body = client.importBody("a").object ?? JSONObject()
            let turned = JSONValue.object { for member in body.members.reversed() { $0[member.name] = member.value } }
            #expect(try await client.post("/packages:import", turned, key: "k").status == 201)
        }
    }

    @Test(arguments: [(Switches.DeletedReplay.old, 201), (.gone, 410), (.conflict, 409)])
    func `a key whose object is gone gets what the switch says`(_ mode: Switches.DeletedReplay, _ status: Int)
        async throws
    {
        try await withEmulator { client in
            client.running.emulator.setSwitches { $0.deletedReplay = mode }
            let package = try await client.package(key: "k")
            let path = "/packages/\(package["id"]?.string ?? "")"
            #expect(try await client.send("DELETE", path, ifMatch: package["etag"]?.string).status == 204)
            let again = try await client.post("/packages:import", client.importBody(), key: "k")
            #expect(again.status == status)
            if mode == .old { #expect(again.json == package) }
            #expect(try await client.get("/packages").json["data"] == [])
        }
    }

    @Test func `a key is forgotten after its time`() async throws {
        try await withEmulator(.manual) { client in
            client.running.emulator.setSwitches { $0.keyRetentionSeconds = 60 }
            let first = try await client.package(key: "k")
            client.running.emulator.advance(milliseconds: 59_000)
            #expect(try await client.package(key: "k")["id"] == first["id"])
            client.running.emulator.advance(milliseconds: 2_000)
            #expect(try await client.package(key: "k")["id"] != first["id"])
        }
    }

    @Test func `a repeated write with an etag is answered although the etag has moved`() async throws {
        try await withEmulator { client in
            let (package, install) = try await client.install()
            let next = try await client.post("/packages/\(package)/versions", client.versionBody("1.5.0")).json
            // Its first render moves the etag too: that is to be over.
            client.running.emulator.runToRest()
            let etag = try await client.etag("/installs/\(install)")
            let body: JSONValue = ["package_version_id": next["id"] ?? nil]
            let first = try await client.post("/installs/\(install):update", body, key: "u", ifMatch: etag)
            let again = try await client.post("/installs/\(install):update", body, key: "u", ifMatch: etag)
            #expect(first.status == 202)
            #expect(again.status == 202)
            #expect(again.json == first.json)
            let stale = try await client.post("/installs/\(install):update", body, key: "v", ifMatch: etag)
            #expect(stale.status == 409)
        }
    }

    @Test(arguments: ["", String(repeating: "k", count: 65)])
    func `a key has 1 to 64 characters`(_ key: String) async throws {
        try await withEmulator { client async throws in
            #expect(try await client.post("/packages:import", client.importBody(), key: key).status == 400)
        }
    }

    @Test func `an update needs a key`() async throws {
        try await withEmulator { client in
            let (_, install) = try await client.install()
            let etag = try await client.etag("/installs/\(install)")
            let answer = try await client.post(
                "/installs/\(install):update", ["package_version_id": "x"], ifMatch: etag)
            #expect(answer.status == 400)
            #expect(answer.json["errors"]?.array?.first?["path"] == ["headers", "idempotency-key"])
        }
    }
}
