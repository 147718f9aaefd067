import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"
import * as SettingsFile from "../../src/node/SettingsFile.js"
import { Settings } from "../../src/persistence/Settings.js"
import { suite } from "../suites/settings.js"
import { at, modeOf, temporary } from "./support.js"

const setup = Effect.map(temporary, (root) => {
  const dataDir = path.join(root, "data")
  return { root, dataDir, file: path.join(dataDir, "settings.json"), settings: SettingsFile.make(at(dataDir)) }
})

const reason = <A, E extends { readonly message: string }>(effect: Effect.Effect<A, E>) =>
  Effect.map(Effect.flip(effect), (error) => error.message)

suite(
  "in a file",
  (effect) => Effect.flatMap(setup, ({ settings }) => Effect.provideService(effect, Settings, settings))
)

describe("SettingsFile", () => {
  it.scoped("creates nothing by looking, nor by a change that is refused", () =>
    Effect.gen(function*() {
      const { root, settings } = yield* setup
      expect(yield* settings.all).toEqual({})
      expect(yield* reason(settings.update({ burst: "0" }))).toMatch(/^the setting burst is "0": /)
      expect(fs.readdirSync(root)).toEqual([])
    }))

  it.scoped("keeps the key in a file of its owner only, whatever the umask", () =>
    Effect.gen(function*() {
      const { dataDir, file, settings } = yield* setup
      const before = process.umask(0)
      yield* Effect.addFinalizer(() => Effect.sync(() => process.umask(before)))
      yield* settings.update({ "api-key": "et_ingest_1" })
      expect([modeOf(dataDir), modeOf(file)]).toEqual([0o700, 0o600])
      expect(fs.readdirSync(dataDir)).toEqual(["settings.json"])
      expect(yield* SettingsFile.make(at(dataDir)).all).toEqual({ "api-key": "et_ingest_1" })
      fs.chmodSync(file, 0o644)
      yield* settings.all
      expect(modeOf(file)).toBe(0o600)
    }))

  it.scoped("keeps what a newer version has set", () =>
    Effect.gen(function*() {
      const { dataDir, file, settings } = yield* setup
      fs.mkdirSync(dataDir)
      fs.writeFileSync(file, JSON.stringify({ burst: "5", theme: { dark: true } }))
      expect(yield* settings.all).toEqual({ burst: "5" })
      yield* settings.update({ burst: "6" })
      expect(JSON.parse(fs.readFileSync(file, "utf8"))).toEqual({ theme: { dark: true }, burst: "6" })
    }))

  it.scoped("lets a value be corrected that was made bad by hand", () =>
    Effect.gen(function*() {
      const { dataDir, file, settings } = yield* setup
      fs.mkdirSync(dataDir)
      fs.writeFileSync(file, JSON.stringify({ burst: "many", debug: "true" }))
      yield* settings.update({ debug: "false" })
      yield* settings.update({ burst: "5" })
      expect(yield* settings.all).toEqual({ burst: "5", debug: "false" })
    }))

  for (const content of ["", "{", "[]", "null", "\"text\"", JSON.stringify({ burst: 5 }), "{\"api-key\":\"hunter2\""]) {
    it.scoped(`fails typed on a damaged file, and sets it aside on the next change: ${content}`, () =>
      Effect.gen(function*() {
        const { dataDir, file, settings } = yield* setup
        fs.mkdirSync(dataDir)
        fs.writeFileSync(file, content)
        const message = yield* reason(settings.all)
        expect(message).toMatch(/settings\.json is damaged \(.*\): set a value with `config set`/)
        expect(message).not.toContain("hunter2")
        expect(yield* reason(settings.update({ burst: "0" }))).toMatch(/burst/)
        expect(fs.readFileSync(file, "utf8")).toBe(content)
        yield* settings.update({ burst: "5" })
        expect(yield* settings.all).toEqual({ burst: "5" })
        const aside = fs.readdirSync(dataDir).filter((name) => name !== "settings.json")
        expect(aside).toEqual([expect.stringMatching(/^settings\.json\.corrupt-\d+$/)])
        expect(modeOf(path.join(dataDir, aside[0]!))).toBe(0o600)
        expect(fs.readFileSync(path.join(dataDir, aside[0]!), "utf8")).toBe(content)
      }))
  }

  it.scoped("refuses a planted link and fails typed where nothing can be", () =>
    Effect.gen(function*() {
      const { dataDir, file, root, settings } = yield* setup
      const target = path.join(root, "target")
      fs.writeFileSync(target, "{}")
      fs.mkdirSync(dataDir)
      fs.symlinkSync(target, file)
      expect(yield* reason(settings.all)).toMatch(/symbolic link/)
      expect(yield* reason(settings.update({ burst: "5" }))).toMatch(/symbolic link/)
      expect(fs.readFileSync(target, "utf8")).toBe("{}")
      const nowhere = SettingsFile.make(at(path.join(target, "below")))
      expect(yield* reason(nowhere.all)).toMatch(/ENOTDIR/)
      expect(yield* reason(nowhere.update({ burst: "5" }))).toMatch(/ENOTDIR/)
    }))
})
