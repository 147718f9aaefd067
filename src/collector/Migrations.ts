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
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Dialect from "./Dialect.js"
import * as EventPartitions from "./EventPartitions.js"
import * as StoreAtOnce from "./StoreAtOnce.js"
import * as Transaction from "./Transaction.js"
import * as Turn from "./Turn.js"

const eventColumns = (d: Dialect.Dialect): string => `
    id ${d.uuidType} PRIMARY KEY,
    context BIGINT NOT NULL,
    type ${d.nameType} NOT NULL,
    time BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    rate DOUBLE PRECISION NOT NULL,
    suppressed BIGINT NOT NULL,
    data TEXT NOT NULL
  `

const readableEvents = (d: Dialect.Dialect): string =>
  `CREATE VIEW readable_events AS
    SELECT ${d.uuidHex("e.id")} AS id, e.type, e.time, e.received_at, e.rate, e.suppressed, e.data,
      c.app, c.version, c.level, ${d.uuidHex("s.uuid")} AS session, ${d.uuidHex("i.uuid")} AS installation
    FROM events e JOIN contexts c ON c.id = e.context
      LEFT JOIN subjects s ON s.id = c.session LEFT JOIN subjects i ON i.id = c.installation`

const events = (d: Dialect.Dialect): ReadonlyArray<string> => [
  `CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    hash ${d.bytesType} NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    role TEXT NOT NULL,
    name TEXT,
    app ${d.nameType},
    origins TEXT,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
  )`,
  `CREATE TABLE dashboard_sessions (
    hash ${d.bytesType} PRIMARY KEY,
    key_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL
  ) ${d.withoutRowid}`,
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
  `CREATE TABLE events (${eventColumns(d)}) ${d.withoutRowid}`,
  `CREATE TABLE rollup_delta (
    id ${d.serial},
    body TEXT NOT NULL
  )`,
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
  readableEvents(d)
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

/** Small numbers have small types: half of what is stored are the days of subjects. */
const rollups = (d: Dialect.Dialect): ReadonlyArray<string> => [
  `CREATE TABLE series (
    id ${d.serial},
    app ${d.nameType} NOT NULL,
    type ${d.nameType} NOT NULL,
    facet ${d.nameType} NOT NULL,
    value ${d.nameType} NOT NULL,
    UNIQUE (app, type, facet, value)
  )`,
  "CREATE INDEX series_of_apps ON series (type, facet, value)",
  `CREATE TABLE rollup (
    series INTEGER NOT NULL,
    grain SMALLINT NOT NULL,
    start BIGINT NOT NULL,
    count DOUBLE PRECISION NOT NULL,
    errors DOUBLE PRECISION NOT NULL,
    sum DOUBLE PRECISION,
    min DOUBLE PRECISION,
    max DOUBLE PRECISION,
    sessions BIGINT NOT NULL,
    installations BIGINT NOT NULL,
    PRIMARY KEY (series, grain, start)
  ) ${d.withoutRowid}`,
  `CREATE TABLE histogram (
    series INTEGER NOT NULL,
    grain SMALLINT NOT NULL,
    start BIGINT NOT NULL,
    buckets TEXT NOT NULL,
    PRIMARY KEY (series, grain, start)
  ) ${d.withoutRowid}`,
  `CREATE TABLE subject_day (
    subject BIGINT NOT NULL,
    at BIGINT NOT NULL,
    series INTEGER NOT NULL,
    day INTEGER NOT NULL,
    hours INTEGER NOT NULL,
    kind SMALLINT NOT NULL,
    PRIMARY KEY (series, kind, subject, day)
  ) ${d.withoutRowid}`,
  `CREATE INDEX subject_day_day ON subject_day ${d.subjectsByDay}`,
  `CREATE TABLE subject_week (
    type ${d.nameType} NOT NULL,
    facet ${d.nameType} NOT NULL,
    kind SMALLINT NOT NULL,
    week INTEGER NOT NULL,
    app ${d.nameType} NOT NULL,
    subjects ${d.bytesType},
    at ${d.bytesType},
    PRIMARY KEY (type, facet, kind, week, app)
  )`,
  "CREATE INDEX subject_week_open ON subject_week (week) WHERE subjects IS NULL",
  "CREATE TABLE subject_weeks (until BIGINT NOT NULL)",
  "INSERT INTO subject_weeks (until) VALUES (0)",
  `CREATE TABLE cohort (
    series INTEGER NOT NULL,
    cohort BIGINT NOT NULL,
    week BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (series, cohort, week)
  ) ${d.withoutRowid}`,
  `CREATE TABLE error_groups (
    app ${d.nameType} NOT NULL,
    fingerprint ${d.nameType} NOT NULL,
    type TEXT NOT NULL,
    severity TEXT NOT NULL,
    category TEXT NOT NULL,
    message TEXT,
    first_at BIGINT NOT NULL,
    first_version TEXT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (app, fingerprint)
  ) ${d.withoutRowid}`,
  `CREATE TABLE releases (
    app ${d.nameType} NOT NULL,
    version ${d.nameType} NOT NULL,
    first_at BIGINT NOT NULL,
    PRIMARY KEY (app, version)
  ) ${d.withoutRowid}`,
  `CREATE TABLE received (
    hour BIGINT NOT NULL,
    app ${d.nameType} NOT NULL,
    kind ${d.nameType} NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (hour, app, kind)
  ) ${d.withoutRowid}`
]

/** Rules with what they found last, and what is still to be told. An address may hold a secret, as a secret is one. */
const alerts = (d: Dialect.Dialect): ReadonlyArray<string> => [
  `CREATE TABLE alert_rules (
    id TEXT PRIMARY KEY,
    name TEXT,
    kind TEXT NOT NULL,
    app ${d.nameType},
    type ${d.nameType},
    direction TEXT NOT NULL,
    threshold DOUBLE PRECISION NOT NULL,
    period TEXT NOT NULL,
    url TEXT NOT NULL,
    secret TEXT,
    created_at BIGINT NOT NULL,
    firing BIGINT NOT NULL DEFAULT 0,
    since BIGINT,
    value DOUBLE PRECISION,
    memory TEXT,
    looks BIGINT NOT NULL DEFAULT 0,
    looked_at BIGINT,
    delivered BIGINT NOT NULL DEFAULT 0,
    failed BIGINT NOT NULL DEFAULT 0,
    outcome TEXT,
    outcome_at BIGINT
  )`,
  `CREATE TABLE alert_notifications (
    number ${d.serial},
    id TEXT NOT NULL UNIQUE,
    rule TEXT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    next_at BIGINT NOT NULL
  )`,
  "CREATE INDEX alert_notifications_rule ON alert_notifications (rule, number)"
]

/** A rule may be of one value of its type, or of one version. */
const alertValues = (d: Dialect.Dialect): ReadonlyArray<string> =>
  ["dimension", "release"].map((name) => `ALTER TABLE alert_rules ADD COLUMN ${name} ${d.nameType}`)

/** The library's table, as the library makes it. */
const ledger = `CREATE TABLE IF NOT EXISTS effect_sql_migrations (
  migration_id INTEGER PRIMARY KEY,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
  name TEXT NOT NULL
)`

const all = (texts: (d: Dialect.Dialect) => ReadonlyArray<string>) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => Effect.forEach(texts(Dialect.of(sql)), (text) => sql.unsafe(text)))

/** By number, without gaps: of a database that has had a later one, the migrator never runs an earlier one. */
const records = {
  "0001_first": all((d) => [...events(d), ...ingest(d), ...rollups(d)]),
  "0002_alerts": all(alerts),
  "0003_alert_values": all(alertValues),
  "0004_store_at_once": all((d) => d.name === "postgres" ? [StoreAtOnce.definition] : [])
}

const newest = Object.keys(records).length

const migrations = Migrator.make({})({ loader: Migrator.fromRecord(records) })

/**
 * The database was made by a version that knows more than this one.
 *
 * @since 0.1.0
 * @category errors
 */
export class NewerSchema extends Data.TaggedError("NewerSchema")<{ readonly found: number; readonly newest: number }> {
  override get message(): string {
    return `It was made by a newer collector (schema ${this.found}, this one knows ${this.newest}): start that version, or newer`
  }
}

/** In the transaction of the rest: nothing is changed in it. */
const refuseNewer = Effect.fnUntraced(
  function*(session: Transaction.Session): Effect.fn.Return<void, SqlError | NewerSchema> {
    const [row] = yield* session.rows("SELECT max(migration_id) AS n FROM effect_sql_migrations")
    const found = Number(row?.n ?? 0)
    if (found > newest) return yield* new NewerSchema({ found, newest })
  }
)

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
  SqlError | Migrator.MigrationError | NewerSchema,
  SqlClient.SqlClient
> = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) =>
    Transaction.write(sql, (session) =>
      Turn.alone(session, "migrate").pipe(
        Effect.zipRight(session.dialect.name === "sqlite" ? Effect.void : session.run(ledger)),
        Effect.zipRight(migrations),
        Effect.zipLeft(refuseNewer(session)),
        Effect.zipLeft(EventPartitions.ensure(session, eventColumns(session.dialect), readableEvents(session.dialect)))
      ))
)
