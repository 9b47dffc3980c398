import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

/// What goes wrong at the platform: repaired, waited for, told, and never in the way of other objects.
@Suite struct FailureTests {
    private static let package = Road.package(["1.3.0", "1.4.0"])

    private func script(_ turn: OperationScript.Turn, on call: String, step: Int = 0) -> Fault {
        var fault = Fault(on: call, .nth(1))
        fault.script = OperationScript(turn, atStep: step, message: "no capacity")
        return fault
    }

    @Test(arguments: [0, 1])
    func `I1: an install whose create failed is repaired, and never made again`(_ step: Int) async throws {
        try await Installation.with { installation in
            installation.emulator.emulator.add(script(.fail, on: "installs.create", step: step))
            let pass = try await installation.apply(
                ["package.yaml": Self.package, "shop.yaml": Road.install("shop", "1.3.0")], status: 75)
            #expect(pass.outcome == "partial")
            #expect(pass.undone["create Install/shop"]?.contains("no capacity") == true, "\(pass)")
            let shop = try await installation.id(of: "Install/shop")
            #expect(try await installation.reconcile().status == 0)
            #expect(installation.object("installs", shop)?["state"] == "healthy")
            #expect(installation.writes["installs.create"] == 1)
            #expect(installation.live("installs").count == 1)
            try await installation.expectRest()
        }
    }

    @Test func `a refused object stops nobody else, and is tried again under another key`() async throws {
        try await Installation.with { installation in
            let refusal = Fault.End.answer(
                status: 422, headers: [], body: Array(#"{"success":false,"errors":[],"result":{}}"#.utf8))
            installation.emulator.emulator.add(Fault(on: "installs.create", .nth(1), refusal))
            var files: [String: String?] = ["package.yaml": Self.package]
            for name in ["a", "b", "c"] { files["\(name).yaml"] = Road.install(name, "1.3.0") }
            let pass = try await installation.apply(files, status: 75)
            #expect(pass.outcome == "partial")
            #expect(pass.undone.keys.count { $0.hasPrefix("create") } == 1, "\(pass)")
            #expect(installation.live("installs").count == 2)
            #expect(try await installation.reconcile().status == 0)
            #expect(installation.writes["installs.create"] == 3)
            let keys = installation.emulator.emulator.requests().filter { $0.call == "installs.create" }
                .compactMap(\.idempotencyKey)
            #expect(keys.count == 4 && Set(keys).count == 4)
            try await installation.expectRest()
        }
    }

    @Test func `a failed update is told and tried again`() async throws {
        try await Installation.with { installation in
            try await installation.apply([
                "package.yaml": Self.package, "shop.yaml": Road.install("shop", "1.3.0"),
                "extra.yaml": Road.install("extra", "1.3.0"),
            ])
            let shop = try await installation.id(of: "Install/shop")
            var fault = script(.fail, on: "installs.updateVersion")
            fault.match.path = try NSRegularExpression(pattern: shop)
            installation.emulator.emulator.add(fault)
            let change = ["shop.yaml": Road.install("shop", "1.4.0"), "extra.yaml": Road.install("extra", "1.4.0")]
            let pass = try await installation.apply(change, status: 75)
            #expect(pass.undone["update Install/shop"]?.contains("no capacity") == true, "\(pass)")
            #expect(pass.done.contains("render Install/extra"), "\(pass)")
            #expect(try await installation.reconcile().status == 0)
            #expect(installation.version(of: shop) == "1.4.0")
            try await installation.expectRest()
        }
    }

    @Test func `a failed delete is told and tried again`() async throws {
        try await Installation.with { installation in
            try await installation.apply(["package.yaml": Self.package, "shop.yaml": Road.install("shop", "1.3.0")])
            installation.emulator.emulator.add(script(.fail, on: "installs.delete"))
            let pass = try await installation.apply(["shop.yaml": nil], status: 75)
            #expect(pass.undone["delete Install/shop"] != nil, "\(pass)")
            #expect(try await installation.reconcile().status == 0)
            #expect(installation.live("installs").isEmpty)
            let plan = try await installation.plan()
            #expect(plan.status == 0, "\(plan)")
        }
    }

    @Test func `killed while an operation runs, the next pass waits for it and makes nothing again`() async throws {
        try await Installation.with {
            $0.isTimeManual = true
        } _: { installation in
            let emulator = installation.emulator.emulator
            try await installation.repository.commit(["chart.yaml": chart])
            let (pids, started) = AsyncStream<Int32>.makeStream()
            async let ending = installation.reconcile { started.yield($0) }
            await emulator.waitForRequests(of: "operations.wait", count: 1)
            for await pid in pids {
                kill(pid, SIGKILL)
                break
            }
            #expect(try await ending.ending.wasKilled)
            // What is under way is known, and told.
            let plan = try await installation.plan()
            #expect(plan.held == ["Package/redis": "waiting-for-operation"], "\(plan)")
            #expect(plan.sentences["Package/redis"]?.hasPrefix("waits for operation op_") == true, "\(plan)")
            // It is the operation that the next pass asks for, whatever the platform remembers of the key.
            emulator.setSwitches { $0.keyRetentionSeconds = 1 }
            emulator.runToRest()
            emulator.advance(milliseconds: 60_000)
            #expect(try await installation.reconcile().status == 0)
            #expect(installation.writes == ["packages.create": 1])
            try await installation.expectRest()
        }
    }

    private var chart: String {
        Road.manifest(
            "Package", "redis",
            "{helm: {repoURL: oci://charts.example.com/acme, chart: redis, targetRevision: 7.2.1}}")
    }

    @Test func `an operation that waits for a person is told, and holds nobody else`() async throws {
        try await Installation.with { installation in
            installation.emulator.emulator.add(script(.approval, on: "clusters.create"))
            let pass = try await installation.apply(
                [
                    "cluster.yaml": Road.manifest("Cluster", "prod", "{region: eu-central}"),
                    "package.yaml": Self.package, "shop.yaml": Road.install("shop", "1.3.0"),
                    "on-prod.yaml": Road.install("on-prod", "1.3.0", more: "  cluster: prod"),
                ], status: 75)
            #expect(pass.outcome == "blocked")
            #expect(pass.undone["create Cluster/prod"]?.contains("waits for a person") == true, "\(pass)")
            #expect(pass.done.contains("render Install/shop"), "\(pass)")
            #expect(try await installation.conditions()["Install/on-prod"] == "dependency")
            #expect(installation.writes["clusters.create"] == 1)
            try await installation.expectRest(status: 75)
        }
    }

    @Test func `a dependant begins once what it depends on is healthy`() async throws {
        try await Installation.with { installation in
            try await installation.apply([
                "package.yaml": Self.package, "postgres.yaml": Road.install("postgres", "1.3.0"),
                "shop.yaml": Road.install("shop", "1.3.0", more: "  dependsOn: [Install/postgres]"),
            ])
            let postgres = try await installation.id(of: "Install/postgres")
            let requests = installation.emulator.emulator.requests()
            let creates = requests.filter { $0.call == "installs.create" }.map(\.number)
            let render = try #require(
                requests.first { $0.call == "installs.createRender" && $0.path.contains(postgres) })
            #expect(creates.count == 2 && creates[1] > render.number)
            try await installation.expectRest()
        }
    }

    @Test func `a dependency that does not become healthy is waited for so long, and no longer`() async throws {
        try await Installation.with { installation in
            let postgres = Road.install("postgres", "1.3.0", more: "  wait: {timeout: 1s}")
            try await installation.apply(["package.yaml": Self.package, "postgres.yaml": postgres])
            let id = try await installation.id(of: "Install/postgres")
            try installation.emulator.emulator.apply(
                .installState(install: id, state: "degraded", isReconciling: false))
            let pass = try await installation.apply(
                [
                    "shop.yaml": Road.install("shop", "1.3.0", more: "  dependsOn: [Install/postgres]"),
                    "extra.yaml": Road.install("extra", "1.3.0"),
                ], status: 75)
            #expect(pass.undone["create Install/shop"]?.contains("degraded") == true, "\(pass)")
            #expect(pass.done.contains("create Install/extra"), "\(pass)")
            #expect(try await installation.conditions()["Install/shop"] == "dependency")
            try installation.emulator.emulator.apply(
                .installState(install: id, state: "healthy", isReconciling: false))
            #expect(try await installation.reconcile().status == 0)
            #expect(installation.writes["installs.create"] == 3)
            // It was healthy once: that it is not now holds nothing back.
            try installation.emulator.emulator.apply(
                .installState(install: id, state: "degraded", isReconciling: false))
            try await installation.apply([
                "shop.yaml": Road.install("shop", "1.4.0", more: "  dependsOn: [Install/postgres]")
            ])
            try await installation.expectRest()
        }
    }

    @Test func `history tells what was done to what, why, and how it ended`() async throws {
        try await Installation.with { installation in
            installation.emulator.emulator.add(script(.fail, on: "installs.create"))
            let files = ["package.yaml": Self.package, "shop.yaml": Road.install("shop", "1.3.0")]
            try await installation.apply(files, message: "Open the shop", status: 75)
            #expect(try await installation.reconcile().status == 0)
            let ending = try await installation.run("history", "--output", "json")
            let passes = try #require(try JSONReader.read(ending.output)["reconciles"]?.array)
            #expect(passes.map { $0["outcome"] } == ["changed", "partial"])
            #expect(passes.allSatisfy { $0["subject"] == "Open the shop" && $0["author"]?.string == GitFixture.author })
            let actions = passes.map { pass in
                (pass["actions"]?.array ?? []).map { action in
                    "\(action["action"]?.string ?? "") \(action["name"]?.string ?? "") \(action["outcome"]?.string ?? "")"
                }
            }
            #expect(
                actions.last == [
                    "import checkout succeeded", "publish checkout-1.4.0 succeeded", "create shop failed",
                    "set_automatic_updates shop deferred", "render shop deferred",
                ])
            #expect(actions.first == ["set_automatic_updates shop succeeded", "render shop succeeded"])
        }
    }
}
