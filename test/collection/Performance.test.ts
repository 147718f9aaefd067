import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as Performance from "../../src/collection/Performance.js"
import { PerformanceMeasured } from "../../src/domain/EventCatalog.js"
import type { Level } from "../../src/domain/Level.js"
import * as TelemetryTest from "../../src/testing/TelemetryTest.js"

const layer = (level: Level | null = "full") =>
  Performance.layer.pipe(Layer.provideMerge(TelemetryTest.layerWith({ level })))

const recorded = Effect.map(
  TelemetryTest.events(PerformanceMeasured),
  (all) => all.map(({ metricName, unit, value }) => [metricName, value, unit])
)

describe("performance", () => {
  it.effect("measures from mark to mark, and from a mark until now", () =>
    Effect.gen(function*() {
      const performance = yield* Performance.Performance
      yield* performance.mark("start")
      yield* TestClock.adjust("30 millis")
      yield* performance.mark("loaded")
      yield* TestClock.adjust("12 millis")
      assert.strictEqual(yield* performance.measure("load", "start", "loaded"), 30)
      assert.strictEqual(yield* performance.measure("all", "start"), 42)
      assert.deepStrictEqual(yield* recorded, [["load", 30, "ms"], ["all", 42, "ms"]])
    }).pipe(Effect.provide(layer())))

  it.effect("gives null and records nothing where a mark is not known", () =>
    Effect.gen(function*() {
      const performance = yield* Performance.Performance
      yield* performance.mark("a")
      assert.isNull(yield* performance.measure("m", "b"))
      assert.isNull(yield* performance.measure("m", "a", "b"))
      assert.deepStrictEqual(yield* recorded, [])
    }).pipe(Effect.provide(layer())))

  it.effect("forgets the oldest of more than a thousand marks, and takes a mark set anew for a new one", () =>
    Effect.gen(function*() {
      const performance = yield* Performance.Performance
      yield* performance.mark("old")
      yield* performance.mark("renewed")
      for (let i = 0; i < 998; i++) yield* performance.mark(`m${i}`)
      yield* performance.mark("renewed")
      yield* performance.mark("last")
      assert.isNull(yield* performance.measure("m", "old"))
      assert.isNotNull(yield* performance.measure("m", "renewed"))
    }).pipe(Effect.provide(layer())))

  it.effect("records what a timer has timed, every time it is stopped", () =>
    Effect.gen(function*() {
      const performance = yield* Performance.Performance
      const timer = yield* performance.timer("query")
      yield* TestClock.adjust("5 millis")
      assert.strictEqual(yield* timer.stop({ cached: true }), 5)
      yield* TestClock.adjust("5 millis")
      assert.strictEqual(yield* timer.stop(), 10)
      const all = yield* TelemetryTest.events(PerformanceMeasured)
      assert.deepStrictEqual(all.map(({ context, value }) => [value, context]), [[5, { cached: true }], [
        10,
        undefined
      ]])
    }).pipe(Effect.provide(layer())))

  it.effect("knows percentiles of each metric, within one percent", () =>
    Effect.gen(function*() {
      const performance = yield* Performance.Performance
      for (let value = 1; value <= 1000; value++) yield* performance.record({ metricName: "m", value, unit: "count" })
      const found = yield* performance.percentiles("m")
      assert.strictEqual(found!.count, 1000)
      assert.approximately(found!.p50, 500, 10)
      assert.approximately(found!.p95, 950, 15)
      assert.approximately(found!.p99, 990, 15)
      assert.isNull(yield* performance.percentiles("other"))
      assert.deepStrictEqual(yield* performance.summary, [found!])
    }).pipe(Effect.provide(layer())))

  it.effect("counts a value that is no number as invalid, and not among the percentiles", () =>
    Effect.gen(function*() {
      const performance = yield* Performance.Performance
      yield* performance.record({ metricName: "m", value: NaN, unit: "ms" })
      assert.isNull(yield* performance.percentiles("m"))
      assert.deepStrictEqual(yield* TelemetryTest.dropped, { invalid: 1 })
    }).pipe(Effect.provide(layer())))

  it.effect("keeps percentiles of 500 metrics and no more, and records the others all the same", () =>
    Effect.gen(function*() {
      const performance = yield* Performance.Performance
      for (let i = 0; i < 510; i++) yield* performance.record({ metricName: `m${i}`, value: i, unit: "count" })
      assert.lengthOf(yield* performance.summary, 500)
      assert.lengthOf(yield* recorded, 510)
    }).pipe(Effect.provide(layer())))

  it.effect("keeps and records nothing while telemetry is off, and a program's own times go on", () =>
    Effect.gen(function*() {
      const performance = yield* Performance.Performance
      yield* performance.record({ metricName: "m", value: 1, unit: "ms" })
      const timer = yield* performance.timer("t")
      yield* TestClock.adjust("5 millis")
      assert.strictEqual(yield* timer.stop(), 5)
      assert.deepStrictEqual(yield* performance.summary, [])
      assert.deepStrictEqual(yield* recorded, [])
    }).pipe(Effect.provide(layer(null))))
})
