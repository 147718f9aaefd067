import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { Scope } from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as Outcome from "../../src/domain/Outcome.js"
import { version } from "../../src/internal/version.js"
import * as NodeCompression from "../../src/node/NodeCompression.js"
import * as NodeHttp from "../../src/node/NodeHttp.js"
import * as Policy from "../../src/Policy.js"
import * as Compression from "../../src/submission/Compression.js"
import * as Http from "../../src/submission/Http.js"
import * as HttpTransport from "../../src/submission/HttpTransport.js"
import { Transport } from "../../src/submission/Transport.js"
import * as TelemetryConfig from "../../src/TelemetryConfig.js"
import * as FakeCollector from "../../src/testing/FakeCollector.js"
import * as FakeHttp from "../../src/testing/FakeHttp.js"
import * as Fault from "../../src/testing/Fault.js"
import { batch, key, transport } from "./Fixtures.js"
import { serve } from "./LoopbackCollector.js"

interface Bench {
  readonly collector: FakeCollector.Service
  readonly http: Http.Service
  readonly endpoint: string
}

const inProcess = (options: FakeCollector.Options = {}): Effect.Effect<Bench> =>
  Effect.sync(() => {
    const collector = FakeCollector.make(options)
    return { collector, http: FakeHttp.make(collector.handle), endpoint: FakeCollector.endpoint }
  })

const overSocket = (options: FakeCollector.Options = {}): Effect.Effect<Bench, never, Scope> =>
  Effect.gen(function*() {
    const collector = FakeCollector.make(options)
    const { endpoint } = yield* serve(collector)
    return { collector, http: yield* NodeHttp.make, endpoint }
  })

const size = 3
const ids = batch(size).events.map((event) => event.id)
const second = ids[1]!

const answer = (body: unknown, status = 200): Fault.Fault => Fault.Raw({ status, body: JSON.stringify(body) })

const accepted = Outcome.Accepted({ duplicates: 0 })
const is = (tag: Outcome.Outcome["_tag"], rest: Record<string, unknown> = {}) =>
  expect.objectContaining({ _tag: tag, ...rest })
const garbled = is("Unreachable", { reason: "garbled", ambiguous: true })
const unnamed = (rejected: number) =>
  Outcome.PartlyAccepted({ accepted: size - rejected, rejected, rejections: [], duplicates: 0 })

const rows: ReadonlyArray<readonly [title: string, fault: Fault.Fault, expected: unknown]> = [
  ["204", Fault.Raw({ status: 204, body: "" }), accepted],
  ["200 with an empty body", Fault.Raw({ status: 200, body: "" }), accepted],
  ["202 with an empty body", Fault.Raw({ status: 202, body: "" }), accepted],
  ["200 of a plain server that took all", answer({ success: true, accepted: 3, rejected: 0 }), accepted],
  ["201 of a plain server that took all", answer({ success: true, accepted: 3, rejected: 0 }, 201), accepted],
  [
    "200 with duplicates",
    answer({ success: true, accepted: 3, rejected: 0, duplicates: 2, more: "unknown fields are ignored" }),
    Outcome.Accepted({ duplicates: 2 })
  ],
  ["200 with refusals and no names", answer({ success: false, accepted: 1, rejected: 2, errors: ["?"] }), unnamed(2)],
  ["200 that refuses everything", answer({ success: false, accepted: 0, rejected: 3 }), unnamed(3)],
  [
    "200 that names the refused",
    answer({ success: true, accepted: 2, rejected: 1, rejections: [{ id: second, reason: "no", retryable: true }] }),
    Outcome.PartlyAccepted({
      accepted: 2,
      rejected: 1,
      rejections: [{ id: second, reason: "no", retryable: true }],
      duplicates: 0
    })
  ],
  [
    "200 that names too few",
    answer({ success: true, accepted: 1, rejected: 2, rejections: [{ id: second, reason: "no", retryable: true }] }),
    unnamed(2)
  ],
  [
    "200 that names an event that was not sent",
    answer({ success: true, accepted: 2, rejected: 1, rejections: [{ id: "x", reason: "no", retryable: false }] }),
    unnamed(1)
  ],
  [
    "200 that names one event twice",
    answer({
      success: true,
      accepted: 1,
      rejected: 2,
      rejections: [{ id: second, reason: "no" }, { id: second, reason: "no" }]
    }),
    unnamed(2)
  ],
  ["200 with a page", Fault.Html(), garbled],
  ["200 with half of a JSON", Fault.Raw({ status: 200, body: "{\"success\":true,\"acc" }), garbled],
  ["200 with another JSON", answer({ ok: true }), garbled],
  ["200 for more events than were sent", answer({ success: true, accepted: 4, rejected: 0 }), garbled],
  ["200 for fewer events than were sent", answer({ success: true, accepted: 2, rejected: 0 }), garbled],
  ["200 with a negative count", answer({ success: true, accepted: 4, rejected: -1 }), garbled],
  ["200 with a fraction", answer({ success: true, accepted: 2.5, rejected: 0.5 }), garbled],
  ["200 with counts as text", answer({ success: true, accepted: "3", rejected: "0" }), garbled],
  ["200 that contradicts itself", answer({ success: false, accepted: 3, rejected: 0 }), garbled],
  ["200 with 100 MB", Fault.Flood({ bytes: 100_000_000 }), garbled],
  ...[400, 413, 422].map((status) =>
    [`${status}`, Fault.Status({ status }), is("ContentRefused", { status })] as const
  ),
  ...[401, 402, 403, 404, 405, 407, 409, 410, 415, 418, 426, 451].map((status) =>
    [`${status}`, Fault.Status({ status }), is("Misconfigured", { status, reason: "status" })] as const
  ),
  ...[408, 429, 501, 502, 503, 504, 507, 511, 599].map((status) =>
    [`${status}`, Fault.Status({ status }), is("Unavailable", { status, retryAfter: null })] as const
  ),
  ["500", Fault.Status({ status: 500 }), is("Faulted", { status: 500, retryAfter: null })],
  ...[300, 301, 302, 303, 304, 307, 308].map((status) =>
    [
      `${status}`,
      Fault.Redirect({ status, location: "https://elsewhere.example/v1/events?a=b" }),
      is("Misconfigured", { status, reason: "redirect" })
    ] as const
  ),
  ...[408, 429, 503].flatMap((status) =>
    (["7", "Thu, 01 Jan 1970 00:00:07 GMT"] as const).map((retryAfter) =>
      [
        `${status} with Retry-After ${retryAfter}`,
        Fault.Status({ status, retryAfter }),
        is("Unavailable", { status, retryAfter: Duration.seconds(7) })
      ] as const
    )
  ),
  [
    "500 with Retry-After",
    Fault.Status({ status: 500, retryAfter: "7" }),
    is("Faulted", { status: 500, retryAfter: Duration.seconds(7) })
  ],
  ["a connection reset before the answer", Fault.Reset(), is("Unreachable", { reason: "reset", ambiguous: true })],
  ["an acknowledgement that is lost", Fault.LostAck(), is("Unreachable", { reason: "reset", ambiguous: true })],
  ["an answer torn in the middle", Fault.TornAnswer(), is("Unreachable", { reason: "reset", ambiguous: true })]
]

const suite = (
  name: string,
  open: (options?: FakeCollector.Options) => Effect.Effect<Bench, never, Scope>
): void => {
  describe(name, () => {
    it.scoped.each([...rows])("%s", ([, fault, expected]) =>
      Effect.gen(function*() {
        const { collector, endpoint, http } = yield* open()
        yield* collector.failNext(1, fault)
        const { bytes, outcome } = yield* transport(endpoint, http).submit(batch(size))
        expect(outcome).toEqual(expected)
        expect(bytes).toBe(Buffer.byteLength(HttpTransport.body(batch(size).events)))
      }))

    it.scoped("a batch that is taken is stored once, however often it comes", () =>
      Effect.gen(function*() {
        const { collector, endpoint, http } = yield* open()
        yield* collector.failNext(1, Fault.LostAck())
        const submit = transport(endpoint, http).submit(batch(size))
        expect((yield* submit).outcome).toEqual(is("Unreachable", { ambiguous: true }))
        expect((yield* submit).outcome).toEqual(Outcome.Accepted({ duplicates: size }))
        expect([...(yield* collector.events).keys()]).toEqual(ids)
      }))

    it.scoped("the request is what the contract says, and nothing else", () =>
      Effect.gen(function*() {
        const { collector, endpoint, http } = yield* open({ apiKey: key })
        yield* transport(endpoint, http).submit(batch(size))
        const [request] = yield* collector.requests
        const { connection: _c, "content-length": _l, host: _h, ...headers } = request!.headers
        expect(request!.method).toBe("POST")
        expect(request!.path).toBe("/v1/events")
        expect(headers).toEqual({
          "content-type": "application/json",
          "idempotency-key": batch(size).key,
          "user-agent": `effect-telemetry/${version}`,
          "x-api-key": key
        })
        expect(request!.body).toBe(HttpTransport.body(batch(size).events))
      }))

    it.scoped("without a key, none is sent", () =>
      Effect.gen(function*() {
        const { collector, endpoint, http } = yield* open()
        yield* transport(endpoint, http, { apiKey: null }).submit(batch(1))
        yield* transport(endpoint, http, { apiKey: Redacted.make("") }).submit(batch(1))
        for (const request of yield* collector.requests) expect(request.headers).not.toHaveProperty("x-api-key")
      }))

    it.scoped("a ping carries no key, and only a collector answers it", () =>
      Effect.gen(function*() {
        const { collector, endpoint, http } = yield* open({ apiKey: key })
        const { ping } = transport(endpoint, http)
        expect(yield* ping).toBe(true)
        yield* collector.down(Fault.Html())
        expect(yield* ping).toBe(false)
        yield* collector.down(Fault.Status({ status: 503 }))
        expect(yield* ping).toBe(false)
        yield* collector.down(Fault.Reset())
        expect(yield* ping).toBe(false)
        for (const request of yield* collector.requests) {
          expect(request.path).toBe("/v1/events/ping")
          expect(request.headers).not.toHaveProperty("x-api-key")
        }
      }))

    it.scoped("what a server says of itself is null when it says nothing sound", () =>
      Effect.gen(function*() {
        const { collector, endpoint, http } = yield* open({ apiKey: key, maxBatchEvents: 50 })
        expect(yield* transport(endpoint, http).serverInfo).toMatchObject({ name: "fake", maxBatchEvents: 50 })
        expect(yield* transport(endpoint, http, { apiKey: null }).serverInfo).toBeNull()
        yield* collector.down(Fault.Html())
        expect(yield* transport(endpoint, http).serverInfo).toBeNull()
      }))

    it.scoped("a large body is compressed, a small one is not", () =>
      Effect.gen(function*() {
        const { collector, endpoint, http } = yield* open()
        const { submit } = transport(endpoint, http, { compression: yield* NodeCompression.make })
        const large = yield* submit(batch(100))
        yield* submit(batch(1))
        const [first, last] = yield* collector.requests
        expect(first!.headers["content-encoding"]).toBe("gzip")
        expect(first!.body).toBe(HttpTransport.body(batch(100).events))
        expect(large.bytes).toBeLessThan(first!.body.length / 4)
        expect(last!.headers).not.toHaveProperty("content-encoding")
        expect((yield* collector.events).size).toBe(100)
      }))

    it.scoped("a server that answers 415 to gzip gets the same batch plain at once, and plain ones from then on", () =>
      Effect.gen(function*() {
        const { collector, endpoint, http } = yield* open({ acceptsGzip: false })
        const { submit } = transport(endpoint, http, { compression: yield* NodeCompression.make })
        expect((yield* submit(batch(100))).outcome).toEqual(accepted)
        expect((yield* submit(batch(100, 100))).outcome).toEqual(accepted)
        const requests = yield* collector.requests
        expect(requests.map((request) => request.headers["content-encoding"])).toEqual(["gzip", undefined, undefined])
        expect(requests[0]!.headers["idempotency-key"]).toBe(requests[1]!.headers["idempotency-key"])
        expect((yield* collector.events).size).toBe(200)
      }))

    it.scoped("a server that says it takes no gzip is not asked to", () =>
      Effect.gen(function*() {
        const { collector, endpoint, http } = yield* open({ acceptsGzip: false })
        const { serverInfo, submit } = transport(endpoint, http, { compression: yield* NodeCompression.make })
        yield* serverInfo
        expect((yield* submit(batch(100))).outcome).toEqual(accepted)
        expect(yield* collector.requests).toHaveLength(2)
      }))
  })
}

suite("HttpTransport over the double", inProcess)
suite("HttpTransport over a socket", overSocket)

describe("HttpTransport", () => {
  it.effect("a second try has what is left of the time, though the wall clock is set in between", () =>
    Effect.gen(function*() {
      const clock = yield* Effect.clock
      for (const jump of [-432_000_000, 432_000_000]) {
        const given: Array<number> = []
        const http: Http.Service = {
          request: ({ timeoutMillis }) =>
            Effect.sync(() => {
              given.push(timeoutMillis)
              return { status: given.length === 1 ? 415 : 204, header: () => null, text: "", truncated: false }
            })
        }
        const { submit } = transport(FakeCollector.endpoint, http, { compression: yield* NodeCompression.make })
        const currentTimeMillis = Effect.sync(() => 1e12 + jump * given.length)
        const { outcome } = yield* Effect.withClock(submit(batch(100)), { ...clock, currentTimeMillis })
        expect(outcome).toEqual(accepted)
        expect(given).toEqual([30_000, 30_000])
      }
    }))

  it.effect("gives up at the deadline, not before, and says that the batch may have arrived", () =>
    Effect.gen(function*() {
      const { collector, endpoint, http } = yield* inProcess()
      yield* collector.down(Fault.Hang())
      const fiber = yield* Effect.fork(transport(endpoint, http).submit(batch(1)))
      yield* TestClock.adjust("29999 millis")
      expect(yield* Fiber.poll(fiber)).toEqual(expect.objectContaining({ _tag: "None" }))
      yield* TestClock.adjust("1 millis")
      expect((yield* Fiber.join(fiber)).outcome).toEqual(is("Unreachable", { reason: "timeout", ambiguous: true }))
    }))

  it.effect("the deadline covers both requests when the first is refused as gzip", () =>
    Effect.gen(function*() {
      const collector = FakeCollector.make({ acceptsGzip: false })
      const { request } = FakeHttp.make(collector.handle)
      const slow = (one: Http.HttpRequest) => Effect.delay(request({ ...one, body: null }), "20 seconds")
      const http: Http.Service = { request: (one) => Http.withTimeout(one, slow) }
      const compression = { gzip: (bytes: Uint8Array) => Effect.succeed(bytes) }
      const fiber = yield* Effect.fork(transport(FakeCollector.endpoint, http, { compression }).submit(batch(100)))
      yield* TestClock.adjust("30 seconds")
      // The first was refused and the second has not left: nothing can have arrived.
      expect((yield* Fiber.join(fiber)).outcome).toEqual(is("Unreachable", { reason: "timeout", ambiguous: false }))
      expect(yield* collector.requests).toHaveLength(1)
    }))

  it.effect("a time-out before anything was sent leaves no doubt, and counts no byte", () =>
    Effect.gen(function*() {
      const http: Http.Service = { request: (one) => Http.withTimeout(one, () => Effect.never) }
      const fiber = yield* Effect.fork(transport(FakeCollector.endpoint, http).submit(batch(1)))
      yield* TestClock.adjust("30 seconds")
      const { bytes, outcome } = yield* Fiber.join(fiber)
      expect(outcome).toEqual(is("Unreachable", { reason: "timeout", ambiguous: false }))
      expect(Outcome.nothingSent(outcome)).toBe(true)
      expect(bytes).toBe(0)
    }))

  it.effect.each(["offline", "dns", "refused", "timeout"] as const)(
    "a network that is away (%s) leaves no doubt",
    (reason) =>
      Effect.gen(function*() {
        const { bytes, outcome } = yield* transport(FakeCollector.endpoint, FakeHttp.failing(reason)).submit(batch(1))
        expect(outcome).toEqual(is("Unreachable", { reason, ambiguous: false }))
        expect(bytes).toBe(0)
      })
  )

  it.effect("a key that no header can carry is told, and never put on the wire", () =>
    Effect.gen(function*() {
      const { collector, endpoint, http } = yield* inProcess()
      for (const bad of ["a b", "a\r\nx-evil: 1", "schlüssel", "a\u0000"]) {
        const { outcome } = yield* transport(endpoint, http, { apiKey: Redacted.make(bad) }).submit(batch(1))
        expect(outcome).toEqual(is("Misconfigured", { reason: "endpoint" }))
        expect(JSON.stringify(outcome)).not.toContain(bad)
      }
      expect(yield* collector.requests).toHaveLength(0)
    }))

  it.effect("no message repeats the key or the events, whatever the endpoint answers", () =>
    Effect.gen(function*() {
      const { collector, endpoint, http } = yield* inProcess()
      const { submit } = transport(endpoint, http)
      const echo = `you sent ${key} and ${HttpTransport.body(batch(2).events)}`
      for (const status of [200, 302, 400, 401, 403, 404, 413, 422, 429, 500, 503]) {
        for (
          const body of [
            echo,
            JSON.stringify({ error: { code: key, message: echo } }),
            JSON.stringify({ error: { code: "unauthorized", message: echo } })
          ]
        ) {
          yield* collector.failNext(
            1,
            Fault.Raw({ status, headers: { location: `https://u:${key}@h.example/` }, body })
          )
          const text = JSON.stringify((yield* submit(batch(2))).outcome)
          expect(text).not.toContain(key)
          expect(text).not.toContain("feature_used")
        }
      }
    }))

  it.effect("the reason of a refusal is kept on one line, short, without the key and without terminal codes", () =>
    Effect.gen(function*() {
      const { collector, endpoint, http } = yield* inProcess()
      const reason = `\u001b[31mbad\r\n${key}\u202e ${"x".repeat(10_000)}`
      yield* collector.failNext(
        1,
        answer({ success: false, accepted: 0, rejected: 1, rejections: [{ id: ids[0], reason, retryable: false }] })
      )
      const { outcome } = yield* transport(endpoint, http).submit(batch(1))
      const kept = outcome._tag === "PartlyAccepted" ? outcome.rejections[0]!.reason : ""
      expect(kept.startsWith("[31mbad <redacted>")).toBe(true)
      expect(kept.length).toBe(Policy.maxMessageLength)
    }))

  it("the fingerprint changes with the address and with the key, and holds neither", () => {
    const http = FakeHttp.failing("offline")
    const of = (address: string, apiKey: string | null) =>
      transport(address, http, { apiKey: apiKey === null ? null : Redacted.make(apiKey) }).fingerprint
    const all = [
      of("https://a.example/v1/events", null),
      of("https://a.example/v1/events", key),
      of("https://a.example/v1/events", key + "0"),
      of("https://b.example/v1/events", key)
    ]
    expect(new Set(all).size).toBe(4)
    expect(of("https://a.example/v1/events", key)).toBe(all[1])
    for (const one of all) expect(one).toMatch(/^[0-9a-f]{16}$/)
  })

  it.effect.each([
    [null, "no endpoint is set: events are kept until there is one"],
    ["http://telemetry.example.com/v1/events", expect.stringContaining("plain http")]
  ])(
    "an endpoint that is configured as %s is never asked, and the status says why",
    ([endpoint, message]) =>
      Effect.gen(function*() {
        const { collector, http } = yield* inProcess()
        const { origin, submit } = yield* Effect.provide(
          Transport,
          HttpTransport.layer.pipe(Layer.provide(Layer.mergeAll(
            TelemetryConfig.layerTest({ endpoint: endpoint as string | null }),
            Layer.succeed(Http.Http, http),
            Compression.layerNoop
          )))
        )
        expect((yield* submit(batch(1))).outcome).toEqual(is("Misconfigured", { reason: "endpoint", message }))
        expect(origin).toBeNull()
        expect(yield* collector.requests).toHaveLength(0)
      })
  )

  it.effect("where no endpoint can be used, events wait and the reason is told", () =>
    Effect.gen(function*() {
      const none = HttpTransport.misconfigured("no endpoint is set", null)
      expect(yield* none.submit(batch(1))).toEqual({
        outcome: Outcome.Misconfigured({ status: null, reason: "endpoint", message: "no endpoint is set" }),
        bytes: 0
      })
      expect(yield* none.ping).toBe(false)
      expect(yield* none.serverInfo).toBeNull()
      expect(none.fingerprint).not.toBe(HttpTransport.misconfigured("…", "http://x.example").fingerprint)
    }))
})
