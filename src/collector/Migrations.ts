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
import * as Dialect from "./Dialect.js"
import * as Transaction from "./Transaction.js"
import * as Turn from "./Turn.js"

const first = (d: Dialect.Dialect): ReadonlyArray<string> => [
  `CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    hash ${d.bytesType} NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    role TEXT NOT NULL,
    name TEXT,
    app ${d.nameType},
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
  )`,
  `CREATE TABLE subjects (
    id ${d.serial},
    uuid ${d.uuidType} NOT NULL UNIQUE
  )`,
  `CREATE TABLE contexts (
    id ${d.serial},
    session BIGINT NOT NULL,
    installation BIGINT NOT NULL,
    app ${d.nameType} NOT NULL,
    version ${d.nameType} NOT NULL,
    level BIGINT NOT NULL,
    UNIQUE (session, installation, app, version, level)
  )`,
  "CREATE INDEX contexts_installation ON contexts (installation)",
  `CREATE TABLE events (
    id ${d.uuidType} PRIMARY KEY,
    context BIGINT NOT NULL,
    type ${d.nameType} NOT NULL,
    time BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    rate DOUBLE PRECISION NOT NULL,
    suppressed BIGINT NOT NULL,
    data TEXT NOT NULL
  ) ${d.withoutRowid}`,
  `CREATE TABLE rollup_delta (
    id ${d.serial},
    body TEXT NOT NULL
  )`,
  `CREATE TABLE rollup_series (
    id ${d.serial},
    app ${d.nameType} NOT NULL,
    type ${d.nameType} NOT NULL,
    dimension ${d.nameType} NOT NULL,
    UNIQUE (type, app, dimension)
  )`,
  `CREATE TABLE rollup_hourly (
    series BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    count DOUBLE PRECISION NOT NULL,
    sum DOUBLE PRECISION,
    min DOUBLE PRECISION,
    max DOUBLE PRECISION,
    PRIMARY KEY (series, hour)
  ) ${d.withoutRowid}`,
  `CREATE TABLE rollup_histogram (
    series BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    bucket BIGINT NOT NULL,
    count DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (series, hour, bucket)
  ) ${d.withoutRowid}`,
  `CREATE TABLE rollup_unique (
    series BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    subject BIGINT NOT NULL,
    PRIMARY KEY (series, hour, kind, subject)
  ) ${d.withoutRowid}`,
  `CREATE TABLE erasures (
    request_id ${d.uuidType} PRIMARY KEY,
    app ${d.nameType},
    requested_at BIGINT NOT NULL,
    subjects BIGINT NOT NULL,
    scanned ${d.uuidType},
    erased BIGINT NOT NULL DEFAULT 0,
    done_at BIGINT
  )`,
  `CREATE TABLE erasure_contexts (
    request_id ${d.uuidType} NOT NULL,
    context BIGINT NOT NULL,
    PRIMARY KEY (request_id, context)
  ) ${d.withoutRowid}`,
  `CREATE TABLE erased_subjects (
    hash ${d.bytesType} NOT NULL,
    app ${d.nameType} NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (hash, app)
  ) ${d.withoutRowid}`,
  `CREATE VIEW readable_events AS
    SELECT ${d.uuidHex("e.id")} AS id, e.type, e.time, e.received_at, e.rate, e.suppressed, e.data,
      c.app, c.version, c.level, ${d.uuidHex("s.uuid")} AS session, ${d.uuidHex("i.uuid")} AS installation
    FROM events e JOIN contexts c ON c.id = e.context
      LEFT JOIN subjects s ON s.id = c.session LEFT JOIN subjects i ON i.id = c.installation`
]

const ingest = (d: Dialect.Dialect): ReadonlyArray<string> => [
  `CREATE TABLE rate_limits (
    key ${d.nameType} PRIMARY KEY,
    tokens DOUBLE PRECISION NOT NULL,
    remaining DOUBLE PRECISION NOT NULL,
    at DOUBLE PRECISION NOT NULL
  ) ${d.withoutRowid}`,
  `CREATE TABLE batches (
    hash ${d.bytesType} PRIMARY KEY,
    at BIGINT NOT NULL,
    answer TEXT
  ) ${d.withoutRowid}`,
  "CREATE INDEX batches_at ON batches (at)",
  "CREATE TABLE jobs (name TEXT PRIMARY KEY, ran_at BIGINT NOT NULL)"
]

/** The library's table, as the library makes it. */
const ledger = `CREATE TABLE IF NOT EXISTS effect_sql_migrations (
  migration_id INTEGER PRIMARY KEY,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
  name TEXT NOT NULL
)`

const all = (texts: (d: Dialect.Dialect) => ReadonlyArray<string>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => Effect.forEach(texts(Dialect.of(sql)), (text) => sql.unsafe(text)))

const migrations = Migrator.make({})({
  loader: Migrator.fromRecord({ "0001_first": all(first), "0002_ingest": all(ingest) })
})

/**
 * Brings the tables up to date; answers what was done. Safe when several processes start at once: the whole of it runs in
 * one write transaction, in turn. (Postgres: the library's own lock is on a table that does not exist the first time, and a
 * failed look at it would end the transaction; so the table is made here.)
 *
 * @since 0.1.0
 * @category migrations
 */
export const run: Effect.Effect<
  ReadonlyArray<readonly [id: number, name: string]>,
  SqlError | Migrator.MigrationError,
  SqlClient.SqlClient
> = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) =>
    Transaction.write(sql, (session) =>
      Turn.alone(session, "migrate").pipe(
        Effect.zipRight(session.dialect.name === "sqlite" ? Effect.void : session.run(ledger)),
        Effect.zipRight(migrations)
      ))
)
