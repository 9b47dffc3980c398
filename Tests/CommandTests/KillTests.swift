import AkuaEmulator
import Foundation
import TestSupport
import Testing

/// R1: the real program, killed with SIGKILL at its writes, over a road with everything on it: first sync, additions, version
/// bumps, a removal, a change that the platform can't make, and drift.
///
/// Each kind of write is killed at its first time at every point, and all others at one point each;
/// `AKUA_GITOPS_KILLS=all` takes every write at every point.
@Suite struct KillTests {
    private struct Stage {
        var files: [String: String?]
        /// How a pass ends once it has come to rest.
        var status: Int32 = 0
        /// Somebody moves an install back to an older version before.
        var hasDrift = false
    }

    private static let stages = [
        Stage(files: [
            "checkout.yaml": Road.package(["1.3.0", "1.4.0"]),
            "postgres.yaml": Road.package(["15.0.0", "16.0.0"], of: "postgres"),
            "cluster.yaml": Road.manifest("Cluster", "prod", "{region: eu-central, networkProfile: linux_cilium}"),
            "db.yaml": Road.manifest(
                "Install", "db", "{package: postgres, version: 15.0.0, region: eu-central, cluster: prod}"),
            "a.yaml": Road.install("a", "1.3.0", more: "  dependsOn: [Install/db]"),
            "b.yaml": Road.install("b", "1.3.0", more: "  dependsOn: [Install/a]"),
            "c.yaml": install("c", region: "eu-central"), "d.yaml": Road.install("d", "1.4.0"),
            "e.yaml": Road.install("e", "~1.3", more: "  cluster: prod"),
        ]),
        Stage(
            files: [
                "a.yaml": Road.install("a", "1.4.0", more: "  dependsOn: [Install/db]"),
                "b.yaml": Road.install("b", "1.4.0", more: "  dependsOn: [Install/a]"),
                "c.yaml": install("c", region: "us-east"), "d.yaml": nil,
                "f.yaml": Road.install("f", "1.4.0", more: "  dependsOn: [Install/b]"),
                "g.yaml": Road.install("g", "latest"),
            ], status: 75),
        Stage(files: ["c.yaml": install("c", region: "eu-central")], hasDrift: true),
    ]

    private static func install(_ name: String, region: String) -> String {
        Road.manifest("Install", name, "{package: checkout, version: 1.3.0, region: \(region)}")
    }

    /// A write of the undisturbed road, by its number among those of its call, from 1.
    private struct Write: Hashable {
        var call: String
        var number: Int
    }

    @Test(arguments: Fault.Point.allCases)
    func `R1 I1 I4: killed at any write, nothing is lost and nothing is doubled`(_ point: Fault.Point) async throws {
        let (effects, writes) = try await travel()
        #expect(writes.count > 30)
        let place = try #require(Fault.Point.allCases.firstIndex(of: point))
        let isComplete = ProcessInfo.processInfo.environment["AKUA_GITOPS_KILLS"] == "all"
        let chosen = writes.enumerated().filter { position, write in
            isComplete || write.number == 1 || position % Fault.Point.allCases.count == place
        }.map(\.element)
        // Several roads at once: most of the time each waits for a disk or an operation.
        try await withThrowingTaskGroup(of: Void.self) { roads in
            for (position, write) in chosen.enumerated() {
                if position >= 4 { try await roads.next() }
                roads.addTask {
                    let disturbed = try await travel(killedAt: write, point)
                    #expect(disturbed.effects == effects, "killed at \(write) \(point)")
                }
            }
            try await roads.waitForAll()
        }
    }

    /// Goes the whole road; answers how often each write took effect, and which there were.
    private func travel(
        killedAt write: Write? = nil, _ point: Fault.Point = .beforeEffect
    ) async throws -> (effects: [String: Int], writes: [Write]) {
        try await Installation.with {
            $0.workspaces = [.init(id: "ws_test", name: "Test", regions: ["eu-central", "us-east"])]
        } _: { installation in
            var isKilled = false
            for stage in Self.stages {
                if stage.hasDrift { try await setBack("a", in: installation) }
                try await installation.repository.commit(stage.files)
                var passes = 0
                var ending: Installation.Ending
                repeat {
                    let isArmed = write != nil && !isKilled
                    ending = try await installation.run("reconcile") { pid in
                        guard let write, isArmed else { return }
                        let seen = installation.emulator.emulator.requests().count { $0.call == write.call }
                        guard seen < write.number else { return }
                        var fault = Fault(on: write.call, .nth(write.number - seen), at: point)
                        fault.killsProcess = pid
                        installation.emulator.emulator.add(fault)
                    }
                    installation.emulator.emulator.removeFaults()
                    isKilled = isKilled || ending.wasKilled
                    // Rest is to be reached within two passes.
                    passes += ending.wasKilled ? 0 : 1
                } while ending.wasKilled || ending.status != stage.status && passes < 2
                #expect(ending.status == stage.status, "killed at \(String(describing: write)) \(point): \(ending)")
            }
            #expect(isKilled == (write != nil), "killed at \(String(describing: write)) \(point)")
            let plan = try await installation.run("plan")
            #expect(plan.status == 0, "killed at \(String(describing: write)) \(point): \(plan)")
            return (installation.writes, Self.writes(in: installation))
        }
    }

    private func setBack(_ name: String, in installation: Installation) async throws {
        let install = try await installation.id(of: "Install/\(name)")
        let older = try await installation.id(of: "PackageVersion/checkout-1.3.0")
        try installation.emulator.emulator.apply(.installVersion(install: install, version: older))
    }

    private static func writes(in installation: Installation) -> [Write] {
        var numbers: [String: Int] = [:]
        var writes: [Write] = []
        for request in installation.emulator.emulator.requests() {
            guard let call = request.call else { continue }
            numbers[call, default: 0] += 1
            if !request.effects.isEmpty { writes.append(Write(call: call, number: numbers[call] ?? 0)) }
        }
        return writes.sorted { ($0.call, $0.number) < ($1.call, $1.number) }
    }
}
