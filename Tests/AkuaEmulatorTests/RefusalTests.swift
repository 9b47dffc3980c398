import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

@Suite struct RefusalTests {
    @Test func `an error has the envelope of the current documents`() async throws {
        try await withEmulator { client in
            let answer = try await client.get("/packages/pkg_none")
            #expect(answer.status == 404)
            #expect(answer.json.names == ["success", "errors", "result"])
            #expect(answer.json["success"] == false)
            #expect(answer.json["result"] == [:])
            #expect(answer.json["errors"]?.array?.first?["code"] == 7002)
            #expect(answer.json["errors"]?.array?.first?["message"]?.string?.contains("pkg_none") == true)
        }
    }

    @Test func `a switch gives errors the older envelope, a proxy's page, or nothing`() async throws {
        try await withEmulator { client in
            client.running.emulator.setSwitches { $0.envelope = .older }
            let older = try await client.get("/clusters/clu_none")
            #expect(older.status == 404)
            #expect(older.json["error"]?["code"] == "not_found")
            client.running.emulator.setSwitches { $0.envelope = .html }
            let page = try await client.get("/clusters/clu_none")
            #expect(page.status == 404)
            #expect(page.header("content-type") == "text/html")
            client.running.emulator.setSwitches { $0.envelope = .empty }
            #expect(try await client.get("/clusters/clu_none").body.isEmpty)
        }
    }

    @Test(arguments: [nil, "Bearer wrong", "Basic c2s6", "sk_akua_local", "Bearer"])
    func `without a good token nothing is answered`(_ authorization: String?) async throws {
        try await withEmulator { client in
            let headers = authorization.map { [(name: "authorization", value: $0)] } ?? []
            let answer = try await RawHTTP(port: client.running.address.port)
                .send("GET", "/v1/workspaces", headers: headers)
            #expect(answer.status == 401)
        }
    }

    @Test func `a path that is not there, and a method that is not`() async throws {
        try await withEmulator { client async throws in
            #expect(try await client.get("/nothing").status == 404)
            #expect(try await client.get("/installs/").status == 404)
            #expect(try await client.send("DELETE", "/regions").status == 405)
            #expect(try await client.post("/installs/inst_1:explode").status == 404)
        }
    }

    struct Body: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var path: String
        var body: JSONValue
        var places: [[String]]
    }

    @Test(arguments: [
        Body(
            testDescription: "an unknown field", path: "/regions", body: ["name": "eu", "colour": "red"],
            places: [["body", "colour"]]),
        Body(testDescription: "a missing field", path: "/regions", body: [:], places: [["body", "name"]]),
        Body(
            testDescription: "a name that is too long", path: "/regions",
            body: ["name": .string(String(repeating: "x", count: 101))], places: [["body", "name"]]),
        Body(testDescription: "an empty name", path: "/regions", body: ["name": ""], places: [["body", "name"]]),
        Body(testDescription: "a number for a name", path: "/regions", body: ["name": 1], places: [["body", "name"]]),
        Body(
            testDescription: "null for an optional field", path: "/regions", body: ["name": "eu", "icon": nil],
            places: [["body", "icon"]]),
        Body(testDescription: "a list for a body", path: "/regions", body: [1], places: [["body"], ["body", "name"]]),
        Body(
            testDescription: "several faults at once", path: "/packages:import",
            body: [
                "name": "x", "oci_ref": "https://r/x",
                "version": ["semver": "1.0", "ref": "", "input_schema": [], "extra": 1],
            ],
            places: [
                ["body", "oci_ref"], ["body", "version", "semver"], ["body", "version", "ref"],
                ["body", "version", "input_schema"], ["body", "version", "extra"],
            ]),
        Body(
            testDescription: "a word outside the enumeration", path: "/clusters",
            body: ["name": "c", "region_id": "reg_1", "network_profile": "magic"],
            places: [["body", "network_profile"]]),
        Body(
            testDescription: "a pin without a version", path: "/installs",
            body: ["package_id": "pkg_1", "package_version_pin": ["kind": "pinned"], "region_id": "reg_1"],
            places: [["body", "package_version_pin", "version"]]),
        Body(
            testDescription: "a pin on the product form", path: "/installs",
            body: ["product_id": "prod_1", "package_version_pin": ["kind": "latest"], "region_id": "reg_1"],
            places: [["body", "package_version_pin"]]),
        Body(
            testDescription: "two sources", path: "/packages", body: ["name": "x", "sources": [[:], [:]]],
            places: [["body", "sources"]]),
        Body(
            testDescription: "a chart from elsewhere", path: "/packages",
            body: ["name": "x", "sources": [["kind": "helm", "repo_url": "https://charts", "target_revision": "1"]]],
            places: [["body", "sources", "0", "repo_url"]]),
    ])
    func `a body that the schema does not allow is refused field by field`(_ row: Body) async throws {
        try await withEmulator { client in
            let answer = try await client.post(row.path, row.body)
            #expect(answer.status == 422)
            let places = answer.json["errors"]?.array?.map { $0["path"]?.array?.compactMap(\.string) ?? [] } ?? []
            #expect(Set(places) == Set(row.places))
            client.running.emulator.setSwitches { $0.invalidBodyStatus = 400 }
            #expect(try await client.post(row.path, row.body).status == 400)
        }
    }

    @Test(arguments: ["{", "{\"name\":1,\"name\":2}", "\u{FEFF}{}", "{\"name\":\"\\ud800\"}"])
    func `a body that is no JSON is refused`(_ text: String) async throws {
        try await withEmulator { client in
            let headers = [
                (name: "authorization", value: "Bearer \(client.token)"),
                (name: "content-type", value: "application/json"),
            ]
            let http = RawHTTP(port: client.running.address.port)
            let answer = try await http.send("POST", "/v1/regions", headers: headers, body: Array(text.utf8))
            #expect(answer.status == 400)
            #expect(answer.json["errors"]?.array?.first?["path"] == ["body"])
        }
    }

    @Test func `a body without its content type, and one that is too large`() async throws {
        try await withEmulator { client in
            let http = RawHTTP(port: client.running.address.port)
            let token = (name: "authorization", value: "Bearer \(client.token)")
            let bare = try await http.send("POST", "/v1/regions", headers: [token], body: Array(#"{"name":"x"}"#.utf8))
            #expect(bare.status == 400)
            let large = try await http.send(
                "POST", "/v1/regions", headers: [token], body: .init(repeating: 0x20, count: 9 << 20))
            #expect(large.status == 413)
        }
    }

    @Test func `a workspace sees nothing of another`() async throws {
        var options = EmulatorOptions.fast
        options.workspaces = [.init(id: "ws_one", name: "One"), .init(id: "ws_two", name: "Two")]
        options.tokens = [
            AccessToken(value: "sk_one", reach: .workspace("ws_one")),
            AccessToken(value: "sk_two", reach: .workspace("ws_two"), role: .member, importsPackages: false),
            AccessToken(value: "sk_all", reach: .broad(nil)),
        ]
        try await withEmulator(options) { one in
            let (package, install) = try await one.install()
            let two = one.with(token: "sk_two")
            #expect(try await two.get("/workspaces").json["data"]?.array?.map { $0["id"] } == ["ws_two"])
            for path in [
                "/packages/\(package)", "/installs/\(install)", "/installs/\(install)/renders", "/workspaces/ws_one",
            ] {
                #expect(try await two.get(path).status == 404, "\(path)")
            }
            #expect(try await two.get("/operations").json["data"] == [])
            #expect(try await two.post("/packages:import", two.importBody()).status == 403)
            let all = one.with(token: "sk_all")
            #expect(try await all.get("/workspaces").json["data"]?.array?.count == 2)
            #expect(try await all.get("/packages").status == 403)
            let chosen = try await all.send("GET", "/packages", headers: [("akua-context", "ws_one")])
            #expect(chosen.json["data"]?.array?.count == 1)
            #expect(try await all.send("GET", "/packages", headers: [("akua-context", "ws_none")]).status == 403)
            #expect(try await one.send("GET", "/packages", headers: [("akua-context", "ws_two")]).status == 403)
            // A call that does not take the header does not mind it.
            #expect(try await one.send("GET", "/operations", headers: [("akua-context", "ws_two")]).status == 200)
            #expect(try await all.get("/operations").json["data"]?.array?.isEmpty == false)
        }
    }

    @Test func `a workspace that is not accessible takes no writes`() async throws {
        try await withEmulator { client in
            let path = "/workspaces/\(client.running.workspace)/access_state"
            #expect(try await client.get(path).json["accessible"] == true)
            try client.running.emulator.apply(.workspaceAccess(client.running.workspace, state: "suspended"))
            let state = try await client.get(path).json
            #expect(state["accessible"] == false)
            #expect(state["reason"] == "suspended")
            #expect(state["access_version"] == 2)
            #expect(try await client.post("/regions", ["name": "eu"]).status == 403)
            #expect(try await client.get("/regions").status == 200)
        }
    }

    @Test func `the colon of a verb may be escaped, unless a switch says otherwise`() async throws {
        try await withEmulator { client async throws in
            #expect(try await client.post("/packages%3Aimport", client.importBody("a")).status == 201)
            #expect(try await client.post("/packages%3aimport", client.importBody("b")).status == 201)
            #expect(try await client.post("/packages:import", client.importBody("c")).status == 201)
            client.running.emulator.setSwitches { $0.colon = .raw }
            #expect(try await client.post("/packages%3Aimport", client.importBody("d")).status == 404)
            client.running.emulator.setSwitches { $0.colon = .encoded }
            #expect(try await client.post("/packages:import", client.importBody("e")).status == 404)
        }
    }
}
