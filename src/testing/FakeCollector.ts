/**
 * A collector in memory that speaks the contract, remembers everything and does wrong what it is told to. It stands behind
 * the {@link Http} port, so that a whole client runs against it under `TestClock`; a socket can be put before it as well.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { WireEvent } from "../domain/TelemetryEvent.js"
import { ErasureRequest } from "../submission/Contract.js"
import { Http } from "../submission/Http.js"
import * as FakeHttp from "./FakeHttp.js"
import * as Fault from "./Fault.js"

/**
 * The address that {@link layer} answers at.
 *
 * @since 0.1.0
 * @category constants
 */
export const endpoint = "http://127.0.0.1:4318/v1/events"

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Requests without this key are answered 401. */
  readonly apiKey?: string | undefined
  /** Default true; else a compressed body is answered 415. */
  readonly acceptsGzip?: boolean | undefined
  /** More events in a batch are answered 413. Default 1,000. */
  readonly maxBatchEvents?: number | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface CollectorRequest {
  readonly method: string
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Decompressed. */
  readonly body: string
}

/**
 * What happens to a batch that holds an event which `matches`.
 *
 * - `refuse`: the whole batch is answered 400
 * - `break`: the whole batch is answered 500
 * - `reject`: the event is refused by name, the others are stored
 * - `reject-unnamed`: the same, and the answer does not say which
 *
 * @since 0.1.0
 * @category models
 */
export interface Rule {
  readonly matches: (event: WireEvent) => boolean
  readonly action: "refuse" | "break" | "reject" | "reject-unnamed"
  /** Only with `reject`. Default false. */
  readonly retryable?: boolean | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Answers one request. Synchronous. */
  readonly handle: (request: CollectorRequest) => Effect.Effect<Fault.Reply>
  /** The next `n` submissions go wrong in this way; after earlier ones that were ordered. Pings are not counted. */
  readonly failNext: (n: number, fault: Fault.Fault) => Effect.Effect<void>
  /** Every request goes wrong in this way until {@link Service.up}, pings as well. */
  readonly down: (fault: Fault.Fault) => Effect.Effect<void>
  /** Everything is well again; what `failNext` has ordered is forgotten. Rules stay. */
  readonly up: Effect.Effect<void>
  readonly addRule: (rule: Rule) => Effect.Effect<void>
  readonly clearRules: Effect.Effect<void>
  /** What is stored, by id, in the order of arrival. */
  readonly events: Effect.Effect<ReadonlyMap<string, WireEvent>>
  /** Events that came again after they had been stored. */
  readonly duplicates: Effect.Effect<number>
  /** Everything that came, answered or not, with the time it came at. */
  readonly requests: Effect.Effect<ReadonlyArray<CollectorRequest & { readonly at: number }>>
}

/**
 * @since 0.1.0
 * @category tags
 */
export class FakeCollector extends Context.Tag("effect-telemetry/testing/FakeCollector")<FakeCollector, Service>() {}

const decodeBody = Schema.decodeUnknownEither(
  Schema.parseJson(Schema.Struct({ events: Schema.Array(Schema.Unknown) }))
)
const decodeErasure = Schema.decodeUnknownEither(Schema.parseJson(ErasureRequest))
const decodeEvent = Schema.decodeUnknownEither(WireEvent)

const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Fault.Reply =>
  Fault.Reply.Answer({
    status,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body)
  })

const refuse = (status: number, code: string): Fault.Reply => json(status, { error: { code, message: code } })

interface Rejection {
  readonly id: string
  readonly reason: string
  readonly retryable: boolean
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Service => {
  const stored = new Map<string, WireEvent>()
  const seen: Array<CollectorRequest & { readonly at: number }> = []
  const maxBatchEvents = options.maxBatchEvents ?? 1000
  let rules: ReadonlyArray<Rule> = []
  let ordered: ReadonlyArray<Fault.Fault> = []
  let lasting: Fault.Fault | null = null
  let duplicates = 0

  const store = (event: WireEvent): number => {
    if (stored.has(event.id)) return 1
    stored.set(event.id, event)
    return 0
  }

  const ingest = (body: string): Fault.Reply => {
    const decoded = decodeBody(body)
    if (Either.isLeft(decoded)) return refuse(400, "malformed")
    const given = decoded.right.events
    if (given.length > maxBatchEvents) return refuse(413, "too_large")
    const good: Array<WireEvent> = []
    const rejections: Array<Rejection> = []
    let unnamed = 0
    for (const one of given) {
      const event = decodeEvent(one)
      if (Either.isLeft(event)) {
        const id = typeof one === "object" && one !== null && "id" in one ? String(one.id) : ""
        rejections.push({ id, reason: "not an event", retryable: false })
        continue
      }
      const rule = rules.find((rule) => rule.matches(event.right))
      if (rule === undefined) good.push(event.right)
      else if (rule.action === "refuse") return refuse(400, "refused")
      else if (rule.action === "break") return refuse(500, "broken")
      else if (rule.action === "reject-unnamed") unnamed++
      else rejections.push({ id: event.right.id, reason: "refused by rule", retryable: rule.retryable ?? false })
    }
    let again = 0
    for (const event of good) again += store(event)
    duplicates += again
    const rejected = rejections.length + unnamed
    const answer = { success: rejected === 0, accepted: good.length, rejected, duplicates: again }
    return json(200, rejected === 0 || unnamed > 0 ? answer : { ...answer, rejections })
  }

  const erase = (body: string): Fault.Reply => {
    const decoded = decodeErasure(body)
    if (Either.isLeft(decoded)) return refuse(400, "malformed")
    const { installationId, requestId, sessionIds = [] } = decoded.right
    const named = new Set([...sessionIds, ...installationId === undefined ? [] : [installationId]])
    for (const [id, event] of stored) {
      if (named.has(event.sessionId) || named.has(event.installationId ?? "")) stored.delete(id)
    }
    return json(202, { requestId, status: "accepted" })
  }

  const misbehave = (fault: Fault.Fault, request: CollectorRequest): Fault.Reply =>
    Fault.$match(fault, {
      Hang: () => Fault.Reply.Silence(),
      Reset: () => Fault.Reply.Close(),
      LostAck: () => {
        if (request.method === "POST") ingest(request.body)
        return Fault.Reply.Close()
      },
      TornAnswer: () => {
        const reply = request.method === "POST" ? ingest(request.body) : json(200, { ok: true })
        return Fault.Reply.Half({ body: reply._tag === "Answer" ? reply.body : "{}" })
      },
      Status: ({ retryAfter, status }) =>
        json(
          status,
          { error: { code: `status_${status}`, message: "as ordered" } },
          retryAfter === undefined ? {} : { "retry-after": retryAfter }
        ),
      Html: () =>
        Fault.Reply.Answer({
          status: 200,
          headers: { "content-type": "text/html" },
          body: "<!doctype html><title>Sign in to the network</title>"
        }),
      Raw: ({ body, headers, status }) => Fault.Reply.Answer({ status, headers: headers ?? {}, body }),
      Redirect: ({ location, status }) => Fault.Reply.Answer({ status, headers: { location }, body: "" }),
      Drip: () => Fault.Reply.Trickle(),
      Flood: ({ bytes }) => Fault.Reply.Answer({ status: 200, headers: {}, body: "x".repeat(bytes) })
    })

  const respond = (request: CollectorRequest): Fault.Reply => {
    const posting = request.method === "POST"
    if (lasting !== null) return misbehave(lasting, request)
    if (request.method === "GET" && request.path.endsWith("/ping")) return json(200, { ok: true })
    const [next, ...rest] = ordered
    if (posting && next !== undefined) {
      ordered = rest
      return misbehave(next, request)
    }
    if (options.apiKey !== undefined && request.headers["x-api-key"] !== options.apiKey) {
      return refuse(401, "unauthorized")
    }
    const gzipped = request.headers["content-encoding"] === "gzip"
    if (posting && request.path.endsWith("/erasure")) return erase(request.body)
    if (posting) return gzipped && options.acceptsGzip === false ? refuse(415, "encoding") : ingest(request.body)
    if (request.method !== "GET" || !request.path.endsWith("/info")) return refuse(404, "not_found")
    return json(200, {
      name: "fake",
      version: "0.0.0",
      maxBatchEvents,
      maxBodyBytes: 1024 * 1024,
      acceptsGzip: options.acceptsGzip ?? true,
      schemaVersions: [1]
    })
  }

  return {
    handle: (request) =>
      Effect.map(Clock.currentTimeMillis, (at) => {
        seen.push({ ...request, at })
        return respond(request)
      }),
    failNext: (n, fault) => Effect.sync(() => void (ordered = [...ordered, ...Array.from({ length: n }, () => fault)])),
    down: (fault) => Effect.sync(() => void (lasting = fault)),
    up: Effect.sync(() => {
      lasting = null
      ordered = []
    }),
    addRule: (rule) => Effect.sync(() => void (rules = [...rules, rule])),
    clearRules: Effect.sync(() => void (rules = [])),
    events: Effect.sync(() => new Map(stored)),
    duplicates: Effect.sync(() => duplicates),
    requests: Effect.sync(() => [...seen])
  }
}

/**
 * A fake collector behind the `Http` port.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWith = (options: Options): Layer.Layer<FakeCollector | Http> =>
  Layer.effectContext(Effect.sync(() => {
    const collector = make(options)
    return Context.make(FakeCollector, collector).pipe(Context.add(Http, FakeHttp.make(collector.handle)))
  }))

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<FakeCollector | Http> = layerWith({})
