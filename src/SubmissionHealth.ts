/**
 * How complete the other figures are: `submission_health`, at most once an hour and only when there is something to tell.
 * Each event holds what came since the one before it, so that they add up.
 *
 * What was told last is kept in the store, for programs that run for seconds and for several processes over one store.
 * Figures of one consent are never told under another.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Collector } from "./collection/Collector.js"
import { ConsentGate, until } from "./consent/ConsentGate.js"
import * as EventCatalog from "./domain/EventCatalog.js"
import * as Histogram from "./domain/Histogram.js"
import * as Ledger from "./domain/Ledger.js"
import { EventStore } from "./persistence/EventStore.js"
import { type Stats, SubmissionQueue, waiting } from "./persistence/SubmissionQueue.js"
import { Process } from "./scheduling/Process.js"
import { Config } from "./TelemetryConfig.js"

/**
 * Under this name, beside the destinations, the store keeps what was told last.
 *
 * @since 0.1.0
 * @category constants
 */
export const stateId = "$submission_health"

/**
 * Milliseconds between two events.
 *
 * @since 0.1.0
 * @category constants
 */
export const everyMillis = 3_600_000

/** Whoever tells has the right to for so long; the others find that it was told. */
const tellingMillis = 60_000

/**
 * Sums since the store was made.
 *
 * @since 0.1.0
 * @category models
 */
export interface Totals {
  readonly submitted: number
  readonly failed: number
  readonly rejected: number
  readonly retries: number
  readonly dropped: number
}

/** The consent that the figures are of, and what they were. */
interface Told {
  readonly epoch: string
  readonly totals: Totals
}

const terms = ["submitted", "failed", "rejected", "retries", "dropped"] as const

const each = (f: (term: keyof Totals) => number): Totals => ({
  submitted: f("submitted"),
  failed: f("failed"),
  rejected: f("rejected"),
  retries: f("retries"),
  dropped: f("dropped")
})

/** As it is kept: a word and five numbers. */
const encode = ({ epoch, totals }: Told): string => [epoch, ...terms.map((term) => totals[term])].join(" ")

const decode = (text: string | null): Told | null => {
  const [epoch, ...numbers] = (text ?? "").split(" ")
  const totals = each((term) => Number(numbers[terms.indexOf(term)]))
  return epoch === undefined || terms.some((term) => !Number.isFinite(totals[term])) ? null : { epoch, totals }
}

/** What a person has erased, lowered or thrown away was not lost. */
const losses: ReadonlySet<string> = new Set<Ledger.CaptureTerm>([
  "dropped:overflow",
  "dropped:invalid",
  "dropped:oversize",
  "dropped:store",
  "dropped:closed",
  "dropped:expired"
])

/**
 * What came since; null when there is nothing to tell. One event that was sent is no news: the last of these was one.
 *
 * @since 0.1.0
 * @category decisions
 */
export const since = (told: Totals, now: Totals): Totals | null => {
  // Sums fall only where the store was made anew.
  const news = each((term) => now[term] < told[term] ? now[term] : now[term] - told[term])
  return news.submitted > 1 || news.rejected > 0 || news.dropped > 0 ? news : null
}

const make = Effect.gen(function*() {
  const config = yield* Config
  const gate = yield* ConsentGate
  const collector = yield* Collector
  const store = yield* EventStore
  const queue = yield* SubmissionQueue
  const { isGone, owner } = yield* Process

  const totalsOf = (stats: ReadonlyArray<Stats>, ledger: Ledger.Snapshot): Totals => {
    let dropped = 0
    for (const terms of [ledger.capture, ...Object.values(Ledger.only(ledger, config.destinations).destinations)]) {
      for (const [term, count] of Object.entries(terms)) {
        if (losses.has(term)) dropped += count ?? 0
      }
    }
    return each((term) => term === "dropped" ? dropped : stats.reduce((n, one) => n + one[term], 0))
  }

  const read = Effect.gen(function*() {
    const stats = yield* Effect.forEach(config.destinations, queue.stats)
    return { stats, totals: totalsOf(stats, yield* store.ledger) }
  })

  const keep = (told: Told, at: number) =>
    Effect.flatMap(
      queue.state(stateId),
      (state) => queue.setState(stateId, { ...state, lastAttemptAt: at, fingerprint: encode(told) })
    )

  const last = Effect.map(queue.state(stateId), ({ fingerprint, lastAttemptAt }) => ({
    at: lastAttemptAt ?? 0,
    told: decode(fingerprint)
  }))

  const isDue = (at: number, now: number): boolean => now < at || now - at >= everyMillis

  const tell = (epoch: string, now: number) =>
    Effect.gen(function*() {
      if (!(yield* queue.acquire(stateId, owner, now, now + tellingMillis, isGone))) return
      const { at, told } = yield* last
      if (told === null || told.epoch !== epoch || !isDue(at, now)) return
      const { stats, totals } = yield* read
      const news = since(told.totals, totals)
      if (news === null) return
      yield* keep({ epoch, totals }, now)
      const latency = stats.map((one) => Histogram.fromPairs(one.latency)).reduce(Histogram.merge, Histogram.empty)
      const counts = yield* Effect.forEach(config.destinations, queue.counts)
      collector.unsafeTrack(EventCatalog.SubmissionHealth, {
        ...news,
        queueSize: counts.reduce((n, one) => n + waiting(one), 0),
        latencyP95: Histogram.quantile(latency, 0.95) ?? undefined
      })
    })

  return Effect.gen(function*() {
    const { epoch } = gate.unsafeCurrent()
    if (epoch === null) return
    const now = yield* Clock.currentTimeMillis
    const { at, told } = yield* last
    if (told?.epoch !== epoch.id) yield* keep({ epoch: epoch.id, totals: (yield* read).totals }, now)
    else if (isDue(at, now)) yield* tell(epoch.id, now)
  })
})

const watch = Effect.gen(function*() {
  const gate = yield* ConsentGate
  const look = Effect.catchAllCause(
    yield* make,
    (cause) => Effect.logDebug("telemetry: submission health was not told", cause)
  )
  const step = Effect.suspend(() => {
    const seen = gate.unsafeCurrent()
    const changed = until(gate, (now) => now !== seen)
    return Effect.zipRight(look, seen.enabled ? Effect.raceFirst(changed, Effect.sleep(everyMillis)) : changed)
  })
  yield* step.pipe(Effect.forever, Effect.withTracerEnabled(false), Effect.interruptible, Effect.forkScoped)
})

/**
 * Looks at the start, when consent changes and every hour. Only with `automatic` in the configuration, and nothing while
 * telemetry is off.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  never,
  never,
  Collector | ConsentGate | Config | EventStore | SubmissionQueue | Process
> = Layer.scopedDiscard(Effect.flatMap(Config, ({ automatic }) => automatic ? watch : Effect.void))
