import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as ConfigError from "effect/ConfigError"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Environment from "../src/Environment.js"
import * as NodeVariables from "../src/node/NodeVariables.js"

const map = (variables: Record<string, string>) =>
  ConfigProvider.fromMap(new Map(Object.entries(variables)), { pathDelim: "_" })

const within =
  (provider: ConfigProvider.ConfigProvider, machine: Record<string, string> = {}) =>
  <A, E>(effect: Effect.Effect<A, E>) =>
    effect.pipe(
      Effect.withConfigProvider(provider),
      Effect.provideService(Environment.Unprefixed, (name) => Effect.succeed(machine[name]))
    )

const none = { doNotTrack: false, disabledByEnv: false, ci: false, maxLevel: null }

describe("Environment", () => {
  it.effect("reads the names without prefix when the host does not nest", () =>
    Effect.gen(function*() {
      expect(yield* Environment.read).toEqual({
        prefix: "",
        values: { TELEMETRY_ENDPOINT: "https://example.com", TELEMETRY_BURST: "5" }
      })
    }).pipe(within(map({
      TELEMETRY_ENDPOINT: " https://example.com ",
      TELEMETRY_BURST: "5",
      TELEMETRY_LEVEL: "",
      TELEMETRY_OTHER: "x"
    }))))

  it.effect("reads under the host's prefix and nothing else when the host nests", () =>
    Effect.gen(function*() {
      expect(yield* Environment.read).toEqual({ prefix: "AX_", values: { TELEMETRY_BURST: "5" } })
      expect(yield* Environment.dataDir).toBeNull()
    }).pipe(within(ConfigProvider.nested(
      map({ AX_TELEMETRY_BURST: "5", TELEMETRY_BURST: "6", TELEMETRY_DATA_DIR: "/elsewhere" }),
      "AX"
    ))))

  it.effect("knows the prefix of two nestings", () =>
    Effect.gen(function*() {
      expect(yield* Environment.read).toEqual({ prefix: "ACME_AX_", values: { TELEMETRY_BURST: "5" } })
    }).pipe(within(
      map({ ACME_AX_TELEMETRY_BURST: "5" }).pipe(ConfigProvider.nested("AX"), ConfigProvider.nested("ACME"))
    )))

  it.effect("keeps a value with commas whole, nested or not", () =>
    Effect.gen(function*() {
      const url = "https://example.com/a,b,c"
      const read = Effect.map(Environment.read, ({ values }) => values.TELEMETRY_ENDPOINT)
      expect(yield* within(map({ TELEMETRY_ENDPOINT: url }))(read)).toBe(url)
      const nested = ConfigProvider.nested(map({ AX_TELEMETRY_ENDPOINT: url }), "AX")
      expect(yield* within(nested)(read)).toBe(url)
    }))

  it.effect("reports a source that fails", () =>
    Effect.gen(function*() {
      const failing = ConfigProvider.fromFlat(ConfigProvider.makeFlat({
        load: (path) => Effect.fail(ConfigError.SourceUnavailable([...path], "vault is sealed", Cause.empty)),
        enumerateChildren: (path) =>
          Effect.fail(ConfigError.SourceUnavailable([...path], "vault is sealed", Cause.empty)),
        patch: { _tag: "Empty" }
      }))
      const refused = yield* Effect.flip(within(failing)(Environment.read))
      expect(refused.message).toBe("TELEMETRY_ENDPOINT cannot be read from the configuration")
      expect(yield* within(failing)(Environment.overrides))
        .toEqual({ doNotTrack: true, disabledByEnv: true, ci: true, maxLevel: null })
    }))
})

describe("Environment overrides", () => {
  it.each([undefined, "", "  ", "0", "false"])("leave DO_NOT_TRACK=%j alone", (text) =>
    Effect.runPromise(
      Effect.gen(function*() {
        expect(yield* Environment.overrides).toEqual(none)
      }).pipe(within(map({}), text === undefined ? {} : { DO_NOT_TRACK: text, CI: text, TELEMETRY_DISABLED: text }))
    ))

  it.each(["1", "true", "yes", "2", "no", "FALSE", "off", "null"])(
    "count DO_NOT_TRACK=%j as in force",
    (text) =>
      Effect.runPromise(
        Effect.gen(function*() {
          expect(yield* Environment.overrides).toEqual({ ...none, doNotTrack: true, disabledByEnv: true, ci: true })
        }).pipe(within(map({}), { DO_NOT_TRACK: text, CI: text, TELEMETRY_DISABLED: text }))
      )
  )

  it.effect("are read without prefix whatever the host nests, from the machine and from its provider", () =>
    Effect.gen(function*() {
      const nested = (variables: Record<string, string>) => ConfigProvider.nested(map(variables), "AX")
      const read = Environment.overrides
      expect(yield* within(nested({}), { DO_NOT_TRACK: "1" })(read)).toEqual({ ...none, doNotTrack: true })
      expect(yield* within(nested({ DO_NOT_TRACK: "1" }))(read)).toEqual({ ...none, doNotTrack: true })
      expect(yield* within(nested({ CI: "true" }))(read)).toEqual({ ...none, ci: true })
      expect(yield* within(nested({ TELEMETRY_DISABLED: "1" }))(read)).toEqual({ ...none, disabledByEnv: true })
      expect(yield* within(nested({ AX_TELEMETRY_DISABLED: "1" }))(read)).toEqual({ ...none, disabledByEnv: true })
      expect(yield* within(nested({ AX_CI: "1", AX_DO_NOT_TRACK: "1" }))(read)).toEqual(none)
      expect(yield* within(nested({ CONTINUOUS_INTEGRATION: "1", GITHUB_ACTIONS: "1" }))(read)).toEqual(none)
    }))

  it.effect("lower the level, and switch off when it is not one", () =>
    Effect.gen(function*() {
      const read = Environment.overrides
      expect(yield* within(map({ TELEMETRY_LEVEL: "enhanced" }))(read)).toEqual({ ...none, maxLevel: "enhanced" })
      expect(yield* within(map({ TELEMETRY_LEVEL: "off" }))(read)).toEqual({ ...none, disabledByEnv: true })
    }))

  it.effect("read NO_COLOR without prefix; any text asks for plain output", () =>
    Effect.gen(function*() {
      const nested = ConfigProvider.nested(map({}), "AX")
      expect(yield* within(nested, { NO_COLOR: "0" })(Environment.noColor)).toBe(true)
      expect(yield* within(nested, { NO_COLOR: "" })(Environment.noColor)).toBe(false)
      expect(yield* within(nested)(Environment.noColor)).toBe(false)
    }))

  for (
    const [name, layer] of [["by default", Layer.empty], ["directly", NodeVariables.layer]] as const
  ) {
    it.effect(`read the variables of the process ${name}`, () =>
      Effect.gen(function*() {
        expect(yield* Environment.overrides).toEqual(none)
        expect(yield* Environment.noColor).toBe(false)
        process.env["DO_NOT_TRACK"] = "1"
        process.env["TELEMETRY_ENDPOINT"] = " https://example.com/a,b "
        expect((yield* Environment.overrides).doNotTrack).toBe(true)
        expect(yield* Environment.read).toEqual({
          prefix: "",
          values: { TELEMETRY_ENDPOINT: "https://example.com/a,b" }
        })
        const host = Effect.withConfigProvider(ConfigProvider.nested(ConfigProvider.fromEnv(), "AX"))
        expect(yield* host(Environment.overrides)).toEqual({ ...none, doNotTrack: true })
        expect(yield* host(Environment.read)).toEqual({ prefix: "AX_", values: {} })
      }).pipe(
        Effect.provide(layer),
        Effect.ensuring(Effect.sync(() => {
          delete process.env["DO_NOT_TRACK"]
          delete process.env["TELEMETRY_ENDPOINT"]
        }))
      ))
  }
})
