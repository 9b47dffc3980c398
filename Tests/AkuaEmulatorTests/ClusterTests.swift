import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

@Suite struct ClusterTests {
    @Test func `a cluster is provisioned by an operation and shows neither region nor profile`() async throws {
        try await withEmulator(.manual) { client in
            let region = try await client.region()
            let body: JSONValue = [
                "name": "prod-eu", "region_id": .string(region), "network_profile": "mixed_os_calico",
            ]
            let answer = try await client.post("/clusters", body, key: "c1")
            #expect(answer.status == 202)
            #expect(
                answer.json["metadata"] == [
                    "type": "cluster.create", "workspace_id": .string(client.running.workspace),
                    "region_id": .string(region), "name": "prod-eu",
                ])
            let path = "/clusters/\(answer.json["owner_id"]?.string ?? "")"
            let states = ["pending", "provisioning", "active"]
            for state in states {
                #expect(try await client.get(path).json["state"] == .string(state))
                client.running.emulator.advance(milliseconds: state == "pending" ? 2_000 : 8_000)
            }
            let cluster = try await client.get(path).json
            #expect(
                cluster.names == [
                    "id", "html_url", "name", "workspace_id", "state", "provider", "reconciling", "created_at",
                    "updated_at", "etag",
                ])
            #expect(cluster["reconciling"] == false)
            let done = try await client.get("/operations/\(answer.json["id"]?.string ?? "")").json
            #expect(done["response"] == ["type": "cluster.create", "cluster_id": cluster["id"] ?? nil])
        }
    }

    @Test func `an update takes the etag that was read`() async throws {
        try await withEmulator { client in
            let path = try await cluster(client)
            let before = try await client.get(path).json
            let etag = before["etag"]?.string
            #expect(try await client.send("PATCH", path, ["name": "renamed"]).status == 400)
            let answer = try await client.send("PATCH", path, ["name": "renamed"], ifMatch: etag)
            #expect(answer.status == 200)
            #expect(answer.json["name"] == "renamed")
            #expect(answer.json["etag"]?.string != etag)
            let stale = try await client.send("PATCH", path, ["name": "late"], ifMatch: etag)
            #expect(stale.status == 409)
            let error = stale.json["errors"]?.array?.first ?? nil
            #expect(error["message"]?.string?.contains("ABORTED") == true)
            #expect(error["metadata"]?["etag"] == answer.json["etag"])
            #expect(try await client.get(path).json["name"] == "renamed")
            let quoted = try await client.send(
                "PATCH", path, ["name": "quoted"], ifMatch: "\"\(answer.json["etag"]?.string ?? "")\"")
            #expect(quoted.status == 200)
            client.running.emulator.setSwitches {
                $0.missingIfMatchStatus = 428
                $0.staleStatus = 412
                $0.conflictMetadataKey = ""
                $0.etags = .quoted
            }
            #expect(try await client.send("PATCH", path, ["name": "x"]).status == 428)
            let other = try await client.send("PATCH", path, ["name": "x"], ifMatch: etag)
            #expect(other.status == 412)
            #expect(other.json["errors"]?.array?.first?["metadata"] == nil)
            let shown = try await client.etag(path)
            #expect(shown.hasPrefix("\"") && shown.hasSuffix("\""))
            #expect(try await client.send("PATCH", path, ["name": "y"], ifMatch: shown).status == 200)
        }
    }

    @Test func `a delete needs an owner, the etag and an empty cluster, and is an operation`() async throws {
        var options = EmulatorOptions.fast
        options.tokens.append(
            AccessToken(value: "sk_member", reach: .workspace(EmulatorOptions.defaultWorkspace), role: .member))
        try await withEmulator(options) { client in
            let path = try await cluster(client)
            let id = String(path.dropFirst("/clusters/".count))
            let region = try await client.region()
            let package = try await client.package()["id"]?.string ?? ""
            var body = client.installBody(package: package, region: region).object ?? JSONObject()
            body["cluster_id"] = .string(id)
            let install = try await client.finished(try await client.post("/installs", .object(body)).json)
            let installPath = "/installs/\(install["response"]?["install_id"]?.string ?? "")"
            #expect(try await client.get(installPath).json["cluster_id"] == .string(id))
            let etag = try await client.etag(path)
            #expect(try await client.send("DELETE", path).status == 400)
            #expect(try await client.with(token: "sk_member").send("DELETE", path, ifMatch: etag).status == 403)
            #expect(try await client.send("DELETE", path, ifMatch: "0").status == 409)
            let occupied = try await client.send("DELETE", path, ifMatch: etag)
            #expect(occupied.status == 409)
            #expect(occupied.json["errors"]?.array?.first?["message"]?.string?.contains("not empty") == true)
            let removal = try await client.send("DELETE", installPath, ifMatch: try await client.etag(installPath))
            try await client.finished(removal.json)
            let answer = try await client.send("DELETE", path, key: "d1", ifMatch: try await client.etag(path))
            #expect(answer.status == 202)
            #expect(answer.json["metadata"] == ["type": "cluster.delete", "cluster_id": .string(id)])
            #expect(answer.json["owner_type"] == "cluster")
            let done = try await client.finished(answer.json)
            #expect(done["state"] == "SUCCEEDED")
            #expect(done["response"] == ["type": "cluster.delete", "cluster_id": .string(id)])
            #expect(try await client.get(path).status == 404)
        }
    }

    /// The path of a cluster that is up.
    private func cluster(_ client: Client) async throws -> String {
        let region = try await client.region()
        let operation = try await client.post("/clusters", ["name": "prod", "region_id": .string(region)]).json
        let done = try await client.finished(operation)
        return "/clusters/\(done["response"]?["cluster_id"]?.string ?? "")"
    }
}
