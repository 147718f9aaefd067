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
import * as Limits from "./Limits.js"

const run = (conn: SqlConnection.Connection, text: string): Effect.Effect<void, SqlError> =>
  Effect.suspend(() => conn.executeUnprepared(text, [], undefined)).pipe(
    Effect.catchAllDefect((cause) => Effect.fail(new SqlError({ cause, message: `${text} failed` }))),
    Effect.asVoid
  )

/**
 * Does another process hold the lock?
 *
 * @since 0.1.0
 * @category predicates
 */
export const isBusy = (error: unknown): boolean =>
  error instanceof SqlError && Predicate.hasProperty(error.cause, "code") && typeof error.cause.code === "string" &&
  error.cause.code.startsWith("SQLITE_BUSY")

const whileBusy = {
  while: isBusy,
  schedule: Schedule.spaced(Duration.millis(25)).pipe(Schedule.upTo(Duration.millis(Limits.lockedRetryMillis)))
}

/**
 * Runs `use` in a write transaction. It must do nothing but SQL: every other statement of the process waits for it.
 *
 * @since 0.1.0
 * @category combinators
 */
export const write = <A, E, R>(
  sql: SqlClient.SqlClient,
  use: (connection: SqlConnection.Connection) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | SqlError, R> => {
  const begin = sql.onDialectOrElse({ sqlite: () => "BEGIN IMMEDIATE", orElse: () => "BEGIN" })
  const attempt = Effect.uninterruptibleMask((restore) =>
    Effect.scoped(Effect.flatMap(sql.reserve, (conn) =>
      Effect.zipRight(
        run(conn, begin),
        Effect.flatMap(
          Effect.exit(restore(Effect.provideService(use(conn), SqlClient.TransactionConnection, [conn, 0]))),
          (exit): Effect.Effect<A, E | SqlError> =>
            Exit.isSuccess(exit)
              ? Effect.as(Effect.tapError(run(conn, "COMMIT"), () => Effect.ignore(run(conn, "ROLLBACK"))), exit.value)
              : Effect.zipRight(Effect.ignore(run(conn, "ROLLBACK")), exit)
        )
      )))
  )
  // The schedule is only made when it is needed: that costs more than the rest of an ordinary transaction.
  return Effect.catchIf(attempt, isBusy, () => Effect.retry(attempt, whileBusy))
}
