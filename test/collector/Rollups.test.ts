import * as SqlClient from "@effect/sql/SqlClient"
import { describe, expect, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as RollupDelta from "../../src/collector/RollupDelta.js"
import { Rollups } from "../../src/collector/Rollups.js"
import { rollups } from "../suites/collector/rollups.js"
import { collectorOn, sqlite } from "./support.js"

rollups(sqlite)

describe("a fold", () => {
  it.scopedLive("ends, though more comes than it can take", () =>
    Effect.gen(function*() {
      const client = yield* collectorOn(sqlite)()
      const sql = Context.get(client.context, SqlClient.SqlClient)
      const body = RollupDelta.encode(RollupDelta.make())
      yield* sql`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700)
        INSERT INTO rollup_delta (body) SELECT ${body} FROM n`
      yield* sql`CREATE TRIGGER endless AFTER DELETE ON rollup_delta BEGIN
        INSERT INTO rollup_delta (body) VALUES (old.body); END`
      const folded = yield* Context.get(client.context, Rollups).fold
      expect(folded).toBeGreaterThanOrEqual(700)
      expect(yield* sql`SELECT id FROM rollup_delta WHERE id <= 700`).toEqual([])
      yield* sql`DROP TRIGGER endless`
    }).pipe(Effect.orDie))
})
