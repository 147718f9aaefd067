import * as RateLimiter from "@effect/experimental/RateLimiter"
import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as fc from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { StoreError } from "../../src/persistence/StoreError.js"
import * as RateLimit from "../../src/scheduling/RateLimit.js"
import * as TelemetryConfig from "../../src/TelemetryConfig.js"

const limiter = (rateLimit: number, burst: number) =>
  RateLimit.layerMemory.pipe(Layer.provide(TelemetryConfig.layerTest({ rateLimit, burst })))

describe("RateLimit", () => {
  it.effect("starts full, gives what is there, and refills at the rate", () =>
    Effect.gen(function*() {
      const limit = yield* RateLimit.RateLimit
      expect(yield* limit.available("a")).toBe(10)
      expect(yield* limit.take("a", 7)).toBe(true)
      expect(yield* limit.take("a", 4)).toBe(false)
      expect(yield* limit.available("a")).toBe(3)
      yield* TestClock.adjust("2 seconds")
      expect(yield* limit.available("a")).toBe(5)
      yield* TestClock.adjust("1 hour")
      expect(yield* limit.available("a")).toBe(10)
    }).pipe(Effect.provide(limiter(60, 10))))

  it.effect("destinations do not share a bucket", () =>
    Effect.gen(function*() {
      const limit = yield* RateLimit.RateLimit
      expect(yield* limit.take("a", 10)).toBe(true)
      expect(yield* limit.available("b")).toBe(10)
    }).pipe(Effect.provide(limiter(60, 10))))

  it.effect("waitTime is as long as it takes, for the burst at most, and 0 when the tokens are there", () =>
    Effect.gen(function*() {
      const limit = yield* RateLimit.RateLimit
      yield* limit.take("a", 10)
      expect(yield* limit.waitTime("a", 4)).toBe(4_000)
      expect(yield* limit.waitTime("a", 1_000)).toBe(10_000)
      yield* TestClock.adjust("4 seconds")
      expect(yield* limit.waitTime("a", 4)).toBe(0)
      expect(yield* limit.take("a", 4)).toBe(true)
    }).pipe(Effect.provide(limiter(60, 10))))

  it.effect("a refund never fills the bucket above the burst", () =>
    Effect.gen(function*() {
      const limit = yield* RateLimit.RateLimit
      yield* limit.take("a", 6)
      yield* limit.refund("a", 6)
      expect(yield* limit.available("a")).toBe(10)
      yield* limit.take("a", 6)
      yield* TestClock.adjust("5 seconds")
      yield* limit.refund("a", 6)
      expect(yield* limit.available("a")).toBe(10)
      expect(yield* limit.take("a", 11)).toBe(false)
    }).pipe(Effect.provide(limiter(60, 10))))

  it.effect.prop(
    "no sliding minute holds more than rate + burst, whatever is taken when",
    [
      fc.constantFrom(1, 6, 60, 1_000, 100_000),
      fc.integer({ min: 1, max: 300 }),
      fc.array(
        fc.record({
          pause: fc.integer({ min: 0, max: 30_000 }),
          want: fc.integer({ min: 1, max: 300 }),
          sent: fc.boolean()
        }),
        { minLength: 5, maxLength: 60 }
      )
    ],
    ([rate, burst, steps]) => {
      // TestClock costs milliseconds a step; here only the time matters.
      let now = 0
      const clock: Clock.Clock = { ...Clock.make(), unsafeCurrentTimeMillis: () => now }
      return Effect.gen(function*() {
        const limit = yield* RateLimit.RateLimit
        const taken: Array<readonly [at: number, n: number]> = []
        for (const { pause, sent, want } of steps) {
          now += pause
          const n = Math.min(want, yield* limit.available("a"))
          if (n < 1) continue
          expect(yield* limit.take("a", n)).toBe(true)
          if (sent) taken.push([now, n])
          else yield* limit.refund("a", n)
        }
        for (const [start] of taken) {
          const minute = taken.filter(([at]) => at >= start && at < start + 60_000)
          expect(minute.reduce((total, [, n]) => total + n, 0)).toBeLessThanOrEqual(rate + burst)
        }
      }).pipe(Effect.provide(limiter(rate, burst)), Effect.withClock(clock))
    },
    { fastCheck: { numRuns: 30 } }
  )

  it.effect("a store that fails is a store error, its own if it was one", () =>
    Effect.gen(function*() {
      const cause = new StoreError({ reason: "locked", message: "held" })
      const failing = (error?: unknown) =>
        RateLimit.make(
          {
            [RateLimiter.TypeId]: RateLimiter.TypeId,
            consume: () => Effect.fail(new RateLimiter.RateLimitStoreError({ message: "no", cause: error }))
          },
          { rateLimit: 60, burst: 10 }
        )
      expect(yield* Effect.flip(failing(cause).take("a", 1))).toBe(cause)
      expect(yield* Effect.flip(failing().available("a"))).toMatchObject({ _tag: "StoreError", reason: "unavailable" })
    }))
})
