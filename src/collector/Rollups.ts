/**
 * Rollups: kept with every batch, folded in the background, exact at any time.
 *
 * A batch writes one delta in the transaction of its events. A job merges deltas into the stored rows, some seconds after the
 * first of them; a query folds what is still waiting before it reads.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Dialect from "./Dialect.js"
import { EventTypes } from "./EventTypes.js"
import type { Job } from "./Job.js"
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
  readonly write: (session: Transaction.Session, delta: RollupDelta.Delta) => Effect.Effect<void, SqlError>
  /**
   * Counts without events, which nobody waits for: kept in memory and written by the next fold of this process, or after
   * {@link Limits.foldDelayMillis}, or when it stops. However many there are, storage is written to no more often than that.
   */
  readonly note: (delta: RollupDelta.Delta) => void
  /** After that transaction: there is something to fold. */
  readonly wake: () => void
  /** {@link fold}, {@link Limits.foldDelayMillis} after the first batch. */
  readonly job: Job
  /**
   * Folds everything that waits, and nobody waits for what comes meanwhile, however much that is. Answers how many deltas
   * that were.
   */
  readonly fold: Effect.Effect<number, SqlError>
  /** Null: too many rows. */
  readonly query: (query: RollupQuery.Query) => Effect.Effect<ReadonlyArray<RollupQuery.Row> | null, SqlError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Rollups extends Context.Tag("effect-telemetry/collector/Rollups")<Rollups, Service>() {}

const isEmpty = ({ errors, groups, received }: RollupDelta.Delta): boolean =>
  groups.size === 0 && errors.size === 0 && received.size === 0

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const types = yield* EventTypes
  const append = Dialect.of(sql).text("INSERT INTO rollup_delta (body) VALUES (?)")
  const waiting = yield* Queue.dropping<void>(1)
  const noting = yield* Queue.dropping<void>(1)
  let noted = RollupDelta.make()

  const settle = Effect.suspend(() => {
    if (isEmpty(noted)) return Effect.void
    const body = RollupDelta.encode(noted)
    noted = RollupDelta.make()
    return Effect.onError(
      Transaction.write(sql, (session) => session.run(append, [body])),
      () => Effect.sync(() => RollupDelta.merge(noted, body))
    )
  })
  const later = Effect.zipRight(Queue.take(noting), Effect.sleep(Duration.millis(Limits.foldDelayMillis)))
  yield* Effect.addFinalizer(() => Effect.ignore(settle))
  yield* Effect.forkScoped(Effect.interruptible(Effect.forever(Effect.zipRight(later, Effect.ignore(settle)))))

  const newest = Effect.map(
    sql<{ readonly id: unknown }>`SELECT max(id) AS id FROM rollup_delta`,
    ([row]) => Number(row?.id ?? 0)
  )
  // Most questions find nothing to fold, and need no turn to write. What another is folding is still to be seen.
  const isWaiting = (last: number) =>
    Effect.map(sql`SELECT id FROM rollup_delta WHERE id <= ${last} LIMIT 1`, ({ length }) => length > 0)
  const foldSome = Transaction.write(sql, (session) => RollupFold.fold(session))
  const foldUpTo = (last: number): Effect.Effect<number, SqlError> =>
    Effect.if(isWaiting(last), {
      onTrue: () => Effect.zipWith(foldSome, Effect.suspend(() => foldUpTo(last)), (taken, more) => taken + more),
      onFalse: () => Effect.succeed(0)
    })
  const fold = Effect.zipRight(settle, Effect.flatMap(newest, foldUpTo))

  return Rollups.of({
    write: (session, delta) => Effect.asVoid(session.run(append, [RollupDelta.encode(delta)])),
    note: (delta) => {
      RollupDelta.merge(noted, RollupDelta.encode(delta))
      noting.unsafeOffer(undefined)
    },
    wake: () => {
      waiting.unsafeOffer(undefined)
    },
    job: {
      name: "fold",
      due: Effect.zipRight(Queue.take(waiting), Effect.sleep(Duration.millis(Limits.foldDelayMillis))),
      everyMillis: Limits.foldDelayMillis,
      run: fold
    },
    fold,
    query: (query) => Effect.zipRight(fold, Transaction.read(sql, (session) => RollupQuery.run(session, query, types)))
  })
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Rollups, never, SqlClient.SqlClient> = Layer.scoped(Rollups, make)
