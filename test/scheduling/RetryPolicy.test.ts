import { describe, expect, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as fc from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/TestClock"
import * as RetryPolicy from "../../src/scheduling/RetryPolicy.js"

const numbers = { baseDelay: Duration.seconds(1), maxDelay: Duration.hours(1), jitterFactor: 0.25 }
const standard = RetryPolicy.make(numbers)

const delays = (schedule: Schedule.Schedule<unknown>, count: number) =>
  Effect.forEach(
    Array.from({ length: count }, (_, i) => i),
    (attempt) => Effect.map(RetryPolicy.delayFor(schedule, attempt), Duration.toMillis)
  )

describe("RetryPolicy", () => {
  it.effect("without luck either way the delays are 1, 2, 4 … seconds, and an hour at most", () =>
    Effect.gen(function*() {
      const seen = yield* Effect.withRandom(delays(standard, 15), Random.fixed([0.5]))
      expect(seen).toEqual([...Array.from({ length: 12 }, (_, i) => 1000 * 2 ** i), 3_600_000, 3_600_000, 3_600_000])
    }))

  it.effect.prop(
    "every delay is within the jitter around base · 2ⁿ, and never above the cap",
    [
      fc.integer({ min: 1, max: 60_000 }),
      fc.integer({ min: 1, max: 7_200_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(60),
      fc.integer()
    ],
    ([base, cap, jitterFactor, attempt, seed]) =>
      Effect.gen(function*() {
        const schedule = RetryPolicy.make({
          baseDelay: Duration.millis(base),
          maxDelay: Duration.millis(cap),
          jitterFactor
        })
        const delay = Duration.toMillis(
          yield* Effect.withRandom(RetryPolicy.delayFor(schedule, attempt), Random.make(seed))
        )
        const exact = base * 2 ** attempt
        expect(delay).toBeLessThanOrEqual(Math.min(cap, Math.round(exact * (1 + jitterFactor)) + 1))
        expect(delay).toBeGreaterThanOrEqual(Math.min(cap, Math.floor(exact * (1 - jitterFactor))))
      })
  )

  it.effect("jitter is a true ±25 %: it reaches both ends", () =>
    Effect.gen(function*() {
      const seen = yield* Effect.withRandom(
        Effect.forEach(Array.from({ length: 2_000 }), () =>
          Effect.map(RetryPolicy.delayFor(standard, 0), Duration.toMillis)),
        Random.make(7)
      )
      expect(Math.min(...seen)).toBeLessThan(760)
      expect(Math.min(...seen)).toBeGreaterThanOrEqual(750)
      expect(Math.max(...seen)).toBeGreaterThan(1240)
      expect(Math.max(...seen)).toBeLessThanOrEqual(1250)
    }))

  it.effect("the same schedule drives Effect.retry at the same instants", () =>
    Effect.gen(function*() {
      const attempts = 20
      const instants: Array<number> = []
      const failing = Effect.zipRight(
        Effect.map(Clock.currentTimeMillis, (now) => instants.push(now)),
        Effect.fail("away")
      )
      const start = yield* Clock.currentTimeMillis
      const fiber = yield* Effect.fork(
        Effect.withRandom(
          Effect.ignore(Effect.retry(failing, Schedule.intersect(standard, Schedule.recurs(attempts)))),
          Random.make(42)
        )
      )
      yield* TestClock.adjust("20 hours")
      yield* Fiber.join(fiber)
      // The first n delays of one stream of random numbers, by replay of an ever longer prefix.
      let at = start
      const replayed = [start]
      for (let attempt = 0; attempt < attempts; attempt++) {
        at += Duration.toMillis(
          yield* Effect.withRandom(RetryPolicy.delayFor(standard, attempt), Random.make(42))
        )
        replayed.push(at)
      }
      expect(instants).toEqual(replayed)
    }))

  it.effect("the same seed gives the same delays, another seed others", () =>
    Effect.gen(function*() {
      const one = yield* Effect.withRandom(delays(standard, 10), Random.make(1))
      const same = yield* Effect.withRandom(delays(standard, 10), Random.make(1))
      const other = yield* Effect.withRandom(delays(standard, 10), Random.make(2))
      expect(one).toEqual(same)
      expect(one).not.toEqual(other)
    }))

  it.effect("a schedule that ends repeats its last delay, for ever", () =>
    Effect.gen(function*() {
      const three = Schedule.fromDelays("1 seconds", "5 seconds", "9 seconds")
      expect(yield* delays(three, 6)).toEqual([1000, 5000, 9000, 9000, 9000, 9000])
    }))

  it.effect("an attempt far beyond any schedule is answered at once", () =>
    Effect.gen(function*() {
      expect(Duration.toMillis(yield* RetryPolicy.delayFor(standard, 1e15))).toBe(3_600_000)
      expect(Duration.toMillis(yield* RetryPolicy.delayFor(Schedule.recurs(3), 99))).toBe(0)
    }))

  it.effect("what is persisted is never a busy loop, and never more than is believed", () =>
    Effect.gen(function*() {
      const own = (schedule: Schedule.Schedule<unknown>) => RetryPolicy.fromConfig({ ...numbers, schedule })
      expect(yield* RetryPolicy.persistedDelay(own(Schedule.recurs(5)), 3)).toBe(RetryPolicy.shortestMillis)
      expect(yield* RetryPolicy.persistedDelay(own(Schedule.spaced("400 days")), 0)).toBe(86_400_000)
      expect(yield* RetryPolicy.persistedDelay(own(Schedule.spaced(Duration.infinity)), 0)).toBe(86_400_000)
      expect(yield* RetryPolicy.persistedDelay(own(Schedule.spaced("20 seconds")), 8)).toBe(20_000)
    }))

  it("an application's own schedule takes the place of the numbers", () => {
    const own = Schedule.spaced("3 seconds")
    expect(RetryPolicy.fromConfig({ ...numbers, schedule: own }).schedule).toBe(own)
    expect(Duration.toMillis(RetryPolicy.fromConfig({ ...numbers, schedule: null }).longest)).toBe(3_600_000)
  })
})
