import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

@Suite(.enabled(if: OpenAPIContract.shared != nil, Comment(rawValue: OpenAPIContract.absence)))
struct ContractTests {
    @Test(arguments: Emulator.calls)
    func `every call is addressed as the document says`(_ call: Emulator.CallAddress) throws {
        let contract = try #require(OpenAPIContract.shared)
        #expect(contract.address(of: call.name) == "\(call.method) \(call.path)")
    }

    @Test func `every call answers as the document says`() async throws {
        try await withEmulator { client in
            let (package, install) = try await client.install(key: "k")
            let version = try await client.post("/packages/\(package)/versions", client.versionBody("1.5.0")).json
            let region = try await client.region("us")
            let cluster = try await client.finished(
                try await client.post("/clusters", ["name": "c", "region_id": .string(region)], key: "c").json)
            let clusterPath = "/clusters/\(cluster["response"]?["cluster_id"]?.string ?? "")"
            let chart: JSONValue = [
                "name": "redis",
                "sources": [["kind": "helm", "repo_url": "oci://charts/redis", "target_revision": "18.1.0"]],
            ]
            try await client.finished(try await client.post("/packages", chart, key: "h").json)
            let pin: JSONValue = ["kind": "pinned", "version": "1.4.0"]
            let product = try await client.post(
                "/products",
                [
                    "name": "Shop", "package_id": .string(package), "package_version_pin": pin,
                    "custom_description": "x", "marketplace": ["published": true],
                ], key: "p"
            ).json
            let path = "/installs/\(install)"
            let update = try await client.post(
                "\(path):update", ["package_version_id": version["id"] ?? nil], key: "u",
                ifMatch: try await client.etag(path)
            ).json
            try await client.finished(update["render"]?["operation_id"] ?? nil)
            let render = try await client.post(
                "\(path)/renders", ["message": "m", "extra_annotations": ["a": "b"]], key: "r"
            ).json
            try await client.finished(render["operation_id"] ?? nil)
            _ = try await client.send(
                "PATCH", "\(path)/automatic_updates", ["automatic_updates_enabled": true], key: "a",
                ifMatch: try await client.etag(path))
            _ = try await client.send("PATCH", clusterPath, ["name": "d"], ifMatch: try await client.etag(clusterPath))
            let workspace = "/workspaces/\(client.running.workspace)"
            let versionPath = "/packages/\(package)/versions/\(version["id"]?.string ?? "")"
            let repository = try await client.get("/repositories?view=full").json["data"]?.array?.first ?? nil
            let operation = try await client.get("/operations").json["data"]?.array?.first?["id"]?.string ?? ""
            for read in [
                "/workspaces", workspace, "\(workspace)/access_state", "/regions", "/clusters", clusterPath,
                "/packages",
                "/packages?view=full", "/packages/\(package)", "/packages/\(package)?view=full",
                "/packages/\(package)/versions", versionPath, "\(versionPath)/inputs", "/products",
                "/products/\(product["id"]?.string ?? "")", "/installs?limit=1", path, "\(path)/status",
                "\(path)/renders", "\(path)/renders/\(render["id"]?.string ?? "")", "/operations/\(operation)",
                "/operations?owner_type=install&owner_id=\(install)", "/repositories?purpose=deploy",
                "/repositories/\(repository["id"]?.string ?? "")",
            ] { #expect(try await client.get(read).status == 200, "\(read)") }
            _ = try await client.control("POST", "/clock", ["manual": true])
            let removal = try await client.send("DELETE", path, key: "d", ifMatch: try await client.etag(path)).json
            #expect(try await client.post("/operations/\(removal["id"]?.string ?? ""):cancel").status == 202)
            _ = try await client.control("POST", "/clock", ["scale": 200])
            try await client.finished(removal)
            try await client.finished(
                try await client.send("DELETE", clusterPath, ifMatch: try await client.etag(clusterPath)).json)
            let spare = try await client.package("spare")
            let sparePath = "/packages/\(spare["id"]?.string ?? "")"
            #expect(try await client.send("DELETE", sparePath, ifMatch: spare["etag"]?.string).status == 204)
            let driven = client.running.emulator.counts.byCall
            for call in Emulator.calls { #expect(driven[call.name] != nil, "\(call.name) was not driven") }
        }
    }
}
