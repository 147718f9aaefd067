/**
 * Ends of waits and leases are wall-clock times, and a wall clock can be put back. Each destination remembers the latest time
 * it was told; when it is told one that is earlier by more than the tolerance, every wait and lease of that destination moves
 * back by the same jump, so that it keeps its length and nothing is parked for ever.
 *
 * @since 0.1.0
 */

/**
 * Processes that share a store read the time at slightly different moments: less than this is no jump. Milliseconds.
 *
 * @since 0.1.0
 * @category constants
 */
export const clockToleranceMillis = 60_000

/**
 * A day of capture time, the grain in which retention removes: oldest day first, in the order of recording within it.
 *
 * @since 0.1.0
 * @category constants
 */
export const dayMillis = 86_400_000
