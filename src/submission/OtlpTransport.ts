/**
 * Submits to any OpenTelemetry endpoint over OTLP/HTTP in JSON: logs to `/v1/logs`, spans to `/v1/traces`, metrics to
 * `/v1/metrics`, beneath the endpoint. Every event that is neither a span nor a metric goes as a log record.
 *
 * OTLP knows no idempotency key: what was sent when the answer got lost is sent again, and a backend may store it twice. Log
 * records carry the id of their event as `log.record.uid`; spans have ids of their own, and points of metrics are of a time.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { MetricSampled, SpanEnded } from "../domain/events/Signals.js"
import * as Outcome from "../domain/Outcome.js"
import type { ConsentedEvent } from "../domain/TelemetryEvent.js"
import { Config } from "../TelemetryConfig.js"
import * as Compression from "./Compression.js"
import * as Credentials from "./Credentials.js"
import * as Endpoint from "./Endpoint.js"
import * as Exchange from "./Exchange.js"
import * as Http from "./Http.js"
import * as HttpTransport from "./HttpTransport.js"
import * as Logs from "./otlp/Logs.js"
import * as Metrics from "./otlp/Metrics.js"
import type { Metric, Signal, Span } from "./otlp/Protocol.js"
import * as Traces from "./otlp/Traces.js"
import * as Verdict from "./otlp/Verdict.js"
import { type Batch, type Service, type Submission, Transport } from "./Transport.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Without `/v1/logs` and its like: they are added. */
  readonly endpoint: Endpoint.Endpoint
  /** Names in lower case; values are secrets, such as `authorization`. */
  readonly headers: Readonly<Record<string, Redacted.Redacted<string>>>
  /** For each request. */
  readonly timeout: Duration.Duration
  readonly http: Http.Service
  readonly compression: Compression.Service
}

interface Request {
  readonly signal: Signal
  readonly ids: ReadonlyArray<string>
  readonly body: string
}

/** At most one request for each signal, with its events in order. */
const requests = (events: ReadonlyArray<ConsentedEvent>): ReadonlyArray<Request> => {
  const spans: Array<{ readonly event: ConsentedEvent; readonly span: typeof Span.Type }> = []
  const metrics: Array<{ readonly event: ConsentedEvent; readonly metric: typeof Metric.Type }> = []
  const logs: Array<ConsentedEvent> = []
  for (const event of events) {
    const span = event.type === SpanEnded.type ? Traces.span(event) : null
    const metric = event.type === MetricSampled.type ? Metrics.metric(event) : null
    if (span !== null) spans.push({ event, span })
    else if (metric !== null) metrics.push({ event, metric })
    else logs.push(event)
  }
  const out: Array<Request> = []
  const add = (signal: Signal, sent: ReadonlyArray<ConsentedEvent>, body: object): void => {
    if (sent.length > 0) out.push({ signal, ids: sent.map((event) => event.id), body: JSON.stringify(body) })
  }
  add("logs", logs, Logs.request(logs))
  add("traces", spans.map(({ event }) => event), Traces.request(spans))
  add("metrics", metrics.map(({ event }) => event), Metrics.request(metrics))
  return out
}

const together = (
  parts: ReadonlyArray<{ readonly ids: ReadonlyArray<string>; readonly submission: Submission }>
): Submission => ({
  outcome: parts.length === 1
    ? parts[0]!.submission.outcome
    : Outcome.Divided({ parts: parts.map(({ ids, submission }) => ({ ids, outcome: submission.outcome })) }),
  bytes: parts.reduce((sum, { submission }) => sum + submission.bytes, 0)
})

const headerName = /^[a-z0-9-]{1,64}$/

/** The one header value that holds a space is the common one: `Bearer …`. */
const isSendable = (value: string): boolean => value.split(" ").every(Credentials.isSendable)

const own: ReadonlySet<string> = new Set([
  "content-type",
  "content-encoding",
  "content-length",
  "host",
  "connection",
  "user-agent"
])

const unusable = (headers: Readonly<Record<string, string>>): string | null => {
  for (const [name, value] of Object.entries(headers)) {
    if (!headerName.test(name) || own.has(name)) return "the headers hold a name that cannot be set: remove it"
    if (!isSendable(value)) return `the header ${name} holds characters that no header can carry: set it again`
  }
  return null
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options): Service => {
  const { endpoint } = options
  const headers = Object.fromEntries(
    Object.entries(options.headers).map(([name, value]) => [name, Redacted.value(value)])
  )
  const secrets = Object.values(headers).flatMap((value) => [value, ...value.split(" ").slice(1)]).filter(Boolean)
  const problem = unusable(headers)
  const exchange = Exchange.make(options)

  const post = ({ body, ids, signal }: Request) =>
    Effect.map(
      exchange.post({
        url: Endpoint.route(endpoint, `v1/${signal}`),
        headers: { ...headers, ...Credentials.agent },
        body,
        classify: (response, now) => Verdict.classify(response, { signal, ids, now, secrets })
      }),
      (submission) => ({ ids, submission })
    )

  const submit = (batch: Batch): Effect.Effect<Submission> =>
    Effect.suspend(() =>
      Effect.map(Effect.forEach(requests(batch.events), post, { concurrency: "unbounded" }), together)
    )

  return {
    submit: problem === null ? submit : HttpTransport.misconfigured(problem, null).submit,
    // There is no such call in OTLP.
    ping: Effect.succeed(false),
    serverInfo: Effect.succeed(null),
    fingerprint: Endpoint.fingerprint(endpoint, JSON.stringify(headers), Credentials.digest),
    origin: endpoint.origin
  }
}

/**
 * @since 0.1.0
 * @category models
 */
export interface LayerOptions {
  /** The address without `/v1/logs` and its like; by default the configured endpoint. */
  readonly endpoint?: string | undefined
  /**
   * What the backend wants beside the events, such as `{ authorization: Redacted.make("Bearer …") }`; by default the
   * configured API key as `x-api-key`.
   */
  readonly headers?: Readonly<Record<string, Redacted.Redacted<string>>> | undefined
}

/**
 * The transport to an OpenTelemetry endpoint. Its origin has to be the one that was consented to.
 *
 * @example
 * import * as Redacted from "effect/Redacted"
 * import * as Signals from "effect-telemetry/domain/events/Signals"
 * import * as TelemetryNode from "effect-telemetry/node"
 * import * as OtlpTransport from "effect-telemetry/submission/OtlpTransport"
 *
 * export const TelemetryLive = TelemetryNode.layer({
 *   app: { name: "ax", version: "2.0.0" },
 *   endpoint: "https://otlp.example.com",
 *   events: Signals.all,
 *   transports: {
 *     default: OtlpTransport.layer({ headers: { authorization: Redacted.make("Bearer …") } })
 *   }
 * })
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options: LayerOptions = {}
): Layer.Layer<Transport, never, Config | Http.Http | Compression.Compression> =>
  Layer.effect(
    Transport,
    Effect.gen(function*() {
      const config = yield* Config
      const http = yield* Http.Http
      const compression = yield* Compression.Compression
      const address = options.endpoint ?? config.endpoint
      if (address === null) {
        return HttpTransport.misconfigured("no endpoint is set: events are kept until there is one", null)
      }
      const headers: LayerOptions["headers"] = options.headers ??
        (config.apiKey === null || Redacted.value(config.apiKey) === "" ? {} : { "x-api-key": config.apiKey })
      return Either.match(Endpoint.parse(address), {
        onLeft: (error) => HttpTransport.misconfigured(error.message, address),
        onRight: (endpoint) => make({ endpoint, headers, timeout: config.timeout, http, compression })
      })
    })
  )
