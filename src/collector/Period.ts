/**
 * The four lengths of time that rollups are kept by. All begin in UTC; weeks begin on Monday.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 * @category models
 */
export type Interval = "hour" | "day" | "week" | "month"

/**
 * @since 0.1.0
 * @category constants
 */
export const intervals: ReadonlyArray<Interval> = ["hour", "day", "week", "month"]

/**
 * As they are stored.
 *
 * @since 0.1.0
 * @category constants
 */
export const grains: Readonly<Record<Interval, number>> = { hour: 0, day: 1, week: 2, month: 3 }

/** @since 0.1.0 */
export const hourMillis = 3_600_000

/** @since 0.1.0 */
export const dayMillis = 24 * hourMillis

/** @since 0.1.0 */
export const weekMillis = 7 * dayMillis

/**
 * Days since the epoch.
 *
 * @since 0.1.0
 * @category conversions
 */
export const dayNumber = (time: number): number => Math.floor(time / dayMillis)

/** 1970-01-01 was a Thursday. */
const mondayShift = 3 * dayMillis

const down = (time: number, length: number): number => Math.floor(time / length) * length

/**
 * The start of the period that a time lies in, in milliseconds since the epoch.
 *
 * @since 0.1.0
 * @category getters
 */
export const startOf = (interval: Interval, time: number): number => {
  switch (interval) {
    case "hour":
      return down(time, hourMillis)
    case "day":
      return down(time, dayMillis)
    case "week":
      return down(time + mondayShift, weekMillis) - mondayShift
    case "month": {
      const date = new Date(time)
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth())
    }
  }
}

/**
 * The start of the period after the one that a time lies in.
 *
 * @since 0.1.0
 * @category getters
 */
export const endOf = (interval: Interval, time: number): number => {
  const start = startOf(interval, time)
  switch (interval) {
    case "hour":
      return start + hourMillis
    case "day":
      return start + dayMillis
    case "week":
      return start + weekMillis
    case "month": {
      const date = new Date(start)
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
    }
  }
}

/**
 * The starts of all periods of a range, oldest first.
 *
 * @since 0.1.0
 * @category getters
 */
export const starts = (interval: Interval, from: number, to: number): ReadonlyArray<number> => {
  const found: Array<number> = []
  for (let start = startOf(interval, from); start < to; start = endOf(interval, start)) found.push(start)
  return found
}

/**
 * A run of whole periods of one length.
 *
 * @since 0.1.0
 * @category models
 */
export interface Tile {
  readonly interval: Interval
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

const finer: Readonly<Record<"month" | "day", "day" | "hour">> = { month: "day", day: "hour" }

const cover = (interval: "month" | "day" | "hour", from: number, to: number): ReadonlyArray<Tile> => {
  if (from >= to) return []
  if (interval === "hour") return [{ interval, from: startOf("hour", from), to }]
  const first = startOf(interval, from) === from ? from : endOf(interval, from)
  const last = startOf(interval, to)
  const next = finer[interval]
  return first >= last
    ? cover(next, from, to)
    : [...cover(next, from, first), { interval, from: first, to: last }, ...cover(next, last, to)]
}

/**
 * A range as few periods as can be: months, and days and hours at its ends.
 *
 * @since 0.1.0
 * @category getters
 */
export const tiles = (from: number, to: number): ReadonlyArray<Tile> => cover("month", from, to)
