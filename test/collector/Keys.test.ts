import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { layerDatabase } from "../../src/collector/Database.js"
import * as Keys from "../../src/collector/Keys.js"
import { keys } from "../suites/collector/keys.js"
import { sqlite } from "./support.js"

keys(sqlite)

describe("the origins of keys", () => {
  it.scoped("are asked for again at once when they could not be read", () =>
    Effect.gen(function*() {
      const services = yield* Layer.build(
        Keys.layer.pipe(Layer.provideMerge(layerDatabase(yield* sqlite.empty)))
      )
      yield* Effect.gen(function*() {
        const keys = yield* Keys.Keys
        const sql = yield* SqlClient.SqlClient
        yield* keys.create({ role: "ingest", origins: ["https://shop.example"] })
        yield* sql`ALTER TABLE api_keys RENAME TO elsewhere`
        // It can be prepared, and fails when it is run.
        yield* sql`CREATE VIEW api_keys AS
          SELECT abs(-9223372036854775807 - 1) AS origins, NULL AS revoked_at FROM elsewhere`
        yield* Effect.flip(keys.allowsOrigin("https://shop.example"))
        yield* sql`DROP VIEW api_keys`
        yield* sql`ALTER TABLE elsewhere RENAME TO api_keys`
        assert.isTrue(yield* keys.allowsOrigin("https://shop.example"))
      }).pipe(Effect.provide(services))
    }).pipe(Effect.orDie))
})
