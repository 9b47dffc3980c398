import AkuaEmulator
import JSON
import TestSupport
import Testing

/// What the platform's documents leave open: whichever way it is, the road comes to the same.
@Suite struct AmbiguityTests {
    struct Row: Sendable, CustomStringConvertible {
        var name: String
        var value: String
        /// Writes that it takes more or fewer than usual, with the reason beside the row.
        var difference: [String: Int] = [:]

        var description: String { "\(name)=\(value)" }
    }

    private static let rows: [Row] = [
        Row(name: "envelope", value: "older"),
        Row(name: "timestamps", value: "milliseconds"),
        Row(name: "ids", value: "bare"),
        Row(name: "etags", value: "quoted"),
        Row(name: "package_etags", value: "false"),
        Row(name: "conflict_metadata_key", value: ""),
        Row(name: "stale_status", value: "412"),
        Row(name: "missing_if_match_status", value: "428"),
        Row(name: "invalid_body_status", value: "400"),
        Row(name: "key_reuse", value: "conflict"),
        Row(name: "deleted_replay", value: "gone"),
        Row(name: "deleted_replay", value: "conflict"),
        Row(name: "key_retention_s", value: "1"),
        Row(name: "deleted_installs", value: "tombstone"),
        Row(name: "deleted_installs", value: "listed"),
        Row(name: "operation_lag_ms", value: "2000"),
        Row(name: "operation_retention_s", value: "5"),
        // So short that an operation is mostly gone before anybody can ask for it.
        Row(name: "operation_retention_s", value: "1"),
        Row(name: "owner_id", value: "late"),
        Row(name: "colon", value: "raw"),
        Row(name: "render_skipping", value: "never"),
        Row(name: "render_skipping", value: "always"),
        Row(name: "annotations_in_hash", value: "false"),
        Row(name: "skipped_render_keeps_message", value: "false"),
        Row(name: "automatic_updates_default", value: "true"),
        Row(name: "etag_moves_with_state", value: "false"),
        Row(name: "busy_install", value: "conflict"),
        Row(name: "latest", value: "newest"),
        Row(name: "list_lag_walks", value: "1"),
        Row(name: "list_repeat_percent", value: "50"),
        Row(name: "list_order", value: "shuffled"),
    ]

    private static let commits: [[String: String?]] = [
        [
            "package.yaml": Road.package(["1.3.0", "1.4.0"]),
            "cluster.yaml": """
            apiVersion: gitops.akua.dev/v1
            kind: Cluster
            metadata: {name: prod}
            spec: {region: eu-central, networkProfile: linux_cilium}
            """,
            "base.yaml": Road.install("base", "1.3.0", more: "  cluster: prod"),
            "shop.yaml": Road.install("shop", "latest", more: "  dependsOn: [Install/base]"),
        ],
        [
            "base.yaml": Road.install("base", "1.4.0", more: "  cluster: prod"),
            "extra.yaml": Road.install("extra", "~1.3"),
        ],
        ["shop.yaml": nil as String?, "extra.yaml": nil as String?],
        ["shop.yaml": Road.install("shop", "1.4.0", more: "  dependsOn: [Install/base]")],
    ]

    /// The writes of the road, by call.
    private static let writes: [String: Int] = [
        "packages.importPublished": 1, "packages.createVersion": 1, "clusters.create": 1, "installs.create": 4,
        "installs.setAutomaticUpdates": 4, "installs.createRender": 5, "installs.updateVersion": 1,
        "installs.delete": 2,
    ]

    @Test func `I1 I5: whatever the documents leave open, the end and the count of writes are the same`() async throws {
        try await sideBySide(Self.rows) { try await Self.go(with: $0) }
    }

    private static func go(with row: Row) async throws {
        let descriptor = try #require(Switches.all.first { $0.name == row.name })
        let value: JSONValue = (try? JSONReader.read(row.value)) ?? .string(row.value)
        var isSet = false
        try await Installation.with({ options in
            isSet =
                descriptor.write(&options.switches, value) || descriptor.write(&options.switches, .string(row.value))
        }) { installation in
            #expect(isSet, "\(row): no such switch")
            for files in commits {
                try await installation.repository.commit(files)
                let ending = try await installation.run("reconcile")
                #expect(ending.status == 0, "\(row): \(ending)")
            }
            let plan = try await installation.run("plan")
            #expect(plan.status == 0, "\(row): \(plan)")
            #expect(installation.live("installs").count == 2, "\(row)")
            let wanted = writes.merging(row.difference) { $0 + $1 }.filter { $0.value != 0 }
            #expect(installation.writes == wanted, "\(row)")
        }
    }

    /// A 404 without the platform's envelope is the page of something in between, and no proof that a deleted object is
    /// gone: the two are held until the platform's own word comes.
    @Test func `I10: a 404 in other words than the platform's holds what was deleted, and nothing else`() async throws {
        try await sideBySide([Switches.Envelope.html, .empty]) { try await Self.delete(answeredIn: $0) }
    }

    private static func delete(answeredIn envelope: Switches.Envelope) async throws {
        try await Installation.with {
            $0.switches.envelope = envelope
        } _: { installation in
            for files in commits[..<2] { try await installation.apply(files) }
            let unproven =
                "installs.get was refused with status 404; the answer is not in the platform's words, and "
                + "proves nothing"
            let pass = try await installation.apply(commits[2], status: 75)
            #expect(
                pass.undone == [
                    "delete Install/extra": "its outcome can't be read: \(unproven)",
                    "delete Install/shop": "its outcome can't be read: \(unproven)",
                ])
            #expect(
                try await installation.conditions() == ["Install/extra": "read-failed", "Install/shop": "read-failed"])
            #expect(installation.live("installs").count == 1, "\(envelope)")
            // Declared again meanwhile, the name waits for its old life to be proven gone; so does what is not.
            try await installation.apply(commits[3], status: 75)
            let plan = try await installation.plan()
            #expect(plan.held == ["Install/extra": "read-failed", "Install/shop": "waiting-for-operation"], "\(plan)")
            #expect(plan.sentences["Install/extra"] == unproven)
            #expect(
                try await installation.conditions() == [
                    "Install/extra": "read-failed", "Install/shop": "waiting-for-operation",
                ])
            try await installation.expectRest(status: 75)
            #expect(installation.writes["installs.delete"] == 2, "\(envelope)")
            #expect(installation.writes["installs.create"] == 3, "\(envelope)")
            // It comes to rest by itself.
            installation.emulator.emulator.setSwitches { $0.envelope = .openAPI }
            #expect(try await installation.reconcile().status == 0)
            #expect(installation.live("installs").count == 2, "\(envelope)")
            #expect(installation.writes == writes, "\(envelope)")
            try await installation.expectRest()
        }
    }

    @Test func `an artifact that is not pushed yet holds up what needs it, until it is there`() async throws {
        try await Installation.with {
            $0.switches.registry = .strict
        } _: { installation in
            func push(_ semver: String) {
                installation.emulator.emulator.register(
                    ociRef: "oci://registry.example.com/acme/checkout", ref: "sha256:\(semver)",
                    inputSchema: ["type": "object"])
            }
            let refused = "The registry holds no such artifact [body.version.ref]"
            let none = try await installation.apply(Self.commits[0], status: 75)
            #expect(none.done == ["create Cluster/prod"], "\(none)")
            #expect(none.undone["import Package/checkout"]?.hasSuffix(refused) == true, "\(none)")
            #expect(
                try await installation.conditions() == [
                    "Package/checkout": "failed", "PackageVersion/checkout-1.4.0": "dependency",
                    "Install/base": "dependency", "Install/shop": "dependency",
                ])
            push("1.3.0")
            let one = try await installation.reconcile()
            #expect(one.status == 75)
            #expect(one.done.contains("import Package/checkout") && one.done.contains("render Install/base"), "\(one)")
            #expect(
                try await installation.conditions() == [
                    "PackageVersion/checkout-1.4.0": "failed", "Install/shop": "dependency",
                ])
            push("1.4.0")
            #expect(try await installation.reconcile().status == 0)
            for files in Self.commits[1...] { try await installation.apply(files) }
            #expect(installation.writes == Self.writes)
            try await installation.expectRest()
        }
    }

    /// Each walk through a list lacks about a third of it, another third each time.
    ///
    /// What is on record is read by its id. What is known from lists alone, the token's workspace and a region, holds up
    /// a pass when they lack it; the next one may see it.
    @Test func `I10: what lists lack is neither made again nor deleted nor set back`() async throws {
        try await sideBySide(1...3 as ClosedRange<UInt64>) { try await Self.goWithShortLists(seed: $0) }
    }

    private static func goWithShortLists(seed: UInt64) async throws {
        try await Installation.with {
            $0.seed = seed
            $0.switches.listOmitPercent = 30
        } _: { installation in
            for files in commits {
                try await installation.repository.commit(files)
                var endings: [Int32] = []
                repeat {
                    let pass = try await installation.reconcile()
                    endings.append(pass.status)
                    #expect([0, 75, 78].contains(pass.status), "seed \(seed): \(pass)")
                    #expect(pass.undone.values.allSatisfy { $0.contains("waits for") }, "seed \(seed): \(pass)")
                } while endings.last != 0 && endings.count < 30
                #expect(endings.last == 0, "seed \(seed): \(endings)")
            }
            #expect(installation.writes == writes, "seed \(seed)")
            // Nor is anything done where there is nothing to do.
            for _ in 0..<5 { _ = try await installation.reconcile() }
            #expect(installation.writes == writes, "seed \(seed)")
            installation.emulator.emulator.setSwitches { $0.listOmitPercent = 0 }
            try await installation.expectRest()
        }
    }
}
