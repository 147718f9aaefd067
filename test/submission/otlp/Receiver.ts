/**
 * An OTLP/HTTP endpoint of the tests' own. It knows the JSON form from the specification, not from `src`: every object may hold
 * the members named here and no other, and each must be of its kind. Then OpenTelemetry's own messages have to hold all of it.
 */
import * as Effect from "effect/Effect"
import type { CollectorRequest } from "../../../src/testing/FakeCollector.js"
import type { Reply } from "../../../src/testing/Fault.js"
import * as Official from "./Official.js"

type Check = (value: unknown, at: string) => ReadonlyArray<string>

const must = (test: (value: unknown) => boolean, what: string): Check => (value, at) =>
  test(value) ? [] : [`${at}: ${what}, not ${JSON.stringify(value)}`]

const text = must((value) => typeof value === "string", "text")
const flag = must((value) => typeof value === "boolean", "a boolean")
const double = must((value) => typeof value === "number" && Number.isFinite(value), "a number")
const small = must((value) => typeof value === "number" && Number.isInteger(value), "a whole number")
const whole = (from: bigint, to: bigint) => (value: unknown): boolean =>
  typeof value === "string" && /^-?\d+$/.test(value) && BigInt(value) >= from && BigInt(value) <= to
const int64 = must(whole(-(2n ** 63n), 2n ** 63n - 1n), "a 64-bit integer as text")
const uint64 = must(whole(0n, 2n ** 64n - 1n), "an unsigned 64-bit integer as text")
const hex = (digits: number) =>
  must(
    (value) => typeof value === "string" && new RegExp(`^(?!0+$)[0-9a-f]{${digits}}$`).test(value),
    `${digits} hex digits, not all of them 0`
  )

const list = (check: Check): Check => (value, at) =>
  Array.isArray(value) ? value.flatMap((item, i) => check(item, `${at}[${i}]`)) : [`${at}: a list`]

const object =
  (members: Readonly<Record<string, Check>>, required: ReadonlyArray<string> = []): Check => (value, at) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${at}: an object`]
    const entries = Object.entries(value)
    return [
      ...required.filter((name) => !(name in value)).map((name) => `${at}.${name}: missing`),
      ...entries.flatMap(([name, item]) => {
        const check = Object.hasOwn(members, name) ? members[name] : undefined
        return check === undefined ? [`${at}.${name}: unknown`] : check(item, `${at}.${name}`)
      })
    ]
  }

const anyValue: Check = (value, at) => [
  ...object({
    stringValue: text,
    boolValue: flag,
    intValue: int64,
    doubleValue: double,
    arrayValue: object({ values: list((item, inner) => anyValue(item, inner)) }),
    kvlistValue: object({ values: list((item, inner) => keyValue(item, inner)) })
  })(value, at),
  ...(Object.keys(value as object).length > 1 ? [`${at}: more than one value`] : [])
]
const keyValue: Check = (value, at) => object({ key: text, value: anyValue }, ["key", "value"])(value, at)
const both = (...checks: ReadonlyArray<Check>): Check => (value, at) => checks.flatMap((check) => check(value, at))

const unique: Check = (value, at) => {
  const keys = (value as ReadonlyArray<{ key: string }>).map(({ key }) => key)
  return new Set(keys).size === keys.length ? [] : [`${at}: an attribute twice`]
}
const attributes = both(list(keyValue), unique)

const resource = object({ attributes }, ["attributes"])
const scope = object({ name: text, version: text }, ["name"])
const record = object({
  timeUnixNano: uint64,
  observedTimeUnixNano: uint64,
  severityNumber: must((value) => typeof value === "number" && value >= 0 && value <= 24, "a severity"),
  severityText: text,
  eventName: text,
  body: anyValue,
  attributes,
  traceId: hex(32),
  spanId: hex(16)
}, ["observedTimeUnixNano"])
const status = object({ code: must((value) => value === 0 || value === 1 || value === 2, "a status"), message: text })
const inOrder = must((value) => {
  const { endTimeUnixNano, startTimeUnixNano, timeUnixNano } = value as Record<string, string | undefined>
  return startTimeUnixNano === undefined || BigInt(startTimeUnixNano) <= BigInt(endTimeUnixNano ?? timeUnixNano ?? "")
}, "an end that is not before the start")
const span = both(
  object({
    traceId: hex(32),
    spanId: hex(16),
    parentSpanId: hex(16),
    name: text,
    kind: must((value) => typeof value === "number" && value >= 1 && value <= 5, "a kind"),
    startTimeUnixNano: uint64,
    endTimeUnixNano: uint64,
    attributes,
    events: list(object({ timeUnixNano: uint64, name: text, attributes }, ["timeUnixNano", "name"])),
    links: list(object({ traceId: hex(32), spanId: hex(16), attributes }, ["traceId", "spanId"])),
    status
  }, ["traceId", "spanId", "name", "startTimeUnixNano", "endTimeUnixNano"]),
  inOrder
)
const point = { attributes, startTimeUnixNano: uint64, timeUnixNano: uint64 }
const numbers = list(both(
  object({ ...point, asInt: int64, asDouble: double }, ["timeUnixNano"]),
  inOrder,
  must((value) => "asInt" in (value as object) !== "asDouble" in (value as object), "one value")
))
const metric = both(
  object({
    name: text,
    unit: text,
    gauge: object({ dataPoints: numbers }),
    sum: object({ dataPoints: numbers, aggregationTemporality: small, isMonotonic: flag }, ["aggregationTemporality"]),
    histogram: object({
      dataPoints: list(both(
        object({
          ...point,
          count: uint64,
          sum: double,
          min: double,
          max: double,
          bucketCounts: list(uint64),
          explicitBounds: list(double)
        }, ["count"]),
        must(
          (value) => {
            const { bucketCounts, count, explicitBounds } = value as Record<string, ReadonlyArray<string>>
            return bucketCounts!.length + explicitBounds!.length === 0 ||
              bucketCounts!.length === explicitBounds!.length + 1 &&
                bucketCounts!.reduce((sum, n) => sum + BigInt(n), 0n) === BigInt(String(count))
          },
          "no buckets, or one more than bounds and all of the count in them"
        )
      )),
      aggregationTemporality: small
    }, ["aggregationTemporality"]),
    summary: object({
      dataPoints: list(object({
        ...point,
        count: uint64,
        sum: double,
        quantileValues: list(object({ quantile: double, value: double }))
      }, ["count"]))
    })
  }, ["name"]),
  must(
    (value) => ["gauge", "sum", "histogram", "summary"].filter((kind) => kind in (value as object)).length === 1,
    "one kind of data"
  )
)

const paths: Readonly<Record<string, Check>> = {
  "/v1/logs": object({
    resourceLogs: list(object({ resource, scopeLogs: list(object({ scope, logRecords: list(record) })) }))
  }, ["resourceLogs"]),
  "/v1/traces": object({
    resourceSpans: list(object({ resource, scopeSpans: list(object({ scope, spans: list(span) })) }))
  }, ["resourceSpans"]),
  "/v1/metrics": object({
    resourceMetrics: list(object({ resource, scopeMetrics: list(object({ scope, metrics: list(metric) })) }))
  }, ["resourceMetrics"])
}

// What tests look at, once it is known to be of the form.
export interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly intValue?: string }
}
export interface Log {
  readonly body?: { readonly stringValue: string }
  readonly eventName?: string
  readonly severityNumber: number
  readonly traceId?: string
  readonly spanId?: string
  readonly timeUnixNano: string
  readonly attributes: ReadonlyArray<Attribute>
}
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: ReadonlyArray<Attribute>
  readonly events: ReadonlyArray<{ readonly name: string; readonly attributes: ReadonlyArray<Attribute> }>
  readonly links: ReadonlyArray<{ readonly traceId: string; readonly spanId: string }>
  readonly status: { readonly code?: number; readonly message?: string }
}
export interface Metric {
  readonly name: string
  readonly unit?: string
  readonly [kind: string]: unknown
}
interface Group {
  readonly resource: { readonly attributes: ReadonlyArray<Attribute> }
  readonly scopeLogs?: ReadonlyArray<{ readonly logRecords: ReadonlyArray<Log> }>
  readonly scopeSpans?: ReadonlyArray<{ readonly spans: ReadonlyArray<Span> }>
  readonly scopeMetrics?: ReadonlyArray<{ readonly metrics: ReadonlyArray<Metric> }>
}

export interface Receiver {
  readonly requests: Array<CollectorRequest>
  readonly logs: Array<Log>
  readonly spans: Array<Span>
  readonly metrics: Array<Metric>
  readonly resources: Array<Group["resource"]>
  /** What was wrong with the form of what came. */
  readonly faults: Array<string>
  /** A reply in place of taking a request; undefined: it is taken. */
  respond: (request: CollectorRequest) => Reply | undefined
  /** What becomes of the answer to a request that was taken; undefined: it arrives. */
  lose: (request: CollectorRequest) => Reply | undefined
  readonly handle: (request: CollectorRequest) => Effect.Effect<Reply>
}

export const answer = (status: number, body: unknown = {}, headers: Record<string, string> = {}): Reply => ({
  _tag: "Answer",
  status,
  headers: { "content-type": "application/json", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body)
})

export const valueOf = (of: { readonly attributes: ReadonlyArray<Attribute> }, key: string): string | undefined => {
  const value = of.attributes.find((attribute) => attribute.key === key)?.value
  return value?.stringValue ?? value?.intValue
}

export const make = (): Receiver => {
  const receiver: Receiver = {
    requests: [],
    logs: [],
    spans: [],
    metrics: [],
    resources: [],
    faults: [],
    respond: () => undefined,
    lose: () => undefined,
    handle: (request) =>
      Effect.sync(() => {
        receiver.requests.push(request)
        const check = paths[request.path]
        if (check === undefined || request.method !== "POST") return answer(404)
        if (request.headers["content-type"] !== "application/json") return answer(415)
        if (!["gzip", undefined].includes(request.headers["content-encoding"])) return answer(415)
        const body = JSON.parse(request.body) as Record<string, ReadonlyArray<Group>>
        const form = check(body, request.path)
        const faults = form.length > 0 ? form : Official.faults(request.path, body)
        receiver.faults.push(...faults)
        if (faults.length > 0) return answer(400, { code: 3, message: faults[0] })
        const reply = receiver.respond(request)
        if (reply !== undefined) return reply
        for (const group of Object.values(body).flat()) {
          receiver.resources.push(group.resource)
          for (const { logRecords } of group.scopeLogs ?? []) receiver.logs.push(...logRecords)
          for (const { spans } of group.scopeSpans ?? []) receiver.spans.push(...spans)
          for (const { metrics } of group.scopeMetrics ?? []) receiver.metrics.push(...metrics)
        }
        return receiver.lose(request) ?? answer(200)
      })
  }
  return receiver
}
