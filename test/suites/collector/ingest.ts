import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import * as Keys from "../../../src/collector/Keys.js"
import { type Backend, type Client, collectorOn, event, query, startOn, uuid4, uuid7 } from "../../collector/support.js"
import { erase } from "./erasure.js"

const stored = (client: Client) =>
  Effect.orDie(client.use(Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<{ type: string; data: string }>`SELECT type, data FROM events ORDER BY time`
  )))

/** An event as it is sent again and again. */
const fixed = (sessionId: string, app: { readonly name: string; readonly version: string }) => {
  const timestamp = Date.now()
  const id = uuid7(timestamp)
  return { ...event({ sessionId, timestamp, id, app }), id, timestamp }
}

/** What is kept of a request beyond its events, on any database. */
export const ingest = (backend: Backend) => {
  const collector = collectorOn(backend)

  describe(`${backend.name}: an Idempotency-Key`, () => {
    const keyed = (client: Client, events: unknown, key: string) => client.post(events, { "idempotency-key": key })

    it.scopedLive("gives the same batch the same answer, eight times at once and later", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const [batch, key] = [[event(), event(), { nonsense: 1 }], uuid4()]
        const answers = yield* Effect.all(Array.from({ length: 8 }, () => keyed(client, batch, key)), {
          concurrency: 8
        })
        const later = yield* keyed(client, batch, key)
        for (const { body } of [...answers, later]) {
          assert.deepStrictEqual([body.accepted, body.duplicates, body.rejected], [2, 0, 1])
          assert.deepStrictEqual(body, later.body)
        }
        assert.strictEqual((yield* stored(client)).length, 2)
      }))

    it.scopedLive("stands for the batch even when its events are gone since", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const [sessionId, key] = [uuid4(), uuid4()]
        yield* client.post([event({ sessionId })])
        const batch = [event({ sessionId }), event({ sessionId })]
        const before = yield* keyed(client, batch, key)
        yield* Effect.orDie(client.use(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`DELETE FROM events`)))
        const after = yield* keyed(client, batch, key)
        assert.deepStrictEqual(after.body, before.body)
        assert.deepStrictEqual(yield* stored(client), [])
      }))

    it.scopedLive("does not hide another batch that comes under it, nor one of another key's", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const [batch, key] = [[event()], uuid4()]
        yield* keyed(client, batch, key)
        assert.deepStrictEqual((yield* keyed(client, [...batch, event()], key)).body.duplicates, 1)
        const other = yield* Effect.orDie(
          client.use(Effect.flatMap(Keys.Keys, (keys) => keys.create({ role: "ingest" })))
        )
        const { body } = yield* client.send(JSON.stringify({ events: batch }), {
          key: other.key,
          headers: { "idempotency-key": key }
        })
        assert.strictEqual(body.duplicates, 1)
        assert.strictEqual((yield* stored(client)).length, 2)
      }))
  })

  describe(`${backend.name}: the first millisecond`, () => {
    it.scopedLive("is a time like any other", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const { body } = yield* client.post([{ ...event(), timestamp: 0 }])
        assert.deepStrictEqual([body.accepted, body.duplicates], [1, 0])
        assert.strictEqual((yield* stored(client)).length, 1)
      }))
  })

  describe(`${backend.name}: batches at the same time`, () => {
    it.scopedLive("store an event that is in all of them once, and each is told how much of it was there before", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const shared = event()
        const answers = yield* Effect.all(
          Array.from({ length: 8 }, () => client.post([shared, event(), { nonsense: 1 }])),
          { concurrency: 8 }
        )
        const bodies = answers.map(({ body }) => body)
        assert.deepStrictEqual(bodies.map(({ accepted, rejected }) => [accepted, rejected]), bodies.map(() => [2, 1]))
        assert.strictEqual(bodies.reduce((sum, { duplicates }) => sum + duplicates, 0), 7)
        assert.strictEqual((yield* stored(client)).length, 9)
      }))
  })

  describe(`${backend.name}: batches of sessions that were met before`, () => {
    interface Post {
      readonly kind: "post"
      readonly batches: ReadonlyArray<{ readonly events: ReadonlyArray<number>; readonly key: string | null }>
    }

    interface Erase {
      readonly kind: "erase"
      readonly whose: number
    }

    type Step = Post | Erase

    const step: fc.Arbitrary<Step> = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant("post" as const),
          batches: fc.array(
            fc.record({
              events: fc.array(fc.nat(11), { minLength: 1, maxLength: 4 }),
              key: fc.option(fc.constantFrom("a", "b"), { nil: null })
            }),
            { minLength: 1, maxLength: 3 }
          )
        })
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("erase" as const), whose: fc.nat(1) }) }
    )

    interface Clients {
      readonly one: Client
      readonly other: Client
    }

    const follow = Effect.fnUntraced(function*(clients: Clients, steps: ReadonlyArray<Step>) {
      const app = { name: uuid4(), version: "1" }
      const sessions = [uuid4(), uuid4()]
      const erasedAt = [0, 0]
      const events = Array.from({ length: 12 }, (_, n) => ({ whose: n % 2, sent: fixed(sessions[n % 2]!, app) }))
      const stored = new Set<string>()
      const answers = new Map<string, unknown>()
      // From here on the contexts are known.
      for (const client of [clients.one, clients.other]) yield* client.post(sessions.map((id) => fixed(id, app)))
      for (const [position, one] of steps.entries()) {
        const client = position % 2 === 0 ? clients.one : clients.other
        if (one.kind === "erase") {
          yield* erase(client, { requestId: uuid4(), sessionIds: [sessions[one.whose]] })
          erasedAt[one.whose] = Date.now()
          continue
        }
        const posted = one.batches.map(({ events: numbers, key }) => ({
          headers: key === null ? {} : { "idempotency-key": `${app.name} ${key}` },
          batch: key === null ? null : `${key} ${numbers.join()}`,
          events: numbers.map((n) => events[n]!)
        }))
        const bodies = yield* Effect.forEach(
          posted,
          ({ events, headers }) => {
            const text = JSON.stringify({ events: events.map(({ sent }) => sent) })
            return Effect.map(client.send(text, { headers, key: clients.one.keys.ingest }), ({ body }) => body)
          },
          { concurrency: 3 }
        )
        for (const [i, { batch, events }] of posted.entries()) {
          assert.deepStrictEqual(
            [bodies[i].accepted, bodies[i].rejected],
            [events.length, 0],
            JSON.stringify(bodies[i])
          )
          if (batch !== null && answers.has(batch)) {
            assert.deepStrictEqual(bodies[i], answers.get(batch))
            continue
          }
          if (batch !== null) answers.set(batch, bodies[i])
          for (const { sent, whose } of events) if (sent.timestamp > erasedAt[whose]!) stored.add(sent.id)
        }
      }
      const { body } = yield* clients.one.rollups(`interval=month&app=${app.name}`)
      const counts: ReadonlyArray<{ readonly count: number }> = body.rows
      assert.strictEqual(counts.reduce((sum, { count }) => sum + count, 0), 4 + stored.size)
    })

    it.scopedLive("are stored once, counted once, and not after their erasure, through either of two collectors", () =>
      Effect.gen(function*() {
        const database = yield* backend.empty
        const one = yield* startOn(backend, database)
        // A file has one collector; two in one process would wait for each other.
        const clients = { one, other: backend.name === "SQLite" ? one : yield* startOn(backend, database) }
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(
              fc.array(step, { minLength: 2, maxLength: 8 }),
              (steps) => Effect.runPromise(follow(clients, steps))
            ),
            { numRuns: 10 }
          )
        )
      }))
  })

  describe(`${backend.name}: a rate limit`, () => {
    it.scopedLive("gives what there is to some of those who come at once, and no more", () =>
      Effect.gen(function*() {
        const client = yield* collector({ limits: { eventsPerMinute: 5 } })
        const answers = yield* Effect.all(
          Array.from({ length: 8 }, () => client.post([event(), event()])),
          { concurrency: 8 }
        )
        assert.deepStrictEqual(answers.map(({ status }) => status).sort(), [200, 200, 429, 429, 429, 429, 429, 429])
        assert.strictEqual((yield* stored(client)).length, 4)
      }))

    it.scopedLive("takes nothing for a batch it refuses, and says of one above the whole limit that it will never fit", () =>
      Effect.gen(function*() {
        const client = yield* collector({ limits: { eventsPerMinute: 5 } })
        const batch = (n: number) => Array.from({ length: n }, () => event())
        assert.strictEqual((yield* client.post(batch(3))).status, 200)
        assert.strictEqual((yield* client.post(batch(3))).status, 429)
        assert.strictEqual((yield* client.post(batch(2))).status, 200)
        const never = yield* client.post(batch(6))
        assert.deepStrictEqual(
          [never.status, never.body.error],
          [413, { code: "too_large", message: "A key may send 5 events a minute; send smaller batches" }]
        )
        const empty = yield* client.post(batch(5))
        assert.strictEqual(empty.status, 429)
        assert.isAbove(Number(empty.headers.get("retry-after")), 12)
      }))
  })

  describe(`${backend.name}: names and numbers that a database could choke on`, () => {
    it.scopedLive("are refused or stored inertly, and the counts go on", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const half = "\ud800"
        const answer = yield* client.post([
          event({ eventType: `a${half}` }),
          event({ app: { name: half, version: "1" } }),
          event({ app: { name: "nul\u0000", version: "1" } }),
          event({
            eventType: "own",
            eventData: { [half]: half, nul: "\u0000", __proto__: 1, "'; DROP TABLE events": "%" }
          }),
          event({ eventData: { featureName: `\u0000${half}${"😀".repeat(60)}`, enabled: true } }),
          query(1e308, { sampleRate: 5e-324 }),
          query(1e308, { suppressed: Number.MAX_SAFE_INTEGER })
        ])
        assert.deepStrictEqual([answer.status, answer.body.accepted, answer.body.rejected], [200, 4, 3])
        assert.strictEqual((yield* stored(client)).length, 4)
        const { body, status } = yield* client.rollups("interval=day&dimension=*")
        assert.strictEqual(status, 200)
        assert.isTrue(body.rows.every((row: { count: number }) => Number.isFinite(row.count)))
        assert.strictEqual((yield* client.rollups("interval=day&app=%00")).status, 400)
        assert.strictEqual((yield* client.rollups("interval=day&app=%ED%A0%80%25_'--")).status, 200)
      }))
  })
}
