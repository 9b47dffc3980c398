import AkuaModel
import Foundation
import JSON
import Journal
import Logging
import Manifests
import Planning
import Reconciler
import Simulation
import Synchronization
import Telemetry

/// A source with everything around it, to run passes in: a simulated platform and repository, a real journal.
final class World: Sendable {
    let platform = SimulatedPlatform()
    let repository = SimulatedRepository()
    /// Unix milliseconds; sleeping moves it.
    private let clock = Mutex(1_700_000_000_000)
    /// Milliseconds that the date is off the clock.
    private let dateOffset = Mutex(0)
    /// Whether what runs at the platform ends while the daemon sleeps.
    private let settles = Mutex(true)
    private let directory: Mutex<String>

    init() throws {
        directory = Mutex(try Self.newDirectory())
    }

    private var path: String { directory.withLock { $0 } }

    deinit { directory.withLock { try? FileManager.default.removeItem(atPath: $0) } }

    private static func newDirectory() throws -> String {
        // In memory where there is such a place: these tests are about order, not about the disk.
        let isShared = FileManager.default.isWritableFile(atPath: "/dev/shm")
        let path = (isShared ? "/dev/shm/" : NSTemporaryDirectory()) + "akua-world-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        return path
    }

    /// Goes on as another daemon of the source, with a state directory of its own, or as the one that `directory` is of.
    ///
    /// - Returns: the directory of the daemon so far.
    func becomeAnotherDaemon(_ directory: String? = nil) throws -> String {
        let next = try directory ?? Self.newDirectory()
        return self.directory.withLock { directory in
            defer { directory = next }
            return directory
        }
    }

    var environment: Environment {
        let chance = Mutex(SystemRandomNumberGenerator())
        return Environment(
            now: { self.tick() + self.dateOffset.withLock { $0 } }, uptime: { self.tick() },
            sleep: { duration in
                try Task.checkCancellation()
                self.clock.withLock { $0 += Int(duration.components.seconds) * 1_000 }
                if self.settles.withLock({ $0 }) { self.platform.state.withLock { $0.settleAll() } }
            }, random: { chance.withLock { Double.random(in: 0..<1, using: &$0) } })
    }

    private func tick() -> Int {
        clock.withLock { now in
            now += 1
            return now
        }
    }

    /// Milliseconds on the steady clock.
    var uptime: Int { clock.withLock { $0 } }

    func advance(seconds: Int) { clock.withLock { $0 += seconds * 1_000 } }

    /// Sets the date, and nothing else, on or back.
    func changeDate(by seconds: Int) { dateOffset.withLock { $0 += seconds * 1_000 } }

    /// Leaves all that runs at the platform running.
    func stall() { settles.withLock { $0 = false } }

    /// One pass by a run of the daemon that opens the journal, connects, and ends.
    @discardableResult
    func pass(
        _ mode: Reconciler.Mode = .once, source: String = "platform", formerNames: [String] = [], reads: Bool = false,
        control: PassControl = PassControl(), log: LogOutput? = nil, versionLists: VersionLists = VersionLists(),
        fault: @escaping @Sendable (Int, String) -> SimulatedPlatform.Fault? = { _, _ in nil }
    ) async throws -> PassReport {
        let path = path
        let journal = try Journal.open(directory: path, now: 1_700_000_000_000).journal
        // A cut is a kill: what the journal holds at that moment is what the next run finds.
        let copy = try Self.newDirectory()
        let isCut = Mutex(false)
        let connection = platform.connect(fault: fault) {
            isCut.withLock { $0 = true }
            for file in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            where !file.hasSuffix(".lock") {
                try? FileManager.default.copyItem(atPath: path + "/" + file, toPath: copy + "/" + file)
            }
        }
        var reconciler = Reconciler(
            source: .init(name: source, url: "/repository", ref: "main", path: "", formerNames: formerNames),
            repository: repository, platform: connection, journal: journal, workspace: nil, environment: environment,
            logger: log.map { Telemetry.Logger(writingTo: $0, level: .trace) }
                ?? Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, meters: .none())
        reconciler.versionLists = versionLists
        let report = reads ? await reconciler.plan() : await reconciler.reconcile(mode, control: control)
        journal.close()
        if isCut.withLock({ $0 }) {
            directory.withLock { $0 = copy }
            try? FileManager.default.removeItem(atPath: path)
        } else {
            try? FileManager.default.removeItem(atPath: copy)
        }
        return report
    }

    /// Deletes the state directory (I13).
    func loseJournal() throws {
        let path = try Self.newDirectory()
        directory.withLock { old in
            try? FileManager.default.removeItem(atPath: old)
            old = path
        }
    }

    /// What lives, without ids and times: two worlds that came to the same are equal.
    var fingerprint: [String] {
        platform.state.withLock { state in
            var lines: [String] = []
            for package in state.packages {
                lines.append("package \(package.name)")
                for version in state.versions where version.packageID == package.id {
                    lines.append("version \(package.name) \(version.semver)")
                }
            }
            for cluster in state.clusters { lines.append("cluster \(cluster.name)") }
            for install in state.installs where !install.isDeleted {
                let version = state.versions.first { $0.id == install.install.packageVersionID }?.semver ?? "?"
                let message =
                    state.renders.last { $0.installID == install.install.id && $0.message != nil }?.message ?? ""
                let mark = message.split(separator: " ").last.map(String.init) ?? ""
                lines.append(
                    "install \(mark) \(version) automatic=\(install.automaticUpdates) "
                        + JSONWriter(order: .sorted).text(of: install.values))
            }
            return lines.sorted()
        }
    }

    /// How often each effect happened, by what kind of thing it happened to: Sieve's second oracle.
    var effectCounts: [String: Int] {
        platform.state.withLock { state in
            var counts: [String: Int] = [:]
            for (what, count) in state.effects {
                let parts = what.split(separator: " ")
                // Ids differ from run to run; what they are ids of does not.
                let named = parts.map { part in part.contains("_") ? part.prefix { $0 != "_" } : part }
                counts[named.joined(separator: " "), default: 0] += count
            }
            return counts
        }
    }
}

extension World {
    /// What the journal has of the writes of one object, newest first.
    func intents(of reference: ObjectReference, source: String = "platform") async throws -> [IntentRecord] {
        let workspace = identifier("ws_1", as: Workspace.self)
        let journal = try Journal.open(directory: path, now: 1_700_000_000_000).journal
        defer { journal.close() }
        return try await journal.intents(
            of: Identity(
                workspace: workspace, source: source, kind: reference.kind.rawValue, name: reference.name), limit: 100)
    }

    /// Releases a blocked set, as a person does with `allow`.
    func allow(_ digest: String, source: String) async throws {
        let journal = try Journal.open(directory: path, now: 1_700_000_000_000).journal
        try await journal.commit([.allowance(AllowanceRecord(source: source, digest: digest, allowedAt: 1))])
        journal.close()
    }

    /// What `history` begins with.
    func lastReconcile() async throws -> ReconcileRecord? {
        let journal = try Journal.open(directory: path, now: 1_700_000_000_000).journal
        defer { journal.close() }
        return try await journal.lastReconcile(of: "platform")
    }
}
