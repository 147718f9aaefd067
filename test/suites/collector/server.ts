import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Keys from "../../../src/collector/Keys.js"
import { type Backend, collectorOn, event, query, raw, uuid4, uuid7 } from "../../collector/support.js"

const countRaw = Effect.flatMap(SqlClient.SqlClient, (sql) => sql<{ n: number }>`SELECT count(*) AS n FROM events`)
  .pipe(
    Effect.map(([row]) => row!.n)
  )

/** What a collector answers, on any database. */
export const server = (backend: Backend) => {
  const collector = collectorOn(backend)

  describe(`${backend.name}: POST /v1/events`, () => {
    it.scopedLive("stores what it accepts, and says how much that was", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const { body, status } = yield* client.post([event(), event()])
        assert.strictEqual(status, 200)
        assert.deepStrictEqual(body, { success: true, accepted: 2, rejected: 0, duplicates: 0, rejections: [] })
        assert.strictEqual(yield* client.use(countRaw), 2)
      }))

    it.scopedLive("is answered alike past the router and by it, whatever is wrong", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const headersOf = (headers: Headers) => [...headers].filter(([name]) => name !== "date")
        const bodies: ReadonlyArray<readonly [string, Record<string, string>]> = [
          [JSON.stringify({ events: [event()] }), {}],
          [JSON.stringify({ events: [{}] }), {}],
          ["{", {}],
          ["{}", { "content-type": "text/html" }],
          ["{}", { "x-api-key": "wrong" }],
          ["{}", { "x-api-key": client.keys.read }],
          ["{}", { origin: "https://shop.example" }],
          [JSON.stringify({ events: [] }), { "content-type": "text/plain" }]
        ]
        for (const [body, more] of bodies) {
          const headers = { "content-type": "application/json", "x-api-key": client.keys.ingest, ...more }
          const [past, by] = yield* Effect.forEach(["/v1/events", "/v1/events?some=query"], (path) =>
            client.request(path, { method: "POST", body, headers }))
          assert.deepStrictEqual([past!.status, headersOf(past!.headers)], [by!.status, headersOf(by!.headers)])
          if (past!.status !== 200) {
            assert.strictEqual(past!.text, by!.text)
          }
        }
      }))

    it.scopedLive("understands gzip", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const { body } = yield* client.send(JSON.stringify({ events: [event()] }), { gzip: true })
        assert.strictEqual(body.accepted, 1)
      }))

    it.scopedLive("counts an id that was stored before as a duplicate, in any case of its letters", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const once = event()
        yield* client.post([once])
        const { body } = yield* client.post([once, { ...once, id: String(once["id"]).toUpperCase() }, event()])
        assert.deepStrictEqual(body, { success: true, accepted: 3, rejected: 0, duplicates: 2, rejections: [] })
        assert.strictEqual(yield* client.use(countRaw), 2)
      }))

    it.scopedLive("keeps the first of two events with one id", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const id = uuid7(Date.now())
        yield* client.post([event({ id, eventType: "first" }), event({ id, eventType: "second" })])
        yield* client.post([event({ id, eventType: "third" })])
        const rows = yield* client.use(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT type FROM events`))
        assert.deepStrictEqual(rows, [{ type: "first" }])
        const { body } = yield* client.rollups("interval=day")
        assert.deepStrictEqual(
          body.rows.map((row: { eventType: string; count: number }) => [row.eventType, row.count]),
          [
            ["first", 1]
          ]
        )
      }))

    it.scopedLive("stores a batch once that is posted eight times at once", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const batch = Array.from({ length: 60 }, (_, i) => query(i))
        const answers = yield* Effect.all(Array.from({ length: 8 }, () => client.post(batch)), { concurrency: 8 })
        assert.deepStrictEqual(answers.map(({ status }) => status), Array.from({ length: 8 }, () => 200))
        assert.strictEqual(answers.reduce((sum, { body }) => sum + body.accepted, 0), 480)
        assert.strictEqual(answers.reduce((sum, { body }) => sum + body.duplicates, 0), 420)
        assert.strictEqual(yield* client.use(countRaw), 60)
        const { body } = yield* client.rollups("interval=month")
        assert.strictEqual(body.rows.reduce((sum: number, row: { count: number }) => sum + row.count, 0), 60)
      }))

    it.scopedLive("refuses a bad event by name and reason, and takes the good ones beside it", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const secret = "s3cret-value"
        const wrong = event({ eventData: { featureName: 7, enabled: secret } })
        const late = event({ timestamp: secret })
        const { body, status } = yield* client.post([event(), wrong, { id: secret }, late, 17, event()])
        assert.strictEqual(status, 200)
        assert.strictEqual(body.accepted, 2)
        assert.strictEqual(body.rejected, 4)
        assert.deepStrictEqual(body.rejections, [
          { id: wrong["id"], reason: "eventData.featureName is not valid", retryable: false },
          { id: late["id"], reason: "timestamp is not valid", retryable: false }
        ])
        assert.deepStrictEqual(body.errors, ["event 2: id is not valid", "event 4: the event is not valid"])
        assert.notInclude(JSON.stringify(body), secret)
      }))

    it.scopedLive("takes event types that it does not know", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const { body } = yield* client.post([
          event({ eventType: "my_own_type", eventData: { anything: [1, { a: null }] } })
        ])
        assert.strictEqual(body.accepted, 1)
      }))

    it.scopedLive("takes no name with control characters, no data too deep or too large", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        let deep: unknown = 1
        for (let i = 0; i < 40; i++) deep = { deep }
        const { body } = yield* client.post([
          event({ eventType: "a\u001b[2Jb" }),
          event({ eventType: "own", eventData: { deep } }),
          event({ eventType: "own", eventData: { text: "x".repeat(70_000) } })
        ])
        assert.deepStrictEqual(body.rejections.map(({ reason }: { reason: string }) => reason), [
          "eventType holds control characters",
          "eventData is nested too deeply",
          "eventData is too large"
        ])
      }))

    it.scopedLive("takes an empty batch for what it is", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const { body, status } = yield* client.post([])
        assert.deepStrictEqual([status, body.accepted, body.rejected], [200, 0, 0])
      }))

    it.scopedLive("keeps the time of receipt, and moves a capture time from the far future to it", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const before = Date.now()
        yield* client.post([event({ timestamp: before + 86_400_000 }), event({ timestamp: before - 86_400_000 })])
        const rows = yield* client.use(Effect.flatMap(
          SqlClient.SqlClient,
          (sql) => sql<{ time: number; received_at: number }>`SELECT time, received_at FROM events ORDER BY time`
        ))
        assert.strictEqual(rows[0]!.time, before - 86_400_000)
        assert.strictEqual(rows[1]!.time, rows[1]!.received_at)
        assert.isAtLeast(rows[1]!.received_at, before)
      }))

    it.scopedLive("limits the events a minute of a key, and says when to come back", () =>
      Effect.gen(function*() {
        const client = yield* collector({ limits: { eventsPerMinute: 5 } })
        assert.strictEqual((yield* client.post([event(), event(), event(), event(), event()])).status, 200)
        const { body, headers, status } = yield* client.post([event()])
        assert.strictEqual(status, 429)
        assert.strictEqual(body.error.code, "rate_limited")
        assert.isAtLeast(Number(headers.get("retry-after")), 1)
        const other = yield* Effect.orDie(
          client.use(Effect.flatMap(Keys.Keys, (keys) => keys.create({ role: "ingest" })))
        )
        assert.strictEqual((yield* client.send(JSON.stringify({ events: [event()] }), { key: other.key })).status, 200)
      }))

    it.scopedLive("takes from a bound key only the events of its application", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const bound = yield* Effect.orDie(
          client.use(Effect.flatMap(Keys.Keys, (keys) => keys.create({ role: "ingest", app: "ax" })))
        )
        const other = event({ app: { name: "other", version: "1" } })
        const { body } = yield* client.send(JSON.stringify({ events: [event(), other] }), { key: bound.key })
        assert.strictEqual(body.accepted, 1)
        assert.deepStrictEqual(body.rejections.map(({ id }: { id: string }) => id), [other["id"]])
      }))
  })

  describe(`${backend.name}: a beacon`, () => {
    it.scopedLive("carries its key in the body, as text/plain and without the header", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const headers = { "content-type": "text/plain" }
        const body = (key?: string) => JSON.stringify({ key, events: [event()] })
        const send = (key: string | undefined, header: string | null = null) =>
          Effect.map(client.send(body(key), { headers, key: header }), ({ status }) => status)
        assert.strictEqual(yield* send(client.keys.ingest), 200)
        assert.strictEqual(yield* send("unknown"), 401)
        assert.strictEqual(yield* send(client.keys.read), 403)
        assert.strictEqual(yield* send(undefined), 415)
        assert.strictEqual(yield* send(client.keys.ingest, client.keys.ingest), 415)
        const asJson = yield* client.send(body(client.keys.ingest), { key: null })
        assert.strictEqual(asJson.status, 401)
        const inQuery = yield* client.request(`/v1/events?key=${client.keys.ingest}&X-API-Key=${client.keys.ingest}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: body()
        })
        assert.strictEqual(inQuery.status, 401)
      }))
  })

  describe(`${backend.name}: the other calls`, () => {
    it.scopedLive("ping needs no key; info needs one, of any role, and tells the limits", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        assert.deepStrictEqual((yield* client.request("/v1/events/ping")).body, { ok: true })
        assert.strictEqual((yield* client.request("/v1/events/info")).status, 401)
        const { body } = yield* client.request("/v1/events/info", { headers: { "x-api-key": client.keys.ingest } })
        assert.deepStrictEqual(body, {
          name: "effect-telemetry",
          version: "0.1.0",
          maxBatchEvents: 1000,
          maxBodyBytes: 1024 * 1024,
          acceptsGzip: true,
          schemaVersions: [1]
        })
      }))

    it.scopedLive("info tells of no batch that the key's rate would not let in", () =>
      Effect.gen(function*() {
        const client = yield* collector({ limits: { maxBatchEvents: 10, eventsPerMinute: 3 } })
        const { body } = yield* client.request("/v1/events/info", { headers: { "x-api-key": client.keys.ingest } })
        assert.strictEqual(body.maxBatchEvents, 3)
        assert.strictEqual((yield* client.post(Array.from({ length: 4 }, () => event()))).status, 413)
        assert.strictEqual((yield* client.post(Array.from({ length: 3 }, () => event()))).status, 200)
      }))

    it.scopedLive("every role reaches what is its own and nothing else", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const status = (path: string, key: string, init: RequestInit = {}) =>
          Effect.map(
            client.request(path, {
              ...init,
              headers: { ...init.headers, "x-api-key": key, "x-forwarded-for": "10.0.0.1" }
            }),
            (answer) => answer.status
          )
        const post = { method: "POST", body: "{\"events\":[]}", headers: { "content-type": "application/json" } }
        const table = yield* Effect.forEach(
          [client.keys.ingest, client.keys.read, client.keys.admin, "unknown", ""],
          (key) =>
            Effect.all([
              status("/v1/events", key, post),
              status("/v1/rollups?interval=day", key),
              status("/metrics", key)
            ])
        )
        assert.deepStrictEqual(table, [
          [200, 403, 403],
          [403, 200, 403],
          [403, 200, 200],
          [401, 401, 401],
          [401, 401, 401]
        ])
      }))

    it.scopedLive("a revoked key is refused with the next request, in the words for an unknown one", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const keys = yield* client.use(Keys.Keys)
        const { id, key } = yield* Effect.orDie(keys.create({ role: "ingest" }))
        const body = JSON.stringify({ events: [event()] })
        assert.strictEqual((yield* client.send(body, { key })).status, 200)
        yield* Effect.orDie(keys.revoke(id))
        const revoked = yield* client.send(body, { key })
        const unknown = yield* client.send(body, { key: key.slice(0, -1) + (key.endsWith("A") ? "B" : "A") })
        assert.strictEqual(revoked.status, 401)
        assert.strictEqual(revoked.text, unknown.text)
      }))

    it.scopedLive("metrics are open on loopback, but not through a proxy nor under another host's name", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        yield* client.post([event(), event(), { nonsense: 1 }])
        const open = yield* client.request("/metrics")
        assert.strictEqual(open.status, 200)
        assert.include(open.text, "collector_events_total{verdict=\"accepted\"} 2")
        assert.include(open.text, "collector_events_total{verdict=\"rejected\"} 1")
        for (const header of ["forwarded", "via", "x-forwarded-host", "x-real-ip"]) {
          assert.strictEqual((yield* client.request("/metrics", { headers: { [header]: "a" } })).status, 401)
        }
        for (const [host, status] of [["evil.example", 401], ["127.0.0.1.evil.example", 401], ["localhost", 200]]) {
          const answer = yield* raw(client.url, `GET /metrics HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
          assert.include(answer.slice(0, 12), `HTTP/1.1 ${status}`)
        }
      }))

    it.scopedLive("metrics count refused events by a code that stays, and the answer names them as ever", () =>
      Effect.gen(function*() {
        const client = yield* collector({ retention: [{ days: 30 }] })
        const bound = yield* Effect.orDie(
          client.use(Effect.flatMap(Keys.Keys, (keys) => keys.create({ role: "ingest", app: "other" })))
        )
        const deep = JSON.parse(`${"{\"a\":".repeat(40)}1${"}".repeat(40)}`)
        const refused: ReadonlyArray<readonly [code: string, ...changes: ReadonlyArray<Record<string, unknown>>]> = [
          ["envelope", { sessionId: 1 }, { timestamp: -1 }, { id: 1 }],
          ["data", { eventData: {} }],
          ["too_large", { eventType: "own", eventData: { a: "x".repeat(70_000) } }],
          ["too_deep", { eventType: "own", eventData: deep }],
          ["control_characters", { eventType: "a\u001b" }, { app: { name: "\u0000", version: "" } }],
          ["too_old", { timestamp: 1 }]
        ]
        const batch = refused.flatMap(([, ...changes]) => changes.map((one) => event(one)))
        const { body } = yield* client.post(batch)
        assert.deepStrictEqual([body.rejected, body.rejections.length, body.errors.length], [9, 8, 1])
        for (const one of body.rejections) assert.hasAllKeys(one, ["id", "reason", "retryable"])
        yield* client.send(JSON.stringify({ events: [event()] }), { key: bound.key })
        const { text } = yield* client.request("/metrics")
        for (const [code, ...changes] of [...refused, ["foreign_app", {}] as const]) {
          assert.include(text, `collector_rejections_total{code="${code}"} ${changes.length}\n`)
        }
        assert.include(text, "collector_events_total{verdict=\"rejected\"} 10\n")
      }))

    it.scopedLive("metrics count refused requests by the code they were answered with", () =>
      Effect.gen(function*() {
        const client = yield* collector({ limits: { maxBatchEvents: 2 } })
        const refused = [
          yield* client.send("{"),
          yield* client.send("{}", { key: "unknown" }),
          yield* client.send("{}", { key: client.keys.read }),
          yield* client.request("/v2/events"),
          yield* client.request("/v1/events", { method: "DELETE" }),
          yield* client.post([event(), event(), event()]),
          yield* client.send("{}", { headers: { "content-encoding": "br" } }),
          yield* client.send("{", { key: null })
        ]
        yield* client.post([event()])
        const { text } = yield* client.request("/metrics")
        const counted = [...text.matchAll(/^collector_refusals_total\{code="(\w+)"\} (\d+)$/gm)]
        const expected = new Map<string, number>()
        for (const { body } of refused) expected.set(body.error.code, (expected.get(body.error.code) ?? 0) + 1)
        assert.strictEqual(expected.size, 7)
        assert.deepStrictEqual(new Map(counted.map(([, code, n]) => [code!, Number(n)])), expected)
      }))

    it.scopedLive("health says that it lives, readiness that storage is there", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        assert.strictEqual((yield* client.request("/healthz")).status, 200)
        assert.strictEqual((yield* client.request("/readyz")).status, 200)
        yield* client.use(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`ALTER TABLE api_keys RENAME TO away`))
        assert.strictEqual((yield* client.request("/healthz")).status, 200)
        assert.strictEqual((yield* client.request("/readyz")).status, 503)
      }))

    it.scopedLive("an unknown path is 404, a known one with another method 405", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const missing = yield* client.request("/v2/events")
        assert.deepStrictEqual([missing.status, missing.body.error.code], [404, "not_found"])
        for (const path of ["/v1/events", "/v1/events/", "/V1//events?a=1"]) {
          const method = yield* client.request(path, { method: "DELETE" })
          assert.deepStrictEqual([path, method.status, method.headers.get("allow")], [path, 405, "POST"])
        }
      }))

    it.scopedLive("the pages load nothing from elsewhere, and the document describes every call", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        for (const path of ["/", "/docs", "/page.css"]) {
          const page = yield* client.request(path)
          assert.strictEqual(page.status, 200)
          assert.notMatch(page.text, /(src|href|action|poster|data)="?(https?:)?\/\/|url\(|@import/)
          const policy = page.headers.get("content-security-policy") ?? ""
          assert.include(policy, "default-src 'none'")
          assert.notInclude(policy, "unsafe")
          assert.strictEqual(page.headers.get("x-content-type-options"), "nosniff")
          assert.strictEqual(page.headers.get("cache-control"), "no-store")
        }
        const { body } = yield* client.request("/openapi.json")
        assert.includeMembers(Object.keys(body.paths), [
          "/v1/events",
          "/v1/events/ping",
          "/v1/events/info",
          "/v1/events/erasure",
          "/v1/rollups",
          "/healthz",
          "/readyz",
          "/metrics"
        ])
        assert.deepStrictEqual(Object.keys(body.components.securitySchemes), ["key"])
      }))

    it.scopedLive("a parameter that is not valid is 400 and not repeated", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        for (const params of ["", "interval=decade", "interval=day&from=yesterdayish", "interval=day&to=1e99"]) {
          const { status, text } = yield* client.rollups(params)
          assert.strictEqual(status, 400)
          assert.notMatch(text, /decade|yesterdayish|1e99/)
        }
        assert.strictEqual((yield* client.rollups(`interval=day&app=${uuid4()}`)).body.rows.length, 0)
      }))
  })
}
