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

/** What the schemas of our types ask for, beside the harness's own properties. */
const kinds = {
  command_executed: ({ name, props }) => ["command_executed", {
    command: name,
    args: ["--json"],
    duration: props.durationMs
  }],
  query_performed: ({ name, props }) => ["query_performed", {
    queryType: "text",
    query: name,
    duration: props.durationMs
  }],
  file_parsed: ({ props }) => ["parser_invoked", {
    fileExtension: ".ts",
    duration: props.durationMs,
    symbolCount: props.resultCount,
    lineCount: props.resultCount
  }],
  error_raised: ({ name }) => ["error_occurred", {
    errorType: "TypeError",
    fatal: false,
    fingerprint: name,
    severity: "ERROR",
    category: "unknown",
    count: 1
  }],
  metric_sampled: ({ name, value }) => ["performance_measured", { metricName: name, value, unit: "ms" }],
  session_started: ({ name }) => ["feature_used", { featureName: name, enabled: true }]
}

const wire = (event) => {
  const { id, props, session, ts, type } = event
  const [eventType, data] = kinds[type](event)
  return {
    id: uuid((ts + shift).toString(16).padStart(12, "0") + hexOf(id), 7),
    sessionId: uuid(hexOf(session), 4),
    eventType,
    eventData: { ...props, ...data },
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
