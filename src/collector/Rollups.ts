/**
 * Rollups: kept with every batch, folded in the background, exact at any time.
 *
 * A batch writes one delta in the transaction of its events. One fiber merges deltas into the hourly rows, a second after
 * the first of them; a query folds what is still waiting before it reads, in the same transaction.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type * as SqlConnection from "@effect/sql/SqlConnection"
import type { SqlError } from "@effect/sql/SqlError"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import { EventTypes } from "./EventTypes.js"
import * as Limits from "./Limits.js"
import * as RollupDelta from "./RollupDelta.js"
import * as RollupFold from "./RollupFold.js"
import * as RollupQuery from "./RollupQuery.js"
import * as Transaction from "./Transaction.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Inside the transaction of the events. */
  readonly write: (connection: SqlConnection.Connection, delta: RollupDelta.Delta) => Effect.Effect<void, SqlError>
  /** After that transaction: there is something to fold. */
  readonly wake: () => void
  /** Folds everything that waits; answers how many deltas that were. */
  readonly fold: Effect.Effect<number, SqlError>
  /** Null: too many rows. */
  readonly query: (query: RollupQuery.Query) => Effect.Effect<ReadonlyArray<RollupQuery.Row> | null, SqlError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Rollups extends Context.Tag("effect-telemetry/collector/Rollups")<Rollups, Service>() {}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const types = yield* EventTypes
  const waiting = yield* Queue.dropping<void>(1)

  const foldSome = Transaction.write(sql, (connection) => RollupFold.fold(connection))
  const fold: Effect.Effect<number, SqlError> = Effect.flatMap(
    foldSome,
    (n) => n < Limits.foldBatches ? Effect.succeed(n) : Effect.map(fold, (more) => n + more)
  )

  yield* Queue.offer(waiting, undefined)
  yield* Queue.take(waiting).pipe(
    Effect.zipRight(Effect.sleep(Duration.millis(Limits.foldDelayMillis))),
    Effect.zipRight(fold),
    // The deltas are still there: storage that comes back finds them with the next batch.
    Effect.catchAllCause((cause) =>
      Effect.logWarning("Rollups could not be folded; tried again with the next batch", cause)
    ),
    Effect.forever,
    Effect.interruptible,
    Effect.forkScoped
  )

  return Rollups.of({
    write: (connection, delta) =>
      Effect.asVoid(connection.executeRaw("INSERT INTO rollup_delta (body) VALUES (?)", [RollupDelta.encode(delta)])),
    wake: () => {
      waiting.unsafeOffer(undefined)
    },
    fold,
    query: (query) =>
      Transaction.write(sql, (connection) =>
        Effect.zipRight(
          Effect.repeat(RollupFold.fold(connection), { until: (n) => n < Limits.foldBatches }),
          RollupQuery.run(connection, query, types)
        ))
  })
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Rollups, never, SqlClient.SqlClient> = Layer.scoped(Rollups, make)
