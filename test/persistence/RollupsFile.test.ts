import { describe, expect, it } from "@effect/vitest"
import Sqlite from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as fc from "effect/FastCheck"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Rollup from "../../src/domain/Rollup.js"
import * as CatchUp from "../../src/persistence/CatchUp.js"
import { EventStore } from "../../src/persistence/EventStore.js"
import { Rollups } from "../../src/persistence/Rollups.js"
import * as Append from "../../src/persistence/Sql/Append.js"
import { Database } from "../../src/persistence/Sql/Database.js"
import * as Packed from "../../src/persistence/Sql/Packed.js"
import * as Schema from "../../src/persistence/Sql/Schema.js"
import { event, events, group } from "../suites/events.js"
import { definition, readAll } from "../suites/rollups.js"
import { layerFile, temporaryDirectory } from "../suites/sqlite.js"

const command = (n: number) =>
  event(n, {
    type: "command_executed",
    data: JSON.stringify({ command: "c" + n % 3, args: [], duration: n, exitCode: 0 })
  })

/** A file as the first version of the library left it, with events in it. */
const asOfVersion1 = (file: string) =>
  Effect.gen(function*() {
    const store = yield* EventStore
    for (let i = 0; i < 25; i++) {
      yield* store.append(group(Array.from({ length: 100 }, (_, j) => command(i * 100 + j))))
    }
  }).pipe(
    Effect.provide(layerFile(file)),
    Effect.zipRight(Effect.sync(() => {
      const db = new Sqlite(file)
      db.exec(
        `DROP TABLE request; DROP TABLE rollup; DROP TABLE rollup_day; DROP TABLE rollup_delta; DROP TABLE rollup_window; DROP TABLE rollup_series; DROP TABLE rollup_progress;
        DELETE FROM migration WHERE migration_id > 1; PRAGMA user_version = 1`
      )
      db.close()
    }))
  )

/** Zero has no sign there. */
const plain = (value: object) => JSON.parse(JSON.stringify(value))

describe("rollups in a file", () => {
  it.scoped("a store of the first version is migrated, and what it holds is summed up once", () =>
    Effect.gen(function*() {
      const file = Path.join(yield* temporaryDirectory, "telemetry.db")
      yield* asOfVersion1(file)
      yield* Effect.gen(function*() {
        const store = yield* EventStore
        const rollups = yield* Rollups
        const fold = Rollup.folder(definition)
        const late = [command(2500), command(2501)]
        yield* store.append(group(late, { rollups: fold(late) }))
        expect((yield* readAll()).reduce((sum, row) => sum + row.count, 0)).toBe(2)
        yield* CatchUp.run(rollups, definition)
        yield* CatchUp.run(rollups, definition)
        const rows = yield* readAll()
        expect(rows.reduce((sum, row) => sum + row.count, 0)).toBe(2502)
        expect(rows.reduce((sum, row) => sum + (row.sum ?? 0), 0)).toBe((2501 * 2502) / 2)
        expect((yield* store.size).events).toBe(2502)
      }).pipe(Effect.provide(layerFile(file)))
      const db = new Sqlite(file)
      expect(db.pragma("user_version", { simple: true })).toBe(Schema.version)
      db.close()
    }))

  it.scoped("a new store has nothing to catch up with", () =>
    Effect.gen(function*() {
      const file = Path.join(yield* temporaryDirectory, "telemetry.db")
      yield* Effect.gen(function*() {
        yield* (yield* EventStore).append(group(events(1, 10)))
        expect(yield* (yield* Rollups).catchUp(() => [])).toBe(0)
      }).pipe(Effect.provide(layerFile(file)))
      expect(Fs.existsSync(file)).toBe(true)
    }))

  it.scoped("events that are not committed leave nothing in the rollups, however far their transaction came", () =>
    Effect.gen(function*() {
      const file = Path.join(yield* temporaryDirectory, "telemetry.db")
      const fold = Rollup.folder(definition)
      const grouped = (n: number) => group([command(n)], { rollups: fold([command(n)]) })
      yield* Effect.gen(function*() {
        const database = yield* Database
        const store = yield* EventStore
        for (let n = 0; n < 600; n++) {
          yield* store.append(grouped(n))
          if (n % 50 !== 0) continue
          const failed = yield* Effect.exit(database.write((session) => {
            Append.append(session, grouped(10_000 + n))
            throw new Error("the power is gone")
          }))
          expect(failed._tag).toBe("Failure")
        }
        const rows = yield* readAll()
        expect(rows.reduce((sum, row) => sum + row.count, 0)).toBe(600)
        expect(rows.reduce((sum, row) => sum + (row.sum ?? 0), 0)).toBe((599 * 600) / 2)
        const days = yield* readAll({ grain: "day" })
        expect(days.reduce((sum, row) => sum + row.count, 0)).toBe(600)
      }).pipe(Effect.provide(layerFile(file)))
    }))

  it.scoped("two processes add to the same hour, each on top of the other", () =>
    Effect.gen(function*() {
      const file = Path.join(yield* temporaryDirectory, "telemetry.db")
      const fold = Rollup.folder(definition)
      const add = (n: number) =>
        Effect.flatMap(EventStore, (store) => store.append(group([command(n)], { rollups: fold([command(n)]) })))
      yield* Effect.gen(function*() {
        yield* add(3)
        yield* add(6).pipe(Effect.provide(layerFile(file)))
        yield* add(9)
        expect(yield* readAll()).toMatchObject([{ dimension: "c0", count: 3, sum: 18, min: 3, max: 9 }])
        yield* Effect.flatMap(EventStore, (store) => store.clear).pipe(Effect.provide(layerFile(file)))
        yield* add(12)
        expect(yield* readAll()).toMatchObject([{ dimension: "c0", count: 1, sum: 12 }])
      }).pipe(Effect.provide(layerFile(file)))
    }))
})

const pair = fc.tuple(
  fc.integer({ min: -40_000, max: 40_000 }),
  fc.oneof(fc.integer({ min: 1, max: 2 ** 52 }), fc.double({ min: 0.001, max: 1e15, noNaN: true }))
)
const figure = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
const metric = fc.oneof(
  fc.record({ sum: figure, min: figure, max: figure, histogram: fc.array(pair) }),
  fc.constant({ sum: null, min: null, max: null, histogram: [] })
)
const entry = fc.tuple(fc.nat({ max: 2 ** 51 }), figure, figure, metric).map(([id, count, errors, rest]) => ({
  id,
  count,
  errors,
  ...rest
}))

describe("figures as bytes", () => {
  it.prop("give back what was put in", [fc.array(pair), fc.array(entry)], ([pairs, entries]) => {
    expect(Packed.decodeHistogram(Packed.encodeHistogram(pairs))).toEqual(pairs)
    expect(Packed.decodeEntries(Packed.encodeEntries(entries, ({ id }) => id)).map(plain)).toEqual(entries.map(plain))
  })

  it.prop(
    "end where they are cut off",
    [fc.array(pair), fc.array(entry), fc.nat({ max: 20 })],
    ([pairs, entries, n]) => {
      const cut = (bytes: Uint8Array) => bytes.slice(0, Math.max(bytes.length - n, 0))
      expect(Packed.decodeHistogram(cut(Packed.encodeHistogram(pairs))).length).toBeLessThanOrEqual(pairs.length)
      expect(Packed.decodeEntries(cut(Packed.encodeEntries(entries, ({ id }) => id))).length).toBeLessThanOrEqual(
        entries.length
      )
    }
  )

  it("take three bytes for one value of a histogram", () => {
    expect(Packed.encodeHistogram([[1300, 1]]).length).toBe(3)
  })
})
