import * as RateLimiter from "@effect/experimental/RateLimiter"
import { describe, expect, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as Path from "node:path"
import * as SqliteDatabase from "../../src/node/SqliteDatabase.js"
import * as RateLimiterStore from "../../src/persistence/Sql/RateLimiterStore.js"
import { temporaryDirectory } from "../suites/sqlite.js"

const layerFile = (file: string) => RateLimiterStore.layerSql.pipe(Layer.provide(SqliteDatabase.layer(file)))

const layerSqlite = Layer.unwrapScoped(
  Effect.map(temporaryDirectory, (path) => layerFile(Path.join(path, "telemetry.db")))
)

const second = Duration.seconds(1)

const take = (tokens: number, options: { readonly overflow?: boolean } = {}) =>
  Effect.flatMap(
    RateLimiter.RateLimiterStore,
    (store) =>
      store.tokenBucket({
        key: "k",
        tokens,
        limit: 10,
        refillRate: second,
        allowOverflow: options.overflow ?? false
      })
  )

const suite = (name: string, layer: Layer.Layer<RateLimiter.RateLimiterStore>) => {
  const test = (title: string, body: Effect.Effect<void, unknown, RateLimiter.RateLimiterStore>) =>
    it.effect(title, () => Effect.provide(body, layer))

  describe(`RateLimiterStore on ${name}`, () => {
    test(
      "a bucket starts full, runs dry and fills again",
      Effect.gen(function*() {
        expect(yield* take(4)).toBe(6)
        expect(yield* take(6)).toBe(0)
        expect(yield* take(1)).toBe(-1)
        yield* TestClock.adjust("2500 millis")
        expect(yield* take(0)).toBe(2)
        yield* TestClock.adjust("500 millis")
        expect(yield* take(3)).toBe(0)
        yield* TestClock.adjust("1 days")
        expect(yield* take(0)).toBe(10)
      })
    )

    test(
      "what is refused is not taken",
      Effect.gen(function*() {
        expect(yield* take(8)).toBe(2)
        expect(yield* take(5)).toBe(-3)
        expect(yield* take(0)).toBe(2)
      })
    )

    test(
      "with overflow a bucket goes below zero and works it off",
      Effect.gen(function*() {
        expect(yield* take(8)).toBe(2)
        expect(yield* take(5, { overflow: true })).toBe(-3)
        yield* TestClock.adjust("4 seconds")
        expect(yield* take(0)).toBe(1)
      })
    )

    test(
      "looking costs nothing, and what was not used is given back",
      Effect.gen(function*() {
        expect(yield* take(0)).toBe(10)
        expect(yield* take(7)).toBe(3)
        expect(yield* take(-7)).toBe(10)
        expect(yield* take(0)).toBe(10)
      })
    )

    test(
      "a fixed window counts up to its limit and starts again",
      Effect.gen(function*() {
        const store = yield* RateLimiter.RateLimiterStore
        const count = (tokens: number) => store.fixedWindow({ key: "w", tokens, limit: 5, refillRate: second })
        expect(yield* count(3)).toEqual([3, 3000])
        expect(yield* count(3)).toEqual([6, 3000])
        expect(yield* count(2)).toEqual([5, 5000])
        yield* TestClock.adjust("5 seconds")
        expect(yield* count(1)).toEqual([1, 1000])
      })
    )
  })
}

suite("memory", RateLimiter.layerStoreMemory)
suite("SQLite", layerSqlite)

describe("RateLimiterStore on SQLite alone", () => {
  it.effect("a clock put back neither fills a bucket nor parks it", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_000_000_000)
      expect(yield* take(9)).toBe(1)
      yield* TestClock.setTime(1_000_000)
      expect(yield* take(0)).toBe(1)
      yield* TestClock.adjust("3 seconds")
      expect(yield* take(0)).toBe(4)
      yield* TestClock.setTime(2_000_000_000)
      expect(yield* take(0)).toBe(10)
    }).pipe(Effect.provide(layerSqlite)))

  it.effect("a window opened under a later clock does not stay shut", () =>
    Effect.gen(function*() {
      const store = yield* RateLimiter.RateLimiterStore
      const count = (tokens: number) => store.fixedWindow({ key: "w", tokens, limit: 5, refillRate: second })
      yield* TestClock.setTime(1_000_000_000)
      yield* count(5)
      yield* TestClock.setTime(1_000_000)
      expect(yield* count(1)).toEqual([6, 5000])
    }).pipe(Effect.provide(layerSqlite)))

  it.scoped("processes share a bucket, and it outlives them", () =>
    Effect.gen(function*() {
      const file = Path.join(yield* temporaryDirectory, "telemetry.db")
      const alone = (tokens: number) => take(tokens).pipe(Effect.provide(Layer.fresh(layerFile(file))))
      expect(yield* alone(4)).toBe(6)
      expect(yield* alone(4)).toBe(2)
      expect(yield* alone(4)).toBe(-2)
    }))
})
