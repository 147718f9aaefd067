/** Every limit that a client can meet: at the limit and one past it. A limit that is in neither list below fails the last test. */
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import * as Crypto from "node:crypto"
import * as Http from "node:http"
import * as Net from "node:net"
import * as Zlib from "node:zlib"
import * as Body from "../../src/collector/Body.js"
import * as Counters from "../../src/collector/Counters.js"
import * as Ingest from "../../src/collector/Ingest.js"
import * as Limits from "../../src/collector/Limits.js"
import * as Reason from "../../src/collector/Reason.js"
import { type Client, collector, event, query, raw, uuid4 } from "./support.js"

interface Row {
  readonly limits?: Partial<Limits.Limits>
  /** What comes of a size; it is asked for the limit, and for one more. */
  readonly outcome: (client: Client, size: number) => Effect.Effect<unknown, unknown, Scope.Scope>
  readonly limit: number
  readonly step?: number
  readonly within: unknown
  readonly beyond: unknown
}

const padded = (size: number): string => `{"events":[]${" ".repeat(size - 13)}}`

const many = (n: number) => Array.from({ length: n }, () => event())

const statusOf = <E, R>(answer: Effect.Effect<{ readonly status: number }, E, R>) =>
  Effect.map(answer, ({ status }) => status)

const ofPost = (client: Client, changes: Record<string, unknown>) =>
  Effect.map(
    client.post([event({ eventType: "own", ...changes })]),
    ({ body }) => body.accepted === 1 ? "accepted" : body.rejections[0].reason
  )

const nested = (levels: number): unknown => levels === 0 ? 1 : { a: nested(levels - 1) }

const summed = (client: Client, sent: unknown) =>
  Effect.zipRight(
    client.post([sent]),
    Effect.map(client.rollups("interval=day"), ({ body }) => body.rows[0])
  )

/** A key of that length, as only the table can hold it. */
const keyOfLength = (client: Client, length: number) => {
  const key = "k".repeat(length)
  const hash = Crypto.createHash("sha256").update(key).digest()
  return Effect.as(
    client.use(
      Effect.flatMap(
        SqlClient.SqlClient,
        (sql) =>
          sql`INSERT INTO api_keys (id, hash, prefix, role, created_at) VALUES (${uuid4()}, ${hash}, 'k', 'ingest', 0)`
      )
    ),
    key
  )
}

const form = (client: Client, body: string) =>
  statusOf(client.request("/sign-in", {
    method: "POST",
    body,
    redirect: "manual",
    headers: { "content-type": "application/x-www-form-urlencoded" }
  }))

/** A request whose address, names and values of headers are that many characters together. */
const headed = (client: Client, size: number) => {
  const lines = `Host: x\r\nConnection: close\r\nX-A: `
  const counted = "/healthz".length + "Hostx".length + "Connectionclose".length + "X-A".length
  return Effect.map(
    raw(client.url, `GET /healthz HTTP/1.1\r\n${lines}${"a".repeat(size - counted)}\r\n\r\n`),
    (answer) => Number(answer.slice(9, 12))
  )
}

const otlp = (client: Client, body: Uint8Array) =>
  statusOf(client.request("/v1/logs", {
    method: "POST",
    body: new Uint8Array(body),
    headers: {
      "x-api-key": client.keys.ingest,
      "content-type": "application/x-protobuf",
      "content-encoding": "gzip"
    }
  }))

/** Reads a body while others hold theirs. */
const read = (body: Uint8Array, others: Partial<Counters.Service>, isKnown = true) => {
  const source = new Http.IncomingMessage(new Net.Socket())
  source.headers = { "content-encoding": body[0] === 0x1f ? "gzip" : "identity" }
  source.push(body)
  source.push(null)
  const counters = { ...Counters.make(), ...others }
  return Body.holding(counters, (hold) => Body.bytes(source, { limits: Limits.defaults, counters, hold, isKnown }))
    .pipe(
      Effect.either,
      Effect.map(Either.match({ onLeft: ({ status }) => status, onRight: () => 200 }))
    )
}

const spaces = (bytes: number) => Buffer.alloc(bytes, " ")

const now = 1_800_000_000_000

const storedTime = (client: Client, timestamp: number) =>
  Effect.gen(function*() {
    yield* TestClock.setTime(now)
    const service = yield* Effect.sync(() => Context.get(client.context, Ingest.Ingest))
    yield* service.batch([event({ timestamp })], null)
    const [row] = yield* client.use(
      Effect.flatMap(SqlClient.SqlClient, (sql) => sql<{ time: number }>`SELECT max(time) AS time FROM events`)
    )
    return row!.time - now
  }).pipe(Effect.provide(TestContext.TestContext))

const filled = (client: Client, rows: number) =>
  client.use(Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.zipRight(
      sql`INSERT INTO series (id, app, type, facet, value) VALUES (1, '', 'many', '', '')`,
      sql`WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
        INSERT INTO rollup (series, grain, start, count, errors, sessions, installations)
        SELECT 1, 0, i * 3600000, 1, 0, 1, 0 FROM n`
    )))

const rows: Readonly<Record<string, Row>> = {
  maxBodyBytes: {
    limits: { maxBodyBytes: 2_000 },
    limit: 2_000,
    outcome: (client, size) => statusOf(client.send(padded(size))),
    within: 200,
    beyond: 413
  },
  "maxBodyBytes, not announced": {
    limits: { maxBodyBytes: 2_000 },
    limit: 2_000,
    outcome: (client, size) =>
      Effect.map(
        raw(
          client.url,
          `POST /v1/events HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-api-key: ${client.keys.ingest}\r\n` +
            `content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n` +
            `${size.toString(16)}\r\n${padded(size)}\r\n0\r\n\r\n`
        ),
        (answer) => Number(answer.slice(9, 12))
      ),
    within: 200,
    beyond: 413
  },
  maxInflatedBytes: {
    limits: { maxInflatedBytes: 4_000 },
    limit: 4_000,
    outcome: (client, size) => statusOf(client.send(padded(size), { gzip: true })),
    within: 200,
    beyond: 413
  },
  maxBatchEvents: {
    limits: { maxBatchEvents: 3 },
    limit: 3,
    outcome: (client, size) => statusOf(client.post(many(size))),
    within: 200,
    beyond: 413
  },
  eventsPerMinute: {
    limits: { eventsPerMinute: 5 },
    limit: 5,
    outcome: (client, size) =>
      Effect.map(Effect.forEach(many(size), (one) => client.post([one])), (answers) => answers.at(-1)!.status),
    within: 200,
    beyond: 429
  },
  "eventsPerMinute, at once": {
    limits: { eventsPerMinute: 5 },
    limit: 5,
    outcome: (client, size) => statusOf(client.post(many(size))),
    within: 200,
    beyond: 413
  },
  maxDataLength: {
    limit: Limits.maxDataLength,
    outcome: (client, size) => ofPost(client, { eventData: { a: "x".repeat(size - "{\"a\":\"\"}".length) } }),
    within: "accepted",
    beyond: "eventData is too large"
  },
  maxDataDepth: {
    limit: Limits.maxDataDepth,
    outcome: (client, size) => ofPost(client, { eventData: nested(size) }),
    within: "accepted",
    beyond: "eventData is nested too deeply"
  },
  maxKeyLength: {
    limit: Limits.maxKeyLength,
    outcome: (client, size) =>
      Effect.flatMap(keyOfLength(client, size), (key) => statusOf(client.send("{\"events\":[]}", { key }))),
    within: 200,
    beyond: 401
  },
  maxDimensionLength: {
    limit: Limits.maxDimensionLength,
    outcome: (client, size) =>
      Effect.zipRight(
        client.post([event({ eventData: { featureName: "x".repeat(size), enabled: true } })]),
        Effect.map(
          client.rollups("interval=day&dimension=*"),
          ({ body }) => body.rows[0].dimension === "x".repeat(size) ? "whole" : body.rows[0].dimension.length
        )
      ),
    within: "whole",
    beyond: Limits.maxDimensionLength
  },
  maxSkewMillis: {
    limit: Limits.maxSkewMillis,
    outcome: (client, size) => storedTime(client, now + size),
    within: Limits.maxSkewMillis,
    beyond: 0
  },
  maxReasonLength: {
    limit: Limits.maxReasonLength,
    outcome: (_, size) =>
      Effect.sync(() => {
        const key = "k".repeat(size - " is not valid".length)
        const reason = Reason.make(Schema.Record({ key: Schema.String, value: Schema.Number }))({ [key]: "" })
        return reason === `${key} is not valid` ? "whole" : reason?.length
      }),
    within: "whole",
    beyond: Limits.maxReasonLength
  },
  maxValues: {
    limit: Limits.maxValues,
    outcome: (client, size) =>
      // Around the list stand an object, another list and a comma.
      statusOf(client.send(`{"events":[],"a":[${"0,".repeat(size - 4)}0]}`, { gzip: true })),
    within: 200,
    beyond: 413
  },
  maxMessages: {
    limit: Limits.maxMessages,
    outcome: (client, size) => otlp(client, Zlib.gzipSync(Buffer.alloc(2 * size, Buffer.from([0x0a, 0])))),
    within: 200,
    beyond: 413
  },
  uncountedBytes: {
    limit: Limits.uncountedBytes,
    outcome: (_, size) =>
      read(spaces(size), { receivingBytes: Limits.maxReceivingBytes, heldBytes: Limits.maxHeldBytes }),
    within: 200,
    beyond: 503
  },
  maxReceivingBytes: {
    limit: Limits.maxReceivingBytes,
    outcome: (_, size) => read(spaces(Limits.uncountedBytes + 10), { receivingBytes: size - 10 }),
    within: 200,
    beyond: 503
  },
  "maxReceivingBytes, of strangers": {
    limit: Limits.maxReceivingBytes / 2,
    outcome: (_, size) => read(spaces(Limits.uncountedBytes + 10), { receivingBytes: size - 10 }, false),
    within: 200,
    beyond: 503
  },
  maxHeldBytes: {
    limit: Limits.maxHeldBytes,
    outcome: (_, size) => read(Zlib.gzipSync(spaces(Limits.uncountedBytes + 100)), { heldBytes: size - 100 }),
    within: 200,
    beyond: 503
  },
  maxErasureSessions: {
    limit: Limits.maxErasureSessions,
    outcome: (client, size) =>
      statusOf(client.request("/v1/events/erasure", {
        method: "POST",
        body: JSON.stringify({ requestId: uuid4(), sessionIds: Array.from({ length: size }, uuid4) }),
        headers: { "x-api-key": client.keys.ingest, "content-type": "application/json" }
      })),
    within: 202,
    beyond: 413
  },
  maxHeaderBytes: {
    // The parser counts the address, names and values, and gives up when they reach the limit.
    limit: Limits.maxHeaderBytes - 1,
    outcome: headed,
    within: 200,
    beyond: 431
  },
  maxRollupRows: {
    limit: Limits.maxRollupRows,
    outcome: (client, size) => Effect.zipRight(filled(client, size), statusOf(client.rollups("interval=hour"))),
    within: 200,
    beyond: 400
  },
  maxWeight: {
    limit: Limits.maxWeight,
    outcome: (client, size) => Effect.map(summed(client, event({ sampleRate: 1 / size })), ({ count }) => count),
    within: Limits.maxWeight,
    beyond: Limits.maxWeight
  },
  maxMetric: {
    limit: Limits.maxMetric,
    outcome: (client, size) => Effect.map(summed(client, query(size)), ({ sum }) => sum ?? "none"),
    within: Limits.maxMetric,
    beyond: "none"
  },
  "maxMetric, downwards": {
    limit: -Limits.maxMetric,
    step: -1,
    outcome: (client, size) => Effect.map(summed(client, query(size)), ({ sum }) => sum ?? "none"),
    within: -Limits.maxMetric,
    beyond: "none"
  },
  maxIdempotencyKeyLength: {
    limit: Limits.maxIdempotencyKeyLength,
    outcome: (client, size) => {
      const batch = many(1)
      const post = client.post(batch, { "idempotency-key": "k".repeat(size) })
      return Effect.map(Effect.zipRight(post, post), ({ body }) => body.duplicates)
    },
    within: 0,
    beyond: 1
  },
  signInsPerMinute: {
    limit: Limits.signInsPerMinute,
    outcome: (client, size) =>
      Effect.map(Effect.replicateEffect(form(client, "key=nope"), size), (statuses) => statuses.at(-1)),
    within: 401,
    beyond: 429
  },
  maxSignInBytes: {
    limit: Limits.maxSignInBytes,
    outcome: (client, size) => form(client, `key=${"k".repeat(size - "key=".length)}`),
    within: 401,
    beyond: 413
  }
}

/** What no client meets at a certain size, and where it is tested. */
const others: ReadonlyArray<string> = [
  // Time and connections: hostile.test.ts among the hard tests, Shutdown.test.ts
  "headersTimeoutMillis",
  "requestTimeoutMillis",
  "connectionsCheckMillis",
  "keepAliveTimeoutMillis",
  "maxConnections",
  "drainMillis",
  // How the work is done: Database.test.ts, Server.test.ts, Retention.test.ts, Rollups.test.ts, Keys.test.ts
  "inflateInPlaceBytes",
  "busyTimeoutMillis",
  "lockedRetryMillis",
  "unavailableRetrySeconds",
  "foldDelayMillis",
  "foldBatches",
  "foldStep",
  "foldGroups",
  "erasureChunk",
  "lastUsedMillis",
  "contextCacheSize",
  "idempotencyMillis",
  "retentionCheckMillis",
  "erasureCheckMillis",
  "dashboardSessionMillis",
  "maxGraceMillis",
  "originsMillis",
  // Compaction.test.ts
  "compactPages",
  // EventExport.test.ts
  "exportSlice",
  // Weeks of subjects: SubjectWeeks.test.ts
  "weekCheckMillis",
  "weekParts",
  "weekSettleMillis",
  "weekStep",
  "weekSubjects",
  // Alerts: Alerts.test.ts, AlertRules.test.ts
  "alertCheckMillis",
  "webhookCheckMillis",
  "alertSettleMillis",
  "alertLeastEvents",
  "alertErrorGroups",
  "maxAlertRules",
  "alertNames",
  "webhookTimeoutMillis",
  "webhookLeaseMillis",
  "webhookRetryMillis",
  "webhookLongestRetryMillis",
  "webhookGiveUpMillis",
  // Postgres and replicas: Postgres.test.ts, replicas.test.ts
  "databaseConnections",
  "databaseAnswerMillis",
  "databaseConnectMillis",
  "clusterShards",
  "clusterExpiryMillis",
  "clusterRefreshMillis",
  "clusterLookMillis",
  "clusterConnections",
  "walPages",
  // Tests of their own: test/collector/Grouped.test.ts, and Gate.test.ts.
  "groupEvents",
  "groupRequests",
  "parsedBytes",
  "unwatchedBytes"
]

describe("limits of the collector", () => {
  it.scopedLive.each(Object.entries(rows))("%s: at the limit, and one past it", ([, row]) =>
    Effect.gen(function*() {
      const outcome = (size: number) =>
        Effect.flatMap(collector({ limits: row.limits ?? {} }), (client) => row.outcome(client, size))
      assert.deepStrictEqual(yield* outcome(row.limit), row.within)
      assert.deepStrictEqual(yield* outcome(row.limit + (row.step ?? 1)), row.beyond)
    }))

  it("are all in the table, or no client's to meet", () => {
    const tested = new Set(Object.keys(rows).map((name) => name.split(",")[0]))
    const known = Object.keys({ ...Limits, ...Limits.defaults }).filter((name) =>
      name !== "defaults" && name !== "CollectorLimits"
    )
    assert.deepStrictEqual(known.filter((name) => !tested.has(name)).sort(), [...others].sort())
  })
})
