/**
 * Delivers notifications, each until it has arrived or is given up: at least once, and known by its id if more than once.
 *
 * @since 0.1.0
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as RetryPolicy from "../../scheduling/RetryPolicy.js"
import * as Counters from "../Counters.js"
import type { Job } from "../Job.js"
import * as Limits from "../Limits.js"
import * as Outbox from "./Outbox.js"
import * as Webhook from "./Webhook.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** There is something to deliver. */
  readonly wake: Effect.Effect<void>
  /** {@link run}, when there is something, and whenever one is to be tried again. */
  readonly job: Job
  /** Tries all that are due, once each and all at once: one that does not answer keeps no other waiting. */
  readonly run: Effect.Effect<void, SqlError>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class Webhooks extends Context.Tag("effect-telemetry/collector/alerts/Webhooks")<Webhooks, Service>() {}

const retries = RetryPolicy.make({
  baseDelay: Duration.millis(Limits.webhookRetryMillis),
  maxDelay: Duration.millis(Limits.webhookLongestRetryMillis),
  jitterFactor: 0.25
})

const whileLeased = Schedule.exponential(Duration.millis(200)).pipe(
  Schedule.jittered,
  Schedule.upTo(Duration.millis(Limits.webhookLeaseMillis / 2))
)

/** When the next attempt is; null: there is none. */
const nextAt = ({ at, attempts }: Outbox.Waiting, now: number): Effect.Effect<number | null> =>
  Effect.map(RetryPolicy.delayFor(retries, attempts), (delay) => {
    const next = now + Duration.toMillis(delay)
    return next > at + Limits.webhookGiveUpMillis ? null : next
  })

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const client = yield* HttpClient.HttpClient
  const counters = yield* Counters.Counters
  const waiting = yield* Queue.dropping<void>(1)

  const deliver = Effect.fnUntraced(function*(one: Outbox.Waiting): Effect.fn.Return<void, SqlError> {
    if (!(yield* Outbox.take(sql, one, yield* Clock.currentTimeMillis))) return
    const outcome = yield* Webhook.send(client, one)
    const now = yield* Clock.currentTimeMillis
    const next = outcome.delivered ? null : yield* nextAt(one, now)
    Counters.increment(counters.notifications, outcome.delivered ? "delivered" : next === null ? "given_up" : "failed")
    const text = !outcome.delivered && next === null ? `${outcome.text}; given up` : outcome.text
    // What has arrived and is not written down is sent again when the lease ends.
    yield* Effect.retry(Outbox.settle(sql, one, { ...outcome, text }, now, next), whileLeased)
  })

  const run = Effect.gen(function*() {
    const due = yield* Outbox.due(sql, yield* Clock.currentTimeMillis)
    yield* Effect.forEach(due, deliver, { concurrency: "unbounded", discard: true })
    // What follows on one that has arrived need not wait for the next look.
    if (due.length > 0) yield* Queue.offer(waiting, undefined)
  })

  return Webhooks.of({
    wake: Effect.asVoid(Queue.offer(waiting, undefined)),
    job: {
      name: "webhooks",
      due: Effect.asVoid(Effect.timeoutOption(Queue.take(waiting), Duration.millis(Limits.webhookCheckMillis))),
      everyMillis: Limits.webhookCheckMillis,
      run
    },
    run
  })
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  Webhooks,
  never,
  SqlClient.SqlClient | HttpClient.HttpClient | Counters.Counters
> = Layer.effect(Webhooks, make)

/**
 * With the HTTP client of Node.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerNode: Layer.Layer<Webhooks, never, SqlClient.SqlClient | Counters.Counters> = Layer.provide(
  layer,
  NodeHttpClient.layer
)
