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
import * as TelemetryTest from "../../../src/testing/TelemetryTest.js"
import { temporary } from "../../node/support.js"
import { serve } from "../../submission/LoopbackCollector.js"
import * as Receiver from "../../submission/otlp/Receiver.js"

const quiet = Logger.remove(Logger.defaultLogger)

const jobs = Metric.counter("outage_test_jobs", { incremental: true })

const recorders = LogRecorder.layer().pipe(
  Layer.provideMerge(SpanRecorder.layer()),
  Layer.provideMerge(
    MetricRecorder.layer({ include: (name) => name === "outage_test_jobs", interval: "1 second" })
  )
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
      const live = recorders.pipe(Layer.provideMerge(TelemetryTest.layerTransport(
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
