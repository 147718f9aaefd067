import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Retention from "../../../src/collector/Retention.js"
import { type Backend, type Client, event, query, startOn } from "../../collector/support.js"

const day = 86_400_000

const types = (client: Client) =>
  Effect.orDie(client.use(Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<{ type: string }>`SELECT type FROM events ORDER BY type`
  ))).pipe(Effect.map((rows) => rows.map(({ type }) => type)))

const old = (eventType: string, days: number, changes: Record<string, unknown> = {}) =>
  event({ eventType, timestamp: Date.now() - days * day, ...changes })

/** Retention, on any database. */
export const retention = (backend: Backend) => {
  describe(`${backend.name}: retention`, () => {
    it.scopedLive("deletes raw events by application and level, and leaves the rollups as they were", () =>
      Effect.gen(function*() {
        const database = yield* backend.empty
        const other = { app: { name: "other", version: "1" } }
        const before = yield* Effect.scoped(Effect.gen(function*() {
          const client = yield* startOn(backend, database)
          yield* client.post([
            old("gone.full", 8, { level: "full" }),
            old("stays.full", 6, { level: "full" }),
            old("stays.basic", 29),
            old("gone.basic", 31),
            old("stays.other", 300, other),
            query(7, { timestamp: Date.now() - 400 * day })
          ])
          return (yield* client.rollups("interval=week")).body
        }))
        const client = yield* startOn(backend, database, {
          retention: [{ app: "ax", level: "full", days: 7 }, { app: "ax", days: 30 }]
        })
        yield* Effect.orDie(client.use(Effect.flatMap(Retention.Retention, ({ run }) => run)))
        assert.deepStrictEqual(yield* types(client), ["stays.basic", "stays.full", "stays.other"])
        assert.deepStrictEqual((yield* client.rollups("interval=week")).body, before)
      }))

    it.scopedLive("takes late events as long as they would be kept, and refuses older ones by name", () =>
      Effect.gen(function*() {
        const client = yield* startOn(backend, yield* backend.empty, { retention: [{ days: 30 }] })
        const late = old("late", 31)
        const { body } = yield* client.post([old("in.time", 29), late])
        assert.strictEqual(body.accepted, 1)
        assert.deepStrictEqual(body.rejections, [
          { id: late["id"], reason: "timestamp is older than what is kept here", retryable: false }
        ])
      }))
  })
}
