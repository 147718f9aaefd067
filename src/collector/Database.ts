/**
 * Opens the collector's database from its URL.
 *
 * @since 0.1.0
 */
import * as SqliteClient from "@effect/sql-sqlite-node/SqliteClient"
import * as SqlClient from "@effect/sql/SqlClient"
import Sqlite from "better-sqlite3"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Limits from "./Limits.js"
import * as Migrations from "./Migrations.js"

/**
 * @since 0.1.0
 * @category errors
 */
export class DatabaseError extends Schema.TaggedError<DatabaseError>("effect-telemetry/collector/DatabaseError")(
  "DatabaseError",
  { message: Schema.String, cause: Schema.optional(Schema.Defect) }
) {}

const sqliteScheme = "sqlite:"

/** A file can give pages back (see Compaction) if that is said before anything else is; and all at once, or another is in between. */
const markFile = (filename: string): void => {
  const connection = new Sqlite(filename)
  connection.pragma("auto_vacuum = INCREMENTAL")
  connection.pragma("journal_mode = WAL")
  connection.close()
}

/** SQLite gives its side files the mode of the database: made before it is opened, all three are for the owner alone. */
const prepareFile = (filename: string): void => {
  if (filename === ":memory:") return
  Fs.mkdirSync(Path.dirname(Path.resolve(filename)), { recursive: true, mode: 0o700 })
  Fs.closeSync(Fs.openSync(filename, "a", 0o600))
  Fs.chmodSync(filename, 0o600)
  if (Fs.statSync(filename).size === 0) markFile(filename)
}

const pragmas = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.forEach([
    `PRAGMA busy_timeout = ${Limits.busyTimeoutMillis}`,
    "PRAGMA synchronous = NORMAL",
    `PRAGMA wal_autocheckpoint = ${Limits.walPages}`,
    // What is erased is overwritten.
    "PRAGMA secure_delete = ON"
  ], (text) => sql.unsafe(text)))

const refusedWith = (name: string, advice: string) => <A, E>(layer: Layer.Layer<A, E>): Layer.Layer<A, DatabaseError> =>
  Layer.catchAllCause(layer, (why) => {
    const cause = Cause.squash(why)
    const reason = cause instanceof Migrations.NewerSchema ? `: ${cause.message}` : `; ${advice}`
    return Layer.fail(new DatabaseError({ message: `${name} cannot be opened${reason}`, cause }))
  })

const layerSqlite = (filename: string): Layer.Layer<SqlClient.SqlClient, DatabaseError> =>
  Layer.effectDiscard(Effect.zipRight(pragmas, Migrations.run)).pipe(
    Layer.provideMerge(
      // A statement that could not be prepared stays so for as long as the cache keeps it: not long.
      Layer.unwrapEffect(Effect.sync(() => {
        prepareFile(filename)
        return SqliteClient.layer({ filename, prepareCacheTTL: Duration.seconds(10) })
      }))
    ),
    refusedWith(`The database ${filename}`, "check COLLECTOR_DATABASE_URL, the directory and its rights")
  )

/** The URL may hold a password: no message repeats it. */
const layerPostgres = (url: string): Layer.Layer<SqlClient.SqlClient, DatabaseError> =>
  Layer.unwrapEffect(
    Effect.map(
      Effect.tryPromise({
        try: () => import("./Postgres.js"),
        catch: (cause) =>
          new DatabaseError({ message: "Postgres needs the package @effect/sql-pg; install it beside this one", cause })
      }),
      (postgres) =>
        Layer.effectDiscard(Migrations.run).pipe(
          Layer.provideMerge(postgres.layer(url)),
          refusedWith("The Postgres database", "check COLLECTOR_DATABASE_URL, and that the server answers")
        )
    )
  )

/**
 * The URL that a file holds, as secrets are handed to containers.
 *
 * @since 0.1.0
 * @category constructors
 */
export const urlFrom = (file: string): Effect.Effect<string, DatabaseError> =>
  Effect.filterOrFail(
    Effect.try({
      try: () => Fs.readFileSync(file, "utf8").trim(),
      catch: (cause) =>
        new DatabaseError({ message: `${file} cannot be read; check COLLECTOR_DATABASE_URL_FILE`, cause })
    }),
    (url) => url !== "",
    () => new DatabaseError({ message: `${file} is empty; check COLLECTOR_DATABASE_URL_FILE` })
  )

/**
 * @since 0.1.0
 * @category predicates
 */
export const isPostgres = (url: string): boolean => /^postgres(ql)?:\/\//.test(url)

/**
 * `sqlite:PATH`, for example `sqlite:/var/lib/collector.db`: directory and file are made when missing, for the owner alone.
 * Or `postgres://USER:PASSWORD@HOST/DATABASE`, which needs the package `@effect/sql-pg`. Either way the tables are brought
 * up to date.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerDatabase = (url: string): Layer.Layer<SqlClient.SqlClient, DatabaseError> => {
  const untraced = (layer: Layer.Layer<SqlClient.SqlClient, DatabaseError>) =>
    layer.pipe(Layer.provide(Layer.setTracerEnabled(false)))
  if (url.startsWith(sqliteScheme) && url.length > sqliteScheme.length) {
    return untraced(layerSqlite(url.slice(sqliteScheme.length).replace(/^\/\/(?=\/)/, "")))
  }
  if (isPostgres(url)) return untraced(layerPostgres(url))
  return Layer.fail(
    new DatabaseError({
      message: "COLLECTOR_DATABASE_URL must be sqlite:PATH, for example sqlite:/var/lib/collector.db, or postgres://…"
    })
  )
}
