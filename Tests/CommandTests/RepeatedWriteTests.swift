import AkuaEmulator
import JSON
import TestSupport
import Testing

/// R4: a write whose answer was lost stays open until it is known what became of it, whatever befalls its next attempt.
///
/// The platform does what is asked and the answer is lost; the next pass sends it again and does not get through; then
/// git goes on to something else. An attempt that did nothing says nothing of the one before: were the write closed as
/// unsent, what it made would be nobody's.
///
/// Versions, version updates and deletes are not in the table: what they did shows in a read, so that they are not sent
/// a second time once they have taken effect.
@Suite struct RepeatedWriteTests {
    /// What the second attempt meets.
    enum Obstacle: CaseIterable {
        /// Nobody listens any more.
        case noConnection
        case throttled
        case badToken
        /// Something in between knows no such page.
        case strayPage

        /// What the emulator answers instead.
        fileprivate var answer: Fault.End? {
            switch self {
            case .noConnection: nil
            case .throttled: .answer(status: 429, headers: [("Retry-After", "60")], body: [])
            case .badToken: .answer(status: 401, headers: [], body: [])
            case .strayPage:
                .answer(status: 404, headers: [("Content-Type", "text/html")], body: Array("<h1>404</h1>".utf8))
            }
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        /// The write whose answer is lost, and what it is about.
        var call: String
        var object: String
        var base: [String: String?]
        /// What asks for the write.
        var wanted: [String: String?]
        /// What git says by the time the platform can be asked again.
        var then: [String: String?]
        /// What is read on the way to the second attempt.
        var reads = ["/workspaces"]
        /// The writes since the base that took effect in the end, once each unless it says otherwise.
        var writes: [String: Int]
        /// Renders that the last pass puts on record.
        var renders = 0

        var testDescription: String { call }
    }

    private static let package: [String: String?] = ["package.yaml": Road.package(["1.3.0"])]
    private static let reads = ["/workspaces", "/installs/{shop}"]

    private static func shop(isAutomatic: Bool = false, team: String) -> [String: String?] {
        let text = Road.install("shop", "~1.3", more: "  automaticUpdates: \(isAutomatic)")
        return ["shop.yaml": text.replacing("{name: shop}", with: "{name: shop, annotations: {team: \(team)}}")]
    }

    private static let cases = [
        Case(
            call: "packages.importPublished", object: "Package/other", base: package,
            wanted: ["other.yaml": Road.package(["1.0.0"], of: "other")], then: ["other.yaml": nil],
            writes: ["packages.importPublished": 1, "packages.delete": 1]),
        Case(
            call: "packages.create", object: "Package/redis", base: package,
            wanted: [
                "chart.yaml": Road.manifest(
                    "Package", "redis",
                    "{helm: {repoURL: oci://charts.example.com/acme, chart: redis, targetRevision: 7.2.1}}")
            ], then: ["chart.yaml": nil], writes: ["packages.create": 1, "packages.delete": 1]),
        Case(
            call: "clusters.create", object: "Cluster/prod", base: package,
            wanted: ["cluster.yaml": Road.manifest("Cluster", "prod", "{region: eu-central}")],
            then: ["cluster.yaml": nil], writes: ["clusters.create": 1, "clusters.delete": 1]),
        Case(
            call: "installs.create", object: "Install/shop", base: package, wanted: shop(team: "one"),
            then: ["shop.yaml": nil], writes: ["installs.create": 1, "installs.delete": 1]),
        // No read shows the flag: forgotten, it would stay switched on.
        Case(
            call: "installs.setAutomaticUpdates", object: "Install/shop",
            base: package.merging(shop(team: "one")) { $1 }, wanted: shop(isAutomatic: true, team: "one"),
            then: shop(team: "one"), reads: reads, writes: ["installs.setAutomaticUpdates": 2]),
        // Forgotten, the render would do no harm at the platform, but not lead back to its commit (I6).
        Case(
            call: "installs.createRender", object: "Install/shop", base: package.merging(shop(team: "one")) { $1 },
            wanted: shop(team: "two"), then: shop(team: "three"), reads: reads,
            writes: ["installs.createRender": 2], renders: 2),
    ]

    @Test(arguments: cases)
    func `R4 I4: a second attempt that does not get through closes no write that may have taken effect`(
        _ row: Case
    ) async throws {
        try await sideBySide(Obstacle.allCases) { try await Self.lose(row, thenMeet: $0) }
    }

    private static func lose(_ row: Case, thenMeet obstacle: Obstacle) async throws {
        try await Installation.with { installation in
            let emulator = installation.emulator.emulator
            try await installation.apply(row.base)
            let before = installation.writes
            // The client's own attempts all lose their answers: the first takes effect, the others are answered alike.
            emulator.add(Fault(on: row.call, at: .afterEffect, .drop))
            let lost = try await installation.apply(row.wanted, status: 75)
            #expect(lost.undone.values.contains { $0.contains("may have taken effect") }, "\(obstacle): \(lost)")
            emulator.removeFaults()
            let sent = emulator.requests().count { $0.call == row.call }
            if let answer = obstacle.answer {
                emulator.add(Fault(on: row.call, .always, answer))
                let second = try await installation.reconcile()
                emulator.removeFaults()
                #expect(second.status != 0, "\(obstacle)")
                let again = emulator.requests().count { $0.call == row.call }
                #expect(again > sent, "\(obstacle): nothing was sent again: \(second)")
            } else {
                try await passThatLosesThePlatform(after: row.reads, installation)
                #expect(emulator.requests().count { $0.call == row.call } == sent, "\(obstacle)")
            }
            let plan = try await installation.plan()
            #expect(plan.held[row.object] == "waiting-for-operation", "\(obstacle): \(plan)")
            #expect(plan.reasons == [:], "\(obstacle): \(plan)")

            try await installation.repository.commit(row.then)
            let last = try await installation.reconcile("--log-level", "info", "--log-format", "json")
            #expect(last.status == 0, "\(obstacle): \(last)")
            let writes = installation.writes.merging(before) { $0 - $1 }.filter { $0.value != 0 }
            #expect(writes == row.writes, "\(obstacle)")
            let flags = installation.live("installs").map { $0["automatic_updates_enabled"] }
            #expect(flags.allSatisfy { $0 == false }, "\(obstacle)")
            let renders = last.ending.errors.matches(of: #/"event":"render.recorded"/#).count
            #expect(renders == row.renders, "\(obstacle)")
            try await installation.expectRest()
        }
    }

    /// A pass that reads these and finds nobody listening when it comes to write.
    private static func passThatLosesThePlatform(after reads: [String], _ installation: Installation) async throws {
        var answers: [String: String] = [:]
        var paths: [String] = []
        for read in reads {
            let id = try await installation.ids()["Install/shop"] ?? ""
            paths.append("/v1" + read.replacing("{shop}", with: id))
            let answer = try await installation.somebody("GET", String(paths[paths.count - 1].dropFirst(3)))
            answers[paths[paths.count - 1]] = JSONWriter().text(of: answer)
        }
        let (known, last) = (answers, paths.last)
        let server = try ScriptedServer { request in
            let answer = [ScriptedServer.Step].json(known[request.path] ?? "{}", headers: ["Connection": "close"])
            return (request.path == last ? [.refuseConnections] : []) + answer + [.close]
        }
        defer { server.stop() }
        try installation.configure(baseURL: server.baseURL + "/v1")
        let pass = try await installation.reconcile()
        try installation.configure()
        #expect(pass.status == 69, "\(pass)")
        #expect(server.requests.map { "\($0.method) \($0.path)" } == paths.map { "GET \($0)" }, "\(pass)")
    }
}
