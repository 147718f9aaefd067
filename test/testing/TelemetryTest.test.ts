import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as EventCatalog from "../../src/domain/EventCatalog.js"
import * as EventDefinition from "../../src/domain/EventDefinition.js"
import * as Ledger from "../../src/domain/Ledger.js"
import * as Outcome from "../../src/domain/Outcome.js"
import * as Privacy from "../../src/domain/Privacy.js"
import { Telemetry } from "../../src/Telemetry.js"
import * as TelemetryConfig from "../../src/TelemetryConfig.js"
import { FakeCollector } from "../../src/testing/FakeCollector.js"
import * as Fault from "../../src/testing/Fault.js"
import { ScriptedTransport } from "../../src/testing/ScriptedTransport.js"
import * as TelemetryTest from "../../src/testing/TelemetryTest.js"

const Built = EventDefinition.make("build_finished", {
  description: "A build has ended",
  purpose: "See how long builds take",
  fields: {
    duration: Privacy.allow(Schema.Number),
    target: Privacy.allow(Schema.Literal("web", "node")),
    note: Privacy.optional(Privacy.redact(Schema.String, { level: "enhanced" }))
  }
})

const config = { events: [...TelemetryConfig.defaults().events, Built] }

describe("TelemetryTest", () => {
  it.effect("records what is tracked, in order, with its type", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      yield* telemetry.track(Built, { duration: 7, target: "web" })
      yield* telemetry.trackFeature("export", true)
      yield* telemetry.track(Built, { duration: 8, target: "node" })
      const built = yield* TelemetryTest.events(Built)
      expect(built.map((data) => [data.duration, data.target])).toEqual([[7, "web"], [8, "node"]])
      expect(yield* TelemetryTest.events(EventCatalog.FeatureUsed)).toEqual([{ featureName: "export", enabled: true }])
      expect((yield* TelemetryTest.all).map((event) => event.eventType)).toEqual([
        "build_finished",
        "feature_used",
        "build_finished"
      ])
      expect(yield* TelemetryTest.dropped).toEqual({})
    }).pipe(Effect.provide(TelemetryTest.layerWith({ config }))))

  it.effect("the level decides what of an event is left", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      yield* telemetry.track(Built, { duration: 7, target: "web", note: "by hand" })
      expect(yield* TelemetryTest.events(Built)).toEqual([{ duration: 7, target: "web" }])
      expect((yield* TelemetryTest.all)[0]).not.toHaveProperty("installationId")
    }).pipe(Effect.provide(TelemetryTest.layerWith({ config, level: "basic" }))))

  it.effect("without consent nothing is recorded", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      yield* telemetry.trackFeature("export", true)
      expect(yield* telemetry.isEnabled).toBe(false)
      expect(yield* TelemetryTest.all).toEqual([])
    }).pipe(Effect.provide(TelemetryTest.layerWith({ level: null }))))

  it.effect("what does not fit its declaration is counted", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      expect(telemetry.unsafeTrack("build_finished", { duration: "long", target: "web" })).not.toBeNull()
      expect(yield* TelemetryTest.dropped).toEqual({ invalid: 1 })
    }).pipe(Effect.provide(TelemetryTest.layerWith({ config }))))

  it.effect("the queue waits while the endpoint is away, and empties when it is back", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      const scripted = yield* ScriptedTransport
      yield* scripted.offline
      for (let i = 0; i < 5; i++) yield* telemetry.trackFeature("export", true)
      expect(yield* telemetry.submitNow).toMatchObject({ submitted: 0, remaining: 5 })
      expect(yield* TelemetryTest.queue).toMatchObject({ pending: 5, total: 5 })
      yield* scripted.online
      expect(yield* telemetry.submitNow).toMatchObject({ submitted: 5, remaining: 0, lastError: null })
      expect(yield* TelemetryTest.queue).toMatchObject({ total: 0 })
      expect((yield* scripted.events).map((event) => event.id)).toEqual((yield* TelemetryTest.all).map((one) => one.id))
    }).pipe(Effect.provide(TelemetryTest.layer)))

  it.effect("ids and times are the same from run to run", () => {
    const run = Effect.gen(function*() {
      yield* (yield* Telemetry).trackFeature("export", true)
      return yield* TelemetryTest.all
    })
    return Effect.gen(function*() {
      yield* TestClock.setTime(1_699_390_800_000)
      const first = yield* Effect.provide(run, TelemetryTest.layerWith({ seed: 7 }))
      expect(yield* Effect.provide(run, TelemetryTest.layerWith({ seed: 7 }))).toEqual(first)
      expect(yield* Effect.provide(run, TelemetryTest.layerWith({ seed: 8 }))).not.toEqual(first)
      expect(first[0]!.timestamp).toBe(1_699_390_800_000)
    })
  })

  it.effect("a refusal by the script ends as a dead letter", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      const scripted = yield* ScriptedTransport
      yield* scripted.failNext(1, Outcome.ContentRefused({ status: 400, message: "no" }))
      yield* telemetry.trackFeature("export", true)
      expect(yield* telemetry.submitNow).toMatchObject({ rejected: 1, remaining: 0 })
      expect(yield* TelemetryTest.queue).toMatchObject({ dead: 1 })
    }).pipe(Effect.provide(TelemetryTest.layer)))
})

describe("TelemetryTest before a fake collector", () => {
  const bulk = { profile: "bulk", batchSize: 1_000, rateLimit: 1_000_000, burst: 1_000_000 } as const

  const trackMany = (n: number) =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      for (let i = 0; i < n; i++) yield* telemetry.trackFeature(`feature-${i}`, true)
      yield* telemetry.flush
    })

  it.effect("a lost acknowledgement delivers nothing twice", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      const collector = yield* FakeCollector
      yield* collector.failNext(1, Fault.LostAck())
      yield* trackMany(50)
      expect(yield* telemetry.submitNow).toMatchObject({ submitted: 0, remaining: 50 })
      expect(yield* telemetry.submitNow).toMatchObject({ submitted: 50, remaining: 0 })
      expect((yield* collector.events).size).toBe(50)
      expect(yield* collector.duplicates).toBe(50)
      expect(new Set((yield* collector.requests).map((request) => request.headers["idempotency-key"])).size).toBe(1)
      expect(Ledger.isBalanced(yield* telemetry.ledger)).toBe(true)
    }).pipe(Effect.provide(TelemetryTest.layerCollector())))

  it.effect.each(["refuse", "reject-unnamed"] as const)(
    "one poison event among a thousand (%s): 999 arrive, one dead letter, few requests more",
    (action) =>
      Effect.gen(function*() {
        const telemetry = yield* Telemetry
        const collector = yield* FakeCollector
        yield* collector.addRule({ matches: (event) => event.eventData.featureName === "feature-617", action })
        yield* trackMany(1_000)
        yield* telemetry.submitNow
        expect((yield* collector.events).size).toBe(999)
        expect(yield* TelemetryTest.queue).toMatchObject({ dead: 1, total: 1 })
        expect((yield* collector.requests).length - 1).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(1_000)) + 2)
        expect(Ledger.isBalanced(yield* telemetry.ledger)).toBe(true)
      }).pipe(Effect.provide(TelemetryTest.layerCollector({ config: bulk })))
  )

  it.effect.each(
    [
      ["a captive portal", Fault.Html()],
      ["a reset", Fault.Reset()],
      ["503", Fault.Status({ status: 503 })],
      ["401", Fault.Status({ status: 401 })],
      ["a redirect", Fault.Redirect({ status: 302, location: "https://elsewhere.example/" })]
    ] as const
  )("%s costs no event and no attempt", ([, fault]) =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      const collector = yield* FakeCollector
      yield* collector.down(fault)
      yield* trackMany(20)
      expect(yield* telemetry.submitNow).toMatchObject({ submitted: 0, rejected: 0, remaining: 20 })
      expect(yield* TelemetryTest.queue).toMatchObject({ pending: 20, retrying: 0, dead: 0 })
      yield* collector.up
      expect(yield* telemetry.submitNow).toMatchObject({ submitted: 20, remaining: 0 })
      expect((yield* collector.events).size).toBe(20)
    }).pipe(Effect.provide(TelemetryTest.layerCollector())))
})
