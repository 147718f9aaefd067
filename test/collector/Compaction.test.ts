import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Compaction from "../../src/collector/Compaction.js"
import * as Limits from "../../src/collector/Limits.js"
import * as Retention from "../../src/collector/Retention.js"
import { type Client, event, start, tempDir } from "./support.js"

const day = 86_400_000

/** Pages of the file once all of it is there, and those that nothing is on. */
const pages = (client: Client) =>
  Effect.orDie(client.use(Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    yield* sql.unsafe("PRAGMA wal_checkpoint(TRUNCATE)")
    const [all] = yield* sql<{ readonly page_count: number }>`PRAGMA page_count`
    const [free] = yield* sql<{ readonly freelist_count: number }>`PRAGMA freelist_count`
    return { all: all!.page_count, free: free!.freelist_count }
  })))

const padding = "x".repeat(4_000)

const filled = Effect.fnUntraced(function*(client: Client, days: number) {
  const timestamp = Date.now() - days * day
  for (let i = 0; i < 4; i += 1) {
    yield* client.post(
      Array.from({ length: 200 }, () => event({ eventType: "own", eventData: { padding }, timestamp }))
    )
  }
})

describe("compaction", () => {
  it.scopedLive("gives the disk back what retention leaves empty, but for a tenth", () =>
    Effect.gen(function*() {
      const file = `${yield* tempDir}/c.db`
      const client = yield* start(`sqlite:${file}`, { retention: [{ days: 30 }] })
      const run = Effect.orDie(client.use(Effect.flatMap(Retention.Retention, ({ run }) => run)))
      yield* filled(client, 5)
      const before = yield* pages(client)
      assert.isAbove(before.all, 800)
      yield* filled(client, 29.999)
      const most = yield* pages(client)
      assert.strictEqual(yield* run, 0)
      assert.strictEqual((yield* pages(client)).all, most.all)

      yield* Effect.orDie(client.use(Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`UPDATE events SET time = time - ${day} WHERE time < ${Date.now() - 20 * day}`
      )))
      assert.strictEqual(yield* run, 800)
      const after = yield* pages(client)
      assert.isBelow(after.all, before.all * 1.2)
      assert.isAtMost(after.free, Math.ceil(after.all * 0.1) + 1)
      assert.isAbove(after.free, 0)
      assert.strictEqual(Fs.statSync(file).size, after.all * 4_096)
      assert.isAbove(most.all - after.all, Limits.compactPages)
    }))

  it.scopedLive("leaves a file alone that was not made for it", () =>
    Effect.gen(function*() {
      const client = yield* start(`sqlite:${yield* tempDir}/c.db`)
      yield* filled(client, 1)
      const compacted = Effect.flatMap(SqlClient.SqlClient, (sql) =>
        Effect.zipRight(
          Effect.all([sql.unsafe("PRAGMA auto_vacuum = NONE"), sql.unsafe("VACUUM"), sql.unsafe("DELETE FROM events")]),
          Compaction.run(sql)
        ))
      assert.strictEqual(yield* Effect.orDie(client.use(compacted)), 0)
    }))
})
