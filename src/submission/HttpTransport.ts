/**
 * Submits to a collector over HTTP, or to any server that speaks the plain form of its contract.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Outcome from "../domain/Outcome.js"
import * as TelemetryEvent from "../domain/TelemetryEvent.js"
import { version } from "../internal/version.js"
import * as Policy from "../Policy.js"
import { Config } from "../TelemetryConfig.js"
import * as Answer from "./Answer.js"
import * as Compression from "./Compression.js"
import * as Contract from "./Contract.js"
import * as Endpoint from "./Endpoint.js"
import * as Http from "./Http.js"
import { type Batch, type Service, type Submission, Transport } from "./Transport.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly endpoint: Endpoint.Endpoint
  /** Null or empty: no key is sent. */
  readonly apiKey: Redacted.Redacted<string> | null
  /** For connecting, sending and reading the answer. */
  readonly timeout: Duration.Duration
  readonly http: Http.Service
  readonly compression: Compression.Service
}

/**
 * The body of a submission: exactly what leaves the machine, and so what a preview shows.
 *
 * @since 0.1.0
 * @category encoding
 */
export const body = (events: ReadonlyArray<TelemetryEvent.RedactedEvent>): string => {
  let out = "{\"events\":["
  for (let i = 0; i < events.length; i++) out += (i === 0 ? "" : ",") + TelemetryEvent.toJson(events[i]!)
  return out + "]}"
}

/** 64 bits tell a change of address or key, and hold too little of a key to give it back. */
const digest = (text: string): string => {
  let a = 0x811c9dc5
  let b = 0x9e3779b9
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    a = Math.imul(a ^ c, 0x01000193)
    b = Math.imul(b ^ c, 0x5bd1e995) + (b >>> 13)
  }
  return [a, b].map((n) => (n >>> 0).toString(16).padStart(8, "0")).join("")
}

/** What a header can carry. */
const sendableKey = /^[\x21-\x7e]+$/

const decodePing = Schema.decodeUnknownOption(Schema.parseJson(Contract.PingAnswer))
const decodeInfo = Schema.decodeUnknownOption(Schema.parseJson(Contract.ServerInfo))

const agent = { "user-agent": `effect-telemetry/${version}` }

/** What has gone out so far. */
interface Progress {
  bytes: number
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options): Service => {
  const { compression, endpoint, http } = options
  const key = options.apiKey === null ? "" : Redacted.value(options.apiKey)
  const secret = key === "" ? null : key
  const encoder = new TextEncoder()
  const timeoutMillis = Duration.toMillis(options.timeout)
  const keyed: Readonly<Record<string, string>> = secret === null ? agent : { ...agent, "x-api-key": secret }
  let takesGzip = true

  const post = (batch: Batch, bytes: Uint8Array, gzipped: boolean, progress: Progress, timeoutMillis: number) =>
    http.request({
      method: "POST",
      url: endpoint.url,
      headers: {
        ...keyed,
        "content-type": "application/json",
        "idempotency-key": batch.key,
        ...(gzipped ? { "content-encoding": "gzip" } : {})
      },
      body: bytes,
      maxBytes: Policy.maxAnswerBytes,
      timeoutMillis,
      onSent: () => {
        progress.bytes += bytes.length
      }
    })

  const send = (
    batch: Batch,
    progress: Progress,
    started: number
  ): Effect.Effect<Http.HttpResponse, Http.HttpFailure> => {
    const plain = encoder.encode(body(batch.events))
    const postPlain = post(batch, plain, false, progress, timeoutMillis)
    if (!takesGzip || plain.length <= Policy.compressionThresholdBytes) return postPlain
    return Effect.flatMap(compression.gzip(plain), (small) => {
      if (small === null) return postPlain
      return Effect.flatMap(post(batch, small, true, progress, timeoutMillis), (response) => {
        if (response.status !== 415) return Effect.succeed(response)
        takesGzip = false
        return Effect.flatMap(
          Clock.currentTimeMillis,
          (now) => post(batch, plain, false, progress, Math.max(timeoutMillis - (now - started), 0))
        )
      })
    })
  }

  const submit = (batch: Batch): Effect.Effect<Submission> =>
    Effect.flatMap(Clock.currentTimeMillis, (started) => {
      const progress: Progress = { bytes: 0 }
      return send(batch, progress, started).pipe(
        Effect.flatMap((response) =>
          Effect.map(Clock.currentTimeMillis, (now) =>
            Answer.classify(response, { ids: batch.events.map((event) => event.id), now, secret }))
        ),
        Effect.catchAll((failure) =>
          Effect.succeed(Answer.classifyFailure(failure))
        ),
        Effect.map((outcome): Submission => ({ outcome, bytes: progress.bytes }))
      )
    })

  const ask = (url: string, headers: Readonly<Record<string, string>>): Effect.Effect<string | null> =>
    http.request({
      method: "GET",
      url,
      headers,
      body: null,
      maxBytes: Policy.maxAnswerBytes,
      timeoutMillis,
      onSent: () => {}
    }).pipe(
      Effect.map((response) => response.status === 200 && !response.truncated ? response.text : null),
      Effect.catchAll(() => Effect.succeed(null))
    )

  return {
    submit: secret === null || sendableKey.test(secret)
      ? submit
      : () => Effect.succeed(unusable("the API key holds characters that no header can carry: set it again")),
    ping: Effect.map(ask(Endpoint.route(endpoint, "ping"), agent), (text) => decodePing(text)._tag === "Some"),
    serverInfo: Effect.map(ask(Endpoint.route(endpoint, "info"), keyed), (text) => {
      const info = decodeInfo(text)
      if (info._tag === "None") return null
      if (!info.value.acceptsGzip) takesGzip = false
      return info.value
    }),
    fingerprint: Endpoint.fingerprint(endpoint, secret, digest),
    origin: endpoint.origin
  }
}

const unusable = (message: string): Submission => ({
  outcome: Outcome.Misconfigured({ status: null, reason: "endpoint", message }),
  bytes: 0
})

/**
 * Stands where no endpoint can be used: sends nothing and says why, so that events wait until one is set.
 *
 * @since 0.1.0
 * @category constructors
 */
export const misconfigured = (message: string, address: string | null): Service => ({
  submit: () => Effect.succeed(unusable(message)),
  ping: Effect.succeed(false),
  serverInfo: Effect.succeed(null),
  fingerprint: digest(address ?? ""),
  origin: null
})

/**
 * The transport to the configured endpoint.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Transport, never, Config | Http.Http | Compression.Compression> = Layer.effect(
  Transport,
  Effect.gen(function*() {
    const { apiKey, endpoint, timeout } = yield* Config
    const http = yield* Http.Http
    const compression = yield* Compression.Compression
    if (endpoint === null) return misconfigured("no endpoint is set: events are kept until there is one", null)
    return Either.match(Endpoint.parse(endpoint), {
      onLeft: (error) => misconfigured(error.message, endpoint),
      onRight: (parsed) => make({ endpoint: parsed, apiKey, timeout, http, compression })
    })
  })
)
