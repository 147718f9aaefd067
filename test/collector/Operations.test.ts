import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fs from "node:fs"
import * as CollectorConfig from "../../src/collector/CollectorConfig.js"
import * as Database from "../../src/collector/Database.js"
import * as Operations from "../../src/collector/Operations.js"
import { event, start, tempDir } from "./support.js"

const on = <A, E>(url: string, effect: Effect.Effect<A, E, Effect.Effect.Context<typeof Operations.doctor>>) =>
  Effect.provide(effect, Database.layerDatabase(url))

describe("the doctor", () => {
  it.scopedLive("says what is in the database and what waits, while a collector runs", () =>
    Effect.gen(function*() {
      const dir = yield* tempDir
      const client = yield* start(`sqlite:${dir}/c.db`)
      yield* client.post([event(), event()])
      const { schema, ...report } = yield* on(`sqlite:${dir}/c.db`, Operations.doctor)
      assert.isAbove(schema, 0)
      assert.deepStrictEqual(report, {
        database: "sqlite",
        integrity: "ok",
        events: 2,
        unfolded: 1,
        unerased: 0,
        ingestKeys: 1
      })
    }))
})

describe("a backup", () => {
  it.scopedLive("is a whole database, for the owner alone, made while a collector runs", () =>
    Effect.gen(function*() {
      const dir = yield* tempDir
      const client = yield* start(`sqlite:${dir}/c.db`)
      yield* client.post([event()])
      yield* on(`sqlite:${dir}/c.db`, Operations.backup(`${dir}/copy.db`))
      yield* client.post([event()])
      assert.strictEqual(Fs.statSync(`${dir}/copy.db`).mode & 0o777, 0o600)
      assert.strictEqual((yield* on(`sqlite:${dir}/copy.db`, Operations.doctor)).events, 1)
    }))

  it.scopedLive("overwrites nothing, and follows no link", () =>
    Effect.gen(function*() {
      const dir = yield* tempDir
      Fs.writeFileSync(`${dir}/mine`, "mine")
      Fs.symlinkSync(`${dir}/mine`, `${dir}/link`)
      for (const name of ["mine", "link"]) {
        const error = yield* Effect.flip(on(`sqlite:${dir}/c.db`, Operations.backup(`${dir}/${name}`)))
        assert.include(error.message, "is there already")
      }
      assert.strictEqual(Fs.readFileSync(`${dir}/mine`, "utf8"), "mine")
    }))
})

describe("a variable of the collector that is empty", () => {
  it.effect("is as good as none", () =>
    Effect.gen(function*() {
      const read = (text: string) =>
        Effect.withConfigProvider(
          CollectorConfig.config,
          ConfigProvider.fromMap(
            new Map(["DATABASE_URL", "HOST", "MAX_BODY_BYTES", "PORT"].map((name) => [`COLLECTOR_${name}`, text])),
            { pathDelim: "." }
          )
        )
      const { host, maxBodyBytes, port } = yield* read("")
      assert.deepStrictEqual({ host, maxBodyBytes, port }, { host: "127.0.0.1", maxBodyBytes: 1_048_576, port: 4318 })
      assert.isTrue(Exit.isFailure(yield* Effect.exit(read("many"))))
    }))
})

describe("COLLECTOR_RETENTION", () => {
  const parse = (text: string) =>
    Effect.exit(Effect.withConfigProvider(
      CollectorConfig.config,
      ConfigProvider.fromMap(new Map([["COLLECTOR_RETENTION", text]]), { pathDelim: "." })
    ))

  it.effect("is a list of rules, the first that fits first", () =>
    Effect.gen(function*() {
      const exit = yield* parse("ax:full=30, *:basic=400,*:*=90")
      assert.deepStrictEqual(Exit.isSuccess(exit) ? exit.value.retention : exit, [
        { app: "ax", level: "full", days: 30 },
        { level: "basic", days: 400 },
        { days: 90 }
      ])
    }))

  it.effect("is refused when a rule is not to be understood: nothing is deleted by mistake", () =>
    Effect.gen(function*() {
      for (const text of ["30", "ax=30", "ax:loud=30", "ax:full=0", "ax:full=-1", "ax:full=30;*:*=1", "ax:full=30,"]) {
        assert.isTrue(Exit.isFailure(yield* parse(text)), text)
      }
    }))
})
