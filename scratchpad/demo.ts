/**
 * The main job, on real input: a code-search program records what it does, through an outage and two kills, into a collector,
 * and three independent counts must agree. `--keep` leaves the collector running.
 */
import Sqlite from "better-sqlite3"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Process from "./demo/Process.js"
import * as Proxy from "./demo/Proxy.js"
import * as Tally from "./search/Tally.js"

const root = path.resolve(import.meta.dirname, "..")
const bin = path.join(root, "dist/bin.cjs")
const search = path.join(root, "scratchpad/search/main.ts")
const work = fs.mkdtempSync(path.join(os.tmpdir(), "effect-telemetry-demo-"))
const dataDir = path.join(work, "client")
const database = path.join(work, "collector.db")
const keep = process.argv.includes("--keep")
const started = Date.now()

const say = (text: string): void => console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(5)} s  ${text}`)
const detail = (text: string): void => console.log(`         ${text}`)

const collectorEnv = { COLLECTOR_DATABASE_URL: `sqlite:${database}` }
let collectorUrl = ""

const startCollector = async (port: number): Promise<Process.Child> => {
  const child = Process.start([bin, "collector", "serve", "--port", String(port), "--json"], { env: collectorEnv })
  collectorUrl = JSON.parse(await child.line((line) => line.startsWith("{"))).listening
  for (;;) {
    const ready = await fetch(`${collectorUrl}/readyz`).then((answer) => answer.ok, () => false)
    if (ready) return child
  }
}

const createKey = async (role: string): Promise<string> =>
  JSON.parse(await Process.run([bin, "collector", "keys", "create", "--role", role, "--json"], { env: collectorEnv }))
    .key

const cli = (...args: ReadonlyArray<string>): Promise<string> =>
  Process.run([bin, ...args, "--data-dir", dataDir], { allowed: [0, 3] })

const status = async () => JSON.parse(await cli("status", "--json"))

const searchArgs = (
  command: string,
  directories: ReadonlyArray<string>
) => ["--import", "tsx", search, command, ...directories]

/** A page of the dashboard, as somebody sees it who has signed in with a read key. */
const dashboardPage = async (key: string, page: string): Promise<string> => {
  const signedIn = await fetch(`${collectorUrl}/sign-in`, {
    method: "POST",
    redirect: "manual",
    headers: { origin: collectorUrl },
    body: new URLSearchParams({ key })
  })
  const cookie = signedIn.headers.getSetCookie().map((one) => one.split(";")[0]).join("; ")
  return (await fetch(collectorUrl + page, { headers: { cookie } })).text()
}

/** The sum of a column in the tables of a page; undefined: it has no such column. */
const column = (page: string, name: string): number | undefined => {
  const cells = [...page.matchAll(new RegExp(`data-label="${name}"><div>([\\d,]+)`, "g"))]
  return cells.length === 0 ? undefined : cells.reduce((sum, [, n = ""]) => sum + Number(n.replaceAll(",", "")), 0)
}

const tallies: Array<string> = []
const startSearch = (
  command: "index" | "watch",
  directories: ReadonlyArray<string>,
  queries: number,
  onLine?: (line: string) => void
): Process.Child => {
  const tally = path.join(work, `tally-${tallies.length}.json`)
  tallies.push(tally)
  return Process.start(searchArgs(command, directories), {
    env: {
      SEARCH_TALLY: tally,
      SEARCH_QUERIES: String(queries),
      TELEMETRY_DATA_DIR: dataDir,
      TELEMETRY_INTERVAL: "200 millis",
      TELEMETRY_TIMEOUT: "2 seconds"
    },
    ...(onLine === undefined ? {} : { onLine })
  })
}

const total = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0)

const query = (file: string, sql: string): Readonly<Record<string, number>> => {
  const db = new Sqlite(file, { readonly: true })
  try {
    const rows = db.prepare(sql).all() as ReadonlyArray<{ type: string; n: number }>
    return Object.fromEntries(rows.map((row) => [row.type, row.n]))
  } finally {
    db.close()
  }
}

const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string | number>>): void => {
  const all = [head, ...rows].map((row) => row.map(String))
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)))
  for (const row of all) {
    detail(row.map((cell, i) => i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)).join("  "))
  }
}

const main = async (): Promise<boolean> => {
  let collector = await startCollector(0)
  const port = Number(new URL(collectorUrl).port)
  const [ingestKey, readKey] = [await createKey("ingest"), await createKey("read")]
  const proxy = await Proxy.start(() => collectorUrl)
  say(`collector on ${collectorUrl}`)

  await Process.run([
    bin,
    "enable",
    "--remote",
    "--level",
    "full",
    "--endpoint",
    `${proxy.url}/v1/events`,
    "--api-key-stdin",
    "--data-dir",
    dataDir
  ], { input: ingestKey })
  await cli("config", "set", "profile", "bulk")
  say("consent given: level full, sending on; everything the client keeps is in one directory")

  say("the search program parses this project and the installed effect package, and answers queries")
  let stopped: Promise<unknown> | undefined
  const indexing = startSearch(
    "index",
    [path.join(root, "src"), path.join(root, "node_modules/effect/src")],
    1500,
    (line) => {
      if (/00 of|answered/.test(line)) detail(line)
      if (stopped === undefined && line.startsWith("parsed 100 ")) {
        say("outage: the collector is stopped in the middle of it")
        collector.kill("SIGTERM")
        stopped = collector.ended
      }
    }
  )
  const ended = await indexing.ended
  if (ended !== 0) throw new Error(`the search program ended with ${ended}:\n${indexing.errors()}`)
  await stopped
  const during = await status()
  say(`the search program has ended by itself; ${during.queue.total} events wait on disk`)
  collector = await startCollector(port)
  say("the collector is back, on the same port")

  proxy.mode("hold")
  const held = proxy.caught()
  const first = startSearch("watch", [path.join(root, "src")], 200)
  await first.line((line) => line === "committed")
  await held
  first.kill("SIGKILL")
  await first.ended
  say(`killed (SIGKILL) a worker while it held a lease: ${(await status()).queue.leased} events were leased`)

  proxy.mode("swallow")
  const swallowed = proxy.caught()
  const second = startSearch("watch", [path.join(root, "src")], 200)
  await second.line((line) => line === "committed")
  await swallowed
  second.kill("SIGKILL")
  await second.ended
  say("killed (SIGKILL) a worker after the collector had committed its batch and before it was told")

  proxy.mode("pass")
  for (let i = 0; i < 20; i++) {
    const report = JSON.parse(await cli("submit", "--json"))
    detail(`submit: ${report.submitted} sent, ${report.remaining} remain`)
    if (report.remaining === 0) break
  }

  say("what the person sees")
  console.log(await cli("stats", "--by", "day"))
  console.log(`queue: ${await cli("queue") || "empty\n"}`)
  console.log(await cli("stats", "--type", "submission"))

  const metrics = await fetch(`${collectorUrl}/metrics`).then((answer) => answer.text())
  say("the collector's own ledger, since it was started again")
  for (const line of metrics.split("\n").filter((line) => line.startsWith("collector_events_total"))) detail(line)

  const rollups = await fetch(`${collectorUrl}/v1/rollups?interval=day`, { headers: { "x-api-key": readKey } })
    .then((answer) => answer.json()) as {
      readonly rows: ReadonlyArray<{ readonly eventType: string; readonly count: number }>
    }
  const rolled: Record<string, number> = {}
  for (const row of rollups.rows) rolled[row.eventType] = (rolled[row.eventType] ?? 0) + row.count

  const tally: Record<string, number> = {}
  for (const file of tallies) {
    for (const [type, n] of Object.entries(Tally.read(file))) tally[type] = (tally[type] ?? 0) + n
  }
  const client = query(
    path.join(dataDir, "telemetry.db"),
    "SELECT t.name AS type, count(*) AS n FROM event e JOIN event_type t ON t.id = e.type GROUP BY t.name"
  )
  const server = query(
    database,
    "SELECT type, count(DISTINCT id) AS n FROM events GROUP BY type"
  )
  const page = await dashboardPage(readKey, "/events?range=7d")
  const shown = (type: string): number | undefined => column(page, type)
  say("three independent counts, the collector's rollups, and the dashboard's chart of the most frequent")
  const types = [...new Set([...Object.keys(tally), ...Object.keys(client), ...Object.keys(server)])].sort()
  table(
    ["event", "program's tally", "client's rows", "collector's ids", "rollups", "dashboard"],
    types.map((type) => [
      type,
      tally[type] ?? "(automatic)",
      client[type] ?? 0,
      server[type] ?? 0,
      rolled[type] ?? 0,
      shown(type) ?? "–"
    ])
  )
  const agree = types.every((type) =>
    (tally[type] ?? client[type]) === client[type] && client[type] === server[type] &&
    server[type] === rolled[type] &&
    (shown(type) ?? rolled[type]) === rolled[type]
  ) && types.some((type) => shown(type) !== undefined)
  const after = await status()
  const sound = agree && total(client) > 1000 && after.queue.total === 0
  say(
    sound
      ? `all agree: ${total(server)} events, none lost, none twice, none waiting`
      : `THEY DO NOT AGREE: ${total(tally)} counted by the program, ${total(client)} with the client, ${
        total(server)
      } at the collector, ${after.queue.total} in the queue`
  )
  say(`dashboard: ${collectorUrl}/`)
  proxy.close()
  if (keep) {
    say(`read key: ${readKey} (the collector runs until you press Ctrl-C; its data is in ${work})`)
    await collector.ended
  } else {
    collector.kill("SIGTERM")
    await collector.ended
    fs.rmSync(work, { recursive: true, force: true })
  }
  return sound
}

process.exitCode = await main() ? 0 : 1
