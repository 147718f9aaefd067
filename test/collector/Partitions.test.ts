import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as EventPartitions from "../../src/collector/EventPartitions.js"
import * as Migrations from "../../src/collector/Migrations.js"
import { Retention } from "../../src/collector/Retention.js"
import * as Transaction from "../../src/collector/Transaction.js"
import { embedded } from "./postgres.js"
import { event, startOn, uuid4, uuid7 } from "./support.js"

const backend = embedded()
const day = 86_400_000

const partitionOf = (time: number) => `events_${new Date(time).toISOString().slice(0, 7).replace("-", "_")}`

const where = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(
    sql<{ readonly place: string }>`SELECT CAST(tableoid AS REGCLASS)::text AS place FROM events ORDER BY 1`,
    (rows) => rows.map(({ place }) => place)
  ))

const prepareAt = (time: number) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => Transaction.write(sql, (session) => EventPartitions.prepare(session, time))
  )

describe("Postgres: partitions", () => {
  it.scopedLive("an event lies in the month of its id, one that fits into none in the rest, and each is stored once", () =>
    Effect.gen(function*() {
      const client = yield* startOn(backend, yield* backend.empty)
      const now = Date.now()
      const events = [event(), event({ id: uuid7(Date.UTC(2001, 1, 1)) }), event({ id: `f${uuid4().slice(1)}` })]
      yield* client.post(events)
      assert.strictEqual((yield* client.post(events)).body.duplicates, 3)
      assert.deepStrictEqual(yield* client.use(where), [partitionOf(now), "events_rest", "events_rest"].sort())
    }).pipe(Effect.orDie))

  it.scopedLive("what came before its month had a partition moves into it", () =>
    Effect.gen(function*() {
      const client = yield* startOn(backend, yield* backend.empty)
      const later = Date.now() + 300 * day
      const early = event({ id: uuid7(later) })
      yield* client.post([early])
      assert.deepStrictEqual(yield* client.use(where), ["events_rest"])
      yield* client.use(prepareAt(later))
      assert.deepStrictEqual(yield* client.use(where), [partitionOf(later)])
      assert.strictEqual((yield* client.post([early])).body.duplicates, 1)
    }).pipe(Effect.orDie))

  it.scopedLive("a table in one piece is divided at the start, with all its rows", () =>
    Effect.gen(function*() {
      const database = yield* backend.empty
      const old = [event(), event({ id: uuid4() })]
      yield* Effect.scoped(Effect.gen(function*() {
        const client = yield* startOn(backend, database)
        yield* client.post(old)
        yield* client.use(Effect.flatMap(SqlClient.SqlClient, (sql) =>
          Effect.forEach([
            "DROP VIEW readable_events",
            "ALTER TABLE events RENAME TO divided",
            "ALTER INDEX events_pkey RENAME TO divided_pkey",
            "CREATE TABLE events (LIKE divided INCLUDING ALL)",
            "INSERT INTO events SELECT * FROM divided",
            "DROP TABLE divided",
            "CREATE VIEW readable_events AS SELECT * FROM events"
          ], (text) => sql.unsafe(text))))
        yield* client.use(Migrations.run)
      }))
      const client = yield* startOn(backend, database)
      assert.lengthOf(yield* client.use(where), 2)
      assert.include(yield* client.use(where), partitionOf(Date.now()))
      assert.strictEqual((yield* client.post(old)).body.duplicates, 2)
      const rows = yield* client.use(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT app FROM readable_events`))
      assert.deepStrictEqual(rows, [{ app: "ax" }, { app: "ax" }])
    }).pipe(Effect.orDie))

  it.scopedLive("a month that no rule keeps is dropped whole; one that holds a late event to keep is not", () =>
    Effect.gen(function*() {
      const database = yield* backend.empty
      const [old, older] = [Date.now() - 100 * day, Date.now() - 170 * day]
      const rules = [{ days: 30 }]
      yield* Effect.scoped(Effect.gen(function*() {
        const client = yield* startOn(backend, database)
        yield* client.use(Effect.zipRight(prepareAt(old), prepareAt(older)))
        yield* client.post([
          event({ id: uuid7(older), timestamp: older }),
          event({ id: uuid7(old), timestamp: old }),
          event({ id: uuid7(old) })
        ])
      }))
      const client = yield* startOn(backend, database, { retention: rules })
      assert.strictEqual(yield* client.use(Effect.flatMap(Retention, ({ run }) => run)), 2)
      assert.deepStrictEqual(yield* client.use(where), [partitionOf(old)])
      const gone = yield* client.use(Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql`SELECT to_regclass(${partitionOf(older)}) IS NULL AS gone`
      ))
      assert.deepStrictEqual(gone, [{ gone: true }])
    }).pipe(Effect.orDie))
})
