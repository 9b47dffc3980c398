import AkuaEmulator
import JSON
import TestSupport
import Testing

/// What the platform's documents leave open: whichever way it is, the road comes to the same.
@Suite struct AmbiguityTests {
    struct Row: CustomTestStringConvertible {
        var name: String
        var value: String
        /// Writes that it takes more or fewer than usual, with the reason beside the row.
        var difference: [String: Int] = [:]

        var testDescription: String { "\(name)=\(value)" }
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

    @Test(arguments: rows)
    func `I1 I5: whatever the documents leave open, the end and the count of writes are the same`(
        _ row: Row
    ) async throws {
        let descriptor = try #require(Switches.all.first { $0.name == row.name })
        let value: JSONValue = (try? JSONReader.read(row.value)) ?? .string(row.value)
        var isSet = false
        try await Installation.with({ options in
            isSet =
                descriptor.write(&options.switches, value) || descriptor.write(&options.switches, .string(row.value))
        }) { installation in
            #expect(isSet, "no such switch")
            for files in Self.commits {
                try await installation.repository.commit(files)
                let ending = try await installation.run("reconcile")
                #expect(ending.status == 0, "\(ending)")
            }
            let plan = try await installation.run("plan")
            #expect(plan.status == 0, "\(plan)")
            #expect(installation.live("installs").count == 2)
            #expect(installation.writes == Self.writes.merging(row.difference) { $0 + $1 }.filter { $0.value != 0 })
        }
    }
}
