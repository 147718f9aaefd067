/**
 * Histograms as they are stored: one text a series and period, bucket and count in turn. A row a bucket would be three times
 * as large, and a year of days sixty times as many.
 *
 * @since 0.1.0
 */
import * as Histogram from "../domain/Histogram.js"

/**
 * @since 0.1.0
 * @category encoding
 */
export const encode = (counts: ReadonlyMap<number, number>): string => {
  const numbers: Array<number> = []
  for (const [bucket, count] of counts) numbers.push(bucket, count)
  return JSON.stringify(numbers)
}

/**
 * Adds a stored one to another in place.
 *
 * @since 0.1.0
 * @category mutations
 */
export const unsafeAdd = (into: Histogram.Mutable, text: string): void => {
  const numbers: ReadonlyArray<number> = JSON.parse(text)
  for (let i = 0; i + 1 < numbers.length; i += 2) Histogram.unsafeAddBucket(into, numbers[i]!, numbers[i + 1]!)
}

/**
 * @since 0.1.0
 * @category decoding
 */
export const decode = (text: string): Histogram.Histogram => {
  const out = Histogram.unsafeMake()
  unsafeAdd(out, text)
  return out
}

/**
 * Percentiles that lie between the extremes, which are known; null: nothing was measured.
 *
 * @since 0.1.0
 * @category getters
 */
export const percentiles = (
  histogram: Histogram.Histogram | undefined,
  { max, min }: { readonly min: number | null; readonly max: number | null }
): (q: number) => number | null => {
  if (histogram === undefined || min === null || max === null) return () => null
  const quantile = Histogram.quantiles(histogram)
  return (q) => Math.min(Math.max(quantile(q) ?? min, min), max)
}
