import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as TestClock from "effect/TestClock"
import * as MetricMeasurements from "../../../src/collection/instruments/MetricMeasurements.js"
import * as MetricReader from "../../../src/collection/instruments/MetricReader.js"
import * as MetricRecorder from "../../../src/collection/signals/MetricRecorder.js"
import * as EventCatalog from "../../../src/domain/EventCatalog.js"
import * as Signals from "../../../src/domain/events/Signals.js"
import * as TelemetryConfig from "../../../src/TelemetryConfig.js"
import * as TelemetryTest from "../../../src/testing/TelemetryTest.js"

const measured = Effect.map(
  TelemetryTest.events(EventCatalog.PerformanceMeasured),
  (events) => events.map(({ metricName, unit, value }) => [metricName, value, unit])
)

// The registry is the whole process's: each test has names of its own.
const live = (prefix: string, options: Partial<MetricMeasurements.Options> = {}) =>
  MetricMeasurements.layer({ include: (name) => name.startsWith(prefix), ...options }).pipe(
    Layer.provideMerge(TelemetryTest.layer)
  )

describe("MetricMeasurements", () => {
  it.effect("each kind says what came since the last time, on the interval", () => {
    const jobs = Metric.counter("mm1.jobs")
    const load = Metric.gauge("mm1.load").pipe(Metric.tagged("unit", "percentage"))
    const took = Metric.timer("mm1.took")
    const words = Metric.frequency("mm1.words")
    return Effect.gen(function*() {
      yield* Metric.incrementBy(jobs, 5)
      yield* Metric.set(load, 40)
      yield* Metric.update(took, Duration.millis(10))
      yield* Metric.update(took, Duration.millis(30))
      yield* Metric.update(words, "a")
      yield* TestClock.adjust("59 seconds")
      expect(yield* measured).toEqual([])
      yield* TestClock.adjust("1 seconds")
      expect((yield* measured).toSorted()).toEqual([
        ["mm1.jobs", 5, "count"],
        ["mm1.load", 40, "percentage"],
        ["mm1.took", 20, "ms"],
        ["mm1.words", 1, "count"]
      ])
      yield* Metric.incrementBy(jobs, 2)
      yield* TestClock.adjust("60 seconds")
      expect((yield* measured).slice(4).toSorted()).toEqual([["mm1.jobs", 2, "count"], ["mm1.load", 40, "percentage"]])
    }).pipe(Effect.provide(live("mm1.")))
  })

  it.effect("not more than the limit, and only what is chosen", () =>
    Effect.gen(function*() {
      for (let n = 0; n < 9; n++) yield* Metric.increment(Metric.counter(`mm2.${n}`))
      yield* Metric.increment(Metric.counter("elsewhere.mm2"))
      yield* TestClock.adjust("1 minutes")
      expect(yield* measured).toHaveLength(4)
    }).pipe(Effect.provide(live("mm2.", { limit: 4 }))))

  it.effect("what a program did in its last seconds is measured when it ends", () =>
    Effect.gen(function*() {
      yield* Effect.scoped(Effect.gen(function*() {
        yield* Layer.build(MetricMeasurements.layer({ include: (name) => name === "mm3" }))
        yield* Metric.increment(Metric.counter("mm3"))
      }))
      expect(yield* measured).toEqual([["mm3", 1, "count"]])
    }).pipe(Effect.provide(TelemetryTest.layer)))
})

describe("MetricReader", () => {
  it.effect("a histogram has one bucket more than bounds, and every observation in one of them", () =>
    Effect.gen(function*() {
      const latency = Metric.histogram("mr1", MetricBoundaries.fromIterable([1, 5]))
      for (const value of [0.5, 1, 3, 9, 100]) yield* Metric.update(latency, value)
      const { readings } = MetricReader.unsafeRead((name) => name === "mr1", 10)
      expect(readings).toMatchObject([{
        name: "mr1",
        state: { kind: "histogram", count: 5, sum: 113.5, min: 0.5, max: 100, bounds: [1, 5], counts: [2, 1, 2] }
      }])
    }))
})

describe("MetricRecorder", () => {
  const recorder = (prefix: string, limit?: number) =>
    MetricRecorder.layer({ include: (name) => name.startsWith(prefix), ...(limit === undefined ? {} : { limit }) })
      .pipe(
        Layer.provideMerge(TelemetryTest.layerWith({
          config: { events: [...TelemetryConfig.defaults().events, ...Signals.all] }
        }))
      )
  const samples = TelemetryTest.events(Signals.MetricSampled)

  it.effect("samples are sums since the start, with the time they were taken at", () => {
    const jobs = Metric.counter("rec1.jobs", { incremental: true, bigint: true })
    const sizes = Metric.summary({ name: "rec1.sizes", maxAge: "1 day", maxSize: 10, error: 0, quantiles: [0.5] })
    return Effect.gen(function*() {
      yield* Metric.incrementBy(jobs, 9_007_199_254_740_993n)
      yield* Metric.update(sizes, 4)
      yield* Metric.update(Metric.frequency("rec1.words"), "mail ada@example.com")
      yield* Metric.update(Metric.histogram("rec1.empty", MetricBoundaries.fromIterable([1])), 1)
      yield* TestClock.adjust("1 minutes")
      const byName = new Map((yield* samples).map((sample) => [sample.name, sample]))
      expect(byName.get("rec1.jobs")).toMatchObject({
        kind: "counter",
        integer: "9007199254740993",
        monotonic: true,
        start: "0",
        time: "60000000000"
      })
      expect(byName.get("rec1.sizes")).toMatchObject({ count: 1, sum: 4, quantiles: [[0.5, 4]] })
      expect(JSON.stringify(byName.get("rec1.words"))).not.toContain("ada@")
      expect(byName.get("rec1.empty")).toMatchObject({ kind: "histogram", counts: [1, 0] })
      expect(yield* TelemetryTest.dropped).toEqual({})
    }).pipe(Effect.provide(recorder("rec1.")))
  })
})
