import Foundation
import GRDB
import JSON
import Synchronization

/// Keeps the world in an SQLite file: one row for each object, written before the answer leaves.
///
/// A killed process loses nothing that was answered; a power failure may take the last answers with it.
final class StateFile: Sendable {
    private let queue: DatabaseQueue
    private let failure = Mutex<String?>(nil)

    /// The layout that this build reads and writes.
    private static let layout = 1

    init(path: String) throws {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(5)
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.write { database in
            let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            guard found == 0 || found == Self.layout else {
                throw StateFileError(description: "\(path) was written by another version of the emulator.")
            }
            try database.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS object (
                        kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, id)
                    ) WITHOUT ROWID;
                    CREATE TABLE IF NOT EXISTS position (
                        one INTEGER PRIMARY KEY CHECK (one = 1), ticks INTEGER NOT NULL, now INTEGER NOT NULL
                    );
                    PRAGMA user_version = \(Self.layout);
                    """)
        }
    }

    /// Why the last save failed; nothing is stored from then on.
    var problem: String? { failure.withLock { $0 } }

    /// Takes what an earlier run left into a new world.
    func load(into world: inout World) throws {
        let (rows, position) = try queue.read { database in
            (
                try Row.fetchAll(database, sql: "SELECT kind, body FROM object"),
                try Row.fetchOne(database, sql: "SELECT ticks, now FROM position")
            )
        }
        guard let position else { return }
        var bodies: [String: [Data]] = [:]
        for row in rows { bodies[row["kind"], default: []].append(row["body"]) }
        try world.restore(bodies)
        world.resume(ticks: position["ticks"], now: position["now"])
    }

    /// Stores what has changed since the last save.
    func save(_ world: inout World) {
        let changes = world.takeChanges()
        guard !changes.isEmpty, problem == nil else { return }
        let (ticks, now) = (world.ticks, world.now)
        do {
            try queue.write { database in
                let put = try database.cachedStatement(sql: "INSERT OR REPLACE INTO object VALUES (?, ?, ?)")
                let drop = try database.cachedStatement(sql: "DELETE FROM object WHERE kind = ? AND id = ?")
                for change in changes {
                    if let body = try change.body() {
                        try put.execute(arguments: [change.kind.rawValue, change.id, body])
                    } else {
                        try drop.execute(arguments: [change.kind.rawValue, change.id])
                    }
                }
                try database.execute(
                    sql: "INSERT OR REPLACE INTO position VALUES (1, ?, ?)", arguments: [ticks, now])
            }
        } catch {
            failure.withLock { $0 = "the state file can't be written: \(error)" }
        }
    }
}

/// A state file that can't be used.
package struct StateFileError: Error, Equatable, CustomStringConvertible {
    package let description: String
}

/// One object that changed, to be stored.
struct StoredChange {
    var kind: Kind
    var id: String
    /// Its stored form; nil when it is gone.
    var body: () throws -> Data?
}

extension World {
    /// What changed since the last call.
    mutating func takeChanges() -> [StoredChange] {
        Self.changes(of: &workspaces) + Self.changes(of: &regions) + Self.changes(of: &clusters)
            + Self.changes(of: &packages) + Self.changes(of: &versions) + Self.changes(of: &products)
            + Self.changes(of: &installs) + Self.changes(of: &renders) + Self.changes(of: &operations)
            + Self.changes(of: &repositories) + Self.changes(of: &receipts) + Self.changes(of: &artifacts)
    }

    private static func changes<R: Record>(of table: inout Table<R>) -> [StoredChange] {
        table.takeChanges().map { id in
            let record = table[id]
            return StoredChange(kind: R.kind, id: id) { try record.map { try JSONEncoder().encode($0) } }
        }
    }

    /// Takes in stored objects, by the names of their kinds.
    fileprivate mutating func restore(_ bodies: [String: [Data]]) throws {
        func records<R: Record>(_: R.Type) throws -> [R] {
            try (bodies[R.kind.rawValue] ?? []).map { try JSONDecoder().decode(R.self, from: $0) }
        }
        workspaces.restore(try records(WorkspaceRecord.self))
        regions.restore(try records(RegionRecord.self))
        clusters.restore(try records(ClusterRecord.self))
        packages.restore(try records(PackageRecord.self))
        versions.restore(try records(VersionRecord.self))
        products.restore(try records(ProductRecord.self))
        installs.restore(try records(InstallRecord.self))
        renders.restore(try records(RenderRecord.self))
        operations.restore(try records(OperationRecord.self))
        repositories.restore(try records(RepositoryRecord.self))
        receipts.restore(try records(ReceiptRecord.self))
        artifacts.restore(try records(ArtifactRecord.self))
    }

    /// Adds a workspace that is there from the start, unless an earlier run left it.
    mutating func ensureWorkspace(_ initial: EmulatorOptions.InitialWorkspace) {
        guard workspaces[initial.id] == nil else { return }
        workspaces.insert(
            WorkspaceRecord(
                id: initial.id, serial: tick(), name: initial.name,
                slug: initial.id.lowercased().replacing("_", with: "-"), revision: tick(), createdAt: now,
                updatedAt: now))
        for region in initial.regions { _ = insertRegion(name: region, in: initial.id) }
    }
}
