import AkuaEmulator
import JSON
import TestSupport
import Testing

/// Ranges and `latest`: always resolved to an exact version by us, and followed without a commit.
@Suite struct VersionRangeTests {
    struct Range: Sendable, CustomTestStringConvertible {
        var text: String
        var first: String
        /// Published later, in this order.
        var later: [String]
        var last: String
        var testDescription: String { text }
    }

    @Test(arguments: [
        Range(text: "~1.4", first: "1.4.0", later: ["1.4.1-rc.1", "1.5.0", "1.4.2"], last: "1.4.2"),
        Range(text: "\">=1.3 <2\"", first: "1.4.0", later: ["2.0.0", "1.9.0"], last: "1.9.0"),
        Range(text: "latest", first: "1.4.0", later: ["2.0.0-beta.1", "1.10.0"], last: "1.10.0"),
    ])
    func `a newer version in the range is taken at the next pass, without a commit`(_ range: Range) async throws {
        try await Installation.with { installation in
            let package = try await installation.foreignPackage("checkout", ["1.3.0", "1.4.0"])
            try await installation.apply(["shop.yaml": Road.install("shop", range.text)])
            let shop = try await installation.id(of: "Install/shop")
            let create = installation.emulator.emulator.requests().first { $0.call == "installs.create" }
            #expect(
                create?.json?["package_version_pin"] == ["kind": "pinned", "version": .string(range.first)])
            for semver in range.later {
                try await installation.somebody(
                    "POST", "/packages/\(package)/versions",
                    [
                        "semver": .string(semver), "ref": .string("sha256:\(semver)"),
                        "input_schema": ["type": "object"],
                    ])
            }
            #expect(try await installation.plan().reasons["update Install/shop"] == "new-version")
            #expect(try await installation.reconcile().status == 0)
            #expect(installation.version(of: shop) == range.last)
            #expect(
                installation.writes(on: shop) == [
                    "installs.create": 1, "installs.updateVersion": 1, "installs.setAutomaticUpdates": 1,
                    "installs.createRender": 2,
                ])
            try await installation.expectRest()
        }
    }

    @Test func `a range that nothing meets holds its install and says what there is`() async throws {
        try await Installation.with { installation in
            _ = try await installation.foreignPackage("checkout", ["1.3.0", "1.4.0"])
            let writes = installation.writes
            try await installation.apply(["shop.yaml": Road.install("shop", "^2")], status: 75)
            let plan = try await installation.plan()
            #expect(plan.held == ["Install/shop": "missing-reference"])
            #expect(plan.sentences["Install/shop"]?.contains("1.4.0, 1.3.0") == true, "\(plan)")
            #expect(installation.writes == writes)
        }
    }

    @Test(arguments: [true, false])
    func `whether updates are automatic is written once`(_ isAutomatic: Bool) async throws {
        try await Installation.with { installation in
            _ = try await installation.foreignPackage("checkout", ["1.4.0"])
            func shop(_ isAutomatic: Bool) -> String {
                Road.install("shop", "latest", more: "  automaticUpdates: \(isAutomatic)")
            }
            try await installation.apply(["shop.yaml": shop(isAutomatic)])
            let id = try await installation.id(of: "Install/shop")
            #expect(installation.object("installs", id)?["automatic_updates_enabled"] == .bool(isAutomatic))
            #expect(installation.writes["installs.setAutomaticUpdates"] == 1)
            try await installation.apply(["shop.yaml": shop(!isAutomatic)])
            #expect(installation.object("installs", id)?["automatic_updates_enabled"] == .bool(!isAutomatic))
            #expect(installation.writes["installs.setAutomaticUpdates"] == 2)
            try await installation.expectRest()
        }
    }

    @Test func `a pinned version with automatic updates is refused`() async throws {
        try await Installation.with { installation in
            let manifest = Road.install("shop", "1.4.0", more: "  automaticUpdates: true")
            let pass = try await installation.apply(["shop.yaml": manifest], status: 65)
            #expect(pass.ending.output.contains("automaticUpdates contradicts"), "\(pass)")
        }
    }
}
