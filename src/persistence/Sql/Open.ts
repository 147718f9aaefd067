/**
 * From a connection to a store that is ready: settings, version, schema.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Policy from "../../Policy.js"
import { StoreError } from "../StoreError.js"
import * as Failures from "./Failures.js"
import * as Schema from "./Schema.js"
import type { Connection } from "./Session.js"

/** @internal */
export const busyTimeout = (connection: Connection, millis: number): void => {
  pragma(connection, "busy_timeout = " + millis)
}

const pragma = (connection: Connection, text: string): unknown => {
  const row = connection.all("PRAGMA " + text, [])[0]
  return typeof row === "object" && row !== null ? Object.values(row)[0] : undefined
}

const userVersion = (connection: Connection): number => {
  const version = Number(pragma(connection, "user_version"))
  if (version <= Schema.version) return version
  throw new StoreError({
    reason: "newer",
    message: "the store was written by a newer version of the library (schema " + version + ", this one knows " +
      Schema.version + "): it is left as it is; update the program"
  })
}

/** A write-ahead log is not possible everywhere (network file systems): then the rollback journal stays. */
const useLog = (connection: Connection): void => {
  if (pragma(connection, "journal_mode") === "wal") return
  try {
    pragma(connection, "journal_mode = WAL")
  } catch (error) {
    if (!/^SQLITE_(IOERR_SHM|CANTOPEN|PROTOCOL)/.test(Failures.codeOf(error))) throw error
  }
}

/**
 * Settings before anything is read: a lock must never freeze the host for longer than our own time-out. In a file that has no
 * table yet they also fix its layout.
 */
const configure = (connection: Connection): number => {
  busyTimeout(connection, Policy.busyTimeoutMillis)
  const version = userVersion(connection)
  if (version === 0) pragma(connection, "auto_vacuum = INCREMENTAL")
  useLog(connection)
  pragma(connection, "synchronous = NORMAL")
  pragma(connection, "secure_delete = ON")
  pragma(connection, "mmap_size = 0")
  pragma(connection, "temp_store = MEMORY")
  pragma(connection, "journal_size_limit = 4194304")
  return version
}

/** Whoever is first migrates, under a lock from the first read on; whoever comes second finds it done. */
const migrate = (connection: Connection) =>
  Effect.gen(function*() {
    const migrations = yield* Effect.promise(() => import("./Migrations.js"))
    yield* Effect.acquireUseRelease(
      Effect.sync(() => connection.run("BEGIN IMMEDIATE", [])),
      () =>
        Effect.zipRight(
          Effect.suspend(() => userVersion(connection) < Schema.version ? migrations.migrate(connection) : Effect.void),
          Effect.sync(() => connection.run("COMMIT", []))
        ),
      (_, exit) => exit._tag === "Success" ? Effect.void : Effect.sync(() => connection.run("ROLLBACK", []))
    )
  })

/** @internal */
export const open = (
  connect: Effect.Effect<Connection, unknown, Scope.Scope>
): Effect.Effect<Connection, unknown, Scope.Scope> =>
  Effect.gen(function*() {
    const connection = yield* connect
    if (configure(connection) < Schema.version) yield* migrate(connection)
    return connection
  })

/**
 * Is the file whole, with all our tables?
 *
 * @internal
 */
export const isSound = (connection: Connection): boolean => {
  if (pragma(connection, "quick_check(1)") !== "ok") return false
  const rows = connection.all("SELECT sql FROM sqlite_schema", [])
  const present = new Set(
    rows.map((row) => typeof row === "object" && row !== null && "sql" in row ? row.sql : null)
  )
  return Schema.tables.every((text) => !text.startsWith("CREATE") || present.has(text))
}

/**
 * Rewrites the file without what is free, and empties the log.
 *
 * @internal
 */
export const compact = (connection: Connection): void => {
  connection.run("VACUUM", [])
  // a reader elsewhere is answered with a row that says so, not with an error
  if (pragma(connection, "wal_checkpoint(TRUNCATE)") === 1) throw Failures.busy
}
