import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

@Suite struct OperationTests {
    @Test func `operations come newest first and without steps`() async throws {
        try await withEmulator { client in
            let (_, install) = try await client.install(key: "k")
            let all = try await client.get("/operations").json["data"]?.array ?? []
            #expect(all.map { $0["metadata"]?["type"] } == ["install.render", "install.create"])
            #expect(all.allSatisfy { $0["steps"] == nil })
            #expect(all[0]["parent_operation_id"] == all[1]["id"])
            let own = try await client.get("/operations?owner_type=install&owner_id=\(install)").json["data"]?.array
            #expect(own == all)
            let id = all[1]["id"]?.string ?? ""
            let full = try await client.get("/operations/\(id)").json
            #expect(full["steps"]?.array?.allSatisfy { $0["status"] == "completed" } == true)
            #expect(try await client.get("/operations/\(id.dropFirst(3))").json == full)
        }
    }

    @Test(arguments: ["owner_type=install", "owner_id=inst_1", "owner_type=planet&owner_id=x"])
    func `one filter without the other is refused`(_ query: String) async throws {
        try await withEmulator { client async throws in
            #expect(try await client.get("/operations?\(query)").status == 400)
        }
    }

    @Test func `a wait ends when the operation does, not before and not much later`() async throws {
        try await withEmulator(.manual) { client in
            let region = try await client.region()
            let operation = try await client.post("/clusters", ["name": "c", "region_id": .string(region)]).json
            let id = operation["id"]?.string ?? ""
            let running = try await client.post("/operations/\(id):wait?timeout=1").json
            #expect(running["done"] == false)
            async let waiting = client.post("/operations/\(id):wait?timeout=60")
            await client.running.emulator.waitForRequests(of: "operations.wait", count: 2)
            let start = ContinuousClock.now
            client.running.emulator.advance(milliseconds: 60_000)
            #expect(try await waiting.json["state"] == "SUCCEEDED")
            #expect(ContinuousClock.now - start < .seconds(10))
            #expect(try await client.post("/operations/\(id):wait?timeout=61").status == 400)
            #expect(try await client.post("/operations/op_none:wait").status == 404)
        }
    }

    @Test func `a hundred waits at once all end`() async throws {
        try await withEmulator { client in
            let region = try await client.region()
            let package = try await client.package()["id"]?.string ?? ""
            let body = client.installBody(package: package, region: region)
            try await withThrowingTaskGroup { group in
                for _ in 0..<100 {
                    group.addTask { try await client.finished(try await client.post("/installs", body).json) }
                }
                for try await done in group { #expect(done["state"] == "SUCCEEDED") }
            }
            #expect(client.running.emulator.counts.inFlightMax > 1)
        }
    }

    @Test func `an operation is seen done later than its effect, by the lag`() async throws {
        try await withEmulator(.manual) { client in
            client.running.emulator.setSwitches { $0.operationLagMilliseconds = 5_000 }
            let region = try await client.region()
            let operation = try await client.post("/clusters", ["name": "c", "region_id": .string(region)]).json
            let cluster = "/clusters/\(operation["owner_id"]?.string ?? "")"
            client.running.emulator.advance(milliseconds: 10_000)
            let path = "/operations/\(operation["id"]?.string ?? "")"
            #expect(try await client.get(cluster).json["state"] == "active")
            #expect(try await client.get(path).json["state"] == "RUNNING")
            #expect(try await client.get(path).json["response"] == .null)
            client.running.emulator.advance(milliseconds: 5_000)
            #expect(try await client.get(path).json["state"] == "SUCCEEDED")
        }
    }

    @Test func `the owner of a create may be hidden until it is done`() async throws {
        try await withEmulator { client in
            client.running.emulator.setSwitches { $0.ownerID = .late }
            let region = try await client.region()
            let package = try await client.package()["id"]?.string ?? ""
            let operation = try await client.post("/installs", client.installBody(package: package, region: region))
                .json
            let early = operation["owner_id"]?.string ?? ""
            #expect(try await client.get("/installs/\(early)").status == 404)
            let done = try await client.finished(operation)
            #expect(done["owner_id"] == done["response"]?["install_id"])
            #expect(done["owner_id"]?.string != early)
        }
    }

    @Test func `a cancelled operation drains its step and ends`() async throws {
        try await withEmulator(.manual) { client in
            let region = try await client.region()
            let operation = try await client.post("/clusters", ["name": "c", "region_id": .string(region)]).json
            let path = "/operations/\(operation["id"]?.string ?? "")"
            let answer = try await client.post("\(path):cancel", key: "x")
            #expect(answer.status == 202)
            #expect(answer.json["state"] == "RUNNING")
            client.running.emulator.advance(milliseconds: 2_000)
            let done = try await client.get(path).json
            #expect(done["state"] == "CANCELLED")
            #expect(done["error"]?["message"]?.string?.isEmpty == false)
            #expect(try await client.post("\(path):cancel").status == 422)
        }
    }

    @Test func `a fault makes an operation fail, and what it made can be read`() async throws {
        try await withEmulator { client in
            let rule: JSONValue = [
                "match": ["call": "installs.create"],
                "do": ["operation": ["turn": "fail", "step": 1, "message": "no capacity"]],
            ]
            #expect(try await client.control("POST", "/faults", rule).status == 200)
            let region = try await client.region()
            let package = try await client.package()["id"]?.string ?? ""
            let operation = try await client.post("/installs", client.installBody(package: package, region: region))
            #expect(operation.status == 202)
            let done = try await client.finished(operation.json)
            #expect(done["state"] == "FAILED")
            #expect(done["error"] == ["message": "no capacity"])
            #expect(done["response"] == .null)
            let install = try await client.get("/installs/\(done["owner_id"]?.string ?? "")")
            #expect(install.json["state"] == "failed")
        }
    }

    @Test(arguments: ["stall", "approval"])
    func `a fault makes an operation wait for ever or for a person`(_ turn: String) async throws {
        try await withEmulator(.manual) { client in
            let rule: JSONValue = ["do": ["operation": ["turn": .string(turn), "step": 1]]]
            _ = try await client.control("POST", "/faults", rule)
            let region = try await client.region()
            let operation = try await client.post("/clusters", ["name": "c", "region_id": .string(region)]).json
            client.running.emulator.advance(milliseconds: 1_000_000)
            let seen = try await client.get("/operations/\(operation["id"]?.string ?? "")").json
            #expect(seen["state"] == "RUNNING")
            let step = seen["steps"]?.array?.last ?? nil
            #expect(step["status"] == "running")
            #expect(step["execution_type"] == (turn == "approval" ? "approval" : "system"))
        }
    }

    @Test func `a step that fails once shows its trouble and recovers`() async throws {
        try await withEmulator(.manual) { client in
            _ = try await client.control(
                "POST", "/faults", ["do": ["operation": ["turn": "retry", "message": "busy"]]])
            let region = try await client.region()
            let operation = try await client.post("/clusters", ["name": "c", "region_id": .string(region)]).json
            let path = "/operations/\(operation["id"]?.string ?? "")"
            client.running.emulator.advance(milliseconds: 2_000)
            #expect(try await client.get(path).json["last_error"]?["message"] == "busy")
            client.running.emulator.advance(milliseconds: 2_000)
            #expect(try await client.get(path).json["last_error"] == .null)
            client.running.emulator.advance(milliseconds: 60_000)
            #expect(try await client.get(path).json["state"] == "SUCCEEDED")
        }
    }

    @Test func `operations are forgotten when their time is over`() async throws {
        try await withEmulator(.manual) { client in
            client.running.emulator.setSwitches { $0.operationRetentionSeconds = 60 }
            let region = try await client.region()
            _ = try await client.post("/clusters", ["name": "c", "region_id": .string(region)])
            client.running.emulator.advance(milliseconds: 30_000)
            #expect(try await client.get("/operations").json["data"]?.array?.count == 1)
            client.running.emulator.advance(milliseconds: 60_000)
            #expect(try await client.get("/operations").json["data"] == [])
        }
    }

    @Test(arguments: [(Switches.Timestamps.seconds, 10), (.milliseconds, 13)])
    func `moments are in seconds or milliseconds`(_ form: Switches.Timestamps, _ digits: Int) async throws {
        try await withEmulator { client in
            _ = try await client.region()
            client.running.emulator.setSwitches { $0.timestamps = form }
            let region = try await client.get("/regions").json["data"]?.array?.first ?? nil
            #expect(region["created_at"]?.number?.text.count == digits)
        }
    }

    @Test func `ids can come without their prefix, and are taken either way`() async throws {
        try await withEmulator { client in
            let (package, _) = try await client.install()
            client.running.emulator.setSwitches { $0.ids = .bare }
            let seen = try await client.get("/packages/\(package)").json
            let bare = seen["id"]?.string ?? ""
            #expect("pkg_" + bare == package)
            #expect(try await client.get("/packages/\(bare)").json == seen)
        }
    }
}
