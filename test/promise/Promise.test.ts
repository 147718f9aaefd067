import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import { create } from "../../src/promise/index.js"
import { temporary } from "../node/support.js"

const app = { name: "ax", version: "2.0.0" }

describe("without Effect", () => {
  it.scopedLive("the helpers record what those of Effect do, and return nothing to wait for", () =>
    Effect.gen(function*() {
      const dataDir = `${yield* temporary}/data`
      const options = { app, dataDir, worker: false, automatic: false, consent: "granted", level: "full" } as const
      const found = yield* Effect.promise(async () => {
        const telemetry = await create(options)
        const returned = [
          telemetry.track("feature_used", { featureName: "a", enabled: true }),
          telemetry.trackCommand("build", ["--out=dist"], 12, 0),
          telemetry.trackQuery("symbol", "Layer", 3, 5, true),
          telemetry.trackParser("ts", ".ts", 7, 20, 400),
          telemetry.trackError("TypeError", "not a function"),
          telemetry.trackPerformance("startup", 9, "ms"),
          telemetry.trackFeature("chat", "started")
        ]
        const events = []
        for await (const { eventData, eventType } of telemetry.export()) events.push([eventType, eventData] as const)
        await telemetry.close()
        return { returned, events }
      })
      expect(found.returned.every((value) => value === undefined)).toBe(true)
      expect(found.events).toMatchObject([
        ["feature_used", { featureName: "a", enabled: true }],
        ["command_executed", { command: "build", args: ["--out"], exitCode: 0 }],
        ["query_performed", { query: "Layer", cached: true }],
        ["parser_invoked", { language: "ts", lineCount: 400 }],
        ["error_occurred", { errorType: "TypeError", fatal: false }],
        ["performance_measured", { metricName: "startup", value: 9, unit: "ms" }],
        ["feature_used", { featureName: "chat", action: "started" }]
      ])
    }))

  it.scopedLive("nothing throws, whatever is tracked, and what does not fit is counted", () =>
    Effect.gen(function*() {
      const dataDir = `${yield* temporary}/data`
      const status = yield* Effect.promise(async () => {
        await using telemetry = await create({ app, dataDir, worker: false, automatic: false, consent: "granted" })
        telemetry.track("no_such_event", Symbol("x"))
        telemetry.track("feature_used", null)
        await telemetry.flush()
        return telemetry.status()
      })
      expect(status).toMatchObject({ enabled: true, store: { events: 0 }, dropped: { invalid: 2 } })
    }))

  it.scopedLive("of a store that cannot be read it is not known how much waits", () =>
    Effect.gen(function*() {
      const dataDir = `${yield* temporary}/data`
      fs.mkdirSync(`${dataDir}/telemetry.db`, { recursive: true })
      const { report, status } = yield* Effect.promise(async () => {
        await using telemetry = await create({
          app,
          dataDir,
          worker: false,
          automatic: false,
          consent: "granted",
          remote: true,
          endpoint: "https://t.example.com/v1/events"
        })
        return { report: await telemetry.submitNow(), status: await telemetry.status() }
      })
      expect(report).toMatchObject({ submitted: 0, remaining: null })
      expect(report.lastError).toContain("is not a file")
      expect(status).toMatchObject({ enabled: true, store: { events: null }, queue: { total: null } })
    }))

  it.scopedLive("after close everything is committed, tracking does nothing, and what is asked rejects by name", () =>
    Effect.gen(function*() {
      const dataDir = `${yield* temporary}/data`
      const options = { app, dataDir, worker: false, automatic: false, consent: "granted" } as const
      yield* Effect.promise(async () => {
        const telemetry = await create(options)
        telemetry.trackFeature("before", true)
        const closing = telemetry.close()
        await telemetry.flush()
        await expect(telemetry.status()).rejects.toThrow(/^telemetry is closed$/)
        await closing
        telemetry.track("feature_used", { featureName: "after", enabled: true })
        telemetry.trackCommand("build", [], 12, 0)
        telemetry.trackQuery("symbol", "Layer", 3, 5, true)
        telemetry.trackParser("ts", ".ts", 7, 20, 400)
        telemetry.trackError("TypeError", "not a function", undefined, undefined, true)
        telemetry.trackPerformance("startup", 9, "ms")
        telemetry.trackFeature("after", true)
        const asked = [
          () => telemetry.submitNow(),
          () => telemetry.status(),
          () => telemetry.enable(),
          () => telemetry.disable(),
          () => telemetry.stats(),
          () => telemetry.export()[Symbol.asyncIterator]().next(),
          () => telemetry.clear(),
          () => telemetry.clearQueue()
        ]
        for (const ask of asked) await expect(ask()).rejects.toThrow(/^telemetry is closed$/)
        await telemetry.flush()
        await telemetry.close()
        await telemetry[Symbol.asyncDispose]()
        expect([telemetry.sessionId.length, telemetry.isEnabled()]).toEqual([36, true])
        await using again = await create(options)
        expect(await again.status()).toMatchObject({ enabled: true, store: { events: 1 } })
      })
    }))
})
