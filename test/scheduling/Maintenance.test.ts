import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as fc from "effect/FastCheck"
import * as TestClock from "effect/TestClock"
import * as LocalStats from "../../src/LocalStats.js"
import { EventStore } from "../../src/persistence/EventStore.js"
import { Rollups } from "../../src/persistence/Rollups.js"
import * as Maintenance from "../../src/scheduling/Maintenance.js"
import * as World from "./world.js"

const hour = 3_600_000
const day = 24 * hour
const config = { retention: Duration.days(30), maxStoreBytes: null }
const world = World.world(World.makeEndpoint(), { config })
const events = Effect.map(Effect.flatMap(EventStore, (store) => store.size), (size) => size.events)

describe("Maintenance", () => {
  it.effect("removes what is older than the retention, in portions, and counts it", () =>
    Effect.gen(function*() {
      const look = yield* Maintenance.make
      yield* World.record(1_203)
      yield* TestClock.setTime(20 * day)
      yield* World.record(5)
      yield* look
      for (const at of [30 * day + hour, 30 * day + 1.5 * hour]) {
        yield* TestClock.setTime(at)
        yield* look
      }
      expect(yield* events).toBe(1_208)
      yield* TestClock.setTime(30 * day + 2 * hour)
      expect(yield* look).toBe(1_203)
      expect(yield* events).toBe(5)
      const ledger = yield* Effect.flatMap(EventStore, (store) => store.ledger)
      expect(ledger.destinations["default"]).toMatchObject({ "dropped:expired": 1_203, pending: 5 })
    }).pipe(Effect.provide(world)))

  it.effect("holds the store to its size: the oldest go, and are counted", () =>
    Effect.gen(function*() {
      const look = yield* Maintenance.make
      const store = yield* EventStore
      yield* World.record(2_000)
      const removed = yield* look
      expect(removed).toBeGreaterThan(0)
      const left = yield* store.read({ after: 0, limit: 2_000 })
      expect(left.length).toBeGreaterThan(0)
      expect([left[0]!.seq, left.at(-1)!.seq]).toEqual([removed + 1, 2_000])
      expect((yield* store.ledger).destinations["default"]).toMatchObject({ "dropped:expired": removed })
    }).pipe(
      Effect.provide(World.world(World.makeEndpoint(), { config: { retention: null, maxStoreBytes: 8_000 } }))
    ))

  it.effect("sums go when theirs is over, though the events may stay", () =>
    Effect.gen(function*() {
      const look = yield* Maintenance.make
      const counts = Effect.map(
        Effect.flatMap(Rollups, (rollups) => LocalStats.read(rollups, {})),
        (rows) => rows.map(({ count }) => count)
      )
      yield* World.record(3)
      yield* look
      expect(yield* counts).toEqual([3])
      for (const at of [89 * day, 89 * day + hour, 90 * day + 2 * hour]) {
        yield* TestClock.setTime(at)
        yield* look
      }
      expect(yield* counts).toEqual([3])
      yield* TestClock.setTime(91 * day + hour)
      yield* look
      expect(yield* counts).toEqual([])
      expect(yield* events).toBe(3)
    }).pipe(
      Effect.provide(
        World.world(World.makeEndpoint(), { config: { retention: null, rollupRetention: Duration.days(90) } })
      )
    ))

  it.effect("a clock that jumps ahead and back again removes nothing", () =>
    Effect.gen(function*() {
      const look = yield* Maintenance.make
      yield* World.record(3)
      expect(yield* look).toBe(0)
      yield* TestClock.setTime(400 * day)
      expect(yield* look).toBe(0)
      yield* TestClock.setTime(400 * day + hour / 2)
      expect(yield* look).toBe(0)
      yield* TestClock.setTime(2 * hour)
      expect(yield* look).toBe(0)
      expect(yield* events).toBe(3)
    }).pipe(Effect.provide(world)))

  it.effect("does nothing while telemetry is off, and nothing by age when the retention is none", () =>
    Effect.gen(function*() {
      const consent = yield* World.Consent
      const look = yield* Maintenance.make
      yield* World.record(3)
      yield* consent.set(World.off)
      yield* TestClock.setTime(400 * day)
      expect(yield* look).toBe(0)
      expect(yield* events).toBe(3)
    }).pipe(Effect.provide(World.world(World.makeEndpoint(), { config: { retention: null } }))))

  it.effect("the layer looks at the start and every hour", () =>
    Effect.gen(function*() {
      yield* World.record(3)
      yield* TestClock.adjust(2 * hour)
      expect(yield* events).toBe(0)
    }).pipe(
      Effect.provide(Maintenance.layer),
      Effect.provide(World.world(World.makeEndpoint(), { config: { retention: Duration.minutes(90) } }))
    ))

  it.prop(
    "the judge believes a later time only after it was told twice, an hour apart",
    [
      fc.integer({ min: 0, max: 10 * day }),
      fc.integer({ min: 2 * day, max: 900 * day }),
      fc.integer({ min: 0, max: 2 * hour })
    ],
    ([start, jump, later]) => {
      const first = Maintenance.judge({ lastAt: null, notBefore: null }, start)
      const second = Maintenance.judge(first.looked, start + jump)
      expect(second.expire).toBe(false)
      expect(Maintenance.judge(second.looked, start + jump + later).expire).toBe(later >= hour)
      const back = Maintenance.judge(second.looked, start + jump - day)
      expect(back).toEqual({ expire: true, looked: { lastAt: start + jump - day, notBefore: null } })
    }
  )

  it.prop("looks that follow one another within an hour are one", [fc.integer({ min: 0, max: 2 * hour })], ([gap]) => {
    const first = Maintenance.judge({ lastAt: 0, notBefore: null }, 5 * hour)
    expect(first.expire).toBe(true)
    expect(Maintenance.judge(first.looked, 5 * hour + gap).expire).toBe(gap >= hour)
  })
})
