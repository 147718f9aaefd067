/**
 * Rows 10, 11 and 14 of the targets: our store and queue beside the least code on raw better-sqlite3, in turns, in one process.
 * `node --import tsx scratchpad/bench/queue.ts [rounds]`; CPU microseconds an event, medians.
 */
import Sqlite from "better-sqlite3"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Runtime from "effect/Runtime"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Destination from "../../src/domain/Destination.js"
import { unsafeRedacted } from "../../src/domain/TelemetryEvent.js"
import * as SqliteDatabase from "../../src/node/SqliteDatabase.js"
import { EventStore } from "../../src/persistence/EventStore.js"
import { Database } from "../../src/persistence/Sql/Database.js"
import * as EventStoreSql from "../../src/persistence/Sql/EventStoreSql.js"
import * as SubmissionQueueSql from "../../src/persistence/Sql/SubmissionQueueSql.js"
import { type ClaimedBatch, SubmissionQueue } from "../../src/persistence/SubmissionQueue.js"

interface Queue {
  readonly enqueue: (from: number, count: number) => void
  readonly take: (count: number) => number
  readonly bytes: () => number
  readonly close: () => Promise<void>
}

const directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-telemetry-bench-"))
let files = 0
const newFile = () => Path.join(directory, `q${++files}`, "q.db")

const dataOf = (n: number): string =>
  JSON.stringify({
    id: "mk_" + String(n).padStart(7, "0") + "-" + ((n * 2_654_435_761) >>> 0).toString(16),
    type: "query_performed",
    ts: 1_699_390_800_000 + n * 137,
    session: "s-" + String(n % 97).padStart(8, "0") + "-4b1d-9f0c",
    name: "search",
    value: (n % 4096) / 8,
    props: {
      durationMs: n % 5000,
      exitCode: 0,
      resultCount: n % 200,
      cached: n % 2 === 0,
      language: "typescript",
      version: "2.1." + (n % 20),
      os: "linux-x64",
      node: "20.20.2"
    }
  })

const sizeOf = (file: string): number => Fs.statSync(file).size

const raw = (): Queue => {
  const file = newFile()
  Fs.mkdirSync(Path.dirname(file))
  const db = new Sqlite(file)
  db.pragma("journal_mode=WAL")
  db.pragma("synchronous=NORMAL")
  db.exec(`CREATE TABLE q (id INTEGER PRIMARY KEY, state INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL); CREATE INDEX q_ready ON q (id) WHERE state = 0`)
  const insert = db.prepare("INSERT INTO q (body) VALUES (?)")
  const many = db.transaction((from: number, count: number) => {
    for (let i = 0; i < count; i++) insert.run(dataOf(from + i))
  })
  const take = db.prepare<[number, number], { id: number; body: string }>(
    `UPDATE q SET state = 1, next_at = ? WHERE id IN (SELECT id FROM q WHERE state = 0 ORDER BY id LIMIT ?)
     RETURNING id, body`
  )
  const remove = db.prepare("DELETE FROM q WHERE id BETWEEN ? AND ? AND state = 1")
  return {
    enqueue: (from, count) => count === 1 ? void insert.run(dataOf(from)) : many(from, count),
    take: (count) => {
      const rows = take.all(Date.now() + 30_000, count)
      if (rows.length > 0) remove.run(rows[0]!.id, rows[rows.length - 1]!.id)
      return rows.length
    },
    bytes: () => {
      db.pragma("wal_checkpoint(TRUNCATE)")
      return sizeOf(file)
    },
    close: () => Promise.resolve(void db.close())
  }
}

const context = {
  sessionId: "11111111-1111-4111-8111-111111111111",
  installationId: "22222222-2222-4222-8222-222222222222",
  app: { name: "ax", version: "2.0.0" },
  epoch: "aaaaaaaa-0000-4000-8000-000000000001",
  level: "full",
  remote: true
} as const

const ours = async (): Promise<Queue> => {
  const file = newFile()
  const managed = ManagedRuntime.make(
    Layer.mergeAll(EventStoreSql.layerSql, SubmissionQueueSql.layerSql).pipe(
      Layer.provideMerge(SqliteDatabase.layer(file))
    )
  )
  const runtime = await managed.runtime()
  const run = Runtime.runSync(runtime)
  const store = Context.get(runtime.context, EventStore)
  const queue = Context.get(runtime.context, SubmissionQueue)
  const database = Context.get(runtime.context, Database)
  await Effect.runPromise(database.warm)
  const owner = { id: "bench", pid: process.pid }
  let keys = 0
  let held: ClaimedBatch | null = null
  return {
    enqueue: (from, count) => {
      const events = Array.from({ length: count }, (_, i) =>
        unsafeRedacted({
          id: "0197f3c2-0000-7000-8000-" + (from + i).toString(16).padStart(12, "0"),
          type: "query_performed",
          time: 1_699_390_800_000 + from + i,
          data: dataOf(from + i),
          rate: 1,
          suppressed: 0,
          context
        }))
      run(store.append({ events, destinations: ["default"], counts: { offered: count }, queueLimit: 2_000_000 }))
    },
    // As a drain does it: the next batch is claimed as the one before is settled.
    take: (limit) => {
      const now = Date.now()
      const request = {
        destination: "default",
        owner,
        now,
        leaseUntil: now + 60_000,
        limit,
        maxBytes: 1e9,
        newKey: "k" + ++keys,
        isGone: () => false
      }
      const batch = held ?? run(queue.claim(request))
      if (batch === null) return 0
      const verdicts = new Map(batch.events.map(({ seq }) => [seq, { _tag: "Delivered" } as const]))
      const stats = { requests: 1, submitted: batch.events.length, latencyMs: 12 }
      const settlement = { batch, owner, now, verdicts, groups: [], state: Destination.initial, stats }
      held = run(queue.settleThenClaim(settlement, request)).next
      return batch.events.length
    },
    bytes: () => {
      run(database.compact)
      return sizeOf(file)
    },
    close: () => managed.dispose()
  }
}

const cpu = (events: number, f: () => void): number => {
  const start = process.cpuUsage()
  f()
  const used = process.cpuUsage(start)
  return (used.user + used.system) / events
}

const median = (list: ReadonlyArray<number>): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!

const rounds = Number(process.argv[2] ?? 5)
const figures = new Map<string, Array<number>>()
const note = (name: string, value: number) => figures.set(name, [...figures.get(name) ?? [], value])

const measure = async (name: string, make: () => Queue | Promise<Queue>) => {
  const queue = await make()
  queue.enqueue(1, 100)
  for (let i = 0; i < 100; i++) queue.enqueue(101 + i, 1)
  for (let i = 0; i < 10; i++) queue.take(20)
  note(
    name + "/one",
    cpu(2_000, () => {
      for (let i = 0; i < 2_000; i++) queue.enqueue(1_000 + i, 1)
    })
  )
  note(
    name + "/hundred",
    cpu(10_000, () => {
      for (let i = 0; i < 100; i++) queue.enqueue(10_000 + i * 100, 100)
    })
  )
  note(name + "/bytes", queue.bytes() / 12_000)
  note(
    name + "/take",
    cpu(8_000, () => {
      for (let i = 0; i < 80; i++) queue.take(100)
    })
  )
  await queue.close()
}

for (let round = 0; round < rounds; round++) {
  await measure("raw", raw)
  await measure("ours", ours)
}

const backlog = await ours()
const ten = (): number =>
  median(Array.from({ length: 60 }, () => {
    const start = performance.now()
    backlog.take(10)
    return performance.now() - start
  }))
for (let i = 0; i < 30; i++) backlog.enqueue(i * 100, 100)
ten()
const small = ten()
const size = Number(process.argv[3] ?? 1_000_000)
for (let i = 0; i < size / 1000; i++) backlog.enqueue(100_000 + i * 1000, 1000)
const large = ten()
await backlog.close()
Fs.rmSync(directory, { recursive: true })

const of = (name: string): number => median(figures.get(name) ?? [])
const row = (title: string, key: string) =>
  console.log(
    title.padEnd(34),
    of("raw/" + key).toFixed(2),
    of("ours/" + key).toFixed(2),
    (of("ours/" + key) / of("raw/" + key)).toFixed(2)
  )
console.log("CPU us an event: raw, ours, ratio")
row("enqueue of one", "one")
row("enqueue by 100", "hundred")
row("claim and settle by 100", "take")
row("bytes on disk an event", "bytes")
const json = Array.from({ length: 1000 }, (_, i) => dataOf(i).length).reduce((a, b) => a + b) / 1000
console.log("disk / data", (of("ours/bytes") / json).toFixed(3), "data", json)
console.log(
  `claim of 10: ${small.toFixed(3)} ms at 3,000, ${large.toFixed(3)} ms at ${size}, ratio ${(large / small).toFixed(2)}`
)
