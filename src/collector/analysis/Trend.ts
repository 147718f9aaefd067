/**
 * Whether figures rise or fall over a range, and by how much.
 *
 * The slope is the median of the slopes between all pairs (Theil 1950; Sen, JASA 63 (1968)); whether it is more than chance
 * is the test of Mann (Econometrica 13, 1945) and Kendall, with ties. Only buckets of the same weekday or hour are compared,
 * so that a weekly season is no trend: Hirsch, Slack and Smith, Water Resources Research 18 (1982).
 *
 * @since 0.1.0
 */
import * as Period from "../Period.js"
import * as Series from "./Series.js"
import * as Words from "./Words.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Trend {
  /** By bucket. */
  readonly slope: number
  /** From the beginning of the range to its end, as a share of the level it began at: -1 is a fall to nothing. */
  readonly relative: number
  /** Of the Mann–Kendall test. */
  readonly z: number
  readonly threshold: number
  readonly leastChange: number
  readonly buckets: number
}

/**
 * The least |Z|: chance alone gives that in three of a thousand series.
 *
 * @since 0.1.0
 * @category constants
 */
export const threshold = 3

/**
 * The least change over the range, as a share of the level it began at.
 *
 * @since 0.1.0
 * @category constants
 */
export const leastChange = 0.1

/** Fewer buckets say nothing. */
const leastBuckets = 8

/** With fewer seasons, the weekend that a range ends with would be a fall. */
const leastSeasons = 3

/** Pairs are n²: only the newest are looked at. */
const mostSeasons = 60

interface Known {
  readonly at: number
  readonly value: number
}

/**
 * Along a line through the median in the middle of the range. What rose from nothing, by that line, is measured by the median;
 * what falls does not fall below nothing.
 */
const changeOf = (middle: number, change: number): number => {
  const level = Math.abs(middle)
  if (level === 0) return 0
  const rise = middle < 0 ? -change : change
  const began = level - rise / 2
  return Math.max(rise / (began > 0 ? began : level), -1)
}

/** The variance of Kendall's S for n values in groups of equal ones. */
const variance = (group: ReadonlyArray<Known>): number => {
  const part = (n: number) => n * (n - 1) * (2 * n + 5)
  const ties = new Map<number, number>()
  for (const { value } of group) ties.set(value, (ties.get(value) ?? 0) + 1)
  return (part(group.length) - [...ties.values()].reduce((sum, n) => sum + part(n), 0)) / 18
}

const grouped = (known: ReadonlyArray<Known>, slotOf: (at: number) => number): ReadonlyArray<ReadonlyArray<Known>> => {
  const groups = new Map<number, Array<Known>>()
  for (const one of known) {
    const group = groups.get(slotOf(one.at))
    if (group === undefined) groups.set(slotOf(one.at), [one])
    else group.push(one)
  }
  return [...groups.values()]
}

/**
 * Null: there is none beyond the thresholds. `until` is now: buckets that end later are left out.
 *
 * @since 0.1.0
 * @category constructors
 */
export const find = (points: ReadonlyArray<Series.Point>, interval: Period.Interval, until: number): Trend | null => {
  const season = Series.season(interval)
  const over = points.filter(({ bucket }) => Period.endOf(interval, bucket) <= until).slice(-mostSeasons * season)
  const known = over.flatMap(({ value }, at): ReadonlyArray<Known> =>
    value === null || !Number.isFinite(value) ? [] : [{ at, value }]
  )
  if (known.length < leastBuckets || over.length < leastSeasons * season) return null
  const groups = grouped(known, (at) => at % season)
  const slopes: Array<number> = []
  let s = 0
  for (const group of groups) {
    for (const [i, a] of group.entries()) {
      for (const b of group.slice(i + 1)) {
        s += Math.sign(b.value - a.value)
        slopes.push((b.value - a.value) / (b.at - a.at))
      }
    }
  }
  const deviation = Math.sqrt(groups.reduce((sum, group) => sum + variance(group), 0))
  const z = deviation === 0 ? 0 : (s - Math.sign(s)) / deviation
  const slope = Series.median(slopes)
  const relative = changeOf(Series.median(known.map(({ value }) => value)), slope * (over.length - 1))
  return Math.abs(z) < threshold || Math.abs(relative) < leastChange
    ? null
    : { slope, relative, z, threshold, leastChange, buckets: over.length }
}

/**
 * @since 0.1.0
 * @category encoding
 */
export const sentence = (trend: Trend, interval: Period.Interval, what: string): string =>
  `${what}: ${trend.slope > 0 ? "up" : "down"} ${Words.percent(Math.abs(trend.relative))} over ${trend.buckets} ${
    interval === "month" ? "months" : `${interval}s`
  } (Mann–Kendall Z ${Words.figure(trend.z)}; thresholds: ${trend.threshold}, and a change of ${
    Words.percent(trend.leastChange)
  })`
