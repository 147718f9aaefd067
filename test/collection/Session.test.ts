import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as Session from "../../src/collection/Session.js"
import { type Remembered, SessionMemory } from "../../src/collection/SessionMemory.js"
import * as Ids from "../../src/domain/Ids.js"
import * as Policy from "../../src/Policy.js"
import { Config } from "../../src/TelemetryConfig.js"
import { FakeGate } from "./fakes.js"
import { config, granted, off } from "./fixtures.js"

const withSession = <A>(body: (session: Session.Service, gate: FakeGate) => Effect.Effect<A>) => {
  const gate = new FakeGate()
  return Effect.flatMap(Session.Session, (session) => body(session, gate)).pipe(
    Effect.provide(Session.layer.pipe(
      Layer.provide([gate.layer, Ids.layerSeeded(7), Layer.succeed(Config, config)])
    ))
  )
}

const recording = () => {
  const seen: Array<string> = []
  const listener: Session.Listener = {
    ended: ({ duration, errors, events }) => seen.push(`ended ${duration} ${events} ${errors}`),
    started: () => seen.push("started")
  }
  return { seen, listener }
}

const idle = Policy.sessionIdleMillis

describe("Session", () => {
  it.effect("gives the same object while nothing changes", () =>
    withSession((session, gate) =>
      Effect.sync(() => {
        const first = session.unsafeTouch("event", 0)
        assert.strictEqual(session.unsafeTouch("error", 1000), first)
        assert.strictEqual(session.unsafeTouch("passive", 2000), first)
        gate.set(granted())
        assert.strictEqual(session.unsafeContext(), first)
      })
    ))

  it.effect("carries level, epoch and installation of the consent in force, in the same session", () =>
    withSession((session, gate) =>
      Effect.sync(() => {
        const first = session.unsafeContext()
        assert.isNull(first.installationId)
        gate.set(granted("full"))
        const second = session.unsafeContext()
        assert.strictEqual(second.sessionId, first.sessionId)
        assert.strictEqual(second.level, "full")
        assert.isNotNull(second.installationId)
      })
    ))

  it.effect("counts events and errors, and not what telemetry makes itself", () =>
    withSession((session) =>
      Effect.gen(function*() {
        session.unsafeTouch("event", 0)
        session.unsafeTouch("error", 0)
        session.unsafeTouch("passive", 0)
        yield* TestClock.adjust(1500)
        assert.deepStrictEqual(session.unsafeSummary(), { duration: 1500, events: 2, errors: 1 })
      })
    ))

  it.effect("begins anew with the first event after the idle time", () =>
    withSession((session) =>
      Effect.gen(function*() {
        const { listener, seen } = recording()
        session.unsafeListen(listener)
        const first = session.unsafeTouch("event", 0)
        yield* TestClock.adjust(1000)
        assert.strictEqual(session.unsafeTouch("event", 1000), first)
        yield* TestClock.adjust(idle)
        const second = session.unsafeTouch("event", 1000 + idle)
        assert.notStrictEqual(second.sessionId, first.sessionId)
        assert.deepStrictEqual(seen, ["ended 1000 2 0", "started"])
        assert.strictEqual(session.unsafeSummary().events, 1)
      })
    ))

  it.effect("is still the old one while its end is told, and the new one while that begins", () =>
    withSession((session) =>
      Effect.gen(function*() {
        const seen: Array<string> = []
        session.unsafeListen({
          ended: () => seen.push(session.unsafeTouch("passive", 0).sessionId),
          started: () => seen.push(session.unsafeTouch("passive", 0).sessionId)
        })
        const first = session.unsafeTouch("event", 0)
        const second = session.unsafeTouch("event", idle)
        assert.deepStrictEqual(seen, [first.sessionId, second.sessionId])
      })
    ))

  it.effect("ends once: found idle, it is over, and the next event only begins another", () =>
    withSession((session) =>
      Effect.gen(function*() {
        const { listener, seen } = recording()
        session.unsafeListen(listener)
        const first = session.unsafeTouch("event", 0)
        yield* TestClock.adjust(idle - 1)
        assert.isFalse(session.unsafeEndIfIdle(idle - 1))
        yield* TestClock.adjust(1)
        assert.isTrue(session.unsafeEndIfIdle(idle))
        assert.isTrue(session.unsafeEndIfIdle(idle))
        assert.strictEqual(session.unsafeTouch("passive", idle).sessionId, first.sessionId)
        assert.notStrictEqual(session.unsafeTouch("event", idle + 1).sessionId, first.sessionId)
        assert.deepStrictEqual(seen, ["ended 0 1 0", "started"])
      })
    ))

  it.effect("is not kept alive by its own heartbeats", () =>
    withSession((session) =>
      Effect.sync(() => {
        session.unsafeTouch("event", 0)
        session.unsafeTouch("passive", idle - 1)
        assert.isTrue(session.unsafeEndIfIdle(idle))
      })
    ))

  it.effect("does not end because the wall clock goes back", () =>
    withSession((session) =>
      Effect.sync(() => {
        const first = session.unsafeTouch("event", 5 * idle)
        assert.strictEqual(session.unsafeTouch("event", 0), first)
      })
    ))

  it.effect("does not go on over an opt-out, nor over a withdrawal of sending", () =>
    withSession((session, gate) =>
      Effect.sync(() => {
        const first = session.unsafeTouch("event", 0)
        gate.set(off)
        assert.strictEqual(session.unsafeContext().epoch, "")
        gate.set(granted())
        const second = session.unsafeTouch("event", 0)
        assert.notStrictEqual(second.sessionId, first.sessionId)
        gate.set(granted("basic", "00000000-0000-4000-8000-00000000000b"))
        assert.notStrictEqual(session.unsafeTouch("event", 0).sessionId, second.sessionId)
      })
    ))

  it.effect("has one id while telemetry is off", () =>
    withSession((session, gate) =>
      Effect.sync(() => {
        gate.set(off)
        const id = session.unsafeContext().sessionId
        assert.strictEqual(session.unsafeContext().sessionId, id)
      })
    ))

  describe("that is remembered", () => {
    const remembered = (changes: Partial<Remembered> = {}): Remembered => ({
      id: "0f6b5c7e-1d2a-4b3c-8d4e-5f6a7b8c9d0e",
      epoch: granted().epoch!.id,
      startedAt: 0,
      lastEventAt: 60_000,
      events: 3,
      errors: 1,
      ...changes
    })
    const resuming = <A>(
      found: Remembered | null,
      body: (session: Session.Service, kept: Array<Remembered | null>, gate: FakeGate) => Effect.Effect<A>
    ) => {
      const kept: Array<Remembered | null> = []
      const memory = { recall: () => found, keep: (next: Remembered | null) => void kept.push(next) }
      return Effect.zipRight(
        TestClock.adjust("2 minutes"),
        withSession((session, gate) => body(session, kept, gate))
      ).pipe(Effect.provideService(SessionMemory, memory))
    }

    it.effect("goes on with its id, its counts and its length", () =>
      resuming(remembered(), (session, kept) =>
        Effect.sync(() => {
          assert.isTrue(session.isResumed && session.isRemembered)
          assert.deepStrictEqual(session.unsafeSummary(), { duration: 120_000, events: 3, errors: 1 })
          assert.strictEqual(session.unsafeTouch("event", 120_000).sessionId, remembered().id)
          assert.deepStrictEqual(kept, [remembered({ lastEventAt: 120_000, events: 4 })])
        })))

    for (
      const [why, changes] of [
        ["is over", { lastEventAt: 120_000 - idle }],
        ["was recorded under another consent", { epoch: "another" }],
        ["is of a time to come", { lastEventAt: 120_001 }]
      ] as const
    ) {
      it.effect(`is another one when it ${why}`, () =>
        resuming(remembered(changes), (session) =>
          Effect.sync(() => {
            assert.isFalse(session.isResumed)
            assert.notStrictEqual(session.unsafeContext().sessionId, remembered().id)
            assert.strictEqual(session.unsafeSummary().events, 0)
          })))
    }

    it.effect("is not kept while telemetry is off, nor what telemetry does itself", () =>
      resuming(null, (session, kept, gate) =>
        Effect.sync(() => {
          session.unsafeTouch("passive", 120_000)
          gate.set(off)
          session.unsafeTouch("event", 120_000)
          assert.deepStrictEqual(kept, [])
        })))
  })
})
