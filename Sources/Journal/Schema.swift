import GRDB

/// The tables and how they came to be: migrations are named, applied in order, and never edited once released.
///
/// What may stand in a row is said here, so that no writer can break it: a body only while its intent is unsettled
/// (I11), an outcome and a time exactly when it is closed (I4).
enum Schema {
    /// The newest version, which is the number of migrations.
    static let version = migrations.count

    private static let migrations: [(name: String, sql: String)] = [("v1", v1), ("v2", v2), ("v3", v3)]

    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator().disablingDeferredForeignKeyChecks()
        for (position, migration) in migrations.enumerated() {
            migrator.registerMigration(migration.name) { db in
                try db.execute(sql: migration.sql)
                try db.execute(sql: "PRAGMA user_version = \(position + 1)")
            }
        }
        return migrator
    }()

    /// Every table and index as SQLite keeps its text; the migrator's own table is left out.
    static func text(of db: Database) throws -> [String] {
        try String.fetchAll(
            db,
            sql: """
                SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_schema
                WHERE tbl_name <> 'grdb_migrations' ORDER BY 1
                """)
    }

    /// What ``text(of:)`` is after the first `version` migrations.
    static func text(ofVersion version: Int) throws -> [String] {
        let database = try DatabaseQueue()
        if version > 0 { try migrator.migrate(database, upTo: migrations[version - 1].name) }
        return try database.read(text)
    }

    /// Deletes every row of ours, of the tables that refer to others first.
    static func empty(_ db: Database) throws {
        let tables = try String.fetchAll(
            db,
            sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'grdb_migrations' ORDER BY rowid DESC"
        )
        for table in tables { try db.cachedStatement(sql: "DELETE FROM \(table)").execute() }
    }

    private static let v1 = """
        CREATE TABLE sources (
            source TEXT NOT NULL PRIMARY KEY CHECK (source <> ''),
            workspace TEXT NOT NULL,
            url TEXT NOT NULL,
            ref TEXT NOT NULL,
            path TEXT NOT NULL,
            last_good_commit TEXT,
            applied_commit TEXT,
            prune_base TEXT,
            operations_seen TEXT,
            is_inventory_complete INTEGER NOT NULL CHECK (is_inventory_complete IN (0, 1)),
            settings TEXT CHECK (settings IS NULL OR json_valid(settings)),
            checksum INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE objects (
            source TEXT NOT NULL CHECK (source <> ''),
            kind TEXT NOT NULL CHECK (kind <> ''),
            name TEXT NOT NULL CHECK (name <> ''),
            workspace TEXT NOT NULL,
            incarnation INTEGER NOT NULL CHECK (incarnation >= 1),
            resource_id TEXT,
            ownership TEXT NOT NULL CHECK (ownership IN ('created', 'adopted', 'recovered', 'shared')),
            life TEXT NOT NULL CHECK (life IN ('live', 'deleting', 'gone', 'released')),
            predecessor TEXT NOT NULL,
            refusals INTEGER NOT NULL CHECK (refusals >= 0),
            protection TEXT CHECK (protection IN ('retain', 'suspend')),
            applied_digest TEXT,
            rendered_digest TEXT,
            rendered_commit TEXT,
            healthy_digest TEXT,
            requested TEXT NOT NULL CHECK (json_valid(requested)),
            failures INTEGER NOT NULL CHECK (failures >= 0),
            next_attempt INTEGER,
            last_error TEXT,
            "commit" TEXT,
            path TEXT,
            checksum INTEGER NOT NULL,
            PRIMARY KEY (source, kind, name, workspace)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE intents (
            id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
            source TEXT NOT NULL CHECK (source <> ''),
            kind TEXT NOT NULL CHECK (kind <> ''),
            name TEXT NOT NULL CHECK (name <> ''),
            workspace TEXT NOT NULL,
            incarnation INTEGER NOT NULL CHECK (incarnation >= 1),
            reconcile TEXT NOT NULL,
            "commit" TEXT NOT NULL,
            action TEXT NOT NULL,
            call TEXT NOT NULL,
            call_resource_id TEXT,
            body BLOB,
            idempotency_key TEXT CHECK (length(idempotency_key) BETWEEN 1 AND 64),
            if_match TEXT,
            digest TEXT NOT NULL CHECK (digest <> ''),
            state TEXT NOT NULL CHECK (state IN ('open', 'running', 'closed')),
            outcome TEXT CHECK (outcome IN ('succeeded', 'failed', 'conflict', 'lapsed')),
            operation TEXT,
            resource_id TEXT,
            http_status INTEGER CHECK (http_status BETWEEN 100 AND 599),
            error TEXT,
            context TEXT NOT NULL CHECK (json_valid(context)),
            created_at INTEGER NOT NULL,
            closed_at INTEGER,
            checksum INTEGER NOT NULL,
            CHECK ((state = 'closed') = (outcome IS NOT NULL)),
            CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
            CHECK (state <> 'closed' OR body IS NULL)
        ) STRICT;
        CREATE INDEX intents_unsettled ON intents (source, created_at, id) WHERE state <> 'closed';
        CREATE INDEX intents_by_identity ON intents (source, kind, name, workspace, created_at, id);

        CREATE TABLE renders (
            source TEXT NOT NULL CHECK (source <> ''),
            kind TEXT NOT NULL CHECK (kind <> ''),
            name TEXT NOT NULL CHECK (name <> ''),
            workspace TEXT NOT NULL,
            intent TEXT NOT NULL,
            install TEXT NOT NULL,
            render TEXT NOT NULL PRIMARY KEY,
            operation TEXT,
            "commit" TEXT NOT NULL,
            commit_sha TEXT,
            state TEXT NOT NULL,
            recorded_at INTEGER NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX renders_by_identity ON renders (source, kind, name, workspace, recorded_at, render);

        CREATE TABLE reconciles (
            id TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
            source TEXT NOT NULL CHECK (source <> ''),
            revision TEXT NOT NULL,
            "commit" TEXT NOT NULL,
            commit_author TEXT NOT NULL,
            commit_subject TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            finished_at INTEGER,
            outcome TEXT CHECK (outcome IN ('changed', 'in_sync', 'blocked', 'partial', 'failed', 'superseded')),
            plan_digest TEXT,
            counts TEXT NOT NULL CHECK (json_valid(counts)),
            error TEXT,
            checksum INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX reconciles_by_age ON reconciles (started_at, id);
        CREATE INDEX reconciles_by_source ON reconciles (source, started_at, id);

        CREATE TABLE actions (
            reconcile TEXT NOT NULL REFERENCES reconciles (id),
            position INTEGER NOT NULL CHECK (position >= 0),
            source TEXT NOT NULL CHECK (source <> ''),
            kind TEXT NOT NULL CHECK (kind <> ''),
            name TEXT NOT NULL CHECK (name <> ''),
            workspace TEXT NOT NULL,
            action TEXT NOT NULL,
            reason TEXT NOT NULL,
            outcome TEXT NOT NULL CHECK (outcome IN ('succeeded', 'failed', 'deferred', 'blocked')),
            resource_id TEXT,
            intent TEXT,
            error TEXT,
            finished_at INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            PRIMARY KEY (reconcile, position)
        ) STRICT;
        CREATE INDEX actions_by_identity ON actions (source, kind, name, workspace, finished_at);

        CREATE TABLE conditions (
            source TEXT NOT NULL CHECK (source <> ''),
            kind TEXT NOT NULL CHECK (kind <> ''),
            name TEXT NOT NULL CHECK (name <> ''),
            workspace TEXT NOT NULL,
            code TEXT NOT NULL CHECK (code <> ''),
            sentence TEXT NOT NULL,
            since INTEGER NOT NULL,
            next_attempt INTEGER,
            checksum INTEGER NOT NULL,
            PRIMARY KEY (source, kind, name, workspace, code)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE allowances (
            source TEXT NOT NULL CHECK (source <> ''),
            digest TEXT NOT NULL CHECK (digest <> ''),
            allowed_at INTEGER NOT NULL,
            used_at INTEGER,
            checksum INTEGER NOT NULL,
            PRIMARY KEY (source, digest)
        ) STRICT, WITHOUT ROWID;
        """

    /// What the operations say of identities that have no name here: see ``LifeRecord``.
    private static let v2 = """
        CREATE TABLE lives (
            source TEXT NOT NULL CHECK (source <> ''),
            identity_part TEXT NOT NULL CHECK (identity_part <> ''),
            resource_id TEXT NOT NULL CHECK (resource_id <> ''),
            checksum INTEGER NOT NULL,
            PRIMARY KEY (source, identity_part)
        ) STRICT, WITHOUT ROWID;
        """

    /// What persons have suspended, and what plans were made of: see ``SuspensionRecord`` and ``StoredPlanning``.
    private static let v3 = """
        CREATE TABLE suspensions (
            source TEXT NOT NULL PRIMARY KEY CHECK (source <> ''),
            reason TEXT NOT NULL CHECK (reason <> ''),
            since INTEGER NOT NULL,
            until INTEGER,
            checksum INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE plannings (
            reconcile TEXT NOT NULL PRIMARY KEY CHECK (reconcile <> ''),
            source TEXT NOT NULL CHECK (source <> ''),
            recorded_at INTEGER NOT NULL,
            digest TEXT NOT NULL CHECK (digest <> ''),
            input BLOB NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX plannings_by_source ON plannings (source, recorded_at);
        """
}
