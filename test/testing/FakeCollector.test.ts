import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import * as Outcome from "../../src/domain/Outcome.js"
import * as NodeCompression from "../../src/node/NodeCompression.js"
import { Http } from "../../src/submission/Http.js"
import { FakeCollector } from "../../src/testing/FakeCollector.js"
import * as Fake from "../../src/testing/FakeCollector.js"
import * as Fault from "../../src/testing/Fault.js"
import { batch, event, key, transport } from "../submission/Fixtures.js"

const open = Effect.zipWith(
  Http,
  NodeCompression.make,
  (http, compression) => transport(Fake.endpoint, http, { compression })
)

const poison = batch(1, 1).events[0]!.id

describe("FakeCollector", () => {
  it.effect("stores each event once, counts what comes again and knows when requests came", () =>
    Effect.gen(function*() {
      const collector = yield* FakeCollector
      const { submit } = yield* open
      yield* submit(batch(2))
      yield* TestClock.adjust("1 minutes")
      expect((yield* submit(batch(3))).outcome).toEqual(Outcome.Accepted({ duplicates: 2 }))
      expect([...(yield* collector.events).keys()]).toEqual(batch(3).events.map((one) => one.id))
      expect(yield* collector.duplicates).toBe(2)
      expect((yield* collector.requests).map((request) => request.at)).toEqual([0, 60_000])
    }).pipe(Effect.provide(Fake.layer)))

  it.effect("reads compressed bodies", () =>
    Effect.gen(function*() {
      const { submit } = yield* open
      expect((yield* submit(batch(100))).outcome).toEqual(Outcome.Accepted({ duplicates: 0 }))
      expect((yield* (yield* FakeCollector).events).size).toBe(100)
    }).pipe(Effect.provide(Fake.layer)))

  it.effect("a key that is asked for is asked of submissions and of info, not of a ping", () =>
    Effect.gen(function*() {
      const http = yield* Http
      const without = transport(Fake.endpoint, http, { apiKey: null })
      expect((yield* without.submit(batch(1))).outcome).toEqual(
        expect.objectContaining({ _tag: "Misconfigured", status: 401 })
      )
      expect(yield* without.serverInfo).toBeNull()
      expect(yield* without.ping).toBe(true)
      expect((yield* transport(Fake.endpoint, http).submit(batch(1))).outcome._tag).toBe("Accepted")
    }).pipe(Effect.provide(Fake.layerWith({ apiKey: key }))))

  it.effect("faults are used up by submissions, in order; a ping uses none", () =>
    Effect.gen(function*() {
      const { failNext } = yield* FakeCollector
      const { ping, submit } = yield* open
      yield* failNext(1, Fault.Status({ status: 503 }))
      yield* failNext(1, Fault.Status({ status: 400 }))
      expect(yield* ping).toBe(true)
      const tags = yield* Effect.forEach([0, 1, 2], (from) => Effect.map(submit(batch(1, from)), (s) => s.outcome._tag))
      expect(tags).toEqual(["Unavailable", "ContentRefused", "Accepted"])
    }).pipe(Effect.provide(Fake.layer)))

  it.effect("down stays down, pings too, until it is up", () =>
    Effect.gen(function*() {
      const { down, events, up } = yield* FakeCollector
      const { ping, submit } = yield* open
      yield* down(Fault.Reset())
      expect(yield* ping).toBe(false)
      expect((yield* submit(batch(1))).outcome._tag).toBe("Unreachable")
      expect((yield* submit(batch(1))).outcome._tag).toBe("Unreachable")
      yield* up
      expect(yield* ping).toBe(true)
      expect((yield* submit(batch(1))).outcome._tag).toBe("Accepted")
      expect((yield* events).size).toBe(1)
    }).pipe(Effect.provide(Fake.layer)))

  it.effect.each(
    [
      ["refuse", "ContentRefused", 0],
      ["break", "Faulted", 0],
      ["reject", "PartlyAccepted", 2],
      ["reject-unnamed", "PartlyAccepted", 2]
    ] as const
  )("a poison event under the rule %s makes its batch %s", ([action, tag, stored]) =>
    Effect.gen(function*() {
      const { addRule, clearRules, events } = yield* FakeCollector
      const { submit } = yield* open
      yield* addRule({ matches: (one) => one.id === poison, action })
      const { outcome } = yield* submit(batch(3))
      expect(outcome._tag).toBe(tag)
      if (outcome._tag === "PartlyAccepted") {
        expect(outcome.rejections.map((one) => one.id)).toEqual(action === "reject" ? [poison] : [])
      }
      expect((yield* events).size).toBe(stored)
      yield* clearRules
      expect((yield* submit(batch(3))).outcome._tag).toBe("Accepted")
    }).pipe(Effect.provide(Fake.layer)))

  it.effect("an event that does not fit the contract is refused by name, the others are stored", () =>
    Effect.gen(function*() {
      const { submit } = yield* open
      const { outcome } = yield* submit({ ...batch(2), events: [event(0), { ...event(1), rate: 7 }] })
      expect(outcome).toEqual(Outcome.PartlyAccepted({
        accepted: 1,
        rejected: 1,
        rejections: [{ id: event(1).id, reason: "not an event", retryable: false }],
        duplicates: 0
      }))
    }).pipe(Effect.provide(Fake.layer)))

  it.effect("more events than it takes are answered 413", () =>
    Effect.gen(function*() {
      const { submit } = yield* open
      expect((yield* submit(batch(3))).outcome).toEqual(
        expect.objectContaining({ _tag: "ContentRefused", status: 413 })
      )
      expect((yield* submit(batch(2))).outcome._tag).toBe("Accepted")
    }).pipe(Effect.provide(Fake.layerWith({ maxBatchEvents: 2 }))))
})
