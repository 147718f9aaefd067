/**
 * Row 17 of the targets: what keeping rollups adds to the insert path, and what percentiles cost from them instead of from the
 * events. `node --import tsx scratchpad/bench/rollups.ts [events]`; CPU microseconds an event, medians of rounds.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Runtime from "effect/Runtime"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as EventCatalog from "../../src/domain/EventCatalog.js"
import * as Measure from "../../src/domain/Measure.js"
import * as Rollup from "../../src/domain/Rollup.js"
import { type RedactedEvent, unsafeRedacted } from "../../src/domain/TelemetryEvent.js"
import * as LocalStats from "../../src/LocalStats.js"
import * as SqliteDatabase from "../../src/node/SqliteDatabase.js"
import { EventStore } from "../../src/persistence/EventStore.js"
import { Rollups } from "../../src/persistence/Rollups.js"
import { Database } from "../../src/persistence/Sql/Database.js"
import * as EventStoreSql from "../../src/persistence/Sql/EventStoreSql.js"
import * as RollupsSql from "../../src/persistence/Sql/RollupsSql.js"

const directory = Fs.mkdtempSync(Path.join(Os.tmpdir(), "effect-telemetry-bench-"))
const definition = (type: string) => EventCatalog.builtIn.find((known) => known.type === type)
const fold = Rollup.folder(definition)
const readers = {
  performance_measured: Measure.reader("performance_measured", definition("performance_measured")),
  command_executed: Measure.reader("command_executed", definition("command_executed"))
}

const context = {
  sessionId: "11111111-1111-4111-8111-111111111111",
  installationId: "22222222-2222-4222-8222-222222222222",
  app: { name: "ax", version: "2.0.0" },
  epoch: "aaaaaaaa-0000-4000-8000-000000000001",
  level: "full",
  remote: true
} as const

/** A thousand events an hour and a day of 24 hours; seven commands and four measurements; durations over three decades. */
const eventOf = (n: number, spread: number): RedactedEvent => {
  const random = ((n * 2_654_435_761) >>> 0) / 2 ** 32
  const duration = Math.round(10 ** (1 + 3 * random))
  const data = n % 3 === 0
    ? { metricName: "m" + n % 4, value: duration, unit: "ms", context: { note: "x".repeat(150), attempt: n % 7 } }
    : {
      command: "c" + n % 7,
      args: ["--output", "--format", "--watch", "--project", "--strict", "--verbose", "--no-cache", "--jobs"],
      duration,
      exitCode: n % 50 === 0 ? 1 : 0,
      error: n % 50 === 0 ? "it failed for a reason that is said here at some length" : undefined
    }
  const type = n % 3 === 0 ? "performance_measured" : "command_executed"
  const json = JSON.stringify(data)
  return unsafeRedacted({
    id: "0197f3c2-0000-7000-8000-" + n.toString(16).padStart(12, "0"),
    type,
    time: 1_699_390_800_000 + n * spread,
    data: json,
    // As the encoder hands it over.
    measure: readers[type](json),
    rate: 1,
    suppressed: 0,
    context
  })
}

const open = async (name: string) => {
  const managed = ManagedRuntime.make(
    Layer.mergeAll(EventStoreSql.layerSql, RollupsSql.layerSql).pipe(
      Layer.provideMerge(SqliteDatabase.layer(Path.join(directory, name, "q.db")))
    )
  )
  const runtime = await managed.runtime()
  await Effect.runPromise(Context.get(runtime.context, Database).warm)
  return {
    store: Context.get(runtime.context, EventStore),
    rollups: Context.get(runtime.context, Rollups),
    bytes: Context.get(runtime.context, Database),
    run: Runtime.runSync(runtime),
    close: () => managed.dispose()
  }
}

const cpu = (f: () => void): number => {
  const start = process.cpuUsage()
  f()
  const used = process.cpuUsage(start)
  return used.user + used.system
}

const median = (list: ReadonlyArray<number>): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!

const inserts = async (size: number, commits: number, withRollups: boolean, name: string): Promise<number> => {
  const { close, run, store } = await open(name)
  const groups = Array.from(
    { length: 50 },
    (_, g) => Array.from({ length: size }, (_, i) => eventOf(g * size + i, 300))
  )
  const commit = (events: ReadonlyArray<RedactedEvent>) =>
    run(store.append({
      events,
      ...(withRollups ? { rollups: fold(events) } : {}),
      destinations: ["default"],
      counts: { offered: size },
      queueLimit: 2_000_000
    }))
  groups.forEach(commit)
  const total = cpu(() => {
    for (let i = 0; i < commits; i++) commit(groups[i % groups.length]!)
  })
  await close()
  return total / commits / size
}

console.log("insert, CPU us an event: without rollups, with, share added")
for (const [size, commits] of [[100, 600], [20, 1000], [1, 4000]] as const) {
  const [plain, rolled]: [Array<number>, Array<number>] = [[], []]
  for (let round = 0; round < 5; round++) {
    plain.push(await inserts(size, commits, false, `p${size}-${round}`))
    rolled.push(await inserts(size, commits, true, `r${size}-${round}`))
  }
  const [a, b] = [median(plain), median(rolled)]
  console.log(`by ${size}`.padEnd(8), a.toFixed(2), b.toFixed(2), `+${((b / a - 1) * 100).toFixed(0)} %`)
}

const total = Number(process.argv[2] ?? 1_000_000)
const large = await open("large")
for (let from = 0; from < total; from += 1000) {
  const events = Array.from({ length: 1000 }, (_, i) => eventOf(from + i, 3600))
  large.run(large.store.append({
    events,
    rollups: fold(events),
    destinations: [],
    counts: { offered: 1000 },
    queueLimit: 1
  }))
}
const fromRaw = cpu(() => {
  const raw = LocalStats.fold("day")
  let after = 0
  while (true) {
    const page = large.run(large.store.read({ after, limit: 1000 }))
    if (page.length === 0) break
    for (const rollup of fold(page.map(({ event }) => event))) raw.add(rollup)
    after = page.at(-1)!.seq
  }
  return raw.rows()
})
const fromRollups = cpu(() => {
  large.run(LocalStats.read(large.rollups, { by: "day" }))
})
console.log(
  `p50/p95/p99 by day over ${total}: ${(fromRaw / 1000).toFixed(0)} ms from events, ${
    (fromRollups / 1000).toFixed(0)
  } ms`,
  `from rollups, ratio ${(fromRollups / fromRaw).toFixed(4)}`
)
await large.close()
Fs.rmSync(directory, { recursive: true })
