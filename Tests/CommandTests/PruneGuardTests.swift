import AkuaEmulator
import JSON
import TestSupport
import Testing

/// I9: deletes beyond the limits, from an empty path or a rewritten history wait for a person; the rest goes through.
@Suite struct PruneGuardTests {
    /// Six installs of one package: seven objects of the inventory that can go.
    private static func shops(_ numbers: Range<Int> = 0..<6) -> [String: String?] {
        var files: [String: String?] = ["apps/package.yaml": Road.package(["1.3.0"])]
        for number in numbers { files["apps/shop-\(number).yaml"] = Road.install("shop-\(number)", "1.3.0") }
        return files
    }

    private func removal(_ numbers: Range<Int>) -> [String: String?] {
        var files: [String: String?] = [:]
        for number in numbers { files["apps/shop-\(number).yaml"] = .some(nil) }
        return files
    }

    /// Expects so many deletes to be blocked, releases them, and expects them to be done once.
    private func expectBlocked(
        _ installation: Installation, _ code: String, deletes count: Int, of all: Int,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let plan = try await installation.plan()
        #expect(plan.status == 2, "\(plan)", sourceLocation: sourceLocation)
        #expect(Array(plan.blocked.values) == Array(repeating: code, count: count), sourceLocation: sourceLocation)
        #expect(installation.live("installs").count == all, sourceLocation: sourceLocation)
        #expect(installation.writes["installs.delete"] == nil, sourceLocation: sourceLocation)
        let digest = try #require(plan.blockedDigest, sourceLocation: sourceLocation)
        let wrong = String(digest.reversed())
        #expect(try await installation.run("allow", wrong).status == 0, sourceLocation: sourceLocation)
        let blocked = try await installation.reconcile()
        #expect(blocked.status == 75, "\(blocked)", sourceLocation: sourceLocation)
        #expect(blocked.blockedDigest == digest, sourceLocation: sourceLocation)
        let released = try await installation.reconcile("--allow", digest)
        #expect(released.status == 0, "\(released)", sourceLocation: sourceLocation)
        #expect(installation.live("installs").count < all, sourceLocation: sourceLocation)
        try await installation.expectRest(sourceLocation: sourceLocation)
    }

    struct Limit: Sendable, CustomTestStringConvertible {
        var settings: String
        var removed: Range<Int>
        var testDescription: String { settings }
    }

    @Test(arguments: [
        Limit(settings: "{prune: {maxDeletes: 1}}", removed: 0..<2),
        Limit(settings: "{prune: {maxDeletePercent: 25}}", removed: 0..<3),
    ])
    func `too many deletes are blocked, all of them, while the rest is done`(_ limit: Limit) async throws {
        try await Installation.with { installation in
            var files = Self.shops()
            files["apps/settings.yaml"] = Road.settings(limit.settings)
            try await installation.apply(files)
            var change = removal(limit.removed)
            change["apps/new.yaml"] = Road.install("new", "1.3.0")
            let pass = try await installation.apply(change, status: 75)
            #expect(pass.done.contains("create Install/new"), "\(pass)")
            #expect(pass.outcome == "blocked")
            try await expectBlocked(installation, "prune-limit", deletes: limit.removed.count, of: 7)
            #expect(installation.writes["installs.delete"] == limit.removed.count)
            #expect(installation.writes["installs.create"] == 7)
        }
    }

    @Test func `a commit that raises the limits releases what they then allow`() async throws {
        try await Installation.with { installation in
            try await installation.apply(Self.shops())
            try await installation.apply(removal(0..<3), status: 75)
            try await installation.apply(["apps/settings.yaml": Road.settings("{prune: {maxDeletePercent: 60}}")])
            #expect(installation.writes["installs.delete"] == 3)
            try await installation.expectRest()
        }
    }

    @Test func `deletes pile up against the limits until they are released`() async throws {
        try await Installation.with { installation in
            var files = Self.shops()
            files["apps/settings.yaml"] = Road.settings("{prune: {maxDeletes: 1}}")
            try await installation.apply(files)
            try await installation.apply(removal(0..<2), status: 75)
            try await installation.apply(removal(2..<3), status: 75)
            try await expectBlocked(installation, "prune-limit", deletes: 3, of: 6)
            #expect(installation.writes["installs.delete"] == 3)
        }
    }

    @Test func `a blocked set is said once, and again when it is another one`() async throws {
        try await Installation.with { installation in
            var files = Self.shops()
            files["apps/settings.yaml"] = Road.settings("{prune: {maxDeletes: 1}}")
            try await installation.apply(files)
            func pass() async throws -> Installation.Pass {
                try await installation.reconcile("--log-level", "info", "--log-format", "json")
            }
            try await installation.repository.commit(removal(0..<3))
            let first = try await pass()
            let again = try await pass()
            // One of them comes back: the digest that was said releases nothing any more.
            try await installation.repository.commit(["apps/shop-0.yaml": Road.install("shop-0", "1.3.0")])
            let second = try await pass()
            let digests = try [first, second].map { try #require($0.blockedDigest) }
            #expect(digests[0] != digests[1])
            #expect(first.said("prune.blocked", with: digests[0]), "\(first)")
            #expect(!again.said("prune.blocked", with: digests[0]), "\(again)")
            #expect(second.said("prune.blocked", with: digests[1]), "\(second)")
        }
    }

    @Test func `an empty path deletes nothing unasked`() async throws {
        try await Installation.with { installation in
            try installation.configure(.init(path: "apps"))
            try await installation.apply(Self.shops(0..<2))
            try await installation.apply(
                ["apps/package.yaml": "# nothing\n", "apps/shop-0.yaml": nil, "apps/shop-1.yaml": nil], status: 75)
            try await expectBlocked(installation, "empty-path", deletes: 3, of: 2)
            #expect(installation.live("packages").isEmpty)
        }
    }

    @Test func `a path that vanished deletes nothing unasked`() async throws {
        try await Installation.with { installation in
            try installation.configure(.init(path: "apps"))
            try await installation.apply(Self.shops(0..<2))
            var files = removal(0..<2)
            files["apps/package.yaml"] = .some(nil)
            files["README.md"] = "moved"
            try await installation.apply(files, status: 75)
            try await expectBlocked(installation, "empty-path", deletes: 3, of: 2)
        }
    }

    @Test func `a rewritten history deletes nothing unasked`() async throws {
        try await Installation.with { installation in
            let base = try await installation.repository.commit(Self.shops(0..<1))
            try await installation.apply(["apps/shop-1.yaml": Road.install("shop-1", "1.3.0")])
            // The second commit is gone: this one builds on the first.
            try await installation.repository.commit(["README.md": "force"], parent: base)
            let pass = try await installation.reconcile()
            #expect(pass.status == 75, "\(pass)")
            try await expectBlocked(installation, "rewritten-history", deletes: 1, of: 2)
            #expect(installation.writes["installs.delete"] == 1)
        }
    }

    @Test func `a source that is pointed elsewhere deletes nothing unasked`() async throws {
        try await Installation.with { installation in
            try await installation.apply(Self.shops(0..<2))
            try await installation.repository.commit(["other/shop.yaml": Road.install("shop-0", "1.3.0")])
            try installation.configure(.init(path: "other"))
            #expect(try await installation.reconcile().status == 75)
            let plan = try await installation.plan()
            #expect(plan.blocked["delete Install/shop-1"] == "rewritten-history", "\(plan)")
            #expect(installation.writes["installs.delete"] == nil)
        }
    }

    @Test func `a document that is skipped now blocks its delete`() async throws {
        try await Installation.with { installation in
            try await installation.apply(Self.shops(0..<2))
            try await installation.apply([".akuaignore": "shop-1.yaml\n"], status: 75)
            try await expectBlocked(installation, "now-skipped", deletes: 1, of: 2)
        }
    }

    @Test func `what was allowed is allowed once`() async throws {
        try await Installation.with { installation in
            try await installation.apply(Self.shops())
            try await installation.apply(removal(0..<3), status: 75)
            let digest = try #require(try await installation.plan().blockedDigest)
            #expect(try await installation.run("allow", digest).status == 0)
            #expect(try await installation.reconcile().status == 0)
            #expect(installation.live("installs").count == 3)
            // The same names once more, and gone once more: another life, another set, another permission.
            try await installation.apply(Self.shops())
            try await installation.apply(removal(0..<3), status: 75)
            #expect(installation.live("installs").count == 6)
            #expect(try await installation.plan().blockedDigest != digest)
            try await installation.expectRest(status: 75, planStatus: 2)
        }
    }

    @Test func `what was allowed is not allowed again when it was declared meanwhile, and lives on`() async throws {
        try await Installation.with { installation in
            try await installation.apply(Self.shops())
            try await installation.apply(removal(0..<3), status: 75)
            let digest = try #require(try await installation.plan().blockedDigest)
            let refusal = Fault.End.answer(status: 422, headers: [], body: Array(#"{"error":"not now"}"#.utf8))
            installation.emulator.emulator.add(Fault(on: "installs.delete", .always, refusal))
            #expect(try await installation.reconcile("--allow", digest).status == 75)
            installation.emulator.emulator.removeFaults()
            try await installation.apply(Self.shops())
            try await installation.apply(removal(0..<3), status: 75)
            #expect(try await installation.plan().blockedDigest == digest)
            #expect(installation.live("installs").count == 6)
            #expect(installation.writes["installs.delete"] == nil)
        }
    }
}

extension Installation.Pass {
    /// Whether a line of the log has both.
    fileprivate func said(_ event: String, with word: String) -> Bool {
        ending.errors.split(separator: "\n").contains { $0.contains(event) && $0.contains(word) }
    }
}
