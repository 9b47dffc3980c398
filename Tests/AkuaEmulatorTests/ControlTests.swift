import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

@Suite struct ControlTests {
    @Test func `the log has what came in, and not the token`() async throws {
        try await withEmulator { client in
            _ = try await client.get("/regions?limit=3")
            let import1 = try await client.post("/packages:import", client.importBody(), key: "k", ifMatch: "7")
            _ = try? await client.with(token: "other").get("/regions")
            let log = try await client.control("GET", "/requests").json["requests"]?.array ?? []
            #expect(log.map { $0["number"] } == [1, 2, 3])
            #expect(log.map { $0["call"] } == ["regions.list", "packages.importPublished", "regions.list"])
            #expect(log.map { $0["status"] } == [200, 201, 401])
            #expect(log.map { $0["token"] } == [1, 1, 2])
            #expect(log[0]["query"] == "limit=3")
            #expect(log[1]["idempotency_key"] == "k")
            #expect(log[1]["if_match"] == "7")
            #expect(log[1]["body"] == client.importBody())
            #expect(log[1]["effects"]?.array?.first?["id"] == import1.json["id"])
            #expect(log[1]["effects"]?.array?.first?["change"] == "created")
            let text = JSONWriter().text(of: .array(log))
            #expect(!text.contains(client.token))
            let rest = try await client.control("GET", "/requests?after=2").json["requests"]?.array ?? []
            #expect(rest.map { $0["number"] } == [3])
            _ = try await client.control("DELETE", "/requests")
            #expect(try await client.control("GET", "/requests").json == ["requests": []])
            _ = try await client.get("/regions")
            #expect(client.running.emulator.requests().map(\.number) == [4])
            #expect(client.running.emulator.counts.byCall == ["regions.list": 1])
        }
    }

    @Test func `the log is bounded`() async throws {
        var options = EmulatorOptions.fast
        options.requestsKept = 8
        try await withEmulator(options) { client in
            for _ in 0..<30 { _ = try await client.get("/regions") }
            let numbers = client.running.emulator.requests().map(\.number)
            #expect(numbers.count <= 8)
            #expect(numbers.last == 30)
            #expect(client.running.emulator.counts.byCall["regions.list"] == 30)
        }
    }

    @Test func `every switch can be read, set and is checked`() async throws {
        try await withEmulator { client in
            let all = try await client.control("GET", "/switches").json
            #expect(all.object?.names == Switches.all.map(\.name))
            for member in all.object ?? JSONObject() {
                let same = try await client.control("POST", "/switches", [member.name: member.value])
                #expect(same.status == 200, "\(member.name)")
                let wrong = try await client.control("POST", "/switches", [member.name: ["no": "value"]])
                #expect(wrong.status == 400, "\(member.name)")
                #expect(wrong.json["errors"]?.array?.first?["message"]?.string?.contains(member.name) == true)
            }
            #expect(try await client.control("POST", "/switches", ["unknown": 1]).status == 400)
            #expect(try await client.control("POST", "/switches", ["etags": "quoted"]).json["etags"] == "quoted")
            #expect(client.running.emulator.switches.etags == .quoted)
        }
    }

    @Test func `others change things, and each change moves the etag`() async throws {
        try await withEmulator(.manual) { client in
            var population = Population()
            population.packages = 1
            population.versionsPerPackage = 2
            population.installs = 2
            let made = try client.running.emulator.populate(population)
            let (install, cluster) = ("/installs/\(made.installs[0])", "/clusters/\(made.clusters[0])")
            func drift(_ change: JSONValue, of path: String) async throws -> JSONValue {
                let before = try await client.etag(path)
                #expect(try await client.control("POST", "/drift", change).status == 200)
                let after = try await client.get(path).json
                #expect(after["etag"]?.string != before)
                return after
            }
            let id = JSONValue.string(made.installs[0])
            let other = JSONValue.string(made.packages[0].versions[1])
            let moved = try await drift(
                ["change": "install_version", "id": id, "package_version_id": other], of: install)
            #expect(moved["package_version_id"] == other)
            let sick = try await drift(["change": "install_state", "id": id, "state": "degraded"], of: install)
            #expect(sick["state"] == "degraded")
            _ = try await drift(["change": "touched", "id": id], of: install)
            let clusterID = JSONValue.string(made.clusters[0])
            let renamed = try await drift(["change": "cluster_renamed", "id": clusterID, "name": "mine"], of: cluster)
            #expect(renamed["name"] == "mine")
            let asleep = try await drift(
                ["change": "cluster_state", "id": clusterID, "state": "suspended"], of: cluster)
            #expect(asleep["state"] == "suspended")
            let running = try await client.post("/installs/\(made.installs[0])/renders", ["skip_unchanged": false]).json
            let gone: JSONValue = [
                "changes": [["change": "install_deleted", "id": id], ["change": "cluster_deleted", "id": clusterID]]
            ]
            #expect(try await client.control("POST", "/drift", gone).status == 200)
            #expect(try await client.get(install).status == 404)
            #expect(try await client.get(cluster).status == 404)
            let orphan = running["operation_id"]?.string ?? ""
            #expect(try await client.get("/operations/\(orphan)").json["state"] == "CANCELLED")
            #expect(try await client.control("POST", "/drift", ["change": "touched", "id": "inst_none"]).status == 404)
            #expect(try await client.control("POST", "/drift", ["change": "flood", "id": "x"]).status == 422)
        }
    }

    @Test func `a population can have history and belong to a customer`() async throws {
        try await withEmulator { client in
            let body: JSONValue = [
                "packages": 2, "versions_per_package": 3, "installs": 7, "history": true,
                "customer_workspace": "ws_customer",
            ]
            let made = try await client.control("POST", "/seed", body).json
            #expect(made["installs"]?.array?.count == 7)
            #expect(made["packages"]?.array?.map { $0["versions"]?.array?.count } == [3, 3])
            let operations = try await client.get("/operations").json["data"]?.array ?? []
            #expect(operations.map { $0["metadata"]?["idempotency_key"] }.last == "seed-1")
            #expect(operations.allSatisfy { $0["state"] == "SUCCEEDED" })
            let install = try await client.get("/installs").json["data"]?.array?.first ?? nil
            #expect(install["customer_workspace"]?["id"] == "ws_customer")
            #expect(install["cluster_id"] == nil)
            #expect(try await client.control("POST", "/seed", ["installs": 1]).status == 422)
            #expect(try await client.control("POST", "/seed", ["packages": -1]).status == 422)
        }
    }

    @Test func `time can be stopped, moved and let go`() async throws {
        try await withEmulator { client in
            _ = try await client.control("POST", "/clock", ["manual": true])
            let start = try await client.control("GET", "/clock").json["now_ms"]?.int ?? 0
            let region = try await client.region()
            let operation = try await client.post("/clusters", ["name": "c", "region_id": .string(region)]).json
            #expect(
                try await client.control("GET", "/clock").json == [
                    "now_ms": .number(JSONNumber(start)), "pending": true,
                ])
            let moved = try await client.control("POST", "/clock", ["advance_ms": 1_500]).json
            #expect(moved["now_ms"]?.int == start + 1_500)
            _ = try await client.control("POST", "/clock", ["scale": 10_000])
            #expect(try await client.finished(operation)["state"] == "SUCCEEDED")
            let (_, install) = try await client.install()
            _ = try await client.control("POST", "/clock", ["manual": true])
            _ = try await client.post("/installs/\(install)/renders", ["skip_unchanged": false])
            #expect(try await client.control("POST", "/clock", ["to_rest": true]).json["pending"] == false)
            #expect(try await client.get("/installs/\(install)").json["state"] == "healthy")
        }
    }

    @Test func `tokens and workspaces can be added while it runs`() async throws {
        try await withEmulator { client in
            #expect(try await client.control("POST", "/workspaces", ["id": "ws_new", "name": "New"]).status == 200)
            let tokens: JSONValue = ["tokens": [["value": "sk_new", "workspace": "ws_new", "role": "member"]]]
            #expect(try await client.control("POST", "/tokens", tokens).status == 200)
            #expect(try await client.get("/regions").status == 401)
            let new = try await client.with(token: "sk_new").get("/workspaces").json["data"]?.array
            #expect(new?.map { $0["name"] } == ["New"])
        }
    }

    @Test func `what is not there is said`() async throws {
        try await withEmulator { client in
            let unknown = try await client.control("GET", "/nothing")
            let wrong = try await client.control("PUT", "/switches")
            #expect([unknown.status, wrong.status] == [404, 404])
        }
    }
}
