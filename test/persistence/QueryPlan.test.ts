import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Path from "node:path"
import * as Destination from "../../src/domain/Destination.js"
import * as SqliteDatabase from "../../src/node/SqliteDatabase.js"
import { EventStore } from "../../src/persistence/EventStore.js"
import * as Database from "../../src/persistence/Sql/Database.js"
import * as EventStoreSql from "../../src/persistence/Sql/EventStoreSql.js"
import type { Connection } from "../../src/persistence/Sql/Session.js"
import * as SubmissionQueueSql from "../../src/persistence/Sql/SubmissionQueueSql.js"
import { SubmissionQueue, type Verdict } from "../../src/persistence/SubmissionQueue.js"
import { atLevel, context, epochA, event, events, group } from "../suites/events.js"
import { temporaryDirectory } from "../suites/sqlite.js"

const owner = { id: "me", pid: 1 }
const T = 1_700_000_100_000
const fates: ReadonlyArray<Verdict> = [
  { _tag: "Delivered" },
  { _tag: "Release" },
  { _tag: "Retry", dueAt: T + 10, error: "later" },
  { _tag: "Bury", error: "refused" }
]

/** Every verb, at work on something. */
const everything = Effect.gen(function*() {
  const store = yield* EventStore
  const queue = yield* SubmissionQueue
  const no = () => false
  const claim = (now: number, limit: number) =>
    queue.claim({
      destination: "default",
      owner,
      now,
      leaseUntil: now + 1000,
      limit,
      maxBytes: 1_000_000,
      newKey: "k" + now,
      isGone: no
    })
  yield* store.append(group([...events(1, 200), event(201, { context: context({ remote: false }) })]))
  yield* store.append(group(events(202, 210), { queueLimit: 190, destinations: ["default", "second"] }))
  yield* queue.acquire("default", owner, T, T + 1000, no)
  const batch = yield* claim(T, 40)
  if (batch === null) return yield* Effect.dieMessage("nothing claimed")
  yield* queue.renew(batch, owner, T + 2000)
  const seqs = batch.events.map((one) => one.seq)
  yield* queue.settle({
    batch,
    owner,
    now: T,
    verdicts: new Map(seqs.map((seq, i) => [seq, fates[i % 4]!])),
    groups: [{ key: "kept", seqs: seqs.filter((_, i) => i % 8 === 1), faults: 0 }],
    state: Destination.initial,
    stats: { requests: 1, latencyMs: 3 }
  })
  yield* claim(T + 20, 2)
  yield* claim(T + 5000, 2)
  yield* queue.releaseAll(owner)
  yield* queue.nextDue("default", T)
  yield* queue.counts("default")
  yield* queue.list("default", "waiting", 0, 10)
  yield* queue.list("default", "dead", 0, 10)
  yield* queue.state("default")
  yield* queue.stats("default")
  yield* queue.requeue("default", seqs.slice(0, 8))
  yield* queue.purge("default")
  yield* store.append(group(events(300, 310, { context: atLevel("full") })))
  yield* store.relevel("basic", (one) => one)
  yield* queue.withhold("second", new Set())
  yield* store.expire({ before: T, maxBytes: 0, limit: 20 })
  yield* store.read({ after: 0, limit: 10, type: "query_performed" })
  yield* store.size
  yield* store.ledger
  yield* queue.clear("default")
  expect(yield* queue.withhold("default", new Set([epochA]))).toBe(0)
})

describe("query plans", () => {
  it.scoped("no statement walks a table of events or entries, nor sorts one", () =>
    Effect.gen(function*() {
      const file = Path.join(yield* temporaryDirectory, "telemetry.db")
      const texts = new Set<string>()
      let open: Connection | undefined
      const driver = SqliteDatabase.makeDriver(file)
      const recording: Database.Driver = {
        ...driver,
        connect: Effect.map(driver.connect, (connection): Connection => {
          const seen =
            <A>(f: (sql: string, params: Parameters<Connection["all"]>[1]) => A) =>
            (sql: string, params: Parameters<Connection["all"]>[1]) => {
              texts.add(sql)
              return f(sql, params)
            }
          open = connection
          return { all: seen(connection.all), rows: seen(connection.rows), run: seen(connection.run) }
        })
      }
      const layer = Layer.mergeAll(EventStoreSql.layerSql, SubmissionQueueSql.layerSql).pipe(
        Layer.provide(Database.layer(recording))
      )
      const plans = yield* Effect.gen(function*() {
        yield* everything
        const found: Array<string> = []
        for (const sql of texts) {
          if (!/^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)/.test(sql)) continue
          const parameters = sql.split("?").length - 1
          const rows = open!.all("EXPLAIN QUERY PLAN " + sql, Array.from({ length: parameters }, () => null))
          for (const row of rows) {
            const detail = typeof row === "object" && row !== null && "detail" in row ? String(row.detail) : ""
            if (/SCAN (event|e|queue|q|deferred|d|parked|p)\b|TEMP B-TREE/.test(detail)) {
              found.push(detail + " : " + sql)
            }
          }
        }
        return found
      }).pipe(Effect.provide(layer))
      expect(texts.size).toBeGreaterThan(50)
      expect(plans).toEqual([])
    }))
})
