import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

/// The road from a commit to a workspace, with the real program over real HTTP and real git.
@Suite struct RoadTests {
    private static let first: [String: String?] = [
        "package.yaml": Road.package(["1.3.0", "1.4.0"]),
        "shop.yaml": Road.install("shop", "1.3.0", values: "{replicas: 3, ratio: 1.10, id: 12345678901234567890}"),
    ]

    private static let examples = URL(filePath: #filePath).appending(path: "../../../examples/platform").standardized

    /// What the demo's repository begins with.
    private static func exampleFiles() throws -> [String: String?] {
        let paths = try #require(FileManager.default.enumerator(atPath: examples.path)).compactMap { $0 as? String }
        var files: [String: String?] = [:]
        for path in paths {
            let file = examples.appending(path: path)
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
            files[path] = try String(contentsOf: file, encoding: .utf8)
        }
        return files
    }

    @Test(arguments: [false, true])
    func `plan prints exactly what reconcile then does, and nothing after it`(takesExamples: Bool) async throws {
        try await Installation.with { installation in
            let files = takesExamples ? try Self.exampleFiles() : Self.first
            try await installation.repository.commit(files, message: "Open the shop")
            let plan = try await installation.run("plan", "--output", "json")
            #expect(plan.status == 2, "\(plan)")
            let planned = try JSONReader.read(plan.output)["sources"]?.array?.first
            let done = try await installation.run("reconcile", "--output", "json")
            #expect(done.status == 0, "\(done)")
            let source = try JSONReader.read(done.output)["sources"]?.array?.first
            func names(_ actions: JSONValue?) -> [String] {
                (actions?.array ?? []).map { action in
                    ["action", "kind", "name"].map { action[$0]?.string ?? "" }.joined(separator: " ")
                }
            }
            let wanted = names(planned?["actions"])
            #expect(wanted.count > 3)
            #expect(names(source?["actions"]) == wanted)
            #expect(source?["digest"] == planned?["digest"])
            let after = try await installation.run("plan")
            #expect(after.status == 0, "\(after)")
            let writes = installation.writes
            let again = try await installation.run("reconcile")
            #expect(again.status == 0)
            #expect(installation.writes == writes)
            #expect(installation.emulator.contractViolations.isEmpty, "\(installation.emulator.contractViolations)")
        }
    }

    @Test func `values arrive at the API digit for digit`() async throws {
        try await Installation.with { installation in
            try await installation.repository.commit(Self.first)
            #expect(try await installation.run("reconcile").status == 0)
            let create = try #require(installation.emulator.emulator.requests().first { $0.call == "installs.create" })
            #expect(
                String(decoding: create.body, as: UTF8.self).contains(
                    #""initial_values":{"replicas":3,"ratio":1.10,"id":12345678901234567890}"#))
        }
    }

    @Test func `I8: an invalid commit changes nothing and is told with file, line and column`() async throws {
        try await Installation.with { installation in
            try await installation.repository.commit(Self.first)
            #expect(try await installation.run("reconcile").status == 0)
            let writes = installation.writes
            try await installation.repository.commit(["bad.yaml": "apiVersion: gitops.akua.dev/v1\nkind: Instal\n"])
            let ending = try await installation.run("reconcile")
            #expect(ending.status == 65, "\(ending)")
            #expect(ending.output.contains("bad.yaml:2:7"), "\(ending)")
            #expect(installation.writes == writes)
        }
    }

    @Test func `validate needs no workspace and holds values against the input schema`() async throws {
        let folder = try TemporaryFolder()
        let copy = folder.appending("platform")
        try FileManager.default.copyItem(atPath: Self.examples.path, toPath: copy)
        let good = try await Installation.validate(copy)
        #expect(good.status == 0, "\(good)")
        let file = URL(filePath: copy + "/installs/production.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try text.replacing("replicas: 4", with: "replicas: many").write(to: file, atomically: true, encoding: .utf8)
        let bad = try await Installation.validate(copy)
        #expect(bad.status == 65, "\(bad)")
        #expect(bad.output.contains("installs/production.yaml:32:15: "), "\(bad)")
        #expect(!bad.output.contains("many"), "I11: \(bad)")
    }

    @Test func `I9: more deletes than allowed wait for a person, who releases exactly them`() async throws {
        try await Installation.with { installation in
            var files = Self.first
            for number in 0..<4 { files["extra\(number).yaml"] = Road.install("extra\(number)", "1.4.0") }
            try await installation.repository.commit(files)
            #expect(try await installation.run("reconcile").status == 0)
            var removal: [String: String?] = [:]
            for number in 0..<4 { removal["extra\(number).yaml"] = .some(nil) }
            try await installation.repository.commit(removal, message: "Close the extras")
            let blocked = try await installation.run("reconcile", "--output", "json")
            #expect(blocked.status == 75, "\(blocked)")
            let digest = try #require(
                try JSONReader.read(blocked.output)["sources"]?.array?.first?["blocked_digest"]?.string)
            #expect(installation.writes["installs.delete"] == nil)
            #expect(try await installation.run("allow", String(repeating: "0", count: 32)).status == 0)
            #expect(try await installation.run("reconcile").status == 75)
            #expect(try await installation.run("allow", digest).status == 0)
            let released = try await installation.run("reconcile")
            #expect(released.status == 0, "\(released)")
            #expect(installation.writes["installs.delete"] == 4)
            #expect(try await installation.run("plan").status == 0)
        }
    }
}
