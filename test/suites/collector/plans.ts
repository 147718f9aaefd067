import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { EventTypes } from "../../../src/collector/EventTypes.js"
import type { Scope } from "../../../src/collector/Insights.js"
import * as InsightsSql from "../../../src/collector/insights/InsightsSql.js"
import * as RollupFold from "../../../src/collector/RollupFold.js"
import * as RollupQuery from "../../../src/collector/RollupQuery.js"
import * as Transaction from "../../../src/collector/Transaction.js"
import { type Asked, explained, faults, recorded } from "../../collector/plans.js"
import { type Backend, collectorOn, event, query } from "../../collector/support.js"

const day = 86_400_000

/** How what is asked is answered, on any database. */
export const plans = (backend: Backend) => {
  const collector = collectorOn(backend)

  describe(`${backend.name}: plans`, () => {
    it.scopedLive("no insight and no rollup query names the raw events or goes through all of a table that grows", () =>
      Effect.gen(function*() {
        const client = yield* collector()
        const error = {
          errorType: "TypeError",
          message: "m",
          fatal: false,
          fingerprint: "f",
          severity: "ERROR",
          category: "unknown",
          count: 1
        }
        yield* client.post([event(), query(5), event({ eventType: "error_occurred", eventData: error })])
        const now = Date.now()
        const days: Scope = { from: now - 400 * day, to: now + day, interval: "day" }
        const hours: Scope = { ...days, from: now - 5 * 3_600_000, interval: "hour", app: "ax" }
        const asked: Array<Asked> = []
        const watched = Context.add(
          client.context,
          SqlClient.SqlClient,
          recorded(Context.get(client.context, SqlClient.SqlClient), asked)
        )
        const insights = yield* Effect.provide(InsightsSql.make, watched)
        const feature = { eventType: "feature_used" }
        yield* insights.apps
        for (const scope of [days, hours, { ...days, version: "1.0.0" }]) {
          yield* Effect.all([
            insights.releases(scope),
            insights.volume(scope),
            insights.active(scope),
            insights.activeInAll(scope),
            insights.facet(scope, "version"),
            insights.facet(scope, "os"),
            insights.dimensions(scope, "query_performed"),
            insights.latency(scope, { eventType: "query_performed", dimension: "symbol" }),
            insights.errorGroups(scope, 10),
            insights.conversations(scope),
            insights.suggestions(scope),
            insights.vitals(scope),
            insights.ingest(scope),
            insights.losses(scope),
            insights.funnel(scope, [feature, { eventType: "query_performed", dimension: "symbol" }, feature]),
            insights.retention(scope)
          ])
        }
        const types = yield* EventTypes
        const sql = Context.get(watched, SqlClient.SqlClient)
        for (
          const more of [{}, { eventType: "feature_used" }, { dimension: "*" }, { metric: "duration" }, { app: "ax" }]
        ) {
          yield* Transaction.read(
            sql,
            (session) =>
              RollupQuery.run(session, { interval: "day", from: now - 400 * day, to: now + day, ...more }, types)
          )
        }
        const { found, statements } = yield* client.use(faults(asked))
        assert.deepStrictEqual(found, [])
        assert.isAbove(statements, 15)
        const careless = [{ text: "SELECT sum(x.count) AS n FROM rollup x WHERE x.count > 1", params: [] }]
        assert.lengthOf((yield* client.use(faults(careless))).found, 1)
      }).pipe(Effect.orDie))

    it.scopedLive.each(
      [
        ["a long time of many series", 200_000, "1000 + i % 50, 20000 + i % 300"],
        ["one day of a few", 33_000, "1 + i % 8, 20000"]
      ] as const
    )(
      "a fold looks for the days of a subject by their key, though no statistics are there yet: %s",
      ([, rows, of]) =>
        Effect.gen(function*() {
          const client = yield* collector()
          const asked: Array<Asked> = []
          yield* client.use(
            Effect.flatMap(
              SqlClient.SqlClient,
              (sql) =>
                sql.unsafe(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
            INSERT INTO subject_day (subject, at, series, day, hours, kind)
            SELECT 1000 + (i * 7919) % 200003, 0, ${of}, 1, 0 FROM n`)
            )
          )
          yield* client.post([event(), query(5)])
          const sql = recorded(Context.get(client.context, SqlClient.SqlClient), asked)
          assert.strictEqual(yield* Transaction.write(sql, (session) => RollupFold.fold(session)), 1)
          const plans = (yield* client.use(explained(asked))).filter(({ text }) => text.includes("subject_day"))
          assert.isAbove(plans.length, 0)
          for (const { plan, text } of plans) {
            assert.match(
              plan,
              /subject_day_pkey|USING PRIMARY KEY/,
              `${text}\n${plan}`
            )
            assert.notMatch(plan, /subject_day_day/, `${text}\n${plan}`)
          }
        }).pipe(Effect.orDie)
    )
  })
}
