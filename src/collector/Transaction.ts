/**
 * Transactions that take the write lock at once, and that report a COMMIT that failed. (Those of the SQL library begin
 * deferred, so that reading and then writing fails under a second process, and die of a failing COMMIT.)
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type * as SqlConnection from "@effect/sql/SqlConnection"
import { SqlError } from "@effect/sql/SqlError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import * as Schedule from "effect/Schedule"
import * as Dialect from "./Dialect.js"
import * as Limits from "./Limits.js"

/**
 * What a transaction works with.
 *
 * @since 0.1.0
 * @category models
 */
export interface Session {
  readonly dialect: Dialect.Dialect
  /** The rows of a statement. */
  readonly rows: (text: string, params?: ReadonlyArray<unknown>) => ReturnType<SqlConnection.Connection["execute"]>
  /** How many rows a statement changed. */
  readonly run: (text: string, params?: ReadonlyArray<unknown>) => Effect.Effect<number, SqlError>
}

const changesOf = (result: unknown): number => {
  if (Predicate.hasProperty(result, "changes")) return Number(result.changes)
  return Predicate.hasProperty(result, "rowCount") ? Number(result.rowCount ?? 0) : 0
}

const sessionOf = (connection: SqlConnection.Connection, dialect: Dialect.Dialect): Session => ({
  dialect,
  rows: (text, params = []) => connection.execute(text, params, undefined),
  run: (text, params = []) => Effect.map(connection.executeRaw(text, params), changesOf)
})

const run = (conn: SqlConnection.Connection, text: string): Effect.Effect<void, SqlError> =>
  Effect.suspend(() => conn.executeUnprepared(text, [], undefined)).pipe(
    Effect.catchAllDefect((cause) => Effect.fail(new SqlError({ cause, message: `${text} failed` }))),
    Effect.asVoid
  )

/** Postgres chose this transaction to end a deadlock, or could not serialize it: done again, it succeeds. */
const passing: ReadonlySet<string> = new Set(["40001", "40P01"])

/**
 * What the database calls it; empty: nothing.
 *
 * @since 0.1.0
 * @category getters
 */
export const codeOf = (error: unknown): string =>
  error instanceof SqlError && Predicate.hasProperty(error.cause, "code") && typeof error.cause.code === "string"
    ? error.cause.code
    : ""

/**
 * Does another hold what this one needs, for a moment?
 *
 * @since 0.1.0
 * @category predicates
 */
export const isBusy = (error: unknown): boolean => {
  const code = codeOf(error)
  return code.startsWith("SQLITE_BUSY") || passing.has(code)
}

/** Of Postgres: data it cannot take, a constraint, a program limit. */
const ofData = /^(22|23|54)/

const ofDataOnSqlite: ReadonlySet<string> = new Set(["SQLITE_ERROR", "SQLITE_MISMATCH", "SQLITE_TOOBIG"])

/**
 * Does the database refuse what it was given? If not, it is away, or full, or in need of time.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isOfData = (error: unknown): boolean => {
  const code = codeOf(error)
  return ofData.test(code) || ofDataOnSqlite.has(code) || code.startsWith("SQLITE_CONSTRAINT")
}

/**
 * What the database said, in a line for our log.
 *
 * @since 0.1.0
 * @category getters
 */
export const reasonOf = (error: unknown): string =>
  error instanceof SqlError && error.cause instanceof Error && error.cause.message !== ""
    ? error.cause.message
    : error instanceof Error
    ? error.message
    : String(error)

const whileBusy = {
  while: isBusy,
  schedule: Schedule.spaced(Duration.millis(25)).pipe(Schedule.upTo(Duration.millis(Limits.lockedRetryMillis)))
}

/**
 * Does it again for as long as another holds what it needs.
 *
 * @since 0.1.0
 * @category combinators
 */
export const again = <A, E, R>(attempt: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  // The schedule is only made when it is needed: that costs more than the rest of an ordinary transaction.
  Effect.catchIf(attempt, isBusy, () => Effect.retry(attempt, whileBusy))

const within = <A, E, R>(
  sql: SqlClient.SqlClient,
  begin: string,
  dialect: Dialect.Dialect,
  use: (session: Session) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | SqlError, R> => {
  const attempt = Effect.uninterruptibleMask((restore) =>
    Effect.scoped(Effect.flatMap(sql.reserve, (conn) =>
      Effect.zipRight(
        run(conn, begin),
        Effect.flatMap(
          Effect.exit(restore(
            Effect.provideService(use(sessionOf(conn, dialect)), SqlClient.TransactionConnection, [conn, 0])
          )),
          (exit): Effect.Effect<A, E | SqlError> =>
            Exit.isSuccess(exit)
              ? Effect.as(Effect.tapError(run(conn, "COMMIT"), () => Effect.ignore(run(conn, "ROLLBACK"))), exit.value)
              : Effect.zipRight(Effect.ignore(run(conn, "ROLLBACK")), exit)
        )
      )))
  )
  return again(attempt)
}

/**
 * Runs `use` in a write transaction. It must do nothing but SQL: on SQLite every other statement of the process waits for
 * it. It may be run again, from the start.
 *
 * @since 0.1.0
 * @category combinators
 */
export const write = <A, E, R>(
  sql: SqlClient.SqlClient,
  use: (session: Session) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | SqlError, R> => {
  const dialect = Dialect.of(sql)
  return within(sql, dialect.begin, dialect, use)
}

/**
 * Runs `use` in a transaction that reads, all of it from one moment's view.
 *
 * @since 0.1.0
 * @category combinators
 */
export const read = <A, E, R>(
  sql: SqlClient.SqlClient,
  use: (session: Session) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | SqlError, R> => {
  const dialect = Dialect.of(sql)
  return within(sql, dialect.beginRead, dialect, use)
}
