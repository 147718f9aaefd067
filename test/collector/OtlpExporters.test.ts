/** OpenTelemetry's own exporters, unmodified, against the collector. */
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import { OTLPLogExporter as JsonExporter } from "@opentelemetry/exporter-logs-otlp-http"
import { OTLPLogExporter as ProtobufExporter } from "@opentelemetry/exporter-logs-otlp-proto"
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base"
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs"
import * as Effect from "effect/Effect"
import { type Client, collector } from "./support.js"

interface Stored {
  readonly type: string
  readonly data: string
}

const stored = (client: Client) =>
  Effect.orDie(
    client.use(Effect.flatMap(SqlClient.SqlClient, (sql) =>
      sql<Stored>`SELECT type, data FROM readable_events ORDER BY type, data`))
  )

const emitted = (provider: LoggerProvider) =>
  Effect.promise(async () => {
    const logger = provider.getLogger("shop")
    logger.emit({ eventName: "order_placed", attributes: { items: 3, tags: ["a", "b"], paid: true, total: 12.5 } })
    logger.emit({ severityNumber: 17, body: "the basket is gone", attributes: { code: 7 } })
    await provider.forceFlush()
    await provider.shutdown()
  })

const expected = [
  {
    type: "log_recorded",
    data: { severity: "ERROR", message: "the basket is gone", attributes: { code: 7 } }
  },
  { type: "order_placed", data: { items: 3, tags: ["a", "b"], paid: true, total: 12.5 } }
]

describe("the exporters of OpenTelemetry", () => {
  for (const [name, Exporter] of [["JSON", JsonExporter], ["protobuf", ProtobufExporter]] as const) {
    for (const compression of [CompressionAlgorithm.NONE, CompressionAlgorithm.GZIP]) {
      it.scopedLive(`deliver logs as events, in ${name}, compression ${compression}`, () =>
        Effect.gen(function*() {
          const client = yield* collector()
          const exporter = new Exporter({
            url: `${client.url}/v1/logs`,
            headers: { "x-api-key": client.keys.ingest },
            compression
          })
          yield* emitted(new LoggerProvider({ processors: [new BatchLogRecordProcessor(exporter)] }))
          assert.deepStrictEqual(
            (yield* stored(client)).map(({ data, type }) => ({ type, data: JSON.parse(data) })),
            expected
          )
        }))
    }
  }
})

describe("POST /v1/logs in protobuf", () => {
  const post = (client: Client, body: Uint8Array, key = client.keys.ingest) =>
    Effect.promise(async () => {
      const response = await fetch(`${client.url}/v1/logs`, {
        method: "POST",
        body: new Uint8Array(body),
        headers: { "content-type": "application/x-protobuf", "x-api-key": key }
      })
      return { status: response.status, type: response.headers.get("content-type"), body: await response.bytes?.() }
    })

  it.scopedLive("refuses hostile bytes with 400, and goes on", () =>
    Effect.gen(function*() {
      const client = yield* collector()
      const nested = (depth: number): Uint8Array => {
        let inner: Buffer = Buffer.alloc(0)
        for (let i = 0; i < depth && inner.length < 900_000; i += 1) {
          const size = Buffer.alloc(10)
          let n = inner.length
          let at = 0
          do {
            size[at] = (n & 127) | (n > 127 ? 128 : 0)
            n >>>= 7
            at += 1
          } while (n > 0)
          inner = Buffer.concat([Buffer.from([i % 2 === 0 ? 0x2a : 0x0a]), size.subarray(0, at), inner])
        }
        return inner
      }
      for (
        const body of [
          Uint8Array.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f),
          Uint8Array.of(0x0a, 0x05, 1),
          Uint8Array.of(0x0b),
          new Uint8Array(1_000_000).fill(0xff),
          Buffer.from("{\"resourceLogs\":[]}")
        ]
      ) {
        const answer = yield* post(client, body)
        assert.deepStrictEqual([answer.status, answer.type], [400, "application/x-protobuf"])
      }
      assert.include([200, 400], (yield* post(client, nested(3_000))).status)
      assert.strictEqual((yield* post(client, Uint8Array.of())).status, 200)
      assert.strictEqual((yield* post(client, Uint8Array.of(), "wrong")).status, 401)
    }))
})
