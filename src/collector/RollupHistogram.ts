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
export const encode = (counts: ReadonlyMap<number, number>): string => JSON.stringify([...counts].flat())

/**
 * Adds a stored one to another in place.
 *
 * @since 0.1.0
 * @category mutations
 */
export const unsafeAdd = (into: Map<number, number>, text: string): void => {
  const numbers: ReadonlyArray<number> = JSON.parse(text)
  for (let i = 0; i + 1 < numbers.length; i += 2) {
    const bucket = numbers[i]!
    into.set(bucket, (into.get(bucket) ?? 0) + numbers[i + 1]!)
  }
}

/**
 * @since 0.1.0
 * @category decoding
 */
export const decode = (text: string): Histogram.Histogram => {
  const counts = new Map<number, number>()
  unsafeAdd(counts, text)
  return Histogram.fromPairs(counts)
}
