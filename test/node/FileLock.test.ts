import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as FileLock from "../../src/node/FileLock.js"
import { temporary } from "./support.js"

/** Greater than any process id the system gives. */
const dead = 2 ** 22 + 1
const alive = `${process.pid} ${os.hostname()} x`

const lockWith = (content: string, ageMillis = 0) =>
  Effect.map(temporary, (root) => {
    const lock = path.join(root, "lock")
    fs.writeFileSync(lock, content)
    const then = new Date(Date.now() - ageMillis)
    fs.utimesSync(lock, then, then)
    return { root, lock }
  })

describe("FileLock", () => {
  it.scoped("is held during the work and gone afterwards, also when the work throws", () =>
    Effect.gen(function*() {
      const root = yield* temporary
      const lock = path.join(root, "lock")
      const during = Effect.runSync(FileLock.withLock(lock, (check) => {
        check()
        return fs.readFileSync(lock, "utf8")
      }))
      expect(during).toMatch(new RegExp(`^${process.pid} \\S+ \\w{12}$`))
      expect(fs.readdirSync(root)).toEqual([])
      const failure = yield* Effect.flip(FileLock.withLock(lock, () => {
        throw new Error("the work")
      }))
      expect(failure).toEqual(new Error("the work"))
      expect(fs.readdirSync(root)).toEqual([])
    }))

  for (
    const [kind, content, age] of [
      ["of a process that is gone", `${dead} ${os.hostname()} x`, 0],
      ["that nobody has written into for seconds", "", 2_500],
      ["that is older than anybody holds one", alive, 31_000],
      ["of another machine, once it is that old", `${dead} elsewhere x`, 31_000],
      ["of another machine, from before the clock was set back", `${dead} elsewhere x`, -86_400_000],
      ["that nobody has written into, from before the clock was set back", "", -86_400_000]
    ] as const
  ) {
    it.scoped(`is taken over at once: one ${kind}`, () =>
      Effect.gen(function*() {
        const { lock, root } = yield* lockWith(content, age)
        expect(Effect.runSync(FileLock.withLock(lock, () => "done"))).toBe("done")
        expect(fs.readdirSync(root)).toEqual([])
      }))
  }

  for (
    const [kind, content] of [
      ["of a process that runs", alive],
      ["that its holder has not written into yet", ""],
      ["of another machine", `${dead} elsewhere x`],
      ["of nobody knows whom", `nonsense ${os.hostname()} x`]
    ] as const
  ) {
    it.scoped(`is respected, and given up on in bounded time: one ${kind}`, () =>
      Effect.gen(function*() {
        const { lock, root } = yield* lockWith(content)
        const failure = yield* Effect.flip(FileLock.withLock(lock, () => "done", 0))
        expect(failure).toBeInstanceOf(FileLock.LockBusy)
        expect(fs.readFileSync(lock, "utf8")).toBe(content)
        expect(fs.readdirSync(root)).toEqual(["lock"])
      }))
  }

  it.scoped("is waited for while its holder runs, without holding up this process", () =>
    Effect.gen(function*() {
      const { lock } = yield* lockWith(alive)
      const writing = yield* Effect.fork(FileLock.withLock(lock, () => "done"))
      yield* Effect.yieldNow()
      fs.rmSync(lock)
      expect(yield* writing).toBe("done")
    }))

  it.scoped("is taken over though a process died while it was taking one over", () =>
    Effect.gen(function*() {
      const { lock, root } = yield* lockWith(`${dead} ${os.hostname()} x`)
      fs.writeFileSync(`${lock}.break`, `${dead} ${os.hostname()} y`)
      expect(yield* FileLock.withLock(lock, () => "done")).toBe("done")
      expect(fs.readdirSync(root)).toEqual([])
    }))

  it.scoped("tells the work when it was lost, and is then left to who has it", () =>
    Effect.gen(function*() {
      const root = yield* temporary
      const lock = path.join(root, "lock")
      const failure = yield* Effect.flip(FileLock.withLock(lock, (check) => {
        fs.writeFileSync(lock, `${process.pid} ${os.hostname()} somebody else`)
        check()
      }))
      expect(failure).toBeInstanceOf(FileLock.LockLost)
      expect(fs.readFileSync(lock, "utf8")).toContain("somebody else")
    }))

  it.scoped("fails when its directory is missing", () =>
    Effect.gen(function*() {
      const root = yield* temporary
      expect(yield* Effect.flip(FileLock.withLock(path.join(root, "no", "lock"), () => "done")))
        .toMatchObject({ code: "ENOENT" })
    }))
})
