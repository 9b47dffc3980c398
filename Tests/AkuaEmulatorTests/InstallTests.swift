import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

@Suite struct InstallTests {
    @Test func `an install passes through its states and renders by itself`() async throws {
        try await withEmulator(.manual) { client in
            let emulator = client.running.emulator
            let region = try await client.region()
            let package = try await client.package()["id"]?.string ?? ""
            let operation = try await client.post(
                "/installs", client.installBody(package: package, region: region), key: "k")
            #expect(operation.status == 202)
            #expect(operation.json["metadata"]?["type"] == "install.create")
            #expect(operation.json["metadata"]?["idempotency_key"] == "k")
            #expect(operation.json["state"] == "RUNNING")
            let path = "/installs/\(operation.json["owner_id"]?.string ?? "")"
            var seen: [String] = []
            var etags: Set<String> = []
            for _ in 0..<200 {
                let install = try await client.get(path).json
                let state = install["state"]?.string ?? ""
                if seen.last != state {
                    seen.append(state)
                    let etag = install["etag"]?.string ?? ""
                    #expect(etags.insert(etag).inserted)
                    #expect(install["reconciling"] == .bool(state != "healthy"))
                }
                emulator.advance(milliseconds: 50)
            }
            #expect(seen == ["pending", "rendering", "syncing", "healthy"])
            let renders = try await client.get("\(path)/renders").json["data"]?.array ?? []
            #expect(renders.count == 1)
            #expect(renders.first?["state"] == "deployed")
            #expect(renders.first?["message"] == .null)
            let status = try await client.get("\(path)/status").json
            #expect(status["health"] == "Healthy")
            #expect(status["revision"] == renders.first?["commit_sha"])
            #expect(renders.first?["commit_sha"]?.string?.count == 40)
        }
    }

    @Test func `an install shows neither name, region, package nor values`() async throws {
        try await withEmulator { client in
            let (_, install) = try await client.install()
            let names = try await client.get("/installs/\(install)").json.names
            #expect(
                names == [
                    "id", "html_url", "workspace_id", "customer_workspace", "package_version_id", "state",
                    "reconciling", "urls", "created_at", "updated_at", "etag",
                ])
            let state = client.running.emulator.state["installs"]?.array?.first ?? nil
            #expect(state["initial_values"] == ["replicas": 3])
        }
    }

    @Test func `values arrive digit for digit`() async throws {
        try await withEmulator { client in
            let values = #"{"a":1.10,"b":12345678901234567890,"c":1e3,"d":0.1000000000000000055,"e":-0}"#
            let region = try await client.region()
            let package = try await client.package()["id"]?.string ?? ""
            var body = client.installBody(package: package, region: region).object ?? JSONObject()
            body["initial_values"] = try JSONReader.read(values)
            #expect(try await client.post("/installs", .object(body)).status == 202)
            let kept = client.running.emulator.state["installs"]?.array?.first?["initial_values"] ?? nil
            #expect(JSONWriter().text(of: kept) == values)
            let request = client.running.emulator.requests().last
            #expect(request?.json?["initial_values"].map { JSONWriter().text(of: $0) } == values)
        }
    }

    @Test func `what an install refers to has to be there`() async throws {
        try await withEmulator { client in
            let region = try await client.region()
            let package = try await client.package()["id"]?.string ?? ""
            let whole = client.installBody(package: package, region: region).object ?? JSONObject()
            for (field, value) in [
                ("package_id", "pkg_none"), ("region_id", "reg_none"), ("cluster_id", "clu_none"),
            ] {
                var body = whole
                body[field] = .string(value)
                let answer = try await client.post("/installs", .object(body))
                #expect(answer.status == 404, "\(field)")
                #expect(answer.json["errors"]?.array?.first?["path"] == ["body", .string(field)])
            }
            var body = whole
            body["package_version_pin"] = ["kind": "pinned", "version": "9.9.9"]
            #expect(try await client.post("/installs", .object(body)).status == 422)
            #expect(try await client.get("/installs").json["data"] == [])
        }
    }

    @Test func `the version moves once the render has deployed`() async throws {
        try await withEmulator(.manual) { client in
            let emulator = client.running.emulator
            let (package, install, first) = try await settledInstall(client)
            let next = try await client.post("/packages/\(package)/versions", client.versionBody("1.5.0")).json
            let update = try await client.post(
                "/installs/\(install):update", ["package_version_id": next["id"] ?? nil], key: "u1",
                ifMatch: try await client.etag("/installs/\(install)"))
            #expect(update.status == 202)
            #expect(update.json["install"]?["current_version"]?["semver"] == "1.4.0")
            #expect(update.json["install"]?["desired_version"]?["semver"] == "1.5.0")
            #expect(update.json["render"]?["state"] == "running")
            #expect(update.json["render"]?["package_version_id"] == next["id"])
            #expect(try await client.get("/installs/\(install)").json["package_version_id"] == first)
            let operation = update.json["render"]?["operation_id"]?.string ?? ""
            #expect(try await client.get("/operations/\(operation)").json["metadata"]?["type"] == "install.render")
            emulator.advance(milliseconds: 60_000)
            #expect(try await client.get("/installs/\(install)").json["package_version_id"] == next["id"])
            let again = try await client.post(
                "/installs/\(install):update", ["package_version_id": next["id"] ?? nil], key: "u2",
                ifMatch: try await client.etag("/installs/\(install)"))
            #expect(again.status == 202)
            #expect(again.json["render"] == .null)
            #expect(again.json["install"]?["desired_version"] == .null)
        }
    }

    @Test func `a version of another package is refused`() async throws {
        try await withEmulator { client in
            let (_, install) = try await client.install()
            let other = try await client.package("other")
            let answer = try await client.post(
                "/installs/\(install):update", ["package_version_id": other["latest_version_id"] ?? nil], key: "u",
                ifMatch: try await client.etag("/installs/\(install)"))
            #expect(answer.status == 422)
        }
    }

    @Test func `an equal render is skipped, and annotations make it unequal`() async throws {
        try await withEmulator { client in
            let (_, install) = try await client.install()
            let path = "/installs/\(install)/renders"
            func render(_ body: JSONValue) async throws -> JSONValue {
                let answer = try await client.post(path, body)
                #expect(answer.status == 201)
                let operation = try await client.finished(answer.json["operation_id"] ?? nil)
                let render = try await client.get("\(path)/\(answer.json["id"]?.string ?? "")").json
                #expect(operation["response"]?["skipped"] == .bool(render["state"] == "skipped"))
                #expect(operation["response"]?["render_hash"] == render["render_hash"])
                return render
            }
            let equal = try await render(["message": "again"])
            #expect(equal["state"] == "skipped")
            #expect(equal["commit_sha"] == .null)
            #expect(equal["message"] == "again")
            let forced = try await render(["skip_unchanged": false])
            #expect(forced["state"] == "deployed")
            let annotated = try await render(["extra_annotations": ["gitops.akua.dev/commit": "abc"]])
            #expect(annotated["state"] == "deployed")
            #expect(annotated["extra_annotations"] == nil)
            let shown = client.running.emulator.state["renders"]?.array?.last?["extra_annotations"]
            #expect(shown == ["gitops.akua.dev/commit": "abc"])
            let ids = try await client.get(path).json["data"]?.array?.map { $0["id"] } ?? []
            #expect(ids.first == annotated["id"])
        }
    }

    @Test func `renders of one install wait for each other, or are refused`() async throws {
        try await withEmulator(.manual) { client in
            let (_, install, _) = try await settledInstall(client)
            let path = "/installs/\(install)/renders"
            let first = try await client.post(path, ["skip_unchanged": false]).json
            let second = try await client.post(path, ["skip_unchanged": false]).json
            client.running.emulator.setSwitches { $0.busyInstall = .conflict }
            #expect(try await client.post(path, [:]).status == 409)
            client.running.emulator.advance(milliseconds: 2_600)
            #expect(try await client.get("\(path)/\(first["id"]?.string ?? "")").json["state"] == "deployed")
            #expect(try await client.get("\(path)/\(second["id"]?.string ?? "")").json["state"] == "running")
            client.running.emulator.advance(milliseconds: 60_000)
            #expect(try await client.get("\(path)/\(second["id"]?.string ?? "")").json["state"] == "deployed")
            #expect(try await client.get("/installs/\(install)").json["state"] == "healthy")
        }
    }

    @Test func `automatic updates follow the latest version and are in no read`() async throws {
        try await withEmulator { client in
            let (package, install) = try await client.install()
            let path = "/installs/\(install)"
            let on = try await client.send(
                "PATCH", "\(path)/automatic_updates", ["automatic_updates_enabled": true], key: "a",
                ifMatch: try await client.etag(path))
            #expect(on.status == 200)
            #expect(on.json["install"]?["automatic_updates_enabled"] == true)
            #expect(on.json["render"] == .null)
            #expect(try await client.get(path).json["automatic_updates_enabled"] == nil)
            let next = try await client.post("/packages/\(package)/versions", client.versionBody("1.5.0")).json
            let operation = try await client.get("/operations?owner_type=install&owner_id=\(install)").json["data"]?
                .array?.first
            try await client.finished(operation ?? nil)
            #expect(try await client.get(path).json["package_version_id"] == next["id"])
        }
    }

    @Test(arguments: Switches.DeletedInstalls.allCases)
    func `a deleted install is gone, a tombstone, or listed as one`(_ mode: Switches.DeletedInstalls) async throws {
        try await withEmulator(.manual) { client in
            client.running.emulator.setSwitches { $0.deletedInstalls = mode }
            let (_, install, _) = try await settledInstall(client)
            let path = "/installs/\(install)"
            let answer = try await client.send("DELETE", path, key: "d", ifMatch: try await client.etag(path))
            #expect(answer.status == 202)
            #expect(answer.json["metadata"]?["type"] == "install.delete")
            let etag = try await client.etag(path)
            #expect(try await client.send("DELETE", path, ifMatch: etag).status == 409)
            #expect(try await client.post("\(path)/renders").status == 409)
            client.running.emulator.advance(milliseconds: 60_000)
            let done = try await client.get("/operations/\(answer.json["id"]?.string ?? "")").json
            #expect(done["response"] == ["type": "install.delete", "argo_app_deleted": true, "repo_purged": true])
            let seen = try await client.get(path)
            #expect(seen.status == (mode == .notFound ? 404 : 200))
            if mode != .notFound { #expect(seen.json["state"] == "deleted") }
            let listed = try await client.get("/installs").json["data"]?.array ?? []
            #expect(listed.count == (mode == .listed ? 1 : 0))
            #expect(try await client.send("DELETE", path, ifMatch: etag).status == 404)
            #expect(try await client.get("/repositories").json["data"] == [])
        }
    }

    @Test func `each install has a repository without its id in it but as a name`() async throws {
        try await withEmulator { client in
            let (_, install) = try await client.install()
            let list = try await client.get("/repositories?purpose=deploy&view=full").json["data"]?.array ?? []
            #expect(list.count == 1)
            #expect(list.first?["name"] == .string(install))
            let render = try await client.get("/installs/\(install)/renders").json["data"]?.array?.first ?? nil
            #expect(list.first?["last_deploy_sha"] == render["commit_sha"])
            #expect(list.first?["last_render_hash"] == render["render_hash"])
            let id = list.first?["id"]?.string ?? ""
            #expect(try await client.get("/repositories/\(id)").json["last_render_hash"] == nil)
            #expect(try await client.get("/repositories?purpose=package").json["data"] == [])
        }
    }

    /// A healthy install with time standing still.
    private func settledInstall(_ client: Client) async throws -> (package: String, install: String, version: JSONValue)
    {
        let region = try await client.region()
        let package = try await client.package()
        let id = package["id"]?.string ?? ""
        let operation = try await client.post("/installs", client.installBody(package: id, region: region)).json
        client.running.emulator.advance(milliseconds: 60_000)
        return (id, operation["owner_id"]?.string ?? "", package["latest_version_id"] ?? nil)
    }
}
