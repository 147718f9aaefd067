import { describe, expect, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Health from "../../../src/collection/health/Health.js"
import * as EventCatalog from "../../../src/domain/EventCatalog.js"
import * as TelemetryTest from "../../../src/testing/TelemetryTest.js"

/** A service that is as it is told, and counts how often it was asked. */
class FakeService {
  asked = 0
  behaves: Effect.Effect<void, unknown> = Effect.void
  readonly check: Effect.Effect<void, unknown> = Effect.suspend(() => {
    this.asked++
    return this.behaves
  })
}

const healthOf = (name: string) =>
  Effect.flatMap(
    Health.Health,
    (health) => Effect.map(health.report, ({ services }) => services.find((one) => one.name === name))
  )

const changes = Effect.map(
  TelemetryTest.events(EventCatalog.HealthChanged),
  (events) => events.map(({ from, service, to }) => `${service} ${from} ${to}`)
)

const down = Effect.fail({ _tag: "Refused", message: "nobody listens" })

describe("Health", () => {
  it.scoped("checks every 60 seconds, and not before", () =>
    Effect.gen(function*() {
      const service = new FakeService()
      yield* (yield* Health.Health).register({ name: "search", check: service.check })
      yield* TestClock.adjust("59 seconds")
      expect(service.asked).toBe(0)
      expect(yield* healthOf("search")).toMatchObject({ health: "UNKNOWN", successRate: null, uptime: null })
      yield* TestClock.adjust("1 seconds")
      expect(service.asked).toBe(1)
      yield* TestClock.adjust("120 seconds")
      expect(service.asked).toBe(3)
      expect(yield* healthOf("search")).toMatchObject({
        health: "HEALTHY",
        successRate: 1,
        uptime: 1,
        lastCheckedAt: 180_000
      })
    }).pipe(Effect.provide(TelemetryTest.layer)))

  it.scoped("failures degrade, then are unhealthy, and recovery is told with how long it took", () =>
    Effect.gen(function*() {
      const health = yield* Health.Health
      const service = new FakeService()
      const seen = yield* health.transitions.pipe(Stream.take(5), Stream.runCollect, Effect.fork)
      yield* health.register({ name: "search", check: service.check })
      yield* TestClock.adjust("1 minute")
      service.behaves = down
      yield* TestClock.adjust("4 minutes")
      expect(yield* healthOf("search")).toMatchObject({
        health: "UNHEALTHY",
        consecutiveFailures: 4,
        successRate: 0.2,
        lastError: "Refused: nobody listens"
      })
      expect((yield* health.report).health).toBe("UNHEALTHY")
      service.behaves = Effect.void
      yield* TestClock.adjust("2 minutes")
      const transitions = Chunk.toReadonlyArray(yield* Fiber.join(seen))
      expect(transitions.map(({ at, from, recoveredAfter, to }) => [at / 60_000, from, to, recoveredAfter])).toEqual([
        [1, "UNKNOWN", "HEALTHY", null],
        [2, "HEALTHY", "DEGRADED", null],
        [4, "DEGRADED", "UNHEALTHY", null],
        [6, "UNHEALTHY", "DEGRADED", null],
        [7, "DEGRADED", "HEALTHY", 300_000]
      ])
      expect(yield* changes).toEqual([
        "search HEALTHY DEGRADED",
        "search DEGRADED UNHEALTHY",
        "search UNHEALTHY DEGRADED",
        "search DEGRADED HEALTHY"
      ])
      const [first] = yield* TelemetryTest.events(EventCatalog.HealthChanged)
      expect(first).toMatchObject({ consecutiveFailures: 1, error: "Refused: nobody listens" })
    }).pipe(Effect.provide(TelemetryTest.layer)))

  it.scoped.each([
    ["dies", Effect.die(new Error("a bug")), "Error: a bug"],
    ["interrupts itself", Effect.interrupt, "Interrupted"],
    ["never answers", Effect.never, "no answer within 5s"],
    ["cannot be interrupted", Effect.uninterruptible(Effect.never), "no answer within 5s"]
  ])("a check that %s is a failure, and the others go on", ([, behaviour, error]) =>
    Effect.gen(function*() {
      const health = yield* Health.Health
      const other = new FakeService()
      yield* health.register({ name: "bad", check: behaviour as Effect.Effect<void> })
      yield* health.register({ name: "good", check: other.check })
      yield* TestClock.adjust("65 seconds")
      yield* TestClock.adjust("65 seconds")
      expect(yield* healthOf("bad")).toMatchObject({ consecutiveFailures: 2, lastError: error })
      expect(yield* healthOf("good")).toMatchObject({ health: "HEALTHY" })
    }).pipe(Effect.provide(TelemetryTest.layer)))

  it.scoped("a check that waits for nothing is over without a time-out, one that waits has its own", () =>
    Effect.gen(function*() {
      const health = yield* Health.Health
      const isTimed = Effect.map(TestClock.sleeps(), Chunk.contains(65_000))
      yield* health.register({ name: "prompt", check: Effect.void })
      yield* TestClock.adjust("60 seconds")
      expect(yield* healthOf("prompt")).toMatchObject({ health: "HEALTHY" })
      expect(yield* isTimed).toBe(false)
      yield* health.register({ name: "slow", check: Effect.sleep("1 second") })
      yield* Effect.fork(health.check)
      yield* TestClock.adjust("1 millis")
      expect(yield* isTimed).toBe(true)
    }).pipe(Effect.provide(TelemetryTest.layer)))

  it.scoped("not more checks at once than allowed, within a time-out and an interval of one's own", () =>
    Effect.gen(function*() {
      const health = yield* Health.Health
      let running = 0
      let most = 0
      const slow = Effect.acquireUseRelease(
        Effect.sync(() => void (most = Math.max(most, ++running))),
        () => Effect.sleep("1 seconds"),
        () => Effect.sync(() => void running--)
      )
      for (let n = 0; n < 6; n++) yield* health.register({ name: `s${n}`, check: slow })
      yield* TestClock.adjust("20 seconds")
      expect(most).toBe(2)
      expect((yield* health.report).health).toBe("HEALTHY")
    }).pipe(
      Effect.provide(
        Health.layerWith({ interval: "10 seconds", timeout: "2 seconds", concurrency: 2 }).pipe(
          Layer.provideMerge(TelemetryTest.layer)
        )
      )
    ))

  it.scoped("is watched for as long as the scope of its registration is open", () =>
    Effect.gen(function*() {
      const health = yield* Health.Health
      const service = new FakeService()
      yield* Effect.scoped(Effect.zipRight(
        health.register({ name: "brief", check: service.check }),
        TestClock.adjust("60 seconds")
      ))
      yield* TestClock.adjust("5 minutes")
      expect(service.asked).toBe(1)
      expect(yield* health.report).toEqual({ health: "UNKNOWN", services: [] })
    }).pipe(Effect.provide(TelemetryTest.layer)))

  it.scoped("checks at once when asked, and a check that says more is believed", () =>
    Effect.gen(function*() {
      const health = yield* Health.Health
      yield* health.register({ name: "db", kind: "dependency", check: down })
      yield* health.register({ name: "cache", check: Effect.succeed({ _tag: "Impaired", error: "cold" } as const) })
      const report = yield* health.check
      expect(report).toMatchObject({
        health: "DEGRADED",
        services: [
          { name: "db", health: "DEGRADED", checks: 1 },
          { name: "cache", health: "DEGRADED", lastError: "cold", successRate: 1 }
        ]
      })
    }).pipe(Effect.provide(TelemetryTest.layer)))
})
