import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

@Suite struct StateFileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `all state survives a restart`() async throws {
        let (before, installs, page) = try await RunningEmulator.with(options) { running in
            let client = Client(running)
            let (package, _) = try await client.install(key: "k")
            _ = try await client.post("/packages/\(package)/versions", client.versionBody("2.0.0"))
            _ = try await client.post("/clusters", ["name": "c", "region_id": .string(try await client.region("us"))])
            running.emulator.advance(milliseconds: 600_000)
            let page = try await client.get("/installs?limit=1")
            return (running.emulator.state, try await client.get("/installs").body, page.body)
        }
        try await RunningEmulator.with(options) { running in
            let client = Client(running)
            var (old, new) = (before.object ?? JSONObject(), running.emulator.state.object ?? JSONObject())
            old["now_ms"] = nil
            new["now_ms"] = nil
            #expect(old == new)
            #expect(try await client.get("/installs").body == installs)
            #expect(try await client.get("/installs?limit=1").body == page)
            let package = try await client.get("/packages").json["data"]?.array?.first?["id"]?.string ?? ""
            let region = try await client.get("/regions").json["data"]?.array?.first?["id"]?.string ?? ""
            let again = try await client.post(
                "/installs", client.installBody(package: package, region: region), key: "k")
            #expect(again.json["state"] == "SUCCEEDED")
            #expect(running.emulator.requests().last?.isReplay == true)
        }
    }

    @Test func `an operation that was running goes on after a restart`() async throws {
        var options = options
        options.isTimeManual = true
        let id = try await RunningEmulator.with(options) { running in
            let client = Client(running)
            let region = try await client.region()
            let package = try await client.package()["id"]?.string ?? ""
            let operation = try await client.post("/installs", client.installBody(package: package, region: region))
            running.emulator.advance(milliseconds: 1_000)
            return operation.json["id"]?.string ?? ""
        }
        try await RunningEmulator.with(options) { running in
            let client = Client(running)
            #expect(try await client.get("/operations/\(id)").json["state"] == "RUNNING")
            running.emulator.advance(milliseconds: 60_000)
            let done = try await client.get("/operations/\(id)").json
            #expect(done["state"] == "SUCCEEDED")
            #expect(try await client.get("/installs").json["data"]?.array?.first?["state"] == "healthy")
        }
    }

    @Test func `new ids and etags never repeat those of an earlier run`() async throws {
        var seen: Set<String> = []
        for _ in 0..<3 {
            try await RunningEmulator.with(options) { running in
                let client = Client(running)
                for _ in 0..<3 {
                    let package = try await client.package()
                    let (id, etag) = (package["id"]?.string ?? "", package["etag"]?.string ?? "")
                    #expect(seen.insert(id).inserted)
                    #expect(seen.insert(etag).inserted)
                    let path = "/packages/\(id)"
                    #expect(try await client.send("DELETE", path, ifMatch: etag).status == 204)
                }
            }
        }
    }

    @Test func `a file of another layout is refused`() throws {
        try folder.write("this is no database", to: "state.sqlite")
        #expect(throws: (any Error).self) { try Emulator(options) }
    }

    private var options: EmulatorOptions {
        var options = EmulatorOptions.fast
        options.stateFile = folder.appending("state.sqlite")
        return options
    }
}
