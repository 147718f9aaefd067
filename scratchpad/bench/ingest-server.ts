/** One server of the ingest benchmark, in a process of its own: the collector, or the least code there can be. */
import Database from "better-sqlite3"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Http from "node:http"
import * as Path from "node:path"
import * as Zlib from "node:zlib"
import { Collector, Keys, layer, Rollups } from "../../src/collector/index.js"

interface WireEvent {
  readonly id: string
  readonly sessionId: string
  readonly eventType: string
  readonly timestamp: number
  readonly eventData: unknown
}

const listen = (server: Http.Server): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resolve(typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "")
    })
  })

/** node:http, gunzip, JSON.parse, a look at each event, one transaction of prepared inserts. */
const limit = async (dir: string) => {
  const db = new Database(Path.join(dir, "limit.db"))
  db.pragma("journal_mode = WAL")
  db.pragma("synchronous = NORMAL")
  db.exec(
    `CREATE TABLE events (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, time INTEGER NOT NULL,
    session TEXT, data TEXT); CREATE INDEX events_type_time ON events (type, time)`
  )
  const add = db.prepare("INSERT OR IGNORE INTO events (id, type, time, session, data) VALUES (?, ?, ?, ?, ?)")
  const store = db.transaction((events: ReadonlyArray<WireEvent>) => {
    for (const e of events) add.run(e.id, e.eventType, e.timestamp, e.sessionId, JSON.stringify(e.eventData))
  })
  const url = await listen(Http.createServer((request, response) => {
    const parts: Array<Buffer> = []
    request.on("data", (part: Buffer) => parts.push(part))
    request.on("end", () =>
      Zlib.gunzip(Buffer.concat(parts), (cause, body) => {
        if (cause !== null) return response.writeHead(400).end()
        const { events }: { events: ReadonlyArray<WireEvent> } = JSON.parse(body.toString())
        for (const e of events) {
          if (typeof e.id !== "string" || typeof e.timestamp !== "number") return response.writeHead(422).end()
        }
        store(events)
        response.writeHead(200, { "content-type": "application/json" })
        response.end(JSON.stringify({ success: true, accepted: events.length, rejected: 0 }))
      }))
  }))
  return {
    url,
    key: "",
    settled: () => Promise.resolve(),
    stored: () => Promise.resolve(Number(db.prepare("SELECT count(*) FROM events").pluck().get()))
  }
}

const collector = async (dir: string) => {
  const runtime = ManagedRuntime.make(layer({
    database: `sqlite:${Path.join(dir, "collector.db")}`,
    port: 0,
    limits: { eventsPerMinute: 1_000_000_000 }
  }))
  const { key, url } = await runtime.runPromise(Effect.gen(function*() {
    const { key } = yield* Effect.flatMap(Keys.Keys, (keys) => keys.create({ role: "ingest" }))
    return { key, url: (yield* Collector).url }
  }))
  return {
    url,
    key,
    // The counting of what was sent is part of its price, though nobody waits for it.
    settled: () => runtime.runPromise(Effect.asVoid(Effect.flatMap(Rollups.Rollups, (rollups) => rollups.fold))),
    stored: () =>
      runtime.runPromise(Effect.map(
        Effect.flatMap(Rollups.Rollups, (rollups) => rollups.query({ interval: "month" })),
        (rows) => (rows ?? []).reduce((sum, row) => sum + row.count, 0)
      ))
  }
}

const [kind, dir] = process.argv.slice(2)
const server = await (kind === "limit" ? limit(dir!) : collector(dir!))
let start = process.cpuUsage()
process.on("message", async (message) => {
  await server.settled()
  if (message === "mark") {
    start = process.cpuUsage()
    process.send!({ marked: true })
  } else {
    const { system, user } = process.cpuUsage(start)
    process.send!({ cpuMicros: user + system, rss: process.memoryUsage().rss, stored: await server.stored() })
  }
})
process.send!({ url: server.url, key: server.key })
