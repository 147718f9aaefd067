/**
 * Answers `GET /v1/rollups` from the stored rows: counts, exact uniques, percentiles. It never looks at raw events.
 *
 * @since 0.1.0
 */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type * as Dialect from "./Dialect.js"
import type { EventType } from "./EventTypes.js"
import * as Limits from "./Limits.js"
import { grains, type Interval, startOf } from "./Period.js"
import * as RollupHistogram from "./RollupHistogram.js"
import * as RollupSeries from "./RollupSeries.js"
import type { Session } from "./Transaction.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Query {
  readonly interval: Interval
  /** Milliseconds since the epoch, inclusive; taken down to the start of its period. */
  readonly from?: number | undefined
  /** Exclusive; the period that it lies in counts in whole. */
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

interface Where {
  readonly text: string
  readonly params: ReadonlyArray<unknown>
  readonly byDimension: boolean
}

const listOf = (names: ReadonlyArray<string>): string => JSON.stringify(names.map((name) => [name]))

const where = (d: Dialect.Dialect, query: Query, types: ReadonlyMap<string, EventType>): Where => {
  const names = new Set([...types.values()].flatMap(({ dimension }) => dimension === null ? [] : [dimension]))
  const { app, dimension, eventType, interval, metric } = query
  const byDimension = dimension !== undefined && (dimension === "*" || names.has(dimension))
  const named = metric === undefined
    ? []
    : [...types].flatMap(([type, of]) => of.dimension === "metricName" ? [type] : [])
  const measured = metric === undefined ? [] : [...types].flatMap(([type, of]) => of.metric === metric ? [type] : [])
  const byValue = dimension !== undefined && !byDimension
  // Of a type that is broken down by the name of its metrics, one metric is a value of its dimension.
  const isNamed = metric !== undefined && measured.length === 0
  const conditions = ["s.app = ?", "s.facet = ?", "s.type <> ''", "x.grain = ?"]
  const facet = byDimension || byValue || isNamed ? RollupSeries.dimension : ""
  const params: Array<unknown> = [app ?? "", facet, grains[interval]]
  const and = (condition: string, ...values: ReadonlyArray<unknown>) => {
    conditions.push(condition)
    params.push(...values)
  }
  if (query.from !== undefined) and("x.start >= ?", startOf(interval, query.from))
  if (query.to !== undefined) and("x.start < ?", query.to)
  if (eventType !== undefined) and("s.type = ?", eventType)
  if (byDimension && dimension !== "*") {
    const of = [...types].flatMap(([type, known]) => known.dimension === dimension ? [type] : [])
    and(`s.type IN (SELECT j.value->>0 FROM ${d.each})`, listOf(of))
  }
  if (byValue) and("s.value = ?", dimension)
  if (isNamed) and(`s.type IN (SELECT j.value->>0 FROM ${d.each}) AND s.value = ?`, listOf(named), metric)
  else if (metric !== undefined) and(`s.type IN (SELECT j.value->>0 FROM ${d.each})`, listOf(measured))
  return { text: conditions.join(" AND "), params, byDimension }
}

/** Sums of 1 / rate are not always whole numbers; nobody counts in billionths of an event. */
const round = (value: number): number => Math.round(value * 1e6) / 1e6

const isoOf = (start: number): string => new Date(start).toISOString().replace(".000Z", "Z")

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
  const { byDimension, params, text } = where(d, query, types)
  const read = (text: string) => session.rows(d.text(text), params)
  const totals = yield* read(
    `SELECT x.start AS start, s.id AS series, s.type AS type, s.value AS value, x.count AS count, x.sum AS sum,
      x.min AS min, x.max AS max, x.sessions AS sessions, x.installations AS installations
     FROM series s JOIN rollup x ON x.series = s.id WHERE ${text}
     ORDER BY x.start, s.type, s.value LIMIT ${Limits.maxRollupRows + 1}`
  )
  if (totals.length > Limits.maxRollupRows) return null
  const keyOf = (row: { readonly series: unknown; readonly start: unknown }): string => `${row.series} ${row.start}`
  const histograms = new Map<string, string>()
  for (
    const row of yield* read(
      `SELECT x.start AS start, x.series AS series, x.buckets AS buckets
       FROM series s JOIN histogram x ON x.series = s.id WHERE ${text}`
    )
  ) {
    histograms.set(keyOf(row), row.buckets)
  }
  return totals.map((row): Row => {
    const quantile = RollupHistogram.percentiles(RollupHistogram.decode(histograms.get(keyOf(row)) ?? "[]"), row)
    return {
      bucket: isoOf(Number(row.start)),
      eventType: row.type,
      ...(byDimension ? { dimension: row.value } : {}),
      count: round(row.count),
      sessions: Number(row.sessions),
      installations: Number(row.installations),
      ...(row.sum === null ? {} : {
        sum: round(row.sum),
        min: row.min,
        max: row.max,
        p50: quantile(0.5) ?? row.min,
        p95: quantile(0.95) ?? row.min,
        p99: quantile(0.99) ?? row.min
      })
    }
  })
})
