/**
 * Events from a request to its answer: who sends them, what they are, and whether the sender may send so many.
 *
 * @since 0.1.0
 */
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Http from "node:http"
import * as Access from "./Access.js"
import * as Batches from "./Batches.js"
import * as Body from "./Body.js"
import * as Counters from "./Counters.js"
import * as Dialect from "./Dialect.js"
import * as Gate from "./Gate.js"
import { Ingest } from "./Ingest.js"
import * as Keys from "./Keys.js"
import * as Limits from "./Limits.js"
import * as Problem from "./Problem.js"
import * as RateLimit from "./RateLimit.js"
import * as Respond from "./Respond.js"

const { answer, json, refuse } = Respond

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Reads the body of the request; whatever is wrong with it, there is an answer. */
  readonly receive: (source: Http.IncomingMessage) => Effect.Effect<HttpServerResponse.HttpServerResponse>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class EventIntake extends Context.Tag("effect-telemetry/collector/EventIntake")<EventIntake, Service>() {}

const idempotencyKeyOf = (source: Http.IncomingMessage): string | undefined => {
  const key = source.headers["idempotency-key"]
  return typeof key === "string" ? key : undefined
}

type Answered = Effect.Effect<HttpServerResponse.HttpServerResponse, Problem.Problem | SqlError>

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = Effect.gen(function*() {
  const keys = yield* Keys.Keys
  const ingest = yield* Ingest
  const limits = yield* Limits.CollectorLimits
  const limit = yield* RateLimit.RateLimit
  const counters = yield* Counters.Counters

  // On Postgres one that is stuck, for another replica holds its row, must not keep the others out.
  const most = Dialect.of(yield* SqlClient.SqlClient).name === "sqlite" ? Limits.parsedBytes : Infinity
  const gate = Gate.make({ most, free: Limits.unwatchedBytes })

  const submit = (
    source: Http.IncomingMessage,
    principal: Keys.Principal,
    events: unknown,
    begun: () => void
  ): Answered => {
    if (!Array.isArray(events)) return Effect.fail(Problem.malformed("events must be an array"))
    if (events.length > limits.maxBatchEvents) {
      return Effect.fail(Problem.tooLarge(`A batch may hold ${limits.maxBatchEvents} events`))
    }
    return Effect.zipRight(
      limit.take(principal.id, events.length),
      Effect.map(
        ingest.batch(events, principal.app, {
          batch: Batches.make(principal.id, idempotencyKeyOf(source), events),
          begun
        }),
        (verdict) => {
          // See Verdict.forget.
          events.length = 0
          return json(verdict)
        }
      )
    )
  }

  /** The body, once there is room for it to be parsed. */
  const parsed = (
    source: Http.IncomingMessage,
    hold: Body.Hold,
    isKnown: boolean,
    use: (body: { readonly [key: string]: unknown }, begun: () => void) => Answered
  ): Answered =>
    Effect.flatMap(
      Body.bytesOfText(source, { limits, counters, hold, isKnown }),
      (body) =>
        gate.through(body.length, (leave) =>
          Effect.flatMap(Body.parseObject(body, "events"), (object) => use(object, leave)))
    )

  const fromClient = (source: Http.IncomingMessage, hold: Body.Hold): Answered =>
    Effect.flatMap(
      Access.sender(keys, source),
      (principal) => parsed(source, hold, true, ({ events }, begun) => submit(source, principal, events, begun))
    )

  const fromBeacon = (source: Http.IncomingMessage, hold: Body.Hold): Answered =>
    parsed(source, hold, false, ({ events, key }, begun) =>
      typeof key === "string"
        ? Effect.flatMap(
          Access.ingestFrom(keys, source, key),
          (principal) => submit(source, principal, events, begun)
        )
        : Effect.fail(Problem.unsupported("text/plain is for beacons, which carry their key in the body")))

  return EventIntake.of({
    receive: (source) => {
      const type = Body.mediaType(source)
      return answer(
        type === "application/json"
          ? Body.holding(counters, (hold) => fromClient(source, hold))
          : type === "text/plain" && source.headers["x-api-key"] === undefined
          ? Body.holding(counters, (hold) => fromBeacon(source, hold))
          : refuse(source, Problem.unsupported("Content-Type must be application/json"))
      )
    }
  })
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  EventIntake,
  never,
  Keys.Keys | Ingest | RateLimit.RateLimit | Counters.Counters | SqlClient.SqlClient
> = Layer.effect(EventIntake, make)
