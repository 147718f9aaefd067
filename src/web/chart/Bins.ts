/**
 * The narrow buckets of a histogram gathered into a few that can be drawn.
 *
 * @since 0.1.0
 */
import * as Histogram from "../../domain/Histogram.js"

/**
 * @since 0.1.0
 * @category models
 */
export interface Bin {
  /** About the least and the greatest value in it. */
  readonly from: number
  readonly to: number
  readonly count: number
}

/**
 * At most `most` bins of the same number of buckets, lowest first, with the empty ones between.
 *
 * @since 0.1.0
 * @category conversions
 */
export const bins = (self: Histogram.Histogram, most: number): ReadonlyArray<Bin> => {
  const found = Histogram.toPairs(self)
  const [first, last] = [found[0]?.[0], found.at(-1)?.[0]]
  if (first === undefined || last === undefined) return []
  const width = Math.ceil((last - first + 1) / most)
  const counts = Array.from({ length: Math.ceil((last - first + 1) / width) }, () => 0)
  for (const [bucket, count] of found) {
    const at = Math.floor((bucket - first) / width)
    counts[at] = (counts[at] ?? 0) + count
  }
  return counts.map((count, i) => ({
    from: Histogram.valueOf(first + i * width),
    to: Histogram.valueOf(Math.min(first + (i + 1) * width - 1, last)),
    count
  }))
}
