import { afterEach, beforeEach, describe, expect, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Stream from "effect/Stream"
import { create } from "../../src/browser/index.js"
import { Breadcrumbs } from "../../src/collection/Breadcrumbs.js"
import { Collector } from "../../src/collection/Collector.js"
import { ErrorTracking } from "../../src/collection/ErrorTracking.js"
import { Health } from "../../src/collection/health/Health.js"
import { Session } from "../../src/collection/Session.js"
import { ConsentGate } from "../../src/consent/ConsentGate.js"
import { EventStore } from "../../src/persistence/EventStore.js"
import { Rollups } from "../../src/persistence/Rollups.js"
import { Settings } from "../../src/persistence/Settings.js"
import { SubmissionQueue } from "../../src/persistence/SubmissionQueue.js"
import { Telemetry } from "../../src/Telemetry.js"
import { Config } from "../../src/TelemetryConfig.js"
import { installPage } from "./globals.js"

const app = { name: "shop", version: "1" }

const lost = () => Promise.reject(new TypeError("Failed to fetch dynamically imported module: /chunk.js"))

const says = /^Telemetry is off: a part of its code could not be loaded \(.*\/chunk\.js\)/

let page: ReturnType<typeof installPage>

beforeEach(() => {
  page = installPage()
})

afterEach(() => {
  vi.doUnmock("../../src/browser/Composed.js")
  vi.resetModules()
  page.remove()
})

describe("a client whose code could not be loaded", () => {
  const unloaded = () => create({ app, consent: "granted", events: lost })

  it("is a client: tracking does nothing and what needs no store is fulfilled", async () => {
    const client = await unloaded()
    client.track("feature_used", { featureName: "export" })
    client.trackCommand("list", [], 1, 0)
    client.trackError("TypeError", "no")
    await client.flush()
    expect(client.isEnabled()).toBe(false)
    expect(client.sessionId).toBe("")
    await client.close()
    await client[Symbol.asyncDispose]()
  })

  it("says why, where it is asked", async () => {
    const client = await unloaded()
    const status = await client.status()
    expect(status).toMatchObject({ enabled: false, reason: "not-loaded", remote: false, queue: { total: null } })
    expect(status.warnings).toEqual([expect.stringMatching(says)])
    expect((await client.submitNow()).lastError).toMatch(says)
  })

  it("refuses what needs the store or would write down a choice", async () => {
    const client = await unloaded()
    const exported = async () => {
      for await (const _ of client.export());
    }
    for (
      const ask of [
        () => client.enable(),
        () => client.disable(),
        () => client.stats(),
        () => client.clear(),
        () => client.clearQueue(),
        exported
      ]
    ) await expect(ask()).rejects.toThrow(says)
  })

  it("is tried again by the next one", async () => {
    expect((await (await unloaded()).status()).reason).toBe("not-loaded")
    const client = await create({ app, events: () => Promise.resolve([]) })
    expect((await client.status()).reason).toBe("not-asked")
    await client.close()
  })

  it("is not what a refused option gives", async () => {
    await expect(create({ app, batchSize: -1 })).rejects.toThrow(/batchSize/)
  })
})

describe("what is captured by itself", () => {
  it("may be a layer, or a module that is loaded with telemetry", async () => {
    const built: Array<string> = []
    const capture = (name: string) => Layer.effectDiscard(Effect.map(Collector, () => void built.push(name)))
    const client = await create({ app, capture: [capture("a"), () => Promise.resolve({ layer: capture("b") })] })
    expect(built.sort()).toEqual(["a", "b"])
    await client.close()
  })
})

describe("layers whose code could not be loaded", () => {
  const live = async () => {
    vi.doMock("../../src/browser/Composed.js", lost)
    const { layer } = await import("../../src/browser/BrowserTelemetry.js")
    return layer({ app, endpoint: "https://telemetry.example.com/v1/events" })
  }

  it.live("are all there; nothing fails the program, and the log says it once", () =>
    Effect.gen(function*() {
      const said: Array<unknown> = []
      const logger = Logger.replace(Logger.defaultLogger, Logger.make(({ message }) => void said.push(message)))
      yield* Effect.gen(function*() {
        const telemetry = yield* Telemetry
        yield* telemetry.trackFeature("export", true)
        expect((yield* Collector).unsafeTrackNamed("feature_used", { featureName: "export" })).toBe(null)
        yield* Effect.flatMap(ErrorTracking, ({ settle }) => settle)
        yield* Effect.flatMap(Breadcrumbs, ({ add }) => add({ category: "click" }))
        yield* Effect.flatMap(Health, ({ check }) => check)
        expect((yield* Session).unsafeContext().sessionId).toBe("")
        expect((yield* ConsentGate).unsafeCurrent().reason).toBe("not-loaded")
        expect((yield* Config).app).toEqual(app)
        yield* telemetry.flush
        const status = yield* telemetry.status
        expect(status).toMatchObject({ enabled: false, reason: "not-loaded" })
        expect(said).toEqual([status.warnings])
      }).pipe(Effect.provide(yield* Effect.promise(live)), Effect.provide(logger))
    }))

  it.live("fail what needs the store, the consent or the settings, and say why", () =>
    Effect.gen(function*() {
      const telemetry = yield* Telemetry
      const failures = yield* Effect.all([
        Effect.flip(telemetry.enable({})),
        Effect.flip(telemetry.disable({})),
        Effect.flip(telemetry.clear),
        Effect.flip(telemetry.stats({})),
        Effect.flip(Stream.runDrain(telemetry.export({}))),
        Effect.flip(Effect.flatMap(EventStore, ({ size }) => size)),
        Effect.flip(Effect.flatMap(SubmissionQueue, ({ counts }) => counts("default"))),
        Effect.flip(Effect.flatMap(Rollups, ({ expire }) => expire(0))),
        Effect.flip(Effect.flatMap(Settings, ({ all }) => all))
      ])
      const tags = ["ConsentUnreadable", "ConsentUnreadable", ...Array(6).fill("StoreError"), "SettingsError"]
      expect(failures.map(({ _tag }) => _tag)).toEqual(tags)
      for (const { message } of failures) expect(message).toMatch(/^Telemetry is off/)
    }).pipe(
      Effect.provide(Layer.unwrapEffect(Effect.promise(live))),
      Effect.provide(Logger.remove(Logger.defaultLogger))
    ))
})
