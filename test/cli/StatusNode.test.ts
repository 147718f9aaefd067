import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { FileSystem } from "@effect/platform/FileSystem"
import { describe, expect, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as StatusNode from "../../src/cli/StatusNode.js"
import * as TelemetryNode from "../../src/node/TelemetryNode.js"
import type * as Status from "../../src/Status.js"
import { type Service, Telemetry } from "../../src/Telemetry.js"

const app = { name: "ax", version: "2.0.0" }

/** The status of the whole telemetry, after doing something with it. */
const whole = (
  dataDir: string,
  act: (telemetry: Service) => Effect.Effect<unknown, unknown> = () => Effect.void
): Effect.Effect<Status.Status> =>
  Effect.flatMap(Telemetry, (telemetry) => Effect.zipRight(act(telemetry), telemetry.status)).pipe(
    Effect.provide(TelemetryNode.layerForgiving({ app, dataDir, worker: false, automatic: false })),
    Effect.orDie
  )

/** Sizes of a database change with its write-ahead log, from one opening to the next. */
/** Bytes change with every look, and what telemetry costs a process only that process knows. */
const comparable = ({ cost: _, ...status }: Status.Status): Status.Status => ({
  ...status,
  store: { ...status.store, bytes: 0 }
})

const agree = (dataDir: string) =>
  Effect.gen(function*() {
    const light = yield* StatusNode.read({ app, dataDir })
    const full = yield* whole(dataDir)
    expect(comparable(light)).toEqual(comparable(full))
    return light
  })

const feature = { featureName: "x", enabled: true }

describe("the status of the command line is that of the telemetry", () => {
  it.scopedLive("from before consent to after opting out", () =>
    Effect.gen(function*() {
      const dataDir = `${yield* Effect.flatMap(FileSystem, (fs) => fs.makeTempDirectoryScoped())}/data`
      expect((yield* agree(dataDir)).reason).toBe("not-asked")
      yield* whole(dataDir, (telemetry) =>
        Effect.zipRight(
          telemetry.enable({ level: "full", remote: true, endpoint: "https://t.example.com/v1/events" }),
          Effect.sync(() => {
            for (let i = 0; i < 5; i++) telemetry.unsafeTrack("feature_used", feature)
            telemetry.unsafeTrack("feature_used", {})
          })
        ))
      const on = yield* agree(dataDir)
      expect(on).toMatchObject({ enabled: true, level: "full", store: { events: 5 }, dropped: { invalid: 1 } })
      expect(on.installationId).not.toBeNull()
      yield* whole(dataDir, (telemetry) => telemetry.disable({}))
      expect(yield* agree(dataDir)).toMatchObject({ enabled: false, reason: "opted-out", store: { events: 5 } })
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scopedLive("with an endpoint that the person was not asked about, and with the one that they were", () =>
    Effect.gen(function*() {
      const dataDir = `${yield* Effect.flatMap(FileSystem, (fs) => fs.makeTempDirectoryScoped())}/data`
      const consented = "https://t.example.com/v1/events"
      yield* whole(dataDir, (telemetry) => telemetry.enable({ remote: true, endpoint: consented }))
      const pausedFor = (endpoint: string) =>
        Effect.map(
          Effect.withConfigProvider(
            agree(dataDir),
            ConfigProvider.fromMap(new Map([["TELEMETRY_ENDPOINT", endpoint]]))
          ),
          (status) => status.submission.paused
        )
      expect(yield* pausedFor(consented)).toBeNull()
      expect(yield* pausedFor("https://other.example.com/v1/events")).toContain("not consented to")
      yield* Effect.withConfigProvider(
        whole(dataDir, (telemetry) => {
          telemetry.unsafeTrack("feature_used", feature)
          return telemetry.submitNow
        }),
        ConfigProvider.fromMap(new Map([["TELEMETRY_ENDPOINT", "https://other.example.com/v1/events"]]))
      )
      expect(yield* pausedFor(consented)).toBeNull()
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scopedLive("with a damaged store, which is set aside and told of for as long as it is there", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem
      const dataDir = `${yield* fs.makeTempDirectoryScoped()}/data`
      yield* whole(dataDir, (telemetry) => telemetry.enable({}))
      yield* fs.writeFileString(`${dataDir}/telemetry.db`, "this is not a database".repeat(100))
      const damaged = yield* StatusNode.read({ app, dataDir })
      expect(damaged).toMatchObject({ enabled: true, store: { events: 0 } })
      const [name, ...more] = (yield* fs.readDirectory(dataDir)).filter((found) => found.includes(".corrupt-"))
      expect(more).toEqual([])
      expect(damaged.warnings).toEqual([expect.stringContaining(`set aside as ${name}`)])
      expect((yield* agree(dataDir)).warnings).toEqual(damaged.warnings)
      yield* fs.remove(`${dataDir}/${name}`)
      expect((yield* agree(dataDir)).warnings).toEqual([])
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scopedLive("with a store that is there and cannot be read: its figures are unknown, not 0", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem
      const dataDir = `${yield* fs.makeTempDirectoryScoped()}/data`
      yield* whole(
        dataDir,
        (telemetry) => telemetry.enable({ remote: true, endpoint: "https://t.example.com/v1/events" })
      )
      yield* fs.remove(`${dataDir}/telemetry.db`)
      expect(yield* agree(dataDir)).toMatchObject({ store: { events: 0 }, queue: { total: 0 } })
      yield* fs.remove(`${dataDir}/telemetry.db`)
      yield* fs.makeDirectory(`${dataDir}/telemetry.db`)
      const { queue, store, submission, warnings } = yield* StatusNode.read({ app, dataDir })
      expect(store).toEqual({ events: null, bytes: null, oldest: null })
      expect(queue).toEqual({
        pending: null,
        retrying: null,
        leased: null,
        dead: null,
        total: null,
        oldestQueuedAt: null
      })
      expect(submission).toMatchObject({ totalSubmitted: null, totalFailed: null, totalRejected: null })
      expect(warnings).toEqual([expect.stringContaining("is not a file")])
      const full = yield* whole(dataDir)
      expect(full).toMatchObject({ store, queue, submission, warnings })
    }).pipe(Effect.provide(NodeFileSystem.layer)))

  it.scopedLive("with a damaged consent record, and with damaged settings", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem
      const dataDir = `${yield* fs.makeTempDirectoryScoped()}/data`
      yield* whole(dataDir, (telemetry) => telemetry.enable({}))
      yield* fs.writeFileString(`${dataDir}/consent.json`, "{{{")
      const unreadable = yield* agree(dataDir)
      expect(unreadable.reason).toBe("unreadable")
      expect(unreadable.warnings).toEqual([expect.stringContaining("consent.json is damaged: give consent again")])
      yield* whole(dataDir, (telemetry) => telemetry.enable({}))
      yield* fs.writeFileString(`${dataDir}/settings.json`, "{{{", { mode: 0o600 })
      const damaged = yield* agree(dataDir)
      expect(damaged).toMatchObject({ enabled: false, reason: "unreadable", dataDir })
      expect(damaged.warnings.join()).toContain("settings")
      yield* whole(dataDir, (telemetry) => telemetry.disable({}))
      expect(yield* agree(dataDir)).toMatchObject({ enabled: false, reason: "opted-out" })
    }).pipe(Effect.provide(NodeFileSystem.layer)))
})
