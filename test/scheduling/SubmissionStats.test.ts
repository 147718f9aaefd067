import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as TestClock from "effect/TestClock"
import { initial } from "../../src/domain/Destination.js"
import { noStats } from "../../src/persistence/SubmissionQueue.js"
import * as SubmissionStats from "../../src/scheduling/SubmissionStats.js"
import * as World from "./world.js"

const noCounts = { pending: 0, retrying: 0, leased: 0, dead: 0, total: 0, oldestQueuedAt: null }

describe("SubmissionStats", () => {
  it("what is not known is null, not zero", () => {
    expect(SubmissionStats.from(noStats, initial, noCounts, 100)).toMatchObject({
      successRate: null,
      retryRate: null,
      latency: null,
      nextAttemptAt: null,
      queueShare: 0
    })
  })

  it("rates are shares of requests; the next attempt is the later of back-off and Retry-After", () => {
    const stats = { ...noStats, requests: 8, failedRequests: 2, retries: 4 }
    const state = { ...initial, nextAttemptAt: 5, retryAfter: 9 }
    const counts = { ...noCounts, pending: 10, retrying: 5, leased: 5, dead: 99, total: 119 }
    expect(SubmissionStats.from(stats, state, counts, 100)).toMatchObject({
      successRate: 0.75,
      retryRate: 0.5,
      nextAttemptAt: 9,
      queueSize: 20,
      queueShare: 0.2
    })
  })

  it.effect("latency percentiles come back from the store within 1 %, and the metrics agree", () => {
    const endpoint = World.makeEndpoint()
    return Effect.gen(function*() {
      const submitted = Metric.tagged(
        Metric.counter("effect_telemetry_submitted", {
          description: "Events the destination has taken",
          incremental: true
        }),
        "destination",
        World.destination
      )
      const before = (yield* Metric.value(submitted)).count
      for (const millis of [100, 100, 100, 4_000]) {
        endpoint.takes = Duration.millis(millis)
        yield* World.record(2)
        const fiber = yield* Effect.fork(World.drain())
        yield* TestClock.adjust("5 seconds")
        yield* Fiber.join(fiber)
      }
      const stats = yield* SubmissionStats.SubmissionStats
      const { latency, ...figures } = yield* stats.figures(World.destination)
      expect(figures).toMatchObject({ requests: 4, submitted: 8, successRate: 1, retryRate: 0, queueSize: 0 })
      expect(latency!.mean).toBe(1_075)
      expect(Math.abs(latency!.p50 - 100)).toBeLessThanOrEqual(1)
      expect(Math.abs(latency!.p99 - 4_000)).toBeLessThanOrEqual(40)
      expect((yield* Metric.value(submitted)).count - before).toBe(8)
    }).pipe(Effect.provide(Layer.provideMerge(SubmissionStats.layer, World.world(endpoint))))
  })

  it.effect("a queue near its limit is said once, and again only after it was well below", () => {
    const said: Array<unknown> = []
    const logger = Logger.make(({ message }) => void said.push(message))
    return Effect.gen(function*() {
      const warn = SubmissionStats.makeWarning(100)
      for (const waiting of [10, 79, 80, 95, 79, 81]) yield* warn("a", waiting)
      expect(said.length).toBe(1)
      for (const waiting of [70, 85]) yield* warn("a", waiting)
      expect(said.length).toBe(2)
      yield* warn("b", 99)
      expect(said.length).toBe(3)
    }).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
  })
})
