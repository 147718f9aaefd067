import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as Outcome from "../../src/domain/Outcome.js"
import { Transport } from "../../src/submission/Transport.js"
import { ScriptedTransport } from "../../src/testing/ScriptedTransport.js"
import * as Scripted from "../../src/testing/ScriptedTransport.js"
import { batch } from "../submission/Fixtures.js"

const outcome = (from: number, size = 2) =>
  Effect.flatMap(Transport, (transport) => Effect.map(transport.submit(batch(size, from)), (s) => s.outcome))

const accepted = Outcome.Accepted({ duplicates: 0 })
const refused = Outcome.ContentRefused({ status: 400, message: "no" })
const busy = Outcome.Unavailable({ status: 503, retryAfter: null, message: "later" })

describe("ScriptedTransport", () => {
  it.effect("accepts everything, and remembers it in order", () =>
    Effect.gen(function*() {
      const scripted = yield* ScriptedTransport
      expect(yield* outcome(0)).toEqual(accepted)
      expect(yield* outcome(2)).toEqual(accepted)
      expect((yield* scripted.events).map((event) => event.id)).toEqual(batch(4).events.map((event) => event.id))
      expect((yield* scripted.batches).map((one) => one.batch.key)).toEqual([batch(1, 0).key, batch(1, 2).key])
    }).pipe(Effect.provide(Scripted.layer)))

  it.effect("uses up what was ordered, in order, and then what stands", () =>
    Effect.gen(function*() {
      const { failNext, respond } = yield* ScriptedTransport
      yield* failNext(2, refused)
      yield* failNext(1, (given) => Outcome.Accepted({ duplicates: given.events.length }))
      yield* respond(busy)
      const outcomes = yield* Effect.forEach([0, 2, 4, 6, 8], (from) => outcome(from))
      expect(outcomes).toEqual([refused, refused, Outcome.Accepted({ duplicates: 2 }), busy, busy])
    }).pipe(Effect.provide(Scripted.layer)))

  it.effect("offline, nothing is reached and nothing that was ordered is used up", () =>
    Effect.gen(function*() {
      const { batches, failNext, offline, online } = yield* ScriptedTransport
      const { ping } = yield* Transport
      yield* failNext(1, refused)
      yield* offline
      const away = yield* outcome(0)
      expect(Outcome.nothingSent(away)).toBe(true)
      expect(yield* ping).toBe(false)
      expect(yield* batches).toHaveLength(0)
      yield* online
      expect(yield* ping).toBe(true)
      expect(yield* outcome(0)).toEqual(refused)
    }).pipe(Effect.provide(Scripted.layer)))

  it.effect("an event that is accepted twice is counted by its id", () =>
    Effect.gen(function*() {
      const { duplicates, events } = yield* ScriptedTransport
      yield* outcome(0)
      yield* outcome(1)
      yield* outcome(1)
      expect([...yield* duplicates]).toEqual([[batch(1, 1).events[0]!.id, 2], [batch(1, 2).events[0]!.id, 1]])
      expect(yield* events).toHaveLength(3)
    }).pipe(Effect.provide(Scripted.layer)))

  it.effect("of a batch refused in part, the named are left out; without names, the last ones", () =>
    Effect.gen(function*() {
      const { events, failNext } = yield* ScriptedTransport
      const part = { _tag: "PartlyAccepted", accepted: 1, rejected: 1, duplicates: 0 } as const
      const named = [{ id: batch(1, 0).events[0]!.id, reason: "no", retryable: false }]
      yield* failNext(1, { ...part, rejections: named })
      yield* failNext(1, { ...part, rejections: [] })
      yield* outcome(0)
      yield* outcome(2)
      expect((yield* events).map((event) => event.id)).toEqual([1, 2].map((n) => batch(1, n).events[0]!.id))
    }).pipe(Effect.provide(Scripted.layer)))

  it.effect("with a delay, the answer takes that long, and a batch given up meanwhile never came", () =>
    Effect.gen(function*() {
      const { batches, delay } = yield* ScriptedTransport
      yield* delay("5 seconds")
      const first = yield* Effect.fork(outcome(0))
      const second = yield* Effect.fork(outcome(2))
      yield* TestClock.adjust("4 seconds")
      yield* Fiber.interrupt(second)
      expect(yield* batches).toHaveLength(0)
      yield* TestClock.adjust("1 seconds")
      expect(yield* Fiber.join(first)).toEqual(accepted)
      expect(yield* batches).toHaveLength(1)
    }).pipe(Effect.provide(Scripted.layer)))
})
