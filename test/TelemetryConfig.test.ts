import { describe, expect, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as fc from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { readFileSync } from "node:fs"
import * as EventCatalog from "../src/domain/EventCatalog.js"
import * as EventDefinition from "../src/domain/EventDefinition.js"
import * as Level from "../src/domain/Level.js"
import * as Privacy from "../src/domain/Privacy.js"
import type * as Environment from "../src/Environment.js"
import { version } from "../src/internal/version.js"
import * as Settings from "../src/persistence/Settings.js"
import * as TelemetryConfig from "../src/TelemetryConfig.js"

const ok = (sources: TelemetryConfig.Sources) => Either.getOrThrow(TelemetryConfig.resolve(sources))
const issue = (sources: TelemetryConfig.Sources) => Either.getOrThrow(Either.flip(TelemetryConfig.resolve(sources)))
const env = (values: Environment.Environment["values"], prefix = "") => ({ environment: { prefix, values } })
const own = EventDefinition.make("build_finished", {
  description: "A build has ended",
  purpose: "See how long builds take",
  fields: { duration: Privacy.allow(Schema.Number) }
})

describe("TelemetryConfig", () => {
  it("has the defaults of the contract when nothing is given", () => {
    const config = ok({})
    expect(config).toMatchObject({
      app: { name: "effect-telemetry", version },
      policyVersion: 1,
      destinations: ["default"],
      endpoint: null,
      apiKey: null,
      profile: "standard",
      maxLevel: null,
      batchSize: 100,
      rateLimit: 1_000,
      burst: 200,
      maxRetries: 5,
      shutdownDeadline: null,
      queueLimit: 10_000,
      worker: true,
      automatic: true,
      debug: false
    })
    expect(config.events).toBe(EventCatalog.builtIn)
    expect(Duration.toSeconds(config.interval)).toBe(30)
    expect(Duration.toSeconds(config.timeout)).toBe(30)
    expect(Duration.toDays(config.retention ?? 0)).toBe(30)
    expect(Duration.toSeconds(config.retry.baseDelay)).toBe(1)
    expect(Duration.toHours(config.retry.maxDelay)).toBe(1)
    expect(config.retry).toMatchObject({ jitterFactor: 0.25, schedule: null })
  })

  it("carries the version of the package", () => {
    expect(JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))).toMatchObject({ version })
  })

  it.each(
    [
      ["gentle", 10, 60, 10, 10_000],
      ["standard", 100, 1_000, 200, 10_000],
      ["bulk", 1_000, 100_000, 10_000, 1_000_000]
    ] as const
  )("sets the numbers of profile %s at once", (profile, batchSize, rateLimit, burst, queueLimit) => {
    expect(ok({ settings: { profile } })).toMatchObject({ profile, batchSize, rateLimit, burst, queueLimit })
  })

  it("takes flag before option before environment before setting before profile", () => {
    const sources = {
      flags: { batchSize: 1 },
      options: { batchSize: 2, burst: 2 },
      ...env({ TELEMETRY_BATCH_SIZE: "3", TELEMETRY_BURST: "3", TELEMETRY_RATE_LIMIT: "3" }),
      settings: { "batch-size": "4", burst: "4", "rate-limit": "4", "queue-limit": "4", profile: "bulk" }
    }
    expect(ok(sources)).toMatchObject({ batchSize: 1, burst: 2, rateLimit: 3, queueLimit: 4 })
    expect(ok({ settings: { profile: "bulk" } }).queueLimit).toBe(1_000_000)
  })

  it("reads every variable of the contract", () => {
    const config = ok(env({
      TELEMETRY_ENDPOINT: "https://telemetry.example.com/v1/events",
      TELEMETRY_API_KEY: "et_ingest_1",
      TELEMETRY_INTERVAL: "5000",
      TELEMETRY_BATCH_SIZE: "7",
      TELEMETRY_RATE_LIMIT: "8",
      TELEMETRY_BURST: "9",
      TELEMETRY_TIMEOUT: "2 seconds",
      TELEMETRY_MAX_RETRIES: "0",
      TELEMETRY_LEVEL: "basic",
      TELEMETRY_DEBUG: "1"
    }))
    expect(config).toMatchObject({
      endpoint: "https://telemetry.example.com/v1/events",
      batchSize: 7,
      rateLimit: 8,
      burst: 9,
      maxRetries: 0,
      maxLevel: "basic",
      debug: true
    })
    expect(config.apiKey === null ? null : Redacted.value(config.apiKey)).toBe("et_ingest_1")
    expect(Duration.toMillis(config.interval)).toBe(5_000)
    expect(Duration.toMillis(config.timeout)).toBe(2_000)
  })

  it.each([
    ["30000", 30_000],
    ["30 seconds", 30_000],
    ["30s", 30_000],
    ["1.5 minutes", 90_000],
    ["2 Hours", 7_200_000],
    ["1 day", 86_400_000],
    ["250 millis", 250],
    ["250ms", 250]
  ])("understands %s as an interval", (text, millis) => {
    expect(Duration.toMillis(ok(env({ TELEMETRY_INTERVAL: text })).interval)).toBe(millis)
  })

  it.each([
    "0",
    "-5",
    "9",
    "30 parsecs",
    "1e3",
    "seconds",
    "0x10",
    "99999999999",
    "NaN",
    "Infinity",
    "30 seconds later"
  ])(
    "refuses %j as an interval, naming the variable and the fix",
    (text) => {
      expect(issue(env({ TELEMETRY_INTERVAL: text })).message)
        .toBe(
          `TELEMETRY_INTERVAL is ${
            JSON.stringify(text)
          }: give \`30 seconds\` or a number of milliseconds, from 10ms to 24d`
        )
    }
  )

  it.each([
    ["30 days", 30],
    ["7", 7],
    ["2w", 14]
  ])("understands %s as a retention in days", (text, days) => {
    expect(Duration.toDays(ok({ settings: { retention: text } }).retention ?? 0)).toBe(days)
  })

  it("keeps events for ever with retention none", () => {
    expect(ok({ settings: { retention: "none" } }).retention).toBeNull()
    expect(ok({ options: { retention: null }, settings: { retention: "7" } }).retention).toBeNull()
  })

  it.each(
    [
      ["TELEMETRY_BATCH_SIZE", "0"],
      ["TELEMETRY_BATCH_SIZE", "10001"],
      ["TELEMETRY_BATCH_SIZE", "1.5"],
      ["TELEMETRY_BATCH_SIZE", "ten"],
      ["TELEMETRY_RATE_LIMIT", "0"],
      ["TELEMETRY_RATE_LIMIT", "-1"],
      ["TELEMETRY_BURST", "0"],
      ["TELEMETRY_TIMEOUT", "0"],
      ["TELEMETRY_TIMEOUT", "2 hours"],
      ["TELEMETRY_MAX_RETRIES", "-1"],
      ["TELEMETRY_LEVEL", "everything"],
      ["TELEMETRY_DEBUG", "2"]
    ] as const
  )("refuses %s=%s", (name, text) => {
    const refused = issue(env({ [name]: text }))
    expect(refused.source).toBe(name)
    expect(refused.message).toContain(`${name} is ${JSON.stringify(text)}: give `)
  })

  it("names a variable as the host has prefixed it", () => {
    const refused = issue(env({ TELEMETRY_BURST: "0" }, "AX_"))
    expect(refused.message).toMatch(/^AX_TELEMETRY_BURST is "0": /)
  })

  const impossible: ReadonlyArray<readonly [string, TelemetryConfig.Options]> = [
    ["batchSize", { batchSize: 0 }],
    ["batchSize", { batchSize: Number.NaN }],
    ["batchBytes", { batchBytes: 0 }],
    ["rateLimit", { rateLimit: 0 }],
    ["burst", { burst: 0 }],
    ["burst", { burst: 2.5 }],
    ["interval", { interval: 0 }],
    ["interval", { interval: -1 }],
    ["interval", { interval: Duration.infinity }],
    ["timeout", { timeout: 0 }],
    ["maxRetries", { maxRetries: -1 }],
    ["retry.baseDelay", { retry: { baseDelay: 0 } }],
    ["retry.maxDelay", { retry: { maxDelay: "0 seconds" } }],
    ["retry.maxDelay", { retry: { baseDelay: "1 minute", maxDelay: "1 second" } }],
    ["retry.jitterFactor", { retry: { jitterFactor: 1.5 } }],
    ["retry.jitterFactor", { retry: { jitterFactor: Number.NaN } }],
    ["shutdownDeadline", { shutdownDeadline: 0 }],
    ["queueLimit", { queueLimit: 0 }],
    ["retention", { retention: 0 }],
    ["maxStoreBytes", { maxStoreBytes: 10 }],
    ["bufferSize", { bufferSize: 0 }],
    ["linger", { linger: "2 minutes" }],
    ["destinations", { destinations: [] }],
    ["destinations", { destinations: ["a", "a"] }],
    ["destinations", { destinations: ["../a"] }],
    ["policyVersion", { policyVersion: 0 }],
    ["app.name", { app: { name: " ", version: "1" } }],
    ["app.name", { app: { name: "a\u001b[31m", version: "1" } }],
    ["app.version", { app: { name: "a", version: "" } }],
    ["events", { events: [EventDefinition.make("command_executed", { description: "", purpose: "", fields: {} })] }],
    ["events", { events: [own, EventDefinition.make("build_finished", { description: "", purpose: "", fields: {} })] }]
  ]
  it.each(impossible)("refuses an impossible %s: %j", (name, options) => {
    const refused = issue({ options })
    expect(refused.source).toBe(name)
    expect(refused.message).toContain(`the option ${name} `)
  })

  it("lets a burst be smaller than a batch", () => {
    expect(ok({ options: { burst: 1, batchSize: 100 } })).toMatchObject({ burst: 1, batchSize: 100 })
  })

  it("refuses an event with a field that says nothing about privacy, where no compiler did", () => {
    const careless = { ...own, fields: JSON.parse("{\"duration\":{},\"note\":{\"schema\":{}}}") }
    expect(issue({ options: { events: [careless] } }).message).toBe(
      "the option events is refused: declare Privacy of duration of build_finished"
    )
  })

  it("adds the application's events to the built-in ones, each once", () => {
    const events = ok({ options: { events: [own, own, EventCatalog.CommandExecuted] } }).events
    expect(events.map((event) => event.type)).toEqual([
      ...EventCatalog.builtIn.map((event) => event.type),
      "build_finished"
    ])
  })

  it("keeps a schedule of the application's own", () => {
    const schedule = Schedule.spaced("1 second")
    expect(ok({ options: { retry: { schedule } } }).retry.schedule).toBe(schedule)
  })

  it.prop(
    "takes the lowest level that any source asks for, so that none can raise another",
    [fc.tuple(...Array.from({ length: 4 }, () => fc.option(fc.constantFrom(...Level.all), { nil: undefined })))],
    ([levels]) => {
      const [flag, option, variable, setting] = levels
      const config = ok({
        flags: { maxLevel: flag },
        options: { maxLevel: option },
        ...env(variable === undefined ? {} : { TELEMETRY_LEVEL: variable }),
        settings: setting === undefined ? {} : { level: setting }
      })
      const asked = levels.filter((level) => level !== undefined)
      expect(config.maxLevel).toBe(asked.length === 0 ? null : asked.reduce(Level.min))
    }
  )

  it.each([
    [env({ TELEMETRY_API_KEY: "secret key" }), "secret"],
    [{ settings: { "api-key": "secret\u0007key" } }, "secret"],
    [env({ TELEMETRY_ENDPOINT: "https://user:hunter2@example.com" }), "hunter2"],
    [{ options: { endpoint: "http://example.com/?token=hunter2" } }, "hunter2"],
    [{ options: { apiKey: Redacted.make("") } }, "\"\""]
  ])("never repeats a key or an address in what it refuses: %j", (sources, secret) => {
    const refused = issue(sources)
    expect(refused.message).toContain("is refused: ")
    expect(refused.message).not.toContain(secret)
  })

  it("never shows the key when the configuration is printed", () => {
    const config = ok(env({ TELEMETRY_API_KEY: "hunter2" }))
    expect(JSON.stringify(config)).not.toContain("hunter2")
    expect(String(config.apiKey)).toBe("<redacted>")
  })
})

const provide = (variables: Record<string, string>, settings: Settings.Values = {}) =>
  Effect.provide(Layer.mergeAll(
    Settings.layerMemory(settings),
    Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables)), { pathDelim: "_" }))
  ))

describe("TelemetryConfig layers", () => {
  it.effect("decide from the ConfigProvider and the stored settings", () =>
    Effect.gen(function*() {
      const config = yield* Effect.provide(TelemetryConfig.Config, TelemetryConfig.layerConfig)
      expect(config).toMatchObject({ batchSize: 5, burst: 6, rateLimit: 1_000 })
    }).pipe(provide({ TELEMETRY_BATCH_SIZE: " 5 ", TELEMETRY_RATE_LIMIT: "" }, { "batch-size": "4", burst: "6" })))

  it.effect("let options of the program win", () =>
    Effect.gen(function*() {
      const layer = TelemetryConfig.layer({ batchSize: 3, app: { name: "ax", version: "2.0.0" } })
      const config = yield* Effect.provide(TelemetryConfig.Config, layer)
      expect(config).toMatchObject({ batchSize: 3, app: { name: "ax", version: "2.0.0" } })
    }).pipe(provide({ TELEMETRY_BATCH_SIZE: "5" })))

  it.effect("fail with the issue", () =>
    Effect.gen(function*() {
      const refused = yield* Effect.flip(TelemetryConfig.fromConfig())
      expect(refused).toMatchObject({ _tag: "ConfigIssue", source: "TELEMETRY_BURST" })
    }).pipe(provide({ TELEMETRY_BURST: "none" })))

  it.effect("give tests the defaults with some values in their place", () =>
    Effect.gen(function*() {
      expect(yield* TelemetryConfig.Config).toMatchObject({ batchSize: 2, burst: 200 })
    }).pipe(Effect.provide(TelemetryConfig.layerTest({ batchSize: 2 }))))
})
