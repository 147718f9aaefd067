/**
 * The tables, in the order they came to be. A migration that was released is never changed.
 *
 * Session, installation and application of an event are kept once, in `contexts`, and who they were in `subjects`: rollups
 * count by the number of a subject, so that they stay exact when its row is erased.
 *
 * @since 0.1.0
 */
import * as Migrator from "@effect/sql/Migrator"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Transaction from "./Transaction.js"

const sqlite: ReadonlyArray<string> = [
  `CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    role TEXT NOT NULL,
    name TEXT,
    app TEXT,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER
  )`,
  `CREATE TABLE subjects (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid BLOB NOT NULL UNIQUE
  )`,
  `CREATE TABLE contexts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session INTEGER NOT NULL,
    installation INTEGER NOT NULL,
    app TEXT NOT NULL,
    version TEXT NOT NULL,
    level INTEGER NOT NULL,
    UNIQUE (session, installation, app, version, level)
  )`,
  "CREATE INDEX contexts_installation ON contexts (installation)",
  `CREATE TABLE events (
    id BLOB PRIMARY KEY,
    context INTEGER NOT NULL,
    type TEXT NOT NULL,
    time INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    rate REAL NOT NULL,
    suppressed INTEGER NOT NULL,
    data TEXT NOT NULL
  ) WITHOUT ROWID`,
  `CREATE TABLE rollup_delta (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    body TEXT NOT NULL
  )`,
  `CREATE TABLE rollup_series (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    app TEXT NOT NULL,
    type TEXT NOT NULL,
    dimension TEXT NOT NULL,
    UNIQUE (type, app, dimension)
  )`,
  `CREATE TABLE rollup_hourly (
    series INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    count REAL NOT NULL,
    sum REAL,
    min REAL,
    max REAL,
    PRIMARY KEY (series, hour)
  ) WITHOUT ROWID`,
  `CREATE TABLE rollup_histogram (
    series INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    count REAL NOT NULL,
    PRIMARY KEY (series, hour, bucket)
  ) WITHOUT ROWID`,
  `CREATE TABLE rollup_unique (
    series INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    PRIMARY KEY (series, hour, kind, subject)
  ) WITHOUT ROWID`,
  `CREATE TABLE erasures (
    request_id BLOB PRIMARY KEY,
    app TEXT,
    requested_at INTEGER NOT NULL,
    subjects INTEGER NOT NULL,
    scanned BLOB,
    erased INTEGER NOT NULL DEFAULT 0,
    done_at INTEGER
  )`,
  `CREATE TABLE erasure_contexts (
    request_id BLOB NOT NULL,
    context INTEGER NOT NULL,
    PRIMARY KEY (request_id, context)
  ) WITHOUT ROWID`,
  `CREATE TABLE erased_subjects (
    hash BLOB NOT NULL,
    app TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (hash, app)
  ) WITHOUT ROWID`,
  `CREATE VIEW readable_events AS
    SELECT lower(hex(e.id)) AS id, e.type, e.time, e.received_at, e.rate, e.suppressed, e.data,
      c.app, c.version, c.level, lower(hex(s.uuid)) AS session, lower(hex(i.uuid)) AS installation
    FROM events e JOIN contexts c ON c.id = e.context
      LEFT JOIN subjects s ON s.id = c.session LEFT JOIN subjects i ON i.id = c.installation`
]

const first = Effect.flatMap(SqlClient.SqlClient, (sql) => Effect.forEach(sqlite, (text) => sql.unsafe(text)))

const migrations = Migrator.make({})({ loader: Migrator.fromRecord({ "0001_first": first }) })

/**
 * Brings the tables up to date. Safe when several processes start at once: the whole of it runs in one write transaction.
 *
 * @since 0.1.0
 * @category migrations
 */
export const run: Effect.Effect<void, SqlError | Migrator.MigrationError, SqlClient.SqlClient> = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => Effect.asVoid(Transaction.write(sql, () => migrations))
)
