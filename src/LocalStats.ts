/**
 * Local statistics: what was recorded, counted by bucket and type, with percentiles of each type's metric. They come from
 * the rollups, and so are the same whether or not the events are still there.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import * as Histogram from "./domain/Histogram.js"
import * as Rollup from "./domain/Rollup.js"
import * as Portions from "./persistence/Portions.js"
import type { Grain, ReadRequest, Service as Rollups } from "./persistence/Rollups.js"
import type { StoreError } from "./persistence/StoreError.js"

/**
 * @since 0.1.0
 * @category models
 */
export type Interval = "hour" | "day" | "week" | "month"

/**
 * One row of the local statistics.
 *
 * @since 0.1.0
 * @category models
 */
export interface StatsRow {
  /** The start of the bucket, ISO 8601, UTC. */
  readonly bucket: string
  readonly eventType: string
  /** Only where it was asked for: the value of the type's dimension, null for events without one. */
  readonly dimension?: string | null
  /** Scaled back from sampling and throttling, rounded to whole events. */
  readonly count: number
  readonly errors: number
  readonly p50?: number
  readonly p95?: number
  readonly p99?: number
}

const hourMillis = 3_600_000
const dayMillis = 24 * hourMillis
/** 1970-01-01 was a Thursday; weeks start on Monday. */
const mondayOffset = 3 * dayMillis

/**
 * The start of the bucket that `time` (milliseconds since the epoch) falls into, in UTC.
 *
 * @since 0.1.0
 * @category getters
 */
export const bucketStart = (time: number, by: Interval): number => {
  switch (by) {
    case "hour":
      return Math.floor(time / hourMillis) * hourMillis
    case "day":
      return Math.floor(time / dayMillis) * dayMillis
    case "week":
      return Math.floor((time + mondayOffset) / (7 * dayMillis)) * 7 * dayMillis - mondayOffset
    case "month": {
      const date = new Date(time)
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
    }
  }
}

const bucketName = (start: number): string => new Date(start).toISOString().replace(".000Z", "Z")

/**
 * The names of the buckets that a time reaches into, oldest first; `to` is not included.
 *
 * @since 0.1.0
 * @category getters
 */
export const buckets = (from: number, to: number, by: Interval): ReadonlyArray<string> => {
  const names = new Set<string>()
  for (let hour = bucketStart(from, "hour"); hour < to; hour += hourMillis) names.add(bucketName(bucketStart(hour, by)))
  return [...names]
}

/**
 * What to count. Times are milliseconds since the epoch; an hour that is cut by `from` or `to` counts as a whole.
 *
 * @since 0.1.0
 * @category models
 */
export interface StatsRequest {
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly type?: string | undefined
  /** Default: day. */
  readonly by?: Interval | undefined
  /** Values of the type's dimension apart (command, metric name, feature …). Default: all as one. */
  readonly dimension?: boolean | undefined
}

interface Cell {
  readonly bucket: number
  readonly eventType: string
  readonly dimension: string | null
  readonly sum: Rollup.Sum
}

/**
 * Collects rollups into rows. Mutable on purpose: one is made for each query and fed portion by portion.
 *
 * @since 0.1.0
 * @category models
 */
export interface Fold {
  readonly add: (rollup: Rollup.Rollup) => void
  /** Oldest bucket first, then by type and dimension. */
  readonly rows: () => ReadonlyArray<StatsRow>
}

const compare = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0

/**
 * @since 0.1.0
 * @category constructors
 */
export const fold = (by: Interval, byDimension = false): Fold => {
  const cells = new Map<string, Cell>()
  const toRow = ({ bucket, dimension, eventType, sum }: Cell): StatsRow => {
    const row = {
      bucket: bucketName(bucket),
      eventType,
      ...(byDimension ? { dimension } : {}),
      count: Math.round(sum.count),
      errors: Math.round(sum.errors)
    }
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map(Histogram.quantiles(sum.histogram))
    return p50 == null || p95 == null || p99 == null ? row : { ...row, p50, p95, p99 }
  }
  return {
    add: (rollup) => {
      const bucket = bucketStart(rollup.hour, by)
      const dimension = byDimension ? rollup.dimension : null
      const key = `${bucket}:${rollup.type}${dimension === null ? "" : "\u0000" + dimension}`
      let cell = cells.get(key)
      if (cell === undefined) {
        cells.set(key, cell = { bucket, eventType: rollup.type, dimension, sum: Rollup.unsafeMake() })
      }
      Rollup.unsafeAdd(cell.sum, rollup)
    },
    rows: () =>
      [...cells.values()]
        .sort((a, b) =>
          a.bucket - b.bucket || compare(a.eventType, b.eventType) || compare(a.dimension ?? "", b.dimension ?? "")
        )
        .map(toRow)
  }
}

/** Rows of the store that are held in memory at once. */
const pageSize = 1000

/**
 * What rollups are read of.
 *
 * @since 0.1.0
 * @category models
 */
export type Filter = Pick<ReadRequest, "from" | "to" | "type" | "grain">

/**
 * Every rollup that fits, oldest first, read in portions.
 *
 * @since 0.1.0
 * @category accessors
 */
export const portions = (rollups: Rollups, filter: Filter): Portions.Portions<Rollup.Rollup, StoreError> =>
  Portions.map(
    Portions.make((range) => rollups.read({ ...filter, ...range }), ({ place }) => place, pageSize),
    ({ rollup }) => rollup
  )

/**
 * The same as a stream.
 *
 * @since 0.1.0
 * @category accessors
 */
export const stream = (rollups: Rollups, filter: Filter): Stream.Stream<Rollup.Rollup, StoreError> =>
  Portions.stream(portions(rollups, filter))

/** What is read for a range: its whole days as days, the hours before and after them as hours. */
const spans = (by: Interval, from: number | undefined, to: number | undefined): ReadonlyArray<Span> => {
  if (by === "hour") return [{ grain: "hour", from, to }]
  const firstDay = from === undefined ? undefined : Math.ceil(Rollup.hourOf(from) / dayMillis) * dayMillis
  const lastDay = to === undefined ? undefined : Math.floor(to / dayMillis) * dayMillis
  if (firstDay !== undefined && lastDay !== undefined && firstDay >= lastDay) return [{ grain: "hour", from, to }]
  const all: ReadonlyArray<Span> = [
    { grain: "hour", from, to: firstDay ?? from },
    { grain: "day", from: firstDay, to: lastDay },
    { grain: "hour", from: lastDay ?? to, to }
  ]
  return all.filter((one) => one.grain === "day" || (one.from !== one.to))
}

interface Span {
  readonly grain: Grain
  readonly from: number | undefined
  readonly to: number | undefined
}

const each = (
  rollups: Rollups,
  { by = "day", from, to, type }: StatsRequest,
  add: (rollup: Rollup.Rollup) => void
): Effect.Effect<void, StoreError> =>
  Effect.forEach(
    spans(by, from, to),
    (span) => Portions.forEach(portions(rollups, { ...span, type }), add),
    { discard: true }
  )

/**
 * @since 0.1.0
 * @category accessors
 */
export const read = (
  rollups: Rollups,
  request: StatsRequest
): Effect.Effect<ReadonlyArray<StatsRow>, StoreError> =>
  Effect.suspend(() => {
    const rows = fold(request.by ?? "day", request.dimension)
    return Effect.map(each(rollups, request, rows.add), rows.rows)
  })

/**
 * The metric of everything that fits, as one histogram.
 *
 * @since 0.1.0
 * @category accessors
 */
export const distribution = (
  rollups: Rollups,
  request: StatsRequest
): Effect.Effect<Histogram.Histogram, StoreError> =>
  Effect.suspend(() => {
    const all = Histogram.unsafeMake()
    const add = ({ histogram }: Rollup.Rollup): void => {
      for (const [bucket, count] of histogram) Histogram.unsafeAddBucket(all, bucket, count)
    }
    return Effect.as(each(rollups, request, add), all)
  })
