import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Settings from "../../src/persistence/Settings.js"
import { suite } from "../suites/settings.js"

const good: ReadonlyArray<readonly [Settings.SettingKey, string]> = [
  ["remote-endpoint", "https://telemetry.example.com/v1/events"],
  ["api-key", "et_ingest_abc"],
  ["level", "enhanced"],
  ["interval", "30 seconds"],
  ["batch-size", "100"],
  ["rate-limit", "1000"],
  ["burst", "200"],
  ["timeout", "30000"],
  ["max-retries", "0"],
  ["retention", "none"],
  ["queue-limit", "10000"],
  ["profile", "bulk"],
  ["debug", "true"]
]

const bad: ReadonlyArray<readonly [Settings.SettingKey, string]> = [
  ["remote-endpoint", "http://telemetry.example.com/v1/events"],
  ["api-key", "two words"],
  ["level", "off"],
  ["interval", "0"],
  ["batch-size", "0"],
  ["rate-limit", "many"],
  ["burst", "-1"],
  ["timeout", ""],
  ["max-retries", "1.5"],
  ["retention", "0"],
  ["queue-limit", "0"],
  ["profile", "fast"],
  ["debug", "maybe"]
]

describe("Settings", () => {
  it("has a good and a bad example of every key", () => {
    const keys = [...Settings.SettingKey.literals]
    expect(good.map(([key]) => key)).toEqual(keys)
    expect(bad.map(([key]) => key)).toEqual(keys)
  })

  it.each(good)("accepts %s = %j", (key, text) => {
    expect(Settings.validate(key, ` ${text} `)).toEqual(Either.right(text))
  })

  it.each(bad)("refuses %s = %j by name, and says what to give", (key, text) => {
    const error = Either.getOrThrow(Either.flip(Settings.validate(key, text)))
    expect(error.message).toMatch(new RegExp(`^the setting ${key} is (refused|".*"): `))
    if (key === "api-key" || key === "remote-endpoint") expect(error.message).not.toContain(text)
  })

  it("shows everything but the key", () => {
    expect(Settings.redacted({ "api-key": "hunter2", burst: "5" })).toEqual({ "api-key": "<redacted>", burst: "5" })
    expect(Settings.redacted({ burst: "5" })).toEqual({ burst: "5" })
  })

  it.effect("starts in memory with what it is given", () =>
    Effect.gen(function*() {
      const settings = yield* Settings.Settings
      expect(yield* settings.all).toEqual({ burst: "5" })
    }).pipe(Effect.provide(Settings.layerMemory({ burst: "5" }))))
})

suite("in memory", Effect.provide(Settings.layerMemory()))
