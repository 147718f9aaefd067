/**
 * Events of one hour, one type and one value of the type's dimension, as sums: what is left of them when they are gone.
 *
 * Counts are scaled: a sampled event stands for 1 / rate, and one that stands for suppressed ones counts for them too. What
 * the metric of suppressed events was is not known, so that it is scaled by the rate alone. Rollups merge by addition;
 * neither order nor grouping matters.
 *
 * @since 0.1.0
 */
import type * as EventDefinition from "./EventDefinition.js"
import * as Histogram from "./Histogram.js"
import * as Measure from "./Measure.js"
import type { RedactedEvent } from "./TelemetryEvent.js"

/**
 * What is kept of the events themselves. `sum`, `min`, `max` and `histogram` are of the type's metric; null and empty
 * where no event had one.
 *
 * @since 0.1.0
 * @category models
 */
export interface Figures {
  readonly count: number
  readonly errors: number
  readonly sum: number | null
  readonly min: number | null
  readonly max: number | null
  /** Buckets of `domain/Histogram`, in no order, a bucket perhaps more than once. */
  readonly histogram: ReadonlyArray<readonly [bucket: number, count: number]>
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Rollup extends Figures {
  /** The start of the hour (or of a day, where days are read), milliseconds since the epoch. */
  readonly hour: number
  readonly type: string
  readonly dimension: string | null
}

/**
 * @since 0.1.0
 * @category constants
 */
export const hourMillis = 3_600_000

/**
 * The start of the hour of a time, in milliseconds since the epoch.
 *
 * @since 0.1.0
 * @category getters
 */
export const hourOf = (time: number): number => Math.floor(time / hourMillis) * hourMillis

/**
 * A sum that its only holder adds to in place.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sum {
  count: number
  errors: number
  sum: number | null
  min: number | null
  max: number | null
  readonly histogram: Histogram.Mutable
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const unsafeMake = (): Sum => ({
  count: 0,
  errors: 0,
  sum: null,
  min: null,
  max: null,
  histogram: Histogram.unsafeMake()
})

const measure = (self: Omit<Sum, "histogram">, sum: number, min: number, max: number): void => {
  self.sum = (self.sum ?? 0) + sum
  self.min = self.min === null || min < self.min ? min : self.min
  self.max = self.max === null || max > self.max ? max : self.max
}

/**
 * Adds what was summed elsewhere.
 *
 * @since 0.1.0
 * @category mutations
 */
export const unsafeAdd = (self: Sum, that: Figures): void => {
  self.count += that.count
  self.errors += that.errors
  if (that.sum !== null && that.min !== null && that.max !== null) measure(self, that.sum, that.min, that.max)
  for (const pair of that.histogram) Histogram.unsafeAddBucket(self.histogram, pair[0], pair[1])
}

/**
 * What was summed.
 *
 * @since 0.1.0
 * @category conversions
 */
export const figures = ({ count, errors, histogram, max, min, sum }: Sum): Figures => ({
  count,
  errors,
  sum,
  min,
  max,
  histogram: [...histogram.counts]
})

/** What one commit adds to one hour: buckets are only listed, to be added up where they are kept. */
interface Addition {
  readonly hour: number
  readonly type: string
  readonly dimension: string | null
  count: number
  errors: number
  sum: number | null
  min: number | null
  max: number | null
  readonly histogram: Array<readonly [bucket: number, count: number]>
}

const addEvent = (self: Addition, event: RedactedEvent, { isError, value }: Measure.Measure): void => {
  const weight = 1 / event.rate
  const count = weight * (1 + event.suppressed)
  self.count += count
  if (isError) self.errors += count
  if (value === null) return
  measure(self, weight * value, value, value)
  self.histogram.push([Histogram.bucketOf(value), weight])
}

interface Series {
  readonly read: (json: string) => Measure.Measure
  /** Of the fold that is under way, the latest hour of each dimension. */
  readonly latest: Map<string | null, Addition>
}

/**
 * Sums events up. It remembers how each type is read: make it once. The same hour may come more than once, where events
 * of different hours alternate.
 *
 * @since 0.1.0
 * @category constructors
 */
export const folder = (
  definition: (eventType: string) => EventDefinition.Any | undefined
): (events: ReadonlyArray<RedactedEvent>) => ReadonlyArray<Rollup> => {
  const known = new Map<string, Series>()
  const seriesOf = (type: string): Series => {
    const made = { read: Measure.reader(type, definition(type)), latest: new Map() }
    known.set(type, made)
    return made
  }
  return (events) => {
    const out: Array<Addition> = []
    for (const event of events) {
      const { type } = event
      const { latest, read } = known.get(type) ?? seriesOf(type)
      const measured = event.measure ?? read(event.data)
      const hour = hourOf(event.time)
      const { dimension } = measured
      let addition = latest.get(dimension)
      if (addition === undefined || addition.hour !== hour) {
        addition = { hour, type, dimension, count: 0, errors: 0, sum: null, min: null, max: null, histogram: [] }
        latest.set(dimension, addition)
        out.push(addition)
      }
      addEvent(addition, event, measured)
    }
    for (const { type } of out) known.get(type)?.latest.clear()
    return out
  }
}
