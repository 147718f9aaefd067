/**
 * Buckets that are far from what is usual for their hour and weekday.
 *
 * Usual is the median of the same slot in the weeks before, each value brought to today's level by the medians of the
 * weeks that went before the two, so that growth is not an anomaly. The spread is the largest of four: that of those
 * values, that of what was expected and came in the last weeks, the square root of a count (Poisson), and a share of what
 * is usual. Medians and their absolute deviations are not moved by outliers: Leys et al., "Detecting outliers", Journal of
 * Experimental Social Psychology 49 (2013); Rousseeuw and Croux, JASA 88 (1993).
 *
 * @since 0.1.0
 */
import * as Period from "../Period.js"
import * as Series from "./Series.js"
import * as Words from "./Words.js"

/**
 * Counts vary by chance, at least as much as Poisson says; measures (a latency, a rate) do not.
 *
 * @since 0.1.0
 * @category models
 */
export type Kind = "count" | "measure"

/**
 * @since 0.1.0
 * @category models
 */
export interface Anomaly {
  readonly bucket: number
  readonly value: number
  readonly expected: number
  /** The ends of what is usual; outside is an anomaly. */
  readonly low: number
  readonly high: number
  /** How many spreads it is off, with sign. */
  readonly score: number
  readonly threshold: number
  readonly spread: number
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly interval: Period.Interval
  readonly kind: Kind
  /** Buckets before are history only. */
  readonly from?: number | undefined
  /** Now: a bucket that ends later is not over and not judged. */
  readonly until: number
  /** {@link threshold} unless said otherwise. */
  readonly threshold?: number | undefined
}

/**
 * How many spreads are too many.
 *
 * @since 0.1.0
 * @category constants
 */
export const threshold = 5

/**
 * Weeks (of weeks and months: buckets) that are looked back on at most.
 *
 * @since 0.1.0
 * @category constants
 */
export const lookBack = 8

/** Values of the same slot without which nothing is usual. */
const leastAlike = 3

/** Earlier expectations without which nobody knows how good they are. */
const leastResiduals = 7

/** Nothing spreads less than that share of what is usual: five of them are a quarter. */
const leastShare = 0.05

/** Counts below that are too few to tell a level. */
const leastLevel = 5

/** A level changes by no more than that from one week to a later one. */
const mostGrowth = 3

interface Expected {
  readonly center: number
  /** Of the values it is the median of. */
  readonly own: number
  readonly mean: number
}

const isNumber = (value: number | null | undefined): value is number => value !== null && value !== undefined

/** The median of the season that ends before each point; null: less than half of it is known. */
const levels = (values: ReadonlyArray<number | null>, length: number): ReadonlyArray<number | null> =>
  values.map((_, i) => {
    const before = values.slice(Math.max(i - length, 0), i).filter(isNumber)
    return before.length * 2 > length && i >= length ? Series.median(before) : null
  })

const growth = (now: number | null, then: number | null, kind: Kind): number => {
  const least = kind === "count" ? leastLevel : 0
  if (now === null || then === null || now <= least || then <= least) return 1
  return Math.min(Math.max(now / then, 1 / mostGrowth), mostGrowth)
}

const expectation = (
  values: ReadonlyArray<number | null>,
  level: ReadonlyArray<number | null>,
  i: number,
  length: number,
  kind: Kind
): Expected | null => {
  const alike: Array<number> = []
  for (let k = 1; k <= lookBack; k++) {
    const then = i - k * length
    const value = values[then]
    if (!isNumber(value)) continue
    // Weeks and months have no slots: what one of them is at is the level itself.
    alike.push(length === 1 ? value : value * growth(level[i] ?? null, level[then] ?? null, kind))
  }
  if (alike.length < leastAlike) return null
  const center = Series.median(alike)
  // Without the highest: one burst must not hide the next.
  const most = Math.max(...alike)
  const mean = (alike.reduce((sum, value) => sum + value, 0) - most) / (alike.length - 1)
  return { center, own: Series.spread(alike, center), mean }
}

/** Nothing is usual before there was anything. */
const begun = (points: ReadonlyArray<Series.Point>, kind: Kind): ReadonlyArray<Series.Point> => {
  const first = points.findIndex(({ value }) => value !== null && (kind === "measure" || value !== 0))
  return first === -1 ? [] : points.slice(first)
}

/**
 * `points` are equally spaced, oldest first: {@link Series.fill} them. Zeros before the first count are left out unless
 * all that is before `from` is zero: then they are the history.
 *
 * @since 0.1.0
 * @category constructors
 */
export const find = (points: ReadonlyArray<Series.Point>, options: Options): ReadonlyArray<Anomaly> => {
  const { interval, kind } = options
  const limit = options.threshold ?? threshold
  const from = options.from ?? -Infinity
  const over = points.filter(({ bucket }) => Period.endOf(interval, bucket) <= options.until)
  const started = begun(over, kind)
  const known = started[0] !== undefined && started[0].bucket >= from ? over : started
  const values = known.map(({ value }) => value !== null && Number.isFinite(value) ? value : null)
  const length = Series.season(interval)
  const level = levels(values, length)
  const residuals: Array<number> = []
  const found: Array<Anomaly> = []
  for (const [i, { bucket }] of known.entries()) {
    const value = values[i]
    const expected = isNumber(value) ? expectation(values, level, i, length, kind) : null
    if (!isNumber(value) || expected === null) continue
    const { center, mean, own } = expected
    const floor = kind === "count" ? Math.sqrt(Math.max(center, mean) + 1) : 0
    const share = Series.spread(residuals.slice(-4 * Math.max(length, leastResiduals)), 0)
    const spread = Math.max(own, share * Math.abs(center), floor, leastShare * Math.abs(center))
    const score = spread === 0 ? 0 : (value - center) / spread
    if (bucket >= from && residuals.length >= Math.min(leastResiduals, length) && Math.abs(score) > limit) {
      const reach = limit * spread
      const low = kind === "count" || center >= 0 ? Math.max(center - reach, 0) : center - reach
      found.push({ bucket, value, expected: center, low, high: center + reach, score, threshold: limit, spread })
    }
    if (center !== 0) residuals.push((value - center) / Math.abs(center))
    else residuals.push(0)
  }
  return found
}

/**
 * `412 errors on 2026-11-12; usual for a Thursday: 20–60 (threshold: 5 spreads of 4)`.
 *
 * @since 0.1.0
 * @category encoding
 */
export const sentence = (anomaly: Anomaly, interval: Period.Interval, what: string): string =>
  `${Words.figure(anomaly.value)} ${what} ${Words.when(anomaly.bucket, interval)}; usual for ${
    Words.alike(anomaly.bucket, interval)
  }: ${Words.figure(anomaly.low)}–${Words.figure(anomaly.high)} (threshold: ${anomaly.threshold} spreads of ${
    Words.figure(anomaly.spread)
  })`
