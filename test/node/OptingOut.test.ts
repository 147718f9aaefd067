import { describe, expect, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as fs from "node:fs"
import * as path from "node:path"
import * as TelemetryNode from "../../src/node/TelemetryNode.js"
import { type Service, Telemetry } from "../../src/Telemetry.js"
import { temporary } from "./support.js"

const app = { name: "ax", version: "2.0.0" }

/** Telemetry as a program of its own would open it. */
const within = <A, E>(
  dataDir: string,
  use: (telemetry: Service) => Effect.Effect<A, E>,
  variables: Readonly<Record<string, string>> = {}
) =>
  Effect.flatMap(Telemetry, use).pipe(
    Effect.provide(
      TelemetryNode.layerForgiving({ app, dataDir, worker: false, automatic: false }).pipe(
        Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables)))))
      )
    )
  )

const recorded = (dataDir: string) =>
  within(dataDir, (telemetry) =>
    Effect.gen(function*() {
      yield* telemetry.enable({})
      yield* telemetry.trackFeature("export", true)
      yield* telemetry.flush
    }))

const damage = (file: string) =>
  Effect.sync(() => fs.writeFileSync(file, "not what anybody wrote here, by far".repeat(300), { mode: 0o600 }))

const stateIn = (dataDir: string): unknown =>
  JSON.parse(fs.readFileSync(path.join(dataDir, "consent.json"), "utf8")).state

describe("opting out", () => {
  it.scopedLive("works with damaged settings, and erases; enabling does not", () =>
    Effect.gen(function*() {
      const dataDir = path.join(yield* temporary, "data")
      yield* recorded(dataDir)
      yield* damage(path.join(dataDir, "settings.json"))
      expect(yield* within(dataDir, (telemetry) => telemetry.status)).toMatchObject({ reason: "unreadable" })
      const status = yield* within(dataDir, (telemetry) => telemetry.disable({ erase: true }))
      expect(status).toMatchObject({ enabled: false, reason: "opted-out", store: { events: 0 } })
      expect(status.warnings.join()).toContain("settings.json is damaged")
      expect(stateIn(dataDir)).toBe("withdrawn")
      const refused = yield* Effect.flip(within(dataDir, (telemetry) => telemetry.enable({})))
      expect(refused.message).toContain("settings.json is damaged")
      expect(stateIn(dataDir)).toBe("withdrawn")
    }))

  it.scopedLive("works with a variable that is refused", () =>
    Effect.gen(function*() {
      const dataDir = path.join(yield* temporary, "data")
      yield* recorded(dataDir)
      const variables = { TELEMETRY_BATCH_SIZE: "many" }
      const status = yield* within(dataDir, (telemetry) => telemetry.disable({}), variables)
      expect(status).toMatchObject({ reason: "opted-out", store: { events: 1 } })
      expect(stateIn(dataDir)).toBe("withdrawn")
    }))

  it.scopedLive("works with a store of a newer version, and says that it could not be erased", () =>
    Effect.gen(function*() {
      const dataDir = path.join(yield* temporary, "data")
      yield* recorded(dataDir)
      const store = path.join(dataDir, "telemetry.db")
      const bytes = fs.readFileSync(store)
      // The number of the schema, as SQLite keeps it in the head of the file.
      bytes.writeUInt32BE(999, 60)
      fs.writeFileSync(store, bytes)
      const status = yield* within(dataDir, (telemetry) => telemetry.disable({}))
      expect(status).toMatchObject({ enabled: false, reason: "opted-out" })
      yield* within(dataDir, (telemetry) => Effect.ignore(telemetry.enable({})))
      const failed = yield* Effect.flip(within(dataDir, (telemetry) => telemetry.disable({ erase: true })))
      expect(failed.message).toContain("newer version")
      expect(stateIn(dataDir)).toBe("withdrawn")
    }))
})
