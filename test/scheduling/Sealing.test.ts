import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { Session } from "../../src/collection/Session.js"
import { ConsentGate } from "../../src/consent/ConsentGate.js"
import * as EventCatalog from "../../src/domain/EventCatalog.js"
import * as EventDefinition from "../../src/domain/EventDefinition.js"
import * as Privacy from "../../src/domain/Privacy.js"
import { EventStore } from "../../src/persistence/EventStore.js"
import { SubmissionQueue } from "../../src/persistence/SubmissionQueue.js"
import { Telemetry } from "../../src/Telemetry.js"
import * as ScriptedTransport from "../../src/testing/ScriptedTransport.js"
import * as TelemetryTest from "../../src/testing/TelemetryTest.js"
import { event, group } from "../suites/events.js"

const hour = 3_600_000

const Secret = EventDefinition.make("secret", {
  description: "d",
  purpose: "p",
  dimension: "topic",
  fields: { topic: Privacy.redact(Schema.String, { level: "full" }) }
})

const layer = (aggregate: "all" | ReadonlyArray<string>) =>
  TelemetryTest.layerWith({ config: { aggregate, events: [...EventCatalog.builtIn, Secret] } })

/** Whatever has reached the endpoint, by type and data. */
const received = Effect.map(
  Effect.flatMap(ScriptedTransport.ScriptedTransport, (scripted) => scripted.events),
  (events) => events.map((event) => ({ type: event.type, data: JSON.parse(event.data) }))
)

describe("sending sums in place of events", () => {
  it.effect("no event of such a type leaves; its windows do, once", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      for (let i = 0; i < 5; i++) yield* telemetry.trackFeature("export", true)
      yield* telemetry.trackCommand("build", [], 12, 0)
      yield* telemetry.submitNow
      expect((yield* received).map(({ type }) => type)).toEqual(["command_executed"])
      yield* TestClock.adjust(hour + 60_000)
      expect((yield* telemetry.submitNow).submitted).toBe(1)
      yield* telemetry.submitNow
      const windows = (yield* received).filter(({ type }) => type === "rollup_window")
      expect(windows.map(({ data }) => data)).toMatchObject([
        { eventType: "feature_used", dimension: "export", count: 5, errors: 0, from: 0, to: hour }
      ])
      expect((yield* telemetry.stats({ type: "feature_used" })).map((row) => row.count)).toEqual([5])
    }).pipe(Effect.provide(layer(["feature_used"]))))

  it.effect("with all types, nothing but windows leaves", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      yield* telemetry.trackFeature("export", true)
      yield* telemetry.trackError("TypeError", "it is not a function")
      yield* TestClock.adjust(hour + 60_000)
      yield* telemetry.submitNow
      const all = yield* received
      expect(new Set(all.map(({ type }) => type))).toEqual(new Set(["rollup_window"]))
      expect(all.map(({ data }) => data.eventType).sort()).toEqual(["error_occurred", "feature_used"])
      expect(JSON.stringify(all)).not.toContain("not a function")
    }).pipe(Effect.provide(layer("all"))))

  it.effect("what was recorded before sending was withdrawn never leaves, granted anew or not", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      yield* telemetry.trackFeature("export", true)
      yield* telemetry.flush
      yield* telemetry.disable({ remoteOnly: true })
      yield* telemetry.enable({ remote: true })
      yield* telemetry.trackFeature("import", true)
      yield* TestClock.adjust(hour + 60_000)
      yield* telemetry.submitNow
      expect((yield* received).map(({ data }) => data.dimension)).toEqual(["import"])
    }).pipe(Effect.provide(layer("all"))))

  it.effect("after the level was lowered, a window that says more than it allows is let go of", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      yield* telemetry.track(Secret, { topic: "gardens" })
      yield* telemetry.trackFeature("export", true)
      yield* telemetry.flush
      yield* telemetry.enable({ level: "basic", remote: true })
      yield* TestClock.adjust(hour + 60_000)
      yield* telemetry.submitNow
      expect((yield* received).map(({ data }) => data.eventType)).toEqual(["feature_used"])
      expect((yield* telemetry.stats({ type: "secret" })).map((row) => row.count)).toEqual([1])
    }).pipe(Effect.provide(layer("all"))))

  it.effect("so is one that is sealed already, and waits", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      yield* telemetry.track(Secret, { topic: "gardens" })
      yield* Effect.flatMap(ScriptedTransport.ScriptedTransport, (scripted) => scripted.offline)
      yield* TestClock.adjust(hour + 60_000)
      yield* telemetry.submitNow
      yield* telemetry.enable({ level: "basic", remote: true })
      yield* Effect.flatMap(ScriptedTransport.ScriptedTransport, (scripted) => scripted.online)
      yield* TestClock.adjust(hour)
      yield* telemetry.submitNow
      expect(yield* received).toEqual([])
      expect(yield* TelemetryTest.dropped).toEqual({ level: 1 })
    }).pipe(Effect.provide(layer("all"))))

  it.effect("events that waited when their type became one of those never leave either", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      const gate = yield* ConsentGate
      const context = (yield* Session).unsafeContext()
      expect(gate.unsafeCurrent().sendable.has(context.epoch)).toBe(true)
      yield* Effect.flatMap(EventStore, (store) => store.append(group([event(1, { type: "feature_used", context })])))
      const before = yield* Effect.flatMap(SubmissionQueue, (queue) => queue.counts("default"))
      yield* telemetry.submitNow
      expect(before.pending).toBe(1)
      expect(yield* received).toEqual([])
    }).pipe(Effect.provide(layer("all"))))
})
