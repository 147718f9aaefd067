/**
 * From a batch to committed rows and an answer that says what became of each event.
 *
 * Exactly once: the event's id is the primary key, the counts are written in the transaction of the events and only for
 * those that were new, and "accepted" is said after COMMIT has returned.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { SubmitAnswer } from "../submission/Contract.js"
import * as Contexts from "./Contexts.js"
import { Counters } from "./Counters.js"
import * as Dialect from "./Dialect.js"
import * as EventTable from "./EventTable.js"
import { dimensionOf, EventTypes, metricOf } from "./EventTypes.js"
import * as Limits from "./Limits.js"
import * as RollupDelta from "./RollupDelta.js"
import { Rollups } from "./Rollups.js"
import * as Transaction from "./Transaction.js"
import * as Turn from "./Turn.js"
import * as Verdict from "./Verdict.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** `app`: what the key is bound to. Fails when storage is away; then nothing of the batch was kept. */
  readonly batch: (events: ReadonlyArray<unknown>, app: string | null) => Effect.Effect<SubmitAnswer, SqlError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Ingest extends Context.Tag("effect-telemetry/collector/Ingest")<Ingest, Service>() {}

/** Some of the events were stored before: the transaction is done again, with care. */
class Overlap extends Data.TaggedError("Overlap") {}

interface Prepared {
  readonly generation: number
  readonly known: Contexts.Index
  readonly found: Contexts.Index
}

interface Stored {
  readonly fresh: number
  readonly prepared: Prepared | null
}

/** An event that is stored, with what its counts need. */
interface Candidate {
  readonly row: EventTable.Row
  readonly item: RollupDelta.Item
}

const byId = (a: Candidate, b: Candidate): number => a.row.id < b.row.id ? -1 : 1

/** The first of each id, in the order of ids: two transactions that store the same ones wait for each other and never both. */
const distinct = (candidates: ReadonlyArray<Candidate>): ReadonlyArray<Candidate> => {
  const first = new Map<string, Candidate>()
  for (const candidate of candidates) {
    const id = EventTable.plainId(candidate.row.id)
    if (!first.has(id)) first.set(id, candidate)
  }
  return [...first.values()].sort(byId)
}

const countsOf = (candidates: ReadonlyArray<Candidate>): RollupDelta.Delta => {
  const delta: RollupDelta.Delta = new Map()
  for (const { item } of candidates) RollupDelta.add(delta, item)
  return delta
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
  let known: Contexts.Index = new Map()
  let knownSince = -1

  const candidateOf = (passed: Verdict.Passed, context: Contexts.EventContext, now: number): Candidate => {
    const { data, event } = passed
    const time = event.timestamp > now + Limits.maxSkewMillis ? now : event.timestamp
    const suppressed = event.suppressed ?? 0
    const type = types.get(event.eventType)
    return {
      row: { id: event.id, context: context.id, type: event.eventType, time, rate: event.sampleRate, suppressed, data },
      item: {
        app: event.app.name,
        type: event.eventType,
        dimension: dimensionOf(type, event.eventData),
        time,
        rate: event.sampleRate,
        suppressed,
        metric: metricOf(type, event.eventData),
        session: context.session,
        installation: context.installation
      }
    }
  }

  const candidates = (passed: ReadonlyArray<Verdict.Passed>, { found, known }: Prepared, now: number) =>
    passed.flatMap((one) => {
      const context = Contexts.lookup(known, one.event) ?? Contexts.lookup(found, one.event)
      return context === undefined || one.event.timestamp <= context.erasedAt ? [] : [candidateOf(one, context, now)]
    })

  /** Contexts remembered from before an erasure, by whichever process, are not what they were. */
  const prepare = Effect.fnUntraced(function*(session: Transaction.Session, passed: ReadonlyArray<Verdict.Passed>) {
    yield* Turn.together(session, "subjects")
    const generation = yield* Contexts.generation(session)
    if (generation !== knownSince) {
      known = new Map()
      knownSince = generation
    }
    const mine = known
    const found = yield* Contexts.resolve(session, mine, passed.map(({ event }) => event))
    return { generation, known: mine, found }
  })

  const hopeful = (session: Transaction.Session, passed: ReadonlyArray<Verdict.Passed>, now: number) =>
    Effect.gen(function*() {
      const prepared = yield* prepare(session, passed)
      const all = candidates(passed, prepared, now)
      if (all.length === 0) return { fresh: 0, prepared }
      if (!(yield* EventTable.insertAll(session, all.map(({ row }) => row), now))) return yield* new Overlap()
      yield* rollups.write(session, countsOf(all))
      return { fresh: all.length, prepared }
    })

  const careful = (session: Transaction.Session, passed: ReadonlyArray<Verdict.Passed>, now: number) =>
    Effect.gen(function*() {
      const prepared = yield* prepare(session, passed)
      const once = distinct(candidates(passed, prepared, now))
      if (once.length === 0) return { fresh: 0, prepared }
      const ids = yield* EventTable.insertNew(session, once.map(({ row }) => row), now)
      const fresh = once.filter(({ row }) => ids.has(EventTable.plainId(row.id)))
      if (fresh.length > 0) yield* rollups.write(session, countsOf(fresh))
      return { fresh: fresh.length, prepared }
    })

  const store = (passed: ReadonlyArray<Verdict.Passed>, now: number): Effect.Effect<Stored, SqlError> => {
    const withCare = Transaction.write(sql, (session) => careful(session, passed, now))
    return Dialect.of(sql).name === "postgres"
      ? withCare
      : Effect.catchTag(
        Transaction.write(sql, (session) => hopeful(session, passed, now)),
        "Overlap",
        () => withCare
      )
  }

  return Ingest.of({
    batch: (events, app) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const { errors, passed, rejections } = Verdict.make(events, types, app)
        const stored = passed.length === 0
          ? Effect.succeed<Stored>({ fresh: 0, prepared: null })
          : store(passed, now)
        return Effect.map(stored, ({ fresh, prepared }): SubmitAnswer => {
          if (prepared?.generation === knownSince) known = Contexts.remember(known, prepared.found)
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
