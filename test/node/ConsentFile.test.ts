import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"
import * as ConsentFile from "../../src/node/ConsentFile.js"
import { at, granted, modeOf, start, temporary } from "./support.js"

const setup = Effect.map(temporary, (root) => {
  const dataDir = path.join(root, "data")
  return { root, dataDir, file: path.join(dataDir, "consent.json"), store: ConsentFile.make(at(dataDir)) }
})

const reason = <A, E extends { readonly message: string }>(effect: Effect.Effect<A, E>) =>
  Effect.map(Effect.flip(effect), (error) => error.message)

const plant = (file: string, content: string, mode = 0o600) => {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, content)
  fs.chmodSync(file, mode)
}

describe("ConsentFile", () => {
  it.scoped("has no record at first, and creates nothing by looking", () =>
    Effect.gen(function*() {
      const { root, store } = yield* setup
      expect(yield* store.read).toBeNull()
      expect(yield* store.read).toBeNull()
      expect(fs.readdirSync(root)).toEqual([])
    }))

  it.scoped("keeps a record that another store reads, in files of their owner only, whatever the umask", () =>
    Effect.gen(function*() {
      const { dataDir, file, store } = yield* setup
      const before = process.umask(0)
      yield* Effect.addFinalizer(() => Effect.sync(() => process.umask(before)))
      expect(yield* store.modify((current) => current ?? granted(5))).toEqual(granted(5))
      expect(yield* store.read).toEqual(granted(5))
      expect(yield* ConsentFile.make(at(dataDir)).read).toEqual(granted(5))
      expect([modeOf(dataDir), modeOf(file)]).toEqual([0o700, 0o600])
      expect(fs.readdirSync(dataDir)).toEqual(["consent.json"])
    }))

  it.scoped("writes down nothing that it could not read again", () =>
    Effect.gen(function*() {
      const { store } = yield* setup
      yield* store.modify(() => granted(5))
      const { epochs, ...rest } = granted(6)
      const level = JSON.parse("\"everything\"")
      const wrong = { ...rest, epochs: epochs.map((epoch) => ({ ...epoch, level })) }
      expect(yield* reason(store.modify(() => wrong))).toContain("the level is basic, enhanced or full")
      expect(yield* store.read).toEqual(granted(5))
    }))

  it.scoped("is synchronous as long as nobody else has the lock", () =>
    Effect.gen(function*() {
      const { store } = yield* setup
      expect(Effect.runSync(store.modify(() => granted(1)))).toEqual(granted(1))
      expect(Effect.runSync(store.read)).toEqual(granted(1))
    }))

  it.scoped("gives the same object while the file has not changed, and sees another process's change at once", () =>
    Effect.gen(function*() {
      const { dataDir, store } = yield* setup
      const other = ConsentFile.make(at(dataDir))
      yield* store.modify(() => granted(1))
      const first = yield* store.read
      expect(yield* store.read).toBe(first)
      for (let i = 2; i < 30; i++) {
        yield* other.modify(() => granted(i))
        expect(yield* store.read).toEqual(granted(i))
      }
      fs.rmSync(path.join(dataDir, "consent.json"))
      expect(yield* store.read).toBeNull()
    }))

  it.scoped("does not write a record that did not change", () =>
    Effect.gen(function*() {
      const { file, store } = yield* setup
      yield* store.modify(() => granted(1))
      const { ino } = fs.statSync(file)
      yield* store.modify((current) => current ?? granted(2))
      expect(fs.statSync(file).ino).toBe(ino)
    }))

  it.scoped("closes a record that others may read", () =>
    Effect.gen(function*() {
      const { file, store } = yield* setup
      plant(file, JSON.stringify(granted(1)), 0o644)
      expect(yield* store.read).toEqual(granted(1))
      expect(modeOf(file)).toBe(0o600)
    }))

  it.scoped.each([
    "",
    "{",
    "null",
    "[]",
    "\u0000\u0000\u0000",
    JSON.stringify({ ...granted(1), state: "maybe" }),
    JSON.stringify({ ...granted(1), epochs: [{}] }),
    JSON.stringify({ ...granted(1), version: "1" }),
    JSON.stringify(granted(1)).slice(0, -20)
  ])(
    "fails closed on %j, sets it aside on the next change and begins anew",
    (content) =>
      Effect.gen(function*() {
        const { dataDir, file, store } = yield* setup
        plant(file, content, 0o644)
        expect(yield* reason(store.read)).toMatch(/is damaged: /)
        expect(fs.readFileSync(file, "utf8")).toBe(content)
        let seen: unknown = "not asked"
        yield* store.modify((current) => {
          seen = current
          return granted(2)
        })
        expect(seen).toBeNull()
        expect(yield* store.read).toEqual(granted(2))
        const aside = fs.readdirSync(dataDir).filter((name) => name !== "consent.json")
        expect(aside).toEqual([expect.stringMatching(/^consent\.json\.corrupt-\d+$/)])
        expect(fs.readFileSync(path.join(dataDir, aside[0]!), "utf8")).toBe(content)
        expect(modeOf(path.join(dataDir, aside[0]!))).toBe(0o600)
      })
  )

  it.scoped("keeps every damaged record, also of the same millisecond", () =>
    Effect.gen(function*() {
      const { dataDir, file, store } = yield* setup
      for (let i = 0; i < 5; i++) {
        plant(file, `damage ${i}`)
        yield* store.modify(() => granted(i))
      }
      const kept = fs.readdirSync(dataDir).filter((name) => name.includes(".corrupt-"))
      expect(kept.map((name) => fs.readFileSync(path.join(dataDir, name), "utf8")).sort())
        .toEqual([0, 1, 2, 3, 4].map((i) => `damage ${i}`))
    }))

  it.scoped("refuses a record of a newer version and leaves it as it is", () =>
    Effect.gen(function*() {
      const { dataDir, file, store } = yield* setup
      const newer = JSON.stringify({ ...granted(1), version: 2 })
      plant(file, newer)
      expect(yield* reason(store.read)).toMatch(/newer version/)
      expect(yield* reason(store.modify(() => granted(2)))).toMatch(/newer version/)
      expect(fs.readFileSync(file, "utf8")).toBe(newer)
      expect(fs.readdirSync(dataDir)).toEqual(["consent.json"])
    }))

  it.scoped("refuses a planted link, to the record or to the directory, and touches nothing behind it", () =>
    Effect.gen(function*() {
      const { dataDir, file, root, store } = yield* setup
      const target = path.join(root, "target.json")
      plant(target, JSON.stringify(granted(1)), 0o644)
      fs.mkdirSync(dataDir)
      fs.symlinkSync(target, file)
      expect(yield* reason(store.read)).toMatch(/symbolic link/)
      expect(yield* reason(store.modify(() => granted(2)))).toMatch(/symbolic link/)
      fs.rmSync(dataDir, { recursive: true })
      const planted = path.join(root, "planted")
      plant(path.join(planted, "consent.json"), JSON.stringify(granted(1)))
      fs.symlinkSync(planted, dataDir)
      expect(yield* reason(store.read)).toMatch(/symbolic link/)
      expect(yield* reason(store.modify(() => granted(2)))).toMatch(/symbolic link/)
      expect(fs.readFileSync(target, "utf8")).toBe(JSON.stringify(granted(1)))
      expect(modeOf(target)).toBe(0o644)
      expect(fs.readdirSync(planted)).toEqual(["consent.json"])
    }))

  it.scoped("refuses a directory and a pipe in place of the record, without waiting", () =>
    Effect.gen(function*() {
      const { dataDir, file, store } = yield* setup
      fs.mkdirSync(file, { recursive: true })
      expect(yield* reason(store.read)).toMatch(/not a file/)
      expect(yield* reason(store.modify(() => granted(1)))).toMatch(/not a file/)
      fs.rmSync(file, { recursive: true })
      const { execFileSync } = yield* Effect.promise(() => import("node:child_process"))
      execFileSync("mkfifo", [file])
      expect(yield* reason(store.read)).toMatch(/not a file/)
      expect(fs.readdirSync(dataDir)).toEqual(["consent.json"])
    }))

  it.scoped("fails typed where nothing can be, and heals", () =>
    Effect.gen(function*() {
      const { root } = yield* setup
      const file = path.join(root, "file")
      fs.writeFileSync(file, "")
      const store = ConsentFile.make(at(path.join(file, "data")))
      expect(yield* reason(store.read)).toMatch(/cannot be used \(ENOTDIR\)/)
      expect(yield* reason(store.modify(() => granted(1)))).toMatch(/cannot be used \(ENOTDIR\)/)
      fs.rmSync(file)
      expect(yield* store.read).toBeNull()
      yield* store.modify(() => granted(1))
      expect(yield* store.read).toEqual(granted(1))
    }))

  it.scoped("fails typed when nothing can be written", () =>
    Effect.gen(function*() {
      const store = ConsentFile.make(at("/proc/et-data"))
      expect(yield* store.read).toBeNull()
      expect(yield* reason(store.modify(() => granted(1)))).toMatch(/\/proc\/et-data cannot be used/)
    }))

  it.scoped("keeps the old record when writing is interrupted by SIGKILL, and clears the leftovers later", () =>
    Effect.gen(function*() {
      const { dataDir, store } = yield* setup
      yield* store.modify(() => granted(1))
      const ended = yield* Effect.promise(() => start("killed", [dataDir]).ended)
      expect(ended).toMatchObject({ signal: "SIGKILL", stderr: "" })
      expect(fs.readdirSync(dataDir).sort()).toEqual([
        "consent.json",
        expect.stringMatching(/^consent\.json\.\d+-\w+\.tmp$/),
        "consent.json.lock"
      ])
      expect(yield* store.read).toEqual(granted(1))
      expect(yield* store.modify((current) => ({ ...(current ?? granted(0)), noticeShownAt: 3 })))
        .toEqual({ ...granted(1), noticeShownAt: 3 })
      expect(fs.readdirSync(dataDir)).toEqual(["consent.json"])
    }))

  it.scoped("loses no change of several processes that write at once", () =>
    Effect.gen(function*() {
      const { dataDir, file, store } = yield* setup
      const each = 40
      const writers = [0, 1, 2].map((n) => start("count", [dataDir, String(n * 1000), String(each)]))
      yield* Effect.promise(() =>
        Promise.all(writers.map(({ child }) => new Promise((resolve) => child.stdout?.once("data", resolve))))
      )
      for (const { child } of writers) child.stdin?.write("go\n")
      const ended = yield* Effect.promise(() => Promise.all(writers.map((writer) => writer.ended)))
      expect(ended.map(({ code, stderr }) => ({ code, stderr }))).toEqual(writers.map(() => ({ code: 0, stderr: "" })))
      const record = yield* store.read
      const marks = record?.epochs.map((epoch) => epoch.grantedAt) ?? []
      const expected = [0, 1, 2].flatMap((n) => Array.from({ length: each }, (_, i) => n * 1000 + i))
      expect(marks.toSorted((a, b) => a - b)).toEqual(expected)
      expect(fs.readdirSync(dataDir)).toEqual([path.basename(file)])
    }), 60_000)

  it.scoped("keeps the old record when its lock is lost in the middle of a change", () =>
    Effect.gen(function*() {
      const { dataDir, file, store } = yield* setup
      yield* store.modify(() => granted(1))
      const failure = yield* reason(store.modify(() => {
        fs.writeFileSync(`${file}.lock`, "somebody else")
        return granted(2)
      }))
      expect(failure).toMatch(/taken over by another process/)
      expect(yield* store.read).toEqual(granted(1))
      expect(fs.readdirSync(dataDir)).toEqual(["consent.json", "consent.json.lock"])
    }))
})
