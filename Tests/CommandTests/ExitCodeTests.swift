import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

/// The exit codes, each met by a real run, and the gravest of several sources.
@Suite struct ExitCodeTests {
    private static let good: [String: String?] = [
        "package.yaml": Road.package(["1.3.0"]), "shop.yaml": Road.install("shop", "1.3.0"),
    ]

    @Test func `0 in sync, 2 for a plan with actions, 75 while something is held`() async throws {
        try await Installation.with { installation in
            try await installation.repository.commit(Self.good)
            #expect(try await installation.plan().status == 2)
            #expect(try await installation.reconcile().status == 0)
            #expect(try await installation.plan().status == 0)
            try await installation.apply(["shop.yaml": Road.install("shop", "9.9.9")], status: 75)
            #expect(try await installation.plan().status == 75)
            #expect(try await installation.run("status").status == 0)
            #expect(try await installation.run("history").status == 0)
        }
    }

    @Test(arguments: [
        ["reconcile", "--nonsense"], ["nonsense"], ["plan", "--source", "nobody"], ["release", "shop"],
        ["history", "--limit", "0"], ["allow"], ["reconcile", "--output", "xml"],
    ])
    func `64 for a command line that can't be meant`(_ arguments: [String]) async throws {
        try await Installation.with { installation in
            let ending = try await installation.run(arguments)
            #expect(ending.status == 64, "\(ending)")
            #expect(!ending.errors.isEmpty && ending.output.isEmpty)
        }
    }

    @Test func `65 for invalid manifests, and for an empty or missing path on a first pass`() async throws {
        try await Installation.with { installation in
            try await installation.repository.commit(["README.md": "nothing yet"])
            #expect(try await installation.reconcile().status == 65)
            #expect(try await installation.plan().status == 65)
            try installation.configure(.init(path: "apps"))
            let missing = try await installation.run("reconcile")
            #expect(missing.status == 65)
            #expect(missing.output.contains("apps"), "\(missing)")
            try installation.configure()
            try await installation.apply(["shop.yaml": Road.install("shop", "not a version")], status: 65)
            #expect(try await installation.plan().status == 65)
            #expect(installation.writes == [:])
        }
    }

    @Test func `69 when git or the API is out of reach, and when the token is refused`() async throws {
        try await Installation.with { installation in
            try await installation.repository.commit(Self.good)
            try installation.configure(.init(url: installation.folder.appending("nowhere.git")))
            let git = try await installation.reconcile()
            #expect(git.status == 69 && git.error == "git-unreachable", "\(git)")
            try installation.configure(baseURL: "http://127.0.0.1:9/v1")
            let api = try await installation.reconcile()
            #expect(api.status == 69 && api.error == "api-unreachable", "\(api)")
            try installation.configure()
            installation.emulator.emulator.setTokens([])
            let token = try await installation.reconcile()
            #expect(token.status == 69 && token.error == "unauthorized", "\(token)")
            #expect(try await installation.plan().status == 69)
            #expect(!token.ending.errors.contains("sk_akua_test"), "I11: \(token)")
            #expect(installation.writes == [:])
        }
    }

    @Test(arguments: [
        "sources: []", "nonsense: 1", "sources:\n  - {name: Not A Name, url: /tmp, ref: {branch: main}}",
        "api: {tokenFile: /nowhere/token}",
    ])
    func `78 for a configuration that can't be used`(_ more: String) async throws {
        try await Installation.with { installation in
            let base =
                "stateDirectory: \(installation.folder.appending("state"))\n"
                + (more.contains("api:") ? "" : "api: {baseURL: \"\(installation.emulator.baseURL)\"}\n")
            try installation.folder.write(base + more + "\n", to: "config.yaml")
            let ending = try await installation.run("reconcile")
            #expect(ending.status == 78, "\(ending)")
            #expect(!ending.errors.isEmpty)
        }
    }

    @Test func `1 for a second pass beside the first, which it names, and for a status without any pass`() async throws
    {
        try await Installation.with { installation in
            #expect(try await installation.run("status").status == 1)
            #expect(try await installation.run("history").status == 1)
            try await installation.repository.commit(Self.good)
            let emulator = installation.emulator.emulator
            emulator.add(Fault(on: "workspaces.list", .nth(1), .hang))
            let (pids, started) = AsyncStream<Int32>.makeStream()
            async let first = installation.reconcile { started.yield($0) }
            await emulator.waitForRequests(of: "workspaces.list", count: 1)
            let second = try await installation.run("reconcile")
            #expect(second.status == 1, "\(second)")
            for await pid in pids {
                #expect(second.errors.contains("\(pid)"), "\(second)")
                kill(pid, SIGKILL)
                break
            }
            #expect(try await first.ending.wasKilled)
            #expect(try await installation.reconcile().status == 0)
        }
    }

    @Test func `75 when the time given is over, and nothing is lost`() async throws {
        try await Installation.with { installation in
            try await installation.repository.commit(Self.good)
            installation.emulator.emulator.add(Fault(on: "installs.create", .nth(1), at: .afterEffect, .hang))
            let ending = try await installation.run("reconcile", "--timeout", "1")
            #expect(ending.status == 75, "\(ending)")
            #expect(try await installation.reconcile().status == 0)
            #expect(installation.writes["installs.create"] == 1)
            try await installation.expectRest()
        }
    }

    enum State: String, Sendable { case good, held, invalid, unreachable }

    struct Several: Sendable, CustomTestStringConvertible {
        var states: [State]
        var reconcile: Int32
        var plan: Int32
        var testDescription: String { states.map(\.rawValue).joined(separator: " + ") }
    }

    @Test(arguments: [
        Several(states: [.good, .good], reconcile: 0, plan: 0),
        Several(states: [.good, .held], reconcile: 75, plan: 75),
        Several(states: [.held, .unreachable], reconcile: 69, plan: 69),
        Several(states: [.unreachable, .invalid], reconcile: 65, plan: 65),
        Several(states: [.invalid, .good], reconcile: 65, plan: 65),
    ])
    func `of several sources the gravest code wins, and each is looked at`(_ several: Several) async throws {
        try await Installation.with { installation in
            _ = try await installation.foreignPackage("checkout", ["1.3.0"])
            var sources: [Installation.Source] = []
            for (number, state) in several.states.enumerated() {
                let path = installation.folder.appending("source-\(number).git")
                let repository = try await GitFixture(at: path)
                let name = "shop-\(number)"
                switch state {
                case .good, .unreachable: try await repository.commit(["a.yaml": Road.install(name, "1.3.0")])
                case .held: try await repository.commit(["a.yaml": Road.install(name, "9.9.9")])
                case .invalid: try await repository.commit(["a.yaml": "apiVersion: gitops.akua.dev/v1\nkind: Instal\n"])
                }
                if state == .unreachable { try FileManager.default.removeItem(atPath: path) }
                sources.append(.init(name: "source-\(number)", url: path))
            }
            try installation.configure(sources[0], sources[1])
            let ending = try await installation.run("reconcile")
            #expect(ending.status == several.reconcile, "\(ending)")
            #expect(installation.live("installs").count == several.states.count { $0 == .good })
            let plan = try await installation.run("plan")
            #expect(plan.status == several.plan, "\(plan)")
            // Asked about one, the other does not count.
            let one = try await installation.run("plan", "--source", "source-1")
            #expect(one.status == [.good: 0, .held: 75, .invalid: 65, .unreachable: 69][several.states[1]], "\(one)")
        }
    }
}
