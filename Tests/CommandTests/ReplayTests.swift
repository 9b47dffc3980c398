import Foundation
import JSON
import TestSupport
import Testing

/// The plan of a past pass, made again from the journal and the commit alone.
@Suite struct ReplayTests {
    private static let files: [String: String?] = [
        "package.yaml": Road.package(["1.3.0", "1.4.0"]),
        "shop.yaml": Road.install("shop", "1.3.0", values: "{password: canary-7f3a}"),
        "lost.yaml": Road.manifest("Install", "lost", "{package: nowhere, version: 1.0.0, region: eu-central}"),
    ]

    private func ids(_ installation: Installation) async throws -> [String] {
        let list = try JSONReader.read(try await installation.run("history", "--output", "json").output)
        return (list["reconciles"]?.array ?? []).compactMap { $0["reconcile_id"]?.string }
    }

    @Test func `it is the same plan, when the world has moved on and neither git nor the platform can be reached`()
        async throws
    {
        try await Installation.with { installation in
            try await installation.repository.commit(Self.files, message: "Open the shop")
            let plan = try JSONReader.read(try await installation.run("plan", "--output", "json").output)
            #expect(try await installation.run("reconcile").status == 75)
            let first = try #require(try await ids(installation).first)
            try await installation.repository.commit([
                "shop.yaml": Road.install("shop", "1.4.0", values: "{password: canary-7f3a}")
            ])
            #expect(try await installation.run("reconcile").status == 75)
            let second = try #require(try await ids(installation).first)
            try FileManager.default.removeItem(atPath: installation.repository.path)

            let nowhere = ["--api-base-url", "http://127.0.0.1:1/v1"]
            let text = try await installation.run(["replay", first] + nowhere)
            #expect(text.status == 0, "\(text)")
            #expect(text.output.contains(/^The same plan as \S+ made at [0-9TZ:-]+: [0-9a-f]{32}\n/), "\(text)")
            #expect(text.output.contains(/platform  main@[0-9a-f]{8}  Open the shop\n/), "\(text)")
            #expect(text.output.contains(/\+ create +Install\/shop/) && text.output.contains("missing-reference"))
            #expect(!text.output.contains("canary"), "I11: \(text)")
            let json = try JSONReader.read(
                try await installation.run(["replay", first, "--output", "json"] + nowhere).output)
            #expect(json["same"] == true && json["digest"] == plan["sources"]?.array?.first?["digest"], "\(json)")
            #expect(json["actions"] == plan["sources"]?.array?.first?["actions"], "\(json)")
            let next = try await installation.run(["replay", second] + nowhere)
            #expect(next.status == 0 && next.output.contains("version: 1.3.0 → 1.4.0"), "\(next)")
        }
    }

    @Test func `what was not kept is said, and how to go on`() async throws {
        try await Installation.with { installation in
            var files = Self.files
            files["shop.yaml"] = nil
            files["package.yaml"] = nil
            try await installation.repository.commit(files)
            #expect(try await installation.run("reconcile").status == 75)
            // On record, since it says what holds the install back, but without anything that was acted on.
            let id = try #require(try await ids(installation).first)
            let nothing = try await installation.run("replay", id)
            #expect(nothing.status == 1 && nothing.output == "", "\(nothing)")
            #expect(nothing.errors.contains("is not on record: it is kept for the newest 8 passes"), "\(nothing)")
            let unknown = try await installation.run("replay", "rec-nope")
            #expect(unknown.status == 1 && unknown.errors.contains("no pass on record is called 'rec-nope'"))
            #expect(try await installation.run("replay").status == 64)
        }
    }
}
