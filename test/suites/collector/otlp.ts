import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Zlib from "node:zlib"
import * as Keys from "../../../src/collector/Keys.js"
import { type Backend, type Client, collectorOn, uuid4, uuid7 } from "../../collector/support.js"

const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } })

const request = (records: ReadonlyArray<unknown>, resource = [attribute("service.name", "shop")]) => ({
  resourceLogs: [{ resource: { attributes: resource }, scopeLogs: [{ scope: { name: "s" }, logRecords: records }] }]
})

const nanos = (millis: number) => `${millis}000000`

const send = (client: Client, body: unknown, options: { key?: string; type?: string; gzip?: boolean } = {}) => {
  const text = JSON.stringify(body)
  return client.request("/v1/logs", {
    method: "POST",
    body: options.gzip === true ? new Uint8Array(Zlib.gzipSync(text)) : text,
    headers: {
      "content-type": options.type ?? "application/json",
      "x-api-key": options.key ?? client.keys.ingest,
      ...(options.gzip === true ? { "content-encoding": "gzip" } : {})
    }
  })
}

const rows = (client: Client) =>
  Effect.orDie(
    client.use(Effect.flatMap(SqlClient.SqlClient, (sql) =>
      sql<{ id: string; type: string; data: string; time: number; app: string; session: string; rate: number }>`
      SELECT id, type, data, time, app, session, rate FROM readable_events ORDER BY time`))
  )

/** Logs over OTLP/HTTP, on any database. */
export const otlp = (backend: Backend) => {
  const collector = collectorOn(backend)

  describe(`${backend.name}: POST /v1/logs`, () => {
    it.scopedLive("stores a named record as an event of that name, by its field or by its attribute", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const time = Date.now() - 60_000
        const [id, session] = [uuid7(time), uuid4()]
        const { body, status } = yield* send(
          client,
          request([
            {
              timeUnixNano: nanos(time),
              eventName: "order_placed",
              attributes: [
                { key: "items", value: { intValue: "3" } },
                { key: "tags", value: { arrayValue: { values: [{ stringValue: "a" }, { boolValue: true }, {}] } } },
                { key: "nested", value: { kvlistValue: { values: [{ key: "x", value: { doubleValue: 1.5 } }] } } }
              ]
            },
            {
              timeUnixNano: nanos(time + 1),
              body: { stringValue: "hello" },
              attributes: [
                attribute("event.name", "greeted"),
                attribute("log.record.uid", id),
                attribute("session.id", session),
                { key: "sample.rate", value: { doubleValue: 0.5 } }
              ]
            }
          ]),
          { gzip: true }
        )
        assert.deepStrictEqual([status, body], [200, {}])
        const [order, greeting] = yield* rows(client)
        assert.deepStrictEqual([order!.type, order!.app, order!.time], ["order_placed", "shop", time])
        assert.deepStrictEqual(JSON.parse(order!.data), { items: 3, tags: ["a", true, null], nested: { x: 1.5 } })
        assert.deepStrictEqual(JSON.parse(greeting!.data), { message: "hello" })
        assert.deepStrictEqual(
          [greeting!.id, greeting!.session, greeting!.rate],
          [id.replaceAll("-", ""), session.replaceAll("-", ""), 0.5]
        )
      }))

    it.scopedLive("stores a record without a name as a line of a log", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        yield* send(client, request([{ severityNumber: 17, body: { stringValue: "it broke" }, attributes: [] }]))
        const [line] = yield* rows(client)
        assert.strictEqual(line!.type, "log_recorded")
        assert.deepStrictEqual(JSON.parse(line!.data), { severity: "ERROR", message: "it broke" })
      }))

    it.scopedLive("stores a request once that is sent again, and each of two records that say the same", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const record = { timeUnixNano: nanos(Date.now()), eventName: "tick", attributes: [] }
        const body = request([record, record])
        yield* send(client, body)
        yield* send(client, body)
        assert.strictEqual((yield* rows(client)).length, 2)
      }))

    it.scopedLive("says how many records it refused, and why, in the words of OTLP", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const { body, status } = yield* send(
          client,
          request([{ eventName: "ok" }, { eventName: "x".repeat(101) }, { eventName: "feature_used" }])
        )
        assert.strictEqual(status, 200)
        assert.deepStrictEqual(body, {
          partialSuccess: { rejectedLogRecords: "2", errorMessage: "eventType is not valid" }
        })
        assert.strictEqual((yield* rows(client)).length, 1)
      }))

    it.scopedLive("takes more records than a batch may hold, but not more than a minute may", () =>
      Effect.gen(function*() {
        const client = yield* collector({ limits: { maxBatchEvents: 2, eventsPerMinute: 5 } })
        const records = (n: number) => Array.from({ length: n }, (_, i) => ({ eventName: `e${i}` }))
        assert.strictEqual((yield* send(client, request(records(5)))).status, 200)
        assert.strictEqual((yield* rows(client)).length, 5)
        const refused = yield* send(client, request(records(1)))
        assert.deepStrictEqual([refused.status, refused.headers.get("retry-after")], [429, "12"])
        assert.strictEqual((yield* send(client, request(records(6)))).status, 413)
      }))

    it.scopedLive("refuses what is no such request, with the status that says so", () =>
      Effect.gen(function*() {
        const client = yield* collector({ limits: { maxBodyBytes: 100 } })
        const status = (body: unknown, options = {}) =>
          Effect.map(send(client, body, options), (answer) => answer.status)
        assert.strictEqual(yield* status({}), 200)
        assert.strictEqual(yield* status({ resourceLogs: 1 }), 400)
        assert.strictEqual(yield* status([]), 400)
        for (const odd of [[1], [{ scopeLogs: [null, { logRecords: {} }] }], [{ resource: 3 }]]) {
          assert.strictEqual(yield* status({ resourceLogs: odd }), 200)
        }
        assert.strictEqual(yield* status({}, { type: "text/xml" }), 415)
        assert.strictEqual(yield* status({}, { key: "nope" }), 401)
        assert.strictEqual(yield* status({}, { key: client.keys.read }), 403)
        assert.strictEqual(yield* status({ a: "x".repeat(92) }), 200)
        assert.strictEqual(yield* status({ a: "x".repeat(93) }), 413)
      }))

    it.scopedLive("takes from a bound key only the records of its application", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const bound = yield* Effect.orDie(
          client.use(Effect.flatMap(Keys.Keys, (keys) => keys.create({ role: "ingest", app: "cart" })))
        )
        const records = [{ timeUnixNano: nanos(Date.now()), eventName: "seen" }]
        const foreign = yield* send(client, request(records), { key: bound.key })
        assert.strictEqual(foreign.body.partialSuccess.rejectedLogRecords, "1")
        yield* send(client, request(records, [attribute("service.name", "cart")]), { key: bound.key })
        assert.deepStrictEqual((yield* rows(client)).map(({ app }) => app), ["cart"])
      }))

    it.scopedLive("cuts off what is nested without end", () =>
      Effect.gen(function*() {
        const client = yield* collector({ limits: { maxBodyBytes: 2_000_000 } })
        const open = "{\"arrayValue\":{\"values\":["
        const body = `${open.repeat(20_000)}${"]}}".repeat(20_000)}`
        const { status } = yield* client.request("/v1/logs", {
          method: "POST",
          body:
            `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"eventName":"deep","traceId":${body},"body":${body}}]}]}]}`,
          headers: { "content-type": "application/json", "x-api-key": client.keys.ingest }
        })
        assert.strictEqual(status, 200)
      }))
  })
}
