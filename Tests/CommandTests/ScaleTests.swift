import AkuaEmulator
import Foundation
import JSON
import TestSupport
import Testing

/// Many installs are ordinary: taken over in one pass, with so many requests for each and no more, and then at rest.
@Suite struct ScaleTests {
    /// A thousand, or what `AKUA_GITOPS_SCALE_INSTALLS` says: 10,000 take minutes in a debug build.
    private static let count =
        ProcessInfo.processInfo.environment["AKUA_GITOPS_SCALE_INSTALLS"].flatMap(Int.init) ?? 1_000

    @Test func `installs by the thousand are taken over once, and a further pass reads lists alone`() async throws {
        try await Installation.with {
            $0.timing = .instant
            $0.requestsKept = 10 * Self.count + 1_000
        } _: { installation in
            var population = Population()
            (population.packages, population.versionsPerPackage, population.installs) = (20, 5, Self.count)
            let made = try installation.emulator.emulator.populate(population)
            try await installation.repository.commit(manifests(of: made))
            let first = try await timed("the first pass") { try await installation.reconcile() }
            #expect(first.status == 0, "\(first.source["counts"] ?? .null)")
            #expect(first.source["counts"]?["adopted"] == .number(JSONNumber(Self.count)))
            #expect(installation.writes == ["installs.setAutomaticUpdates": Self.count])
            installation.emulator.emulator.clearRequests()
            let second = try await timed("the second pass") { try await installation.reconcile() }
            #expect(second.status == 0 && second.outcome == "in_sync")
            #expect(installation.writes == [:])
            // P13: the pages of the lists, and a list of versions for each package.
            #expect(
                installation.emulator.emulator.counts.byCall == [
                    "workspaces.list": 1, "regions.list": 1, "clusters.list": 1, "packages.list": 1,
                    "packages.listVersions": 20, "installs.list": (Self.count + 99) / 100,
                ])
            let plan = try await installation.plan()
            #expect(plan.status == 0)
        }
    }

    private func manifests(of made: Population.Made) -> [String: String?] {
        var files: [String: String] = [:]
        for (number, id) in made.installs.enumerated() {
            let package = number % made.packages.count
            let minor = number / made.packages.count % made.packages[package].versions.count
            files["installs/\(number / 100).yaml", default: ""] +=
                "---\n"
                + Road.manifest(
                    "Install", "install-\(number)",
                    "{package: package-\(package + 1), version: 1.\(minor).0, region: region-1, cluster: cluster-1, "
                        + "values: {replicas: \(number % 5 + 1)}, installID: \(id)}")
        }
        return files
    }

    private func timed<Value>(_ what: String, _ body: () async throws -> Value) async rethrows -> Value {
        let begin = ContinuousClock.now
        let value = try await body()
        print("\(Self.count) installs: \(what) took \((ContinuousClock.now - begin) / .milliseconds(1)) ms")
        return value
    }
}
