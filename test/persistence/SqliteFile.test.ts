import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Tracer from "effect/Tracer"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as SqliteDatabase from "../../src/node/SqliteDatabase.js"
import { EventStore } from "../../src/persistence/EventStore.js"
import { Database } from "../../src/persistence/Sql/Database.js"
import { SubmissionQueue } from "../../src/persistence/SubmissionQueue.js"
import { context, event, events, group } from "../suites/events.js"
import { layerFile, layerTemporary, temporaryDirectory } from "../suites/sqlite.js"

const marker = "MARKER-7b1f0c"

const inDirectory = Effect.map(temporaryDirectory, (path) => Path.join(path, "data", "telemetry.db"))

const everyByte = (directory: string): string =>
  Fs.readdirSync(directory).map((name) => Fs.readFileSync(Path.join(directory, name)).toString("latin1")).join("")

describe("the file of the store", () => {
  it.scoped("building the layers, and asking whether there is a store, makes nothing", () =>
    Effect.gen(function*() {
      const file = yield* inDirectory
      yield* Effect.gen(function*() {
        expect(yield* (yield* EventStore).exists).toBe(false)
        yield* SubmissionQueue
      }).pipe(Effect.provide(layerFile(file)))
      expect(Fs.existsSync(Path.dirname(file))).toBe(false)
    }))

  it.scoped("directory and files are the owner's alone", () =>
    Effect.gen(function*() {
      const file = yield* inDirectory
      yield* Effect.gen(function*() {
        yield* (yield* EventStore).append(group(events(1, 3)))
        for (const name of Fs.readdirSync(Path.dirname(file))) {
          expect([name, Fs.statSync(Path.join(Path.dirname(file), name)).mode & 0o777]).toEqual([name, 0o600])
        }
        expect(Fs.readdirSync(Path.dirname(file)).length).toBeGreaterThan(1)
        expect(Fs.statSync(Path.dirname(file)).mode & 0o777).toBe(0o700)
      }).pipe(Effect.provide(layerFile(file)))
    }))

  it.scoped("a link at its path is followed nowhere, and neither is what is no file", () =>
    Effect.gen(function*() {
      const file = yield* inDirectory
      const elsewhere = Path.join(Path.dirname(Path.dirname(file)), "elsewhere.db")
      const plant = [
        () => Fs.symlinkSync(elsewhere, file),
        () => {
          Fs.writeFileSync(elsewhere, "mine")
          Fs.symlinkSync(elsewhere, file)
        },
        () => Fs.mkdirSync(file)
      ]
      Fs.mkdirSync(Path.dirname(file))
      for (const [n, make] of plant.entries()) {
        make()
        const failure = yield* Effect.flip(
          Effect.flatMap(EventStore, (store) => store.append(group(events(1, 3)))).pipe(Effect.provide(layerFile(file)))
        )
        expect(failure.message).toContain(n < 2 ? "is a symbolic link: remove it" : "is not a file: remove it")
        expect(Fs.readdirSync(Path.dirname(file))).toEqual(["telemetry.db"])
        Fs.rmSync(file, { recursive: true })
      }
      expect(Fs.readFileSync(elsewhere, "utf8")).toBe("mine")
    }))

  it.scoped("a tracer of the program's is not told of the tables that are made", () =>
    Effect.gen(function*() {
      const spans: Array<string> = []
      const native = yield* Effect.tracer
      const tracer = Tracer.make({
        span: (...args) => {
          spans.push(args[0])
          return native.span(...args)
        },
        context: (run) => run()
      })
      const store = yield* EventStore
      yield* store.append(group(events(1, 3))).pipe(Effect.withTracer(tracer))
      expect(spans).toEqual([])
    }).pipe(Effect.provide(layerTemporary)))

  it.scoped("after clearing, nothing of what was recorded is in any file, and the space is given back", () =>
    Effect.gen(function*() {
      const file = yield* inDirectory
      yield* Effect.gen(function*() {
        const store = yield* EventStore
        const secret = context({ sessionId: marker + "-session", app: { name: marker, version: "1" } })
        for (let i = 0; i < 20; i++) {
          const list = events(i * 100, i * 100 + 99, { data: `{"x":"${marker}"}`, type: marker, context: secret })
          yield* store.append(group(list))
        }
        const before = (yield* store.size).bytes
        expect(everyByte(Path.dirname(file))).toContain(marker)
        yield* store.clear
        expect(everyByte(Path.dirname(file))).not.toContain(marker)
        expect((yield* store.size).bytes).toBeLessThan(before / 3)
      }).pipe(Effect.provide(layerFile(file)))
    }))

  it.scoped("after retention, nothing of what was removed is in any file", () =>
    Effect.gen(function*() {
      const file = yield* inDirectory
      yield* Effect.gen(function*() {
        const store = yield* EventStore
        yield* store.append(group([event(1)]))
        yield* store.append(group(events(2, 100, { time: 1000, data: `{"x":"${marker}"}` })))
        yield* store.append(group([event(101)]))
        const request = { before: 2000, maxBytes: null, limit: 1000 }
        while ((yield* store.expire(request)).removed > 0);
        expect((yield* store.size).events).toBe(2)
        expect(everyByte(Path.dirname(file))).not.toContain(marker)
      }).pipe(Effect.provide(layerFile(file)))
    }))

  it.effect("retention gives space back and forgets sessions that have no event left", () =>
    Effect.gen(function*() {
      const store = yield* EventStore
      const database = yield* Database
      const old = context({ sessionId: "33333333-3333-4333-8333-333333333333" })
      yield* store.append(group(events(1, 100, { time: 1000, context: old, data: `"${"x".repeat(2000)}"` })))
      yield* store.append(group([event(101)]))
      const pages = database.read((session) => session.one<{ page_count: number }>("PRAGMA page_count", [])!.page_count)
      const before = yield* pages
      yield* store.expire({ before: 2000, maxBytes: null, limit: 1000 })
      expect(yield* pages).toBeLessThan(before - 30)
      expect(yield* database.read((session) => session.all("SELECT session FROM context", []))).toEqual([
        { session: context().sessionId }
      ])
    }).pipe(Effect.provide(layerTemporary)))

  it.effect("once open, a commit runs on the spot, as in the exit hook of a process", () =>
    Effect.gen(function*() {
      const store = yield* EventStore
      yield* (yield* Database).warm
      expect(Effect.runSync(store.append(group(events(1, 500)))).recorded).toBe(500)
    }).pipe(Effect.provide(layerTemporary)))

  it.effect("nothing of a transaction that fails remains, nor what was remembered in it", () =>
    Effect.gen(function*() {
      const store = yield* EventStore
      const database = yield* Database
      const first = context({ sessionId: "44444444-4444-4444-8444-444444444444" })
      const failed = yield* Effect.exit(database.write((session) => {
        session.run("INSERT INTO event_type (name) VALUES ('half')", [])
        throw Object.assign(new Error("no space"), { code: "SQLITE_FULL" })
      }))
      expect(Exit.isFailure(failed) && Cause.squash(failed.cause)).toMatchObject({ reason: "full" })
      yield* store.append(group([event(1, { context: first, type: "whole" })]))
      expect(yield* database.read((session) => session.all("SELECT name FROM event_type", []))).toEqual([
        { name: "whole" }
      ])
    }).pipe(Effect.provide(layerTemporary)))

  it.scoped("what one process cleared, another one has not remembered", () =>
    Effect.gen(function*() {
      const file = yield* inDirectory
      const other = Effect.flatMap(EventStore, (store) => store.clear).pipe(Effect.provide(layerFile(file)))
      yield* Effect.gen(function*() {
        const store = yield* EventStore
        yield* store.append(group(events(1, 3)))
        yield* other
        yield* store.append(group(events(4, 5)))
        expect((yield* store.read({ after: 0, limit: 10 })).map((one) => one.event)).toEqual(events(4, 5))
      }).pipe(Effect.provide(layerFile(file)))
    }))

  it.scoped("a damaged file is set aside for the owner alone, and counted", () =>
    Effect.gen(function*() {
      const file = yield* inDirectory
      Fs.mkdirSync(Path.dirname(file), { recursive: true })
      Fs.writeFileSync(file, "this is not a database, but somebody may want it back".repeat(100))
      yield* Effect.gen(function*() {
        yield* (yield* EventStore).append(group(events(1, 3)))
        expect(yield* (yield* Database).incidents).toMatchObject({ corrupt: 1, opened: 1, lastError: null })
      }).pipe(Effect.provide(layerFile(file)))
      const aside = Fs.readdirSync(Path.dirname(file)).filter((name) => name.includes(".corrupt-"))
      expect(aside.length).toBe(1)
      const damaged = Effect.flatMap(EventStore, (store) => store.damaged).pipe(Effect.provide(layerFile(file)))
      expect(yield* damaged).toEqual({ setAside: 0, kept: aside })
      expect(Fs.statSync(Path.join(Path.dirname(file), aside[0]!)).mode & 0o777).toBe(0o600)
      expect(Fs.readFileSync(Path.join(Path.dirname(file), aside[0]!), "latin1")).toContain("want it back")
    }))

  it("a driver that was never connected sets nothing aside", () => {
    const driver = SqliteDatabase.makeDriver("/nonexistent/telemetry.db")
    driver.setAside(0)
    expect([driver.exists(), driver.bytes()]).toEqual([false, 0])
  })
})
