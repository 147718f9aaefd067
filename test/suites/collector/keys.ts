import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { layerDatabase } from "../../../src/collector/Database.js"
import * as Keys from "../../../src/collector/Keys.js"
import type { Backend } from "../../collector/support.js"

/** Keys, on any database. */
export const keys = (backend: Backend) => {
  const test = <A, E>(body: Effect.Effect<A, E, Keys.Keys | SqlClient.SqlClient>) => () =>
    Effect.flatMap(
      backend.empty,
      (database) => Effect.orDie(Effect.provide(body, Keys.layer.pipe(Layer.provideMerge(layerDatabase(database)))))
    )

  describe(`${backend.name}: Keys`, () => {
    it.scoped(
      "knows a key again, and no other",
      test(Effect.gen(function*() {
        const keys = yield* Keys.Keys
        const { id, key } = yield* keys.create({ role: "ingest", app: "ax" })
        assert.deepStrictEqual(yield* keys.authenticate(key), { id, role: "ingest", app: "ax", origins: [] })
        for (const other of ["", key.slice(1), `${key}a`, key.toUpperCase(), "x".repeat(100_000)]) {
          assert.isNull(yield* keys.authenticate(other))
        }
      }))
    )

    it.scoped(
      "stores a hash and a prefix, never the key, and gives each one 192 random bits",
      test(Effect.gen(function*() {
        const keys = yield* Keys.Keys
        const sql = yield* SqlClient.SqlClient
        const made = yield* Effect.forEach(Array.from({ length: 50 }), () => keys.create({ role: "read", name: "n" }))
        assert.strictEqual(new Set(made.map(({ key }) => key.slice(4))).size, 50)
        for (const { key } of made) assert.match(key, /^etr_[A-Za-z0-9_-]{32}$/)
        const rows = JSON.stringify(yield* sql`SELECT id, hash, prefix, name FROM api_keys`)
        for (const { key } of made) {
          assert.notInclude(rows, key)
          assert.include(rows, key.slice(0, 10))
        }
      }))
    )

    it.scoped(
      "lists every key with its last use, to the minute",
      test(Effect.gen(function*() {
        const keys = yield* Keys.Keys
        yield* TestClock.setTime(1_000)
        const { id, key } = yield* keys.create({ role: "admin", name: "me" })
        const info = {
          id,
          prefix: key.slice(0, 10),
          role: "admin",
          name: "me",
          app: null,
          origins: [],
          createdAt: 1_000,
          lastUsedAt: null,
          revokedAt: null
        }
        assert.deepStrictEqual<unknown>(yield* keys.list, [info])
        yield* TestClock.setTime(5_000)
        yield* keys.authenticate(key)
        yield* TestClock.setTime(6_000)
        yield* keys.authenticate(key)
        assert.deepStrictEqual<unknown>(yield* keys.list, [{ ...info, lastUsedAt: 5_000 }])
        yield* TestClock.setTime(70_000)
        yield* keys.authenticate(key)
        assert.deepStrictEqual<unknown>(yield* keys.list, [{ ...info, lastUsedAt: 70_000 }])
      }))
    )

    it.scoped(
      "refuses a revoked key at once, remembers when it was revoked first, and says which key it does not know",
      test(Effect.gen(function*() {
        const keys = yield* Keys.Keys
        const { id, key } = yield* keys.create({ role: "ingest" })
        yield* TestClock.setTime(10)
        yield* keys.revoke(id)
        assert.isNull(yield* keys.authenticate(key))
        yield* TestClock.setTime(20)
        yield* keys.revoke(id)
        assert.strictEqual((yield* keys.list)[0]!.revokedAt, 10)
        const error = yield* Effect.flip(keys.revoke("unknown"))
        assert.include(error.message, "There is no key unknown")
      }))
    )
  })
}
