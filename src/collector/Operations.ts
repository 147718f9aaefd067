/**
 * What an operator does with the database beside running the collector.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Dialect from "./Dialect.js"
import * as Transaction from "./Transaction.js"

/**
 * The state of a collector's database.
 *
 * @since 0.1.0
 * @category models
 */
export interface Report {
  readonly database: Dialect.Dialect["name"]
  /** Of the newest migration. */
  readonly schema: number
  /** What the database says of its own files; `ok` when nothing is wrong. Postgres watches over its own. */
  readonly integrity: string
  readonly events: number
  /** Batches whose counts wait to be folded: more than a few minutes' worth means that nobody folds. */
  readonly unfolded: number
  /** Requests for erasure that are not finished. */
  readonly unerased: number
  /** Keys for sending that are not revoked. */
  readonly ingestKeys: number
}

/**
 * @since 0.1.0
 * @category errors
 */
export class BackupError extends Schema.TaggedError<BackupError>("effect-telemetry/collector/BackupError")(
  "BackupError",
  { message: Schema.String, cause: Schema.optional(Schema.Defect) }
) {}

const counts = {
  schema: "SELECT max(migration_id) AS n FROM effect_sql_migrations",
  events: "SELECT count(*) AS n FROM events",
  unfolded: "SELECT count(*) AS n FROM rollup_delta",
  unerased: "SELECT count(*) AS n FROM erasures WHERE done_at IS NULL",
  ingestKeys: "SELECT count(*) AS n FROM api_keys WHERE role = 'ingest' AND (revoked_at IS NULL OR revoked_at > ?)"
}

const integrity = ({ dialect, rows }: Transaction.Session): Effect.Effect<string, SqlError> =>
  dialect.name === "postgres"
    ? Effect.succeed("ok")
    : Effect.map(rows("PRAGMA quick_check(1)"), ([row]) => String(row.quick_check))

/**
 * Looks, and changes nothing.
 *
 * @since 0.1.0
 * @category constructors
 */
export const doctor: Effect.Effect<Report, SqlError, SqlClient.SqlClient> = Effect.flatMap(
  SqlClient.SqlClient,
  Effect.fnUntraced(function*(sql) {
    const now = yield* Clock.currentTimeMillis
    return yield* Transaction.read(sql, (session) => {
      const count = (text: string, ...params: ReadonlyArray<unknown>) =>
        Effect.map(session.rows(session.dialect.text(text), params), ([row]) => Number(row.n))
      return Effect.all({
        database: Effect.succeed(session.dialect.name),
        integrity: integrity(session),
        schema: count(counts.schema),
        events: count(counts.events),
        unfolded: count(counts.unfolded),
        unerased: count(counts.unerased),
        ingestKeys: count(counts.ingestKeys, now)
      })
    })
  })
)

/** Made by us, for the owner alone, before SQLite writes to it: it takes an empty file for a new one. */
const claimFile = (path: string) =>
  Effect.try({
    try: () => Fs.closeSync(Fs.openSync(path, "wx", 0o600)),
    catch: (cause) => new BackupError({ message: `${path} cannot be made, or is there already`, cause })
  })

/**
 * A copy of an SQLite database, whole and of one moment, while the collector runs. The file must not be there yet. A copy
 * holds what was not yet erased when it was made: erase it, or keep it no longer than you may.
 *
 * @since 0.1.0
 * @category combinators
 */
export const backup = (path: string): Effect.Effect<void, BackupError | SqlError, SqlClient.SqlClient> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Dialect.of(sql).name === "postgres"
      ? new BackupError({ message: "A Postgres database is backed up with pg_dump, or with its own archive" })
      : Effect.zipRight(claimFile(path), Effect.asVoid(sql.unsafe("VACUUM INTO ?", [path]))))
