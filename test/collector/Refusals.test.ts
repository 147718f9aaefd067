import * as SqlClient from "@effect/sql/SqlClient"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Rollups } from "../../src/collector/index.js"
import { type Client, event, start, tempDir } from "./support.js"

const rubbish = [{ id: "no event" }, event({ eventType: "" })]

const storedRefusals = (client: Client) =>
  Effect.map(
    client.use(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) =>
          sql<{ readonly n: number }>`SELECT coalesce(sum(count), 0) AS n FROM received WHERE kind LIKE 'rejected%'`
      )
    ),
    ([row]) => Number(row?.n)
  )

const fold = (client: Client) => client.use(Effect.flatMap(Rollups.Rollups, (rollups) => rollups.fold))

describe("A batch of which nothing is kept", () => {
  it.scopedLive("is counted by the next fold, and makes nobody write before", () =>
    Effect.gen(function*() {
      const dir = yield* tempDir
      const client = yield* start(`sqlite:${dir}/c.db`)
      const deltas = client.use(
        Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT id FROM rollup_delta`)
      )
      for (let i = 0; i < 5; i++) yield* client.post(rubbish)
      expect(yield* deltas).toEqual([])
      yield* fold(client)
      expect(yield* storedRefusals(client)).toBe(10)
      yield* fold(client)
      expect(yield* storedRefusals(client)).toBe(10)
    }).pipe(Effect.orDie))

  it.scopedLive("is counted though the collector stops first", () =>
    Effect.gen(function*() {
      const dir = yield* tempDir
      yield* Effect.scoped(Effect.flatMap(start(`sqlite:${dir}/c.db`), (client) => client.post(rubbish)))
      const next = yield* start(`sqlite:${dir}/c.db`)
      yield* fold(next)
      expect(yield* storedRefusals(next)).toBe(2)
    }).pipe(Effect.orDie))

  it.scopedLive("is counted once when storage was away in between", () =>
    Effect.gen(function*() {
      const dir = yield* tempDir
      const client = yield* start(`sqlite:${dir}/c.db`)
      const run = (text: string) => client.use(Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(text)))
      yield* client.post(rubbish)
      yield* run("CREATE TRIGGER away BEFORE INSERT ON rollup_delta BEGIN SELECT RAISE(ABORT, 'away'); END")
      expect((yield* Effect.exit(fold(client)))._tag).toBe("Failure")
      yield* client.post(rubbish)
      yield* run("DROP TRIGGER away")
      yield* fold(client)
      expect(yield* storedRefusals(client)).toBe(4)
    }).pipe(Effect.orDie))
})
