/**
 * Latencies are kept as the counts of a `domain/Histogram`, in milliseconds: rows (bucket, count) that merge by addition.
 *
 * @since 0.1.0
 */

/**
 * The bucket of a latency in milliseconds.
 *
 * @since 0.1.0
 * @category conversions
 */
export { bucketOf } from "../domain/Histogram.js"
