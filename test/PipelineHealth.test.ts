import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as Health from "../src/collection/health/Health.js"
import * as Destination from "../src/domain/Destination.js"
import * as EventCatalog from "../src/domain/EventCatalog.js"
import { EventStore } from "../src/persistence/EventStore.js"
import * as PipelineHealth from "../src/PipelineHealth.js"
import { Telemetry } from "../src/Telemetry.js"
import { Config } from "../src/TelemetryConfig.js"
import { ScriptedTransport } from "../src/testing/ScriptedTransport.js"
import * as TelemetryTest from "../src/testing/TelemetryTest.js"

const live = TelemetryTest.layerWith({ config: { automatic: true, worker: true } })

const report = Effect.map(
  Effect.flatMap(Health.Health, (health) => health.report),
  ({ services }) => Object.fromEntries(services.map(({ health, name }) => [name, health]))
)

describe("the pipeline's own health", () => {
  it.effect("the parts are registered by themselves, and well", () =>
    Effect.gen(function*() {
      yield* (yield* Telemetry).trackFeature("export", true)
      yield* TestClock.adjust("61 seconds")
      expect(yield* report).toEqual({
        "telemetry.store": "HEALTHY",
        "telemetry.worker": "HEALTHY",
        "telemetry.queue.default": "HEALTHY",
        "telemetry.transport.default": "HEALTHY"
      })
      expect(yield* TelemetryTest.events(EventCatalog.HealthChanged)).toEqual([])
    }).pipe(Effect.provide(live)))

  it.effect("an endpoint that is away shows in the transport, without a request to find out, and is recorded", () =>
    Effect.gen(function*() {
      const scripted = yield* ScriptedTransport
      yield* scripted.offline
      yield* (yield* Telemetry).trackFeature("export", true)
      yield* TestClock.adjust("4 minutes")
      expect(yield* report).toMatchObject({ "telemetry.store": "HEALTHY", "telemetry.transport.default": "UNHEALTHY" })
      const changed = yield* TelemetryTest.events(EventCatalog.HealthChanged)
      expect(changed.map(({ service, to }) => [service, to])).toEqual([
        ["telemetry.transport.default", "DEGRADED"],
        ["telemetry.transport.default", "UNHEALTHY"]
      ])
      const { health } = yield* (yield* Health.Health).report
      expect(health).toBe("DEGRADED")
    }).pipe(Effect.provide(live)))

  it.effect("while telemetry is off nothing is watched, and what is left off by configuration neither", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("5 minutes")
      expect(yield* report).toEqual({})
      const telemetry = yield* Telemetry
      yield* telemetry.enable({ level: "basic", remote: true })
      yield* TestClock.adjust("5 minutes")
      expect(Object.keys(yield* report)).toHaveLength(4)
      yield* telemetry.disable({})
      yield* TestClock.adjust("1 minutes")
      expect(yield* report).toEqual({})
    }).pipe(Effect.provide(TelemetryTest.layerWith({ level: null, config: { automatic: true } }))))

  it.effect("not by themselves without `automatic`", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("5 minutes")
      expect(yield* report).toEqual({})
    }).pipe(Effect.provide(TelemetryTest.layer)))

  it.effect("a store that took the place of a damaged one is degraded once, and recorded so", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("4 minutes")
      const changed = yield* TelemetryTest.events(EventCatalog.HealthChanged)
      expect(changed.filter(({ service }) => service === "telemetry.store").map(({ error, to }) => [to, error]))
        .toEqual([
          ["DEGRADED", "a damaged store was set aside, and a new one begun"],
          ["HEALTHY", undefined]
        ])
    }).pipe(
      Effect.provide(
        Layer.fresh(PipelineHealth.layer).pipe(
          Layer.provide(Layer.effect(
            EventStore,
            Effect.map(EventStore, (store) => ({ ...store, damaged: Effect.succeed({ setAside: 1, kept: ["x"] }) }))
          )),
          Layer.provide(Layer.effect(Config, Effect.map(Config, (config) => ({ ...config, automatic: true })))),
          Layer.provideMerge(TelemetryTest.layer)
        )
      )
    ))

  it.each([
    [{}, "Unknown"],
    [{ lastAttemptAt: 1, lastSuccessAt: 1 }, "Up"],
    [{ lastAttemptAt: 2, lastError: "refused" }, "Impaired"],
    [{ lastAttemptAt: 2, failures: 1, lastError: "away" }, "Down"],
    [{ lastAttemptAt: 2, paused: "no such key" }, "Down"]
  ])("a destination in the state %j is %s", (state, tag) => {
    expect(PipelineHealth.ofDestination({ ...Destination.initial, ...state })._tag).toBe(tag)
  })

  it.each([[0, "Up"], [79, "Up"], [80, "Impaired"], [99, "Impaired"], [100, "Down"]])(
    "a queue of %i of 100 is %s",
    (events, tag) => {
      expect(PipelineHealth.ofQueue(events, 100)._tag).toBe(tag)
    }
  )
})
