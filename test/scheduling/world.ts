/** A small world for the scheduling room: memory store, scripted endpoint, consent that a test turns, all under TestClock. */
import * as RateLimiter from "@effect/experimental/RateLimiter"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import * as ConsentGate from "../../src/consent/ConsentGate.js"
import type { Effective, Epoch } from "../../src/domain/Consent.js"
import * as Ids from "../../src/domain/Ids.js"
import type { Level } from "../../src/domain/Level.js"
import * as Outcome from "../../src/domain/Outcome.js"
import * as Rollup from "../../src/domain/Rollup.js"
import { unsafeRedacted } from "../../src/domain/TelemetryEvent.js"
import { EventStore } from "../../src/persistence/EventStore.js"
import { layerMemory } from "../../src/persistence/Memory.js"
import type { Rollups } from "../../src/persistence/Rollups.js"
import * as RateLimiterStore from "../../src/persistence/Sql/RateLimiterStore.js"
import { SubmissionQueue } from "../../src/persistence/SubmissionQueue.js"
import { Lowering } from "../../src/scheduling/Lowering.js"
import { Process } from "../../src/scheduling/Process.js"
import * as RateLimit from "../../src/scheduling/RateLimit.js"
import * as Submitter from "../../src/scheduling/Submitter.js"
import { type Batch, Destinations, type Service as Transport } from "../../src/submission/Transport.js"
import * as TelemetryConfig from "../../src/TelemetryConfig.js"
import { layerTemporary } from "../suites/sqlite.js"

export const destination = "default"
export const origin = "https://collector.example"

export interface Call {
  readonly at: number
  readonly key: string
  readonly ids: ReadonlyArray<string>
}

/** An endpoint that answers by script, keeps each event once, and remembers every request. */
export interface Endpoint {
  readonly calls: Array<Call>
  /** In the order of arrival, each once. */
  readonly stored: Set<string>
  pings: number
  respond: (batch: Batch) => Outcome.Outcome
  /** Answers a ping. */
  well: () => boolean
  /** How long an answer takes. */
  takes: Duration.Duration
  fingerprint: string
  origin: string | null
  aborted: number
}

const ids = (batch: Batch): ReadonlyArray<string> => batch.events.map((event) => event.id)

const taken = (batch: Batch, outcome: Outcome.Outcome): ReadonlyArray<string> => {
  if (outcome._tag === "Accepted") return ids(batch)
  if (outcome._tag !== "PartlyAccepted") return []
  const names = new Set(outcome.rejections.map((r) => r.id))
  return names.size > 0 ? ids(batch).filter((id) => !names.has(id)) : ids(batch).slice(0, outcome.accepted)
}

export const accept = (): Outcome.Outcome => Outcome.Accepted({ duplicates: 0 })
export const away = (): Outcome.Outcome =>
  Outcome.Unreachable({ reason: "refused", ambiguous: false, message: "connection refused" })

export const makeEndpoint = (): Endpoint => ({
  calls: [],
  stored: new Set(),
  pings: 0,
  respond: accept,
  well: () => true,
  takes: Duration.zero,
  fingerprint: "f1",
  origin,
  aborted: 0
})

/** Is the lost answer of a batch that was stored all the same. */
export const lostAck = (endpoint: Endpoint) => (batch: Batch): Outcome.Outcome => {
  for (const id of ids(batch)) endpoint.stored.add(id)
  return Outcome.Unreachable({ reason: "reset", ambiguous: true, message: "connection reset" })
}

const transportOf = (endpoint: Endpoint): Transport => ({
  submit: (batch) =>
    Effect.gen(function*() {
      endpoint.calls.push({ at: yield* Clock.currentTimeMillis, key: batch.key, ids: ids(batch) })
      if (Duration.toMillis(endpoint.takes) > 0) yield* Effect.sleep(endpoint.takes)
      const outcome = endpoint.respond(batch)
      for (const id of taken(batch, outcome)) endpoint.stored.add(id)
      return { outcome, bytes: Outcome.nothingSent(outcome) ? 0 : batch.events.length * 10 }
    }).pipe(Effect.onInterrupt(() => Effect.sync(() => void (endpoint.aborted += 1)))),
  ping: Effect.sync(() => {
    endpoint.pings += 1
    return endpoint.well()
  }),
  serverInfo: Effect.succeed(null),
  get fingerprint() {
    return endpoint.fingerprint
  },
  get origin() {
    return endpoint.origin
  }
})

export const epoch = (id: string, over: Partial<Epoch> = {}): Epoch => ({
  id,
  policyVersion: 1,
  level: "full",
  remote: true,
  origin,
  grantedAt: 0,
  remoteEndedAt: null,
  ...over
})

export const effective = (epochs: ReadonlyArray<Epoch>, over: Partial<Effective> = {}): Effective => ({
  enabled: true,
  reason: "consented",
  level: "full",
  remote: true,
  epoch: epochs.at(-1) ?? null,
  optedOutAt: null,
  installationId: null,
  sendable: new Map(epochs.map((e) => [e.id, e])),
  ...over
})

export const off: Effective = effective([], { enabled: false, reason: "opted-out", remote: false })
export const on: Effective = effective([epoch("e1")])

export class Consent extends Context.Tag("test/Consent")<
  Consent,
  { readonly set: (effective: Effective) => Effect.Effect<void> }
>() {}

const consentLayer: Layer.Layer<Consent | ConsentGate.ConsentGate> = Layer.effectContext(
  Effect.gen(function*() {
    const ref = yield* SubscriptionRef.make(on)
    let current = on
    const gate: Partial<ConsentGate.Service> = {
      unsafeCurrent: () => current,
      refresh: Effect.sync(() => current),
      follow: (f) => Effect.zipRight(Stream.runForEach(Stream.changes(ref.changes), f), Effect.never)
    }
    return Context.make(Consent, {
      set: (effective) =>
        Effect.zipRight(
          Effect.sync(() => void (current = effective)),
          SubscriptionRef.set(ref, effective)
        )
    }).pipe(Context.add(ConsentGate.ConsentGate, gate as ConsentGate.Service))
  })
)

export interface Options {
  readonly config?: Partial<TelemetryConfig.TelemetryConfig>
  /** One for each process. */
  readonly pid?: number
  readonly gone?: (pid: number) => boolean
  readonly lower?: (level: Level) => "drop" | "keep"
}

/** What processes share. */
export type Store = Layer.Layer<EventStore | SubmissionQueue | Rollups | RateLimiter.RateLimiter>

export const memory: Store = Layer.mergeAll(
  layerMemory,
  RateLimiter.layer.pipe(Layer.provide(RateLimiter.layerStoreMemory))
)

export const sqlite: Store = RateLimiter.layer.pipe(
  Layer.provide(RateLimiterStore.layerSql),
  Layer.provideMerge(layerTemporary)
)

/** A process over the store: its own submitter, in front of the endpoint. */
export const process = (endpoint: Endpoint, options: Options = {}) => {
  const { gone = () => false, lower = () => "keep", pid = 1 } = options
  const context = Layer.mergeAll(
    TelemetryConfig.layerTest({ burst: 200, rateLimit: 1000, ...options.config }),
    Ids.layerSeeded(pid),
    Layer.succeed(Process, { owner: { id: `p${pid}`, pid }, isGone: gone }),
    Layer.succeed(
      Lowering,
      (event, level) => lower(level) === "drop" ? null : unsafeRedacted({ ...event, data: "{}" })
    ),
    Layer.succeed(Destinations, [{ id: destination, transport: transportOf(endpoint) }])
  )
  return Submitter.layer.pipe(Layer.provide(RateLimit.layer), Layer.provideMerge(context))
}

/** Everything for one process. */
export const world = (endpoint: Endpoint, options: Options = {}, store: Store = memory) =>
  process(endpoint, options).pipe(Layer.provideMerge(shared(store)))

/** For several processes. */
export const shared = (store: Store) => Layer.mergeAll(store, consentLayer)

const rollupsOf = Rollup.folder(() => undefined)
const eventIds = Ids.make((bytes) => globalThis.crypto.getRandomValues(bytes))
const sessionId = eventIds.uuid4()

/** Commits events of one epoch and gives their ids. */
export const record = (count: number, over: { readonly epoch?: string; readonly level?: Level } = {}) =>
  Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    const events = Array.from({ length: count }, () =>
      unsafeRedacted({
        id: eventIds.uuid7(now),
        type: "feature_used",
        time: now,
        data: "{\"n\":1}",
        rate: 1,
        suppressed: 0,
        context: {
          sessionId,
          installationId: null,
          app: { name: "a", version: "1" },
          epoch: over.epoch ?? "e1",
          level: over.level ?? "basic",
          remote: true
        }
      }))
    const store = yield* EventStore
    yield* store.append({
      events,
      rollups: rollupsOf(events),
      destinations: [destination],
      counts: { offered: count },
      queueLimit: 1_000_000
    })
    return events.map((event) => event.id)
  })

export const drain = (person = false, maxRequests?: number) =>
  Effect.flatMap(Submitter.Submitter, (submitter) => submitter.drain({ person, maxRequests }))

export const counts = Effect.flatMap(SubmissionQueue, (queue) => queue.counts(destination))
export const state = Effect.flatMap(SubmissionQueue, (queue) => queue.state(destination))
export const stats = Effect.flatMap(SubmissionQueue, (queue) => queue.stats(destination))
export const dead = Effect.flatMap(SubmissionQueue, (queue) => queue.list(destination, "dead", 0, 1000))
export const waiting = Effect.flatMap(SubmissionQueue, (queue) => queue.list(destination, "waiting", 0, 1000))
