/**
 * From a batch to committed rows and an answer that says what became of each event.
 *
 * Exactly once: the event's id is the primary key, the counts are written in the transaction of the events and only for
 * those that were new, and "accepted" is said after COMMIT has returned.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type * as SqlConnection from "@effect/sql/SqlConnection"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { SubmitAnswer } from "../submission/Contract.js"
import * as Contexts from "./Contexts.js"
import { Counters } from "./Counters.js"
import * as EventTable from "./EventTable.js"
import { dimensionOf, EventTypes, metricOf } from "./EventTypes.js"
import * as Limits from "./Limits.js"
import * as RollupDelta from "./RollupDelta.js"
import { Rollups } from "./Rollups.js"
import * as Transaction from "./Transaction.js"
import * as Verdict from "./Verdict.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** `app`: what the key is bound to. Fails when storage is away; then nothing of the batch was kept. */
  readonly batch: (events: ReadonlyArray<unknown>, app: string | null) => Effect.Effect<SubmitAnswer, SqlError>
  /** The contexts remembered are out of date; called inside the transaction that changes them. */
  readonly forget: () => void
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Ingest extends Context.Tag("effect-telemetry/collector/Ingest")<Ingest, Service>() {}

/** Some of the events were stored before: the transaction is done again, with care. */
class Overlap extends Data.TaggedError("Overlap") {}

interface Stored {
  readonly fresh: number
  readonly found: Contexts.Index
}

const distinctIds = (
  passed: ReadonlyArray<Verdict.Passed>,
  known: ReadonlySet<string>
): ReadonlyArray<Verdict.Passed> => {
  const seen = new Set<string>()
  return passed.filter(({ event: { id } }) => {
    const key = id.toLowerCase()
    if (known.has(id) || seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient | Rollups | Counters> = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const rollups = yield* Rollups
  const counters = yield* Counters
  const types = yield* EventTypes
  const known: Contexts.Index = new Map()
  let generation = 0

  const insert = (
    connection: SqlConnection.Connection,
    passed: ReadonlyArray<Verdict.Passed>,
    found: Contexts.Index,
    now: number,
    all: boolean
  ): Effect.Effect<Stored, SqlError | Overlap> => {
    const rows: Array<EventTable.Row> = []
    const delta: RollupDelta.Delta = new Map()
    for (const { data, event } of passed) {
      const context = Contexts.lookup(known, event) ?? Contexts.lookup(found, event)
      if (context === undefined || event.timestamp <= context.erasedAt) continue
      const time = event.timestamp > now + Limits.maxSkewMillis ? now : event.timestamp
      const suppressed = event.suppressed ?? 0
      rows.push({
        id: event.id,
        context: context.id,
        type: event.eventType,
        time,
        rate: event.sampleRate,
        suppressed,
        data
      })
      const type = types.get(event.eventType)
      RollupDelta.add(delta, {
        app: event.app.name,
        type: event.eventType,
        dimension: dimensionOf(type, event.eventData),
        time,
        rate: event.sampleRate,
        suppressed,
        metric: metricOf(type, event.eventData),
        session: context.session,
        installation: context.installation
      })
    }
    if (rows.length === 0) return Effect.succeed({ fresh: 0, found })
    return Effect.flatMap(
      EventTable.insert(connection, rows, now),
      (inserted): Effect.Effect<Stored, SqlError | Overlap> =>
        inserted < rows.length && all
          ? Effect.fail(new Overlap())
          : Effect.as(rollups.write(connection, delta), { fresh: rows.length, found })
    )
  }

  const store = (passed: ReadonlyArray<Verdict.Passed>, now: number): Effect.Effect<Stored, SqlError> => {
    const resolve = (connection: SqlConnection.Connection) =>
      Contexts.resolve(connection, known, passed.map(({ event }) => event))
    const hopeful = Transaction.write(
      sql,
      (connection) => Effect.flatMap(resolve(connection), (found) => insert(connection, passed, found, now, true))
    )
    const careful = Transaction.write(sql, (connection) =>
      Effect.flatMap(
        EventTable.existing(connection, passed.map(({ event }) => event.id)),
        (existing) =>
          Effect.flatMap(resolve(connection), (found) =>
            insert(connection, distinctIds(passed, existing), found, now, false))
      )).pipe(Effect.catchTag("Overlap", Effect.die))
    return Effect.catchTag(hopeful, "Overlap", () => careful)
  }

  return Ingest.of({
    forget: () => {
      generation += 1
      known.clear()
    },
    batch: (events, app) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const { errors, passed, rejections } = Verdict.make(events, types, app)
        const before = generation
        const stored = passed.length === 0
          ? Effect.succeed<Stored>({ fresh: 0, found: new Map() })
          : store(passed, now)
        return Effect.map(stored, ({ found, fresh }): SubmitAnswer => {
          if (generation === before) Contexts.remember(known, found)
          if (fresh > 0) rollups.wake()
          const rejected = rejections.length + errors.length
          const duplicates = passed.length - fresh
          counters.batches += 1
          counters.accepted += passed.length
          counters.duplicates += duplicates
          counters.rejected += rejected
          return {
            success: true,
            accepted: passed.length,
            rejected,
            duplicates,
            ...(errors.length === 0 ? {} : { errors }),
            rejections
          }
        })
      })
  })
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Ingest, never, SqlClient.SqlClient | Rollups | Counters> = Layer.effect(Ingest, make)
