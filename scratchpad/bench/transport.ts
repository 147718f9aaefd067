/**
 * CPU of one request: our transport, with its answer classified, next to the bare clients it could stand on. The server runs in
 * a process of its own, so that only the client is measured. Run: npx tsx scratchpad/bench/transport.ts [requests]
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import { spawn } from "node:child_process"
import * as http from "node:http"
import { gzip } from "node:zlib"
import { Pool } from "undici"
import { unsafeConsented, unsafeRedacted } from "../../src/domain/TelemetryEvent.js"
import * as NodeCompression from "../../src/node/NodeCompression.js"
import * as NodeHttp from "../../src/node/NodeHttp.js"
import type * as Compression from "../../src/submission/Compression.js"
import * as Endpoint from "../../src/submission/Endpoint.js"
import { Http, type Service as HttpService } from "../../src/submission/Http.js"
import * as HttpTransport from "../../src/submission/HttpTransport.js"
import * as PlatformHttp from "../../src/submission/PlatformHttp.js"

const requests = Number(process.argv[2] ?? 200)
const rounds = 15

const server = `require("node:http").createServer((q, s) => {
  q.resume(); q.on("end", () => { s.setHeader("content-type", "application/json"); s.end('{"success":true,"accepted":100,"rejected":0}') })
}).listen(0, "127.0.0.1", function() { console.log(this.address().port) })`

const context = {
  sessionId: "550e8400-e29b-41d4-a716-446655440000",
  installationId: "6ba7b810-9dad-41d1-80b4-00c04fd430c8",
  app: { name: "ax", version: "2.0.0" },
  epoch: "7d444840-9dc0-41d1-b245-5ffdce74fad2",
  level: "full" as const,
  remote: true
}

const batch = {
  key: "9b2d1c70-0000-4000-8000-000000000000",
  events: Array.from({ length: 100 }, (_, n) =>
    unsafeConsented(unsafeRedacted({
      id: `0197f3c2-${n.toString(16).padStart(4, "0")}-7000-8000-${(n * 7919).toString(16).padStart(12, "0")}`,
      type: "query_performed",
      time: 1_699_390_800_000 + n * 37,
      data: JSON.stringify({
        queryType: "symbol",
        query: `class Parser${n % 17}`,
        resultCount: n % 40,
        duration: 3 + (n % 90),
        cached: n % 3 === 0
      }),
      rate: 1,
      suppressed: 0,
      context
    })))
}

const cpu = (): number => {
  const { system, user } = process.cpuUsage()
  return user + system
}

/** Rows take turns, so that a busy moment of the machine hits all of them; the quietest turn of each counts. */
const measure = async (
  rows: ReadonlyArray<readonly [string, () => Promise<unknown>]>
): Promise<ReadonlyArray<number>> => {
  const best = rows.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < rounds; round++) {
    for (const [i, [, run]] of rows.entries()) {
      const before = cpu()
      for (let n = 0; n < requests; n++) await run()
      if (round > 0) best[i] = Math.min(best[i]!, (cpu() - before) / requests)
    }
  }
  return best
}

const raw = (agent: http.Agent, url: string, body: Uint8Array) => () =>
  new Promise<string>((resolve, reject) => {
    const request = http.request(
      url,
      { method: "POST", agent, headers: { "content-type": "application/json" } },
      (r) => {
        let text = ""
        r.on("data", (chunk: Buffer) => (text += chunk.toString()))
        r.on("end", () => resolve(text))
      }
    )
    request.on("error", reject)
    request.end(body)
  })

const main = async (): Promise<void> => {
  const child = spawn(process.execPath, ["-e", server], { stdio: ["ignore", "pipe", "inherit"] })
  const port = await new Promise<number>((resolve) => child.stdout.once("data", (chunk) => resolve(Number(chunk))))
  const url = `http://127.0.0.1:${port}/v1/events`
  const text = HttpTransport.body(batch.events)
  const plain = new TextEncoder().encode(text)
  const small = await new Promise<Uint8Array>((resolve) => gzip(plain, { level: 6 }, (_, out) => resolve(out)))
  const agent = new http.Agent({ keepAlive: true })
  const pool = new Pool(`http://127.0.0.1:${port}`)
  const ready = (compression: Compression.Service, http: HttpService) =>
    HttpTransport.make({
      endpoint: Either.getOrThrow(Endpoint.parse(url)),
      apiKey: null,
      timeout: Duration.seconds(30),
      http,
      compression
    })
  const zipped: Compression.Service = { gzip: () => Effect.succeed(small) }

  const program = Effect.gen(function*() {
    const node = yield* NodeHttp.make
    const gz = yield* NodeCompression.make
    const over = (layer: Layer.Layer<Http>) =>
      Effect.map(Layer.build(layer), (c) => c.unsafeMap.get(Http.key) as HttpService)
    const undiciClient = yield* over(Layer.provide(PlatformHttp.layer, NodeHttpClient.layerUndici))
    const fetchClient = yield* over(Layer.provide(PlatformHttp.layer, FetchHttpClient.layer))
    const submit = (compression: Compression.Service, http: HttpService) => {
      const transport = ready(compression, http)
      return () => Effect.runPromise(transport.submit(batch))
    }
    const rows: ReadonlyArray<readonly [string, () => Promise<unknown>]> = [
      ["bare node:http, gzip ready", raw(agent, url, small)],
      [
        "bare undici Pool.request, gzip ready",
        () =>
          pool.request({
            path: "/v1/events",
            method: "POST",
            headers: { "content-type": "application/json" },
            body: small
          })
            .then((r) => r.body.text())
      ],
      ["NodeHttp alone, gzip ready", () =>
        Effect.runPromise(node.request({
          method: "POST",
          url,
          headers: { "content-type": "application/json" },
          body: small,
          maxBytes: 1e6,
          timeoutMillis: 30_000,
          onSent: () => {}
        }))],
      ["HttpTransport over NodeHttp, gzip ready", submit(zipped, node)],
      ["HttpTransport over NodeHttp, as shipped (joins, encodes, gzips)", submit(gz, node)],
      ["HttpTransport over platform undici, gzip ready", submit(zipped, undiciClient)],
      ["HttpTransport over platform fetch, gzip ready", submit(zipped, fetchClient)],
      ["join and encode alone", async () => new TextEncoder().encode(HttpTransport.body(batch.events))],
      [
        "Effect.runPromise alone",
        () => Effect.runPromise(Effect.async((r) => void setImmediate(() => r(Effect.void))))
      ],
      ["gzip alone", () => Effect.runPromise(gz.gzip(plain))]
    ]
    const chosen = rows.filter(([name]) => name.includes(process.argv[3] ?? ""))
    const micros = yield* Effect.promise(() => measure(chosen))
    console.log(
      `${plain.length} bytes of body, ${small.length} gzipped, best of ${rounds} rounds of ${requests} requests`
    )
    for (const [i, [name]] of chosen.entries()) {
      console.log(
        `${micros[i]!.toFixed(0).padStart(6)} µs  ${(micros[i]! / micros[0]!).toFixed(2).padStart(5)}  ${name}`
      )
    }
  })
  await Effect.runPromise(Effect.scoped(program))
  await pool.close()
  agent.destroy()
  child.kill()
}

void main()
