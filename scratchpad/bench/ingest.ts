/**
 * Ingest: CPU per event of the collector beside node:http + better-sqlite3 with nothing around it. Eight clients on
 * connections that stay open, gzipped batches of 100 and 1,000. Both servers take turns, the median counts.
 */
import { fork } from "node:child_process"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Http from "node:http"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Zlib from "node:zlib"

const total = Number(process.argv[2] ?? 40_000)
const rounds = Number(process.argv[3] ?? 3)
const clients = 8

const uuid7 = (): string => {
  const bytes = Crypto.randomBytes(16)
  bytes.writeUIntBE(Date.now(), 0, 6)
  bytes[6] = (bytes[6]! & 15) | 0x70
  bytes[8] = (bytes[8]! & 63) | 128
  const hex = bytes.toString("hex")
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}

const sessions = Array.from({ length: 20 }, () => [Crypto.randomUUID(), Crypto.randomUUID()] as const)

const kinds: ReadonlyArray<(i: number) => readonly [string, object]> = [
  (
    i
  ) => ["command_executed", {
    command: ["index", "search", "run"][i % 3],
    args: ["--json"],
    duration: i % 900,
    exitCode: 0
  }],
  (
    i
  ) => ["query_performed", {
    queryType: "symbol",
    query: "Layer.provide",
    resultCount: i % 40,
    duration: (i % 300) + 0.5,
    cached: i % 2 === 0
  }],
  (
    i
  ) => ["parser_invoked", {
    language: "typescript",
    fileExtension: ".ts",
    duration: i % 70,
    symbolCount: i % 200,
    lineCount: i % 2000
  }],
  (i) => ["performance_measured", { metricName: "index_ms", value: i % 500, unit: "ms" }],
  (i) => ["feature_used", { featureName: "export", enabled: true, variant: `v${i % 4}` }],
  (i) => ["provider_call", { provider: "local", success: i % 9 !== 0, duration: i % 2000 }]
]

/** A client's batch is of one session, as a real one is. */
const batchOf = (size: number, round: number): ReadonlyArray<object> => {
  const [sessionId, installationId] = sessions[round % sessions.length]!
  return Array.from({ length: size }, (_, j) => {
    const [eventType, eventData] = kinds[j % kinds.length]!(round * size + j)
    return {
      id: uuid7(),
      sessionId,
      installationId,
      eventType,
      eventData,
      timestamp: Date.now() - (j % 60) * 1000,
      level: "enhanced",
      sampleRate: 1,
      app: { name: "ax", version: "2.0.0" },
      schemaVersion: 1
    }
  })
}

const bodies = (size: number, count: number) =>
  Array.from({ length: Math.ceil(count / size) }, (_, i) => Zlib.gzipSync(JSON.stringify({ events: batchOf(size, i) })))

const load = async (url: string, key: string, requests: ReadonlyArray<Buffer>): Promise<number> => {
  const agent = new Http.Agent({ keepAlive: true, maxSockets: clients })
  let next = 0
  let bad = 0
  const post = (body: Buffer) =>
    new Promise<number>((resolve) => {
      const request = Http.request(`${url}/v1/events`, {
        method: "POST",
        agent,
        headers: {
          "content-type": "application/json",
          "content-encoding": "gzip",
          "x-api-key": key,
          "content-length": body.length
        }
      }, (response) => {
        response.resume()
        response.on("end", () => resolve(response.statusCode ?? 0))
      })
      request.on("error", () => resolve(0))
      request.end(body)
    })
  await Promise.all(Array.from({ length: clients }, async () => {
    while (next < requests.length) if (await post(requests[next++]!) !== 200) bad++
  }))
  agent.destroy()
  return bad
}

const measure = async (kind: string, size: number): Promise<number> => {
  const dir = Fs.mkdtempSync(Path.join(Os.tmpdir(), "ingest-"))
  const child = fork(new URL("./ingest-server.ts", import.meta.url), [kind, dir], { execArgv: ["--import", "tsx"] })
  const message = <A>() => new Promise<A>((resolve) => child.once("message", (value) => resolve(value as A)))
  const { key, url } = await message<{ url: string; key: string }>()
  await load(url, key, bodies(size, 10_000))
  const requests = bodies(size, total)
  child.send("mark")
  await message()
  const bad = await load(url, key, requests)
  child.send("stop")
  const { cpuMicros, rss, stored } = await message<{ cpuMicros: number; rss: number; stored: number }>()
  child.kill()
  Fs.rmSync(dir, { recursive: true, force: true })
  if (bad > 0 || stored !== total + 10_000) throw new Error(`${kind}: ${bad} bad answers, ${stored} stored`)
  const perEvent = cpuMicros / total
  console.log(
    `  ${kind.padEnd(10)} batches of ${size}: ${perEvent.toFixed(2)} us/event, RSS ${(rss / 1e6).toFixed(0)} MB`
  )
  return perEvent
}

const median = (values: ReadonlyArray<number>): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

for (const size of [100, 1000]) {
  const limits: Array<number> = []
  const ours: Array<number> = []
  for (let i = 0; i < rounds; i++) {
    limits.push(await measure("limit", size))
    ours.push(await measure("collector", size))
  }
  console.log(
    `batches of ${size}: collector ${median(ours).toFixed(2)} / limit ${median(limits).toFixed(2)} = ${
      (median(ours) / median(limits)).toFixed(2)
    }`
  )
}
