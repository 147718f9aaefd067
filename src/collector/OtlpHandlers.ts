/**
 * `POST /v1/logs`: what an OpenTelemetry SDK or Collector sends, stored as events.
 *
 * @since 0.1.0
 */
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Http from "node:http"
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

type Values = { readonly [key: string]: unknown }

const protobufType = "application/x-protobuf"

/** How one encoding is read and written; the library for protobuf is loaded with the first request that needs it. */
interface Format {
  readonly read: (source: Http.IncomingMessage, body: ReadBody) => Effect.Effect<Values, Problem.Problem>
  readonly answer: (answer: ReturnType<typeof partial>) => Effect.Effect<HttpServerResponse.HttpServerResponse>
  readonly refuse: (problem: Problem.Problem) => Effect.Effect<HttpServerResponse.HttpServerResponse>
}

interface ReadBody {
  readonly bytesOfText: (source: Http.IncomingMessage) => Effect.Effect<Buffer, Problem.Problem>
  readonly bytes: (source: Http.IncomingMessage) => Effect.Effect<Uint8Array, Problem.Problem>
}

const json: Format = {
  read: (source, body) => Effect.flatMap(body.bytesOfText(source), (bytes) => Body.parseObject(bytes)),
  answer: (answer) => Effect.succeed(Respond.json(answer)),
  refuse: (problem) => Effect.succeed(Problem.toResponse(problem))
}

const library = Effect.promise(() => import("./OtlpProtobuf.js"))

const inBytes = (body: Uint8Array, status: number) =>
  HttpServerResponse.uint8Array(body, { status, contentType: protobufType })

const protobuf: Format = {
  read: (source, body) =>
    Effect.flatMap(Effect.all([library, body.bytes(source)]), ([{ decode, holdsMoreMessages }, bytes]) => {
      if (holdsMoreMessages(bytes, Limits.maxMessages)) {
        return Effect.fail(Problem.tooLarge(`The body may hold ${Limits.maxMessages} messages`))
      }
      const values = decode(bytes)
      return values === null
        ? Effect.fail(Problem.malformed("The body is no ExportLogsServiceRequest"))
        : Effect.succeed(values)
    }),
  answer: (answer) => Effect.map(library, ({ encodeAnswer }) => inBytes(encodeAnswer(answer), 200)),
  refuse: (problem) =>
    Effect.map(library, ({ encodeProblem }) =>
      HttpServerResponse.setHeaders(
        inBytes(encodeProblem(problem), problem.status),
        problem.retryAfterSeconds === undefined ? {} : { "retry-after": String(problem.retryAfterSeconds) }
      ))
}

const formats: ReadonlyMap<string, Format> = new Map([["application/json", json], [protobufType, protobuf]])

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

    const bodyOf = (hold: Body.Hold): ReadBody => {
      const means = { limits, counters, hold, isKnown: true }
      return {
        bytesOfText: (source) => Body.bytesOfText(source, means),
        bytes: (source) => Body.bytes(source, means)
      }
    }

    /** In slices: a request may hold more than a batch. Sent again after a failure, what was stored is known by its id. */
    const store = Effect.fnUntraced(function*(records: OtlpLogs.Records, app: string | null) {
      const eventsOf = OtlpLogs.converter(yield* Clock.currentTimeMillis)
      let rejected = 0
      let reason: string | undefined
      for (let from = 0; from < records.length; from += limits.maxBatchEvents) {
        const verdict = yield* ingest.batch(eventsOf(records.slice(from, from + limits.maxBatchEvents)), app)
        rejected += verdict.rejected
        reason ??= verdict.rejections?.[0]?.reason ?? verdict.errors?.[0]
      }
      return partial(rejected, reason)
    })

    const receive = Effect.fnUntraced(function*(source: Http.IncomingMessage, format: Format, hold: Body.Hold) {
      const principal = yield* Access.sender(keys, source)
      const records = OtlpLogs.records(yield* format.read(source, bodyOf(hold)))
      if (records === null) return yield* Problem.malformed("resourceLogs must be an array")
      yield* limit.take(principal.id, records.length)
      return yield* format.answer(yield* store(records, principal.app))
    })

    return handlers.handleRaw("logs", (request) => {
      const source = Respond.sourceOf(request)
      const format = formats.get(Body.mediaType(source))
      if (format === undefined) {
        return Respond.answer(
          Respond.refuse(source, Problem.unsupported(`Content-Type must be application/json or ${protobufType}`))
        )
      }
      return Effect.catchAll(
        Body.holding(counters, (hold) => receive(source, format, hold)),
        (failure: Problem.Problem | SqlError) => Effect.flatMap(Respond.problemOf(failure), format.refuse)
      )
    })
  }))
