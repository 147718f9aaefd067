import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Erasure from "../../../src/collector/Erasure.js"
import { Keys } from "../../../src/collector/Keys.js"
import { type Backend, type Client, collectorOn, event, query, startOn, uuid4 } from "../../collector/support.js"

export const erase = (client: Client, body: unknown, key = client.keys.ingest) =>
  client.request("/v1/events/erasure", {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", "x-api-key": key }
  })

export const finished = (client: Client) => Effect.orDie(client.use(Effect.flatMap(Erasure.Erasure, ({ run }) => run)))

const stored = (client: Client) =>
  Effect.orDie(client.use(Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<{ type: string }>`SELECT type FROM events ORDER BY type`
  ))).pipe(Effect.map((rows) => rows.map(({ type }) => type)))

/** Erasure, on any database. */
export const erasure = (backend: Backend) => {
  const collector = collectorOn(backend)

  describe(`${backend.name}: erasure`, () => {
    it.scopedLive("by installation leaves no raw event of it, keeps the others, and gives a receipt", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const installationId = uuid4()
        yield* client.post([
          event({ installationId, eventType: "gone" }),
          event({ installationId, eventType: "gone" }),
          event({ installationId: uuid4(), eventType: "stays" }),
          event({ eventType: "stays" })
        ])
        const requestId = uuid4()
        const { body, status } = yield* erase(client, { installationId, requestId })
        assert.deepStrictEqual([status, body], [202, { requestId, status: "accepted" }])
        yield* finished(client)
        assert.deepStrictEqual(yield* stored(client), ["stays", "stays"])
        const receipt = yield* Effect.orDie(client.use(Effect.flatMap(Erasure.Erasure, (e) => e.receipt(requestId))))
        assert.strictEqual(receipt?.erased, 2)
        assert.isNotNull(receipt?.doneAt)
      }))

    it.scopedLive("by session leaves the installation's other sessions", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const [installationId, sessionId, requestId] = [uuid4(), uuid4(), uuid4()]
        const retried = event({ installationId, eventType: "stays" })
        yield* client.post([event({ installationId, sessionId, eventType: "gone" }), retried])
        assert.strictEqual((yield* erase(client, { sessionIds: [sessionId], requestId })).status, 202)
        yield* finished(client)
        yield* client.post([retried, event({ installationId, eventType: "stays", timestamp: Date.now() - 60_000 })])
        assert.deepStrictEqual(yield* stored(client), ["stays", "stays"])
      }))

    it.scopedLive("drops late events from before the request, and takes those from after it", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const [installationId, sessionId, requestId] = [uuid4(), uuid4(), uuid4()]
        const early = event({ installationId, sessionId, eventType: "early", timestamp: Date.now() - 1_000 })
        yield* client.post([early])
        yield* erase(client, { installationId, requestId })
        const { body } = yield* client.post([
          early,
          event({ installationId, sessionId, eventType: "late", timestamp: Date.now() - 500 }),
          event({ installationId, sessionId, eventType: "after", timestamp: Date.now() + 60_000 })
        ])
        assert.deepStrictEqual([body.accepted, body.duplicates], [3, 2])
        yield* finished(client)
        assert.deepStrictEqual(yield* stored(client), ["after"])
      }))

    it.scopedLive("keeps the counts, which name nobody", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const installationId = uuid4()
        yield* client.post([query(10, { installationId }), query(20, { installationId: uuid4() })])
        const before = yield* client.rollups("interval=day")
        yield* erase(client, { installationId, requestId: uuid4() })
        yield* finished(client)
        assert.deepStrictEqual((yield* client.rollups("interval=day")).body, before.body)
      }))

    it.scopedLive("is the same request when its id comes again", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const [installationId, requestId] = [uuid4(), uuid4()]
        yield* erase(client, { installationId, requestId })
        yield* client.post([event({ installationId, timestamp: Date.now() + 60_000, eventType: "after" })])
        assert.strictEqual((yield* erase(client, { installationId, requestId })).status, 202)
        yield* finished(client)
        assert.deepStrictEqual(yield* stored(client), ["after"])
      }))

    it.scopedLive("of a bound key reaches only its application", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const { key } = yield* Effect.orDie(
          client.use(Effect.flatMap(Keys, (keys) => keys.create({ role: "ingest", app: "ax" })))
        )
        const installationId = uuid4()
        yield* client.post([
          event({ installationId, eventType: "gone" }),
          event({ installationId, eventType: "stays", app: { name: "other", version: "1" } })
        ])
        yield* erase(client, { installationId, requestId: uuid4() }, key)
        yield* finished(client)
        assert.deepStrictEqual(yield* stored(client), ["stays"])
      }))

    it.scopedLive("goes on after a restart", () =>
      Effect.gen(function*() {
        const database = yield* backend.empty
        const [installationId, requestId] = [uuid4(), uuid4()]
        yield* Effect.scoped(Effect.gen(function*() {
          const client = yield* startOn(backend, database)
          yield* client.post([event({ installationId })])
          yield* erase(client, { installationId, requestId })
        }))
        const client = yield* startOn(backend, database)
        yield* finished(client)
        assert.deepStrictEqual(yield* stored(client), [])
      }))

    it.scopedLive("needs an ingest key, a request id, and someone to erase", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const [installationId, requestId] = [uuid4(), uuid4()]
        assert.strictEqual((yield* erase(client, { installationId, requestId }, "nope")).status, 401)
        assert.strictEqual((yield* erase(client, { installationId, requestId }, client.keys.read)).status, 403)
        assert.strictEqual((yield* erase(client, { installationId })).status, 400)
        assert.strictEqual((yield* erase(client, { requestId })).status, 400)
        assert.strictEqual((yield* erase(client, { requestId, installationId: "%" })).status, 400)
        assert.strictEqual(
          (yield* erase(client, { requestId, sessionIds: Array.from({ length: 1001 }, uuid4) })).status,
          413
        )
      }))
  })
}
