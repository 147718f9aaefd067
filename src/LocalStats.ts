/**
 * Local statistics: what is stored, counted by bucket and type, with percentiles of each type's metric.
 *
 * @since 0.1.0
 */
import type * as EventDefinition from "./domain/EventDefinition.js"
import * as Histogram from "./domain/Histogram.js"
import type { RedactedEvent } from "./domain/TelemetryEvent.js"

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
 * Does this event tell of something that went wrong?
 *
 * @since 0.1.0
 * @category predicates
 */
export const isError = (eventType: string, data: Readonly<Record<string, unknown>>): boolean =>
  eventType === "error_occurred" || data["success"] === false || typeof data["error"] === "string" ||
  (typeof data["exitCode"] === "number" && data["exitCode"] !== 0)

interface Cell {
  readonly bucket: number
  readonly eventType: string
  count: number
  errors: number
  readonly histogram: Histogram.Mutable
}

/**
 * Collects events into rows. Mutable on purpose: one is made for each query and fed portion by portion.
 *
 * @since 0.1.0
 * @category models
 */
export interface Fold {
  readonly add: (event: RedactedEvent) => void
  /** Oldest bucket first, then by type. */
  readonly rows: () => ReadonlyArray<StatsRow>
}

const parseData = (json: string): Readonly<Record<string, unknown>> => {
  const value: unknown = JSON.parse(json)
  return typeof value === "object" && value !== null ? { ...value } : {}
}

const toRow = (cell: Cell): StatsRow => {
  const row = {
    bucket: bucketName(cell.bucket),
    eventType: cell.eventType,
    count: Math.round(cell.count),
    errors: Math.round(cell.errors)
  }
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => Histogram.quantile(cell.histogram, q))
  return p50 == null || p95 == null || p99 == null ? row : { ...row, p50, p95, p99 }
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const fold = (
  by: Interval,
  definition: (eventType: string) => EventDefinition.Any | undefined
): Fold => {
  const cells = new Map<string, Cell>()
  return {
    add: (event) => {
      const bucket = bucketStart(event.time, by)
      const key = `${bucket}:${event.type}`
      let cell = cells.get(key)
      if (cell === undefined) {
        cell = { bucket, eventType: event.type, count: 0, errors: 0, histogram: Histogram.unsafeMake() }
        cells.set(key, cell)
      }
      const data = parseData(event.data)
      const weight = (1 + event.suppressed) / event.rate
      cell.count += weight
      if (isError(event.type, data)) cell.errors += weight
      const metric = definition(event.type)?.metric
      const value = metric === undefined ? undefined : data[metric]
      if (typeof value === "number") Histogram.unsafeAdd(cell.histogram, value, weight)
    },
    rows: () =>
      [...cells.values()]
        .sort((a, b) => a.bucket - b.bucket || (a.eventType < b.eventType ? -1 : 1))
        .map(toRow)
  }
}
