/**
 * The collector in the ingest suite of the peers' harness (`run.mjs ingest --adapter …/ingest.mjs`): the harness's events as ours.
 * What the counting of what was sent costs is counted with it, though no request waits for it.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { createHash } from "node:crypto"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { Collector, Keys, layer, Rollups } from "../../../dist/collector/index.js"

export const name = "effect-telemetry collector, SQLite"

const hexOf = (text) => createHash("sha256").update(text).digest("hex")

const uuid = (hex, version) =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${version}${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`

/** The harness's clock stands in the past; a collector keeps only so much of that. */
const shift = Date.now() - 7 * 86_400_000 - 1_699_390_800_000

/**
 * Each property of the harness's event is sent once: under the name that the schema of our type has for it, or its own. Its `id`,
 * `session`, `type` and `ts` are ours of the same meaning; `name` and `value` are at the top there and in the data here. Beside
 * them stands what our schemas ask for and the harness has not: constants, and the number of results, which is asked for twice.
 */
const kinds = {
  command_executed: ({ name, props: { durationMs, ...props }, value }) => ["command_executed", {
    ...props,
    value,
    command: name,
    args: ["--json"],
    duration: durationMs
  }],
  query_performed: ({ name, props: { durationMs, ...props }, value }) => ["query_performed", {
    ...props,
    value,
    queryType: "text",
    query: name,
    duration: durationMs
  }],
  file_parsed: ({ name, props: { durationMs, resultCount, ...props }, value }) => ["parser_invoked", {
    ...props,
    name,
    value,
    fileExtension: ".ts",
    duration: durationMs,
    symbolCount: resultCount,
    lineCount: resultCount
  }],
  error_raised: ({ name, props, value }) => ["error_occurred", {
    ...props,
    value,
    errorType: "TypeError",
    fatal: false,
    fingerprint: name,
    severity: "ERROR",
    category: "unknown",
    count: 1
  }],
  metric_sampled: ({ name, props, value }) => ["performance_measured", { ...props, metricName: name, value, unit: "ms" }],
  session_started: ({ name, props, value }) => ["feature_used", { ...props, value, featureName: name, enabled: true }]
}

const wire = (event) => {
  const { id, session, ts, type } = event
  const [eventType, eventData] = kinds[type](event)
  return {
    id: uuid((ts + shift).toString(16).padStart(12, "0") + hexOf(id), 7),
    sessionId: uuid(hexOf(session), 4),
    eventType,
    eventData,
    timestamp: ts + shift,
    level: "enhanced",
    sampleRate: 1,
    app: { name: "ax", version: "2.1.0" },
    schemaVersion: 1
  }
}

/** The server and its clients are made in different processes. */
const key = `eti_${"k".repeat(32)}`

export const encode = (events) => ({
  path: "/v1/events",
  headers: { "content-type": "application/json", "content-encoding": "gzip", "x-api-key": key },
  body: gzipSync(JSON.stringify({ events: events.map(wire) }), { level: 1 })
})

const known = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const { id } = yield* Effect.flatMap(Keys.Keys, (keys) => keys.create({ role: "ingest" }))
  yield* sql`UPDATE api_keys SET hash = ${createHash("sha256").update(key).digest()} WHERE id = ${id}`
  return yield* Collector
})

export const serveOn = async (database) => {
  const runtime = ManagedRuntime.make(layer({ database, port: 0, limits: { eventsPerMinute: 1e9 } }))
  const { url } = await runtime.runPromise(known)
  const fold = Effect.flatMap(Rollups.Rollups, (rollups) => rollups.fold)
  let folding = 0
  return {
    port: Number(new URL(url).port),
    cpuUs: async () => {
      const before = process.cpuUsage()
      await runtime.runPromise(fold)
      const { system, user } = process.cpuUsage(before)
      return folding += system + user
    },
    count: async () => {
      const [{ n }] = await runtime.runPromise(
        Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT count(*) AS n FROM events`)
      )
      return Number(n)
    },
    close: () => runtime.dispose()
  }
}

export const serve = ({ dir }) => serveOn(`sqlite:${join(dir, "collector.db")}`)
