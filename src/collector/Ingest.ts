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
import * as Option from "effect/Option"
import * as Measure from "../domain/Measure.js"
import type { WireEvent } from "../domain/TelemetryEvent.js"
import type { SubmitAnswer } from "../submission/Contract.js"
import * as Batches from "./Batches.js"
import * as Contexts from "./Contexts.js"
import * as Counters from "./Counters.js"
import * as Dialect from "./Dialect.js"
import * as EventTable from "./EventTable.js"
import { dimensionOf, EventTypes, metricOf } from "./EventTypes.js"
import * as Limits from "./Limits.js"
import * as Received from "./Received.js"
import * as Retention from "./Retention.js"
import * as RollupDelta from "./RollupDelta.js"
import * as RollupFacets from "./RollupFacets.js"
import { Rollups } from "./Rollups.js"
import * as Transaction from "./Transaction.js"
import * as Turn from "./Turn.js"
import * as Verdict from "./Verdict.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /**
   * `app`: what the key is bound to. `batch`: what it is known by; null: only its events are. Fails when storage is away;
   * then nothing of it was kept.
   */
  readonly batch: (
    events: ReadonlyArray<unknown>,
    app: string | null,
    batch?: Batches.Batch | null
  ) => Effect.Effect<SubmitAnswer, SqlError>
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

interface Request {
  readonly verdicts: Verdict.Verdicts
  /** What the key is bound to. */
  readonly boundTo: string | null
  readonly batch: Batches.Batch | null
  readonly now: number
}

interface Stored {
  readonly answer: SubmitAnswer
  readonly fresh: number
  readonly prepared: Prepared | null
}

/** An event that is stored, with what its counts need. */
interface Candidate {
  readonly row: EventTable.Row
  readonly item: RollupDelta.Item
}

const answerOf = ({ errors, passed, rejections }: Verdict.Verdicts, fresh: number): SubmitAnswer => ({
  success: true,
  accepted: passed.length,
  rejected: rejections.length + errors.length,
  duplicates: passed.length - fresh,
  ...(errors.length === 0 ? {} : { errors }),
  rejections
})

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

/** So many applications are told apart where events are refused. */
const mostApps = 1_000

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient | Rollups | Counters.Counters> = Effect.gen(
  function*() {
    const sql = yield* SqlClient.SqlClient
    const rollups = yield* Rollups
    const counters = yield* Counters.Counters
    const types = yield* EventTypes
    const rules = yield* Retention.Rules
    const isTooOld = (now: number) => ({ app, level, timestamp }: WireEvent): boolean =>
      rules.length > 0 && timestamp < (Retention.cutoff(rules, app.name, level, now) ?? 0)
    let known: Contexts.Index = new Map()
    let knownSince = -1
    const apps = new Set<string>()

    const countsOf = (fresh: ReadonlyArray<Candidate>, request: Request): RollupDelta.Delta => {
      const delta = RollupDelta.make()
      for (const { item } of fresh) RollupDelta.add(delta, item)
      Received.addBatch(delta.received, { ...request, known: apps, fresh: fresh.map(({ item }) => item.app) })
      return delta
    }

    const candidateOf = (passed: Verdict.Passed, context: Contexts.EventContext, now: number): Candidate => {
      const { data, event } = passed
      const time = event.timestamp > now + Limits.maxSkewMillis ? now : event.timestamp
      const suppressed = event.suppressed ?? 0
      const type = types.get(event.eventType)
      return {
        row: {
          id: event.id,
          context: context.id,
          type: event.eventType,
          time,
          rate: event.sampleRate,
          suppressed,
          data
        },
        item: {
          app: event.app.name,
          version: event.app.version,
          type: event.eventType,
          dimension: dimensionOf(type, event.eventData),
          time,
          rate: event.sampleRate,
          suppressed,
          metric: metricOf(type, event.eventData),
          isError: Measure.isError(event.eventType, event.eventData),
          session: context.session,
          installation: context.installation,
          facets: RollupFacets.of(event.eventType, event.eventData),
          error: RollupFacets.errorOf(event.eventType, event.eventData)
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

    const storeAll = (session: Transaction.Session, wanted: ReadonlyArray<Candidate>, now: number) =>
      Effect.flatMap(
        EventTable.insertAll(session, wanted.map(({ row }) => row), now),
        (all): Effect.Effect<ReadonlyArray<Candidate>, Overlap> => all ? Effect.succeed(wanted) : new Overlap()
      )

    const storeNew = (session: Transaction.Session, wanted: ReadonlyArray<Candidate>, now: number) => {
      const once = distinct(wanted)
      return Effect.map(
        EventTable.insertNew(session, once.map(({ row }) => row), now),
        (ids) => once.filter(({ row }) => ids.has(EventTable.plainId(row.id)))
      )
    }

    const within = <E>(
      store: (
        session: Transaction.Session,
        wanted: ReadonlyArray<Candidate>,
        now: number
      ) => Effect.Effect<ReadonlyArray<Candidate>, E>,
      request: Request
    ) =>
      Transaction.write(
        sql,
        Effect.fnUntraced(function*(session): Effect.fn.Return<Stored, E | SqlError> {
          const { batch, now, verdicts } = request
          if (batch !== null) {
            const before = yield* Batches.claim(session, batch, now)
            if (Option.isSome(before)) return { answer: before.value, fresh: 0, prepared: null }
          }
          const prepared = yield* prepare(session, verdicts.passed)
          const wanted = candidates(verdicts.passed, prepared, now)
          const fresh = wanted.length === 0 ? [] : yield* store(session, wanted, now)
          const answer = answerOf(verdicts, fresh.length)
          yield* rollups.write(session, countsOf(fresh, request))
          if (batch !== null) yield* Batches.settle(session, batch, answer)
          return { answer, fresh: fresh.length, prepared }
        })
      )

    const remember = ({ verdicts: { passed } }: Request): void => {
      for (const { event: { app } } of passed) if (apps.size < mostApps) apps.add(app.name)
    }

    /** A client cannot make us write by sending rubbish. */
    const refuse = (request: Request): Stored => {
      const answer = answerOf(request.verdicts, 0)
      if (request.verdicts.refused.length > 0) rollups.note(countsOf([], request))
      return { answer, fresh: 0, prepared: null }
    }

    const store = (request: Request): Effect.Effect<Stored, SqlError> => {
      if (request.verdicts.passed.length === 0) return Effect.sync(() => refuse(request))
      const careful = within(storeNew, request)
      return Dialect.of(sql).name === "postgres"
        ? careful
        : Effect.catchTag(within(storeAll, request), "Overlap", () => careful)
    }

    return Ingest.of({
      batch: (events, app, batch = null) =>
        Effect.flatMap(
          Clock.currentTimeMillis,
          (now) => {
            const verdicts = Verdict.make(events, types, app, isTooOld(now))
            const request: Request = { verdicts, batch, now, boundTo: app }
            return Effect.map(
              store(request),
              ({ answer, fresh, prepared }) => {
                remember(request)
                for (const { code } of verdicts.refused) Counters.increment(counters.rejections, code)
                if (prepared?.generation === knownSince) known = Contexts.remember(known, prepared.found)
                if (prepared !== null) rollups.wake()
                counters.batches += 1
                counters.accepted += answer.accepted
                counters.duplicates += answer.accepted - fresh
                counters.rejected += answer.rejected
                return answer
              }
            )
          }
        )
    })
  }
)

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Ingest, never, SqlClient.SqlClient | Rollups | Counters.Counters> = Layer.effect(
  Ingest,
  make
)
