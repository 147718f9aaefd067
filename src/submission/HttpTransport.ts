/**
 * Submits to a collector over HTTP, or to any server that speaks the plain form of its contract.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Outcome from "../domain/Outcome.js"
import * as TelemetryEvent from "../domain/TelemetryEvent.js"
import * as Policy from "../Policy.js"
import { Config } from "../TelemetryConfig.js"
import * as Answer from "./Answer.js"
import * as Compression from "./Compression.js"
import * as Contract from "./Contract.js"
import * as Credentials from "./Credentials.js"
import * as Endpoint from "./Endpoint.js"
import * as Exchange from "./Exchange.js"
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

const decodePing = Schema.decodeUnknownOption(Schema.parseJson(Contract.PingAnswer))
const decodeInfo = Schema.decodeUnknownOption(Schema.parseJson(Contract.ServerInfo))

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options): Service => {
  const { endpoint, http } = options
  const key = options.apiKey === null ? "" : Redacted.value(options.apiKey)
  const secret = key === "" ? null : key
  const keyed: Readonly<Record<string, string>> = secret === null
    ? Credentials.agent
    : { ...Credentials.agent, "x-api-key": secret }
  const exchange = Exchange.make(options)

  const submit = (batch: Batch): Effect.Effect<Submission> =>
    Effect.suspend(() =>
      exchange.post({
        url: endpoint.url,
        headers: { ...keyed, "idempotency-key": batch.key },
        body: body(batch.events),
        classify: (response, now) =>
          Answer.classify(response, { ids: batch.events.map((event) => event.id), now, secret })
      })
    )

  const ask = (url: string, headers: Readonly<Record<string, string>>): Effect.Effect<string | null> =>
    http.request({
      method: "GET",
      url,
      headers,
      body: null,
      maxBytes: Policy.maxAnswerBytes,
      timeoutMillis: Duration.toMillis(options.timeout),
      onSent: () => {}
    }).pipe(
      Effect.map((response) => response.status === 200 && !response.truncated ? response.text : null),
      Effect.catchAll(() => Effect.succeed(null))
    )

  return {
    submit: secret === null || Credentials.isSendable(secret)
      ? submit
      : () => Effect.succeed(unusable("the API key holds characters that no header can carry: set it again")),
    ping: Effect.map(
      ask(Endpoint.route(endpoint, "ping"), Credentials.agent),
      (text) => decodePing(text)._tag === "Some"
    ),
    serverInfo: Effect.map(ask(Endpoint.route(endpoint, "info"), keyed), (text) => {
      const info = decodeInfo(text)
      if (info._tag === "None") return null
      if (!info.value.acceptsGzip) exchange.unsafePlain()
      return info.value
    }),
    fingerprint: Endpoint.fingerprint(endpoint, secret, Credentials.digest),
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
  fingerprint: Credentials.digest(address ?? ""),
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
