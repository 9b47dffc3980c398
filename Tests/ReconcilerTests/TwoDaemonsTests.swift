import AkuaModel
import Journal
import Manifests
import Planning
import Reconciler
import Simulation
import Synchronization
import Testing

/// I18: a render that got lost is not sent again once another daemon of the source has rendered a newer commit.
@Suite struct OlderRenderTests {
    private static func declaration(_ version: String, note: String? = nil) -> DesiredState {
        var state = Declaration().package("checkout", versions: ["1.3.0", "1.4.0"])
            .install("shop", of: "checkout", version).state
        if let note { state.installs[0].header.annotations["note"] = note }
        return state
    }

    @Test(arguments: [true, false])
    func `an older commit is not rendered over a newer one`(_ hasAnotherDaemon: Bool) async throws {
        let world = try World()
        world.repository.commit(Self.declaration("1.3.0"))
        try await world.pass()
        let first = try world.becomeAnotherDaemon()
        try await world.pass()
        let second = try world.becomeAnotherDaemon(first)
        let older = world.repository.commit(Self.declaration("1.4.0"))
        try await world.pass(fault: { _, name in name == "installs.createRender" ? .loseRequest : nil })
        let newer = world.repository.commit(Self.declaration("1.4.0", note: "x"))
        if hasAnotherDaemon {
            _ = try world.becomeAnotherDaemon(second)
            try await world.pass()
            _ = try world.becomeAnotherDaemon(first)
        }
        try await world.pass()
        #expect(try await world.pass().outcome == .inSync)
        let commits = world.platform.state.withLock { state in
            state.renders.compactMap { $0.message.flatMap(RenderMarker.init)?.shortCommit }
        }
        #expect(commits.last == String(newer.prefix(12)), "\(commits)")
        // By itself it makes good first what it had begun: the platform may have it under way.
        #expect(commits.contains(String(older.prefix(12))) != hasAnotherDaemon, "\(commits)")
    }

    @Test func `I6: a newer commit is rendered once more when the render of an older one comes in late`() async throws {
        let world = try World()
        world.repository.commit(Self.declaration("1.3.0"))
        try await world.pass()
        let first = try world.becomeAnotherDaemon()
        try await world.pass()
        let second = try world.becomeAnotherDaemon(first)
        world.repository.commit(Self.declaration("1.4.0"))
        try await world.pass(fault: { _, name in name == "installs.createRender" ? .delay(1) : nil })
        let newer = world.repository.commit(Self.declaration("1.4.0", note: "x"))
        _ = try world.becomeAnotherDaemon(second)
        try await world.pass()
        try world.platform.state.withLock { state in
            let late = state.late.map(\.write)
            state.late = []
            #expect(late.count == 1)
            for write in late { _ = try state.perform(write) }
            state.settleAll()
        }
        for directory in [first, second] {
            _ = try world.becomeAnotherDaemon(directory)
            try await world.pass()
            #expect(try await world.pass().outcome == .inSync)
        }
        let commits = world.platform.state.withLock { state in
            state.renders.compactMap { $0.message.flatMap(RenderMarker.init)?.shortCommit }
        }
        #expect(commits.last == String(newer.prefix(12)), "\(commits)")
        #expect(commits.count { $0 == commits.last } == 2, "\(commits)")
    }
}

/// I1: daemons that make an install anew at one time come to one key, whatever each of them was refused before.
@Suite struct RefusedRenderTests {
    @Test func `only refusals of a create make its next attempt another request`() async throws {
        let world = try World()
        let base = Declaration().package("checkout", versions: ["1.3.0", "1.4.0"])
        world.repository.commit(base.install("shop", of: "checkout", "1.3.0").state)
        try await world.pass()
        let id = try #require(world.platform.state.withLock { $0.installs.first?.install.id })
        world.repository.commit(base.install("shop", of: "checkout", "1.4.0").state)
        // Somebody deletes it between the update and the render, which is then refused.
        try await world.pass(fault: { _, name in
            guard name == "installs.createRender" else { return nil }
            world.platform.state.withLock { $0.installs[0].isDeleted = true }
            return nil
        })
        for _ in 0..<2 { try await world.pass() }
        let shop = ObjectReference(.install, "shop")
        let create = try #require(try await world.intents(of: shop).first { $0.action == "create" })
        let source = SourceIdentity(workspace: identifier("ws_1"), name: "platform")
        #expect(
            create.write.idempotencyKey
                == IdempotencyKey.create(shop, in: source, predecessor: id.text, refusals: 0))
    }
}

/// I1: a name that another daemon of the source made and deleted is the predecessor of its next life here too.
@Suite struct EarlierLifeTests {
    @Test func `what the operations have shown once is known when the name is declared`() async throws {
        let world = try World()
        let base = Declaration().package("checkout", versions: ["1.3.0"])
        func commit(_ names: String...) {
            world.repository.commit(
                names.reduce(base) { $0.install($1, of: "checkout", "1.3.0") }.state)
        }
        commit("one")
        try await world.pass()
        let first = try world.becomeAnotherDaemon()
        try await world.pass()
        let second = try world.becomeAnotherDaemon(first)
        commit("one", "eu")
        try await world.pass()
        let eu = ObjectReference(.install, "eu")
        let life = try #require(try await world.intents(of: eu).first { $0.action == "create" }?.resourceID)
        commit("one")
        for _ in 0..<2 { try await world.pass() }
        // The other daemon reads the operations for another create, and never again.
        _ = try world.becomeAnotherDaemon(second)
        commit("one", "us")
        for _ in 0..<2 { try await world.pass() }
        world.platform.state.withLock { $0.keyMemory = 0 }
        world.advance(seconds: 100_000)
        commit("one", "us", "eu")
        for _ in 0..<2 { try await world.pass() }
        let create = try #require(try await world.intents(of: eu).first { $0.action == "create" })
        let source = SourceIdentity(workspace: identifier("ws_1"), name: "platform")
        #expect(
            create.write.idempotencyKey
                == IdempotencyKey.create(eu, in: source, predecessor: life, refusals: 0))
        #expect(try await world.pass().outcome == .inSync)
    }
}
