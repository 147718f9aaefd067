/**
 * A histogram with buckets of constant relative width, from which any percentile can be read within 1 %.
 *
 * The mapping is that of DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with
 * relative-error guarantees", VLDB 2019) with γ = 1.02: a value x falls into bucket ⌈log_γ x⌉, and every value of a bucket
 * is within (γ − 1) / (γ + 1) of the one value that stands for it. Histograms merge by adding counts, so rows
 * (bucket, count) merge by `SUM` in any database, from the hour to the month.
 *
 * Bucket numbers are shifted so that they order as the values do: 0 is the bucket of zero, positive numbers are buckets of
 * positive values, negative numbers mirror them.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 * @category models
 */
export interface Histogram {
  readonly counts: ReadonlyMap<number, number>
  /** The sum of all counts. */
  readonly total: number
}

/**
 * One that its only holder may change in place.
 *
 * @since 0.1.0
 * @category models
 */
export interface Mutable extends Histogram {
  readonly counts: Map<number, number>
  total: number
}

/**
 * The ratio of one bucket's upper bound to the next lower one's.
 *
 * @since 0.1.0
 * @category constants
 */
export const gamma = 1.02

/**
 * Values nearer to zero than this (by more than the width of a bucket) count as zero.
 *
 * @since 0.1.0
 * @category constants
 */
export const smallest = 1e-9

const logGamma = Math.log(gamma)

/** Puts the bucket of `smallest` at 1. */
const shift = 1 - Math.ceil(Math.log(smallest) / logGamma)

/**
 * @since 0.1.0
 * @category constants
 */
export const empty: Histogram = { counts: new Map(), total: 0 }

/**
 * The bucket of a finite value.
 *
 * @since 0.1.0
 * @category conversions
 */
export const bucketOf = (value: number): number => {
  const size = Math.abs(value)
  const bucket = Math.ceil(Math.log(size) / logGamma) + shift
  if (!(bucket > 0)) return 0
  return value < 0 ? -bucket : bucket
}

/**
 * The value that stands for a bucket: within 1 % of everything in it.
 *
 * @since 0.1.0
 * @category conversions
 */
export const valueOf = (bucket: number): number => {
  if (bucket === 0) return 0
  const size = Math.min(2 * Math.pow(gamma, Math.abs(bucket) - shift) / (gamma + 1), Number.MAX_VALUE)
  return bucket < 0 ? -size : size
}

/**
 * An empty one to count into with {@link unsafeAdd}.
 *
 * @since 0.1.0
 * @category constructors
 */
export const unsafeMake = (): Mutable => ({ counts: new Map(), total: 0 })

/**
 * Counts a value in place, which costs the same however many were counted before. A value that is not finite, or a count
 * that is not above 0, changes nothing.
 *
 * @since 0.1.0
 * @category mutations
 */
export const unsafeAdd = (self: Mutable, value: number, times = 1): void => {
  if (Number.isFinite(value)) unsafeAddBucket(self, bucketOf(value), times)
}

/**
 * Counts into a bucket that is known, in place.
 *
 * @since 0.1.0
 * @category mutations
 */
export const unsafeAddBucket = (self: Mutable, bucket: number, count: number): void => {
  if (!(count > 0)) return
  self.counts.set(bucket, (self.counts.get(bucket) ?? 0) + count)
  self.total += count
}

/**
 * Counts values. Those that are not finite are left out.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromValues = (values: Iterable<number>): Histogram => {
  const out = unsafeMake()
  for (const value of values) unsafeAdd(out, value)
  return out
}

/**
 * A copy with one value more, `times` over. To count many, {@link unsafeAdd} or {@link fromValues}.
 *
 * @since 0.1.0
 * @category combinators
 */
export const add = (self: Histogram, value: number, times = 1): Histogram => {
  const out: Mutable = { counts: new Map(self.counts), total: self.total }
  unsafeAdd(out, value, times)
  return out
}

/**
 * @since 0.1.0
 * @category combinators
 */
export const merge = (self: Histogram, that: Histogram): Histogram => {
  const out: Mutable = { counts: new Map(self.counts), total: self.total }
  for (const [bucket, count] of that.counts) unsafeAddBucket(out, bucket, count)
  return out
}

/**
 * How many values were counted.
 *
 * @since 0.1.0
 * @category getters
 */
export const count = (self: Histogram): number => self.total

/**
 * The smallest value that the share `q` (0 to 1) of all values does not exceed, so that of a few values the 95th percentile
 * is the largest and not the smallest; null without values.
 *
 * @since 0.1.0
 * @category getters
 */
export const quantile = (self: Histogram, q: number): number | null => quantiles(self)(q)

/**
 * Several of them, of a histogram that is put in order once.
 *
 * @since 0.1.0
 * @category getters
 */
export const quantiles = (self: Histogram): (q: number) => number | null => {
  // In order, as numbers: pairs that a function of ours compares take five times as long.
  const buckets = Float64Array.from(self.counts.keys()).sort()
  return (q) => {
    if (self.total <= 0) return null
    const rank = Math.min(Math.max(q, 0), 1) * self.total
    let seen = 0
    const found = buckets.find((bucket) => (seen += self.counts.get(bucket)!) >= rank)
    return valueOf(found ?? buckets.at(-1)!)
  }
}

/**
 * From rows of a database or a document. Equal buckets add up; counts that are not above 0 are left out.
 *
 * @since 0.1.0
 * @category conversions
 */
export const fromPairs = (pairs: Iterable<readonly [bucket: number, count: number]>): Histogram => {
  const out = unsafeMake()
  for (const [bucket, count] of pairs) unsafeAddBucket(out, bucket, count)
  return out
}

/**
 * Lowest bucket first.
 *
 * @since 0.1.0
 * @category conversions
 */
export const toPairs = (self: Histogram): ReadonlyArray<readonly [bucket: number, count: number]> =>
  [...self.counts].sort(([a], [b]) => a - b)
