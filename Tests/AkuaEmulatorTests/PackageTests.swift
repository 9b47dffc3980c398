import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

@Suite struct PackageTests {
    @Test func `packages-import answers 201 with the package and its first version registered`() async throws {
        try await withEmulator { client in
            var body = client.importBody()
            body = .object {
                for member in body.object ?? JSONObject() { $0[member.name] = member.value }
                $0["description"] = nil as JSONValue
                $0["oci_ref"] = "oci://registry.example.com:5000/acme/checkout:1.4.0@sha256:abc"
            }
            let answer = try await client.post("/packages:import", body, key: "import-1")
            #expect(answer.status == 201)
            let package = answer.json
            #expect(package["id"]?.string?.hasPrefix("pkg_") == true)
            #expect(package["workspace_id"] == .string(client.running.workspace))
            #expect(package["source"] == ["kind": "oci", "oci_ref": "oci://registry.example.com:5000/acme/checkout"])
            #expect(package["description"] == .null)
            #expect(package["display_image_url"] == .null)
            #expect(package["composed_from_sources"] == nil)
            let id = try #require(package["id"]?.string)
            #expect(try await client.get("/packages/\(id)").json == package)
            #expect(try await client.get("/packages").json["data"] == [package])
            let version = try await client.get("/packages/\(id)/versions").json["data"]?.array?.first ?? nil
            #expect(version["id"] == package["latest_version_id"])
            #expect(version["semver"] == "1.4.0")
            #expect(version["input_schema"] == ["type": "object"])
            #expect(version.names.isDisjoint(with: ["compatibility"]))
        }
    }

    @Test func `an artifact may be imported twice, but not with another schema`() async throws {
        try await withEmulator { client in
            #expect(try await client.post("/packages:import", client.importBody()).status == 201)
            #expect(try await client.post("/packages:import", client.importBody()).status == 201)
            #expect(try await client.get("/packages").json["data"]?.array?.count == 2)
            let other: JSONValue = [
                "name": "checkout", "oci_ref": "oci://registry.example.com/acme/checkout",
                "version": ["semver": "1.4.0", "ref": "sha256:1.4.0", "input_schema": ["type": "string"]],
            ]
            let refused = try await client.post("/packages:import", other)
            #expect(refused.status == 422)
            #expect(refused.json["errors"]?.array?.first?["path"] == ["body", "version", "input_schema"])
        }
    }

    @Test func `a strict registry knows registered artifacts alone`() async throws {
        try await withEmulator { client async throws in
            client.running.emulator.setSwitches { $0.registry = .strict }
            #expect(try await client.post("/packages:import", client.importBody()).status == 422)
            client.running.emulator.register(
                ociRef: "oci://registry.example.com/acme/checkout", ref: "sha256:1.4.0", inputSchema: ["type": "object"]
            )
            #expect(try await client.post("/packages:import", client.importBody()).status == 201)
        }
    }

    @Test func `a version is created once, and the newest comes first`() async throws {
        try await withEmulator { client in
            let package = try #require(try await client.package(semver: "1.4.0")["id"]?.string)
            let before = try await client.etag("/packages/\(package)")
            let body: JSONValue = [
                "semver": "1.10.0-rc.1+build.7", "ref": "sha256:next",
                "input_schema": try JSONReader.read(#"{"type":"object","properties":{"size":{"maximum":1e30}}}"#),
                "compatibility": [
                    "clusterTypes": ["kaas"], "kubernetes": ["minVersion": "1.28"],
                    "placement": ["providers": "any", "regions": ["eu"]],
                ],
            ]
            let answer = try await client.post("/packages/\(package)/versions", body)
            #expect(answer.status == 201)
            #expect(answer.json["package_id"] == .string(package))
            #expect(answer.json["compatibility"] == nil)
            #expect(try await client.post("/packages/\(package)/versions", body).status == 409)
            #expect(try await client.post("/packages/\(package)/versions", client.versionBody("1.5.0")).status == 201)
            let versions = try await client.get("/packages/\(package)/versions").json["data"]?.array ?? []
            #expect(versions.map { $0["semver"] } == ["1.5.0", "1.10.0-rc.1+build.7", "1.4.0"])
            let id = try #require(versions[1]["id"]?.string)
            #expect(try await client.get("/packages/\(package)/versions/\(id)").json == versions[1])
            #expect(try await client.get("/packages/\(package)/versions/\(id)/inputs").json == body["input_schema"])
            let after = try await client.get("/packages/\(package)").json
            #expect(after["latest_version_id"] == versions[0]["id"])
            #expect(after["etag"]?.string != before)
        }
    }

    @Test(arguments: [(Switches.Latest.highest, "2.0.0"), (.newest, "1.9.1")])
    func `latest means the highest release or the newest version`(_ latest: Switches.Latest, _ semver: String)
        async throws
    {
        try await withEmulator { client in
            client.running.emulator.setSwitches { $0.latest = latest }
            let package = try #require(try await client.package(semver: "1.9.0")["id"]?.string)
            for semver in ["1.10.0", "2.0.0", "3.0.0-rc.1", "1.9.1"] {
                #expect(
                    try await client.post("/packages/\(package)/versions", client.versionBody(semver)).status == 201)
            }
            let id = try #require(try await client.get("/packages/\(package)").json["latest_version_id"]?.string)
            #expect(try await client.get("/packages/\(package)/versions/\(id)").json["semver"] == .string(semver))
        }
    }

    @Test func `a package that something refers to is not deleted`() async throws {
        try await withEmulator { client in
            let (package, install) = try await client.install()
            let path = "/packages/\(package)"
            #expect(try await client.send("DELETE", path, ifMatch: try await client.etag(path)).status == 409)
            let removal = try await client.send(
                "DELETE", "/installs/\(install)", ifMatch: try await client.etag("/installs/\(install)"))
            try await client.finished(removal.json)
            let product = try await client.post(
                "/products",
                ["name": "Checkout", "package_id": .string(package), "package_version_pin": ["kind": "latest"]])
            #expect(product.status == 201)
            #expect(try await client.send("DELETE", path, ifMatch: try await client.etag(path)).status == 409)
        }
    }

    @Test func `a package goes with its versions and answers 204`() async throws {
        try await withEmulator { client in
            let package = try await client.package()
            let path = "/packages/\(package["id"]?.string ?? "")"
            let version = package["latest_version_id"]?.string ?? ""
            let answer = try await client.send("DELETE", path, ifMatch: package["etag"]?.string)
            #expect(answer.status == 204)
            #expect(answer.body.isEmpty)
            #expect(answer.header("content-length") == nil)
            #expect(try await client.get(path).status == 404)
            #expect(try await client.get("\(path)/versions/\(version)").status == 404)
            #expect(try await client.get("/packages").json["data"] == [])
        }
    }

    @Test func `a chart becomes a package in its own time`() async throws {
        try await withEmulator { client in
            let body: JSONValue = [
                "name": "redis",
                "sources": [
                    [
                        "kind": "helm", "repo_url": "oci://charts.example.com/redis", "target_revision": "18.1.0",
                        "values": try JSONReader.read(#"{"size":12345678901234567890.50}"#),
                    ]
                ],
            ]
            let answer = try await client.post("/packages", body, key: "helm-1")
            #expect(answer.status == 202)
            #expect(answer.json["metadata"]?["idempotency_key"] == "helm-1")
            let done = try await client.finished(answer.json)
            let response = try #require(done["response"])
            #expect(response["type"] == "package.create")
            let id = try #require(response["package_id"]?.string)
            #expect(done["owner_id"] == .string(id))
            let full = try await client.get("/packages/\(id)?view=full").json
            #expect(full["composed_from_sources"] == body["sources"])
            #expect(full["source"] == ["kind": "hosted", "repository_id": response["repository_id"] ?? nil])
            #expect(try await client.get("/packages/\(id)").json["composed_from_sources"] == nil)
            let repository = response["repository_id"]?.string ?? ""
            #expect(try await client.get("/repositories/\(repository)").json["package_id"] == .string(id))
            #expect(try await client.post("/packages/\(id)/versions", client.versionBody("19.0.0")).status == 422)
        }
    }
}
