import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import * as Zlib from "node:zlib"
import * as Body from "../../src/collector/Body.js"
import * as Counters from "../../src/collector/Counters.js"
import * as Limits from "../../src/collector/Limits.js"
import { type Client, collector, event, raw } from "./support.js"

/** After every attack an ordinary request is answered as ever. */
const canary = (client: Client) =>
  Effect.map(client.post([event()]), ({ body, status }) => assert.deepStrictEqual([status, body.accepted], [200, 1]))

const head = (client: Client, extra: string) =>
  `POST /v1/events HTTP/1.1\r\nhost: ${new URL(client.url).host}\r\nx-api-key: ${client.keys.ingest}\r\n` +
  `content-type: application/json\r\nconnection: close\r\n${extra}\r\n`

const statusOf = (answer: string) => Number(answer.slice(9, 12))

const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth)

const withData = (data: string) => JSON.stringify({ events: [event({ eventData: "@" })] }).replace("\"@\"", data)

describe("hostile requests", () => {
  it.scopedLive("keys of every kind are refused alike", () =>
    Effect.gen(function*() {
      const client = yield* collector()
      const body = JSON.stringify({ events: [event()] })
      const texts = new Set<string>()
      for (
        const key of [null, "", " ", "nope", "k".repeat(7_000), `${client.keys.ingest}x`, "' OR 1=1 --", "%", "\u00e9"]
      ) {
        const { status, text } = yield* client.send(body, { key })
        assert.strictEqual(status, 401)
        texts.add(text)
      }
      assert.strictEqual(texts.size, 1)
      const twice = yield* raw(
        client.url,
        head(client, `x-api-key: ${client.keys.ingest}\r\ncontent-length: 2\r\n`) + "{}"
      )
      assert.strictEqual(statusOf(twice), 401)
      yield* canary(client)
    }))

  it.scopedLive("bodies that are not what they say get 4xx, or are stored as the text they are", () =>
    Effect.gen(function*() {
      const client = yield* collector()
      const bodies: ReadonlyArray<readonly [name: string, body: string | Uint8Array, status: number]> = [
        ["empty", "", 400],
        ["half", "{", 400],
        ["null", "null", 400],
        ["array", "[]", 400],
        ["no events", "{}", 400],
        ["events is a number", "{\"events\":1}", 400],
        ["deep", deep(100_000), 400],
        ["deep events", `{"events":${deep(100_000)}}`, 200],
        ["deep data", withData(`{"a":${deep(100_000)}}`), 200],
        ["prototype", withData("{\"__proto__\":{\"admin\":true},\"constructor\":{\"prototype\":{\"x\":1}}}"), 200],
        ["prototype around", "{\"__proto__\":{\"events\":[]}}", 400],
        ["duplicate keys", withData("{\"featureName\":\"a\",\"featureName\":\"b\",\"enabled\":true}"), 200],
        ["1e400", withData("{\"a\":1e400}"), 200],
        ["a number of 100,000 digits", withData(`{"a":${"9".repeat(100_000)}}`), 200],
        ["lone surrogate", withData("{\"a\":\"\\ud800\"}"), 200],
        ["nul", withData("{\"a\":\"\\u0000\"}"), 200],
        ["UTF-16", Buffer.from("{\"events\":[]}", "utf16le"), 400],
        ["overlong UTF-8", Buffer.from([0x7b, 0xc0, 0xa2, 0x7d]), 400],
        ["a byte-order mark", Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from("{\"events\":[]}")]), 400]
      ]
      for (const [name, body, status] of bodies) {
        assert.strictEqual((yield* client.send(body)).status, status, name)
        yield* canary(client)
      }
      assert.isUndefined(({} as { readonly admin?: boolean }).admin)
    }))

  it.scopedLive("encodings and media types that are not ours are 415", () =>
    Effect.gen(function*() {
      const client = yield* collector()
      const body = JSON.stringify({ events: [] })
      for (
        const headers of [
          { "content-encoding": "br" },
          { "content-encoding": "deflate" },
          { "content-encoding": "gzip, gzip" },
          { "content-type": "text/xml" },
          { "content-type": "text/plain" },
          { "content-type": "multipart/form-data; boundary=x" },
          { "content-type": "application/json; charset=utf-16" }
        ]
      ) {
        assert.strictEqual((yield* client.send(body, { headers })).status, 415, JSON.stringify(headers))
      }
      assert.strictEqual(
        (yield* client.send(body, { headers: { "content-type": "Application/JSON; charset=\"UTF-8\"" } })).status,
        200
      )
      yield* canary(client)
    }))

  it.scopedLive("a gzip bomb is 413 and costs little memory; a broken stream is 400", () =>
    Effect.gen(function*() {
      const client = yield* collector()
      const bomb = Zlib.gzipSync(Buffer.alloc(200 * 1024 * 1024))
      const headers = { "content-encoding": "gzip" }
      yield* client.send(bomb, { headers })
      const before = process.memoryUsage().rss
      for (let i = 0; i < 5; i++) assert.strictEqual((yield* client.send(bomb, { headers })).status, 413)
      assert.isBelow(process.memoryUsage().rss - before, 64 * 1024 * 1024)
      const small = Zlib.gzipSync(Buffer.alloc(20 * 1024 * 1024))
      assert.isBelow(small.length, 128 * 1024)
      assert.strictEqual((yield* client.send(small, { headers })).status, 413)
      const whole = Zlib.gzipSync(JSON.stringify({ events: [event()] }))
      assert.strictEqual((yield* client.send(whole.subarray(0, whole.length - 12), { headers })).status, 400)
      assert.strictEqual((yield* client.send("{\"events\":[]}", { headers })).status, 400)
      yield* canary(client)
    }))

  it.scopedLive("a body over the limit is 413, announced or not", () =>
    Effect.gen(function*() {
      const client = yield* collector()
      const size = 3 * 1024 * 1024
      assert.strictEqual((yield* client.send(" ".repeat(size))).status, 413)
      const chunk = `${(64 * 1024).toString(16)}\r\n${" ".repeat(64 * 1024)}\r\n`
      const chunked = yield* raw(
        client.url,
        head(client, "transfer-encoding: chunked\r\n") + chunk.repeat(48) + "0\r\n\r\n"
      )
      assert.strictEqual(statusOf(chunked), 413)
      yield* canary(client)
    }))

  it.scopedLive("what confuses proxies is refused, and an offer of another protocol passed over", () =>
    Effect.gen(function*() {
      const client = yield* collector()
      const body = "{\"events\":[]}"
      const cases: ReadonlyArray<readonly [string, string, number]> = [
        ["length and chunks", head(client, "content-length: 13\r\ntransfer-encoding: chunked\r\n") + "0\r\n\r\n", 400],
        ["two lengths", head(client, "content-length: 13\r\ncontent-length: 14\r\n") + body, 400],
        ["a huge header", head(client, `x-a: ${"a".repeat(40 * 1024)}\r\ncontent-length: 13\r\n`) + body, 431],
        [
          "a coding within chunks",
          head(client, "transfer-encoding: gzip, chunked\r\n") + "d\r\n" + body + "\r\n0\r\n\r\n",
          400
        ],
        [
          "an offer of HTTP/2",
          head(client, "connection: upgrade\r\nupgrade: h2c\r\ncontent-length: 13\r\n") + body,
          200
        ],
        ["no host", "GET /healthz HTTP/1.1\r\n\r\n", 400],
        ["no HTTP at all", "\u0016\u0003\u0001\u0002\r\n\r\n", 400]
      ]
      for (const [name, bytes, status] of cases) {
        assert.strictEqual(statusOf(yield* raw(client.url, bytes)), status, name)
        yield* canary(client)
      }
    }))

  it.scopedLive("a client that hangs up in the middle of its body does no harm", () =>
    Effect.gen(function*() {
      const client = yield* collector()
      for (let i = 0; i < 5; i++) yield* raw(client.url, head(client, "content-length: 1000\r\n") + "{\"events\":", 50)
      yield* canary(client)
    }))

  it.scopedLive("names that are SQL or HTML are names", () =>
    Effect.gen(function*() {
      const client = yield* collector()
      const names = [
        "'; DROP TABLE events; --",
        "<img src=x onerror=alert(1)>",
        "%_",
        "\\",
        "=cmd|' /C calc'!A0",
        "${7*7}"
      ]
      const events = names.map((name) => event({ eventType: name, app: { name, version: name } }))
      assert.strictEqual((yield* client.post(events)).body.accepted, names.length)
      for (const name of names) {
        const { body, headers } = yield* client.rollups(`interval=day&eventType=${encodeURIComponent(name)}`)
        assert.deepStrictEqual(body.rows.map((row: { eventType: string }) => row.eventType), [name])
        assert.strictEqual(headers.get("content-type"), "application/json")
      }
      yield* canary(client)
    }))

  it.scopedLive("no JSON value as a body, or as an event, or as a part of one, is a fault of the server", () =>
    Effect.gen(function*() {
      const client = yield* collector({ limits: { eventsPerMinute: 10_000_000 } })
      const part = fc.record({ field: fc.constantFrom(...Object.keys(event())), value: fc.jsonValue() })
      const bodies = fc.oneof(
        fc.jsonValue(),
        fc.record({ events: fc.jsonValue() }),
        fc.record({ events: fc.array(fc.jsonValue(), { maxLength: 5 }) }),
        fc.record({ events: fc.array(part.map(({ field, value }) => event({ [field]: value })), { maxLength: 5 }) }),
        fc.record({
          events: fc.array(
            fc.dictionary(fc.string(), fc.jsonValue()).map((eventData) => event({ eventType: "own", eventData })),
            { maxLength: 5 }
          )
        })
      )
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(bodies, async (body) => {
            const { body: answer, status } = await Effect.runPromise(client.send(JSON.stringify(body)))
            assert.isBelow(status, 500)
            if (status === 200) {
              assert.strictEqual(
                answer.accepted + answer.rejected,
                (body as { events: ReadonlyArray<unknown> }).events.length
              )
            }
          }),
          { numRuns: 300 }
        )
      )
      assert.strictEqual((yield* client.rollups("interval=day&dimension=*")).status, 200)
      yield* canary(client)
    }))

  it.scopedLive("what the parser of HTTP gives up on is refused like any other request", () =>
    Effect.gen(function*() {
      const client = yield* collector()
      for (
        const [bytes, status, code] of [
          [head(client, `x-a: ${"a".repeat(40 * 1024)}\r\n`), 431, "headers_too_large"],
          [head(client, `transfer-encoding: chunked\r\n`) + `2;x=${"y".repeat(20_000)}\r\n`, 413, "too_large"],
          ["BREW / HTTP/1.1\r\nhost: x\r\n\r\n", 400, "malformed"]
        ] as const
      ) {
        const answer = yield* raw(client.url, bytes)
        const [lines, text] = answer.split("\r\n\r\n")
        assert.strictEqual(statusOf(answer), status)
        assert.strictEqual(JSON.parse(text!).error.code, code)
        assert.include(lines, `Content-Length: ${text!.length}`)
      }
      yield* canary(client)
    }))

  const stubborn = "{\"toString\":1,\"valueOf\":1}"

  it.scopedLive("an id that cannot be made a text is refused, also under an idempotency key", () =>
    Effect.gen(function*() {
      const client = yield* collector()
      for (const id of [stubborn, deep(100_000), "null", "1"]) {
        const { body, status } = yield* client.send(`{"events":[{"id":${id}}]}`, {
          headers: { "idempotency-key": "k" }
        })
        assert.deepStrictEqual([status, body.accepted, body.rejected], [200, 0, 1])
      }
      yield* canary(client)
    }))

  const logs = (client: Client, body: string | Uint8Array, headers: Record<string, string> = {}) =>
    client.request("/v1/logs", {
      method: "POST",
      body: typeof body === "string" ? body : new Uint8Array(body),
      headers: { "x-api-key": client.keys.ingest, "content-type": "application/json", ...headers }
    })

  const records = (text: string) => `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${text}]}]}]}`

  it.scopedLive("values of OTLP that are not what their name says are nothing, and no fault", () =>
    Effect.gen(function*() {
      const client = yield* collector()
      for (const value of [stubborn, deep(20_000), "null", "true"]) {
        for (const name of ["timeUnixNano", "observedTimeUnixNano", "severityNumber", "spanId", "eventName"]) {
          assert.strictEqual((yield* logs(client, records(`{"${name}":${value}}`))).status, 200, `${name} ${value}`)
        }
        for (const name of ["stringValue", "boolValue", "intValue", "doubleValue", "bytesValue", "arrayValue"]) {
          const text = records(`{"body":{"${name}":${value}},"attributes":[{"key":"a","value":{"${name}":${value}}}]}`)
          assert.strictEqual((yield* logs(client, text)).status, 200, `${name} ${value}`)
        }
      }
      yield* canary(client)
    }))

  it.scopedLive("a body of more values than anyone needs is 413, before they are made", () =>
    Effect.gen(function*() {
      const client = yield* collector()
      const zipped = { "content-encoding": "gzip" }
      const many = (text: string, times: number) => Zlib.gzipSync(text.repeat(times) + "{}")
      const { body, status } = yield* client.send(
        Zlib.gzipSync(`{"events":[${"{},".repeat(Limits.maxValues)}{}]}`),
        { headers: zipped }
      )
      assert.deepStrictEqual([status, body.error.code], [413, "too_large"])
      assert.strictEqual((yield* logs(client, many("[],", Limits.maxValues), zipped)).status, 413)
      assert.strictEqual(
        (yield* logs(client, Zlib.gzipSync(records("{},".repeat(100_000) + "{}")), zipped)).status,
        413
      )
      const inner = Buffer.alloc(2 * Limits.maxMessages + 2, Buffer.from([0x12, 0]))
      const length = [inner.length & 127 | 128, inner.length >> 7 & 127 | 128, inner.length >> 14]
      const flood = Buffer.concat([Buffer.from([0x0a, ...length]), inner])
      const protobuf = { ...zipped, "content-type": "application/x-protobuf" }
      assert.strictEqual((yield* logs(client, Zlib.gzipSync(flood), protobuf)).status, 413)
      yield* canary(client)
    }))

  it.effect("what requests hold together is limited, and given back when each is done", () =>
    Effect.gen(function*() {
      const counters = Counters.make()
      const seen = yield* Body.holding(counters, (one) =>
        Body.holding(counters, (two) =>
          Effect.sync(() =>
            [one.take(60, 100), two.take(41, 100), two.take(40, 100), counters.heldBytes] as const
          )))
      assert.deepStrictEqual(seen, [true, false, true, 100])
      assert.strictEqual(counters.heldBytes, 0)
      yield* Effect.exit(Body.holding(counters, ({ take }) =>
        Effect.die(take(1, 100))))
      assert.strictEqual(counters.heldBytes, 0)
    }))
})
