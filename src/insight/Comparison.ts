/**
 * A period beside the one before it, of the same length.
 *
 * @since 0.1.0
 */
import type { Interval, StatsRow } from "../LocalStats.js"

/**
 * Milliseconds since the epoch; `from` is included, `to` is not.
 *
 * @since 0.1.0
 * @category models
 */
export interface Period {
  readonly from: number
  readonly to: number
}

const hourMillis = 3_600_000
const dayMillis = 24 * hourMillis

/** What is compared where nobody said what. */
const usual: Readonly<Record<Interval, number>> = {
  hour: dayMillis,
  day: 7 * dayMillis,
  week: 28 * dayMillis,
  month: 365 * dayMillis
}

/**
 * Both periods, in whole hours: up to the end of the running hour, and a day, week, four weeks or year long, by the size of
 * the buckets, unless said otherwise.
 *
 * @since 0.1.0
 * @category constructors
 */
export const periods = (
  request: { readonly from?: number | undefined; readonly to?: number | undefined; readonly by: Interval },
  now: number
): { readonly current: Period; readonly previous: Period } => {
  const to = Math.ceil((request.to ?? now + 1) / hourMillis) * hourMillis
  const from = request.from === undefined ? to - usual[request.by] : Math.floor(request.from / hourMillis) * hourMillis
  return { current: { from, to }, previous: { from: from - (to - from), to: from } }
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Compared {
  readonly eventType: string
  readonly dimension?: string | null
  readonly count: number
  readonly errors: number
  readonly previousCount: number
  readonly previousErrors: number
  /** Of the count, as a share of what it was: 0.5 is half as many more. Null where there was nothing before. */
  readonly change: number | null
  /** Counts of the current period by bucket, oldest first; 0 where a bucket has no event of this kind. */
  readonly trend: ReadonlyArray<number>
}

const keyOf = (row: StatsRow): string => JSON.stringify([row.eventType, row.dimension ?? null])

const sum = (rows: ReadonlyArray<StatsRow>, of: "count" | "errors"): number => rows.reduce((n, row) => n + row[of], 0)

const grouped = (rows: ReadonlyArray<StatsRow>): ReadonlyMap<string, ReadonlyArray<StatsRow>> => {
  const out = new Map<string, Array<StatsRow>>()
  for (const row of rows) {
    const list = out.get(keyOf(row))
    if (list === undefined) out.set(keyOf(row), [row])
    else list.push(row)
  }
  return out
}

/**
 * What was in either, most frequent first. `buckets` are those of the current period.
 *
 * @since 0.1.0
 * @category combinators
 */
export const compare = (
  current: ReadonlyArray<StatsRow>,
  previous: ReadonlyArray<StatsRow>,
  buckets: ReadonlyArray<string>
): ReadonlyArray<Compared> => {
  const [now, before] = [grouped(current), grouped(previous)]
  const firsts = new Map([...previous, ...current].map((row) => [keyOf(row), row]))
  return Array.from(firsts, ([key, { dimension, eventType }]): Compared => {
    const [rows, old] = [now.get(key) ?? [], before.get(key) ?? []]
    const counts = new Map(rows.map((row) => [row.bucket, row.count]))
    const [count, previousCount] = [sum(rows, "count"), sum(old, "count")]
    return {
      eventType,
      ...(dimension === undefined ? {} : { dimension }),
      count,
      errors: sum(rows, "errors"),
      previousCount,
      previousErrors: sum(old, "errors"),
      change: previousCount === 0 ? null : count / previousCount - 1,
      trend: buckets.map((bucket) => counts.get(bucket) ?? 0)
    }
  }).sort((a, b) => b.count - a.count || b.previousCount - a.previousCount || (a.eventType < b.eventType ? -1 : 1))
}
