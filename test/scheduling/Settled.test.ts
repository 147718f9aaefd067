/** What a drain makes of the answers that only some protocols give: losses without names, and several requests for one batch. */
import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import * as Outcome from "../../src/domain/Outcome.js"
import type { Batch } from "../../src/submission/Transport.js"
import * as World from "./world.js"

/** The first of two halves is taken, the second is away. */
const half = (batch: Batch): Outcome.Outcome => {
  const ids = batch.events.map(({ id }) => id)
  return Outcome.Divided({
    parts: [
      { ids: ids.slice(0, 2), outcome: Outcome.Accepted({ duplicates: 0 }) },
      { ids: ids.slice(2), outcome: Outcome.Unavailable({ status: 503, retryAfter: null, message: "busy" }) }
    ]
  })
}

describe.each([["memory", World.memory], ["sqlite", World.sqlite]] as const)("over %s, a drain", (_, store) => {
  it.effect("counts what was refused without names as rejected, and sends none of it again", () => {
    const endpoint = World.makeEndpoint()
    endpoint.respond = () => Outcome.Settled({ accepted: 3, rejected: 2, message: "2 are too old" })
    return Effect.gen(function*() {
      yield* World.record(5)
      expect(yield* World.drain()).toMatchObject({
        submitted: 3,
        rejected: 2,
        remaining: 0,
        lastError: "2 are too old"
      })
      expect(yield* World.drain()).toMatchObject({ submitted: 0, rejected: 0 })
      expect(endpoint.calls).toHaveLength(1)
      expect(yield* World.stats).toMatchObject({ submitted: 3, rejected: 2, requests: 1, failedRequests: 0 })
      expect(yield* World.counts).toMatchObject({ total: 0 })
    }).pipe(Effect.provide(World.world(endpoint, {}, store)))
  })

  it.effect("keeps only the part that is away, and backs off", () => {
    const endpoint = World.makeEndpoint()
    endpoint.respond = half
    return Effect.gen(function*() {
      const ids = yield* World.record(4)
      expect(yield* World.drain()).toMatchObject({ submitted: 2, failed: 2, remaining: 2, lastError: "busy" })
      expect((yield* World.state).failures).toBe(1)
      endpoint.respond = World.accept
      yield* TestClock.adjust("2 seconds")
      expect(yield* World.drain()).toMatchObject({ submitted: 2, remaining: 0 })
      expect(endpoint.calls.map((call) => call.ids)).toEqual([ids, ids.slice(2)])
      expect(yield* World.stats).toMatchObject({ submitted: 4, failed: 2, requests: 2, failedRequests: 1 })
    }).pipe(Effect.provide(World.world(endpoint, {}, store)))
  })

  it.effect("sends nothing for as long as the longest delay to an endpoint that is to be tried seldom", () => {
    const endpoint = World.makeEndpoint()
    endpoint.respond = () =>
      Outcome.Misconfigured({ status: 401, reason: "status", message: "who are you", seldom: true })
    return Effect.gen(function*() {
      yield* World.record(2)
      yield* World.drain()
      yield* TestClock.adjust(Duration.minutes(59))
      expect(yield* World.drain()).toMatchObject({ remaining: 2, lastError: "who are you" })
      expect(endpoint.calls).toHaveLength(1)
      endpoint.respond = World.accept
      endpoint.fingerprint = "f2"
      expect(yield* World.drain()).toMatchObject({ submitted: 2 })
    }).pipe(Effect.provide(World.world(endpoint, {}, store)))
  })
})
