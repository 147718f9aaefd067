import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { FeatureUsed } from "../src/domain/EventCatalog.js"
import * as TelemetryNode from "../src/node/TelemetryNode.js"
import * as OwnCost from "../src/OwnCost.js"
import { Telemetry } from "../src/Telemetry.js"
import { temporaryDirectory } from "./suites/sqlite.js"

describe("the cost of telemetry itself", () => {
  it("is a share of the time that has passed, and unknown before any has", () => {
    const spent = { capture: 2, store: 3 }
    expect(OwnCost.share(spent, 0n, 100_000_000n, { events: 7, bytes: 350 })).toEqual({
      captureMs: 2,
      storeMs: 3,
      share: 0.05,
      bufferedEvents: 7,
      bufferedBytes: 350
    })
    expect(OwnCost.share(spent, 5n, 5n, { events: 0, bytes: 0 }).share).toBeNull()
  })

  it.scopedLive("is measured in the running program and shown by its status", () =>
    Effect.gen(function*() {
      const dataDir = yield* temporaryDirectory
      const context = yield* Layer.build(TelemetryNode.layer({ app: { name: "ax", version: "1.0.0" }, dataDir }))
      const telemetry = yield* Effect.provide(Telemetry, context)
      yield* telemetry.granted({ level: "full" })
      for (let i = 0; i < 100; i++) yield* telemetry.track(FeatureUsed, { featureName: "export", enabled: true })
      const before = yield* telemetry.status
      expect(before.cost?.bufferedEvents).toBeGreaterThan(0)
      const each = JSON.stringify({ featureName: "export", enabled: true }).length
      expect(before.cost?.bufferedBytes).toBeGreaterThanOrEqual(each * 100)
      yield* telemetry.flush
      const { cost } = yield* telemetry.status
      expect(cost).toMatchObject({ bufferedEvents: 0, bufferedBytes: 0 })
      expect(cost?.captureMs).toBeGreaterThan(0)
      expect(cost?.storeMs).toBeGreaterThan(before.cost?.storeMs ?? 0)
      expect(cost?.share).toBeGreaterThan(0)
    }))
})
