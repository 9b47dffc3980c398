-- A journal of schema 1 with a row in every table, as `sqlite3 journal.sqlite .dump` wrote it. Never edited.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES('v1');
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
INSERT INTO sources VALUES('platform','ws_1','https://git.example.com/acme/platform.git','main','clusters/prod','c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0',NULL,NULL,NULL,0,'{"mode":"plan"}',-5395845662664581237);
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
INSERT INTO objects VALUES('platform','Install','checkout-eu','ws_1',1,'inst_checkout-eu','created','live','',0,NULL,'d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1','d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1','c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0',NULL,'{"version":"1.4.0","values":"d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1","region":"reg_1"}',0,NULL,'it''s a "quoted" text, é','c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0','clusters/prod/checkout-eu.yaml',5206643431737113645);
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
INSERT INTO intents VALUES('int-1','platform','Install','checkout-eu','ws_1',1,'rec-1','c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0','create','installs.create',NULL,NULL,'agl1-aaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbbbbbb',NULL,'d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1','closed','succeeded',NULL,'inst_1',200,NULL,'{"attempt":1}',1795262400000,1795262401000,-6925656524262478306);
INSERT INTO intents VALUES('int-2','platform','Install','checkout-eu','ws_1',1,'rec-1','c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0','create','installs.create',NULL,X'7b2276616c756573223a7b227265706c69636173223a337d7d','agl1-aaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbbbbbb',NULL,'d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1','open',NULL,NULL,NULL,NULL,NULL,'{"attempt":1}',1795262400000,NULL,-4105964223045934297);
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
INSERT INTO renders VALUES('platform','Install','checkout-eu','ws_1','int-1','inst_1','rnd_1','op_1','c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','deployed',1795262400000,4869378490868189047);
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
INSERT INTO reconciles VALUES('rec-1','platform','main@sha1:c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0','c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0','Ada <ada@example.com>','Bump checkout to 1.4.0',1795262400000,1795262400500,'changed','d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1','{"created":1,"updated":0}','none',6961326782893792326);
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
INSERT INTO actions VALUES('rec-1',0,'platform','Install','checkout-eu','ws_1','create','declared and not there','succeeded','inst_1','int-1',NULL,1795262400000,4166512995106060405);
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
INSERT INTO conditions VALUES('platform','Install','checkout-eu','ws_1','dependency','waits for Install/postgres-eu',1795262400000,1795262460,-3136607300994312766);
CREATE TABLE allowances (
    source TEXT NOT NULL CHECK (source <> ''),
    digest TEXT NOT NULL CHECK (digest <> ''),
    allowed_at INTEGER NOT NULL,
    used_at INTEGER,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (source, digest)
) STRICT, WITHOUT ROWID;
INSERT INTO allowances VALUES('platform','d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1',1,NULL,-9048872812395127330);
CREATE INDEX intents_unsettled ON intents (source, created_at, id) WHERE state <> 'closed';
CREATE INDEX intents_by_identity ON intents (source, kind, name, workspace, created_at, id);
CREATE INDEX renders_by_identity ON renders (source, kind, name, workspace, recorded_at, render);
CREATE INDEX reconciles_by_age ON reconciles (started_at, id);
CREATE INDEX reconciles_by_source ON reconciles (source, started_at, id);
CREATE INDEX actions_by_identity ON actions (source, kind, name, workspace, finished_at);
PRAGMA user_version = 1;
COMMIT;
