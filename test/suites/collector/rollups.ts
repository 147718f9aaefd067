import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { Rollups } from "../../../src/collector/Rollups.js"
import * as Histogram from "../../../src/domain/Histogram.js"
import { type Backend, collectorOn, event, query, startOn, uuid4, uuid7 } from "../../collector/support.js"

const day = 86_400_000
const today = Date.UTC(2026, 10, 18)

const sessions = Array.from({ length: 4 }, uuid4)
const installations = Array.from({ length: 3 }, uuid4)

interface Sent {
  readonly app: { readonly name: string }
  readonly id: string
  readonly sessionId: string
  readonly installationId?: string
  readonly eventType: string
  readonly eventData: { readonly [key: string]: unknown }
  readonly timestamp: number
  readonly sampleRate: number
  readonly suppressed?: number
}

const arbitraryEvent = fc.record({
  session: fc.constantFrom(...sessions),
  installation: fc.option(fc.constantFrom(...installations), { nil: undefined }),
  app: fc.constantFrom("ax", "other"),
  kind: fc.constantFrom("query_performed", "feature_used", "own_type"),
  hours: fc.integer({ min: 0, max: 24 * 70 }),
  sampleRate: fc.constantFrom(1, 0.5, 0.25),
  suppressed: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
  // JSON has no negative zero.
  duration: fc.double({ min: 0, max: 5_000, noNaN: true }).map((value) => value + 0),
  word: fc.constantFrom("symbol", "text")
}).map(({ app, duration, hours, installation, kind, sampleRate, session, suppressed, word }): Sent => ({
  ...event({
    id: uuid7(today - hours * 3_600_000),
    sessionId: session,
    app: { name: app, version: "1.0.0" },
    ...(installation === undefined ? {} : { installationId: installation }),
    eventType: kind,
    eventData: kind === "query_performed"
      ? { queryType: word, query: "q", resultCount: 1, duration, cached: true }
      : { featureName: word, enabled: true },
    timestamp: today - hours * 3_600_000,
    sampleRate,
    ...(suppressed === undefined ? {} : { suppressed })
  }) as Record<string, unknown> & Sent
}))

const bucketOf = (time: number, interval: string): string => {
  const date = new Date(time)
  switch (interval) {
    case "hour":
      date.setUTCMinutes(0, 0, 0)
      break
    case "week":
      date.setUTCHours(0, 0, 0, 0)
      date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7))
      break
    case "month":
      date.setUTCHours(0, 0, 0, 0)
      date.setUTCDate(1)
      break
    default:
      date.setUTCHours(0, 0, 0, 0)
  }
  return date.toISOString().replace(".000Z", "Z")
}

/** The same answer from the events themselves. */
const recount = (events: ReadonlyArray<Sent>, interval: string, byDimension: boolean) => {
  const groups = new Map<string, Array<Sent>>()
  for (const sent of new Map(events.map((sent) => [sent.id, sent])).values()) {
    const dimension = sent.eventData[sent.eventType === "query_performed" ? "queryType" : "featureName"]
    const key = JSON.stringify([
      bucketOf(sent.timestamp, interval),
      sent.eventType,
      ...(byDimension ? [sent.eventType === "own_type" ? "" : dimension] : [])
    ])
    groups.set(key, [...groups.get(key) ?? [], sent])
  }
  return [...groups].map(([key, group]) => {
    const [bucket, eventType, dimension] = JSON.parse(key)
    const histogram = Histogram.unsafeMake()
    const measured = group.filter((sent) => sent.eventType === "query_performed")
    for (const sent of measured) Histogram.unsafeAdd(histogram, Number(sent.eventData["duration"]), 1 / sent.sampleRate)
    const values = measured.map((sent) => Number(sent.eventData["duration"]))
    const quantile = (q: number) =>
      Math.min(Math.max(Histogram.quantile(histogram, q) ?? 0, Math.min(...values)), Math.max(...values))
    return {
      bucket,
      eventType,
      ...(byDimension ? { dimension } : {}),
      count: group.reduce((sum, sent) => sum + (1 + (sent.suppressed ?? 0)) / sent.sampleRate, 0),
      // Of an application: the same two in another are others.
      sessions: new Set(group.map(({ app, sessionId }) => `${app.name} ${sessionId}`)).size,
      installations: new Set(group.flatMap(({ app, installationId: id }) =>
        id === undefined ? [] : [`${app.name} ${id}`]
      )).size,
      ...(measured.length === 0 ? {} : {
        sum: Math.round(
          measured.reduce((sum, sent) => sum + Number(sent.eventData["duration"]) / sent.sampleRate, 0) * 1e3
        ),
        min: Math.min(...values),
        max: Math.max(...values),
        p50: quantile(0.5),
        p95: quantile(0.95),
        p99: quantile(0.99)
      })
    }
  }).sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
}

const comparable = (rows: ReadonlyArray<{ readonly sum?: number }>) =>
  rows.map((row) => row.sum === undefined ? row : { ...row, sum: Math.round(row.sum * 1e3) })
    .sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

/** Rollups, on any database. */
export const rollups = (backend: Backend) => {
  const collector = collectorOn(backend)

  describe(`${backend.name}: rollups`, () => {
    it.scopedLive(
      "equal a recount from the events, whatever came in what order, how often, folded or not",
      () =>
        Effect.gen(function*() {
          yield* Effect.promise(() =>
            fc.assert(
              fc.asyncProperty(
                fc.array(fc.array(arbitraryEvent, { minLength: 1, maxLength: 15 }), { minLength: 1, maxLength: 4 }),
                fc.array(fc.nat(3), { maxLength: 3 }),
                fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
                fc.boolean(),
                (batches, again, folds, isTogether) =>
                  Effect.runPromise(Effect.scoped(Effect.gen(function*() {
                    const client = yield* collector()
                    const rollups = yield* client.use(Rollups)
                    const order = [...batches, ...again.flatMap((i) => batches[i] === undefined ? [] : [batches[i]])]
                    yield* Effect.forEach(order, (batch, i) =>
                      Effect.zipRight(
                        Effect.map(client.post(batch), ({ body }) => assert.strictEqual(body.rejected, 0)),
                        folds[i] === true ? rollups.fold : Effect.void
                      ), { concurrency: isTogether ? "unbounded" : 1 })
                    const sent = batches.flat()
                    for (const interval of ["hour", "day", "week", "month"]) {
                      for (const byDimension of [false, true]) {
                        for (const app of [undefined, "other"]) {
                          const { body } = yield* client.rollups(
                            `interval=${interval}${byDimension ? "&dimension=*" : ""}${app ? `&app=${app}` : ""}`
                          )
                          const of = app === undefined ? sent : sent.filter((one) => one.app.name === app)
                          assert.deepStrictEqual(comparable(body.rows), recount(of, interval, byDimension))
                        }
                      }
                    }
                  })))
              ),
              { numRuns: backend.name === "SQLite" ? 12 : 4 }
            )
          )
        }),
      60_000
    )

    it.scopedLive("put a late event into the hour it was captured in", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        yield* client.post([query(10, { timestamp: today }), query(10, { timestamp: today - 300 * day })])
        const { body } = yield* client.rollups("interval=day")
        assert.deepStrictEqual(body.rows.map((row: { bucket: string }) => row.bucket), [
          "2026-01-22T00:00:00Z",
          "2026-11-18T00:00:00Z"
        ])
      }))

    it.scopedLive("are exact after a restart between a batch and its folding", () =>
      Effect.gen(function*() {
        const database = yield* backend.empty
        yield* Effect.scoped(Effect.flatMap(startOn(backend, database), (client) => client.post([query(1), query(2)])))
        const client = yield* startOn(backend, database)
        yield* client.post([query(3)])
        const { body } = yield* client.rollups("interval=month")
        assert.deepStrictEqual([body.rows[0].count, body.rows[0].sum, body.rows[0].max], [3, 6, 3])
      }))

    it.scopedLive("give percentiles within two in a hundred", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        yield* client.post(Array.from({ length: 1000 }, (_, i) => query(i + 1, { timestamp: today })))
        const { body: { rows: [row] } } = yield* client.rollups("interval=day&eventType=query_performed")
        for (const [name, value] of [["p50", 500], ["p95", 950], ["p99", 990]] as const) {
          assert.isBelow(Math.abs(row[name] - value) / value, 0.02)
        }
      }))

    it.scopedLive("can be asked for a time, a type, an application, a dimension, a metric", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const metric = (metricName: string, value: number) =>
          event({ eventType: "performance_measured", eventData: { metricName, value, unit: "ms" }, timestamp: today })
        yield* client.post([
          query(5, { timestamp: today }),
          query(7, { timestamp: today - day }),
          query(9, { timestamp: today, app: { name: "other", version: "1" } }),
          event({ timestamp: today }),
          metric("index", 10),
          metric("parse", 20)
        ])
        const ask = (params: string) =>
          Effect.map(
            client.rollups(`interval=day&${params}`),
            ({ body }) =>
              body.rows.map((
                row: { eventType: string; dimension?: string; count: number; sum?: number }
              ) => [row.eventType, row.dimension, row.count, row.sum])
          )
        assert.deepStrictEqual(yield* ask(`from=${today}&eventType=query_performed`), [[
          "query_performed",
          undefined,
          2,
          14
        ]])
        assert.deepStrictEqual(yield* ask("to=2026-11-18T00:00:00Z"), [["query_performed", undefined, 1, 7]])
        assert.deepStrictEqual(yield* ask("app=other"), [["query_performed", undefined, 1, 9]])
        assert.deepStrictEqual(yield* ask("dimension=metricName"), [
          ["performance_measured", "index", 1, 10],
          ["performance_measured", "parse", 1, 20]
        ])
        assert.deepStrictEqual(yield* ask("dimension=parse"), [["performance_measured", undefined, 1, 20]])
        assert.deepStrictEqual(yield* ask("metric=index"), [["performance_measured", undefined, 1, 10]])
        assert.deepStrictEqual(yield* ask("metric=value"), [["performance_measured", undefined, 2, 30]])
      }))

    it.scopedLive("show a bound key only its application", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        yield* client.post([event(), event({ app: { name: "other", version: "1" } })])
        const { Keys } = yield* Effect.promise(() => import("../../../src/collector/Keys.js"))
        const { key } = yield* Effect.orDie(
          client.use(Effect.flatMap(Keys, (keys) => keys.create({ role: "read", app: "ax" })))
        )
        assert.strictEqual((yield* client.rollups("interval=day", key)).body.rows[0].count, 1)
        assert.strictEqual((yield* client.rollups("interval=day&app=other", key)).status, 403)
      }))
  })
}
