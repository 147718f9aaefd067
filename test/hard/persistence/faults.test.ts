import { describe, expect, it } from "@effect/vitest"
import Sqlite from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import { execFile, execFileSync, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { promisify } from "node:util"
import * as Destination from "../../../src/domain/Destination.js"
import * as ConsentFile from "../../../src/node/ConsentFile.js"
import * as SqliteDatabase from "../../../src/node/SqliteDatabase.js"
import { EventStore } from "../../../src/persistence/EventStore.js"
import * as Database from "../../../src/persistence/Sql/Database.js"
import * as EventStoreSql from "../../../src/persistence/Sql/EventStoreSql.js"
import * as RollupsSql from "../../../src/persistence/Sql/RollupsSql.js"
import * as Schema from "../../../src/persistence/Sql/Schema.js"
import * as SubmissionQueueSql from "../../../src/persistence/Sql/SubmissionQueueSql.js"
import type { StoreError } from "../../../src/persistence/StoreError.js"
import { SubmissionQueue } from "../../../src/persistence/SubmissionQueue.js"
import { seeded } from "../../../src/testing/QueueModelActions.js"
import { at, granted } from "../../node/support.js"
import { events, group } from "../../suites/events.js"
import { layerFile, type Store, temporaryDirectory } from "../../suites/sqlite.js"

const owner = { id: "me", pid: process.pid }
const run = promisify(execFile)

const append = (from: number, to: number, size = 100) =>
  Effect.flatMap(
    EventStore,
    (store) => store.append(group(events(from, to, { data: JSON.stringify({ text: "x".repeat(size) }) })))
  )

const count = Effect.flatMap(
  EventStore,
  (store) => Effect.map(store.read({ after: 0, limit: 1_000_000 }), (x) => x.length)
)

const submit = Effect.gen(function*() {
  const queue = yield* SubmissionQueue
  const now = Date.now()
  const request = { owner, now, leaseUntil: now + 60_000, limit: 10, maxBytes: 1e6, newKey: "k", isGone: () => true }
  const batch = yield* queue.claim({ destination: "default", ...request })
  if (batch === null) return 0
  const verdicts = new Map(batch.events.map(({ seq }) => [seq, { _tag: "Delivered" } as const]))
  const settlement = { batch, owner, now, verdicts, groups: [], state: Destination.initial, stats: { requests: 1 } }
  return (yield* queue.settle(settlement)).settled
})

const layerOf = (driver: Database.Driver): Layer.Layer<Store> =>
  Layer.mergeAll(EventStoreSql.layerSql, SubmissionQueueSql.layerSql, RollupsSql.layerSql).pipe(
    Layer.provideMerge(Database.layer(driver))
  )

const inDirectory = Effect.map(temporaryDirectory, (path) => Path.join(path, "data", "telemetry.db"))

const integrity = (file: string): unknown => {
  const db = new Sqlite(file)
  try {
    return db.pragma("integrity_check", { simple: true })
  } finally {
    db.close()
  }
}

const canMount = process.platform === "linux" && process.getuid?.() === 0

/** A directory on a disk of its own, of so many KiB. */
const smallDisk = (kibibytes: number) =>
  Effect.tap(temporaryDirectory, (directory) =>
    Effect.acquireRelease(
      Effect.sync(() => execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kibibytes}k`, "tmpfs", directory])),
      () => Effect.sync(() => execFileSync("umount", [directory]))
    ))

const reasonOf = (result: Either.Either<unknown, StoreError>) => Either.isLeft(result) ? result.left.reason : "ok"

describe("faults of the disk", () => {
  it.scopedLive("a full disk loses nothing that was acknowledged, and recording resumes when there is space", () =>
    Effect.gen(function*() {
      const file = yield* inDirectory
      const driver = SqliteDatabase.makeDriver(file)
      let limit = "150"
      const limited: Database.Driver = {
        ...driver,
        connect: Effect.tap(
          driver.connect,
          (connection) => Effect.sync(() => connection.all(`PRAGMA max_page_count = ${limit}`, []))
        )
      }
      yield* Effect.gen(function*() {
        const database = yield* Database.Database
        let acknowledged = 0
        let refused: StoreError | null = null
        while (refused === null) {
          const result = yield* Effect.either(append(acknowledged + 1, acknowledged + 50, 500))
          if (Either.isRight(result)) acknowledged += 50
          else refused = result.left
        }
        expect(refused.reason).toBe("full")
        expect(acknowledged).toBeGreaterThan(100)
        expect(yield* count).toBe(acknowledged)
        expect(yield* submit).toBe(10)
        expect((yield* database.incidents).corrupt).toBe(0)
        limit = "1000000"
        yield* database.read((session) => session.all("PRAGMA max_page_count = 1000000", []))
        yield* append(10_001, 10_050, 500)
        expect(yield* count).toBe(acknowledged + 50)
      }).pipe(Effect.provide(layerOf(limited)))
      expect(integrity(file)).toBe("ok")
    }))

  it.scopedLive("a disk that is nearly full takes no more events, and what empties the store goes on", () =>
    Effect.gen(function*() {
      const file = yield* inDirectory
      let hasRoom = true
      const driver: Database.Driver = { ...SqliteDatabase.makeDriver(file), hasRoom: () => hasRoom }
      yield* Effect.gen(function*() {
        const database = yield* Database.Database
        yield* append(1, 50)
        hasRoom = false
        expect(reasonOf(yield* Effect.either(append(51, 60)))).toBe("full")
        expect(yield* submit).toBe(10)
        expect(yield* count).toBe(50)
        hasRoom = true
        yield* append(51, 60)
        expect(yield* count).toBe(60)
        expect(yield* database.incidents).toMatchObject({ opened: 1, lastError: null })
      }).pipe(Effect.provide(layerOf(driver)))
    }))

  it.scopedLive.skipIf(!canMount)(
    "a store that has filled a disk by itself can still be emptied, and then takes more",
    () =>
      Effect.gen(function*() {
        const directory = yield* smallDisk(1024)
        const file = Path.join(directory, "data", "telemetry.db")
        let acknowledged = 0
        const fill = Effect.gen(function*() {
          let refused: StoreError | null = null
          while (refused === null) {
            const result = yield* Effect.either(append(acknowledged + 1, acknowledged + 50, 200))
            if (Either.isRight(result)) acknowledged += 50
            else refused = result.left
          }
          return refused.reason
        })
        expect(yield* Effect.provide(fill, layerFile(file))).toBe("full")
        expect(acknowledged).toBeGreaterThan(100)
        // By another process, which must open the file first, as a command is one.
        const drain = Effect.iterate(10, { while: (settled) => settled > 0, body: () => submit })
        yield* Effect.provide(drain, layerFile(file))
        yield* Effect.gen(function*() {
          expect(yield* count).toBe(acknowledged)
          expect(yield* submit).toBe(0)
          const old = { before: Date.now() + 1, maxBytes: null, limit: 100 }
          const expire = Effect.flatMap(EventStore, (store) => store.expire(old))
          yield* Effect.iterate(1, {
            while: (removed) => removed > 0,
            body: () => Effect.map(expire, ({ removed }) => removed)
          })
          yield* append(100_001, 100_050, 200)
          expect(yield* count).toBe(50)
        }).pipe(Effect.provide(layerFile(file)))
        expect(integrity(file)).toBe("ok")
      })
  )

  it.scopedLive.skipIf(!canMount)(
    "a person can say no on a disk without a single free block",
    () =>
      Effect.gen(function*() {
        const directory = yield* smallDisk(64)
        const data = Path.join(directory, "data")
        const store = ConsentFile.make(at(data))
        yield* store.modify(() => granted(5))
        const filler = Path.join(directory, "filler")
        expect(() => {
          for (;;) Fs.appendFileSync(filler, "x".repeat(4_096))
        }).toThrow("ENOSPC")
        const withdrawn = { ...granted(5), state: "withdrawn" as const, epochs: [], optedOutAt: 6 }
        yield* store.modify(() => withdrawn)
        expect(yield* store.read).toEqual(withdrawn)
        expect(yield* ConsentFile.make(at(data)).read).toEqual(withdrawn)
        const tooLong = { ...withdrawn, epochs: Array.from({ length: 100 }, () => granted(5).epochs[0]!) }
        expect((yield* Effect.flip(store.modify(() => tooLong))).message).toContain("there is no space left")
        expect(yield* store.read).toEqual(withdrawn)
        expect(Fs.readdirSync(data)).toEqual(["consent.json"])
        Fs.rmSync(filler)
        yield* store.modify(() => granted(7))
        expect(Fs.readFileSync(Path.join(data, "consent.json"), "utf8")).toMatch(/\S\n$/)
      })
  )

  it.scopedLive("a directory that cannot be written is reported, and recording resumes when it can be", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const asOther = process.getuid?.() === 0
      Fs.chmodSync(directory, 0o500)
      if (asOther) {
        // the superuser may write anywhere
        process.seteuid?.(65_534)
        yield* Effect.addFinalizer(() => Effect.sync(() => process.seteuid?.(0)))
      }
      yield* Effect.gen(function*() {
        expect(reasonOf(yield* Effect.either(append(1, 2)))).toBe("readonly")
        if (asOther) process.seteuid?.(0)
        Fs.chmodSync(directory, 0o700)
        yield* append(1, 2)
        expect(yield* count).toBe(2)
      }).pipe(Effect.provide(layerFile(Path.join(directory, "data", "telemetry.db"))))
      expect(Fs.statSync(Path.join(directory, "data")).mode & 0o777).toBe(0o700)
      expect(Fs.statSync(Path.join(directory, "data", "telemetry.db")).mode & 0o777).toBe(0o600)
    }))

  it.scopedLive("a directory removed while the program runs is made again", () =>
    Effect.gen(function*() {
      const file = yield* inDirectory
      yield* Effect.gen(function*() {
        yield* append(1, 10)
        Fs.rmSync(Path.dirname(file), { recursive: true })
        yield* Effect.sleep("60 millis")
        yield* append(11, 12)
        expect(yield* count).toBe(2)
        expect(Fs.existsSync(file)).toBe(true)
      }).pipe(Effect.provide(layerFile(file)))
    }))
})

describe("faults of the file", () => {
  it.scopedLive("100 damaged files: the program goes on, nothing dies, and damage that shows is set aside, not deleted", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const golden = Path.join(directory, "golden.db")
      yield* Effect.gen(function*() {
        for (let i = 0; i < 20; i++) yield* append(i * 50 + 1, i * 50 + 50)
        for (let i = 0; i < 5; i++) yield* submit
        yield* Effect.flatMap(Database.Database, (database) => database.compact)
      }).pipe(Effect.provide(layerFile(golden)))
      const bytes = Fs.readFileSync(golden)
      let setAside = 0
      for (let seed = 1; seed <= 100; seed++) {
        const next = seeded(seed)
        const damaged = Buffer.from(
          bytes.subarray(0, seed % 3 === 0 ? Math.floor(next() * bytes.length) : bytes.length)
        )
        const flips = seed % 3 === 0 ? 0 : seed % 3 === 1 ? 1 + Math.floor(next() * 8) : 2000
        for (let i = 0; i < flips; i++) {
          const head = next() < 0.2 ? 200 : damaged.length
          damaged[Math.floor(next() * head)]! ^= 1 << Math.floor(next() * 8)
        }
        const file = Path.join(directory, String(seed), "telemetry.db")
        Fs.mkdirSync(Path.dirname(file))
        Fs.writeFileSync(file, damaged)
        yield* Effect.gen(function*() {
          const store = yield* EventStore
          for (let i = 0; i < 4; i++) {
            yield* Effect.either(count)
            yield* Effect.either(submit)
            yield* Effect.either(store.expire({ before: Date.now(), maxBytes: null, limit: 100 }))
            yield* Effect.either(store.ledger)
            yield* Effect.either(append(5000 + i * 10, 5009 + i * 10))
          }
          const last = yield* Effect.either(append(6000, 6009))
          expect([seed, reasonOf(last)]).toEqual([seed, "ok"])
          const { corrupt } = yield* (yield* Database.Database).incidents
          const aside = Fs.readdirSync(Path.dirname(file)).filter((name) => /\.corrupt-\d+(-\d+)?$/.test(name))
          expect(aside.length).toBe(corrupt)
          for (const name of aside) {
            expect(Fs.statSync(Path.join(Path.dirname(file), name)).mode & 0o777).toBe(0o600)
          }
          setAside += corrupt > 0 ? 1 : 0
        }).pipe(Effect.provide(layerFile(file)))
      }
      expect(setAside).toBeGreaterThan(20)
    }))

  it.scopedLive("a store of a newer version is refused and left as it is", () =>
    Effect.gen(function*() {
      const file = yield* inDirectory
      yield* Effect.provide(append(1, 3), layerFile(file))
      const db = new Sqlite(file)
      db.pragma("user_version = 99")
      db.pragma("wal_checkpoint(TRUNCATE)")
      db.close()
      const hash = () => createHash("sha256").update(Fs.readFileSync(file)).digest("hex")
      const before = hash()
      const result = yield* Effect.either(append(4, 5)).pipe(Effect.provide(layerFile(file)))
      expect(reasonOf(result)).toBe("newer")
      expect(hash()).toBe(before)
      expect(Fs.readdirSync(Path.dirname(file)).filter((name) => name.includes("corrupt"))).toEqual([])
    }))
})

describe("other processes", () => {
  const lock = (file: string, millis: number) => {
    const script = `
      const Sqlite = require("better-sqlite3")
      const db = new Sqlite(${JSON.stringify(file)})
      db.exec("BEGIN EXCLUSIVE")
      process.stdout.write("locked")
      setTimeout(() => { db.exec("COMMIT"); db.close() }, ${millis})`
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] })
    return Effect.acquireRelease(
      Effect.async<typeof child>((resume) => {
        child.stdout.once("data", () => resume(Effect.succeed(child)))
      }),
      () => Effect.sync(() => child.kill())
    )
  }

  it.scopedLive("a lock held elsewhere is waited for between turns of the event loop, and reported when it stays", () =>
    Effect.gen(function*() {
      const file = yield* inDirectory
      yield* Effect.gen(function*() {
        yield* append(1, 1)
        yield* lock(file, 6_000)
        const delay = monitorEventLoopDelay({ resolution: 5 })
        delay.enable()
        expect(reasonOf(yield* Effect.either(append(2, 2)))).toBe("locked")
        let result = yield* Effect.either(append(2, 2))
        while (Either.isLeft(result)) {
          expect(result.left.reason).toBe("locked")
          result = yield* Effect.either(append(2, 2))
        }
        delay.disable()
        expect(delay.percentile(99) / 1e6).toBeLessThan(100)
        expect(yield* count).toBe(2)
      }).pipe(Effect.provide(layerFile(file)))
    }))

  it.scopedLive("eight first starts at once make one schema, and lose nothing", () =>
    Effect.gen(function*() {
      const file = yield* inDirectory
      const child = Path.join(import.meta.dirname, "child.ts")
      const one = (i: number) =>
        Effect.promise(() => run(process.execPath, ["--import", "tsx", child, file, "3", String(1 + i * 30)]))
      yield* Effect.forEach([0, 1, 2, 3, 4, 5, 6, 7], one, { concurrency: "unbounded" })
      const db = new Sqlite(file, { readonly: true })
      expect(db.prepare("SELECT count(*) AS n FROM migration").get()).toEqual({
        n: Object.keys(Schema.migrations).length
      })
      expect(db.prepare("SELECT count(*) AS n, count(DISTINCT id) AS ids FROM event").get()).toEqual({
        n: 240,
        ids: 240
      })
      expect(db.prepare("SELECT sum(count) AS n FROM ledger WHERE term = 'pending'").get()).toEqual({ n: 240 })
      db.close()
      expect(integrity(file)).toBe("ok")
    }))
})
