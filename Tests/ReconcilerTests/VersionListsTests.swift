import AkuaModel
import Manifests
import Reconciler
import Simulation
import Synchronization
import Testing

/// What passes remember of versions spares requests and never decides anything that reading them would not.
@Suite struct VersionListsTests {
    private let world: World
    private let lists = VersionLists()

    init() async throws {
        world = try World()
        world.repository.commit(Self.declared("1.3.0"))
        try await world.pass()
        try await pass()
    }

    private static func declared(_ version: String, runs selector: VersionSelector? = nil) -> DesiredState {
        var state = Declaration().package("checkout", versions: [version]).install("shop", of: "checkout", version)
            .state
        if let selector {
            state.installs[0].target = .package(.name("checkout"), version: selector)
        }
        return state
    }

    /// How many lists of versions one pass asks for.
    @discardableResult
    private func pass() async throws -> Int {
        world.platform.state.withLock { $0.calls = [] }
        let report = try await world.pass(.daemon, versionLists: lists)
        #expect(report.outcome == .inSync || report.outcome == .changed)
        return world.platform.state.withLock { state in state.calls.count { $0.contains("listVersions") } }
    }

    @Test func `P13: versions are not read again while the package is as it was`() async throws {
        #expect(try await pass() == 0)
    }

    @Test func `after an hour they are read again`() async throws {
        world.advance(seconds: 3_500)
        #expect(try await pass() == 0)
        world.advance(seconds: 101)
        #expect(try await pass() == 1)
        #expect(try await pass() == 0)
    }

    @Test func `a package that has changed has its versions read`() async throws {
        world.platform.state.withLock { $0.packages[0].etag = etag(999) }
        #expect(try await pass() == 1)
        #expect(try await pass() == 0)
    }

    @Test func `without an etag nothing is taken for unchanged`() async throws {
        world.platform.state.withLock { $0.packages[0].etag = nil }
        #expect(try await pass() == 1)
        #expect(try await pass() == 1)
    }

    @Test func `a version that is not among those remembered is looked for`() async throws {
        // Published by somebody else, under an etag that has not moved.
        world.platform.state.withLock { state in
            var version = state.versions[0]
            (version.id, version.semver) = (identifier("ver_other"), "1.2.9")
            state.versions.append(version)
        }
        #expect(try await pass() == 0)
        world.repository.commit(Self.declared("1.3.0", runs: .exact("1.2.9")))
        #expect(try await pass() == 1)
        let runs = world.platform.state.withLock { $0.installs[0].install.packageVersionID.text }
        #expect(runs == "ver_other")
    }

    @Test(arguments: [VersionSelector.latest, .range(VersionRange("^1")!)])
    func `what follows a range or latest is read each time`(_ selector: VersionSelector) async throws {
        world.repository.commit(Self.declared("1.3.0", runs: selector))
        try await pass()
        #expect(try await pass() == 1)
        #expect(try await pass() == 1)
    }
}
