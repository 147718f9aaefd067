/**
 * What an event costs a collector, on this machine: `tsx scratchpad/scale/measure.ts DATABASE_URL [SECONDS]` on an empty
 * database. Eight clients send batches of 100, in this process' own neighbour; a session sends 25 events, an installation has
 * two sessions, and one event in fifty is some hours late. Printed: the figures that `simulate.ts` goes by.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import * as Crypto from "node:crypto"
import * as Path from "node:path"
import { Collector, Keys, Rollups, serve } from "../../src/collector/index.js"
import * as RollupDelta from "../../src/collector/RollupDelta.js"

const [url = "sqlite::memory:", seconds = "10"] = process.argv.slice(2)

/** A process of its own sends, so that its cost is not counted. */
const client = () => {
  const [target = "", key = "", duration = ""] = process.argv.slice(3)
  const id = (time: number) => {
    const hex = time.toString(16).padStart(12, "0") + Crypto.randomBytes(10).toString("hex")
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
  }
  const session = { left: 0, session: "", installation: "", installationLeft: 0 }
  const next = () => {
    if (session.left-- <= 0) {
      if (session.installationLeft-- <= 0) {
        Object.assign(session, { installation: Crypto.randomUUID(), installationLeft: 1 })
      }
      Object.assign(session, { session: Crypto.randomUUID(), left: 24 })
    }
    const time = Date.now() - (Crypto.randomInt(50) === 0 ? Crypto.randomInt(12 * 3_600_000) : 0)
    return {
      id: id(time),
      sessionId: session.session,
      installationId: session.installation,
      eventType: "query_performed",
      eventData: {
        queryType: ["symbol", "text", "path"][Crypto.randomInt(3)],
        query: "where is it",
        resultCount: Crypto.randomInt(20),
        duration: Crypto.randomInt(400),
        cached: Crypto.randomInt(2) === 0
      },
      timestamp: time,
      level: "full",
      sampleRate: 1,
      app: { name: "ax", version: `1.${Crypto.randomInt(4)}.0` },
      schemaVersion: 1
    }
  }
  const end = performance.now() + Number(duration) * 1_000
  const one = async (): Promise<number> => {
    let accepted = 0
    while (performance.now() < end) {
      const response = await fetch(`${target}/v1/events`, {
        method: "POST",
        body: JSON.stringify({ events: Array.from({ length: 100 }, next) }),
        headers: { "content-type": "application/json", "x-api-key": key }
      })
      if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
      accepted += ((await response.json()) as { accepted: number }).accepted
    }
    return accepted
  }
  void Promise.all(Array.from({ length: 8 }, one)).then((all) =>
    console.log(JSON.stringify(all.reduce((a, b) => a + b, 0)))
  )
}

const send = (target: string, key: string): Effect.Effect<number> =>
  Effect.async((resume) => {
    const file = Path.join(import.meta.dirname, "measure.ts")
    const child = spawn("npx", ["tsx", file, "client", target, key, seconds], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    let out = ""
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString()
    })
    child.on("close", () => resume(Effect.succeed(Number(out))))
  })

const tables = ["events", "contexts", "subjects", "rollup", "histogram", "subject_day", "batches"]

const sizes = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.forEach(tables, (table) =>
    Effect.all([
      Effect.map(sql.unsafe<{ n: number }>(`SELECT count(*) AS n FROM ${table}`), ([row]) => Number(row?.n)),
      sql.onDialectOrElse({
        pg: () =>
          sql.unsafe<{ n: number }>(
            `SELECT pg_total_relation_size('${table}') + coalesce(sum(pg_total_relation_size(relid)), 0) AS n
            FROM pg_partition_tree('${table}') WHERE level > 0`
          ),
        orElse: () =>
          sql.unsafe<{ n: number }>(`SELECT sum(pgsize) AS n FROM dbstat WHERE name IN
            (SELECT name FROM sqlite_master WHERE tbl_name = '${table}')`)
      }).pipe(Effect.map(([row]) => Number(row?.n)))
    ]).pipe(Effect.map(([rows, bytes]) => ({ table, rows, bytes })))))

/** Events whose counts wait to be folded; each is of one group without a facet. */
const inDeltas = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) =>
    Effect.map(sql<{ body: string }>`SELECT body FROM rollup_delta`, (rows) => {
      const delta = RollupDelta.make()
      for (const { body } of rows) RollupDelta.merge(delta, body)
      return [...delta.groups.values()].reduce((sum, { count, facet }) => facet === "" ? sum + count : sum, 0)
    })
)

const program = Effect.gen(function*() {
  const running = yield* serve({ database: url, port: 0, limits: { eventsPerMinute: 100_000_000 } })
  const { key } = yield* Context.get(running, Keys.Keys).create({ role: "ingest" })
  const began = process.cpuUsage()
  const accepted = yield* send(Context.get(running, Collector).url, key)
  const cpu = process.cpuUsage(began)
  const waiting = yield* Effect.provide(inDeltas, running)
  const before = performance.now()
  yield* Context.get(running, Rollups.Rollups).fold
  const foldMillis = performance.now() - before
  const stored = yield* Effect.provide(sizes, running)
  console.log(JSON.stringify(
    {
      database: url.startsWith("sqlite") ? "SQLite" : "Postgres",
      accepted,
      eventsPerSecond: Math.round(accepted / Number(seconds)),
      collectorCpuMicrosPerEvent: Math.round((cpu.user + cpu.system) / accepted * 10) / 10,
      eventsToFoldWhenTheLoadEnded: waiting,
      foldMicrosPerEvent: waiting === 0 ? null : Math.round(foldMillis * 1_000 / waiting * 10) / 10,
      bytesPerEvent: Object.fromEntries(stored.map(({ bytes, table }) => [table, Math.round(bytes / accepted)])),
      rowsPerEvent: Object.fromEntries(
        stored.map(({ rows, table }) => [table, Math.round(rows / accepted * 1e3) / 1e3])
      )
    },
    null,
    2
  ))
}).pipe(Effect.scoped)

if (url === "client") client()
else await Effect.runPromise(program)
