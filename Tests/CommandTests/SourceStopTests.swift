import AkuaEmulator
import JSON
import TestSupport
import Testing

/// A source that must not be written to at all (I17, I18).
@Suite struct SourceStopTests {
    private static let files: [String: String?] = [
        "package.yaml": Road.package(["1.3.0", "1.4.0"]), "shop.yaml": Road.install("shop", "1.3.0"),
    ]

    @Test func `I17: the token of another workspace stops the source`() async throws {
        try await Installation.with {
            $0.workspaces.append(.init(id: "ws_other", name: "Other", regions: ["eu-central"]))
        } _: { installation in
            try await installation.apply(Self.files)
            let writes = installation.writes
            installation.emulator.emulator.setTokens([
                AccessToken(value: "sk_akua_test", reach: .workspace("ws_other"))
            ])
            let pass = try await installation.apply(["shop.yaml": Road.install("shop", "1.4.0")], status: 75)
            #expect(pass.error == "workspace-changed", "\(pass)")
            #expect(installation.writes == writes)
            #expect(try await installation.run("status").output.contains("ws_other"))
            try await installation.expectRest(status: 75)
            installation.emulator.emulator.setTokens([
                AccessToken(value: "sk_akua_test", reach: .workspace("ws_test"))
            ])
            #expect(try await installation.reconcile().status == 0)
            try await installation.expectRest()
        }
    }

    @Test func `I17: many that vanished at once are made again only when a person allows it`() async throws {
        try await Installation.with {
            $0.timing = .instant
        } _: { installation in
            var files = Self.files
            for number in 0..<11 { files["\(number).yaml"] = Road.install("shop-\(number)", "1.3.0") }
            try await installation.apply(files)
            try await loseShops(of: installation)
            #expect(try await installation.reconcile().status == 75)
            let plan = try await installation.plan()
            #expect(plan.status == 2)
            #expect(plan.blocked["create Install/shop-7"] == "mass-absence", "\(plan)")
            #expect(installation.writes["installs.create"] == 12)
            try await installation.expectRest(status: 75, planStatus: 2)
            let digest = try #require(plan.blockedDigest)
            let pass = try await installation.reconcile("--allow", digest)
            #expect(pass.status == 0, "\(pass)")
            #expect(installation.writes["installs.create"] == 23)
            #expect(installation.live("installs").count == 12)
            try await installation.expectRest()
            // The very same set once more: what was allowed was allowed once.
            try await loseShops(of: installation)
            #expect(try await installation.reconcile().status == 75)
            #expect(try await installation.plan().blockedDigest == digest)
            #expect(installation.live("installs").count == 1)
        }
    }

    /// Somebody deletes eleven installs of twelve.
    private func loseShops(of installation: Installation) async throws {
        let ids = try await installation.ids()
        for number in 0..<11 {
            try installation.emulator.emulator.apply(.installDeleted(try #require(ids["Install/shop-\(number)"])))
        }
    }

    @Test func `I18: a source that is behind what was rendered writes nothing until it has caught up`() async throws {
        try await Installation.with { installation in
            let first = try await installation.repository.commit(Self.files)
            #expect(try await installation.reconcile().status == 0)
            let shop = try await installation.id(of: "Install/shop")
            // Another daemon, which has seen a newer commit.
            let newer = try await installation.repository.commit(["shop.yaml": Road.install("shop", "1.4.0")])
            let other = try await installation.reconcile("--state-directory", installation.folder.appending("other"))
            #expect(other.status == 0, "\(other)")
            #expect(installation.version(of: shop) == "1.4.0")
            let writes = installation.writes
            try await installation.repository.point("main", to: first)
            let pass = try await installation.reconcile()
            #expect(pass.status == 75, "\(pass)")
            #expect(pass.outcome == "stopped")
            #expect(try await installation.plan().stop == "behind")
            #expect(installation.writes == writes)
            try await installation.expectRest(status: 75)
            let history = try await installation.run("history")
            #expect(history.output.contains("not an ancestor"), "\(history)")
            try await installation.repository.point("main", to: newer)
            #expect(try await installation.reconcile().status == 0)
            #expect(installation.writes["installs.create"] == 1)
            #expect(installation.writes["installs.updateVersion"] == 1)
            try await installation.expectRest()
        }
    }

    @Test func `I18: what another source marked under this name stops a source without journal`() async throws {
        try await Installation.with { installation in
            try await installation.apply(Self.files)
            let writes = installation.writes
            let state = ["--state-directory", installation.folder.appending("other")]
            try installation.configure(.init(name: "renamed"))
            let pass = try await installation.reconcile(state[0], state[1])
            #expect(pass.status == 75, "\(pass)")
            #expect(pass.outcome == "stopped")
            #expect(try await installation.plan(state[0], state[1]).stop == "other-source")
            #expect(installation.writes == writes)
            // In its own state directory the source was never known either.
            #expect(try await installation.reconcile().status == 75)
            #expect(installation.writes == writes)
            try installation.configure()
            try await installation.expectRest()
        }
    }

    @Test func `a workspace that takes no writes gets none`() async throws {
        try await Installation.with { installation in
            try installation.emulator.emulator.apply(.workspaceAccess("ws_test", state: "suspended"))
            let pass = try await installation.apply(Self.files, status: 75)
            #expect(pass.error == "workspace-inaccessible", "\(pass)")
            #expect(installation.emulator.emulator.requests().allSatisfy { $0.method == "GET" })
            try installation.emulator.emulator.apply(.workspaceAccess("ws_test", state: "active"))
            #expect(try await installation.reconcile().status == 0)
            try await installation.expectRest()
        }
    }
}
