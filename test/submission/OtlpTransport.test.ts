import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as fc from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Outcome from "../../src/domain/Outcome.js"
import { type ConsentedEvent, unsafeConsented, unsafeRedacted } from "../../src/domain/TelemetryEvent.js"
import * as NodeCompression from "../../src/node/NodeCompression.js"
import * as Compression from "../../src/submission/Compression.js"
import * as Http from "../../src/submission/Http.js"
import { anyValue } from "../../src/submission/otlp/Attributes.js"
import * as Protocol from "../../src/submission/otlp/Protocol.js"
import * as OtlpTransport from "../../src/submission/OtlpTransport.js"
import { Transport } from "../../src/submission/Transport.js"
import * as TelemetryConfig from "../../src/TelemetryConfig.js"
import * as FakeHttp from "../../src/testing/FakeHttp.js"
import type { Reply } from "../../src/testing/Fault.js"
import { endpoint, event } from "./Fixtures.js"
import * as Official from "./otlp/Official.js"
import * as Receiver from "./otlp/Receiver.js"

const of = (n: number, type: string, data: object): ConsentedEvent =>
  unsafeConsented(unsafeRedacted({ ...event(n), type, data: JSON.stringify(data) }))

const traceId = "0af7651916cd43dd8448eb211c80319c"

const span = (n: number, over: object = {}) =>
  of(n, "span_ended", {
    traceId,
    spanId: "b7ad6b7169203331",
    name: "work",
    kind: "client",
    start: "1699390800000000001",
    end: "1699390800250000001",
    duration: 250,
    exit: "success",
    ...over
  })

const sample = (n: number, over: object = {}) =>
  of(n, "metric_sampled", {
    name: "jobs",
    kind: "counter",
    start: "1",
    time: "1699390800000000001",
    value: 3,
    monotonic: true,
    ...over
  })

const line = (n: number, over: object = {}) => of(n, "log_recorded", { severity: "WARN", message: "low disk", ...over })

interface Options {
  readonly address?: string
  readonly headers?: Readonly<Record<string, Redacted.Redacted<string>>>
  readonly compression?: Compression.Service
  readonly http?: Http.Service
}

const transport = (receiver: Receiver.Receiver, options: Options = {}) =>
  OtlpTransport.make({
    endpoint: endpoint(options.address ?? "https://otlp.example.com"),
    headers: options.headers ?? {},
    timeout: Duration.seconds(30),
    http: options.http ?? FakeHttp.make(receiver.handle),
    compression: options.compression ?? Compression.none
  })

const submit = (receiver: Receiver.Receiver, events: ReadonlyArray<ConsentedEvent>, options: Options = {}) =>
  Effect.map(transport(receiver, options).submit({ key: "k", events }), (submission) => {
    expect(receiver.faults).toEqual([])
    return submission.outcome
  })

const ids = [event(0).id, event(1).id, event(2).id]
const isLogs = (body: string): boolean =>
  Schema.is(Protocol.LogsRequest, { onExcessProperty: "error" })(JSON.parse(body))
const three = [line(0), line(1), line(2)]
const accepted = Outcome.Accepted({ duplicates: 0 })
const is = (tag: Outcome.Outcome["_tag"], rest: object = {}) => expect.objectContaining({ _tag: tag, ...rest })
const refused = Outcome.PartlyAccepted({
  accepted: 0,
  rejected: 3,
  rejections: ids.map((id) => ({ id, reason: expect.any(String), retryable: false })),
  duplicates: 0
})

const rows: ReadonlyArray<readonly [title: string, reply: Reply, expected: unknown]> = [
  ["200 with an empty object", Receiver.answer(200), accepted],
  ["200 with an empty body", Receiver.answer(200, ""), accepted],
  ["204", Receiver.answer(204, ""), accepted],
  ["200 with partialSuccess null", Receiver.answer(200, { partialSuccess: null }), accepted],
  ["200 with a warning only", Receiver.answer(200, { partialSuccess: { errorMessage: "slow down" } }), accepted],
  [
    "200 that rejects none",
    Receiver.answer(200, { partialSuccess: { rejectedLogRecords: "0", errorMessage: "" } }),
    accepted
  ],
  [
    "200 that rejects some: lost, and never sent again",
    Receiver.answer(200, { partialSuccess: { rejectedLogRecords: "1", errorMessage: "too old" } }),
    Outcome.Settled({ accepted: 2, rejected: 1, message: "the endpoint refused 1 of 3: too old" })
  ],
  [
    "200 that rejects some, as a number",
    Receiver.answer(200, { partialSuccess: { rejectedLogRecords: 2 } }),
    is("Settled", { accepted: 1, rejected: 2 })
  ],
  ["200 that rejects all", Receiver.answer(200, { partialSuccess: { rejectedLogRecords: "3" } }), refused],
  ["200 that rejects more than all", Receiver.answer(200, { partialSuccess: { rejectedLogRecords: "9" } }), refused],
  ["200 with a page", Receiver.answer(200, "<html>"), is("Unreachable", { reason: "garbled", ambiguous: true })],
  ["200 with a list", Receiver.answer(200, []), is("Unreachable", { reason: "garbled" })],
  [
    "200 with a count that is none",
    Receiver.answer(200, { partialSuccess: { rejectedLogRecords: -1 } }),
    is("Unreachable", { reason: "garbled" })
  ],
  ...[429, 502, 503, 504].flatMap((status) => [
    [`${status}`, Receiver.answer(status), is("Unavailable", { status, retryAfter: null })] as const,
    [
      `${status} with Retry-After`,
      Receiver.answer(status, {}, { "retry-after": "7" }),
      is("Unavailable", { status, retryAfter: Duration.seconds(7) })
    ] as const
  ]),
  ...[400, 408, 422, 500, 501, 505, 507, 599].map((status) => [`${status}`, Receiver.answer(status), refused] as const),
  ["413: smaller ones", Receiver.answer(413), is("ContentRefused", { status: 413 })],
  ...[401, 402, 403, 404, 405, 407, 410, 415, 451].map((status) =>
    [`${status}`, Receiver.answer(status), is("Misconfigured", { status, seldom: true })] as const
  ),
  ...[301, 302, 307, 308].map((status) =>
    [
      `${status}: not followed`,
      Receiver.answer(status, "", { location: "https://elsewhere.example/v1/logs" }),
      is("Misconfigured", { status, reason: "redirect" })
    ] as const
  ),
  ["a connection that breaks", { _tag: "Close" }, is("Unreachable", { reason: "reset", ambiguous: true })]
]

describe("the receiver of these tests", () => {
  const log = { observedTimeUnixNano: "1", attributes: [] }
  it.effect.each([
    { resourceLogs: [{ scopeLogs: [{ logRecords: [{ ...log, time_unix_nano: "1" }] }] }] },
    { resourceLogs: [{ scopeLogs: [{ logRecords: [{ ...log, timeUnixNano: 1 }] }] }] },
    { resourceLogs: [{ scopeLogs: [{ logRecords: [{ ...log, traceId: "AF" }] }] }] },
    { resourceLogs: [{ scopeLogs: [{ logRecords: [{ ...log, body: { intValue: 1 } }] }] }] },
    { resourceLogs: [{ scopeLogs: [{ logRecords: [{ ...log, body: { stringValue: "a", boolValue: true } }] }] }] },
    { resourceLogs: [{ scopeLogs: [{ logRecords: [{ ...log, traceId: "0".repeat(32) }] }] }] },
    { resourceLogs: [{ scopeLogs: [{ logRecords: [{ ...log, timeUnixNano: "18446744073709551616" }] }] }] },
    {
      resourceLogs: [{
        scopeLogs: [{ logRecords: [{ ...log, attributes: [{ key: "a", value: {} }, { key: "a", value: {} }] }] }]
      }]
    },
    { resource_logs: [] }
  ])("refuses %j", (body) =>
    Effect.gen(function*() {
      const receiver = Receiver.make()
      const headers = { "content-type": "application/json" }
      const reply = yield* receiver.handle({ method: "POST", path: "/v1/logs", headers, body: JSON.stringify(body) })
      expect(reply).toMatchObject({ status: 400 })
    }))

  it("knows OpenTelemetry's own messages, which drop what they do not have", () => {
    const of = (record: object) => ({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ ...log, ...record }] }] }] })
    const ids = { traceId, spanId: "b7ad6b7169203331" }
    expect(Official.faults("/v1/logs", of({ ...ids, severityNumber: 9, eventName: "a" }))).toEqual([])
    for (
      const wrong of [{ name: "a" }, { time_unix_nano: "1" }, { severityNumber: "WARN" }, { body: { mapValue: {} } }]
    ) {
      expect(Official.faults("/v1/logs", of(wrong))).toHaveLength(1)
    }
  })
})

describe("OtlpTransport, by what comes back", () => {
  it.effect.each([...rows])("%s", ([, reply, expected]) =>
    Effect.gen(function*() {
      const receiver = Receiver.make()
      receiver.respond = () => reply
      expect(yield* submit(receiver, three)).toEqual(expected)
      expect(receiver.requests).toHaveLength(1)
    }))

  it.effect("a network that is away leaves no doubt", () =>
    Effect.gen(function*() {
      const http = FakeHttp.failing("refused")
      const outcome = yield* submit(Receiver.make(), three, { http })
      expect(outcome).toEqual(is("Unreachable", { reason: "refused", ambiguous: false }))
      expect(Outcome.nothingSent(outcome)).toBe(true)
    }))

  it.effect("each signal has its own request, and its own answer", () =>
    Effect.gen(function*() {
      const receiver = Receiver.make()
      receiver.respond = ({ path }) =>
        path === "/v1/traces"
          ? Receiver.answer(503, {}, { "retry-after": "3" })
          : path === "/v1/metrics"
          ? Receiver.answer(200, { partialSuccess: { rejectedDataPoints: "1" } })
          : undefined
      const outcome = yield* submit(receiver, [line(0), span(1), sample(2), event(3)])
      expect(outcome).toEqual(Outcome.Divided({
        parts: [
          { ids: [event(0).id, event(3).id], outcome: accepted },
          { ids: [event(1).id], outcome: is("Unavailable", { status: 503, retryAfter: Duration.seconds(3) }) },
          { ids: [event(2).id], outcome: is("PartlyAccepted", { accepted: 0, rejected: 1 }) }
        ]
      }))
      expect(Outcome.isWell(outcome)).toBe(false)
      expect(Outcome.tookSome(outcome)).toBe(true)
      expect(Outcome.errorOf(outcome)).toContain("503")
    }))

  it.effect("a time-out of one signal does not touch the others", () =>
    Effect.gen(function*() {
      const receiver = Receiver.make()
      receiver.respond = ({ path }) => path === "/v1/traces" ? { _tag: "Silence" } : undefined
      const fiber = yield* Effect.fork(submit(receiver, [line(0), span(1)]))
      yield* TestClock.adjust("30 seconds")
      expect(yield* Fiber.join(fiber)).toEqual(Outcome.Divided({
        parts: [
          { ids: [event(0).id], outcome: accepted },
          { ids: [event(1).id], outcome: is("Unreachable", { reason: "timeout", ambiguous: true }) }
        ]
      }))
    }))
})

describe("OtlpTransport, what it sends", () => {
  it.effect("an event is a log record named by its type, with its data as attributes", () =>
    Effect.gen(function*() {
      const receiver = Receiver.make()
      yield* submit(receiver, [event(7)])
      const [log] = receiver.logs
      expect(log).toMatchObject({ eventName: "feature_used", severityNumber: 9, timeUnixNano: "1699390800007000000" })
      expect(Receiver.valueOf(log!, "event.name")).toBe("feature_used")
      expect(Receiver.valueOf(log!, "featureName")).toBe("f")
      expect(Receiver.valueOf(log!, "log.record.uid")).toBe(event(7).id)
      expect(receiver.resources.map((resource) => Receiver.valueOf(resource, "service.name"))).toEqual(["ax"])
    }))

  it.effect("a line of a log keeps its level, its text and its span", () =>
    Effect.gen(function*() {
      const receiver = Receiver.make()
      yield* submit(receiver, [
        line(0, { traceId, spanId: "b7ad6b7169203331", attributes: { user: "u1", n: 2, deep: { a: [true, null] } } }),
        line(1, { severity: "FATAL", traceId: "otherwise", errorType: "Boom", errorMessage: "broken", stack: "at x" })
      ])
      expect(receiver.logs[0]).toMatchObject({
        severityNumber: 13,
        body: { stringValue: "low disk" },
        traceId,
        spanId: "b7ad6b7169203331"
      })
      expect(Receiver.valueOf(receiver.logs[0]!, "n")).toBe("2")
      expect(receiver.logs[1]).not.toHaveProperty("traceId")
      expect(Receiver.valueOf(receiver.logs[1]!, "exception.type")).toBe("Boom")
    }))

  it.effect("a span keeps its ids, its times to the nanosecond, and how it ended", () =>
    Effect.gen(function*() {
      const receiver = Receiver.make()
      yield* submit(receiver, [
        span(0, {
          parentSpanId: "00f067aa0ba902b7",
          exit: "failure",
          errorType: "NotFound",
          errorMessage: "no such job",
          attributes: { job: 12 },
          events: [{ name: "retry", time: "1699390800000000002", attributes: { n: 1 } }, "[redacted]"],
          links: [{ traceId, spanId: "00f067aa0ba902b7" }, { traceId: "x", spanId: "y" }]
        }),
        span(1, { spanId: "00f067aa0ba902b7", exit: "interrupted" })
      ])
      const body: unknown = JSON.parse(receiver.requests[0]!.body)
      expect(Schema.is(Protocol.TracesRequest, { onExcessProperty: "error" })(body)).toBe(true)
      expect(receiver.spans).toMatchObject([
        {
          traceId,
          spanId: "b7ad6b7169203331",
          parentSpanId: "00f067aa0ba902b7",
          kind: 3,
          startTimeUnixNano: "1699390800000000001",
          endTimeUnixNano: "1699390800250000001",
          status: { code: 2, message: "no such job" },
          links: [{ traceId, spanId: "00f067aa0ba902b7" }]
        },
        { status: {} }
      ])
      expect(receiver.spans[0]!.events.map(({ name }) => name)).toEqual(["retry", "exception"])
      expect(Receiver.valueOf(receiver.spans[0]!, "effect.exit")).toBe("failure")
    }))

  it.effect("a span whose ids OpenTelemetry cannot carry goes as a log record, not lost", () =>
    Effect.gen(function*() {
      const receiver = Receiver.make()
      expect(yield* submit(receiver, [span(0, { traceId: "0".repeat(32) }), span(1, { spanId: "native" })])).toEqual(
        accepted
      )
      expect(receiver.logs.map((log) => log.eventName)).toEqual(["span_ended", "span_ended"])
    }))

  it.effect("the samples of one metric are points of one metric, each with its time", () =>
    Effect.gen(function*() {
      const receiver = Receiver.make()
      yield* submit(receiver, [
        sample(0),
        sample(1, { time: "1699390860000000001", value: 5, tags: { queue: "a" } }),
        sample(2, { name: "temperature", kind: "gauge", integer: "-9007199254740993", unit: "Cel" }),
        sample(3, {
          name: "latency",
          kind: "histogram",
          count: 3,
          sum: 6.5,
          min: 1,
          max: 4,
          bounds: [2, 4],
          counts: [1, 2, 0]
        }),
        sample(4, { name: "sizes", kind: "summary", count: 2, sum: 3, quantiles: [[0.5, 1], [0.99, 2]] }),
        sample(5, { name: "words", kind: "frequency", occurrences: { a: 2, b: 1 } })
      ])
      const body: unknown = JSON.parse(receiver.requests[0]!.body)
      expect(Schema.is(Protocol.MetricsRequest, { onExcessProperty: "error" })(body)).toBe(true)
      expect(receiver.metrics.map((metric) => metric.name)).toEqual([
        "jobs",
        "temperature",
        "latency",
        "sizes",
        "words"
      ])
      expect(receiver.metrics[0]).toMatchObject({
        sum: {
          isMonotonic: true,
          aggregationTemporality: 2,
          dataPoints: [{ asDouble: 3 }, { asDouble: 5, attributes: [{ key: "queue", value: { stringValue: "a" } }] }]
        }
      })
      expect(receiver.metrics[1]).toMatchObject({
        unit: "Cel",
        gauge: { dataPoints: [{ asInt: "-9007199254740993" }] }
      })
      expect(receiver.metrics[2]).toMatchObject({
        histogram: { dataPoints: [{ count: "3", bucketCounts: ["1", "2", "0"] }] }
      })
      expect(receiver.metrics[4]).toMatchObject({ sum: { dataPoints: [{ asInt: "2" }, { asInt: "1" }] } })
    }))

  it.effect.prop(
    "whatever the data of an event is, what is sent has the form of OTLP",
    [fc.dictionary(fc.string(), fc.jsonValue())],
    ([data]) =>
      Effect.gen(function*() {
        const receiver = Receiver.make()
        const events = ["feature_used", "log_recorded", "span_ended", "metric_sampled"].map((type, n) =>
          of(n, type, data)
        )
        expect(yield* submit(receiver, events)).toEqual(accepted)
        expect(receiver.logs).toHaveLength(4)
        expect(isLogs(receiver.requests[0]!.body)).toBe(true)
      }),
    { fastCheck: { numRuns: 40 } }
  )

  const time = fc.constantFrom(
    "0",
    "007",
    "1699390800000000001",
    "18446744073709551615",
    "18446744073709551616",
    "x",
    ""
  )
  const figure = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(-1, 0, 1e30, 2 ** 64))
  const common = {
    name: fc.string(),
    start: time,
    end: time,
    time,
    traceId: fc.constantFrom(traceId, "0".repeat(32), "x")
  }
  const spanData = fc.record({
    ...common,
    spanId: fc.constantFrom("b7ad6b7169203331", "0".repeat(16)),
    kind: fc.constantFrom("client", "toString"),
    exit: fc.constantFrom("success", "defect"),
    errorType: fc.string(),
    attributes: fc.dictionary(fc.string(), fc.jsonValue()),
    events: fc.array(fc.record({ name: fc.string(), time }), { maxLength: 2 })
  })
  const metricData = fc.record({
    ...common,
    kind: fc.constantFrom("counter", "gauge", "histogram", "summary", "frequency"),
    tags: fc.dictionary(fc.constantFrom("key", "a"), fc.string()),
    value: figure,
    integer: fc.constantFrom("-0", "9223372036854775807", "9223372036854775808", "9999999999999999999", "x"),
    count: figure,
    sum: figure,
    counts: fc.array(figure, { maxLength: 3 }),
    bounds: fc.array(figure, { maxLength: 2 }),
    quantiles: fc.array(fc.tuple(figure, figure), { maxLength: 2 }),
    occurrences: fc.dictionary(fc.string(), figure)
  })
  const logData = fc.record({
    severity: fc.constantFrom("WARN", "toString"),
    message: fc.string(),
    attributes: fc.dictionary(fc.constantFrom("log.record.uid", "session.id", "exception.type", "a"), fc.jsonValue()),
    errorType: fc.string(),
    "session.id": fc.string()
  })

  it.effect.prop(
    "data that are nearly those of a signal neither are lost nor spoil the request of the others",
    [spanData, metricData, logData],
    ([one, two, three]) =>
      Effect.gen(function*() {
        const receiver = Receiver.make()
        const outcome = yield* submit(receiver, [
          of(0, "span_ended", one),
          of(1, "metric_sampled", two),
          of(2, "log_recorded", three),
          of(3, "own", three),
          span(4),
          sample(5),
          line(6)
        ])
        expect(outcome).toMatchObject({ _tag: "Divided" })
        expect(Outcome.isWell(outcome)).toBe(true)
        const names = (all: ReadonlyArray<{ readonly name: string }>) => all.map(({ name }) => name)
        expect([names(receiver.spans), names(receiver.metrics)]).toEqual([
          expect.arrayContaining(["work"]),
          expect.arrayContaining(["jobs"])
        ])
      }),
    { fastCheck: { numRuns: 200 } }
  )

  it.prop("a value keeps what it is, integers as text", [fc.jsonValue()], ([value]) => {
    const back = (one: ReturnType<typeof anyValue>): unknown => {
      if (one.intValue !== undefined) return Number(one.intValue)
      if (one.arrayValue !== undefined) return one.arrayValue.values.map(back)
      if (one.kvlistValue !== undefined) {
        return Object.fromEntries(one.kvlistValue.values.map(({ key, value }) => [key, back(value)]))
      }
      return one.stringValue ?? one.boolValue ?? one.doubleValue ?? null
    }
    expect(back(anyValue(value))).toEqual(JSON.parse(JSON.stringify(value)))
  })

  it.effect("sends the headers it is given, its own name, and no other", () =>
    Effect.gen(function*() {
      const receiver = Receiver.make()
      yield* submit(receiver, [line(0)], { headers: { authorization: Redacted.make("Bearer s3cret") } })
      expect(receiver.requests[0]!.headers).toEqual({
        authorization: "Bearer s3cret",
        "content-type": "application/json",
        "user-agent": expect.stringMatching(/^effect-telemetry\//)
      })
    }))

  it.effect("no message repeats a header, whatever the endpoint answers", () =>
    Effect.gen(function*() {
      for (const status of [200, 302, 400, 401, 413, 429, 500, 503]) {
        const receiver = Receiver.make()
        receiver.respond = () =>
          Receiver.answer(status, {
            error: { code: "s3cret", message: "s3cret" },
            partialSuccess: { rejectedLogRecords: 1, errorMessage: "you are Bearer s3cret" }
          }, { location: "https://u:s3cret@h.example" })
        const headers = { authorization: Redacted.make("Bearer s3cret") }
        expect(JSON.stringify(yield* submit(receiver, three, { headers }))).not.toContain("s3cret")
      }
    }))

  it.effect.each([["x y", "v"], ["host", "h"], ["authorization", "a\nb"], ["authorization", "ü"], [
    "authorization",
    ""
  ]])(
    "a header that cannot be set (%s: %j) is told, and nothing is sent",
    ([name, value]) =>
      Effect.gen(function*() {
        const receiver = Receiver.make()
        const outcome = yield* submit(receiver, three, { headers: { [name!]: Redacted.make(value!) } })
        expect(outcome).toEqual(is("Misconfigured", { reason: "endpoint" }))
        expect(receiver.requests).toEqual([])
      })
  )

  it.effect("a large body is compressed, and plain for an endpoint that takes no gzip", () =>
    Effect.gen(function*() {
      const receiver = Receiver.make()
      const compression = yield* NodeCompression.make
      receiver.respond = ({ headers }) => headers["content-encoding"] === "gzip" ? Receiver.answer(415) : undefined
      const events = Array.from({ length: 50 }, (_, n) => line(n))
      expect(yield* submit(receiver, events, { compression })).toEqual(accepted)
      expect(receiver.requests.map(({ headers }) => headers["content-encoding"])).toEqual(["gzip", undefined])
      expect(receiver.logs).toHaveLength(50)
    }))

  it.effect("an address with a path and a query keeps both", () =>
    Effect.gen(function*() {
      const urls: Array<string> = []
      const { request } = FakeHttp.make(Receiver.make().handle)
      const http: Http.Service = {
        request: (one) => Effect.zipRight(Effect.sync(() => urls.push(one.url)), request(one))
      }
      yield* submit(Receiver.make(), [line(0)], { address: "https://otlp.example.com/otlp/?team=a", http })
      expect(urls).toEqual(["https://otlp.example.com/otlp/v1/logs?team=a"])
    }))
})

describe("OtlpTransport.layer", () => {
  const build = (options: OtlpTransport.LayerOptions, config: Partial<TelemetryConfig.TelemetryConfig>) => {
    const receiver = Receiver.make()
    const services = Layer.mergeAll(
      TelemetryConfig.layerTest(config),
      Layer.succeed(Http.Http, FakeHttp.make(receiver.handle)),
      Compression.layerNoop
    )
    return Effect.map(
      Effect.provide(Transport, OtlpTransport.layer(options).pipe(Layer.provide(services))),
      (transport) => ({ receiver, transport })
    )
  }

  it.effect("takes endpoint and key from the configuration", () =>
    Effect.gen(function*() {
      const { receiver, transport } = yield* build({}, {
        endpoint: "https://otlp.example.com",
        apiKey: Redacted.make("key-1")
      })
      yield* transport.submit({ key: "k", events: [line(0)] })
      expect(receiver.requests[0]).toMatchObject({ path: "/v1/logs", headers: { "x-api-key": "key-1" } })
      expect(transport.origin).toBe("https://otlp.example.com")
    }))

  it.effect.each([[null, "no endpoint"], ["http://otlp.example.com", "plain http"], [
    "https://u:p@h.example",
    "password"
  ]])(
    "an endpoint that is %s is never asked, and the reason is told",
    ([address, why]) =>
      Effect.gen(function*() {
        const { receiver, transport } = yield* build({}, { endpoint: address ?? null })
        const { outcome } = yield* transport.submit({ key: "k", events: [line(0)] })
        expect(outcome).toEqual(is("Misconfigured", { reason: "endpoint", message: expect.stringContaining(why!) }))
        expect(receiver.requests).toEqual([])
      })
  )

  it("the fingerprint changes with address and headers", () => {
    const of = (address: string, secret: string) =>
      transport(Receiver.make(), { address, headers: { authorization: Redacted.make(secret) } }).fingerprint
    expect(new Set([of("https://a.example", "x"), of("https://b.example", "x"), of("https://a.example", "y")]).size)
      .toBe(3)
    expect(of("https://a.example", "x")).toMatch(/^[0-9a-f]{16}$/)
  })
})
