/**
 * Figures by bucket, and the two robust statistics that everything here is made of.
 *
 * @since 0.1.0
 */
import * as Period from "../Period.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Point {
  /** The start of the bucket, milliseconds since the epoch. */
  readonly bucket: number
  /** Null: nothing is known. Not the same as zero. */
  readonly value: number | null
}

/**
 * What a bucket is like: the hour of the weekday, or the weekday. Weeks and months are all alike.
 *
 * @since 0.1.0
 * @category getters
 */
export const slot = (bucket: number, interval: Period.Interval): number => {
  if (interval === "hour") return Math.floor(bucket / Period.hourMillis) % 168
  return interval === "day" ? Math.floor(bucket / Period.dayMillis) % 7 : 0
}

/**
 * How many buckets make a season: a week of hours or days.
 *
 * @since 0.1.0
 * @category getters
 */
export const season = (interval: Period.Interval): number => interval === "hour" ? 168 : interval === "day" ? 7 : 1

/**
 * Every bucket from the first to the last one that is over by `until`: those without a row are `empty`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fill = (
  points: ReadonlyArray<Point>,
  interval: Period.Interval,
  until: number,
  empty: number | null
): ReadonlyArray<Point> => {
  const first = points[0]
  if (first === undefined) return []
  const known = new Map(points.map(({ bucket, value }) => [bucket, value]))
  return Period.starts(interval, first.bucket, until)
    .filter((bucket) => Period.endOf(interval, bucket) <= until)
    .map((bucket) => ({ bucket, value: known.get(bucket) ?? empty }))
}

/**
 * Of nothing: 0.
 *
 * @since 0.1.0
 * @category statistics
 */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const high = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? high) + high) / 2
}

/** What makes the median absolute deviation of normal noise its standard deviation. */
const normal = 1.4826

/**
 * The median absolute deviation from `center`, scaled to be the standard deviation where noise is normal.
 *
 * @since 0.1.0
 * @category statistics
 */
export const spread = (values: ReadonlyArray<number>, center: number): number =>
  normal * median(values.map((value) => Math.abs(value - center)))
