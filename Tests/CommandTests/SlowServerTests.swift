import AkuaEmulator
import Foundation
import TestSupport
import Testing

/// R15: a platform that accepts some requests and then says nothing.
@Suite struct SlowServerTests {
    /// Until an answer has to begin, in seconds.
    private static let deadline = 20.0
    private static let names = (0..<12).map { "shop-\($0)" }
    private static let hanging = [2, 5, 8]

    @Test func `R15 I15: requests that hang end at their deadline, and hold nobody else up`() async throws {
        let usual = try await Installation.with { try await Self.duration(of: $0, hanging: []).last ?? 0 }
        try await Installation.with { installation in
            let times = try await Self.duration(of: installation, hanging: Self.hanging)
            let others = times[Self.names.count - Self.hanging.count - 1]
            #expect(others <= 2 * usual + 1, "\(others) s for those whose requests did not hang, usually \(usual) s")
            let requests = installation.emulator.emulator.requests().filter { $0.call == "installs.create" }
            let hung = requests.filter { $0.fault != nil }
            #expect(hung.count == Self.hanging.count)
            for request in hung {
                let again = try #require(
                    requests.first { $0.number > request.number && $0.idempotencyKey == request.idempotencyKey })
                let waited = Self.seconds(again) - Self.seconds(request)
                // The deadline, and a back-off of a fifth of a second at most.
                #expect((Self.deadline * 0.9...Self.deadline * 1.1 + 0.2).contains(waited), "\(waited) s")
            }
            #expect(installation.writes["installs.create"] == Self.names.count)
            try await installation.expectRest()
        }
    }

    /// One pass over twelve installs; when each was rendered, in seconds from the first create on, in order.
    private static func duration(of installation: Installation, hanging: [Int]) async throws -> [Double] {
        var files: [String: String?] = ["package.yaml": Road.package(["1.3.0"])]
        for name in names { files["\(name).yaml"] = Road.install(name, "1.3.0") }
        let emulator = installation.emulator.emulator
        for nth in hanging { emulator.add(Fault(on: "installs.create", .nth(nth), .hang)) }
        try await installation.apply(files)
        let requests = emulator.requests()
        let start = requests.first { $0.call == "installs.create" }.map(seconds) ?? 0
        return requests.filter { $0.call == "installs.createRender" }.map { seconds($0) - start }.sorted()
    }

    /// Of our time.
    private static func seconds(_ request: RecordedRequest) -> Double {
        Double(request.time) / 1_000 / EmulatorOptions.fast.timeScale
    }
}
