/**
 * `POST /v1/logs`: what an OpenTelemetry SDK or Collector sends, stored as events.
 *
 * @since 0.1.0
 */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Access from "./Access.js"
import { Api } from "./Api.js"
import * as Body from "./Body.js"
import * as Counters from "./Counters.js"
import { Ingest } from "./Ingest.js"
import * as Keys from "./Keys.js"
import * as Limits from "./Limits.js"
import * as OtlpLogs from "./OtlpLogs.js"
import * as Problem from "./Problem.js"
import * as RateLimit from "./RateLimit.js"
import * as Respond from "./Respond.js"

/** Refused records are named by their number, and the first reason. */
const partial = (rejected: number, reason: string | undefined) =>
  rejected === 0 ? {} : { partialSuccess: { rejectedLogRecords: String(rejected), errorMessage: reason ?? "" } }

/**
 * @since 0.1.0
 * @category handlers
 */
export const otlp = HttpApiBuilder.group(Api, "otlp", (handlers) =>
  Effect.gen(function*() {
    const keys = yield* Keys.Keys
    const ingest = yield* Ingest
    const limits = yield* Limits.CollectorLimits
    const limit = yield* RateLimit.RateLimit
    const counters = yield* Counters.Counters

    /** In slices: a request may hold more than a batch. Sent again after a failure, what was stored is known by its id. */
    const store = Effect.fnUntraced(function*(events: ReadonlyArray<unknown>, app: string | null) {
      let rejected = 0
      let reason: string | undefined
      for (let from = 0; from < events.length; from += limits.maxBatchEvents) {
        const verdict = yield* ingest.batch(events.slice(from, from + limits.maxBatchEvents), app)
        rejected += verdict.rejected
        reason ??= verdict.rejections?.[0]?.reason ?? verdict.errors?.[0]
      }
      return Respond.json(partial(rejected, reason))
    })

    return handlers.handleRaw("logs", (request) => {
      const source = Respond.sourceOf(request)
      if (Body.mediaType(source) !== "application/json") {
        return Respond.answer(
          Respond.refuse(source, Problem.unsupported("Content-Type must be application/json: OTLP/HTTP with JSON"))
        )
      }
      return Respond.answer(Effect.gen(function*() {
        const principal = yield* Effect.tapError(
          Access.authorize(keys, Access.keyOf(source), ["ingest"]),
          () => Effect.sync(() => source.resume())
        )
        const body = yield* Effect.flatMap(
          Body.text(source, limits, (bytes) => {
            counters.bodyBytes += bytes
          }),
          Body.parseObject
        )
        const events = OtlpLogs.events(body, yield* Clock.currentTimeMillis)
        if (events === null) return yield* Problem.malformed("resourceLogs must be an array")
        yield* limit.take(principal.id, events.length)
        return yield* store(events, principal.app)
      }))
    })
  }))
