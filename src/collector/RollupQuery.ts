/**
 * Answers from the hourly rows: counts, exact uniques, percentiles. It never looks at raw events.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Histogram from "../domain/Histogram.js"
import type * as Dialect from "./Dialect.js"
import type { EventType } from "./EventTypes.js"
import * as Limits from "./Limits.js"
import { kinds } from "./RollupFold.js"
import type { Session } from "./Transaction.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Interval = "hour" | "day" | "week" | "month"

/**
 * @since 0.1.0
 * @category models
 */
export interface Query {
  readonly interval: Interval
  /** Milliseconds since the epoch, inclusive, to the hour. */
  readonly from?: number | undefined
  /** Exclusive, to the hour. */
  readonly to?: number | undefined
  readonly app?: string | undefined
  readonly eventType?: string | undefined
  /** The name of the type's dimension, or `*`: a row for each of its values. Any other text: only that value. */
  readonly dimension?: string | undefined
  /** The name of a metric field (only types measured by it), or a value of `metricName`. */
  readonly metric?: string | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Row {
  /** The start of the bucket, ISO 8601, UTC. */
  readonly bucket: string
  readonly eventType: string
  readonly dimension?: string
  /** Scaled back from sampling and throttling. */
  readonly count: number
  readonly sessions: number
  readonly installations: number
  readonly sum?: number
  readonly min?: number
  readonly max?: number
  readonly p50?: number
  readonly p95?: number
  readonly p99?: number
}

const hour = 3_600_000

/** 1970-01-01 was a Thursday; weeks begin on Monday. */
const bucketExpressions: Readonly<Record<Interval, (dialect: Dialect.Dialect) => string>> = {
  hour: () => "x.hour",
  day: () => "x.hour - x.hour % 86400000",
  week: () => "x.hour - (x.hour + 259200000) % 604800000",
  month: (d) => d.month("x.hour")
}

interface Where {
  readonly text: string
  readonly params: ReadonlyArray<unknown>
  readonly byDimension: boolean
}

const listOf = (names: ReadonlyArray<string>): string => JSON.stringify(names.map((name) => [name]))

const where = (d: Dialect.Dialect, query: Query, types: ReadonlyMap<string, EventType>): Where => {
  const conditions: Array<string> = []
  const params: Array<unknown> = []
  const and = (condition: string, ...values: ReadonlyArray<unknown>) => {
    conditions.push(condition)
    params.push(...values)
  }
  if (query.from !== undefined) and("x.hour >= ?", query.from - query.from % hour)
  if (query.to !== undefined) and("x.hour < ?", query.to)
  if (query.app !== undefined) and("s.app = ?", query.app)
  if (query.eventType !== undefined) and("s.type = ?", query.eventType)
  const names = new Set([...types.values()].flatMap(({ dimension }) => dimension === null ? [] : [dimension]))
  const byDimension = query.dimension !== undefined && (query.dimension === "*" || names.has(query.dimension))
  if (byDimension && query.dimension !== "*") {
    const of = [...types].flatMap(([type, { dimension }]) => dimension === query.dimension ? [type] : [])
    and(`s.type IN (SELECT j.value->>0 FROM ${d.each})`, listOf(of))
  }
  if (query.dimension !== undefined && !byDimension) and("s.dimension = ?", query.dimension)
  if (query.metric !== undefined) {
    const measured = [...types].flatMap(([type, { metric }]) => metric === query.metric ? [type] : [])
    const named = [...types].flatMap(([type, { dimension }]) => dimension === "metricName" ? [type] : [])
    and(
      `(s.type IN (SELECT j.value->>0 FROM ${d.each}) OR
        (s.type IN (SELECT j.value->>0 FROM ${d.each}) AND s.dimension = ?))`,
      listOf(measured),
      listOf(named),
      query.metric
    )
  }
  return { text: conditions.length === 0 ? "true" : conditions.join(" AND "), params, byDimension }
}

/** The order in which columns are grouped is that of the answer. */
const select = (
  d: Dialect.Dialect,
  table: string,
  columns: string,
  query: Query,
  { byDimension, text }: Where,
  by = ""
): string =>
  `SELECT ${bucketExpressions[query.interval](d)} AS start, s.type AS type, ${
    byDimension ? "s.dimension" : "''"
  } AS dimension, ${columns}
   FROM rollup_series s JOIN ${table} x ON x.series = s.id WHERE ${text}
   GROUP BY 1, 2, 3${by}`

const keyOf = (row: { readonly start: number; readonly type: string; readonly dimension: string }): string =>
  JSON.stringify([row.start, row.type, row.dimension])

/** Sums of 1 / rate are not always whole numbers; nobody counts in billionths of an event. */
const round = (value: number): number => Math.round(value * 1e6) / 1e6

/**
 * More rows than `Limits.maxRollupRows`: null.
 *
 * @since 0.1.0
 * @category combinators
 */
export const run = Effect.fnUntraced(function*(
  session: Session,
  query: Query,
  types: ReadonlyMap<string, EventType>
): Effect.fn.Return<ReadonlyArray<Row> | null, SqlError> {
  const d = session.dialect
  const scope = where(d, query, types)
  const read = (text: string) => session.rows(d.text(text), scope.params)
  const totals = yield* read(
    select(
      d,
      "rollup_hourly",
      "sum(x.count) AS count, sum(x.sum) AS sum, min(x.min) AS min, max(x.max) AS max",
      query,
      scope
    ) +
      ` ORDER BY 1, 2, 3 LIMIT ${Limits.maxRollupRows + 1}`
  )
  if (totals.length > Limits.maxRollupRows) return null
  const uniques = new Map<string, { sessions: number; installations: number }>()
  for (
    const row of yield* read(
      select(d, "rollup_unique", "x.kind AS kind, count(DISTINCT x.subject) AS n", query, scope, ", x.kind")
    )
  ) {
    const key = keyOf(row)
    const entry = uniques.get(key) ?? { sessions: 0, installations: 0 }
    entry[row.kind === kinds.session ? "sessions" : "installations"] = Number(row.n)
    uniques.set(key, entry)
  }
  const histograms = new Map<string, Array<readonly [number, number]>>()
  for (
    const row of yield* read(
      select(d, "rollup_histogram", "x.bucket AS bucket, sum(x.count) AS n", query, scope, ", x.bucket")
    )
  ) {
    const key = keyOf(row)
    const buckets = histograms.get(key)
    if (buckets === undefined) histograms.set(key, [[row.bucket, row.n]])
    else buckets.push([row.bucket, row.n])
  }
  return totals.map((row): Row => {
    const key = keyOf(row)
    const { installations, sessions } = uniques.get(key) ?? { sessions: 0, installations: 0 }
    const histogram = Histogram.fromPairs(histograms.get(key) ?? [])
    // A bucket's middle may lie outside of what was seen: the true extremes are known.
    const quantile = (q: number) => Math.min(Math.max(Histogram.quantile(histogram, q) ?? 0, row.min), row.max)
    return {
      bucket: new Date(Number(row.start)).toISOString().replace(".000Z", "Z"),
      eventType: row.type,
      ...(scope.byDimension ? { dimension: row.dimension } : {}),
      count: round(row.count),
      sessions,
      installations,
      ...(row.sum === null ? {} : {
        sum: round(row.sum),
        min: row.min,
        max: row.max,
        p50: quantile(0.5),
        p95: quantile(0.95),
        p99: quantile(0.99)
      })
    }
  })
})
