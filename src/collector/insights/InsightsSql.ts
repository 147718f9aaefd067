/**
 * The answers of {@link Insights}, from the rollups of either database. What waits to be folded is folded first.
 *
 * @since 0.1.0
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Insights, type Scope, type Service } from "../Insights.js"
import * as Period from "../Period.js"
import * as RollupHistogram from "../RollupHistogram.js"
import { Rollups } from "../Rollups.js"
import * as RollupSeries from "../RollupSeries.js"
import * as Transaction from "../Transaction.js"
import * as Verdict from "../Verdict.js"
import * as Assistant from "./Assistant.js"
import * as Errors from "./Errors.js"
import * as Journeys from "./Journeys.js"
import * as Range from "./Range.js"
import * as Totals from "./Totals.js"

/** Rows of series by period; `condition` is about the series. */
const byPeriod = (
  session: Transaction.Session,
  scope: Scope,
  columns: string,
  condition: string,
  params: ReadonlyArray<unknown>
) => {
  const { from, to } = Range.of(scope)
  return session.rows(
    session.dialect.text(
      `SELECT x.start AS start, ${columns} FROM series s JOIN rollup x ON x.series = s.id
       WHERE s.app = ? AND ${condition} AND x.grain = ? AND x.start >= ? AND x.start < ? ORDER BY x.start`
    ),
    [scope.app ?? "", ...params, Period.grains[scope.interval], from, to]
  )
}

const volume = (session: Transaction.Session, scope: Scope) =>
  Effect.map(
    byPeriod(
      session,
      scope,
      "s.type AS type, x.count AS count, x.errors AS errors",
      "s.type <> '' AND s.facet = ? AND s.value = ?",
      Range.versionOf(scope)
    ),
    (rows) =>
      rows.map((row) => ({
        bucket: Number(row.start),
        eventType: String(row.type),
        count: Number(row.count),
        errors: Number(row.errors)
      }))
  )

const active = (session: Transaction.Session, scope: Scope) =>
  Effect.map(
    byPeriod(
      session,
      scope,
      "x.sessions AS sessions, x.installations AS installations",
      "s.type = '' AND s.facet = ? AND s.value = ?",
      Range.versionOf(scope)
    ),
    (rows) =>
      rows.map((row) => ({
        bucket: Number(row.start),
        sessions: Number(row.sessions),
        installations: Number(row.installations)
      }))
  )

const activeInAll = Effect.fnUntraced(function*(session: Transaction.Session, scope: Scope) {
  const range = Range.of(scope)
  const [facet, value] = Range.versionOf(scope)
  const totals = yield* Totals.values(session, range, { app: scope.app, type: "", facet })
  const total = totals.find((one) => one.value === value)
  if (total === undefined) return Totals.nobody
  return (yield* Totals.uniques(session, range, [total], facet)).get(total.series) ?? Totals.nobody
})

const shares = Effect.fnUntraced(function*(session: Transaction.Session, scope: Scope, type: string, facet: string) {
  const range = Range.of(scope)
  const totals = yield* Totals.values(session, range, { app: scope.app, type, facet })
  const uniques = yield* Totals.uniques(session, range, totals, facet)
  return totals.map((total) => ({ total, ...(uniques.get(total.series) ?? Totals.nobody) }))
})

const dimensions = Effect.fnUntraced(function*(session: Transaction.Session, scope: Scope, type: string) {
  const found = yield* shares(session, scope, type, RollupSeries.dimension)
  const measured = found.flatMap(({ total }) => total.sum === null ? [] : [total.series])
  const histograms = yield* Totals.histograms(session, Range.of(scope), measured)
  return found.map(({ installations, sessions, total: { count, errors, max, min, series, value } }) => {
    const quantile = RollupHistogram.percentiles(histograms.get(series), { min, max })
    return {
      value,
      count,
      errors,
      sessions,
      installations,
      p50: quantile(0.5),
      p75: quantile(0.75),
      p95: quantile(0.95),
      p99: quantile(0.99)
    }
  })
})

const latency = Effect.fnUntraced(function*(
  session: Transaction.Session,
  scope: Scope,
  { dimension, eventType }: { readonly eventType: string; readonly dimension?: string | undefined }
) {
  const [facet, value] = dimension === undefined ? Range.versionOf(scope) : [RollupSeries.dimension, dimension]
  const { from, to } = Range.of(scope)
  const params = [eventType, facet, value]
  const of = "s.type = ? AND s.facet = ? AND s.value = ?"
  const rows = yield* session.rows(
    session.dialect.text(
      `SELECT x.start AS start, x.buckets AS buckets FROM series s JOIN histogram x ON x.series = s.id
       WHERE s.app = ? AND ${of} AND x.grain = ? AND x.start >= ? AND x.start < ?`
    ),
    [scope.app ?? "", ...params, Period.grains[scope.interval], from, to]
  )
  const histograms = new Map(rows.map(({ buckets, start }) => [Number(start), String(buckets)]))
  const totals = yield* byPeriod(
    session,
    scope,
    "x.count AS count, x.errors AS errors, x.min AS min, x.max AS max",
    of,
    params
  )
  return totals.map(({ count, errors, max, min, start }) => {
    const text = histograms.get(Number(start))
    const quantile = RollupHistogram.percentiles(text === undefined ? undefined : RollupHistogram.decode(text), {
      min,
      max
    })
    return {
      bucket: Number(start),
      count: Number(count),
      errors: Number(errors),
      p50: quantile(0.5),
      p95: quantile(0.95),
      p99: quantile(0.99)
    }
  })
})

/** Rows of what was received in the range; without an application, of all. */
const received = (session: Transaction.Session, scope: Scope, columns: string, rest: string) => {
  const { from, to } = Range.of(scope)
  const ofApp = scope.app === undefined ? "" : " AND app = ?"
  return session.rows(
    session.dialect.text(
      `SELECT ${columns}, CAST(sum(count) AS DOUBLE PRECISION) AS n FROM received
       WHERE hour >= ? AND hour < ?${ofApp} ${rest}`
    ),
    [from, to, ...(scope.app === undefined ? [] : [scope.app])]
  )
}

const ingest = Effect.fnUntraced(function*(session: Transaction.Session, scope: Scope) {
  const buckets = new Map<number, { bucket: number; accepted: number; duplicates: number; rejected: number }>()
  for (const row of yield* received(session, scope, "hour, kind", "GROUP BY hour, kind ORDER BY hour")) {
    const bucket = Period.startOf(scope.interval, Number(row.hour))
    const one = buckets.get(bucket) ?? { bucket, accepted: 0, duplicates: 0, rejected: 0 }
    const kind = String(row.kind)
    one[kind === "accepted" || kind === "duplicates" ? kind : "rejected"] += Number(row.n)
    buckets.set(bucket, one)
  }
  return [...buckets.values()]
})

const refusedFor: Readonly<Record<Verdict.Code, string>> = {
  envelope: "not a valid event",
  data: "data not valid for the type",
  too_large: "data too large",
  too_deep: "data nested too deeply",
  control_characters: "control characters in a name",
  foreign_app: "of another application than the key",
  too_old: "too old to be kept"
}

const refusals = Effect.fnUntraced(function*(session: Transaction.Session, scope: Scope) {
  const rows = yield* received(session, scope, "kind", "AND kind LIKE 'rejected%' GROUP BY kind")
  const counts = new Map(rows.map(({ kind, n }) => [String(kind), Number(n)]))
  return Verdict.codes
    .map((code) => ({ reason: refusedFor[code], count: counts.get(`rejected:${code}`) ?? 0 }))
    .sort((a, b) => b.count - a.count)
})

const losses = Effect.fnUntraced(function*(session: Transaction.Session, scope: Scope) {
  const refused = yield* refusals(session, scope)
  const [dropped] = yield* Totals.values(session, Range.of(scope), {
    app: scope.app,
    type: "submission_health",
    facet: "dropped"
  })
  return [
    ...refused.map((one) => ({ where: "collector" as const, ...one })),
    { where: "program" as const, reason: "dropped before sending", count: dropped?.sum ?? 0 }
  ].filter(({ count }) => count > 0)
})

const releases = (session: Transaction.Session, scope: Scope) => {
  const { from, to } = Range.of(scope)
  return Effect.map(
    session.rows(
      session.dialect.text(
        `SELECT app, version, first_at FROM releases
         WHERE version <> '' AND first_at >= ? AND first_at < ? ORDER BY first_at, app, version`
      ),
      [from, to]
    ),
    (rows) =>
      rows.flatMap((row) =>
        scope.app === undefined || scope.app === row.app
          ? [{ app: String(row.app), version: String(row.version), firstSeen: Number(row.first_at) }]
          : []
      )
  )
}

const versions = (session: Transaction.Session, scope: Scope) => {
  const of = { type: "", facet: RollupSeries.version }
  const range = Range.of(scope)
  return Effect.map(
    scope.app === undefined
      ? Totals.valuesOfEachApp(session, range, of)
      : Totals.values(session, range, { ...of, app: scope.app }),
    (totals) => totals.map(({ app, count, errors, value }) => ({ app, version: value, count, errors }))
  )
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient | Rollups> = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const rollups = yield* Rollups
  const read = <A>(use: (session: Transaction.Session) => Effect.Effect<A, SqlError>): Effect.Effect<A, SqlError> =>
    Effect.zipRight(rollups.fold, Transaction.read(sql, use))
  return Insights.of({
    apps: read(Totals.apps),
    releases: (scope) => read((session) => releases(session, scope)),
    versions: (scope) => read((session) => versions(session, scope)),
    volume: (scope) => read((session) => volume(session, scope)),
    active: (scope) => read((session) => active(session, scope)),
    activeInAll: (scope) => read((session) => activeInAll(session, scope)),
    facet: (scope, facet) =>
      read((session) =>
        Effect.map(
          shares(session, scope, facet === "version" ? "" : "environment", facet),
          (found) =>
            found.map(({ installations, sessions, total: { count, errors, value } }) => ({
              value,
              count,
              errors,
              sessions,
              installations
            }))
        )
      ),
    dimensions: (scope, eventType) => read((session) => dimensions(session, scope, eventType)),
    latency: (scope, of) => read((session) => latency(session, scope, of)),
    errorGroups: (scope, limit) => read((session) => Errors.groups(session, scope, limit)),
    conversations: (scope) => read((session) => Assistant.conversations(session, scope)),
    suggestions: (scope) => read((session) => Assistant.suggestions(session, scope)),
    vitals: (scope) => read((session) => Assistant.vitals(session, scope)),
    ingest: (scope) => read((session) => ingest(session, scope)),
    losses: (scope) => read((session) => losses(session, scope)),
    funnel: (scope, steps) => read((session) => Journeys.funnel(session, scope, steps)),
    retention: (scope) => read((session) => Journeys.retention(session, scope))
  })
})

/**
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Insights, never, SqlClient.SqlClient | Rollups> = Layer.effect(Insights, make)
