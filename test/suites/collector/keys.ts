import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { layerDatabase } from "../../../src/collector/Database.js"
import * as Keys from "../../../src/collector/Keys.js"
import * as Limits from "../../../src/collector/Limits.js"
import type { Backend } from "../../collector/support.js"

/** Keys, on any database. */
export const keys = (backend: Backend) => {
  const test = <A, E>(body: Effect.Effect<A, E, Keys.Keys | SqlClient.SqlClient | Scope.Scope>) => () =>
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

    it.scoped(
      "replaces a key by one for the same, and ends the old one at once or after a while",
      test(Effect.gen(function*() {
        const keys = yield* Keys.Keys
        const shop = "https://shop.example"
        const old = yield* keys.create({ role: "ingest", app: "ax", name: "n", origins: [shop] })
        yield* TestClock.setTime(1_000)
        const made = yield* keys.rotate(old.id, 60_000)
        assert.deepStrictEqual([made.role, made.revokedAt], ["ingest", 61_000])
        const same = { role: "ingest", app: "ax", origins: [shop] }
        yield* TestClock.setTime(60_999)
        assert.deepStrictEqual<unknown>(yield* keys.authenticate(old.key), { ...same, id: old.id })
        assert.deepStrictEqual<unknown>(yield* keys.authenticate(made.key), { ...same, id: made.id })
        assert.deepStrictEqual(
          (yield* keys.list).map(({ createdAt, id, name, revokedAt }) => [id, name, createdAt, revokedAt]),
          [[old.id, "n", 0, 61_000], [made.id, "n", 1_000, null]]
        )
        yield* TestClock.setTime(61_000)
        assert.isNull(yield* keys.authenticate(old.key))
        assert.include((yield* Effect.flip(keys.rotate(old.id, 0))).message, "is revoked")
        assert.include((yield* Effect.flip(keys.rotate("unknown", 0))).message, "There is no key unknown")
        const third = yield* keys.rotate(made.id, 0)
        assert.isNull(yield* keys.authenticate(made.key))
        assert.isNotNull(yield* keys.authenticate(third.key))
        assert.strictEqual((yield* keys.list).length, 3)
      }))
    )

    it.scoped(
      "lets an end that is still to come only come nearer",
      test(Effect.gen(function*() {
        const keys = yield* Keys.Keys
        const { id, key } = yield* keys.create({ role: "read" })
        assert.strictEqual((yield* keys.rotate(id, 1_000)).revokedAt, 1_000)
        assert.strictEqual((yield* keys.rotate(id, 5_000)).revokedAt, 1_000)
        assert.isNotNull(yield* keys.authenticate(key))
        yield* TestClock.setTime(10)
        yield* keys.revoke(id)
        assert.isNull(yield* keys.authenticate(key))
      }))
    )

    it.scoped(
      "knows the origins of keys without asking for each request, and what another process changed soon after",
      test(Effect.gen(function*() {
        const keys = yield* Keys.Keys
        const other = yield* Keys.make
        const shop = "https://shop.example"
        assert.isFalse(yield* keys.allowsOrigin(shop))
        const { id } = yield* keys.create({ role: "ingest", origins: [shop, "https://b.example"] })
        assert.isTrue(yield* keys.allowsOrigin(shop))
        assert.isTrue(yield* keys.allowsOrigin("https://b.example"))
        assert.isFalse(yield* keys.allowsOrigin("https://c.example"))
        yield* other.revoke((yield* other.rotate(id, 20_000)).id)
        yield* TestClock.adjust(Limits.originsMillis)
        assert.isTrue(yield* keys.allowsOrigin(shop))
        yield* other.revoke(id)
        assert.isTrue(yield* keys.allowsOrigin(shop))
        yield* TestClock.adjust(Limits.originsMillis)
        assert.isFalse(yield* keys.allowsOrigin(shop))
      }))
    )
  })
}
