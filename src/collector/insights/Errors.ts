/**
 * Error groups of a range, with what is known of them over all time.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Dialect from "../Dialect.js"
import type { ErrorGroup, Scope } from "../Insights.js"
import * as Period from "../Period.js"
import type { Session } from "../Transaction.js"
import * as Range from "./Range.js"
import * as Totals from "./Totals.js"

const statements = Dialect.statements((d) => ({
  // A list a series: a row a period costs many times as much.
  trend: `SELECT x.series AS series, ${d.list("x.start", "x.start")} AS starts, ${
    d.list("x.count", "x.start")
  } AS counts
    FROM ${d.each} ${
    d.lookup("rollup", "x.series = CAST(j.value->>0 AS BIGINT) AND x.grain = ? AND x.start >= ? AND x.start < ?")
  } GROUP BY x.series`,
  details: `SELECT ${d.position} AS position, g.type AS type, g.severity AS severity, g.category AS category,
      g.message AS message, g.first_at AS first_at, g.first_version AS first_version, g.last_at AS last_at
    FROM ${d.each} JOIN error_groups g ON g.app = j.value->>0 AND g.fingerprint = j.value->>1`
}))

/**
 * @since 0.1.0
 * @category combinators
 */
export const groups = Effect.fnUntraced(function*(
  session: Session,
  scope: Scope,
  limit: number
): Effect.fn.Return<ReadonlyArray<ErrorGroup>, SqlError> {
  const texts = statements(session.dialect)
  const range = Range.of(scope)
  const facet = { type: "error_occurred", facet: "fingerprint" }
  const all = scope.app === undefined
    ? yield* Totals.valuesOfEachApp(session, range, facet)
    : yield* Totals.values(session, range, { ...facet, app: scope.app })
  const totals = all.slice(0, limit)
  const series = totals.map((total) => total.series)
  const active = yield* Totals.uniques(session, range, totals, facet.facet)
  const starts = Period.starts(scope.interval, range.from, range.to)
  const places = new Map(starts.map((start, place) => [start, place]))
  const trends = new Map(series.map((id) => [id, starts.map(() => 0)]))
  const list = JSON.stringify(series.map((id) => [id]))
  for (const row of yield* session.rows(texts.trend, [list, Period.grains[scope.interval], range.from, range.to])) {
    const trend = trends.get(Number(row.series))!
    const counts = Dialect.numbersOf(row.counts)
    Dialect.numbersOf(row.starts).forEach((start, i) => {
      trend[places.get(start)!] = counts[i]!
    })
  }
  const names = JSON.stringify(totals.map(({ app, value }) => [app, value]))
  const found: Array<ErrorGroup> = []
  for (const row of yield* session.rows(texts.details, [names])) {
    const total = totals[Number(row.position)]!
    found[Number(row.position)] = {
      fingerprint: total.value,
      app: total.app,
      errorType: row.type,
      message: row.message,
      severity: row.severity,
      category: row.category,
      count: total.count,
      ...(active.get(total.series) ?? Totals.nobody),
      firstSeen: Number(row.first_at),
      lastSeen: Number(row.last_at),
      firstVersion: row.first_version,
      trend: trends.get(total.series) ?? []
    }
  }
  return found.filter((group) => group !== undefined)
})
