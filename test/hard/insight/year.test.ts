import * as RateLimiter from "@effect/experimental/RateLimiter"
import { expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as Path from "node:path"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as HostEnvironment from "../../../src/collection/HostEnvironment.js"
import * as ConsentGate from "../../../src/consent/ConsentGate.js"
import * as ConsentStore from "../../../src/consent/ConsentStore.js"
import * as Ids from "../../../src/domain/Ids.js"
import type { StatsRow } from "../../../src/LocalStats.js"
import { EventStore } from "../../../src/persistence/EventStore.js"
import * as Pipeline from "../../../src/Pipeline.js"
import { Process } from "../../../src/scheduling/Process.js"
import { Destinations } from "../../../src/submission/Transport.js"
import { Telemetry } from "../../../src/Telemetry.js"
import * as TelemetryConfig from "../../../src/TelemetryConfig.js"
import * as ScriptedTransport from "../../../src/testing/ScriptedTransport.js"
import { layerFile, temporaryDirectory } from "../../suites/sqlite.js"

const hour = 3_600_000
const day = 24 * hour
const begin = Date.UTC(2026, 0, 1)
const days = 365
const perStep = 40

const layer = (file: string, consent: Layer.Layer<ConsentStore.ConsentStore>) =>
  Pipeline.layer.pipe(
    Layer.provideMerge(Layer.mergeAll(
      layerFile(file),
      Layer.effect(
        Destinations,
        Effect.map(ScriptedTransport.ScriptedTransport, ({ transport }) => [{ id: "default", transport }])
      ).pipe(Layer.provide(ScriptedTransport.layer)),
      RateLimiter.layerStoreMemory,
      HostEnvironment.layerUnknown,
      Layer.succeed(Process, { owner: { id: "year", pid: null }, isGone: () => false }),
      Layer.effectDiscard(Effect.flatMap(ConsentGate.ConsentGate, (gate) => gate.granted({ level: "full" })))
    )),
    Layer.provideMerge(ConsentGate.layer),
    Layer.provideMerge(Layer.mergeAll(
      consent,
      Ids.layerSeeded(1),
      TelemetryConfig.layerTest({ worker: false, automatic: false, linger: Duration.zero })
    ))
  )

/** What was tracked, counted by hand: by day and type. */
const tracked = { commands: 0, errors: 0, features: 0 }

const step = (n: number) =>
  Effect.gen(function*() {
    const telemetry = yield* Telemetry
    for (let i = 0; i < perStep; i++) {
      const failed = (n + i) % 10 === 0
      yield* telemetry.trackCommand("command" + i % 5, ["--flag"], 1 + (n * 31 + i * 7919) % 5000, failed ? 1 : 0)
      tracked.commands++
      if (failed) tracked.errors++
      if (i % 4 === 0) {
        yield* telemetry.trackFeature("feature" + i % 3, true)
        tracked.features++
      }
    }
    yield* telemetry.flush
  })

const heap = (): number => {
  setFlagsFromString("--expose-gc")
  runInNewContext("gc")()
  return process.memoryUsage().heapUsed
}

const sum = (rows: ReadonlyArray<StatsRow>, type: string, of: "count" | "errors") =>
  rows.filter((row) => row.eventType === type).reduce((n, row) => n + row[of], 0)

it.scoped("a year of use: every total is exact, and what is stored stays small", () =>
  Effect.gen(function*() {
    const file = Path.join(yield* temporaryDirectory, "telemetry.db")
    const consent = Layer.succeedContext(yield* Layer.build(ConsentStore.layerMemory))
    let january: ReadonlyArray<StatsRow> = []
    const seen: Array<{ readonly bytes: number; readonly events: number; readonly heap: number }> = []
    yield* TestClock.setTime(begin)
    // four processes, one after the other
    for (let quarter = 0; quarter < 4; quarter++) {
      const first = Math.floor(quarter * days / 4)
      const last = Math.floor((quarter + 1) * days / 4)
      yield* Effect.gen(function*() {
        const telemetry = yield* Telemetry
        const store = yield* EventStore
        for (let n = first; n < last; n++) {
          for (let part = 0; part < 4; part++) {
            yield* step(n * 4 + part)
            yield* TestClock.adjust(6 * hour)
          }
          if (n === 30) {
            january = yield* telemetry.stats({ from: begin, to: begin + 31 * day, by: "day", dimension: true })
          }
        }
        const { bytes, events } = yield* store.size
        seen.push({ bytes, events, heap: heap() })
      }).pipe(Effect.provide(layer(file, consent)))
    }
    yield* Effect.gen(function*() {
      const telemetry = yield* Telemetry
      const store = yield* EventStore
      expect((yield* store.size).oldest).toBeGreaterThanOrEqual(begin + (days - 32) * day)
      for (const by of ["hour", "day", "week", "month"] as const) {
        const rows = yield* telemetry.stats({ by })
        expect(sum(rows, "command_executed", "count")).toBe(tracked.commands)
        expect(sum(rows, "command_executed", "errors")).toBe(tracked.errors)
        expect(sum(rows, "feature_used", "count")).toBe(tracked.features)
      }
      const again = yield* telemetry.stats({ from: begin, to: begin + 31 * day, by: "day", dimension: true })
      expect(january.length).toBe(31 * 8)
      expect(again).toEqual(january)
    }).pipe(Effect.provide(layer(file, consent)))
    const [q1, q2, , q4] = seen
    // the events of a month, whatever the time of the year; of the rest, sums
    expect(q4?.events).toBe(q2?.events)
    expect(q4?.bytes).toBeLessThan(2 * (q1?.bytes ?? 0))
    expect((q4?.heap ?? Infinity) - (q2?.heap ?? 0)).toBeLessThan(8 * 1024 * 1024)
  }))
