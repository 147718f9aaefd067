import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Alerts } from "../../../src/collector/alerts/Alerts.js"
import * as Rule from "../../../src/collector/alerts/Rule.js"
import * as Rules from "../../../src/collector/alerts/Rules.js"
import { Webhooks } from "../../../src/collector/alerts/Webhooks.js"
import { layerDatabase } from "../../../src/collector/Database.js"
import * as Erasure from "../../../src/collector/Erasure.js"
import { Rollups } from "../../../src/collector/Rollups.js"
import { receiver } from "../../collector/receiver.js"
import { type Client, event, query, start, uuid4 } from "../../collector/support.js"
import { alerts } from "../../suites/collector/alerts.js"
import { erasure } from "../../suites/collector/erasure.js"
import { keys } from "../../suites/collector/keys.js"
import { rollups } from "../../suites/collector/rollups.js"
import { server } from "../../suites/collector/server.js"
import { postgres } from "./database.js"

keys(postgres)
server(postgres)
rollups(postgres)
erasure(postgres)
alerts(postgres)

const rowsOf = <A extends object>(client: Client, text: string) =>
  Effect.orDie(client.use(Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<A>(text))))

describe("two replicas on one Postgres", () => {
  it.scopedLive("can start on an empty database at once", () =>
    Effect.gen(function*() {
      const database = yield* postgres.empty
      yield* Effect.all(
        Array.from({ length: 4 }, () => Effect.scoped(Layer.build(layerDatabase(database)))),
        { concurrency: 4 }
      )
    }))

  it.scopedLive("store every id once and count it once, whoever gets which batch how often while both fold", () =>
    Effect.gen(function*() {
      const database = yield* postgres.empty
      const replicas = [yield* start(database), yield* start(database)]
      const [one] = replicas
      const sessions = Array.from({ length: 20 }, uuid4)
      const installations = Array.from({ length: 7 }, uuid4)
      const events = Array.from({ length: 4_000 }, (_, i) =>
        query(i % 500, {
          sessionId: sessions[i % sessions.length],
          installationId: installations[i % installations.length],
          sampleRate: i % 3 === 0 ? 0.5 : 1
        }))
      // Batches overlap, in either order, and each goes to both.
      const batches = Array.from({ length: 60 }, (_, i) => {
        const from = (i * 67) % 3_900
        const batch = events.slice(from, from + 100)
        return i % 2 === 0 ? batch : batch.reverse()
      })
      const sent = new Map(batches.flat().map((one) => [one["id"], one]))
      const answers = yield* Effect.forEach(
        batches.flatMap((batch, i) => [[batch, i] as const, [batch, i + 1] as const, [batch, i] as const]),
        ([batch, i]) => replicas[i % 2]!.post(batch),
        { concurrency: 8 }
      ).pipe(Effect.zipLeft(
        Effect.forEach(
          Array.from({ length: 20 }, (_, i) => replicas[i % 2]!),
          (replica) => Effect.orDie(replica.use(Effect.flatMap(Rollups, ({ fold }) => fold))),
          { concurrency: 2 }
        ),
        { concurrent: true }
      ))
      assert.deepStrictEqual([...new Set(answers.map(({ status }) => status))], [200])
      assert.strictEqual(
        answers.reduce((sum, { body }) => sum + body.accepted - body.duplicates, 0),
        sent.size
      )
      const [stored] = yield* rowsOf<{ n: number; ids: number }>(
        one!,
        "SELECT count(*) AS n, count(DISTINCT id) AS ids FROM events"
      )
      assert.deepStrictEqual(stored, { n: sent.size, ids: sent.size })
      for (const replica of replicas) {
        const { body } = yield* replica.rollups("interval=month")
        const [row] = body.rows
        const all = [...sent.values()].map((one) => ({
          sampleRate: Number(one["sampleRate"]),
          sessionId: one["sessionId"]
        }))
        assert.strictEqual(row.count, all.reduce((sum, one) => sum + 1 / one.sampleRate, 0))
        assert.strictEqual(row.sessions, new Set(all.map((one) => one.sessionId)).size)
        assert.strictEqual(row.installations, 7)
      }
    }))

  it.scopedLive("share the rate limit of a key", () =>
    Effect.gen(function*() {
      const database = yield* postgres.empty
      const limits = { eventsPerMinute: 10 }
      const one = yield* start(database, { limits })
      const other = yield* start(database, { limits })
      const send = (client: Client) =>
        client.send(JSON.stringify({ events: [event(), event()] }), { key: one.keys.ingest })
      const answers = yield* Effect.forEach(
        Array.from({ length: 12 }, (_, i) => i % 2 === 0 ? one : other),
        send,
        { concurrency: 6 }
      )
      const statuses = answers.map(({ status }) => status)
      assert.strictEqual(statuses.filter((status) => status === 200).length, 5)
      assert.strictEqual(statuses.filter((status) => status === 429).length, 7)
    }))

  it.scopedLive("keep nothing that one of them was told to erase while the other takes events of it", () =>
    Effect.gen(function*() {
      const database = yield* postgres.empty
      const replicas = [yield* start(database), yield* start(database)]
      const [one, other] = replicas as unknown as readonly [Client, Client]
      const [installationId, sessionId] = [uuid4(), uuid4()]
      const batch = () => Array.from({ length: 20 }, () => event({ installationId, sessionId }))
      yield* other.post(batch())
      const batches = Array.from({ length: 40 }, batch)
      yield* Effect.all([
        Effect.forEach(batches, (events) => other.post(events), { concurrency: 4 }),
        Effect.delay(
          one.request("/v1/events/erasure", {
            method: "POST",
            body: JSON.stringify({ installationId, requestId: uuid4() }),
            headers: { "content-type": "application/json", "x-api-key": one.keys.ingest }
          }),
          "30 millis"
        )
      ], { concurrency: 2 })
      for (const replica of replicas) {
        yield* Effect.orDie(replica.use(Effect.flatMap(Erasure.Erasure, ({ run }) => run)))
      }
      const [{ at }] = (yield* rowsOf<{ at: number }>(one, "SELECT max(at) AS at FROM erased_subjects")) as [
        { at: number }
      ]
      const [early] = yield* rowsOf<{ n: number }>(one, `SELECT count(*) AS n FROM events WHERE time <= ${at}`)
      assert.strictEqual(early!.n, 0)
      const [orphans] = yield* rowsOf<{ n: number }>(
        one,
        "SELECT count(*) AS n FROM events WHERE context NOT IN (SELECT id FROM contexts)"
      )
      assert.strictEqual(orphans!.n, 0)
    }))

  it.scopedLive("tell a webhook once though both look and both deliver, many times over", () =>
    Effect.gen(function*() {
      const database = yield* postgres.empty
      const { got, url } = yield* receiver((response) => void response.writeHead(204).end())
      const replicas = [yield* start(database), yield* start(database)]
      for (let i = 0; i < 10; i++) {
        const rule = yield* Rule.make({ kind: "events", above: String(i), url: `${url}/${i}` })
        yield* replicas[0]!.use(Rules.add(rule, { sign: false }))
      }
      yield* replicas[1]!.post(Array.from({ length: 10 }, () => event()))
      const both = (run: (client: Client) => Effect.Effect<void, unknown>) =>
        Effect.forEach([...replicas, ...replicas, ...replicas], run, { concurrency: "unbounded" })
      for (let i = 0; i < 3; i++) {
        yield* both((client) => Effect.flatMap(client.use(Alerts), ({ run }) => run))
        yield* both((client) => Effect.flatMap(client.use(Webhooks), ({ run }) => run))
      }
      // A singleton of the cluster may be delivering one yet.
      yield* Effect.repeat(replicas[0]!.use(Rules.all), {
        until: (rules) => rules.every(({ outcome }) => outcome !== null)
      })
      // What was called twice, because a busy database did not take down the first call in time, has one id.
      const calls = new Map(got.map(({ headers, path }) => [headers["idempotency-key"], path]))
      assert.deepStrictEqual([...calls.values()].toSorted(), Array.from({ length: 10 }, (_, i) => `/${i}`))
      const rules = yield* replicas[1]!.use(Rules.all)
      for (const { delivered } of rules) assert.isAtLeast(delivered, 1)
    }).pipe(Effect.orDie))
})
