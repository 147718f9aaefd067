/**
 * Rows 17 and 20 of the targets: a year of a million events, sent over HTTP, then every question of the dashboard timed, the
 * rollups recounted from the raw events, and every plan looked at.
 *
 * `node --import tsx scratchpad/bench/million.ts DATABASE_URL [EVENTS]` on an empty database, or with 0 events on one it has filled. The events are made from a seed:
 * three applications, installations that come all year and return less and less, versions, features, errors, vitals; they
 * arrive in order of capture, one batch in fifty a fortnight late.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Dialect from "../../src/collector/Dialect.js"
import { Collector, serve } from "../../src/collector/index.js"
import * as Insights from "../../src/collector/Insights.js"
import * as InsightsSql from "../../src/collector/insights/InsightsSql.js"
import { Keys } from "../../src/collector/Keys.js"
import { Rollups } from "../../src/collector/Rollups.js"
import { SubjectWeeks } from "../../src/collector/SubjectWeeks.js"
import { type Asked, faults, recorded } from "../../test/collector/plans.js"

const [database = "sqlite::memory:", wantedText = "1000000"] = process.argv.slice(2)
const wanted = Number(wantedText)
const day = 86_400_000
const today = Date.UTC(2026, 10, 1)
const start = today - 365 * day

let seed = 20_261_101
const random = (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}
const below = (n: number): number => Math.floor(random() * n)
/** Low numbers are far more frequent than high ones. */
const skewed = (n: number): number => Math.floor(n * random() ** 3)
const hex = (n: number): string => below(16 ** n).toString(16).padStart(n, "0")
const uuid = (head: string, version: string): string =>
  `${head.slice(0, 8)}-${head.slice(8, 12)}-${version}${hex(3)}-a${hex(3)}-${hex(12)}`
const uuid4 = (): string => uuid(hex(8) + hex(4), "4")
const uuid7 = (time: number): string => uuid(time.toString(16).padStart(12, "0"), "7")
const duration = (): number => Math.round(10 ** (1 + 2.5 * random()))

interface Installation {
  readonly id: string
  readonly app: string
  readonly since: number
  readonly os: string
}

const kinds: ReadonlyArray<readonly [share: number, type: string, data: () => Record<string, unknown>]> = [
  [0.4, "feature_used", () => ({ featureName: `feature-${skewed(40)}`, enabled: true })],
  [0.2, "command_executed", () => {
    const exitCode = random() < 0.04 ? 1 : 0
    return { command: `command-${skewed(12)}`, args: ["--watch"], duration: duration(), exitCode }
  }],
  [0.15, "query_performed", () => ({
    queryType: ["symbol", "text", "hybrid"][skewed(3)],
    query: "q",
    resultCount: below(50),
    duration: duration(),
    cached: random() < 0.3
  })],
  [0.1, "web_vital", () => {
    const value = duration()
    return {
      metric: ["LCP", "CLS", "INP"][below(3)],
      value,
      rating: value < 200 ? "good" : value < 1_000 ? "needs-improvement" : "poor"
    }
  }],
  [0.06, "error_occurred", () => {
    const group = skewed(150)
    return {
      errorType: `Error${group % 20}`,
      message: `it failed in place ${group}`,
      fatal: false,
      fingerprint: `fingerprint-${group}`,
      severity: "ERROR",
      category: "unknown",
      count: 1
    }
  }],
  [0.05, "suggestion", () => ({
    suggestionType: ["rename", "import", "fix"][skewed(3)],
    outcome: ["shown", "accepted", "dismissed"][skewed(3)],
    timeToInteract: duration()
  })],
  [0.04, "conversation", () => {
    const ended = random() < 0.4
    return {
      conversationId: "c",
      phase: ended ? "ended" : "started",
      ...(ended ? { messageCount: 1 + below(20), averageMessageLength: below(500), completed: random() < 0.7 } : {})
    }
  }]
]

const kindOf = (): (typeof kinds)[number] => {
  let left = random()
  for (const kind of kinds) {
    left -= kind[0]
    if (left < 0) return kind
  }
  return kinds[0]!
}

const sessionOf = (one: Installation, dayStart: number, length: number): ReadonlyArray<Record<string, unknown>> => {
  const begin = dayStart + below(day - 3_600_000)
  const month = Math.floor((begin - start) / (30 * day))
  const shared = {
    sessionId: uuid4(),
    installationId: one.id,
    level: "enhanced",
    sampleRate: 1,
    app: { name: one.app, version: `1.${Math.max(0, month - skewed(3))}.0` },
    schemaVersion: 1
  }
  const environment = {
    os: one.os,
    arch: "x64",
    runtime: "node",
    runtimeVersion: "20",
    cpuCount: 4,
    memoryClass: "8-16 GB",
    ci: false
  }
  return Array.from({ length }, (_, i) => {
    const timestamp = begin + Math.floor((i * 3_000_000) / length) + below(1_000)
    const [, eventType, data] = i === 0 ? [0, "environment", () => environment] as const : kindOf()
    return { id: uuid7(timestamp), ...shared, eventType, eventData: data(), timestamp }
  })
}

/** All events, a day at a time. */
function* days(): Generator<ReadonlyArray<Record<string, unknown>>> {
  const installations: Array<Installation> = []
  const perDay = wanted / 365
  let made = 0
  for (let n = 0; n < 365; n += 1) {
    const since = start + n * day
    for (let i = 0; i < 10; i += 1) {
      installations.push({
        id: uuid4(),
        app: ["editor", "shell", "site"][skewed(3)]!,
        since,
        os: ["linux", "darwin", "win32"][skewed(3)]!
      })
    }
    const active = installations.filter((one) => random() < 0.6 * Math.exp(-(since - one.since) / (20 * day)) + 0.03)
    const events: Array<Record<string, unknown>> = []
    const target = n === 364 ? wanted - made : Math.round(perDay * (n + 1)) - made
    for (let i = 0; events.length < target; i += 1) {
      const one = active[i % Math.max(1, active.length)] ?? installations[0]!
      events.push(...sessionOf(one, since, Math.min(3 + below(20), target - events.length)))
    }
    made += events.length
    yield events.sort((a, b) => Number(a["timestamp"]) - Number(b["timestamp"]))
  }
}

function* batches(): Generator<ReadonlyArray<Record<string, unknown>>> {
  const late: Array<{ readonly at: number; readonly batch: ReadonlyArray<Record<string, unknown>> }> = []
  let n = 0
  for (const events of days()) {
    for (let i = 0; i < events.length; i += 100) {
      n += 1
      const batch = events.slice(i, i + 100)
      if (n % 50 === 0) late.push({ at: n + 400, batch })
      else yield batch
    }
    while (late[0] !== undefined && late[0].at <= n) yield late.shift()!.batch
  }
  for (const { batch } of late) yield batch
}

const median = (values: ReadonlyArray<number>): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

const inserted = Effect.fnUntraced(function*(url: string, key: string) {
  const began = performance.now()
  const cpu = process.cpuUsage()
  let sent = 0
  const send = async (batch: ReadonlyArray<Record<string, unknown>>) => {
    const response = await fetch(`${url}/v1/events`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": key },
      body: JSON.stringify({ events: batch })
    })
    const body = await response.json() as { readonly accepted?: number; readonly duplicates?: number }
    if (body.accepted !== batch.length || body.duplicates !== 0) throw new Error(JSON.stringify(body).slice(0, 500))
    sent += batch.length
    if (sent % 100_000 < batch.length) {
      console.log(`${sent} events, ${Math.round(sent / (performance.now() - began) * 1_000)} a second`)
    }
  }
  const all = batches()
  const worker = async () => {
    for (let next = all.next(); next.done !== true; next = all.next()) await send(next.value)
  }
  yield* Effect.promise(() => Promise.all([worker(), worker(), worker(), worker()]))
  const used = process.cpuUsage(cpu)
  const micros = Math.round((used.user + used.system) / sent)
  console.log(
    `ingest: ${sent} events in ${Math.round((performance.now() - began) / 1_000)} s, ${micros} µs CPU an event`
  )
  console.log("  (of sender, collector and folding together)")
})

const questions = (insights: Insights.Service) => {
  const year: Insights.Scope = { from: start, to: today, interval: "day" }
  const scopes: ReadonlyArray<readonly [string, Insights.Scope]> = [
    ["year by day", year],
    ["year by month", { ...year, interval: "month" }],
    ["year by week, one app", { ...year, interval: "week", app: "editor" }],
    // The most points that the API answers; the dashboard asks for 400.
    ["3,000 hours", {
      ...year,
      from: today - 3_100 * 3_600_000,
      to: today - 100 * 3_600_000,
      interval: "hour"
    }],
    ["364 days to the middle of a week", { ...year, from: start - 10 * day, to: today - 11 * day, interval: "week" }],
    ["one version", { ...year, app: "editor", version: "1.5.0" }]
  ]
  return scopes.flatMap(([label, scope]) =>
    Object.entries({
      apps: insights.apps,
      releases: insights.releases(scope),
      volume: insights.volume(scope),
      active: insights.active(scope),
      activeInAll: insights.activeInAll(scope),
      "facet os": insights.facet(scope, "os"),
      "facet version": insights.facet(scope, "version"),
      "dimensions of features": insights.dimensions(scope, "feature_used"),
      "dimensions of commands": insights.dimensions(scope, "command_executed"),
      latency: insights.latency(scope, { eventType: "command_executed" }),
      "latency of a command": insights.latency(scope, { eventType: "command_executed", dimension: "command-0" }),
      errorGroups: insights.errorGroups(scope, 50),
      conversations: insights.conversations(scope),
      suggestions: insights.suggestions(scope),
      vitals: insights.vitals(scope),
      ingest: insights.ingest(scope),
      losses: insights.losses(scope),
      funnel: insights.funnel(scope, [
        { eventType: "feature_used" },
        { eventType: "command_executed", dimension: "command-0" },
        { eventType: "suggestion" }
      ]),
      retention: insights.retention(scope)
    }).map(([name, question]) => ({ name: `${name}, ${label}`, question }))
  )
}

const timed = Effect.fnUntraced(function*(insights: Insights.Service) {
  const slow: Array<string> = []
  const all: Array<number> = []
  // As of a collector that has been asked before: what was never run takes up to three times as long.
  for (const { question } of questions(insights)) yield* Effect.orDie<unknown, unknown, never>(question)
  for (const { name, question } of questions(insights)) {
    const times: Array<number> = []
    const busy: Array<number> = []
    for (let i = 0; i < 5; i += 1) {
      const began = performance.now()
      const cpu = process.cpuUsage()
      yield* Effect.orDie<unknown, unknown, never>(question)
      times.push(performance.now() - began)
      const { system, user } = process.cpuUsage(cpu)
      busy.push((system + user) / 1_000)
    }
    all.push(median(times))
    console.log(`${median(times).toFixed(1).padStart(8)} ms  ${name} (CPU ${median(busy).toFixed(1)} ms)`)
    if (median(times) > 25) slow.push(name)
  }
  console.log(`slowest ${Math.max(...all).toFixed(1)} ms; over 25 ms: ${slow.length === 0 ? "none" : slow.join("; ")}`)
})

const pages = [
  "/",
  "/events",
  "/usage",
  "/performance",
  "/errors",
  "/audience",
  "/funnel?s1=feature_used&s2=command_executed",
  "/ingest"
]

/** Each page of the dashboard over the year, as a browser gets it. */
const paged = Effect.fnUntraced(function*(url: string, key: string) {
  const signedIn = yield* Effect.promise(() =>
    fetch(`${url}/sign-in`, { method: "POST", redirect: "manual", body: new URLSearchParams({ key }) })
  )
  const cookie = (signedIn.headers.get("set-cookie") ?? "").split(";")[0]!
  for (const path of pages) {
    const address = `${url}${path}${path.includes("?") ? "&" : "?"}range=12m`
    const times: Array<number> = []
    for (let i = 0; i < 5; i += 1) {
      const began = performance.now()
      const page = yield* Effect.promise(() => fetch(address, { headers: { cookie }, redirect: "manual" }))
      yield* Effect.promise(() => page.text())
      if (page.status !== 200) throw new Error(`${address}: ${page.status}`)
      times.push(performance.now() - began)
    }
    console.log(`${median(times).toFixed(1).padStart(8)} ms  page ${path}`)
  }
})

const expressions: Readonly<Record<string, (d: Dialect.Dialect) => string>> = {
  hour: () => "e.time - e.time % 3600000",
  day: () => "e.time - e.time % 86400000",
  week: () => "e.time - (e.time + 259200000) % 604800000",
  month: (d) => d.month("e.time")
}

/** How many buckets differ from what the raw events say. */
const recounted = Effect.fnUntraced(function*(rollups: Rollups["Type"]) {
  const sql = yield* SqlClient.SqlClient
  const d = Dialect.of(sql)
  for (const interval of ["hour", "day", "week", "month"] as const) {
    for (const app of [undefined, "editor"]) {
      let compared = 0
      let wrong = 0
      const rows = yield* sql.unsafe<Record<string, unknown>>(
        `SELECT ${expressions[interval]!(d)} AS start, e.type AS type, sum((1 + e.suppressed) / e.rate) AS count,
          count(DISTINCT c.session) AS sessions, count(DISTINCT c.installation) AS installations
         FROM events e JOIN contexts c ON c.id = e.context ${app === undefined ? "" : `WHERE c.app = '${app}'`}
         GROUP BY 1, 2`
      )
      const expected = new Map(rows.map((row) => [`${row["start"]} ${row["type"]}`, row]))
      for (const type of new Set(rows.map((row) => String(row["type"])))) {
        const found = yield* rollups.query({ interval, app, eventType: type })
        for (const row of found ?? []) {
          const key = `${Date.parse(row.bucket)} ${row.eventType}`
          const raw = expected.get(key)
          expected.delete(key)
          compared += 1
          if (
            raw === undefined || Number(raw["count"]) !== row.count || Number(raw["sessions"]) !== row.sessions ||
            Number(raw["installations"]) !== row.installations
          ) wrong += 1
        }
      }
      console.log(`recount by ${interval}${app ?? ""}: ${compared} rows, ${wrong} wrong, ${expected.size} missing`)
    }
  }
})

const sizes = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  for (
    const table of [
      "events",
      "contexts",
      "series",
      "rollup",
      "histogram",
      "subject_day",
      "subject_week",
      "cohort",
      "error_groups"
    ]
  ) {
    const [row] = yield* sql.unsafe<{ readonly n: number }>(`SELECT count(*) AS n FROM ${table}`)
    console.log(`${String(row?.n).padStart(10)}  ${table}`)
  }
})

const main = Effect.gen(function*() {
  const context = yield* serve({ database, port: 0, limits: { eventsPerMinute: 1e9 } })
  const { url } = Context.get(context, Collector)
  const { key } = yield* Context.get(context, Keys).create({ role: "ingest" })
  const reader = yield* Context.get(context, Keys).create({ role: "read" })
  const rollups = Context.get(context, Rollups)
  const sql = Context.get(context, SqlClient.SqlClient)
  if (wanted > 0) yield* inserted(url, key)
  const began = performance.now()
  console.log(`${yield* rollups.fold} deltas folded at the end in ${Math.round(performance.now() - began)} ms`)
  const settled = performance.now()
  const made = yield* Effect.flatMap(SubjectWeeks, ({ run }) => run).pipe(Effect.provide(context))
  console.log(`${made} sets of a week made in ${Math.round(performance.now() - settled)} ms`)
  yield* Effect.provide(sizes, context)
  if (Dialect.of(sql).name === "postgres") yield* sql`VACUUM ANALYZE`
  yield* timed(Context.get(context, Insights.Insights))
  yield* paged(url, reader.key)
  const asked: Array<Asked> = []
  const watched = yield* Effect.provide(
    InsightsSql.make,
    Context.add(context, SqlClient.SqlClient, recorded(sql, asked))
  )
  yield* Effect.forEach(questions(watched), ({ question }) => Effect.orDie<unknown, unknown, never>(question))
  const { found, statements } = yield* Effect.provide(faults(asked), context)
  console.log(`${statements} statements, ${found.length} of them scan a big table or name the raw events`)
  for (const fault of found) console.log(fault)
  yield* Effect.provide(recounted(rollups), context)
})

Effect.runPromise(Effect.scoped(main).pipe(Effect.provide(Layer.mergeAll(Logger.remove(Logger.defaultLogger))))).catch(
  (error) => {
    console.error(error)
    process.exitCode = 1
  }
)
