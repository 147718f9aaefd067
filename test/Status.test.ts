import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Telemetry } from "../src/Telemetry.js"
import * as TelemetryTest from "../src/testing/TelemetryTest.js"

const track = (n: number) =>
  Effect.flatMap(Telemetry, (telemetry) =>
    Effect.zipRight(
      Effect.replicateEffect(telemetry.trackFeature("export", true), n, { discard: true }),
      telemetry.flush
    ))

const warnings = Effect.map(Effect.flatMap(Telemetry, (telemetry) => telemetry.status), (status) => status.warnings)

describe("status", () => {
  it.effect("warns of a queue from 80 % of its limit on, and says what to do", () =>
    Effect.gen(function*() {
      yield* track(79)
      expect(yield* warnings).toEqual([])
      yield* track(1)
      expect(yield* warnings).toEqual([
        "The queue holds 80 of at most 100 events; beyond that the oldest make room. Check the endpoint, or raise queue-limit."
      ])
      yield* Effect.flatMap(Telemetry, (telemetry) => telemetry.submitNow)
      expect(yield* warnings).toEqual([])
    }).pipe(Effect.provide(TelemetryTest.layerWith({ config: { queueLimit: 100 } }))))
})
