import AkuaEmulator
import Foundation
import GRDB
import JSON
import TestSupport
import Testing

/// A road with everything on it, to be gone with the program dying on the way: first sync, additions, version bumps, a
/// removal, a change that the platform can't make, drift, and a new life under an old name.
struct CrashScenario: Sendable {
    struct Stage: Sendable {
        var files: [String: String?]
        /// How a pass ends once it has come to rest.
        var status: Int32 = 0
        /// Somebody moves an install back to an older version before.
        var hasDrift = false
    }

    /// What an undisturbed run needs for one stage.
    struct Counts: Sendable {
        var requests: Int
        /// To the disk and to sockets.
        var calls: Int
        /// Of the state directory's files.
        var writes: Int
        var syncs: Int
    }

    /// What an undisturbed run did.
    struct Survey: Sendable {
        var stages: [Counts]
        var end: End
    }

    /// What must not depend on how often the program died.
    struct End: Equatable, Sendable {
        /// Sieve's second oracle: how often each call took effect on each object.
        var effects: [String: Int]
        /// What lives at the platform in the end, one line each.
        var world: [String]
    }

    /// Of one run.
    struct Journey: Sendable {
        var stages: [Counts] = []
        var end = End(effects: [:], world: [])
        /// The journal said that it had lost something, so that the program looked for all that is there.
        var isAlarmed = false
        /// The program died as often as it was to.
        var isReached = true
        /// What broke a promise, one sentence each.
        var violations: [String] = []
    }

    let name: String
    let stages: [Stage]

    /// Six installs, then eight: what the goals call S.
    static let whole = CrashScenario(
        name: "S",
        stages: [
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
            Stage(
                files: ["c.yaml": install("c", region: "eu-central"), "d.yaml": Road.install("d", "1.3.0")],
                hasDrift: true),
        ])

    /// The same with three installs: what the goals call T.
    static let small = CrashScenario(
        name: "T",
        stages: [
            Stage(files: [
                "checkout.yaml": Road.package(["1.3.0", "1.4.0"]), "a.yaml": Road.install("a", "1.3.0"),
                "c.yaml": install("c", region: "eu-central"),
                "d.yaml": Road.install("d", "1.4.0", more: "  dependsOn: [Install/a]"),
            ]),
            Stage(
                files: [
                    "a.yaml": Road.install("a", "1.4.0"), "c.yaml": install("c", region: "us-east"), "d.yaml": nil,
                ], status: 75),
            Stage(
                files: ["c.yaml": install("c", region: "eu-central"), "d.yaml": Road.install("d", "1.3.0")],
                hasDrift: true),
        ])

    /// T without the change that the platform can't make: no read shows an install's region, so that who has forgotten it
    /// takes the declared one for the real one.
    static let recoverable = CrashScenario(
        name: "U",
        stages: small.stages.map { stage in
            var stage = stage
            // Not named by a later commit, it stays as the first one has it.
            if stage.status != 0 || stage.hasDrift { stage.files.removeValue(forKey: "c.yaml") }
            stage.status = 0
            return stage
        })

    private static func install(_ name: String, region: String) -> String {
        Road.manifest("Install", name, "{package: checkout, version: 1.3.0, region: \(region)}")
    }
}

extension CrashScenario {
    /// Goes the road undisturbed.
    func survey() async throws -> Survey {
        let journey = try await travel(dyingAt: [])
        #expect(journey.violations == [], "undisturbed")
        return Survey(stages: journey.stages, end: journey.end)
    }

    /// Goes the road; the program dies at these points, one run of it after the other.
    func travel(dyingAt points: [CrashPoint]) async throws -> Journey {
        try await travel { number, stage, installation, journey in
            try await go(stage, dyingAt: points.filter { $0.stage == number }, installation, &journey)
        }
    }

    /// Goes the road with `pass` for how each stage, counted from 1, is brought to rest.
    func travel(
        _ change: (inout EmulatorOptions) -> Void = { _ in },
        _ pass: (Int, Stage, Installation, inout Journey) async throws -> Void
    ) async throws -> Journey {
        try await Installation.with {
            $0.workspaces = [.init(id: "ws_test", name: "Test", regions: ["eu-central", "us-east"])]
            change(&$0)
        } _: { installation in
            var journey = Journey()
            for (index, stage) in stages.enumerated() {
                if stage.hasDrift { try await installation.setBack("a") }
                try await installation.repository.commit(stage.files)
                try await pass(index + 1, stage, installation, &journey)
            }
            let plan = try await installation.run("plan")
            if plan.status != 0 { journey.violations.append("I5: something is left to plan: \(plan)") }
            let violations = installation.emulator.contractViolations
            if !violations.isEmpty { journey.violations.append("the platform's document is broken: \(violations)") }
            journey.end = try await installation.end()
            return journey
        }
    }

    private func go(
        _ stage: Stage, dyingAt points: [CrashPoint], _ installation: Installation, _ journey: inout Journey
    ) async throws {
        for point in points {
            if case .damage(let damage, let seed) = point.moment {
                if try !installation.damage(damage, seed: seed) { journey.isReached = false }
                continue
            }
            let (ending, _, hasStruck) = try await pass(installation, dyingAt: point)
            // With fewer requests or calls than the undisturbed run, as chance has it, there is no such point.
            guard hasStruck else {
                journey.isReached = false
                continue
            }
            journey.violations += try installation.journalViolations()
            if point.isFailure, ending.wasKilled || !Self.isExplained(ending, stage.status) {
                journey.violations.append("R13: the end does not name the disk: \(ending)")
            }
        }
        var passes = 0
        let seen = installation.emulator.emulator.requests().count { !$0.effects.isEmpty }
        var ending: Installation.Ending
        repeat {
            let counts: Counts
            (ending, counts, _) = try await pass(installation, dyingAt: nil)
            if passes == 0 { journey.stages.append(counts) }
            passes += 1
            journey.isAlarmed =
                journey.isAlarmed || ["was damaged", "newest entries are lost"].contains(where: ending.errors.contains)
            // A journal of which nothing was sent yet may be one that was never finished.
            let isAlarm =
                (ending.errors.contains("was damaged") && seen > 0 && !points.contains(where: \.isDamage))
                || (ending.errors.contains("newest entries are lost") && !points.contains(where: \.mayRaiseAlarm))
            if isAlarm { journey.violations.append("R2: the journal did not open as it was: \(ending.errors)") }
        } while ending.status != stage.status && passes < 2
        if ending.status != stage.status {
            journey.violations.append("I5: no rest within two passes: \(ending)")
        }
    }

    /// Whether a pass that the disk failed says so, unless it could do without what failed.
    private static func isExplained(_ ending: Installation.Ending, _ status: Int32) -> Bool {
        let says = ["disk is full", "could not be read or written", "can't be synchronized", "can't be made"]
        return ending.status == status || says.contains { (ending.errors + ending.output).contains($0) }
    }

    /// One run of the program.
    private func pass(
        _ installation: Installation, dyingAt point: CrashPoint?
    ) async throws -> (ending: Installation.Ending, counts: Counts, hasStruck: Bool) {
        let page = try CrashPage()
        switch point?.moment {
        case .unsent(let request): page.set(.killAtRequest, request)
        case .call(let number, let loss, let seed):
            page.set(.killAt, number)
            page.set(.loss, loss.rawValue)
            page.set(.seed, seed)
        case .failure(let failure, let number, let isPassing):
            page.set(failure)
            page.set(.failFrom, number)
            page.set(.failCount, isPassing ? 1 : 0)
        case .lostFlush(let flush, let call):
            page.set(.badFlush)
            page.set(.failFrom, flush)
            page.set(.failCount, 1)
            page.set(.loss, CrashPage.Loss.all.rawValue)
            page.set(.killAt, call)
        case .request, .damage, nil: break
        }
        let emulator = installation.emulator.emulator
        let environment = try await page.environment(watching: installation.stateDirectory)
        let ending = try await installation.run(["reconcile"], environment: environment) { pid in
            guard case .request(let number, let moment) = point?.moment else { return }
            var fault = Fault(on: nil, .nth(number), at: moment)
            fault.killsProcess = pid
            emulator.add(fault)
        }
        emulator.removeFaults()
        let counts = Counts(
            requests: page[.requests], calls: page[.calls], writes: page[.writes], syncs: page[.syncs])
        return (ending, counts, hasStruck: ending.wasKilled || page[.failed] > 0)
    }
}

extension Installation {
    var stateDirectory: String { folder.appending("state") }

    fileprivate func setBack(_ name: String) async throws {
        let install = try await id(of: "Install/\(name)")
        let older = try await id(of: "PackageVersion/checkout-1.3.0")
        try emulator.emulator.apply(.installVersion(install: install, version: older))
    }

    /// Damages what is in the state directory; false where there is nothing to damage.
    fileprivate func damage(_ damage: CrashPoint.Damage, seed: Int) throws -> Bool {
        var dice = Dice(seed: UInt64(seed))
        let database = URL(filePath: stateDirectory + "/journal.sqlite")
        let log = URL(filePath: database.path + "-wal")
        let files = [database, log].filter { FileManager.default.fileExists(atPath: $0.path) }
        switch damage {
        case .deleted:
            guard FileManager.default.fileExists(atPath: stateDirectory) else { return false }
            try FileManager.default.removeItem(atPath: stateDirectory)
        case .logDeleted:
            guard files.contains(log) else { return false }
            try FileManager.default.removeItem(at: log)
        case .truncated:
            let pages = try files.first.map { try Data(contentsOf: $0).count / 4_096 } ?? 0
            guard pages > 0 else { return false }
            let handle = try FileHandle(forUpdating: database)
            try handle.truncate(atOffset: UInt64(4_096 * Int.random(in: 0..<pages, using: &dice)))
        case .flipped:
            guard let file = files.randomElement(using: &dice) else { return false }
            var bytes = try Data(contentsOf: file)
            guard let place = bytes.indices.randomElement(using: &dice) else { return false }
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
            try bytes.write(to: file)
        }
        return true
    }

    /// What the emulator has seen of each object, and what lives in the end.
    func end() async throws -> CrashScenario.End {
        // An object is known by what every life of it shares, the first part of its key, and has a name if it lives.
        var identities: [String: String] = [:]
        let effective = emulator.emulator.requests().filter { !$0.effects.isEmpty && !$0.isReplay }
        for request in effective {
            guard let identity = request.identity else { continue }
            for effect in request.effects where effect.change == "created" { identities[effect.id] = identity }
        }
        let living = try await ids().sorted { $0.key < $1.key }
        let namesByID = Dictionary(living.map { ($0.value, $0.key) }) { first, _ in first }
        // The version that comes with an import shares the identity of its package, which is sorted before it.
        let named = living.compactMap { name, id in identities[id].map { ($0, name) } }
        let names = Dictionary(named) { first, _ in first }
        var effects: [String: Int] = [:]
        for request in effective {
            let inPath = identities.first { request.path.contains($0.key) }?.value
            let identity = request.identity ?? inPath ?? request.path
            effects["\(request.call ?? "?") \(names[identity] ?? identity)", default: 0] += 1
        }
        func name(_ object: JSONValue, _ field: String = "id") -> String {
            let id = object[field]?.string ?? ""
            return namesByID[id] ?? identities[id] ?? "-"
        }
        // Where none was asked for, the platform takes one that is there at that moment, or none.
        let placed = Set(effective.filter(\.namesCluster).flatMap { $0.effects.map(\.id) })
        let installs = live("installs").map { install in
            let fields = ["state", "reconciling", "initial_values", "automatic_updates_enabled"].map {
                JSONWriter().text(of: install[$0] ?? .null)
            }
            let id = install["id"]?.string ?? ""
            let place = placed.contains(id) ? "on \(name(install, "cluster_id"))" : "anywhere"
            return "\(name(install)) \(version(of: id) ?? "-") \(place) \(fields)"
        }
        let others = ["packages", "versions", "clusters"].flatMap { kind in live(kind).map { "\(kind) \(name($0))" } }
        return .init(effects: effects, world: (installs + others).sorted())
    }

    /// I4 as the journal of a dead program has it: whole, and with an intent for every write that the emulator saw.
    ///
    /// Looked at in a copy, since opening would change it.
    func journalViolations() throws -> [String] {
        let writes = emulator.emulator.requests().filter {
            $0.method != "GET" && $0.call != nil && $0.call != "operations.wait"
        }
        let copy = try TemporaryFolder()
        let files = ["journal.sqlite", "journal.sqlite-wal"]
        for file in files where FileManager.default.fileExists(atPath: "\(stateDirectory)/\(file)") {
            try FileManager.default.copyItem(atPath: "\(stateDirectory)/\(file)", toPath: copy.appending(file))
        }
        guard FileManager.default.fileExists(atPath: copy.appending(files[0])) else {
            return writes.isEmpty ? [] : ["I4: the journal is gone, and \(writes.count) writes were seen"]
        }
        let queue = try DatabaseQueue(path: copy.appending(files[0]))
        return try queue.read { db in
            let integrity = try String.fetchAll(db, sql: "PRAGMA integrity_check")
            guard integrity == ["ok"] else { return ["R2: integrity_check says \(integrity)"] }
            guard try db.tableExists("intents") else {
                return writes.isEmpty ? [] : ["I4: the journal is empty, and \(writes.count) writes were seen"]
            }
            let intents = try Row.fetchAll(
                db, sql: "SELECT idempotency_key, if_match, call, call_resource_id FROM intents")
            let keys = Set(intents.compactMap { $0["idempotency_key"] as String? })
            let etags = Set(intents.compactMap { $0["if_match"] as String? })
            let unknown = writes.filter { write in
                if let key = write.idempotencyKey { return !keys.contains(key) }
                if let etag = write.ifMatch { return !etags.contains(etag) }
                // What takes neither is known by its call and what it is about.
                return !intents.contains {
                    $0["call"] == write.call && write.path.contains($0["call_resource_id"] as String? ?? "")
                }
            }
            return unknown.map { "I4: no intent is journalled of \($0.method) \($0.path)" }
        }
    }
}

extension RecordedRequest {
    /// Whether an install was asked for on one cluster.
    fileprivate var namesCluster: Bool {
        // What can't be read has asked for nothing.
        call == "installs.create" && (try? JSONReader.read(body))?["cluster_id"] != nil
    }

    /// The part of a derived key that is the same for every write about one object.
    fileprivate var identity: String? {
        let parts = idempotencyKey?.split(separator: "-") ?? []
        return parts.count == 3 && parts[0] == "agl1" ? String(parts[1]) : nil
    }
}
