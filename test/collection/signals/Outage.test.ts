/** Logs, spans and metrics of a program, over the durable queue, to an endpoint that is away for a while. */
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as LogRecorder from "../../../src/collection/signals/LogRecorder.js"
import * as MetricRecorder from "../../../src/collection/signals/MetricRecorder.js"
import * as SpanRecorder from "../../../src/collection/signals/SpanRecorder.js"
import * as Signals from "../../../src/domain/events/Signals.js"
import * as TelemetryNode from "../../../src/node/TelemetryNode.js"
import * as Compression from "../../../src/submission/Compression.js"
import * as Http from "../../../src/submission/Http.js"
import * as OtlpTransport from "../../../src/submission/OtlpTransport.js"
import { Telemetry } from "../../../src/Telemetry.js"
import * as TelemetryConfig from "../../../src/TelemetryConfig.js"
import * as FakeCollector from "../../../src/testing/FakeCollector.js"
import * as FakeHttp from "../../../src/testing/FakeHttp.js"
import type { Reply } from "../../../src/testing/Fault.js"
import * as TelemetryTest from "../../../src/testing/TelemetryTest.js"
import { temporary } from "../../node/support.js"
import { serve } from "../../submission/LoopbackCollector.js"
import * as Receiver from "../../submission/otlp/Receiver.js"

const quiet = Logger.remove(Logger.defaultLogger)

const jobs = Metric.counter("outage_test_jobs", { incremental: true })

const recorders = (interval: Duration.DurationInput) =>
  LogRecorder.layer().pipe(
    Layer.provideMerge(SpanRecorder.layer()),
    Layer.provideMerge(MetricRecorder.layer({ include: (name) => name === "outage_test_jobs", interval }))
  )

const job = (n: number) =>
  Effect.log(`job ${n}`).pipe(
    Effect.zipRight(Metric.increment(jobs)),
    Effect.withSpan(`work ${n}`, { attributes: { n } })
  )

const names = (prefix: string, from: number, count: number) =>
  Array.from({ length: count }, (_, i) => `${prefix} ${from + i}`)

const texts = (receiver: Receiver.Receiver) =>
  receiver.logs.flatMap(({ body }) => body === undefined ? [] : [body.stringValue])

describe("the signals of a program", () => {
  it.effect("an outage of four seconds loses none of them, and none comes twice", () =>
    Effect.gen(function*() {
      const receiver = Receiver.make()
      let now = 0
      receiver.respond = () => now < 4_000 ? Receiver.answer(503) : undefined
      const services = Layer.merge(Layer.succeed(Http.Http, FakeHttp.make(receiver.handle)), Compression.layerNoop)
      const live = recorders("1 second").pipe(Layer.provideMerge(TelemetryTest.layerTransport(
        OtlpTransport.layer({ endpoint: new URL(FakeCollector.endpoint).origin }).pipe(Layer.provide(services)),
        {
          config: {
            worker: true,
            interval: Duration.seconds(1),
            events: [...TelemetryConfig.defaults().events, ...Signals.all]
          }
        }
      )))
      yield* Effect.gen(function*() {
        for (let n = 0; n < 40; n++) {
          yield* job(n)
          yield* TestClock.adjust("125 millis")
          now = yield* Clock.currentTimeMillis
        }
        yield* TestClock.adjust("30 seconds")
        yield* (yield* Telemetry).submitNow
        expect(receiver.faults).toEqual([])
        expect(receiver.requests.length).toBeGreaterThan(0)
        expect(texts(receiver)).toEqual(names("job", 0, 40))
        expect(receiver.spans.map(({ name }) => name)).toEqual(names("work", 0, 40))
        const spanIds = new Set(receiver.spans.map(({ spanId }) => spanId))
        expect(spanIds.size).toBe(40)
        for (const log of receiver.logs) expect(spanIds.has(log.spanId ?? "")).toBe(true)
        const points = receiver.metrics.flatMap(({ sum }) => (sum as { dataPoints: ReadonlyArray<unknown> }).dataPoints)
        expect(points.length).toBeGreaterThanOrEqual(5)
        expect(yield* TelemetryTest.dropped).toEqual({})
        expect(yield* TelemetryTest.queue).toMatchObject({ total: 0 })
      }).pipe(Effect.provide(live))
    }))

  it.effect("outages of every kind lose none of them, and what comes twice says by its ids that it does", () =>
    Effect.gen(function*() {
      const receiver = Receiver.make()
      let now = 0
      const asked = new Map<string, Array<number>>()
      const faults: ReadonlyArray<Reply> = [
        { _tag: "Close" },
        Receiver.answer(503, {}, { "retry-after": "3" }),
        Receiver.answer(429, {}, { "retry-after": "2" }),
        Receiver.answer(502),
        Receiver.answer(504, "<html>away</html>", { "content-type": "text/html" }),
        { _tag: "Silence" }
      ]
      const lost = new Set<string>()
      receiver.respond = ({ path }) => {
        const times = asked.get(path) ?? []
        asked.set(path, [...times, now])
        return faults[times.length]
      }
      // Then it takes everything, and the first answer to each signal never arrives.
      receiver.lose = ({ path }) => {
        if (lost.has(path)) return undefined
        lost.add(path)
        return { _tag: "Close" }
      }
      const timed: typeof receiver.handle = (request) =>
        Effect.flatMap(Clock.currentTimeMillis, (time) => {
          now = time
          return receiver.handle(request)
        })
      const services = Layer.merge(Layer.succeed(Http.Http, FakeHttp.make(timed)), Compression.layerNoop)
      const live = recorders("5 seconds").pipe(Layer.provideMerge(TelemetryTest.layerTransport(
        OtlpTransport.layer({ endpoint: new URL(FakeCollector.endpoint).origin }).pipe(Layer.provide(services)),
        {
          config: {
            worker: true,
            interval: Duration.seconds(1),
            timeout: Duration.seconds(2),
            events: [...TelemetryConfig.defaults().events, ...Signals.all]
          }
        }
      )))
      const unique = (all: ReadonlyArray<object>): ReadonlyArray<string> => [
        ...new Set(all.map((one) => JSON.stringify(one)))
      ]
      yield* Effect.gen(function*() {
        for (let n = 0; n < 60; n++) {
          yield* job(n)
          yield* TestClock.adjust("1 second")
        }
        const uids = () => new Set(receiver.logs.map((log) => Receiver.valueOf(log, "log.record.uid"))).size
        const spanIds = () => new Set(receiver.spans.map(({ spanId }) => spanId)).size
        for (let more = 0; more < 60 && (uids() < 60 || spanIds() < 60 || lost.size < 3); more++) {
          yield* TestClock.adjust("20 seconds")
        }
        yield* TestClock.adjust("1 minute")
        yield* (yield* Telemetry).submitNow
        expect(yield* TelemetryTest.queue).toMatchObject({ total: 0 })
        expect(yield* TelemetryTest.dropped).toEqual({})
        expect(receiver.faults).toEqual([])
        expect(lost).toEqual(new Set(["/v1/logs", "/v1/traces", "/v1/metrics"]))

        expect(receiver.logs.length).toBeGreaterThan(60)
        expect(receiver.spans.length).toBeGreaterThan(60)
        expect([uids(), unique(receiver.logs).length]).toEqual([60, 60])
        expect([spanIds(), unique(receiver.spans).length]).toEqual([60, 60])
        const points = receiver.metrics.flatMap(({ sum }) =>
          (sum as { readonly dataPoints: ReadonlyArray<{ readonly timeUnixNano: string }> }).dataPoints
        )
        expect(points.length).toBeGreaterThan(10)
        expect(new Set(points.map(({ timeUnixNano }) => timeUnixNano)).size).toBe(unique(points).length)

        for (const path of lost) {
          const [, away = 0, slower = 0, next = 0] = asked.get(path)!
          expect(slower - away).toBeGreaterThanOrEqual(3_000)
          expect(next - slower).toBeGreaterThanOrEqual(2_000)
        }
      }).pipe(Effect.provide(live))
    }))

  it.scopedLive("a restart in the middle of an outage loses none of them: a file, a socket, two runs", () =>
    Effect.gen(function*() {
      const receiver = Receiver.make()
      receiver.respond = () => Receiver.answer(503)
      const { origin } = yield* serve(receiver)
      const dataDir = yield* temporary
      const run = (from: number) =>
        Effect.gen(function*() {
          const scope = yield* Scope.make()
          const context = yield* Layer.buildWithScope(
            TelemetryNode.layer({
              app: { name: "ax", version: "2.0.0" },
              dataDir,
              endpoint: origin,
              events: Signals.all,
              automatic: false,
              worker: false,
              transports: { default: OtlpTransport.layer() }
            }),
            scope
          )
          const report = yield* Effect.gen(function*() {
            const telemetry = yield* Telemetry
            yield* telemetry.granted({ level: "full", remote: true })
            yield* Effect.forEach([0, 1, 2, 3, 4], (n) => job(from + n)).pipe(
              Effect.provide(
                LogRecorder.layer().pipe(Layer.provideMerge(SpanRecorder.layer()), Layer.provideMerge(quiet))
              )
            )
            return yield* telemetry.submitNow
          }).pipe(Effect.provide(context))
          yield* Scope.close(scope, Exit.void)
          return report
        })
      expect(yield* run(0)).toMatchObject({ submitted: 0, remaining: 10 })
      expect(receiver.logs).toEqual([])
      receiver.respond = () => undefined
      expect(yield* run(5)).toMatchObject({ submitted: 20, rejected: 0, remaining: 0, lastError: null })
      expect(receiver.faults).toEqual([])
      expect(texts(receiver)).toEqual(names("job", 0, 10))
      expect(receiver.spans.map(({ name }) => name)).toEqual(names("work", 0, 10))
      expect(new Set(receiver.resources.map((resource) => Receiver.valueOf(resource, "service.instance.id"))).size)
        .toBe(2)
    }))
})
