import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as Performance from "../../src/collection/Performance.js"
import * as Resources from "../../src/collection/Resources.js"
import { Session } from "../../src/collection/Session.js"
import { PerformanceMeasured } from "../../src/domain/EventCatalog.js"
import type { Level } from "../../src/domain/Level.js"
import { Telemetry } from "../../src/Telemetry.js"
import * as TelemetryTest from "../../src/testing/TelemetryTest.js"

const looking = (look: Effect.Effect<Resources.Usage>, level: Level | null = "basic") =>
  Resources.layer({ interval: "1 minute" }).pipe(
    Layer.provide(Layer.succeed(Resources.ResourceUsage, { look })),
    Layer.provideMerge(Performance.layer),
    Layer.provideMerge(TelemetryTest.layerWith({ level }))
  )

const counting = () => {
  const counter = { looks: 0 }
  const look = Effect.sync((): Resources.Usage => ({
    memory: ++counter.looks,
    heap: 5,
    cpu: 12.5,
    eventLoopDelay: NaN,
    network: 2048
  }))
  return { counter, look }
}

describe("the use of resources", () => {
  it.effect("is recorded after every interval, what is known of it", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("59 seconds")
      assert.deepStrictEqual(yield* TelemetryTest.all, [])
      yield* TestClock.adjust("61 seconds")
      assert.deepStrictEqual(
        yield* TelemetryTest.events(PerformanceMeasured),
        [1, 2].flatMap((memory) => [
          { metricName: "resource.memory", value: memory, unit: "bytes" as const },
          { metricName: "resource.heap", value: 5, unit: "bytes" as const },
          { metricName: "resource.cpu", value: 12.5, unit: "percentage" as const },
          { metricName: "resource.network", value: 2048, unit: "bytes" as const }
        ])
      )
    }).pipe(Effect.provide(looking(counting().look))))

  it.effect("is not looked at while telemetry is off, and is from when it is on", () => {
    const { counter, look } = counting()
    return Effect.gen(function*() {
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(counter.looks, 0)
      yield* (yield* Telemetry).enable({})
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(counter.looks, 1)
    }).pipe(Effect.provide(looking(look, null)))
  })

  it.effect("does not keep a session alive", () =>
    Effect.gen(function*() {
      const session = yield* Session
      const before = session.unsafeContext().sessionId
      yield* TestClock.adjust("40 minutes")
      yield* (yield* Telemetry).trackFeature("export", true)
      assert.notStrictEqual(session.unsafeContext().sessionId, before)
    }).pipe(Effect.provide(looking(counting().look))))

  it.effect("goes on after a look that died, and ends with the scope", () => {
    let looks = 0
    const look = Effect.suspend(() => ++looks === 1 ? Effect.die("no") : Effect.succeed({ memory: looks }))
    return Effect.gen(function*() {
      yield* TestClock.adjust("2 minutes").pipe(Effect.provide(looking(look)))
      assert.strictEqual(looks, 2)
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(looks, 2)
    })
  })
})
