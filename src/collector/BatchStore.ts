/**
 * From judged batches to committed rows: several batches in one transaction, each with an answer of its own.
 *
 * Exactly once: the event's id is the primary key, the counts are written in the transaction of the events and only for
 * those that were new, and "accepted" is said after COMMIT has returned.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Measure from "../domain/Measure.js"
import type { WireEvent } from "../domain/TelemetryEvent.js"
import type { SubmitAnswer } from "../submission/Contract.js"
import * as Batches from "./Batches.js"
import * as Contexts from "./Contexts.js"
import * as EventTable from "./EventTable.js"
import { dimensionOf, type EventType, EventTypes, metricOf } from "./EventTypes.js"
import * as Limits from "./Limits.js"
import * as Received from "./Received.js"
import * as RollupDelta from "./RollupDelta.js"
import * as RollupFacets from "./RollupFacets.js"
import { Rollups } from "./Rollups.js"
import * as StoreAtOnce from "./StoreAtOnce.js"
import * as Transaction from "./Transaction.js"
import * as Turn from "./Turn.js"
import type * as Verdict from "./Verdict.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Request {
  readonly verdicts: Verdict.Verdicts
  /** What the key is bound to. */
  readonly boundTo: string | null
  readonly batch: Batches.Batch | null
  readonly now: number
  /** Applications of which something was accepted. */
  readonly known: ReadonlySet<string>
  /** Called when it is no longer waiting. */
  readonly begun: () => void
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Stored {
  readonly answer: SubmitAnswer
  readonly fresh: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface BatchStore {
  /** In one transaction; answers in the same order. When it fails, nothing of them was kept. */
  readonly write: (requests: ReadonlyArray<Request>) => Effect.Effect<ReadonlyArray<Stored>, SqlError>
}

/** Some of the events were stored before: the transaction is done again, with care. */
class Overlap extends Data.TaggedError("Overlap") {}

/**
 * An event that is stored, with what its counts need: one object, as there are very many. They are of a class because V8
 * allocates what a literal makes in its old generation once many of them were seen to survive, as they do while the heap is
 * small; there each keeps what it refers to until the next full collection.
 */
class Candidate implements EventTable.Row, RollupDelta.Item {
  readonly id: string
  readonly context: number
  readonly type: string
  readonly time: number
  readonly receivedAt: number
  readonly rate: number
  readonly suppressed: number
  readonly app: string
  readonly version: string
  readonly dimension: string
  readonly metric: number | null
  readonly isError: boolean
  readonly session: number
  readonly installation: number
  readonly facets: ReadonlyArray<RollupFacets.Facet>
  readonly error: RollupFacets.ErrorDetails | null

  constructor(
    readonly request: Request,
    readonly data: string,
    event: WireEvent,
    type: EventType | undefined,
    context: Contexts.EventContext
  ) {
    const { now } = request
    const { app, eventData, eventType, timestamp } = event
    this.id = event.id
    this.context = context.id
    this.type = eventType
    this.time = timestamp > now + Limits.maxSkewMillis ? now : timestamp
    this.receivedAt = now
    this.rate = event.sampleRate
    this.suppressed = event.suppressed ?? 0
    this.app = app.name
    this.version = app.version
    this.dimension = dimensionOf(type, eventData)
    this.metric = metricOf(type, eventData)
    this.isError = Measure.isError(eventType, eventData)
    this.session = context.session
    this.installation = context.installation
    this.facets = RollupFacets.of(eventType, eventData)
    this.error = RollupFacets.errorOf(eventType, eventData)
  }
}

/**
 * @since 0.1.0
 * @category getters
 */
export const answerOf = ({ errors, passed, rejections }: Verdict.Verdicts, fresh: number): SubmitAnswer => ({
  success: true,
  accepted: passed.length,
  rejected: rejections.length + errors.length,
  duplicates: passed.length - fresh,
  ...(errors.length === 0 ? {} : { errors }),
  rejections
})

/** In this order two transactions that store the same ones wait for each other and never both, and neighbours share a page. */
const byId = (a: Candidate, b: Candidate): number => a.id < b.id ? -1 : 1

/** The first of each id. */
const distinct = (candidates: ReadonlyArray<Candidate>): ReadonlyArray<Candidate> => {
  const first = new Map<string, Candidate>()
  for (const candidate of candidates) {
    const id = EventTable.plainId(candidate.id)
    if (!first.has(id)) first.set(id, candidate)
  }
  return [...first.values()]
}

/** The first of those that are the same batch. */
const firstOf = (requests: ReadonlyArray<Request>): ReadonlyArray<Request> => {
  const seen = new Set<string>()
  return requests.filter(({ batch }) => {
    if (batch === null) return true
    if (seen.has(batch.hash)) return false
    seen.add(batch.hash)
    return true
  })
}

const eventsOf = (requests: ReadonlyArray<Request>): ReadonlyArray<WireEvent> => {
  const events: Array<WireEvent> = []
  for (const { verdicts } of requests) for (const { event } of verdicts.passed) events.push(event)
  return events
}

const none: Contexts.Index = new Map()

/** What was kept of each request. */
type Kept = ReadonlyMap<Request, ReadonlyArray<Candidate>>

const keptOf = (requests: ReadonlyArray<Request>, candidates: ReadonlyArray<Candidate>): Kept => {
  const kept = new Map<Request, Array<Candidate>>(requests.map((request) => [request, []]))
  for (const one of candidates) kept.get(one.request)!.push(one)
  return kept
}

const storedOf = (kept: Kept): ReadonlyMap<Request, Stored> => {
  const stored = new Map<Request, Stored>()
  for (const [request, { length }] of kept) {
    stored.set(request, { answer: answerOf(request.verdicts, length), fresh: length })
  }
  return stored
}

const settledOf = (stored: ReadonlyMap<Request, Stored>): ReadonlyArray<Batches.Answered> =>
  Array.from(stored).flatMap(([{ batch }, { answer }]) => batch === null ? [] : [[batch, answer] as const])

const latestOf = (requests: ReadonlyArray<Request>): number =>
  requests.reduce((latest, request) => Math.max(latest, request.now), 0)

const countsOf = (kept: Kept): RollupDelta.Delta => {
  const delta = RollupDelta.make()
  for (const [request, candidates] of kept) {
    for (const candidate of candidates) RollupDelta.add(delta, candidate)
    Received.addBatch(delta.received, { ...request, fresh: candidates })
  }
  return delta
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<BatchStore, never, SqlClient.SqlClient | Rollups> = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const rollups = yield* Rollups
  const types = yield* EventTypes
  let known: Contexts.Index = new Map()
  let knownSince = -1

  const candidates = (
    requests: ReadonlyArray<Request>,
    contexts: ReadonlyArray<Contexts.EventContext | undefined>
  ): ReadonlyArray<Candidate> => {
    const all: Array<Candidate> = []
    let position = 0
    for (const request of requests) {
      for (const { data, event } of request.verdicts.passed) {
        const context = contexts[position++]
        if (context !== undefined && event.timestamp > context.erasedAt) {
          all.push(new Candidate(request, data, event, types.get(event.eventType), context))
        }
      }
    }
    return all.sort(byId)
  }

  /** Of each event, in their order; undefined: it was not met before. */
  const contextsOf = (events: ReadonlyArray<WireEvent>): ReadonlyArray<Contexts.EventContext | undefined> => {
    const index = known
    return events.map((event) => Contexts.lookup(index, event))
  }

  /** Contexts remembered from before an erasure, by whichever process, are not what they were. */
  const prepare = Effect.fnUntraced(function*(session: Transaction.Session, requests: ReadonlyArray<Request>) {
    const generation = yield* Contexts.generation(session)
    if (generation !== knownSince) {
      known = new Map()
      knownSince = generation
    }
    const events = eventsOf(requests)
    const contexts = contextsOf(events)
    if (!contexts.includes(undefined)) return { generation, contexts, found: none }
    const found = yield* Contexts.resolve(session, events.filter((_, i) => contexts[i] === undefined))
    return { generation, contexts: contexts.map((one, i) => one ?? Contexts.lookup(found, events[i]!)), found }
  })

  const storeAll = (session: Transaction.Session, wanted: ReadonlyArray<Candidate>) =>
    Effect.flatMap(
      EventTable.insertAll(session, wanted),
      (all): Effect.Effect<ReadonlyArray<Candidate>, Overlap> => all ? Effect.succeed(wanted) : new Overlap()
    )

  const storeNew = (session: Transaction.Session, wanted: ReadonlyArray<Candidate>) => {
    const once = distinct(wanted)
    return Effect.map(
      EventTable.insertNew(session, once),
      (ids) => once.filter(({ id }) => ids.has(EventTable.plainId(id)))
    )
  }

  /**
   * A batch that was answered before is given that answer again; of two that are the same, the second is.
   *
   * Made once: a generator function that is made for each transaction would keep what it closes over, all of the events, until
   * the garbage collector looks at the old generation.
   */
  const storeBy = <E>(
    store: (
      session: Transaction.Session,
      wanted: ReadonlyArray<Candidate>
    ) => Effect.Effect<ReadonlyArray<Candidate>, E>
  ) =>
    Effect.fnUntraced(function*(session: Transaction.Session, requests: ReadonlyArray<Request>) {
      yield* Turn.together(session, "subjects")
      const now = latestOf(requests)
      const first = firstOf(requests)
      const before = yield* Batches.claim(session, first.flatMap(({ batch }) => batch ?? []), now)
      const fresh = first.filter(({ batch }) => batch === null || !before.has(batch.hash))
      const { contexts, found, generation } = yield* prepare(session, fresh)
      const wanted = candidates(fresh, contexts)
      const kept = keptOf(fresh, wanted.length === 0 ? [] : yield* store(session, wanted))
      if (kept.size > 0) yield* rollups.write(session, countsOf(kept))
      const stored = storedOf(kept)
      const settled = settledOf(stored)
      yield* Batches.settle(session, settled, now)
      const answers = new Map([...before, ...settled.map(([{ hash }, answer]) => [hash, answer] as const)])
      return {
        generation,
        found,
        stored: requests.map((request) =>
          stored.get(request) ?? { answer: answers.get(request.batch!.hash)!, fresh: 0 }
        )
      }
    })

  const writeAll = storeBy(storeAll)
  const writeNew = storeBy(storeNew)

  const writeCarefully = (requests: ReadonlyArray<Request>) =>
    Effect.map(
      Effect.catchTag(
        Transaction.write(sql, (session) => writeAll(session, requests)),
        "Overlap",
        () => Transaction.write(sql, (session) => writeNew(session, requests))
      ),
      ({ found, generation, stored }) => {
        if (generation === knownSince) known = Contexts.remember(known, found)
        return stored
      }
    )

  /** All of it in one statement, if all of it is new and known; null: it is not. */
  const writeAtOnce = (requests: ReadonlyArray<Request>): Effect.Effect<ReadonlyArray<Stored> | null, SqlError> => {
    const contexts = contextsOf(eventsOf(requests))
    if (contexts.includes(undefined) || firstOf(requests).length < requests.length) return Effect.succeed(null)
    const events = candidates(requests, contexts)
    const kept = keptOf(requests, events)
    const stored = storedOf(kept)
    const group = { erasures: knownSince, events, delta: countsOf(kept), answers: settledOf(stored) }
    return Effect.map(
      StoreAtOnce.store(sql, group, latestOf(requests)),
      (isStored) => isStored ? requests.map((request) => stored.get(request)!) : null
    )
  }

  const write = StoreAtOnce.isPossible(sql)
    ? (requests: ReadonlyArray<Request>) =>
      Effect.flatMap(
        writeAtOnce(requests),
        (stored) => stored === null ? writeCarefully(requests) : Effect.succeed(stored)
      )
    : writeCarefully

  return {
    write: (requests) =>
      Effect.suspend(() => {
        for (const { begun } of requests) begun()
        return Effect.tap(write(requests), () => Effect.sync(rollups.wake))
      })
  }
})
