import { assert, describe, it } from "@effect/vitest"
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import { server } from "../suites/collector/server.js"
import { event, sqlite, start, tempDir } from "./support.js"

server(sqlite)

describe("POST /v1/events", () => {
  it.scopedLive("answers 503 with Retry-After while storage is away, and takes the same batch when it is back", () =>
    Effect.gen(function*() {
      const dir = yield* tempDir
      const client = yield* start(`sqlite:${dir}/collector.db`)
      const other = new Database(`${dir}/collector.db`)
      other.exec("BEGIN IMMEDIATE")
      const batch = [event()]
      const refused = yield* client.post(batch)
      assert.strictEqual(refused.status, 503)
      assert.strictEqual(refused.headers.get("retry-after"), "5")
      assert.strictEqual(refused.body.error.code, "unavailable")
      assert.notMatch(refused.text, /sqlite|locked|busy/i)
      other.exec("ROLLBACK")
      other.close()
      const taken = yield* client.post(batch)
      assert.deepStrictEqual([taken.status, taken.body.accepted, taken.body.duplicates], [200, 1, 0])
    }))
})
