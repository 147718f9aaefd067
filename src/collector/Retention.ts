/**
 * How long raw events are kept, by application and level. Rollups stay as they are.
 *
 * Once a day, among all replicas, the events are gone through in slices, each a transaction in turn: a runner that is
 * paused and wakes up finds its transaction gone, and what it did twice is done once. Batches and buckets that nobody asks
 * for any more go too, and the file shrinks.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Level from "../domain/Level.js"
import * as Batches from "./Batches.js"
import * as Compaction from "./Compaction.js"
import * as Dialect from "./Dialect.js"
import * as EventPartitions from "./EventPartitions.js"
import * as EventTable from "./EventTable.js"
import type { Job } from "./Job.js"
import * as Limits from "./Limits.js"
import * as Transaction from "./Transaction.js"
import * as Turn from "./Turn.js"

/**
 * The first rule that fits an event says how long it is kept; when none does, it is kept until it is erased.
 *
 * @since 0.1.0
 * @category models
 */
export interface Rule {
  /** Absent: any. */
  readonly app?: string | undefined
  /** The level of the event; absent: any. */
  readonly level?: Level.Level | undefined
  /** Days since capture. */
  readonly days: number
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Rules extends Context.Reference<Rules>()("effect-telemetry/collector/Retention/Rules", {
  defaultValue: (): ReadonlyArray<Rule> => []
}) {}

const dayMillis = 86_400_000

/**
 * Events captured before that time are not kept; null: all are.
 *
 * @since 0.1.0
 * @category getters
 */
export const cutoff = (
  rules: ReadonlyArray<Rule>,
  app: string,
  level: Level.Level,
  now: number
): number | null => {
  const rule = rules.find((one) =>
    (one.app === undefined || one.app === app) && (one.level === undefined || one.level === level)
  )
  return rule === undefined ? null : now - rule.days * dayMillis
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** {@link run}, once a day among all replicas. */
  readonly job: Job
  /** Deletes all that is due; answers how many events that were. */
  readonly run: Effect.Effect<number, SqlError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Retention extends Context.Tag("effect-telemetry/collector/Retention")<Retention, Service>() {}

const statements = Dialect.statements((d) => {
  const id = d.uuid("?")
  const due = `EXISTS (SELECT 1 FROM contexts c JOIN ${d.each}
      ON c.app = j.value->>0 AND c.level = CAST(j.value->>1 AS BIGINT)
    WHERE c.id = events.context AND events.time < CAST(j.value->>2 AS BIGINT))`
  return {
    groups: "SELECT DISTINCT app, level FROM contexts",
    end: `SELECT ${
      d.uuidHex("id")
    } AS id FROM events WHERE id >= ${id} ORDER BY id LIMIT 1 OFFSET ${Limits.erasureChunk}`,
    deleteSlice: `DELETE FROM events WHERE id >= ${id} AND id < ${id} AND ${due}`,
    deleteRest: `DELETE FROM events WHERE id >= ${id} AND ${due}`,
    idleBuckets: "DELETE FROM rate_limits WHERE at < ?",
    last: "SELECT ran_at FROM jobs WHERE name = 'retention'",
    ran: `INSERT INTO jobs (name, ran_at) VALUES ('retention', ?)
      ON CONFLICT (name) DO UPDATE SET ran_at = excluded.ran_at`
  }
})

interface Slice {
  readonly deleted: number
  /** Null: that was the last one. */
  readonly next: string | null
}

const slice = Effect.fnUntraced(function*(
  session: Transaction.Session,
  from: string,
  rules: ReadonlyArray<Rule>,
  now: number
): Effect.fn.Return<Slice, SqlError> {
  const texts = statements(session.dialect)
  yield* Turn.alone(session, "retention")
  const groups = yield* session.rows(texts.groups)
  const cutoffs = JSON.stringify(groups.flatMap(({ app, level }) => {
    const before = cutoff(rules, app, Level.fromRank(level), now)
    return before === null ? [] : [[app, level, before]]
  }))
  const [end] = yield* session.rows(texts.end, [from])
  return end === undefined
    ? { deleted: yield* session.run(texts.deleteRest, [from, cutoffs]), next: null }
    : { deleted: yield* session.run(texts.deleteSlice, [from, end.id, cutoffs]), next: end.id }
})

/** Whole months that every rule lets go; on SQLite there are none. */
const months = Effect.fnUntraced(function*(
  session: Transaction.Session,
  rules: ReadonlyArray<Rule>,
  now: number
): Effect.fn.Return<number, SqlError> {
  yield* Turn.alone(session, "retention")
  const groups = yield* session.rows(statements(session.dialect).groups)
  const cutoffs = groups.map(({ app, level }) => cutoff(rules, app, Level.fromRank(level), now) ?? 0)
  return cutoffs.length === 0 ? 0 : yield* EventPartitions.drop(session, Math.max(0, Math.min(...cutoffs)))
})

const events = (
  sql: SqlClient.SqlClient,
  rules: ReadonlyArray<Rule>,
  now: number,
  from: string = EventTable.nil
): Effect.Effect<number, SqlError> =>
  Effect.flatMap(
    Transaction.write(sql, (session) => slice(session, from, rules, now)),
    ({ deleted, next }) =>
      next === null
        ? Effect.succeed(deleted)
        : Effect.map(Effect.zipRight(Effect.yieldNow(), events(sql, rules, now, next)), (more) => deleted + more)
  )

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const rules = yield* Rules
  const texts = statements(Dialect.of(sql))

  const run = Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    yield* Transaction.write(sql, (session) =>
      Effect.zipRight(
        Batches.purge(session, now - Limits.idempotencyMillis),
        session.run(texts.idleBuckets, [now - dayMillis])
      ))
    yield* Transaction.write(sql, (session) => EventPartitions.prepare(session, now))
    const deleted = rules.length === 0 ? 0 : yield* Effect.zipWith(
      Transaction.write(sql, (session) => months(session, rules, now)),
      events(sql, rules, now),
      (dropped, rest) => dropped + rest
    )
    yield* Compaction.run(sql)
    return deleted
  })

  // A run that is cut short is done again: what it had deleted already costs nothing the second time.
  const daily = Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    const [last] = yield* sql.unsafe<{ readonly ran_at: number }>(texts.last)
    if (last !== undefined && last.ran_at > now - dayMillis) return
    yield* run
    yield* sql.unsafe(texts.ran, [now])
  })

  return Retention.of({
    job: {
      name: "retention",
      due: Effect.sleep(Duration.millis(Limits.retentionCheckMillis)),
      everyMillis: Limits.retentionCheckMillis,
      run: daily
    },
    run
  })
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Retention, never, SqlClient.SqlClient> = Layer.effect(Retention, make)
