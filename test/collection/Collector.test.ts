import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Collector from "../../src/collection/Collector.js"
import * as Encoders from "../../src/collection/Encoders.js"
import * as Intake from "../../src/collection/Intake.js"
import * as Session from "../../src/collection/Session.js"
import * as Consent from "../../src/domain/Consent.js"
import * as EventDefinition from "../../src/domain/EventDefinition.js"
import * as Ids from "../../src/domain/Ids.js"
import * as Ledger from "../../src/domain/Ledger.js"
import * as Privacy from "../../src/domain/Privacy.js"
import * as SamplingPolicy from "../../src/domain/SamplingPolicy.js"
import { toJson } from "../../src/domain/TelemetryEvent.js"
import { Config } from "../../src/TelemetryConfig.js"
import { FakeGate, FakeStore } from "./fakes.js"
import { config, granted, off } from "./fixtures.js"

const probe = <const T extends string>(type: T, over: Partial<EventDefinition.Options<{}>> = {}) =>
  EventDefinition.make(type, {
    description: "A probe",
    purpose: "Test",
    ...over,
    fields: {
      n: Privacy.allow(Schema.Number),
      note: Privacy.optional(Privacy.redact(Schema.String, { level: "enhanced" })),
      who: Privacy.optional(Privacy.hash(Schema.String))
    }
  })

const Plain = probe("plain")
const Enhanced = probe("enhanced_only", { level: "enhanced" })
const Never = probe("never", { sampling: SamplingPolicy.never })
const Some = probe("some", { sampling: SamplingPolicy.probabilistic(0.5) })
const Throttled = probe("throttled", { sampling: SamplingPolicy.throttled(1, "1 minute") })
const ErrorOccurred = probe("error_occurred")

const events = [Plain, Enhanced, Never, Some, Throttled, ErrorOccurred]

interface Harness {
  readonly encoders: Encoders.Encoders["Type"]
  readonly collector: Collector.Service
  readonly intake: Intake.Service
  readonly session: Session.Service
  readonly store: FakeStore
  readonly gate: FakeGate
}

const withCollector = <A, E>(body: (harness: Harness) => Effect.Effect<A, E>) =>
  Effect.suspend(() => {
    const store = new FakeStore()
    const gate = new FakeGate()
    const live = Collector.layer.pipe(
      Layer.provideMerge(Layer.mergeAll(Session.layer, Intake.layer, Encoders.layer)),
      Layer.provide([
        gate.layer,
        store.layer,
        Ids.layerSeeded(3),
        Layer.succeed(Config, { ...config, events, bufferSize: 1000 })
      ])
    )
    return Effect.gen(function*() {
      return yield* body({
        collector: yield* Collector.Collector,
        intake: yield* Intake.Intake,
        session: yield* Session.Session,
        encoders: yield* Encoders.Encoders,
        store,
        gate
      })
    }).pipe(Effect.provide(live))
  })

const data = (store: FakeStore) => store.events.map((event) => JSON.parse(event.data))

describe("track", () => {
  it.effect("does nothing at all while telemetry is off", () =>
    withCollector(({ collector, gate, intake }) =>
      Effect.gen(function*() {
        gate.set(off)
        assert.isNull(collector.unsafeTrack(Plain, { n: "not even looked at" }))
        assert.strictEqual(intake.unsafeSize(), 0)
        assert.deepStrictEqual(yield* intake.uncommitted, { offered: 0 })
      })
    ))

  it.effect("stamps the event with id, time, session, level and epoch", () =>
    withCollector(({ collector, gate, intake, session, store }) =>
      Effect.gen(function*() {
        yield* TestClock.setTime(1_700_000_000_000)
        gate.set(granted("full"))
        assert.isNull(collector.unsafeTrack(Plain, { n: 1, note: "mail jane@example.com" }))
        yield* intake.flush
        const [event] = store.events
        assert.strictEqual(event!.time, 1_700_000_000_000)
        assert.strictEqual(event!.context, session.unsafeContext())
        assert.deepInclude(event!, { type: "plain", rate: 1, suppressed: 0 })
        const wire = JSON.parse(toJson(event!))
        assert.deepInclude(wire, { level: "full", eventType: "plain", sampleRate: 1 })
        assert.strictEqual(wire.eventData.n, 1)
        assert.notInclude(wire.eventData.note, "jane")
        assert.strictEqual(Consent.admit(event!, gate.current), event)
      })
    ))

  it.effect("gives rising ids in the order of tracking", () =>
    withCollector(({ collector, intake, store }) =>
      Effect.gen(function*() {
        for (let n = 0; n < 100; n++) collector.unsafeTrack(Plain, { n })
        yield* intake.flush
        const ids = store.events.map((event) => event.id)
        assert.deepStrictEqual(ids, [...ids].sort())
        assert.strictEqual(new Set(ids).size, 100)
      })
    ))

  it.effect("leaves out fields and events above the level in force", () =>
    withCollector(({ collector, intake, store }) =>
      Effect.gen(function*() {
        collector.unsafeTrack(Plain, { n: 1, note: "free text" })
        collector.unsafeTrack(Enhanced, { n: 2 })
        yield* intake.flush
        assert.deepStrictEqual(data(store), [{ n: 1 }])
        assert.strictEqual(store.capture["filtered:level"], 1)
      })
    ))

  it.effect("tells what does not fit, and counts it", () =>
    withCollector(({ collector, intake, store }) =>
      Effect.gen(function*() {
        assert.strictEqual(collector.unsafeTrack(Plain, { n: "one" })?.path, "n")
        assert.isNull(collector.unsafeTrack(Plain, { n: 1, who: "x" }))
        yield* intake.flush
        assert.deepStrictEqual(store.capture, { offered: 2, recorded: 1, "dropped:invalid": 1 })
      })
    ))

  it.effect("refuses an event that is not declared, and says what to do", () =>
    withCollector(({ collector, intake }) =>
      Effect.gen(function*() {
        assert.match(collector.unsafeTrack(probe("other"), { n: 1 })!.message, /"other" is not declared.*events/)
        assert.isUndefined(collector.definition("other"))
        assert.strictEqual(collector.definition("plain"), Plain)
        assert.deepInclude(yield* intake.uncommitted, { "dropped:invalid": 1 })
      })
    ))

  it.effect("counts what is only known by a name that nobody declared, whatever was given for a name", () =>
    withCollector(({ collector, intake }) =>
      Effect.gen(function*() {
        assert.isNull(collector.unsafeTrackNamed("plain", { n: 1 }))
        assert.match(collector.unsafeTrackNamed("x".repeat(500), {})!.message, /^the event "x{100}" is not declared/)
        for (const given of [undefined, null, 7n, Symbol("plain"), {}, new Proxy({}, {})]) {
          const track: (eventType: never, data: unknown) => unknown = collector.unsafeTrackNamed
          assert.isNotNull(track(given as never, {}))
        }
        assert.deepInclude(yield* intake.uncommitted, { "dropped:invalid": 7 })
      })
    ))

  it.effect("goes by the declaration it was given, whoever else declares the type", () =>
    withCollector(({ collector, intake, store }) =>
      Effect.gen(function*() {
        const open = EventDefinition.make("plain", {
          description: "",
          purpose: "",
          fields: { n: Privacy.allow(Schema.Number), note: Privacy.allow(Schema.String) }
        })
        collector.unsafeTrack(open, { n: 1, note: "secret" })
        yield* intake.flush
        assert.deepStrictEqual(data(store), [{ n: 1 }])
      })
    ))

  it.effect("never throws, whatever it is handed", () =>
    withCollector(({ collector, intake, store }) =>
      Effect.gen(function*() {
        const { proxy, revoke } = Proxy.revocable({ n: 1 }, {})
        revoke()
        const hostile: ReadonlyArray<unknown> = [
          null,
          undefined,
          5,
          Symbol("x"),
          proxy,
          {
            get n() {
              throw new Error("mine")
            }
          }
        ]
        for (const value of hostile) assert.isNotNull(collector.unsafeTrack(Plain, value))
        collector.unsafeTrack(Plain, { n: 1 })
        yield* intake.flush
        assert.deepStrictEqual(store.capture, { offered: 7, recorded: 1, "dropped:invalid": 6 })
      })
    ))

  it.effect("hashes with the secret of the installation", () =>
    withCollector(({ collector, intake, store }) =>
      Effect.gen(function*() {
        for (const who of ["ann", "ann", "bob"]) collector.unsafeTrack(Plain, { n: 1, who })
        yield* intake.flush
        const [first, second, third] = data(store).map((event) => event.who)
        assert.strictEqual(first, second)
        assert.notStrictEqual(first, third)
        assert.match(first, /^[0-9a-f]{32}$/)
      })
    ))

  it.effect("counts errors for the session", () =>
    withCollector(({ collector, session }) =>
      Effect.sync(() => {
        collector.unsafeTrack(Plain, { n: 1 })
        collector.unsafeTrack(ErrorOccurred, { n: 1 })
        collector.unsafeTrack(Plain, { n: "bad" })
        assert.deepInclude(session.unsafeSummary(), { events: 2, errors: 1 })
      })
    ))
})

describe("sampling", () => {
  it.effect("never records nothing", () =>
    withCollector(({ collector, intake, store }) =>
      Effect.gen(function*() {
        collector.unsafeTrack(Never, { n: 1 })
        yield* intake.flush
        assert.deepStrictEqual(store.capture, { offered: 1, recorded: 0, "filtered:sampling": 1 })
      })
    ))

  it.effect("by chance is the same for the same seed, and the rate travels along", () => {
    const run = (seed: number) =>
      withCollector(({ collector, intake, store }) =>
        Effect.gen(function*() {
          for (let n = 0; n < 200; n++) collector.unsafeTrack(Some, { n })
          yield* intake.flush
          assert.isTrue(store.events.every((event) => event.rate === 0.5))
          return data(store).map((event) => event.n)
        })
      ).pipe(Effect.withRandom(Random.make(seed)))
    return Effect.gen(function*() {
      const first = yield* run(1)
      assert.deepStrictEqual(yield* run(1), first)
      assert.notDeepEqual(yield* run(2), first)
      assert.isAbove(first.length, 60)
      assert.isBelow(first.length, 140)
    })
  })

  it.effect("by throttle follows the clock, and the next event carries those left out", () =>
    withCollector(({ collector, intake, store }) =>
      Effect.gen(function*() {
        for (let n = 0; n < 4; n++) collector.unsafeTrack(Throttled, { n })
        yield* TestClock.adjust("1 minute")
        collector.unsafeTrack(Throttled, { n: "bad" })
        collector.unsafeTrack(Throttled, { n: 4 })
        yield* intake.flush
        assert.deepStrictEqual(store.events.map((event) => [event.rate, event.suppressed]), [[1, 0], [1, 3]])
        assert.strictEqual(store.capture["filtered:sampling"], 3)
        assert.isTrue(Ledger.isBalanced({ capture: store.capture, destinations: {} }))
      })
    ))
})

describe("lower", () => {
  it.effect("keeps of an event what the lower level covers, without the installation", () =>
    withCollector(({ collector, encoders, gate, intake, store }) =>
      Effect.gen(function*() {
        gate.set(granted("full"))
        collector.unsafeTrack(Plain, { n: 1, note: "text" })
        collector.unsafeTrack(Plain, { n: 2, note: "text" })
        collector.unsafeTrack(Enhanced, { n: 3 })
        yield* intake.flush
        const [first, second, third] = store.events
        assert.strictEqual(encoders.lower(first!, "full"), first)
        const lowered = encoders.lower(first!, "basic")!
        assert.deepStrictEqual(JSON.parse(lowered.data), { n: 1 })
        assert.deepInclude(lowered.context, { level: "basic", installationId: null })
        assert.strictEqual(lowered.id, first!.id)
        assert.strictEqual(encoders.lower(second!, "basic")!.context, lowered.context)
        assert.isNull(encoders.lower(third!, "basic"))
        assert.isNull(Consent.admit(first!, granted("basic")))
        assert.isNotNull(Consent.admit(lowered, { ...granted("basic"), sendable: gate.current.sendable }))
      })
    ))
})

describe("the end of the scope", () => {
  it.effect("leaves no event behind", () =>
    Effect.gen(function*() {
      const store = yield* withCollector(({ collector, store }) =>
        Effect.sync(() => {
          collector.unsafeTrack(Plain, { n: 1 })
          return store
        })
      )
      assert.strictEqual(store.events.length, 1)
    }))
})
